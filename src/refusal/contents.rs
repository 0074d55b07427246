//! Refusals about what clusters contain.

use tonic::Code;

use super::Refusal;
use crate::contract::excerpt::excerpt;

/// The cluster has no such thing.
pub fn not_found(noun: &str, name: &str, cluster: &str) -> Refusal {
    let name = &excerpt(name);
    let message = format!("{noun} \"{name}\" not found in cluster {cluster}");
    Refusal::of_resource(Code::NotFound, message, &resource_type(noun), name)
}

/// The cluster has a thing of this name.
pub fn already_exists(noun: &str, name: &str, cluster: &str) -> Refusal {
    let name = &excerpt(name);
    let message = format!("{noun} \"{name}\" already exists in cluster {cluster}");
    Refusal::of_resource(Code::AlreadyExists, message, &resource_type(noun), name)
}

/// Delete of a protected thing.
pub fn protected(noun: &str, name: &str) -> Refusal {
    let name = &excerpt(name);
    let noun = noun.to_lowercase();
    let message = format!("The operation was rejected because {noun} \"{name}\" has deletion protection");
    Refusal::precondition(message, "DELETION_PROTECTION", name)
}

/// Delete of the user that every cluster has.
pub fn default_user(name: &str) -> Refusal {
    let message = format!("User \"{name}\" cannot be deleted: every cluster has it");
    Refusal::precondition(message, "DEFAULT_USER", name)
}

/// A database is to be made of files in a bucket, or the other way round.
pub fn no_service_account(cluster: &str) -> Refusal {
    let message = format!("Cluster {cluster} has no service account, which it needs to use buckets");
    Refusal::precondition(message, "SERVICE_ACCOUNT", cluster)
}

/// Nothing has been backed up that could be exported.
pub fn not_backed_up(database: &str, cluster: &str) -> Refusal {
    let database = &excerpt(database);
    let message = format!("Cluster {cluster} has no backup, or database \"{database}\" is not in the latest one");
    Refusal::precondition(message, "BACKUP", database)
}

fn resource_type(noun: &str) -> String {
    format!("mdb.{}", noun.to_lowercase())
}
