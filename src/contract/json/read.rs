//! From JSON to a message's bytes.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::value::{self, Place, Scalar, Sort};
use super::wire;
use crate::contract::schema::{Field, Form, Kind, Label, Message};
use crate::contract::validation::Violation;

/// As much of an unknown name as is repeated to who sent it, in characters.
const NAME_SHOWN: usize = 64;

/// What is wrong with JSON that should be a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no JSON, or no object.
    NoObject(String),
    /// A field of it breaks a rule. The path is in the contract's names.
    Field(Violation),
}

/// A message's bytes, of an object: the message is of a type that JSON has objects for.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn read(message: &'static Message, json: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    read_into(&mut out, message, &mut Given::default(), json)?;
    Ok(out)
}

/// Appends an object's fields to a message of which some are given already.
pub fn read_into(out: &mut Vec<u8>, message: &'static Message, given: &mut Given, json: &[u8]) -> Result<(), Problem> {
    if let Some(sort) = Sort::of(json).filter(|sort| *sort != Sort::Object) {
        // What is no JSON is told as such.
        let other = || format!("it is {}", sort.words());
        let parsed = serde_json::from_slice::<IgnoredAny>(json);
        return Err(Problem::NoObject(parsed.map_or_else(|error| error.to_string(), |_| other())));
    }
    let mut reader = Reader { out, path: Vec::new(), within_any: 0 };
    let mut parser = serde_json::Deserializer::from_slice(json);
    let object = Object { reader: &mut reader, message, given, typed: false };
    object.deserialize(&mut parser).and_then(|()| parser.end()).map_err(|error| {
        if error.is_data() && !reader.path.is_empty() {
            Problem::Field(Violation { field: reader.path_text(), rule: rule(&error) })
        } else {
            Problem::NoObject(error.to_string())
        }
    })
}

/// What the parser reports, without the place where it does.
pub fn rule(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// The fields of one message that are given so far.
#[derive(Debug, Default)]
pub struct Given(Vec<GivenField>);

#[derive(Debug)]
struct GivenField {
    field: &'static Field,
    /// What it has on the wire, if it may be given once more with the same value.
    fixed: Option<Vec<u8>>,
}

impl Given {
    /// Gives a field a value that nothing else may change.
    pub fn fix(&mut self, field: &'static Field, written: &[u8]) {
        self.0.push(GivenField { field, fixed: Some(written.to_vec()) });
    }

    /// Whether a field that was just written is new; otherwise it says what was said before.
    ///
    /// # Errors
    ///
    /// If it says something else, or what excludes it is given.
    pub fn is_new(&self, field: &'static Field, written: &[u8]) -> Result<bool, String> {
        for before in &self.0 {
            if before.field.number == field.number {
                return match &before.fixed {
                    // An unset field may be written out with its default.
                    Some(fixed) if fixed == written || written.is_empty() => Ok(false),
                    Some(_) => Err("is another in the path".into()),
                    None => Err(TWICE.into()),
                };
            }
            if field.oneof.is_some() && before.field.oneof == field.oneof {
                return Err(clash(before.field, field));
            }
        }
        Ok(true)
    }

    fn add(&mut self, field: &'static Field, written: &[u8]) -> Result<bool, String> {
        let is_new = self.is_new(field, written)?;
        if is_new {
            self.0.push(GivenField { field, fixed: None });
        }
        Ok(is_new)
    }
}

/// The rule that a field breaks which is given a second time.
pub const TWICE: &str = "is given twice";

/// The rule that a member of a choice breaks where another is given.
pub fn clash(before: &Field, field: &Field) -> String {
    format!("cannot be given with {}: {} is one or the other", before.name, field.oneof.unwrap_or_default())
}

/// Where the reader is when it fails, from the innermost step out.
#[derive(Debug)]
pub enum Step {
    Field(&'static str),
    Unknown(String),
    Index(usize),
    Key(String),
}

/// A reader of one text.
pub struct Reader<'o> {
    pub out: &'o mut Vec<u8>,
    path: Vec<Step>,
    /// How many messages that name their own type are around.
    pub within_any: usize,
}

impl Reader<'_> {
    fn path_text(&self) -> String {
        let mut text = String::new();
        for step in self.path.iter().rev() {
            // Writing to a string cannot fail.
            _ = match step {
                Step::Field(name) => write!(text, ".{name}"),
                Step::Unknown(name) => write!(text, ".{name}"),
                Step::Index(index) => write!(text, "[{index}]"),
                Step::Key(key) => write!(text, "[{key:?}]"),
            };
        }
        text.trim_start_matches('.').to_owned()
    }
}

/// A name that no message has, as far as it is shown.
pub fn shown(name: &str) -> String {
    if name.is_empty() { "\"\"".to_owned() } else { name.chars().take(NAME_SHOWN).collect() }
}

