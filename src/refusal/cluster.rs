//! Refusals about clusters.

use tonic::Code;

use super::{Refusal, request};
use crate::contract::excerpt::excerpt;

const TYPE: &str = "mdb.cluster";
const PRESET: &str = "mdb.resourcePreset";

/// No cluster has this id.
pub fn not_found(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Cluster {id} not found"), TYPE, id)
}

/// The folder has a cluster of this name.
pub fn name_taken(name: &str, folder: &str, holder: &str) -> Refusal {
    let name = &excerpt(name);
    let folder = &excerpt(folder);
    let message = format!("Cluster with name \"{name}\" already exists in folder {folder}: {holder}");
    Refusal::of_resource(Code::AlreadyExists, message, TYPE, holder)
}

/// Delete of a protected cluster (the wording is observed).
pub fn protected(id: &str) -> Refusal {
    let message = "The operation was rejected because cluster has 'deletion_protection' = ON".to_owned();
    Refusal::precondition(message, "DELETION_PROTECTION", id)
}

/// What is asked for needs another status.
pub fn wrong_status(id: &str, status: &str, wanted: &[&str]) -> Refusal {
    let id = &excerpt(id);
    let message = format!("Cluster {id} is {status}, but must be {}", wanted.join(" or "));
    Refusal::precondition(message, "STATUS", id)
}

/// Update that changes nothing (the wording is observed, and clients compare it).
pub fn no_changes() -> Refusal {
    Refusal::precondition("no changes detected".to_owned(), "NO_CHANGES", "")
}

/// Move to where the cluster is.
pub fn already_there(folder: &str) -> Refusal {
    let folder = &excerpt(folder);
    request::field("destination_folder_id", format!("the cluster is in folder {folder} already"))
}

/// A version below the present one.
pub fn older_version(version: &str) -> Refusal {
    request::field("config_spec.version", format!("must not be older than {version}: an upgrade cannot be taken back"))
}

/// A version that the present one is not upgraded to.
pub fn other_version(version: &str, upgrades: &[&str]) -> Refusal {
    let rule = match upgrades {
        [] => format!("cannot be changed from {version}"),
        upgrades => format!("can be changed from {version} to {} only", upgrades.join(" or ")),
    };
    request::field("config_spec.version", rule)
}

/// No host has this class.
pub fn no_such_preset(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Resource preset {id} not found"), PRESET, id)
}

/// A disk smaller than the present one.
pub fn disk_shrinks(size: i64) -> Refusal {
    request::field("config_spec.resources.disk_size", format!("must not be less than {size}: disks do not shrink"))
}

/// A disk of another type.
pub fn other_disk_type(disk_type: &str) -> Refusal {
    let rule = format!("cannot be changed from {disk_type}: restore a backup for that");
    request::field("config_spec.resources.disk_type_id", rule)
}

/// Another network (our choice: hosts stay where they are).
pub fn other_network(network: &str) -> Refusal {
    let network = &excerpt(network);
    request::field("network_id", format!("cannot be changed from {network}"))
}

/// A module of Valkey that is on cannot be put off (the wording is observed).
pub fn module_stays(module: &str) -> Refusal {
    Refusal::precondition(format!("{module} module can not be disabled"), "MODULE", module)
}

/// The cluster has no such host.
pub fn host_not_found(name: &str, cluster: &str) -> Refusal {
    let name = &excerpt(name);
    Refusal::of_resource(Code::NotFound, format!("Host {name} not found in cluster {cluster}"), "mdb.host", name)
}

/// The last host of a cluster, or of a shard or type.
pub fn last_host(name: &str, group: &str) -> Refusal {
    let name = &excerpt(name);
    Refusal::precondition(format!("Host {name} cannot be deleted: it is the last of {group}"), "LAST_HOST", name)
}

/// Others replicate the host.
pub fn is_source(name: &str, replica: &str) -> Refusal {
    let message = format!("Host {name} cannot be deleted: it is the replication source of {replica}");
    Refusal::precondition(message, "REPLICATION_SOURCE", name)
}

/// A host replicates itself in the end.
pub fn source_circle(name: &str) -> Refusal {
    let message = format!("Host {name} would replicate itself, by way of its replication source");
    Refusal::precondition(message, "REPLICATION_SOURCE", name)
}

/// Every host replicates a certain other one.
pub fn no_leader(cluster: &str) -> Refusal {
    let message = format!("Cluster {cluster} needs a host without a replication source, to be the master");
    Refusal::precondition(message, "REPLICATION_SOURCE", cluster)
}

/// What the cluster would be left with breaks a rule.
pub fn left_broken(cluster: &str, field: &str, rule: &str) -> Refusal {
    Refusal::precondition(format!("Cluster {cluster} would break a rule: {field} {rule}"), "RULE", cluster)
}

/// AddSubcluster of a type that is there.
pub fn has_type(host_type: &str) -> Refusal {
    Refusal::precondition(format!("The cluster has {host_type} hosts: AddHosts adds more"), "HOST_TYPE", host_type)
}

/// There is no host to take over.
pub fn nobody_takes_over(name: &str) -> Refusal {
    let name = &excerpt(name);
    Refusal::precondition(format!("No other host can take over from {name}"), "FAILOVER", name)
}

/// The host does not lead.
pub fn does_not_lead(name: &str) -> Refusal {
    let name = &excerpt(name);
    Refusal::precondition(format!("Host {name} is not a master"), "FAILOVER", name)
}

/// The host leads already.
pub fn leads_already(name: &str) -> Refusal {
    let name = &excerpt(name);
    Refusal::precondition(format!("Host {name} is a master already"), "FAILOVER", name)
}

/// The host never leads, by its settings.
pub fn never_leads(name: &str) -> Refusal {
    let name = &excerpt(name);
    let message = format!("Host {name} never becomes a master, by its priority or its replication source");
    Refusal::precondition(message, "FAILOVER", name)
}

/// Two hosts cannot lead the same others.
pub fn two_leaders(one: &str, other: &str) -> Refusal {
    request::field("host_names", format!("{one} and {other} cannot both be masters: they have the same data"))
}

/// No master is in the zone.
pub fn no_leader_in_zone(zone: &str) -> Refusal {
    let zone = &excerpt(zone);
    Refusal::precondition(format!("No master is in zone {zone}"), "FAILOVER", zone)
}

/// A call on shards of a cluster that has none.
pub fn not_sharded(id: &str) -> Refusal {
    Refusal::precondition(format!("Cluster {id} is not sharded"), "SHARDING", id)
}

/// A cluster that is sharded already.
pub fn sharded_already() -> Refusal {
    Refusal::precondition("The cluster is sharded already".to_owned(), "SHARDING", "")
}

/// As many shards as there may be.
pub fn too_many_shards(most: usize) -> Refusal {
    Refusal::precondition(format!("The cluster has {most} shards, and may not have more"), "SHARDING", "")
}

/// The last shard.
pub fn last_shard(name: &str) -> Refusal {
    let name = &excerpt(name);
    let message = format!("Shard {name} cannot be deleted: a sharded cluster keeps one");
    Refusal::precondition(message, "LAST_SHARD", name)
}

/// A shard that alone holds slots.
pub fn holds_all_slots(name: &str) -> Refusal {
    let name = &excerpt(name);
    let message = format!("Shard {name} cannot be deleted: it holds all slots until Rebalance");
    Refusal::precondition(message, "SLOTS", name)
}
