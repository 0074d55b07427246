//! Who may be given a role, and which access policies there are. Rights are not enforced: whoever calls may do everything.

use crate::contract::excerpt::excerpt;
use crate::contract::kinds::{Cloud, Folder, ServiceAccount};
use crate::contract::proto::yandex::cloud::access::{AccessBinding, Subject};
use crate::contract::proto::yandex::cloud::resourcemanager::v1 as resource_manager;
use crate::refusal::{self, Refusal};
use crate::universe::Universe;
use crate::universe::resource::{KindName, Reference};

use super::{Kind, role};

/// The policy against the deletion of folders, and the one against that of clouds (documented).
pub const DENY_FOLDER_REMOVAL: &str = "resourceManager.denyFolderRemoval";
/// The policy against the deletion of clouds (documented).
pub const DENY_CLOUD_REMOVAL: &str = "resourceManager.denyCloudRemoval";

/// The policies that are documented and that nothing here has to do with.
const OTHER_POLICIES: [&str; 2] =
    ["serverless.restrictPrivateNetworkInvocation", "serverless.restrictPublicInvocation"];
/// What seven more begin with, whose names are not known.
const ACCOUNT_POLICIES: &str = "iam.denyServiceAccount";

const SERVICE_ACCOUNT: &str = "serviceAccount";
const SYSTEM: &str = "system";
/// The types of subjects (documented).
const TYPES: [&str; 5] = ["userAccount", SERVICE_ACCOUNT, "federatedUser", "group", SYSTEM];

/// A subject that has called: a service account that exists, or else a user.
pub fn subject(universe: &Universe, id: &str) -> Subject {
    let is_account = super::message::<ServiceAccount>(universe, id).is_some();
    Subject { id: id.into(), r#type: if is_account { SERVICE_ACCOUNT } else { TYPES[0] }.into() }
}

/// Checks that a binding gives a role that exists to a subject that can be.
///
/// # Errors
///
/// INVALID_ARGUMENT that names the field; NOT_FOUND for a service account that nobody made, if the universe is strict.
pub fn check(universe: &Universe, field: &str, binding: &AccessBinding) -> Result<(), Refusal> {
    if !role::can_be_given(&binding.role_id) {
        let rule = format!("there is no role {:?}", excerpt(&binding.role_id));
        return Err(refusal::request::field(format!("{field}.role_id"), rule));
    }
    let Some(subject) = &binding.subject else { return Ok(()) };
    match subject.r#type.as_str() {
        SERVICE_ACCOUNT => super::exist(universe, &[Reference::to(KindName::ServiceAccount, &subject.id)]),
        SYSTEM if !is_system(&subject.id) => {
            let rule =
                "must be allAuthenticatedUsers, allUsers, group:organization:<id>:users or group:federation:<id>:users";
            Err(refusal::request::field(format!("{field}.subject.id"), rule))
        }
        known if TYPES.contains(&known) => Ok(()),
        other => {
            let rule = format!("must be one of {}, but is {:?}", TYPES.join(", "), excerpt(other));
            Err(refusal::request::field(format!("{field}.subject.type"), rule))
        }
    }
}

/// Whether a subject is one of those that the service has itself.
fn is_system(id: &str) -> bool {
    let of = |prefix: &str| id.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(":users"));
    matches!(id, "allAuthenticatedUsers" | "allUsers")
        || of("group:organization:").or_else(|| of("group:federation:")).is_some_and(|id| !id.is_empty())
}

/// Whether there is an access policy of this id.
pub fn is_policy(id: &str) -> bool {
    [DENY_FOLDER_REMOVAL, DENY_CLOUD_REMOVAL].contains(&id)
        || OTHER_POLICIES.contains(&id)
        || id.starts_with(ACCOUNT_POLICIES)
}

/// Refuses the deletion of a folder that a policy denies: one of its own, or of its cloud.
///
/// # Errors
///
/// PERMISSION_DENIED that names the policy.
pub fn folder_may_go(universe: &Universe, folder: &str) -> Result<(), Refusal> {
    deny::<Folder>(universe, folder, DENY_FOLDER_REMOVAL)?;
    deny::<Cloud>(universe, &super::folder::cloud_of(universe, folder), DENY_FOLDER_REMOVAL)
}

/// Refuses the deletion of a cloud that a policy denies: one of its own, or of a folder in it.
///
/// # Errors
///
/// PERMISSION_DENIED that names the policy.
pub fn cloud_may_go(universe: &Universe, cloud: &str) -> Result<(), Refusal> {
    deny::<Cloud>(universe, cloud, DENY_CLOUD_REMOVAL)?;
    deny::<Cloud>(universe, cloud, DENY_FOLDER_REMOVAL)?;
    for (_, folder) in universe.resources_of(KindName::Folder, cloud, 0) {
        deny::<Folder>(universe, &folder.message.open::<resource_manager::Folder>().id, DENY_FOLDER_REMOVAL)?;
    }
    Ok(())
}

/// Refuses what a policy of a resource denies.
fn deny<K: Kind>(universe: &Universe, id: &str, policy: &str) -> Result<(), Refusal> {
    let Some(target) = K::NAME.id(id).map(super::target::<K>) else { return Ok(()) };
    let (_, policies) = universe.bindings(target);
    if policies.iter().any(|bound| bound.access_policy_template_id == policy) {
        return Err(refusal::neighbour::denied_by_policy(policy, &format!("{} {id}", K::NOUN)));
    }
    Ok(())
}
