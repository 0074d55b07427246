//! The engines' messages behind traits, so that a handler is written once and serves all of them.
//!
//! Messages with the same name in several engines differ little: mostly, one has a field that another lacks. For each such name
//! there is a trait with a getter and a setter for every field that has the same type wherever it exists. Where an engine's
//! message lacks the field, the getter returns the default, and the setter does nothing.

use std::collections::BTreeMap;
use std::fmt::Write;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

use crate::names;

/// The families: a trait, the engines that have it, and its documentation. A message belongs to the family of exactly those engines
/// that have a message of its name. A message that only one engine has is in a family if an RPC takes it, or tells it in the metadata
/// of an operation: so the handler of such an RPC is generic too.
const FAMILIES: [(&str, &[&str], &str); 11] = [
    (
        "Messages",
        &["redis", "mysql", "sqlserver", "spqr"],
        "The messages that every engine has, under its own package.",
    ),
    (
        "ManagedMessages",
        &["redis", "mysql", "spqr"],
        "Messages of engines whose hosts, backups and maintenance are managed.",
    ),
    ("DatabaseMessages", &["mysql", "sqlserver", "spqr"], "Messages of engines that have databases."),
    ("FailoverMessages", &["redis", "mysql", "sqlserver"], "Messages of engines that fail over on demand."),
    ("RetentionMessages", &["redis", "mysql"], "Messages of engines with retention policies and a list of versions."),
    ("GrantMessages", &["mysql", "sqlserver"], "Messages of engines that grant permissions one at a time."),
    ("ShardMessages", &["redis", "spqr"], "Messages of engines whose clusters have shards."),
    ("SlotMessages", &["redis"], "Messages of engines that spread their keys over slots of shards."),
    ("ProtectionMessages", &["mysql"], "Messages of engines whose databases can be changed."),
    ("TransferMessages", &["sqlserver"], "Messages of engines that restore, import and export a single database."),
    ("SubclusterMessages", &["spqr"], "Messages of engines whose hosts are of several types."),
];

/// The messages that have the same name in several engines.
struct Shared {
    name: String,
    family: usize,
    messages: Vec<(&'static str, MessageDescriptor)>,
}

impl Shared {
    /// The Rust path of the message of one engine.
    fn path_in(&self, engine: &str) -> String {
        let (_, descriptor) = self.messages.iter().find(|(of, _)| *of == engine).expect("the family has the engine");
        names::message(descriptor)
    }
}

pub fn generate(pool: &DescriptorPool) -> Result<String, Box<dyn std::error::Error>> {
    let shared = shared_messages(pool)?;
    let mut out = String::new();
    for (_, engine) in names::ENGINES {
        writeln!(out, "/// The messages of {engine}.\n#[derive(Clone, Copy, Debug)]\npub enum {engine} {{}}\n")?;
    }
    for (index, (family, engines, doc)) in FAMILIES.iter().enumerate() {
        writeln!(out, "/// {doc}\npub trait {family}: {} {{", parents(index))?;
        for message in shared.iter().filter(|message| message.family == index) {
            writeln!(out, "    /// `{}` of this engine.", message.name)?;
            writeln!(out, "    type {0}: fields::{0}<Self> + ContractMessage;", names::type_name(&message.name))?;
        }
        writeln!(out, "}}\n")?;
        for engine in *engines {
            writeln!(out, "impl {family} for {} {{", engine_type(engine))?;
            for message in shared.iter().filter(|message| message.family == index) {
                writeln!(out, "    type {} = {};", names::type_name(&message.name), message.path_in(engine))?;
            }
            writeln!(out, "}}\n")?;
        }
    }
    writeln!(
        out,
        "/// The fields that the engines' messages of one name share.\npub mod fields {{\n    use super::*;\n"
    )?;
    for message in &shared {
        accessors(&mut out, message, &shared)?;
    }
    writeln!(out, "    /// Every trait of accessors, for their methods alone.\n    pub mod methods {{")?;
    for message in &shared {
        writeln!(out, "        pub use super::{} as _;", names::type_name(&message.name))?;
    }
    writeln!(out, "    }}\n}}")?;
    Ok(out)
}

/// What a family builds on: the families whose engines include all of its own.
fn parents(family: usize) -> String {
    let wider = |other: &usize| *other != family && includes(*other, family);
    let parents: Vec<&str> = (0..FAMILIES.len()).filter(wider).map(|index| FAMILIES[index].0).collect();
    if parents.is_empty() { "Sized + 'static".into() } else { parents.join(" + ") }
}

/// Whether every engine of one family is also in another.
fn includes(wider: usize, family: usize) -> bool {
    FAMILIES[family].1.iter().all(|engine| FAMILIES[wider].1.contains(engine))
}

fn engine_type(engine: &str) -> &'static str {
    names::ENGINES.iter().find(|(name, _)| *name == engine).expect("a known engine").1
}

