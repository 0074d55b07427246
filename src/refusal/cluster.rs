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
