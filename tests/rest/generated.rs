//! Messages of any type, made of bytes that a test or a fuzzer chooses.

use std::sync::LazyLock;

use mdb_emulator::contract::{descriptors, schema};
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value};

/// How deep messages get.
const DEEPEST: usize = 4;

/// Texts that JSON, URLs and patterns may stumble over.
const TEXTS: [&str; 12] = [
    "a",
    "shop",
    "é",
    "\u{1F980}",
    "\"quoted\"",
    "back\\slash",
    "tab\tnewline\n",
    "\u{0}\u{1f}\u{7f}",
    "a/b?c=d&e#f%",
    "+ :",
    "-",
    "1",
];
const DOUBLES: [f64; 8] = [1.0, -0.5, 1e-7, 1e300, 0.1, 123_456_789.125, f64::INFINITY, f64::NEG_INFINITY];
/// How many of them come first that are finite.
const FINITE: usize = 6;
const NUMBERS: [i64; 10] = [1, -1, 7, 100, 1000, 1 << 31, -(1 << 31) - 1, (1 << 53) + 1, i64::MAX, i64::MIN];

/// A source of choices, which ends in zeros.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// A number below another.
    pub fn below(&mut self, bound: usize) -> usize {
        let (low, high) = (self.byte(), if bound > 256 { self.byte() } else { 0 });
        (usize::from(high) << 8 | usize::from(low)) % bound
    }

    pub fn one_of<'v, T: ?Sized>(&mut self, values: &[&'v T]) -> &'v T {
        values[self.below(values.len())]
    }

    /// Whether something with a chance of one in so many happens.
    pub fn once_in(&mut self, chances: usize) -> bool {
        self.below(chances) == chances - 1
    }
}

/// What a field shall have, if the test knows better.
pub type Known<'k> = &'k dyn Fn(&FieldDescriptor, &mut Choices<'_>) -> Option<Value>;

/// A message with some of its fields set.
pub fn message(descriptor: &MessageDescriptor, choices: &mut Choices<'_>, known: Known<'_>) -> DynamicMessage {
    within(descriptor, choices, known, 0)
}

fn within(descriptor: &MessageDescriptor, choices: &mut Choices<'_>, known: Known<'_>, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => {
            let seconds = [0, 1_769_860_800, -62_135_596_800, 253_402_300_799, 951_782_400, -1];
            message.set_field_by_name("seconds", Value::I64(seconds[choices.below(seconds.len())]));
            message.set_field_by_name("nanos", Value::I32(nanos(choices)));
        }
        "google.protobuf.Duration" => {
            let seconds = [0, 1, 59, 86_400, 315_576_000_000];
            let sign = if choices.once_in(2) { -1 } else { 1 };
            message.set_field_by_name("seconds", Value::I64(sign * seconds[choices.below(seconds.len())]));
            message.set_field_by_name("nanos", Value::I32(i32::try_from(sign).unwrap() * nanos(choices)));
        }
        "google.protobuf.FieldMask" => {
            let paths = ["surely", "surely.not_there", "surely.not_a_field.of_anything"];
            let paths = (0..choices.below(3)).map(|_| Value::String(choices.one_of(&paths).into())).collect();
            message.set_field_by_name("paths", Value::List(paths));
        }
        // The other implementation writes null for those that are not finite.
        "google.protobuf.DoubleValue" => {
            message.set_field_by_name("value", Value::F64(DOUBLES[choices.below(FINITE)]));
        }
        "google.protobuf.Any" if depth < DEEPEST => {
            let types = all_messages();
            let inner = &types[choices.below(types.len())];
            let content = within(inner, choices, known, depth + 1);
            message.set_field_by_name("type_url", Value::String(format!("type.googleapis.com/{}", inner.full_name())));
            message.set_field_by_name("value", Value::Bytes(content.encode_to_vec().into()));
        }
        "google.protobuf.Any" => {
            let empty = "type.googleapis.com/google.protobuf.Empty";
            message.set_field_by_name("type_url", Value::String(empty.into()));
        }
        _ => {
            for field in descriptor.fields() {
                let taken =
                    field.containing_oneof().is_some_and(|oneof| oneof.fields().any(|field| message.has_field(&field)));
                if !taken && choices.once_in(2) {
                    set(&mut message, &field, choices, known, depth);
                }
            }
        }
    }
    message
}

