//! Copies between messages with the same field names: from a request to what is kept of it, and from that to what is shown.
//!
//! Three traits are implemented from the field names alone:
//! - `CopyInto` copies every field that the target has under the same name and with the same meaning;
//! - `Overlay` replaces each default by the setting of the user, if there is one;
//! - `Secrets` shows the passwords that a message carries, and removes them.

use std::collections::BTreeSet;
use std::fmt::Write;

use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use crate::{kinds, names};

/// Sources and targets, by their names within an engine's package. Each engine that has both gets the copy.
const COPIES: [(&str, &str); 22] = [
    ("RestoreClusterRequest", "CreateClusterRequest"),
    ("CreateClusterRequest", "UpdateClusterRequest"),
    ("UpdateClusterRequest", "CreateClusterRequest"),
    ("CreateClusterRequest", "Cluster"),
    ("ConfigSpec", "ClusterConfig"),
    ("HostSpec", "Host"),
    ("HostSpec", "UpdateHostSpec"),
    ("UpdateHostSpec", "HostSpec"),
    ("DatabaseSpec", "Database"),
    ("DatabaseSpec", "UpdateDatabaseRequest"),
    ("UpdateDatabaseRequest", "DatabaseSpec"),
    ("UserSpec", "User"),
    ("UserSpec", "UpdateUserRequest"),
    ("UpdateUserRequest", "UserSpec"),
    ("SpqrSpec", "SPQRConfig"),
    ("SpqrSpec.Router", "RouterConfig"),
    ("SpqrSpec.Coordinator", "CoordinatorConfig"),
    ("SpqrSpec.PostgreSQL", "PostgreSQLConfig"),
    ("SpqrSpec.Infra", "InfraConfig"),
    ("config.MysqlConfig5_7", "config.MysqlConfig8_0"),
    ("config.MysqlConfig5_7", "config.MysqlConfig8_4"),
    ("config.MysqlConfig8_0", "config.MysqlConfig8_4"),
];

/// The fields that carry secrets, whichever message they are in.
const SECRETS: [&str; 4] = ["password", "passwords", "console_password", "generate_password"];

/// The messages that are kept. Each implements `Secrets`, even if it carries none.
const KEPT: [&str; 3] = ["CreateClusterRequest", "UpdateClusterRequest", "UserSpec"];

pub fn generate(pool: &DescriptorPool) -> Result<String, Box<dyn std::error::Error>> {
    let mut out = String::new();
    writeln!(out, "/// The fields that carry secrets, whichever message they are in.")?;
    writeln!(out, "pub const SECRET_FIELDS: [&str; {}] = {SECRETS:?};\n", SECRETS.len())?;
    let pairs = pairs(pool)?;
    for (source, target) in &pairs {
        copy(&mut out, source, target, &pairs)?;
    }
    for message in overlaid(pool) {
        overlay(&mut out, &message)?;
    }
    secrets(&mut out, pool)?;
    Ok(out)
}

fn pairs(pool: &DescriptorPool) -> Result<Vec<(MessageDescriptor, MessageDescriptor)>, Box<dyn std::error::Error>> {
    let find =
        |engine: &str, name: &str| pool.get_message_by_name(&format!("{}.{name}", names::engine_package(engine)));
    let mut pairs = kinds::pairs(pool)?;
    for (engine, _) in names::ENGINES {
        pairs.extend(COPIES.iter().filter_map(|(source, target)| Some((find(engine, source)?, find(engine, target)?))));
    }
    Ok(pairs)
}

fn copy(
    out: &mut String,
    source: &MessageDescriptor,
    target: &MessageDescriptor,
    pairs: &[(MessageDescriptor, MessageDescriptor)],
) -> std::fmt::Result {
    writeln!(out, "impl CopyInto<{}> for {} {{", names::message(target), names::message(source))?;
    writeln!(out, "    fn copy_into(&self, target: &mut {}) {{", names::message(target))?;
    let mut any = false;
    for from in source.fields() {
        let Some(to) = target.get_field_by_name(from.name()) else { continue };
        let line = copy_field(&from, &to, pairs);
        any |= line.is_some();
        writeln!(out, "        {}", line.unwrap_or_default())?;
    }
    if !any {
        writeln!(out, "        let _ = target;")?;
    }
    writeln!(out, "    }}\n}}\n")
}

