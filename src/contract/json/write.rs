//! From a message's bytes to JSON.

use base64::prelude::{BASE64_STANDARD, Engine};

use super::wire::{Input, Malformed, Value};
use super::{mask, time};
use crate::contract::schema::{self, Field, Form, Kind, Label, Message};

/// How deep messages may be within each other.
const DEEPEST: usize = 100;

/// Why a message cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reply cannot be written as JSON: {0}")]
pub struct Unwritable(&'static str);

impl From<Malformed> for Unwritable {
    fn from(_: Malformed) -> Self {
        Self("its bytes are no message")
    }
}

/// Appends a message as JSON.
///
/// # Errors
///
/// If the bytes are no message of the type, or hold a time or text that is none.
pub fn write(message: &'static Message, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unwritable> {
    Writer { out, records: Vec::new(), depth: 0 }.message(message, bytes, message)
}

/// Appends text as JSON.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    put(out, text);
}

fn put(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    // Neither texts nor numbers fail, nor does writing to memory.
    _ = serde_json::to_writer(out, value);
}

/// A field of a message, as it was found.
#[derive(Clone, Copy)]
struct Record<'a> {
    field: &'static Field,
    value: Value<'a>,
}

struct Writer<'a, 'o> {
    out: &'o mut Vec<u8>,
    /// The fields of the message that is being written, above those of the messages around it.
    records: Vec<Record<'a>>,
    depth: usize,
}