/// Gives a field of a message another value.
pub fn set(
    message: &mut DynamicMessage,
    field: &FieldDescriptor,
    choices: &mut Choices<'_>,
    known: Known<'_>,
    depth: usize,
) {
    if depth >= DEEPEST && matches!(field.kind(), Kind::Message(_)) {
        return;
    }
    let one = |kind: &Kind, choices: &mut Choices<'_>| {
        known(field, choices).unwrap_or_else(|| value(kind, choices, known, depth))
    };
    let kind = field.kind();
    let value = if field.is_map() {
        let value = kind.as_message().unwrap().map_entry_value_field().kind();
        let entries =
            (0..choices.below(4)).map(|_| (MapKey::String(choices.one_of(&TEXTS).into()), one(&value, choices)));
        Value::Map(entries.collect())
    } else if field.is_list() {
        Value::List((0..choices.below(4)).map(|_| one(&kind, choices)).collect())
    } else {
        one(&kind, choices)
    };
    message.set_field(field, value);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Any number will do.
fn value(kind: &Kind, choices: &mut Choices<'_>, known: Known<'_>, depth: usize) -> Value {
    let number = NUMBERS[choices.below(NUMBERS.len())];
    match kind {
        Kind::Message(inner) => Value::Message(within(inner, choices, known, depth + 1)),
        Kind::Enum(known) => {
            let values: Vec<i32> = known.values().map(|value| value.number()).collect();
            let unknown = choices.once_in(16).then_some(i32::MAX);
            Value::EnumNumber(unknown.unwrap_or_else(|| values[choices.below(values.len())]))
        }
        Kind::String => Value::String(choices.one_of(&TEXTS).into()),
        Kind::Bytes => Value::Bytes(choices.one_of(&TEXTS).as_bytes().to_vec().into()),
        Kind::Bool => Value::Bool(choices.once_in(2)),
        Kind::Double => Value::F64(DOUBLES[choices.below(DOUBLES.len())]),
        Kind::Float => Value::F32(DOUBLES[choices.below(DOUBLES.len())] as f32),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(number as u64),
    }
}

fn nanos(choices: &mut Choices<'_>) -> i32 {
    [0, 1, 999_999_999, 500_000_000, 123_456_000][choices.below(5)]
}

/// Every type of the contract that can travel.
pub fn all_messages() -> &'static [MessageDescriptor] {
    static ALL: LazyLock<Vec<MessageDescriptor>> = LazyLock::new(|| {
        let types = schema::messages().iter().map(|message| descriptor(message.name));
        types.filter(|message| !message.is_map_entry()).collect()
    });
    &ALL
}

/// Nothing but chance.
pub fn unknown(_: &FieldDescriptor, _: &mut Choices<'_>) -> Option<Value> {
    None
}

/// The values of a message's fields, by their descriptors.
pub fn fields(message: &DynamicMessage) -> Vec<(FieldDescriptor, Value)> {
    message.fields().map(|(field, value)| (field, value.clone())).collect()
}

/// The type of a name.
pub fn descriptor(name: &str) -> MessageDescriptor {
    let descriptor = descriptors::pool().get_message_by_name(name).expect(name);
    assert_eq!(DynamicMessage::new(descriptor.clone()).descriptor().full_name(), name);
    descriptor
}

/// The same value with every number a double: `1` and `1.0` are one number.
pub fn with_doubles(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) => serde_json::json!(number.as_f64()),
        serde_json::Value::Array(items) => items.into_iter().map(with_doubles).collect(),
        serde_json::Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, with_doubles(value))).collect()
        }
        other => other,
    }
}