/// The line that copies a field, if it means the same on both sides. The files of the engines copy members of oneofs.
fn copy_field(
    from: &FieldDescriptor,
    to: &FieldDescriptor,
    pairs: &[(MessageDescriptor, MessageDescriptor)],
) -> Option<String> {
    let field = names::ident(from.name());
    let in_oneof = |field| names::real_oneof(field).is_some();
    if from.cardinality() != to.cardinality() || in_oneof(from) || in_oneof(to) {
        return None;
    }
    match (from.kind(), to.kind()) {
        (Kind::Message(source), Kind::Message(target)) if source != target && !source.is_map_entry() => pairs
            .iter()
            .any(|(s, t)| *s == source && *t == target)
            .then(|| format!("target.{field} = self.{field}.as_ref().map(projected);")),
        (Kind::Message(source), Kind::Message(_)) if !source.is_map_entry() && !from.is_list() => {
            Some(format!("target.{field} = self.{field}.clone();"))
        }
        (Kind::Message(source), Kind::Bool | Kind::Int64) if names::is_wrapper(&source) => {
            Some(format!("target.{field} = self.{field}.unwrap_or_default();"))
        }
        (Kind::Bool | Kind::Int64, Kind::Message(target)) if names::is_wrapper(&target) => {
            Some(format!("target.{field} = Some(self.{field});"))
        }
        (Kind::Message(_), Kind::Message(_)) => Some(format!("target.{field} = self.{field}.clone();")),
        (Kind::Enum(source), Kind::Enum(target)) if source != target => (source.name() == target.name()).then(|| {
            let numbers = same_names(&source, &target);
            if from.is_list() {
                format!("target.{field} = self.{field}.iter().filter_map(|number| {numbers}).collect();")
            } else {
                format!("let number = &self.{field}; target.{field} = ({numbers}).unwrap_or_default();")
            }
        }),
        (a, b) => (a == b).then(|| format!("target.{field} = self.{field}.clone();")),
    }
}

/// An expression that turns `number` of one enum into the number that the same name has in another. The numbers may differ, and the
/// other enum may lack the name.
fn same_names(source: &EnumDescriptor, target: &EnumDescriptor) -> String {
    let arms: Vec<String> = source
        .values()
        .filter_map(|value| {
            Some(format!("{} => Some({})", value.number(), target.get_value_by_name(value.name())?.number()))
        })
        .collect();
    format!("match *number {{ {}, _ => None }}", arms.join(", "))
}

/// The messages that are the type of some field `user_config`.
fn overlaid(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    let mut names = BTreeSet::new();
    for message in pool.all_messages() {
        if let Some(Kind::Message(config)) = message.get_field_by_name("user_config").map(|field| field.kind()) {
            names.insert(config.full_name().to_owned());
        }
    }
    names.into_iter().filter_map(|name| pool.get_message_by_name(&name)).collect()
}

fn overlay(out: &mut String, message: &MessageDescriptor) -> std::fmt::Result {
    writeln!(out, "impl Overlay for {} {{\n    fn overlay(&mut self, user: &Self) {{", names::message(message))?;
    for field in message.fields() {
        let rust = names::ident(field.name());
        let given = match field.kind() {
            _ if field.is_list() => format!("!user.{rust}.is_empty()"),
            Kind::Message(_) => format!("user.{rust}.is_some()"),
            Kind::String => format!("!user.{rust}.is_empty()"),
            Kind::Bool => format!("user.{rust}"),
            kind => format!("user.{rust} != {}", names::zero(&kind)),
        };
        writeln!(out, "        if {given} {{ self.{rust} = user.{rust}.clone(); }}")?;
    }
    writeln!(out, "    }}\n}}\n")
}

