//! A message that is put together: of texts that are certain, of an object, and of texts that have paths.

use std::collections::BTreeMap;

use super::read::{Given, Problem, TWICE, clash, read_into, shown};
use super::value::{self, Place, Scalar};
use super::wire;
use crate::contract::schema::{Field, Form, Kind, Label, Message};
use crate::contract::validation::Violation;

/// A message in the making. No field may be given by two of its sources, unless both say the same.
#[derive(Debug)]
pub struct Draft {
    message: &'static Message,
    bytes: Vec<u8>,
    /// The fields of the message that are given as a whole.
    given: Given,
    /// What is given by paths: of each field or choice its member, by the path.
    parts: BTreeMap<String, &'static Field>,
}

impl Draft {
    /// A message of which nothing is given yet.
    pub fn new(message: &'static Message) -> Self {
        Self { message, bytes: Vec::new(), given: Given::default(), parts: BTreeMap::new() }
    }

    /// Gives a field its value for good.
    ///
    /// # Errors
    ///
    /// If the text is no value of the field.
    pub fn fix(&mut self, field: &'static Field, text: &str) -> Result<(), Violation> {
        let start = self.bytes.len();
        value::put(&mut self.bytes, place(self.message, field), Scalar::Plain(text))
            .map_err(|rule| Violation { field: field.name.to_owned(), rule })?;
        self.given.fix(field, &self.bytes[start..]);
        Ok(())
    }

    /// Gives the fields of an object.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn object(&mut self, json: &[u8]) -> Result<(), Problem> {
        read_into(&mut self.bytes, self.message, &mut self.given, json)
    }

    /// Gives a field at a path, such as `pageSize` or `configSpec.version`, or a value more to a list.
    ///
    /// # Errors
    ///
    /// If the path leads to nothing that a text can stand for, or the text is no value of it.
    pub fn text(&mut self, path: &str, text: &str) -> Result<(), Violation> {
        let way = self.way(path)?;
        let names: Vec<&str> = way.iter().map(|(_, field)| field.name).collect();
        self.put_at(&way, text).map_err(|rule| Violation { field: names.join("."), rule })
    }

    /// The message's bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// The fields that a path leads through, each with the message that it is of.
    fn way(&self, path: &str) -> Result<Vec<(&'static Message, &'static Field)>, Violation> {
        let mut way: Vec<(&'static Message, &'static Field)> = Vec::new();
        for segment in path.split('.') {
            let broken = |rule| {
                let so_far = way.iter().map(|(_, field)| field.name.to_owned());
                Violation { field: so_far.chain([shown(segment)]).collect::<Vec<_>>().join("."), rule }
            };
            let message = match way.last() {
                None => self.message,
                Some((_, field)) => fields_of(field).map_err(broken)?,
            };
            let no_field = || broken(format!("is no field of {}", message.name));
            let field = message.field_called(segment).ok_or_else(no_field)?;
            way.push((message, field));
        }
        Ok(way)
    }

    /// Appends a value with the messages around it: what a message has in several parts counts as one.
    fn put_at(&mut self, way: &[(&'static Message, &'static Field)], text: &str) -> Result<(), String> {
        let (Some((first, _)), Some((last, outer))) = (way.split_first(), way.split_last()) else { return Ok(()) };
        let (parent, field) = *last;
        let label = if field.label == Label::List { Label::Optional } else { field.label };
        let start = self.bytes.len();
        let starts: Vec<usize> = outer.iter().map(|(_, field)| wire::open(&mut self.bytes, field.number)).collect();
        value::put(&mut self.bytes, Place { label, ..place(parent, field) }, Scalar::Plain(text))?;
        for start in starts.into_iter().rev() {
            wire::close(&mut self.bytes, start);
        }
        if self.given.is_new(first.1, &self.bytes[start..])? {
            return self.add_part(way);
        }
        self.bytes.truncate(start);
        Ok(())
    }

    fn add_part(&mut self, way: &[(&'static Message, &'static Field)]) -> Result<(), String> {
        let mut path = String::new();
        for (depth, (_, field)) in way.iter().enumerate() {
            let before = self.parts.insert(path.clone() + field.oneof.unwrap_or(field.name), field);
            match before {
                Some(before) if before.number != field.number => return Err(clash(before, field)),
                Some(_) if depth + 1 == way.len() && field.label != Label::List => return Err(TWICE.into()),
                _ => {}
            }
            path.push_str(field.name);
            path.push('.');
        }
        Ok(())
    }
}

/// The message whose fields a path may go on with.
fn fields_of(field: &Field) -> Result<&'static Message, String> {
    match (field.label, field.kind) {
        (Label::Plain | Label::Optional, Kind::Message(message)) if message.form == Form::Fields => Ok(message),
        (Label::List | Label::Map, Kind::Message(_)) => {
            Err(format!("is in {}, which no path can lead into", field.name))
        }
        _ => Err(format!("is no field of {}", field.name)),
    }
}

fn place(parent: &'static Message, field: &Field) -> Place {
    Place { parent, number: field.number, kind: field.kind, label: field.label }
}
