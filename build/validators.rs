//! The contract's validation rules as code: `Validate` for every message that a request can carry.
//!
//! An empty string counts as unset, since proto3 cannot tell the two apart: of all rules, only `required` applies to it. A pattern has
//! to match the whole value. A field of an enum has to hold a number that the enum defines.

use std::collections::BTreeSet;
use std::fmt::Write;

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::waivers::{WAIVERS, ZERO_IS_DEFAULT};
use crate::{names, rules};

/// Messages without annotations. Their rules are written by hand in `src/contract/validation.rs`.
const BY_HAND: [&str; 1] = ["google.type.TimeOfDay"];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

pub fn generate(pool: &DescriptorPool) -> Outcome<String> {
    let mut generator = Generator { pool, patterns: Vec::new(), waived: BTreeSet::new() };
    let mut out = String::new();
    for name in generator.requests() {
        if BY_HAND.contains(&name.as_str()) {
            continue;
        }
        let message = pool.get_message_by_name(&name).ok_or("a request's message exists")?;
        generator.message(&mut out, &message)?;
    }
    if let Some((field, rule, _)) = WAIVERS.iter().find(|(field, rule, _)| !generator.waived.contains(&(*field, *rule)))
    {
        return Err(format!("build/waivers.rs waives {rule} on {field}, which has no such rule").into());
    }
    writeln!(out, "static PATTERNS: [Pattern; {}] = [", generator.patterns.len())?;
    for pattern in &generator.patterns {
        writeln!(out, "    Pattern::new({pattern:?}),")?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

struct Generator<'a> {
    pool: &'a DescriptorPool,
    patterns: Vec<String>,
    waived: BTreeSet<(&'static str, &'static str)>,
}

impl Generator<'_> {
    /// The names of all messages that are a request, or are inside one.
    fn requests(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open: Vec<MessageDescriptor> = self
            .pool
            .services()
            .flat_map(|service| service.methods().map(|method| method.input()).collect::<Vec<_>>())
            .collect();
        while let Some(message) = open.pop() {
            if message.is_map_entry()
                || message.package_name().starts_with("google.protobuf")
                || !found.insert(message.full_name().to_owned())
            {
                continue;
            }
            open.extend(message.fields().filter_map(|field| match field.kind() {
                Kind::Message(inner) => Some(inner),
                _ => None,
            }));
        }
        found
    }

    fn message(&mut self, out: &mut String, message: &MessageDescriptor) -> Outcome<()> {
        let mut body = String::new();
        for oneof in message.oneofs() {
            if boolean(oneof.options(), self.extension("exactly_one")?) || rules::exactly_one(oneof.full_name()) {
                writeln!(
                    body,
                    "        check.exactly_one({:?}, self.{}.is_some());",
                    oneof.name(),
                    names::ident(oneof.name())
                )?;
            }
        }
        for field in message.fields() {
            self.field(&mut body, &field)?;
        }
        let check = if body.is_empty() { "_" } else { "check" };
        writeln!(out, "impl Validate for {} {{", names::message(message))?;
        writeln!(out, "    fn validate(&self, {check}: &mut Check) {{\n{body}    }}\n}}\n")?;
        Ok(())
    }

    fn field(&mut self, out: &mut String, field: &FieldDescriptor) -> Outcome<()> {
        let rules = self.rules(field)?;
        let name = field.name();
        if let Some(oneof) = names::real_oneof(field) {
            let check = match field.kind() {
                Kind::Message(inner) if inner.package_name().starts_with("google.protobuf") => String::new(),
                Kind::Message(_) => format!("check.within({name:?}, value);"),
                kind => self.value_rules(name, "value", kind == Kind::String, &rules)?,
            };
            if !check.is_empty() {
                let (path, variant) = (names::oneof(&oneof), names::type_name(name));
                let oneof = names::ident(oneof.name());
                writeln!(out, "        if let Some({path}::{variant}(value)) = &self.{oneof} {{ {check} }}")?;
            }
            return Ok(());
        }
        let access = format!("self.{}", names::ident(name));
        if rules.required {
            let given = match field.kind() {
                _ if field.is_list() || field.is_map() => format!("!{access}.is_empty()"),
                // A mask without paths names nothing.
                Kind::Message(inner) if inner.full_name() == "google.protobuf.FieldMask" => {
                    format!("{access}.as_ref().is_some_and(|mask| !mask.paths.is_empty())")
                }
                Kind::Message(_) => format!("{access}.is_some()"),
                Kind::String => format!("!{access}.is_empty()"),
                kind => format!("{access} != {}", names::zero(&kind)),
            };
            writeln!(out, "        check.required({name:?}, {given});")?;
        }
        if let Kind::Enum(known) = field.kind() {
            let (path, many) = (names::enumeration(&known), if field.is_list() { "s" } else { "" });
            writeln!(
                out,
                "        check.known_value{many}({name:?}, {known:?}, &{access}, |number| {path}::try_from(number).is_ok());",
                known = known.name(),
            )?;
        }
        if let Some(size) = &rules.size {
            writeln!(out, "        check.size({name:?}, {access}.len(), {});", bounds(size)?)?;
        }
        if rules.unique {
            writeln!(out, "        check.unique({name:?}, &{access});")?;
        }
        match field.kind() {
            Kind::Message(entry) if entry.is_map_entry() => {
                self.map_entries(out, name, &access, &rules, &entry)?;
            }
            Kind::Message(inner) if names::is_wrapper(&inner) => {
                let text = inner.full_name().ends_with("StringValue");
                let lines = self.value_rules(name, "value", text, &rules)?;
                if !lines.is_empty() {
                    writeln!(out, "        if let Some(value) = &{access} {{ {lines} }}")?;
                }
            }
            Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" && !field.is_list() => {
                let range = rules.value.as_deref().map(instants).transpose()?;
                writeln!(
                    out,
                    "        if let Some(value) = &{access} {{ check.timestamp({name:?}, value, {range:?}); }}"
                )?;
            }
            // The handlers of the control API say more of theirs.
            Kind::Message(inner)
                if inner.full_name() == "google.protobuf.Duration"
                    && !field.is_list()
                    && !field.full_name().starts_with("mdb.emulator.") =>
            {
                writeln!(out, "        if let Some(value) = &{access} {{ check.duration({name:?}, value); }}")?;
            }
            Kind::Message(inner) if inner.package_name().starts_with("google.protobuf") => {}
            Kind::Message(_) if field.is_list() => writeln!(out, "        check.each({name:?}, &{access});")?,
            Kind::Message(_) => {
                writeln!(out, "        if let Some(value) = &{access} {{ check.within({name:?}, value); }}")?;
            }
            kind if field.is_list() => {
                let lines = self.value_rules(name, "value", kind == Kind::String, &rules)?;
                if !lines.is_empty() {
                    writeln!(
                        out,
                        "        for (index, value) in {access}.iter().enumerate() {{ check.at_index({name:?}, index, |check| {{ {} }}); }}",
                        lines.replace(&format!("({name:?}, "), "(\"\", ")
                    )?;
                }
            }
            kind => {
                let lines = self.value_rules(name, "value", kind == Kind::String, &rules)?;
                if !lines.is_empty() {
                    let zero_is_default = ZERO_IS_DEFAULT.contains(&field.full_name());
                    let given = match kind {
                        Kind::String => "!value.is_empty()",
                        _ if zero_is_default => "*value != 0",
                        _ => "true",
                    };
                    writeln!(out, "        {{ let value = &{access}; if {given} {{ {lines} }} }}")?;
                }
            }
        }
        Ok(())
    }

    fn map_entries(
        &mut self,
        out: &mut String,
        name: &str,
        access: &str,
        rules: &Rules,
        entry: &MessageDescriptor,
    ) -> Outcome<()> {
        let text = entry.map_entry_value_field().kind() == Kind::String;
        let values = self.value_rules("", "value", text, rules)?;
        let keys = match &rules.map_key {
            Some(keys) => self.value_rules("", "key", true, keys)?,
            None => String::new(),
        };
        if !keys.is_empty() || !values.is_empty() {
            writeln!(
                out,
                "        for (key, value) in &{access} {{ check.at_entry({name:?}, key, |check| {{ {keys} }}, |check| {{ let _ = value; {values} }}); }}"
            )?;
        }
        Ok(())
    }

    /// The code that checks one value. `value` is the name of a reference to it.
    fn value_rules(&mut self, name: &str, value: &str, text: bool, rules: &Rules) -> Outcome<String> {
        let mut lines = String::new();
        if let Some(pattern) = &rules.pattern {
            regex_lite::Regex::new(pattern)?;
            let index = self.patterns.iter().position(|known| known == pattern).unwrap_or_else(|| {
                self.patterns.push(pattern.clone());
                self.patterns.len() - 1
            });
            write!(lines, "check.pattern({name:?}, {value}, &PATTERNS[{index}]); ")?;
        }
        if let Some(length) = &rules.length {
            write!(lines, "check.length({name:?}, {value}, {}); ", bounds(length)?)?;
        }
        if let Some(range) = &rules.value {
            assert!(!text, "a range on text");
            write!(lines, "check.value({name:?}, *{value}, {}); ", bounds(range)?)?;
        }
        Ok(lines)
    }

    fn extension(&self, name: &str) -> Outcome<prost_reflect::ExtensionDescriptor> {
        let found = self.pool.get_extension_by_name(&format!("yandex.cloud.{name}"));
        found.ok_or_else(|| format!("validation.proto has no {name}").into())
    }

    fn rules(&mut self, field: &FieldDescriptor) -> Outcome<Rules> {
        let options = field.options();
        let text = |name: &str| -> Outcome<Option<String>> { Ok(string(&options, &self.extension(name)?)) };
        let mut rules = Rules {
            required: boolean(field.options(), self.extension("required")?),
            unique: boolean(field.options(), self.extension("unique")?),
            pattern: text("pattern")?,
            value: text("value")?,
            size: text("size")?,
            length: text("length")?,
            map_key: None,
        };
        if text("bytes")?.is_some() {
            return Err(format!("{}: no validator is written for (bytes)", field.full_name()).into());
        }
        let map_key = self.extension("map_key")?;
        if let (true, Value::Message(keys)) =
            (options.has_extension(&map_key), options.get_extension(&map_key).into_owned())
        {
            let of = |name: &str| {
                let value = keys.get_field_by_name(name)?;
                value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
            };
            let keys = Rules { pattern: of("pattern"), length: of("length"), ..Rules::default() };
            rules.map_key = Some(Box::new(keys));
        }
        rules::add(field.parent_message().full_name(), field.name(), &mut rules);
        for (_, rule, _) in WAIVERS.iter().filter(|(waived, _, _)| *waived == field.full_name()) {
            let had = match *rule {
                "size" => rules.size.take().is_some(),
                "pattern" => rules.pattern.take().is_some(),
                "length" => rules.length.take().is_some(),
                "value" => rules.value.take().is_some(),
                "required" => std::mem::take(&mut rules.required),
                _ => false,
            };
            if had {
                let known =
                    WAIVERS.iter().find(|(f, r, _)| *f == field.full_name() && r == rule).expect("it is being applied");
                self.waived.insert((known.0, known.1));
            }
        }
        Ok(rules)
    }
}

