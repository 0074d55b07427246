//! Rules that the contract does not annotate. As with annotated rules, all that a request breaks are reported at once.

use std::collections::BTreeSet;

use crate::contract::engine::fields::methods::*;
use crate::contract::engine::{Messages, fields};
use crate::contract::excerpt::excerpt;
use crate::contract::projection::Secrets;
use crate::contract::validation::{Violation, Violations};
use crate::engines::{DatabaseEngine, Engine};
use crate::refusal::{self, Refusal};
use crate::universe::network::{ZONES, Zone, zone};

use super::versions;

/// How many of the values that are possible are told.
const MOST_TOLD: usize = 16;

/// The rules found broken so far.
#[derive(Debug, Default)]
pub struct Rules {
    broken: Violations,
    /// How many hosts the request does not name itself: the cluster has them already, or the source of a restore had them.
    present_hosts: usize,
    /// Whether the resources of hosts are those that they have, so that they need no check.
    keeps_resources: bool,
}

impl Rules {
    /// Rules for a request whose list of hosts begins with so many that it does not name itself.
    pub fn beside_hosts(present_hosts: usize) -> Self {
        Self { present_hosts, ..Self::default() }
    }

    /// The same rules, for an update. Resources that it does not change are not its fault, whatever they are (our choice).
    #[must_use]
    pub fn for_update<E: Engine>(self, before: &E::CreateClusterRequest, after: &E::CreateClusterRequest) -> Self {
        let hosts = after.host_specs();
        let keeps_resources = hosts.iter().all(|host| E::resources(before, host) == E::resources(after, host));
        Self { keeps_resources, ..self }
    }

    /// How many hosts the request does not name itself.
    pub fn present_hosts(&self) -> usize {
        self.present_hosts
    }

    /// Reports a broken rule.
    pub fn broken(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.broken.add(|| Violation { field: field.into(), rule: rule.into() });
    }

