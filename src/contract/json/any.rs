//! Messages that name their own type.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::read::{Element, Given, Object, Reader, rule};
use super::value::{self, Place, Sort};
use super::wire;
use crate::contract::schema::{self, Form, Kind, Label, Message};

/// How many may be within each other. The parser bounds the depth of everything else.
const DEEPEST: usize = 8;

/// The fields of `google.protobuf.Any`.
const TYPE_URL: u32 = 1;
const VALUE: u32 = 2;

impl Element<'_, '_> {
    /// Reads one. It is gone through twice, since the type's name may come last.
    pub fn read_any<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?;
        if json.get() == "null" {
            return self.visit_unit();
        }
        let Element { reader, place, .. } = self;
        if let Some(sort) = Sort::of(json.get().as_bytes()).filter(|sort| *sort != Sort::Object) {
            return Err(D::Error::custom(value::unfit(place.kind, Some(sort))));
        }
        if reader.within_any == DEEPEST {
            return Err(D::Error::custom("has too many messages within each other"));
        }
        reader.within_any += 1;
        let start = wire::open(reader.out, place.number);
        content(reader, json).map_err(|error| D::Error::custom(rule(&error)))?;
        wire::close(reader.out, start);
        reader.within_any -= 1;
        Ok(true)
    }
}

fn content(reader: &mut Reader<'_>, json: &RawValue) -> serde_json::Result<()> {
    let parser = || serde_json::Deserializer::from_str(json.get());
    let Some(url) = parser().deserialize_any(TypeName)? else { return Ok(()) };
    let name = url.rsplit('/').next().unwrap_or_default();
    let unknown = || serde_json::Error::custom("has an @type that is not known");
    let message = schema::message(name).ok_or_else(unknown)?;
    wire::put(reader.out, TYPE_URL, wire::Value::Bytes(url.as_bytes()));
    if message.form == Form::Fields {
        let start = wire::open(reader.out, VALUE);
        let given = &mut Given::default();
        Object { reader: &mut *reader, message, given, typed: true }.deserialize(&mut parser())?;
        wire::close(reader.out, start);
        Ok(())
    } else {
        parser().deserialize_map(TypedValue { reader, message })
    }
}

/// The name of an object's type; an object of nothing has none.
struct TypeName;

impl<'de> Visitor<'de> for TypeName {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Option<String>, A::Error> {
        let (mut named, mut others) = (None, false);
        while let Some(name) = entries.next_key::<Cow<'de, str>>()? {
            if name != "@type" {
                others = true;
                entries.next_value::<IgnoredAny>()?;
            } else if named.replace(type_name(entries.next_value()?)?).is_some() {
                return Err(A::Error::custom("has two @type"));
            }
        }
        if named.is_none() && others {
            return Err(A::Error::custom("must name its type by @type"));
        }
        Ok(named)
    }
}

fn type_name<E: Error>(json: &RawValue) -> Result<String, E> {
    let unfit = || {
        E::custom(format!(
            "must name its type by @type, which {}",
            value::unfit(Kind::String, Sort::of(json.get().as_bytes()))
        ))
    };
    serde_json::from_str(json.get()).map_err(|_| unfit())
}

/// What an object has beside its type's name if the type is one that JSON has no object for.
struct TypedValue<'r, 'o> {
    reader: &'r mut Reader<'o>,
    message: &'static Message,
}

impl<'de> Visitor<'de> for TypedValue<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Self { reader, message } = self;
        // On the wire a message, and bytes that are one, are the same.
        let place = Place { parent: message, number: VALUE, kind: Kind::Message(message), label: Label::Optional };
        let mut given = false;
        while let Some(name) = entries.next_key::<Cow<'de, str>>()? {
            match &*name {
                "@type" => _ = entries.next_value::<IgnoredAny>()?,
                "value" if !given => {
                    given = entries.next_value_seed(Element { reader: &mut *reader, place, nullable: true })?;
                }
                _ => return Err(A::Error::custom("must have nothing but @type and one value")),
            }
        }
        Ok(())
    }
}