/// An object that is a message.
pub struct Object<'r, 'o, 'g> {
    pub reader: &'r mut Reader<'o>,
    pub message: &'static Message,
    pub given: &'g mut Given,
    /// Whether it names its own type besides.
    pub typed: bool,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Self { reader, message, given, typed } = self;
        let mut named: Vec<u32> = Vec::new();
        while let Some(name) = entries.next_key_seed(Name(message))? {
            let field = match name {
                Ok(field) => field,
                Err(name) if typed && name == "@type" => {
                    entries.next_value::<IgnoredAny>()?;
                    continue;
                }
                Err(name) => {
                    reader.path.push(Step::Unknown(name));
                    return Err(A::Error::custom(format!("is no field of {}", message.name)));
                }
            };
            if named.contains(&field.number) {
                reader.path.push(Step::Field(field.name));
                return Err(A::Error::custom(TWICE));
            }
            named.push(field.number);
            let start = reader.out.len();
            let place = Place { parent: message, number: field.number, kind: field.kind, label: field.label };
            let outcome = entries.next_value_seed(Element { reader: &mut *reader, place, nullable: true });
            let kept = outcome.and_then(|is_given| {
                let written = &reader.out[start..];
                if is_given { given.add(field, written).map_err(A::Error::custom) } else { Ok(false) }
            });
            match kept {
                Ok(true) => {}
                Ok(false) => reader.out.truncate(start),
                Err(error) => {
                    reader.path.push(Step::Field(field.name));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// The name of a field of a message, or of none.
struct Name(&'static Message);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Result<&'static Field, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Result<&'static Field, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.field_called(name).ok_or_else(|| shown(name)))
    }
}

/// A value of a field; reading it tells whether it is given at all.
pub struct Element<'r, 'o> {
    pub reader: &'r mut Reader<'o>,
    pub place: Place,
    /// Whether null stands for a value that is not given.
    pub nullable: bool,
}

impl Element<'_, '_> {
    fn scalar<E: Error>(self, scalar: Scalar<'_>) -> Result<bool, E> {
        match self.place.label {
            Label::Plain | Label::Optional => {
                value::put(self.reader.out, self.place, scalar).map_err(E::custom)?;
                Ok(true)
            }
            Label::List | Label::Map => Err(E::custom(self.unfit(scalar.sort()))),
        }
    }

    /// Reads what should be a number, by its text: the parser would make a double of one with a point or exponent.
    fn read_number<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        match Sort::of(json.as_bytes()) {
            Some(Sort::Number) => self.scalar(Scalar::Number(json)),
            Some(sort @ (Sort::List | Sort::Object)) => Err(D::Error::custom(self.unfit(Some(sort)))),
            _ => {
                let parsed = serde_json::Deserializer::from_str(json).deserialize_any(self);
                parsed.map_err(|error| D::Error::custom(rule(&error)))
            }
        }
    }

    /// The rule that a value of another sort breaks.
    fn unfit(&self, sort: Option<Sort>) -> String {
        let but = sort.map(|sort| format!(", but is {}", sort.words())).unwrap_or_default();
        match self.place.label {
            Label::Plain | Label::Optional => value::unfit(self.place.kind, sort),
            Label::List => format!("must be a list{but}"),
            Label::Map => format!("must be an object{but}"),
        }
    }

    /// One value of many.
    fn one_of(reader: &mut Reader<'_>, place: Place) -> impl for<'de> DeserializeSeed<'de, Value = bool> {
        Element { reader, place: Place { label: Label::Optional, ..place }, nullable: false }
    }

    fn entries<'de, A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let Self { reader, place, .. } = self;
        let Kind::Message(entry) = place.kind else { return Err(A::Error::custom("a map has entries")) };
        let place_of =
            |field: &Field| Place { parent: entry, number: field.number, kind: field.kind, label: field.label };
        let mut keys = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            let start = wire::open(reader.out, place.number);
            let mut outcome = value::put(reader.out, place_of(&entry.fields[0]), Scalar::Plain(&key))
                .map_err(|rule| A::Error::custom(format!("the key {rule}")));
            if outcome.is_ok() {
                outcome = entries.next_value_seed(Self::one_of(reader, place_of(&entry.fields[1]))).map(drop);
            }
            if outcome.is_ok() && !keys.insert(key.clone()) {
                outcome = Err(A::Error::custom(TWICE));
            }
            if let Err(error) = outcome {
                reader.path.push(Step::Key(shown(&key)));
                return Err(error);
            }
            wire::close(reader.out, start);
        }
        Ok(true)
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let is_any = matches!(self.place.kind, Kind::Message(message) if message.form == Form::Any);
        match self.place.label {
            Label::Plain | Label::Optional if is_any => self.read_any(deserializer),
            Label::Plain | Label::Optional if value::is_numeric(self.place.kind) => self.read_number(deserializer),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Element<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        if self.nullable { Ok(false) } else { Err(E::custom("must not be null")) }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        self.scalar(Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        Err(E::custom(self.unfit(Some(Sort::Number))))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        Err(E::custom(self.unfit(Some(Sort::Number))))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        Err(E::custom(self.unfit(Some(Sort::Number))))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<bool, E> {
        self.scalar(Scalar::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<bool, A::Error> {
        if self.place.label != Label::List {
            return Err(A::Error::custom(self.unfit(Some(Sort::List))));
        }
        let Self { reader, place, .. } = self;
        for index in 0.. {
            match values.next_element_seed(Self::one_of(reader, place)) {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    reader.path.push(Step::Index(index));
                    return Err(error);
                }
            }
        }
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<bool, A::Error> {
        match (self.place.label, self.place.kind) {
            (Label::Map, _) => self.entries(entries),
            (Label::Plain | Label::Optional, Kind::Message(message))
                if matches!(message.form, Form::Fields | Form::Empty) =>
            {
                let start = wire::open(self.reader.out, self.place.number);
                let given = &mut Given::default();
                Object { reader: &mut *self.reader, message, given, typed: false }.visit_map(entries)?;
                wire::close(self.reader.out, start);
                Ok(true)
            }
            _ => Err(A::Error::custom(self.unfit(Some(Sort::Object)))),
        }
    }
}