impl<'a> Writer<'a, '_> {
    /// A message. `parent` is the one that it is a part of, or itself.
    fn message(
        &mut self,
        message: &'static Message,
        bytes: &'a [u8],
        parent: &'static Message,
    ) -> Result<(), Unwritable> {
        if self.depth == DEEPEST {
            return Err(Unwritable("it is too deep"));
        }
        self.depth += 1;
        match message.form {
            Form::Fields | Form::Empty => {
                self.out.push(b'{');
                self.fields(message, bytes, false)?;
                self.out.push(b'}');
            }
            Form::Any => self.any(bytes)?,
            Form::Timestamp => self.time(bytes, time::write_timestamp)?,
            Form::Duration => self.time(bytes, time::write_duration)?,
            Form::FieldMask => self.mask(bytes, parent)?,
            Form::Wrapper => {
                let inner = &message.fields[0];
                let value = last(bytes, inner.number)?.unwrap_or_else(|| default(inner.kind));
                self.value(inner.kind, value, message)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// The fields of a message, by their numbers; `begun` if others have been written before.
    fn fields(&mut self, message: &'static Message, bytes: &'a [u8], mut begun: bool) -> Result<(), Unwritable> {
        let start = self.records.len();
        self.collect(message, bytes)?;
        let mut next = start;
        while let Some(first) = self.records.get(next).copied() {
            let same =
                self.records[next..].iter().take_while(|record| record.field.number == first.field.number).count();
            let key = first.field.json_key.as_bytes();
            self.out.extend_from_slice(if begun { key } else { &key[1..] });
            begun = true;
            self.field(message, first.field, next..next + same)?;
            next += same;
        }
        self.records.truncate(start);
        Ok(())
    }

    /// Finds the fields of a message, and brings them into order, which our own messages have.
    fn collect(&mut self, message: &'static Message, bytes: &'a [u8]) -> Result<(), Unwritable> {
        let start = self.records.len();
        let (mut index, mut in_order) = (0, true);
        let mut input = Input(bytes);
        while let Some((number, value)) = input.record()? {
            // Mostly it is the same field again, or one of the next.
            let near = message.fields[index..].iter().take(4).position(|field| field.number == number);
            let Some(found) = near.map(|near| index + near).or_else(|| message.index_of(number)) else { continue };
            in_order &= found >= index;
            index = found;
            self.records.push(Record { field: &message.fields[index], value });
        }
        if !in_order {
            self.records[start..].sort_by_key(|record| record.field.number);
        }
        Ok(())
    }

    /// The value of a field, of all that the message has of it.
    fn field(
        &mut self,
        message: &'static Message,
        field: &'static Field,
        records: std::ops::Range<usize>,
    ) -> Result<(), Unwritable> {
        match field.label {
            Label::List => self.list(message, field, records),
            Label::Map => self.map(field, records),
            Label::Plain | Label::Optional => match field.kind {
                // Parts of one message count as it.
                Kind::Message(_) if records.len() > 1 => {
                    let mut whole = Vec::new();
                    for record in &self.records[records] {
                        whole.extend_from_slice(bytes_of(record.value)?);
                    }
                    let mut writer = Writer { out: &mut *self.out, records: Vec::new(), depth: self.depth };
                    writer.value(field.kind, Value::Bytes(&whole), message)
                }
                kind => {
                    let last = self.records[records.end - 1].value;
                    self.value(kind, last, message)
                }
            },
        }
    }

    fn list(
        &mut self,
        message: &'static Message,
        field: &'static Field,
        records: std::ops::Range<usize>,
    ) -> Result<(), Unwritable> {
        self.out.push(b'[');
        let empty = self.out.len();
        for index in records {
            let value = self.records[index].value;
            match (default(field.kind), value) {
                // Numbers may come many in one.
                (Value::Varint(_) | Value::Fixed64(_) | Value::Fixed32(_), Value::Bytes(packed)) => {
                    let mut input = Input(packed);
                    while !input.0.is_empty() {
                        let value = match default(field.kind) {
                            Value::Fixed64(_) => Value::Fixed64(input.fixed_64()?),
                            Value::Fixed32(_) => Value::Fixed32(input.fixed_32()?),
                            _ => Value::Varint(input.varint()?),
                        };
                        self.item(field.kind, value, message, empty)?;
                    }
                }
                _ => self.item(field.kind, value, message, empty)?,
            }
        }
        self.out.push(b']');
        Ok(())
    }

    fn item(
        &mut self,
        kind: Kind,
        value: Value<'a>,
        message: &'static Message,
        empty: usize,
    ) -> Result<(), Unwritable> {
        if self.out.len() > empty {
            self.out.push(b',');
        }
        self.value(kind, value, message)
    }

    /// The entries of a map by their keys; of several with one key, the last.
    fn map(&mut self, field: &'static Field, records: std::ops::Range<usize>) -> Result<(), Unwritable> {
        let Kind::Message(entry) = field.kind else { return Err(Unwritable("a map has entries")) };
        let [key, value] = entry.fields else { return Err(Unwritable("an entry has a key and a value")) };
        let mut entries = Vec::new();
        for record in &self.records[records] {
            let bytes = bytes_of(record.value)?;
            let part =
                |field: &Field| last(bytes, field.number).map(|part| part.unwrap_or_else(|| default(field.kind)));
            entries.push((part(key)?, part(value)?));
        }
        entries.sort_by_key(|(key, _)| *key);
        self.out.push(b'{');
        let empty = self.out.len();
        for (index, (name, content)) in entries.iter().enumerate() {
            if entries.get(index + 1).is_some_and(|(next, _)| next == name) {
                continue;
            }
            if self.out.len() > empty {
                self.out.push(b',');
            }
            let start = self.out.len();
            self.value(key.kind, *name, entry)?;
            if self.out[start] != b'"' {
                self.out.insert(start, b'"');
                self.out.push(b'"');
            }
            self.out.push(b':');
            self.value(value.kind, *content, entry)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn value(&mut self, kind: Kind, value: Value<'a>, parent: &'static Message) -> Result<(), Unwritable> {
        match (kind, value) {
            (Kind::Message(message), Value::Bytes(bytes)) => return self.message(message, bytes, parent),
            (Kind::String, Value::Bytes(bytes)) if is_plain(bytes) => {
                self.out.push(b'"');
                self.out.extend_from_slice(bytes);
                self.out.push(b'"');
            }
            (Kind::String, Value::Bytes(bytes)) => self.text(text_of(bytes)?),
            (Kind::Bytes, Value::Bytes(bytes)) => self.text(&BASE64_STANDARD.encode(bytes)),
            (Kind::Bool, Value::Varint(bit)) => self.out.extend_from_slice(if bit == 0 { b"false" } else { b"true" }),
            (Kind::Enum(e), Value::Varint(bits)) => {
                let number = low_half(bits).cast_signed();
                match e.name_of(number) {
                    Some(name) => self.text(name),
                    None => self.number(number),
                }
            }
            (Kind::Int32, Value::Varint(bits)) => self.number(low_half(bits).cast_signed()),
            (Kind::Int64, Value::Varint(bits)) => self.quoted(bits.cast_signed()),
            (Kind::Uint32, Value::Varint(bits)) => self.number(low_half(bits)),
            (Kind::Uint64, Value::Varint(bits)) => self.quoted(bits),
            (Kind::Sint32, Value::Varint(bits)) => self.number(unzigzag(low_half(bits).into())),
            (Kind::Sint64, Value::Varint(bits)) => self.quoted(unzigzag(bits)),
            (Kind::Fixed32, Value::Fixed32(bits)) => self.number(bits),
            (Kind::Fixed64, Value::Fixed64(bits)) => self.quoted(bits),
            (Kind::Sfixed32, Value::Fixed32(bits)) => self.number(bits.cast_signed()),
            (Kind::Sfixed64, Value::Fixed64(bits)) => self.quoted(bits.cast_signed()),
            (Kind::Float, Value::Fixed32(bits)) => self.fraction(f32::from_bits(bits)),
            (Kind::Double, Value::Fixed64(bits)) => self.fraction(f64::from_bits(bits)),
            _ => return Err(Malformed.into()),
        }
        Ok(())
    }

    fn any(&mut self, bytes: &'a [u8]) -> Result<(), Unwritable> {
        let part = |number| last(bytes, number).and_then(|part| part.map_or(Ok(&[][..]), bytes_of));
        let (url, content) = (text_of(part(1)?)?, part(2)?);
        if url.is_empty() {
            self.out.extend_from_slice(b"{}");
            return Ok(());
        }
        self.out.extend_from_slice(b"{\"@type\":");
        self.text(url);
        match url.rsplit('/').next().and_then(schema::message) {
            Some(message) if message.form == Form::Fields => self.fields(message, content, true)?,
            Some(message) => {
                self.out.extend_from_slice(b",\"value\":");
                self.message(message, content, message)?;
            }
            // Of a type that the contract does not have, the bytes are all that can be shown (our choice).
            None => {
                self.out.extend_from_slice(b",\"value\":");
                self.text(&BASE64_STANDARD.encode(content));
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    #[allow(clippy::cast_possible_truncation)] // `nanos` is an int32.
    fn time(&mut self, bytes: &[u8], write: impl Fn(&mut Vec<u8>, i64, i32) -> bool) -> Result<(), Unwritable> {
        let (mut seconds, mut nanos) = (0, 0);
        let mut input = Input(bytes);
        while let Some(record) = input.record()? {
            match record {
                (1, Value::Varint(bits)) => seconds = bits.cast_signed(),
                (2, Value::Varint(bits)) => nanos = bits.cast_signed() as i32,
                _ => {}
            }
        }
        self.out.push(b'"');
        if !write(self.out, seconds, nanos) {
            return Err(Unwritable("it has a time that is none"));
        }
        self.out.push(b'"');
        Ok(())
    }

    fn mask(&mut self, bytes: &[u8], parent: &'static Message) -> Result<(), Unwritable> {
        let mut paths = Vec::new();
        let mut input = Input(bytes);
        while let Some((number, value)) = input.record()? {
            if number == 1 {
                paths.push(mask::write(parent, text_of(bytes_of(value)?)?));
            }
        }
        self.text(&paths.join(","));
        Ok(())
    }

    fn text(&mut self, text: &str) {
        put(self.out, text);
    }

    fn number(&mut self, number: impl serde::Serialize) {
        put(self.out, &number);
    }

    /// Numbers of 64 bits are text, since many readers of JSON know doubles only.
    fn quoted(&mut self, number: impl serde::Serialize) {
        self.out.push(b'"');
        put(self.out, &number);
        self.out.push(b'"');
    }

    fn fraction(&mut self, number: impl Into<f64> + serde::Serialize + Copy) {
        match number.into() {
            value if value.is_nan() => self.text("NaN"),
            f64::INFINITY => self.text("Infinity"),
            f64::NEG_INFINITY => self.text("-Infinity"),
            _ => {
                put(self.out, &number);
                // As it is written elsewhere: 1, not 1.0.
                if self.out.ends_with(b".0") {
                    self.out.truncate(self.out.len() - 2);
                }
            }
        }
    }
}

/// The last value of a field in a message.
fn last(bytes: &[u8], wanted: u32) -> Result<Option<Value<'_>>, Malformed> {
    let mut found = None;
    let mut input = Input(bytes);
    while let Some((number, value)) = input.record()? {
        if number == wanted {
            found = Some(value);
        }
    }
    Ok(found)
}

/// What a field has that is not on the wire.
fn default(kind: Kind) -> Value<'static> {
    match kind {
        Kind::String | Kind::Bytes | Kind::Message(_) => Value::Bytes(&[]),
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Value::Fixed64(0),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Value::Fixed32(0),
        _ => Value::Varint(0),
    }
}

/// Whether text is ASCII that JSON has as it is. All of it is looked at, which is faster than to stop early.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~') & !matches!(byte, b'"' | b'\\'))
}

fn bytes_of(value: Value<'_>) -> Result<&[u8], Malformed> {
    if let Value::Bytes(bytes) = value { Ok(bytes) } else { Err(Malformed) }
}

fn text_of(bytes: &[u8]) -> Result<&str, Unwritable> {
    std::str::from_utf8(bytes).map_err(|_| Unwritable("it has text that is not UTF-8"))
}

#[allow(clippy::cast_possible_truncation)] // Longer numbers than a field takes are cut, as everywhere.
fn low_half(bits: u64) -> u32 {
    bits as u32
}

fn unzigzag(bits: u64) -> i64 {
    (bits >> 1).cast_signed() ^ -(bits & 1).cast_signed()
}