    /// The hosts that the request does not name itself, and those that it does, each with its index in the request.
    pub fn hosts_of<'h, Spec>(
        &self,
        hosts: &'h [Spec],
    ) -> (&'h [Spec], impl Iterator<Item = (usize, &'h Spec)> + use<'h, Spec>) {
        let (present, asked) = hosts.split_at(self.present_hosts.min(hosts.len()));
        (present, asked.iter().enumerate())
    }

    /// Everything found so far, about what a cluster would be left with, rather than about the request.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if some rule is broken.
    pub fn outcome_for(self, cluster: &str) -> Result<(), Refusal> {
        match self.broken.first().first() {
            Some(Violation { field, rule }) => Err(refusal::cluster::left_broken(cluster, field, rule)),
            None => Ok(()),
        }
    }

    /// Everything found so far.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if some rule is broken.
    pub fn outcome(self) -> Result<(), Refusal> {
        if self.broken.is_empty() { Ok(()) } else { Err(refusal::request::invalid(self.broken)) }
    }

    /// The value must be one of these.
    pub fn one_of(&mut self, field: &str, value: &str, known: &[&str]) {
        if !known.contains(&value) {
            let given = if value.is_empty() { "is not given".to_owned() } else { format!("is {:?}", excerpt(value)) };
            let (told, rest) = known.split_at(known.len().min(MOST_TOLD));
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            self.broken(field, format!("must be one of {}{more}, but {given}", told.join(", ")));
        }
    }

    /// The number must be in a range, both ends included.
    pub fn range(&mut self, field: impl Into<String>, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.broken(field, format!("must be from {least} to {most}, but is {value}"));
        }
    }

    /// A password that is given has 8 to 128 characters (documented for every engine, but annotated in some places only). The paths of the
    /// message's fields begin with `at`.
    pub fn passwords(&mut self, at: &str, message: &impl Secrets) {
        message.show_secrets(at, &mut |field, password| {
            let length = password.chars().count();
            if !(8..=128).contains(&length) {
                self.broken(field, format!("must have from 8 to 128 characters, but has {length}"));
            }
        });
    }

    /// None of these numbers of an enum may be the one that stands for no choice.
    pub fn specified(&mut self, field: &str, numbers: &[i32]) {
        for (index, _) in numbers.iter().enumerate().filter(|(_, number)| **number == 0) {
            self.broken(format!("{field}[{index}]"), "must not be unspecified");
        }
    }

    /// No two of these numbers of an enum may be equal.
    pub fn distinct(&mut self, field: &str, numbers: &[i32]) {
        let mut seen = BTreeSet::new();
        for (index, _) in numbers.iter().enumerate().filter(|(_, number)| !seen.insert(**number)) {
            self.broken(format!("{field}[{index}]"), "must be unique, but comes twice");
        }
    }

    /// The settings must be those of the cluster's version.
    pub fn settings_of(&mut self, field: &str, settings: &str, version: &str) {
        if settings != version {
            self.broken(field, format!("has settings of {settings}, but the version is {version}"));
        }
    }

    /// Whether the resources of hosts are those that they have already.
    pub fn keeps_resources(&self) -> bool {
        self.keeps_resources
    }

    /// Each host must be in a zone that exists, and all hosts in one region (our choice: each region is a cloud of its own).
    pub fn zones<E: Messages>(&mut self, hosts: &[E::HostSpec]) {
        let region = hosts.iter().find_map(|host| zone(host.zone_id())).map(Zone::region);
        for (index, host) in self.hosts_of(hosts).1 {
            let field = format!("host_specs[{index}].zone_id");
            self.one_of(&field, host.zone_id(), &ZONES.map(|zone| zone.id));
            if let (Some(other), Some(region)) = (zone(host.zone_id()).map(Zone::region), region)
                && other != region
            {
                self.broken(field, format!("must be in {region}, where the other hosts are, but is in {other}"));
            }
        }
    }

    /// The replication source of each host that the request asks for must exist.
    pub fn replication_sources<E: Engine>(&mut self, hosts: &[E::HostSpec], exists: impl Fn(&str) -> bool) {
        for (index, host) in self.hosts_of(hosts).1 {
            self.replication_source(&format!("host_specs[{index}]"), E::source(host), &exists);
        }
    }

    /// The replication source of a host must exist, if it has one.
    pub fn replication_source(&mut self, host: &str, source: &str, exists: impl Fn(&str) -> bool) {
        if !source.is_empty() && !exists(source) {
            let rule = format!("the cluster has no host {:?}", excerpt(source));
            self.broken(format!("{host}.replication_source"), rule);
        }
    }

    /// The number of hosts must be in a range, both ends included.
    pub fn host_count(&mut self, what: &str, count: usize, least: usize, most: usize) {
        if count < least || count > most {
            self.broken("host_specs", format!("must have from {least} to {most} {what}, but has {count}"));
        }
    }

    /// No two entries of a list may have the same name.
    pub fn unique_names<'a>(&mut self, list: &str, names: impl Iterator<Item = &'a str>) {
        self.unique(list, "name", names);
    }

    /// No two entries of a list may have the same value in a field.
    pub fn unique<'a>(&mut self, list: &str, field: &str, values: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (index, value) in values.enumerate() {
            if !seen.insert(value) {
                let rule = format!("must be unique, but {:?} comes twice", excerpt(value));
                self.broken(format!("{list}[{index}].{field}"), rule);
            }
        }
    }
}

/// Checks a complete request by every rule that the contract does not annotate: those of every engine first, then this one's.
pub fn check<E: Engine>(request: &E::CreateClusterRequest, rules: &mut Rules) {
    check_common::<E>(request, rules);
    E::check_contents(request, rules);
    E::check_settings(request, rules);
    for (index, host) in rules.hosts_of(request.host_specs()).1 {
        E::check_host(&format!("host_specs[{index}]"), host, request, rules);
    }
    E::check_hosts(request, rules);
    E::check_retention(request, rules);
}

/// Checks the rules that hold for every engine.
fn check_common<E: Engine>(request: &E::CreateClusterRequest, rules: &mut Rules) {
    rules.zones::<E>(request.host_specs());
    rules.unique_names("user_specs", request.user_specs().iter().map(fields::UserSpec::<E>::name));
    let config = request.config_spec();
    if !E::VERSIONS.is_empty() {
        rules.one_of("config_spec.version", config.map_or("", |config| config.version()), &versions::ids::<E>());
    }
    // Every engine that has this field documents the range; not all annotate it.
    if let Some(days) = config.and_then(|config| config.backup_retain_period_days()) {
        rules.range("config_spec.backup_retain_period_days", days, 7, 60);
    }
}

/// Checks the names of databases.
pub fn databases<E: DatabaseEngine>(databases: &[E::DatabaseSpec], rules: &mut Rules) {
    rules.unique_names("database_specs", databases.iter().map(fields::DatabaseSpec::<E>::name));
}
