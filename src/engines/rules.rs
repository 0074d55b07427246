//! Rules that the contract does not annotate, in the form in which its annotations are reported: all at once.

use crate::contract::engine::fields::methods::*;
use crate::contract::engine::{Messages, fields};
use crate::contract::validation::Violation;
use crate::refusal::{self, Refusal};

/// The zones of the service, and what the names of their hosts begin with. Old samples have `ru-central1-c`.
const ZONES: [(&str, &str); 5] = [
    ("ru-central1-a", "rc1a"),
    ("ru-central1-b", "rc1b"),
    ("ru-central1-c", "rc1c"),
    ("ru-central1-d", "rc1d"),
    ("kz1-a", "kz1a"),
];

/// What hosts' names in a zone begin with, if the zone exists.
pub fn zone_code(zone: &str) -> Option<&'static str> {
    ZONES.iter().find(|(name, _)| *name == zone).map(|(_, code)| *code)
}

/// The rules found broken so far.
#[derive(Debug, Default)]
pub struct Rules(Vec<Violation>);

impl Rules {
    /// Reports a broken rule.
    pub fn broken(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.0.push(Violation { field: field.into(), rule: rule.into() });
    }

    /// Everything found so far.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if some rule is broken.
    pub fn outcome(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(refusal::request::invalid(self.0)) }
    }

    /// The value must be one of these.
    pub fn one_of(&mut self, field: &str, value: &str, known: &[&str]) {
        if !known.contains(&value) {
            let given = if value.is_empty() { "is not given".to_owned() } else { format!("is {value:?}") };
            self.broken(field, format!("must be one of {}, but {given}", known.join(", ")));
        }
    }

    /// A cluster needs a preset and a disk. Which pairs exist is not checked.
    pub fn resources<E: Messages>(&mut self, field: &str, resources: Option<&E::Resources>) {
        let Some(resources) = resources else { return self.broken(field, "is required") };
        if resources.resource_preset_id().is_empty() {
            self.broken(format!("{field}.resource_preset_id"), "is required");
        }
        if resources.disk_size() <= 0 {
            self.broken(format!("{field}.disk_size"), "must be a positive number of bytes");
        }
    }

    /// Each host is in a zone that exists.
    pub fn zones<E: Messages>(&mut self, hosts: &[E::HostSpec]) {
        for (index, host) in hosts.iter().enumerate() {
            let field = format!("host_specs[{index}].zone_id");
            self.one_of(&field, host.zone_id(), &ZONES.map(|(zone, _)| zone));
        }
    }

    /// So many hosts may there be.
    pub fn host_count(&mut self, what: &str, count: usize, least: usize, most: usize) {
        if count < least || count > most {
            self.broken("host_specs", format!("must have from {least} to {most} {what}, but has {count}"));
        }
    }

    /// No two things of one kind have one name.
    pub fn unique_names<'a>(&mut self, field: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = std::collections::BTreeSet::new();
        for (index, name) in names.enumerate() {
            if !seen.insert(name) {
                self.broken(format!("{field}[{index}].name"), format!("must be unique, but {name:?} comes twice"));
            }
        }
    }
}

/// The rules of `host_specs` and `user_specs` that hold for every engine.
pub fn common<E: Messages>(request: &E::CreateClusterRequest, rules: &mut Rules) {
    rules.zones::<E>(request.host_specs());
    rules.unique_names("user_specs", request.user_specs().iter().map(fields::UserSpec::<E>::name));
}
