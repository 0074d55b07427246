//! The Rust names of what the contract defines: the same that prost gives them.

use heck::{ToSnakeCase, ToUpperCamelCase};
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

/// The engines: the part of a package's name that stands for the engine, and its type in Rust.
pub const ENGINES: [(&str, &str); 4] =
    [("redis", "Redis"), ("mysql", "Mysql"), ("sqlserver", "SqlServer"), ("spqr", "Spqr")];

/// The package of an engine's own messages.
pub fn engine_package(engine: &str) -> String {
    format!("yandex.cloud.mdb.{engine}.v1")
}

/// The name of a field, method or module, escaped if it is a keyword of Rust.
pub fn ident(name: &str) -> String {
    let snake = name.to_snake_case();
    match snake.as_str() {
        "type" | "move" | "match" | "use" | "enum" | "struct" | "loop" | "ref" | "in" | "as" => format!("r#{snake}"),
        _ => snake,
    }
}

/// The name of a message or of an enum's value, as prost spells it.
pub fn type_name(name: &str) -> String {
    name.to_upper_camel_case()
}

/// The Rust path of a message.
pub fn message(message: &MessageDescriptor) -> String {
    match message.full_name() {
        "google.protobuf.Timestamp" => "::prost_types::Timestamp".into(),
        "google.protobuf.Duration" => "::prost_types::Duration".into(),
        "google.protobuf.FieldMask" => "::prost_types::FieldMask".into(),
        "google.protobuf.Any" => "::prost_types::Any".into(),
        "google.protobuf.Empty" => "()".into(),
        "google.protobuf.Int64Value" => "i64".into(),
        "google.protobuf.BoolValue" => "bool".into(),
        "google.protobuf.DoubleValue" => "f64".into(),
        "google.protobuf.StringValue" => "::prost::alloc::string::String".into(),
        _ => scoped(message.package_name(), message.parent_message(), message.name()),
    }
}

/// The Rust path of an enum.
pub fn enumeration(e: &EnumDescriptor) -> String {
    scoped(e.package_name(), e.parent_message(), e.name())
}

/// The Rust path of the enum that prost makes of a oneof.
pub fn oneof(oneof: &prost_reflect::OneofDescriptor) -> String {
    let parent = oneof.parent_message();
    scoped(parent.package_name(), Some(parent.clone()), oneof.name())
}

fn scoped(package: &str, parent: Option<MessageDescriptor>, name: &str) -> String {
    let mut modules: Vec<String> = Vec::new();
    let mut outer = parent;
    while let Some(message) = outer {
        modules.push(ident(message.name()));
        outer = message.parent_message();
    }
    modules.reverse();
    let package: Vec<String> = package.split('.').map(ident).collect();
    let path: Vec<String> = package.into_iter().chain(modules).collect();
    format!("crate::contract::proto::{}::{}", path.join("::"), type_name(name))
}

/// Whether a message wraps a single scalar, so that it can be unset.
pub fn is_wrapper(message: &MessageDescriptor) -> bool {
    matches!(
        message.full_name(),
        "google.protobuf.Int64Value"
            | "google.protobuf.BoolValue"
            | "google.protobuf.DoubleValue"
            | "google.protobuf.StringValue"
    )
}

/// The oneof of a field, unless it is the synthetic one of a proto3 `optional` field.
pub fn real_oneof(field: &FieldDescriptor) -> Option<prost_reflect::OneofDescriptor> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic())
}

/// The Rust type of a scalar; `None` for any other kind.
pub fn scalar(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Double => "f64",
        Kind::Float => "f32",
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Enum(_) => "i32",
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "i64",
        Kind::Uint32 | Kind::Fixed32 => "u32",
        Kind::Uint64 | Kind::Fixed64 => "u64",
        Kind::Bool => "bool",
        Kind::String | Kind::Bytes | Kind::Message(_) => return None,
    })
}

/// The default of a scalar, as a literal of its type.
pub fn zero(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double | Kind::Float => "0.0",
        Kind::Bool => "false",
        _ => "0",
    }
}

/// The Rust type of one item of a field.
pub fn item(kind: &Kind) -> String {
    match kind {
        Kind::Message(m) => message(m),
        Kind::String => "::prost::alloc::string::String".into(),
        Kind::Bytes => "::prost::alloc::vec::Vec<u8>".into(),
        kind => scalar(kind).expect("the rest are scalars").into(),
    }
}
