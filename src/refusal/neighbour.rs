//! Refusals about what stands beside clusters: folders and clouds, networks and what is in them, keys and accounts.

use tonic::Code;

use super::{Refusal, request};
use crate::contract::excerpt::excerpt;
use crate::contract::kinds::KindName;

/// No resource of a kind has this id (the wording is observed of networks and subnets).
pub fn not_found(kind: KindName, id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("{} {id} not found", kind.title()), kind.resource_type(), id)
}

/// Another resource, in a folder or cloud, has the name (the wordings are observed).
pub fn name_taken(kind: KindName, name: &str, parent: &str) -> Refusal {
    let text = excerpt(name);
    let message = match kind {
        KindName::ServiceAccount => format!("Service account '{text}@{}' already exists", excerpt(parent)),
        _ => format!("{} with name {text} already exists", kind.title()),
    };
    Refusal::of_resource(Code::AlreadyExists, message, kind.resource_type(), name)
}

/// Another resource has the address.
pub fn address_taken(address: &str) -> Refusal {
    let message = format!("Address {} is in use already", excerpt(address));
    Refusal::of_resource(Code::AlreadyExists, message, KindName::Address.resource_type(), address)
}

/// Delete of a network with something in it (the wording is observed).
pub fn network_not_empty(id: &str) -> Refusal {
    Refusal::precondition(format!("Network {id} is not empty"), "IN_USE", id)
}

/// Delete, relocation or a smaller range of a subnet with something in it (the wording is observed of Delete).
pub fn subnet_in_use(id: &str) -> Refusal {
    Refusal::precondition("Subnet has allocated instances".to_owned(), "IN_USE", id)
}

/// Delete of a security group that something has (the wording is documented).
pub fn security_group_in_use(id: &str) -> Refusal {
    Refusal::precondition(format!("Security group with id {id} not empty"), "IN_USE", id)
}

/// Delete of the security group that a network has from the beginning.
pub fn default_security_group(id: &str, network: &str) -> Refusal {
    let message = format!("Security group {id} is the default one of network {network}, and goes with it");
    Refusal::precondition(message, "DEFAULT_SECURITY_GROUP", id)
}

/// A security group has no rule of this id.
pub fn no_such_rule(id: &str, group: &str) -> Refusal {
    let id = &excerpt(id);
    let message = format!("Security group rule {id} not found in security group {group}");
    Refusal::of_resource(Code::NotFound, message, "vpc.securityGroupRule", id)
}

/// A change of a symmetric key that its status does not allow.
pub fn key_state(key: &str, problem: &str) -> Refusal {
    Refusal::precondition(format!("Symmetric key {key} {problem}"), "STATUS", key)
}

/// A change of a version of a symmetric key that its state does not allow.
pub fn version_state(version: &str, problem: &str) -> Refusal {
    let version = &excerpt(version);
    Refusal::precondition(format!("Symmetric key version {version} {problem}"), "STATUS", version)
}

/// A change of an account that its status does not allow.
pub fn account_status(id: &str, status: &str, wanted: &str) -> Refusal {
    Refusal::precondition(format!("Service account {id} is {status}, but must be {wanted}"), "STATUS", id)
}

/// Delete of something that something else refers to.
pub fn in_use(kind: KindName, id: &str, user: &str) -> Refusal {
    Refusal::precondition(format!("{} {id} is used by {user}", kind.title()), "IN_USE", id)
}

/// Delete of something protected.
pub fn protected(kind: KindName, id: &str) -> Refusal {
    let message = format!("{} {id} has deletion protection", kind.title());
    Refusal::precondition(message, "DELETION_PROTECTION", id)
}

/// The end of the deletion of a folder or cloud that holds a protected cluster.
pub fn holds_protected_cluster(kind: KindName, cluster: &str) -> Refusal {
    let message = format!("{} holds cluster {cluster}, which has deletion protection", kind.title());
    Refusal::precondition(message, "DELETION_PROTECTION", cluster)
}

/// Something is to be made in, or moved to, a folder or a cloud that is being deleted.
pub fn leaves(kind: KindName, id: &str, status: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::precondition(format!("{} {id} is {status}", kind.title()), "STATUS", id)
}

/// Delete of the cloud that the emulator needs for folders that are only named.
pub fn own_cloud(id: &str) -> Refusal {
    Refusal::precondition(format!("Cloud {id} is the emulator's own, and stays"), "OWN_CLOUD", id)
}

/// An access policy does not let a folder or cloud be deleted.
pub fn denied_by_policy(policy: &str, holder: &str) -> Refusal {
    let message = format!("Access policy {policy} of {holder} denies this");
    Refusal::of_resource(Code::PermissionDenied, message, "access.policy", policy)
}

/// Move to where the resource is.
pub fn already_there(kind: KindName, folder: &str) -> Refusal {
    let rule = format!("the {} is in folder {} already", kind.title().to_lowercase(), excerpt(folder));
    request::field("destination_folder_id", rule)
}

/// Move to a folder of another cloud.
pub fn other_cloud(folder: &str) -> Refusal {
    request::field("destination_folder_id", format!("folder {} is in another cloud", excerpt(folder)))
}

/// A text that is no range of addresses (the wording is observed).
pub fn bad_cidr(text: &str) -> Refusal {
    Refusal::new(Code::InvalidArgument, format!("Illegal argument Cannot parse CIDR: {}", excerpt(text)), Vec::new())
}

/// A zone that does not exist.
pub fn unknown_zone(field: &str, zone: &str, known: &[&str]) -> Refusal {
    request::field(field, format!("must be one of {}, but is {:?}", known.join(", "), excerpt(zone)))
}

/// A cluster's request names no network, and its folder has none by the name that would be meant.
pub fn no_default_network(folder: &str, name: &str) -> Refusal {
    request::field("network_id", format!("is required, since folder {} has no network {name}", excerpt(folder)))
}

/// A host's request names no subnet, and the cluster's network has none in the host's zone.
pub fn no_subnet_in_zone(field: &str, network: &str, zone: &str) -> Refusal {
    request::field(field, format!("network {} has no subnet in zone {zone}", excerpt(network)))
}

/// An access policy that the target has already.
pub fn policy_bound(policy: &str, target: &str) -> Refusal {
    let message = format!("Access policy {policy} is bound to {target} already");
    Refusal::of_resource(Code::AlreadyExists, message, "access.policy", policy)
}

/// An access policy that the target does not have.
pub fn policy_not_bound(policy: &str, target: &str) -> Refusal {
    let policy = &excerpt(policy);
    let message = format!("Access policy {policy} is not bound to {target}");
    Refusal::of_resource(Code::NotFound, message, "access.policy", policy)
}

/// Access bindings that would leave a cloud without an owner.
pub fn no_owner_left(cloud: &str) -> Refusal {
    let message = format!("Cloud {cloud} must keep an owner: a binding of resource-manager.clouds.owner");
    Refusal::precondition(message, "LAST_OWNER", cloud)
}

/// No role has this id.
pub fn no_such_role(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Role {id} not found"), "iam.role", id)
}
