//! Update masks as text: paths with commas between them, in the names of JSON.
//!
//! A name is looked up along its path, since some names of the contract, such as `mysqlConfig_8_0`, follow no rule. What is not found
//! there is spelled by the rule: clients send such paths, and who follows the mask decides on them.

use crate::contract::schema::{Field, Kind, Label, Message};

/// A path in the contract's names, of one in JSON's or the contract's.
pub fn read(parent: &'static Message, path: &str) -> String {
    translated(parent, path, |field| field.name, snake_case)
}

/// A path in JSON's names, of one in the contract's.
pub fn write(parent: &'static Message, path: &str) -> String {
    translated(parent, path, Field::json_name, camel_case)
}

fn translated(
    parent: &'static Message,
    path: &str,
    name_of: impl Fn(&'static Field) -> &'static str,
    by_rule: impl Fn(&str) -> String,
) -> String {
    let mut message = Some(parent);
    let mut segments = path.split('.');
    let mut names: Vec<String> = Vec::new();
    while let Some(segment) = segments.next() {
        let field = message.and_then(|message| message.field_called(segment));
        names.push(field.map_or_else(|| by_rule(segment), |field| name_of(field).to_owned()));
        if field.is_some_and(|field| field.label == Label::Map) {
            // The rest is a key.
            names.extend(segments.map(str::to_owned));
            break;
        }
        message = match field.map(|field| field.kind) {
            Some(Kind::Message(inner)) => Some(inner),
            _ => None,
        };
    }
    names.join(".")
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '_' && next.is_ascii_lowercase() => {
                camel.push(next.to_ascii_uppercase());
                letters.next();
            }
            _ => camel.push(letter),
        }
    }
    camel
}
