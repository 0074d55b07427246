//! Single values of JSON, and of texts such as a query has, as the wire has them.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{mask, number, time, wire};
use crate::contract::schema::{Form, Kind, Label, Message};

/// The alphabet of Base64, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where a value goes.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The message that it becomes a part of.
    pub parent: &'static Message,
    pub number: u32,
    pub kind: Kind,
    pub label: Label,
}

/// A value that is neither a list nor an object.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'a> {
    Bool(bool),
    /// As it is written: nothing of it is lost.
    Number(&'a str),
    Text(&'a str),
    /// Text that stands for any value, since where it comes from all values are text.
    Plain(&'a str),
}

impl Scalar<'_> {
    /// Nothing where all values are text.
    pub fn sort(self) -> Option<Sort> {
        match self {
            Scalar::Bool(_) => Some(Sort::TrueOrFalse),
            Scalar::Number(_) => Some(Sort::Number),
            Scalar::Text(_) => Some(Sort::Text),
            Scalar::Plain(_) => None,
        }
    }
}

/// What sort of value JSON has. Who sent a wrong one is told the sort and never the value, which may be a secret in a wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Null,
    TrueOrFalse,
    Number,
    Text,
    List,
    Object,
}

impl Sort {
    /// The sort of a value, by how its text begins.
    pub fn of(json: &[u8]) -> Option<Self> {
        Some(match json.trim_ascii_start().first()? {
            b'n' => Self::Null,
            b't' | b'f' => Self::TrueOrFalse,
            b'-' | b'0'..=b'9' => Self::Number,
            b'"' => Self::Text,
            b'[' => Self::List,
            b'{' => Self::Object,
            _ => return None,
        })
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::TrueOrFalse => "true or false",
            Self::Number => "a number",
            Self::Text => "text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// Appends a value, unless it is the default of a field that need not say so.
///
/// # Errors
///
/// The rule that the value breaks.
pub fn put(out: &mut Vec<u8>, place: Place, scalar: Scalar<'_>) -> Result<(), String> {
    let Place { parent, number, kind, label } = place;
    let message = match kind {
        Kind::Message(message) => message,
        Kind::Bytes => {
            put_unless_default(out, number, label, wire::Value::Bytes(&bytes(scalar)?));
            return Ok(());
        }
        kind => {
            put_unless_default(out, number, label, plain(kind, scalar)?);
            return Ok(());
        }
    };
    let put_time = |out: &mut Vec<u8>, seconds: i64, nanos: i32| {
        wire::put_nested(out, number, |out| {
            put_unless_default(out, 1, Label::Plain, signed(seconds));
            put_unless_default(out, 2, Label::Plain, signed(nanos.into()));
            Ok(())
        })
    };
    match (message.form, scalar) {
        (Form::Timestamp, Scalar::Text(text) | Scalar::Plain(text)) => {
            let rule = "must be a time such as 2026-01-31T21:59:00Z, from the year 1 to 9999";
            let time = time::read_timestamp(text).ok_or(rule)?;
            put_time(out, time.seconds, time.nanos)
        }
        (Form::Duration, Scalar::Text(text) | Scalar::Plain(text)) => {
            let length = time::read_duration(text).ok_or("must be a length of time in seconds, such as 1.5s")?;
            put_time(out, length.seconds, length.nanos)
        }
        (Form::FieldMask, Scalar::Text(text) | Scalar::Plain(text)) => wire::put_nested(out, number, |out| {
            for path in text.split(',').filter(|_| !text.is_empty()) {
                wire::put(out, 1, wire::Value::Bytes(mask::read(parent, path).as_bytes()));
            }
            Ok(())
        }),
        (Form::Wrapper, scalar) => {
            let inner = &message.fields[0];
            let place = Place { parent: message, number: inner.number, kind: inner.kind, label: inner.label };
            wire::put_nested(out, number, |out| put(out, place, scalar))
        }
        _ => Err(unfit(kind, scalar.sort())),
    }
}

/// The rule that a value of a sort breaks, if the sort is known: it is told where no value of it would do.
pub fn unfit(kind: Kind, sort: Option<Sort>) -> String {
    match sort.filter(|sort| !takes(kind, *sort)) {
        Some(sort) => format!("{}, but is {}", wanted(kind), sort.words()),
        None => wanted(kind),
    }
}

/// Whether values of a sort may stand for values of a kind.
fn takes(kind: Kind, sort: Sort) -> bool {
    match kind {
        Kind::Bool => sort == Sort::TrueOrFalse,
        Kind::String | Kind::Bytes => sort == Sort::Text,
        Kind::Message(message) => match message.form {
            Form::Fields | Form::Any | Form::Empty => sort == Sort::Object,
            Form::Timestamp | Form::Duration | Form::FieldMask => sort == Sort::Text,
            Form::Wrapper => takes(message.fields[0].kind, sort),
        },
        _ => matches!(sort, Sort::Number | Sort::Text),
    }
}

/// What a value has to be, in words.
fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Double | Kind::Float => "must be a number".into(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => whole_from(i32::MIN, i32::MAX),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => whole_from(i64::MIN, i64::MAX),
        Kind::Uint32 | Kind::Fixed32 => whole_from(u32::MIN, u32::MAX),
        Kind::Uint64 | Kind::Fixed64 => whole_from(u64::MIN, u64::MAX),
        Kind::Bool => "must be true or false".into(),
        Kind::String => "must be text".into(),
        Kind::Bytes => "must be text in Base64".into(),
        Kind::Enum(e) => format!("must be a value of {}, by name or number", e.name),
        Kind::Message(message) => match message.form {
            Form::Fields | Form::Any | Form::Empty => "must be an object".into(),
            Form::Timestamp | Form::Duration | Form::FieldMask => "must be text".into(),
            Form::Wrapper => wanted(message.fields[0].kind),
        },
    }
}

fn whole_from<N: std::fmt::Display>(least: N, most: N) -> String {
    format!("must be a whole number from {least} to {most}")
}

fn plain(kind: Kind, scalar: Scalar<'_>) -> Result<wire::Value<'_>, String> {
    let value = match (kind, scalar) {
        (Kind::String, Scalar::Text(text) | Scalar::Plain(text)) => Some(wire::Value::Bytes(text.as_bytes())),
        (Kind::Bool, Scalar::Bool(value)) => Some(wire::Value::Varint(value.into())),
        (Kind::Bool, Scalar::Plain("true")) => Some(wire::Value::Varint(1)),
        (Kind::Bool, Scalar::Plain("false")) => Some(wire::Value::Varint(0)),
        (Kind::Enum(e), Scalar::Text(name) | Scalar::Plain(name)) if e.number(name).is_some() => {
            e.number(name).map(|number| signed(number.into()))
        }
        // A number that the enum does not have is for who checks the message.
        (Kind::Enum(_), Scalar::Number(_) | Scalar::Plain(_)) => number(Kind::Int32, scalar),
        (Kind::Enum(_), _) => None,
        (kind, scalar) => number(kind, scalar),
    };
    value.ok_or_else(|| unfit(kind, scalar.sort()))
}

fn number(kind: Kind, scalar: Scalar<'_>) -> Option<wire::Value<'static>> {
    #[allow(clippy::cast_possible_truncation)] // That it may lose a little is in the nature of a float.
    match kind {
        Kind::Double => return fraction(scalar).map(|value| wire::Value::Fixed64(value.to_bits())),
        Kind::Float => {
            let value = fraction(scalar)?;
            let float = value as f32;
            let fits = float.is_finite() || !value.is_finite();
            return fits.then(|| wire::Value::Fixed32(float.to_bits()));
        }
        _ => {}
    }
    let whole = whole(scalar)?;
    Some(match kind {
        Kind::Int32 => signed(i32::try_from(whole).ok()?.into()),
        Kind::Int64 => signed(i64::try_from(whole).ok()?),
        Kind::Uint32 => wire::Value::Varint(u32::try_from(whole).ok()?.into()),
        Kind::Uint64 => wire::Value::Varint(u64::try_from(whole).ok()?),
        Kind::Sint32 => zigzag(i32::try_from(whole).ok()?.into()),
        Kind::Sint64 => zigzag(i64::try_from(whole).ok()?),
        Kind::Fixed32 => wire::Value::Fixed32(u32::try_from(whole).ok()?),
        Kind::Fixed64 => wire::Value::Fixed64(u64::try_from(whole).ok()?),
        Kind::Sfixed32 => wire::Value::Fixed32(i32::try_from(whole).ok()?.cast_unsigned()),
        Kind::Sfixed64 => wire::Value::Fixed64(i64::try_from(whole).ok()?.cast_unsigned()),
        _ => return None,
    })
}

/// Whole numbers may be written as text, and with a fraction or exponent, such as `1.0` or `1e3`.
fn whole(scalar: Scalar<'_>) -> Option<i128> {
    match scalar {
        Scalar::Number(text) | Scalar::Text(text) | Scalar::Plain(text) => number::whole(text),
        Scalar::Bool(_) => None,
    }
}

fn fraction(scalar: Scalar<'_>) -> Option<f64> {
    match scalar {
        Scalar::Number(text) | Scalar::Text(text) | Scalar::Plain(text) => match text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text if is_number(text) => text.parse().ok().filter(|value: &f64| value.is_finite()),
            _ => None,
        },
        Scalar::Bool(_) => None,
    }
}

/// Whether a text begins as JSON's numbers do; what reads it takes more than that.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit()) && digits.ends_with(|last: char| last.is_ascii_digit())
}

/// Whether values of a kind are numbers, which are read as they are written.
pub fn is_numeric(kind: Kind) -> bool {
    match kind {
        Kind::Bool | Kind::String | Kind::Bytes => false,
        Kind::Message(message) => message.form == Form::Wrapper && is_numeric(message.fields[0].kind),
        _ => true,
    }
}

/// Either alphabet of Base64 will do.
fn bytes(scalar: Scalar<'_>) -> Result<Vec<u8>, String> {
    let unfit = || unfit(Kind::Bytes, scalar.sort());
    let (Scalar::Text(text) | Scalar::Plain(text)) = scalar else { return Err(unfit()) };
    let text = text.replace('-', "+").replace('_', "/");
    BASE64.decode(text).map_err(|_| unfit())
}

fn signed(value: i64) -> wire::Value<'static> {
    wire::Value::Varint(value.cast_unsigned())
}

fn zigzag(value: i64) -> wire::Value<'static> {
    wire::Value::Varint((value << 1 ^ value >> 63).cast_unsigned())
}

fn put_unless_default(out: &mut Vec<u8>, number: u32, label: Label, value: wire::Value<'_>) {
    use wire::Value::{Bytes, Fixed32, Fixed64, Varint};
    let default = matches!(value, Varint(0) | Fixed64(0) | Fixed32(0) | Bytes([]));
    if label != Label::Plain || !default {
        wire::put(out, number, value);
    }
}