/// Writes `Secrets` for every message that carries one, itself or in a message inside it.
fn secrets(out: &mut String, pool: &DescriptorPool) -> std::fmt::Result {
    let secretive = |message: &MessageDescriptor| KEPT.contains(&message.name()) || has_secrets(message, 0);
    for message in pool.all_messages().filter(|message| !message.is_map_entry() && secretive(message)) {
        let (mut shown, mut forgotten) = (String::new(), String::new());
        for field in message.fields() {
            if SECRETS.contains(&field.name()) {
                show_secret(&mut shown, &field)?;
                writeln!(forgotten, "        self.{} = Default::default();", names::ident(field.name()))?;
            } else if matches!(field.kind(), Kind::Message(inner) if has_secrets(&inner, 0)) {
                secrets_within(&mut shown, &mut forgotten, &field)?;
            }
        }
        let (at, see) = if shown.is_empty() { ("_", "_") } else { ("at", "see") };
        writeln!(out, "impl Secrets for {} {{", names::message(&message))?;
        writeln!(
            out,
            "    fn show_secrets(&self, {at}: &str, {see}: &mut dyn FnMut(String, &str)) {{\n{shown}    }}\n"
        )?;
        writeln!(out, "    fn forget_secrets(&mut self) {{\n{forgotten}    }}\n}}\n")?;
    }
    Ok(())
}

/// Writes how a secret itself is shown, if it is a text: a request to make a password up shows none.
fn show_secret(out: &mut String, field: &FieldDescriptor) -> std::fmt::Result {
    let (name, rust) = (field.name(), names::ident(field.name()));
    match (field.kind(), field.is_list()) {
        (Kind::String, true) => writeln!(
            out,
            "        for (index, secret) in self.{rust}.iter().enumerate() {{ see(format!(\"{{at}}{name}[{{index}}]\"), secret); }}"
        ),
        (Kind::String, false) => {
            writeln!(out, "        if !self.{rust}.is_empty() {{ see(format!(\"{{at}}{name}\"), &self.{rust}); }}")
        }
        _ => Ok(()),
    }
}

/// Writes how the secrets of an inner message are shown and forgotten.
fn secrets_within(shown: &mut String, forgotten: &mut String, field: &FieldDescriptor) -> std::fmt::Result {
    let (name, rust) = (field.name(), names::ident(field.name()));
    let within = format!("inner.show_secrets(&format!(\"{{at}}{name}.\"), see);");
    if let Some(oneof) = names::real_oneof(field) {
        let (rust, member) =
            (names::ident(oneof.name()), format!("{}::{}", names::oneof(&oneof), names::type_name(name)));
        writeln!(shown, "        if let Some({member}(inner)) = &self.{rust} {{ {within} }}")?;
        return writeln!(
            forgotten,
            "        if let Some({member}(inner)) = &mut self.{rust} {{ inner.forget_secrets(); }}"
        );
    }
    if field.is_list() {
        writeln!(
            shown,
            "        for (index, inner) in self.{rust}.iter().enumerate() {{ inner.show_secrets(&format!(\"{{at}}{name}[{{index}}].\"), see); }}"
        )?;
    } else {
        writeln!(shown, "        if let Some(inner) = &self.{rust} {{ {within} }}")?;
    }
    writeln!(forgotten, "        self.{rust}.iter_mut().for_each(Secrets::forget_secrets);")
}

fn has_secrets(message: &MessageDescriptor, depth: usize) -> bool {
    message.package_name().starts_with("yandex.cloud.mdb") && depth < 8 && message.fields().any(|field| {
        SECRETS.contains(&field.name())
            || matches!(field.kind(), Kind::Message(inner) if !inner.is_map_entry() && has_secrets(&inner, depth + 1))
    })
}
