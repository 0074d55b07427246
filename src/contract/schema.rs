//! The shapes of the contract's messages: names, numbers and kinds of their fields, as `build/schema.rs` took them from the
//! descriptors. [`json`](super::json) reads and writes by them, since the descriptors themselves take milliseconds and
//! megabytes to decode.

use std::fmt;

/// A message type.
pub struct Message {
    /// Its full name.
    pub name: &'static str,
    /// How it looks in JSON.
    pub form: Form,
    /// Its fields, by number.
    pub fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub struct Field {
    /// Its number on the wire.
    pub number: u32,
    /// Its name in the contract, such as `cluster_id`.
    pub name: &'static str,
    /// Its name in JSON as it comes before a value that is not the first, such as `,"clusterId":`.
    pub json_key: &'static str,
    /// What a value of it is; of a map, the message of an entry.
    pub kind: Kind,
    /// How many values it has.
    pub label: Label,
    /// The choice that it is one of.
    pub oneof: Option<&'static str>,
}

/// What one value of a field is.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Kind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum(&'static Enum),
    Message(&'static Message),
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// One, which is the default if it is not given.
    Plain,
    /// One or none.
    Optional,
    /// Any number.
    List,
    /// Any number, each with a key.
    Map,
}

/// How a message looks in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An object of its fields.
    Fields,
    /// `google.protobuf.Any`: an object that names its own type.
    Any,
    /// `google.protobuf.Timestamp`: text, as RFC 3339 has it.
    Timestamp,
    /// `google.protobuf.Duration`: text, such as `1.5s`.
    Duration,
    /// `google.protobuf.FieldMask`: text, paths with commas between them.
    FieldMask,
    /// `google.protobuf.Empty`: an object of nothing.
    Empty,
    /// A value that may be unset: the value itself.
    Wrapper,
}

/// An enum.
#[derive(Debug)]
pub struct Enum {
    /// Its full name.
    pub name: &'static str,
    /// Its numbers and their names.
    pub values: &'static [(i32, &'static str)],
}

/// The message type of a full name.
pub fn message(name: &str) -> Option<&'static Message> {
    let index = MESSAGES.binary_search_by(|message| message.name.cmp(name)).ok()?;
    Some(&MESSAGES[index])
}

/// Every message type, by full name.
pub fn messages() -> &'static [Message] {
    &MESSAGES
}

impl Message {
    /// Where the field of a number is among the fields.
    pub fn index_of(&self, number: u32) -> Option<usize> {
        self.fields.binary_search_by_key(&number, |field| field.number).ok()
    }

    /// The field of a name, be it the contract's or JSON's.
    pub fn field_called(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.json_name() == name || field.name == name)
    }
}

impl Field {
    /// Its name in JSON, such as `clusterId`.
    pub fn json_name(&self) -> &'static str {
        &self.json_key[2..self.json_key.len() - 2]
    }
}

/// By name: a message type may contain itself.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.name).finish()
    }
}

impl Enum {
    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<i32> {
        self.values.iter().find(|(_, known)| *known == name).map(|(number, _)| *number)
    }

    /// The name of a number; the first, if it has several.
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        self.values.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
    }
}

use generated::MESSAGES;

#[allow(clippy::all, clippy::pedantic)]
mod generated {
    use super::{Enum, Field, Form, Kind, Label, Message};

    include!(concat!(env!("OUT_DIR"), "/schema.rs"));
}
