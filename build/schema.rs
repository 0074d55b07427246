//! Tables of messages, fields and enums: what the JSON codec needs of the descriptors, so that it decodes none at run time.

use std::collections::BTreeMap;
use std::fmt::Write;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use crate::names;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The packages whose messages annotate the contract, and are never sent.
const DESCRIPTIVE: [&str; 2] = ["google.api", "yandex.cloud.api"];
/// The file of `google.protobuf` whose messages are never sent.
const DESCRIPTOR: &str = "google/protobuf/descriptor.proto";

pub fn generate(pool: &DescriptorPool) -> Outcome<String> {
    let travels = |package: &str, file: &str| !DESCRIPTIVE.contains(&package) && file != DESCRIPTOR;
    let messages: BTreeMap<String, MessageDescriptor> = pool
        .all_messages()
        .filter(|message| travels(message.package_name(), message.parent_file().name()))
        .map(|message| (message.full_name().to_owned(), message))
        .collect();
    let enums: BTreeMap<String, EnumDescriptor> = pool
        .all_enums()
        .filter(|e| travels(e.package_name(), e.parent_file().name()))
        .map(|e| (e.full_name().to_owned(), e))
        .collect();
    let index = |name: &str| messages.keys().position(|key| key == name);
    let enum_index = |name: &str| enums.keys().position(|key| key == name);

    let mut out = String::new();
    writeln!(out, "pub(super) static MESSAGES: [Message; {}] = [", messages.len())?;
    for (name, message) in &messages {
        writeln!(out, "    Message {{ name: {name:?}, form: Form::{}, fields: &[", form(message)?)?;
        let mut fields: Vec<FieldDescriptor> = message.fields().collect();
        fields.sort_by_key(FieldDescriptor::number);
        for field in &fields {
            let kind = match field.kind() {
                Kind::Message(inner) => {
                    let index =
                        index(inner.full_name()).ok_or_else(|| format!("{} never travels", field.full_name()))?;
                    format!("Kind::Message(&MESSAGES[{index}])")
                }
                Kind::Enum(inner) => {
                    let index = enum_index(inner.full_name()).ok_or("an enum never travels")?;
                    format!("Kind::Enum(&ENUMS[{index}])")
                }
                scalar => format!("Kind::{}", names::type_name(&format!("{scalar:?}"))),
            };
            let label = match field {
                _ if field.is_map() => "Map",
                _ if field.is_list() => "List",
                _ if field.supports_presence() => "Optional",
                _ => "Plain",
            };
            let oneof = names::real_oneof(field).map(|oneof| oneof.name().to_owned());
            writeln!(
                out,
                "        Field {{ number: {}, name: {:?}, json_key: {:?}, kind: {kind}, label: Label::{label}, oneof: {oneof:?} }},",
                field.number(),
                field.name(),
                format!(",\"{}\":", field.json_name()),
            )?;
        }
        writeln!(out, "    ] }},")?;
    }
    writeln!(out, "];\n\nstatic ENUMS: [Enum; {}] = [", enums.len())?;
    for (name, e) in &enums {
        let values: Vec<_> = e.values().map(|value| (value.number(), value.name().to_owned())).collect();
        writeln!(out, "    Enum {{ name: {name:?}, values: &{values:?} }},")?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

/// The form that a message has in JSON.
fn form(message: &MessageDescriptor) -> Outcome<&'static str> {
    Ok(match message.full_name() {
        "google.protobuf.Any" => "Any",
        "google.protobuf.Timestamp" => "Timestamp",
        "google.protobuf.Duration" => "Duration",
        "google.protobuf.FieldMask" => "FieldMask",
        "google.protobuf.Empty" => "Empty",
        "google.protobuf.BoolValue"
        | "google.protobuf.BytesValue"
        | "google.protobuf.DoubleValue"
        | "google.protobuf.FloatValue"
        | "google.protobuf.Int32Value"
        | "google.protobuf.Int64Value"
        | "google.protobuf.StringValue"
        | "google.protobuf.UInt32Value"
        | "google.protobuf.UInt64Value" => "Wrapper",
        other if message.package_name() == "google.protobuf" => {
            return Err(format!("src/contract/json does not know {other}").into());
        }
        _ => "Fields",
    })
}