/// The message names that at least two engines have, or that an RPC of one engine needs, each with its family.
fn shared_messages(pool: &DescriptorPool) -> Result<Vec<Shared>, String> {
    let mut by_name: BTreeMap<String, Vec<(&'static str, MessageDescriptor)>> = BTreeMap::new();
    for (engine, _) in names::ENGINES {
        let package = names::engine_package(engine);
        for message in pool.all_messages().filter(|m| m.package_name() == package && m.parent_message().is_none()) {
            by_name.entry(message.name().to_owned()).or_default().push((engine, message));
        }
    }
    by_name.retain(|name, messages| messages.len() > 1 || name.ends_with("Request") || name.ends_with("Metadata"));
    by_name
        .into_iter()
        .map(|(name, messages)| {
            let engines: Vec<&str> = messages.iter().map(|(engine, _)| *engine).collect();
            let family = FAMILIES.iter().position(|(_, of, _)| *of == engines);
            let family =
                family.ok_or_else(|| format!("no family in build/engines.rs has just {engines:?}, as {name} does"))?;
            Ok(Shared { name, family, messages })
        })
        .collect()
}

/// Writes the trait of accessors for one message name, and its implementations.
fn accessors(out: &mut String, message: &Shared, shared: &[Shared]) -> std::fmt::Result {
    let mut fields: BTreeMap<String, Vec<Option<Accessor>>> = BTreeMap::new();
    for (index, (_, descriptor)) in message.messages.iter().enumerate() {
        for field in descriptor.fields() {
            let slots = fields.entry(field.name().to_owned()).or_insert_with(|| vec![None; message.messages.len()]);
            slots[index] = Some(Accessor::of(&field, message.family, shared));
        }
    }
    fields.retain(|_, slots| {
        let first = common(slots).clone();
        first != Accessor::Unshared && slots.iter().flatten().all(|other| *other == first)
    });
    let name = names::type_name(&message.name);
    let family = FAMILIES[message.family].0;
    writeln!(out, "    /// Fields of `{}`.\n    pub trait {name}<E: {family}> {{", message.name)?;
    for (field, slots) in &fields {
        let (get, set) = common(slots).types(&|own| format!("E::{}", names::type_name(&shared[own].name)));
        let rust = names::ident(field);
        writeln!(
            out,
            "        /// `{field}`, or its default where the engine lacks it.\n        fn {rust}(&self) -> {get};"
        )?;
        writeln!(out, "        /// Sets `{field}`; does nothing where the engine lacks it.")?;
        writeln!(out, "        fn set_{field}(&mut self, value: {set});")?;
    }
    writeln!(out, "    }}\n")?;
    for (index, (engine, descriptor)) in message.messages.iter().enumerate() {
        writeln!(out, "    impl {name}<{}> for {} {{", engine_type(engine), names::message(descriptor))?;
        for (field, slots) in &fields {
            let accessor = common(slots);
            let (get, set) = accessor.types(&|own| shared[own].path_in(engine));
            let rust = names::ident(field);
            if slots[index].is_some() {
                writeln!(out, "        fn {rust}(&self) -> {get} {{ {} }}", accessor.get(&rust))?;
                writeln!(out, "        fn set_{field}(&mut self, value: {set}) {{ self.{rust} = value; }}")?;
            } else {
                writeln!(out, "        fn {rust}(&self) -> {get} {{ {} }}", accessor.absent())?;
                writeln!(out, "        fn set_{field}(&mut self, _: {set}) {{}}")?;
            }
        }
        writeln!(out, "    }}\n")?;
    }
    Ok(())
}

fn common(slots: &[Option<Accessor>]) -> &Accessor {
    slots.iter().flatten().next().expect("somebody has the field")
}

/// The type of one item of a field.
#[derive(Clone, PartialEq)]
enum Item {
    Path(String),
    /// A message that each engine has in its own package: its index in the list of shared messages.
    Own(usize),
}

/// How a field is read and set through a trait.
#[derive(Clone, PartialEq)]
enum Accessor {
    Scalar(&'static str),
    Wrapper(String),
    Text,
    Message(Item),
    Items(Item),
    Map(String, String),
    /// There is no accessor: the field is in a oneof, or the engines do not share its type.
    Unshared,
}

impl Accessor {
    fn of(field: &FieldDescriptor, family: usize, shared: &[Shared]) -> Accessor {
        if names::real_oneof(field).is_some() {
            return Accessor::Unshared;
        }
        let kind = field.kind();
        match (&kind, field.is_list()) {
            (Kind::Message(entry), _) if entry.is_map_entry() => Accessor::Map(
                names::item(&entry.map_entry_key_field().kind()),
                names::item(&entry.map_entry_value_field().kind()),
            ),
            (Kind::Message(message), list) => match item(message, family, shared) {
                None => Accessor::Unshared,
                Some(item) if list => Accessor::Items(item),
                Some(Item::Path(path)) if names::is_wrapper(message) && !path.ends_with("String") => {
                    Accessor::Wrapper(path)
                }
                Some(item) => Accessor::Message(item),
            },
            (_, true) => Accessor::Items(Item::Path(names::item(&kind))),
            (Kind::String, false) => Accessor::Text,
            (Kind::Bytes, false) => Accessor::Unshared,
            (_, false) => Accessor::Scalar(names::scalar(&kind).expect("the rest are scalars")),
        }
    }

    /// The type that the getter returns, and the type that the setter takes. `own` names a shared message by its index.
    fn types(&self, own: &dyn Fn(usize) -> String) -> (String, String) {
        let path = |item: &Item| match item {
            Item::Path(path) => path.clone(),
            Item::Own(index) => own(*index),
        };
        const MAP: &str = "::std::collections::BTreeMap";
        match self {
            Accessor::Scalar(name) => ((*name).into(), (*name).into()),
            Accessor::Wrapper(name) => (format!("Option<{name}>"), format!("Option<{name}>")),
            Accessor::Text => ("&str".into(), "::prost::alloc::string::String".into()),
            Accessor::Message(item) => (format!("Option<&{}>", path(item)), format!("Option<{}>", path(item))),
            Accessor::Items(item) => (format!("&[{}]", path(item)), format!("Vec<{}>", path(item))),
            Accessor::Map(key, value) => (format!("&{MAP}<{key}, {value}>"), format!("{MAP}<{key}, {value}>")),
            Accessor::Unshared => unreachable!("never offered"),
        }
    }

    fn get(&self, field: &str) -> String {
        match self {
            Accessor::Scalar(_) | Accessor::Wrapper(_) => format!("self.{field}"),
            Accessor::Message(_) => format!("self.{field}.as_ref()"),
            _ => format!("&self.{field}"),
        }
    }

    fn absent(&self) -> &'static str {
        match self {
            Accessor::Scalar(_) => "Default::default()",
            Accessor::Wrapper(_) | Accessor::Message(_) => "None",
            Accessor::Text => "\"\"",
            Accessor::Items(_) => "&[]",
            Accessor::Map(..) => "const { &::std::collections::BTreeMap::new() }",
            Accessor::Unshared => unreachable!("never offered"),
        }
    }
}

/// The type of a message field, written so that it holds for all engines of a family; `None` if it cannot be.
fn item(message: &MessageDescriptor, family: usize, shared: &[Shared]) -> Option<Item> {
    let engines = names::ENGINES.iter().map(|(engine, _)| names::engine_package(engine));
    if !engines.into_iter().any(|package| message.package_name().starts_with(&package)) {
        return Some(Item::Path(names::message(message)));
    }
    let index = shared.iter().position(|other| other.messages.iter().any(|(_, descriptor)| descriptor == message))?;
    includes(shared[index].family, family).then_some(Item::Own(index))
}