/// The rules of one field.
#[derive(Default)]
pub struct Rules {
    pub required: bool,
    pub unique: bool,
    pub pattern: Option<String>,
    pub value: Option<String>,
    pub size: Option<String>,
    pub length: Option<String>,
    pub map_key: Option<Box<Rules>>,
}

fn boolean(options: DynamicMessage, extension: prost_reflect::ExtensionDescriptor) -> bool {
    options.get_extension(&extension).as_bool().unwrap_or(false)
}

fn string(options: &DynamicMessage, extension: &prost_reflect::ExtensionDescriptor) -> Option<String> {
    let value = options.get_extension(extension);
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The inclusive `Bounds` of a range, which the contract writes as `N`, `N-M`, `<=N`, `>=N` or `>N`.
fn bounds(text: &str) -> Outcome<String> {
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("not a range of numbers: {text:?}"));
    let (least, most) = if let Some(most) = text.strip_prefix("<=") {
        (None, Some(number(most)?))
    } else if let Some(least) = text.strip_prefix(">=") {
        (Some(number(least)?), None)
    } else if let Some(least) = text.strip_prefix('>') {
        (Some(number(least)? + 1), None)
    } else if let Some(dash) = text[1..].find('-') {
        (Some(number(&text[..=dash])?), Some(number(&text[dash + 2..])?))
    } else {
        (Some(number(text)?), Some(number(text)?))
    };
    Ok(format!("Bounds {{ least: {least:?}, most: {most:?} }}"))
}

/// The seconds since 1970 of a range of instants, which the contract writes as `yyyyMMddTHHmmss.n-yyyyMMddTHHmmss.n`.
fn instants(text: &str) -> Outcome<(i64, i64)> {
    let seconds = |text: &str| {
        let (date, time) = (text.get(..8)?, text.get(9..15)?);
        let written =
            format!("{}-{}-{}T{}:{}:{}Z", &date[..4], &date[4..6], &date[6..], &time[..2], &time[2..4], &time[4..]);
        written.parse::<prost_types::Timestamp>().ok().map(|timestamp| timestamp.seconds)
    };
    let ends = text.split_once('-').and_then(|(from, to)| Some((seconds(from)?, seconds(to)?)));
    ends.ok_or_else(|| format!("not a range of instants: {text:?}").into())
}
