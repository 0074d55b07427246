//! `UserService`.

use super::{Call, cluster_of, contents, idle_cluster_of, stages, update};
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::projection::{CopyInto, projected};
use crate::engines::shared::rules::Rules;
use crate::engines::shared::{items, users, view};
use crate::engines::{DatabaseEngine, Engine, GrantMessages};
use crate::refusal::{self, Refusal};
use crate::universe::{Cluster, Item, Opaque, Plan, Status, Universe};

/// `UserService.Get`.
pub fn get<E: Engine>(_: &Call, universe: &Universe, request: E::GetUserRequest) -> Result<E::User, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let spec = contents::find(cluster, Item::User, request.user_name())?;
    Ok(view::user::<E>(cluster.id, request.user_name(), spec))
}

/// `UserService.List`: by name.
pub fn list<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListUsersRequest,
) -> Result<E::ListUsersResponse, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let page = call.page(universe, &[request.cluster_id()], request.page_size(), request.page_token())?;
    let (users, token) = contents::list(cluster, Item::User, &page)?;
    let mut reply = E::ListUsersResponse::default();
    reply.set_users(users.into_iter().map(|(name, spec)| view::user::<E>(cluster.id, name, spec)).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}

/// `UserService.Create`. The password is taken, and not kept.
pub fn create<E: Engine>(call: &Call, universe: &Universe, request: E::CreateUserRequest) -> Result<Plan, Refusal> {
    // Not every engine's contract annotates it as required.
    let user = request.user_spec().ok_or_else(|| refusal::request::field("user_spec", "is required"))?;
    let cluster = contents::cluster_without::<E>(universe, request.cluster_id(), Item::User, user.name())?;
    let mut rules = Rules::default();
    rules.passwords("user_spec.", user);
    E::check_user("user_spec.", user, &cluster.contents, &mut rules);
    rules.outcome()?;
    let mut metadata = E::CreateUserMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(user.name().to_owned());
    let added = (Item::User, user.name(), items::user::<E>(user));
    Ok(contents::put::<E>(call, cluster.id, contents::CREATE, added, metadata.to_any()))
}

/// `UserService.Update`: by mask, or without one everything. A password is taken, and not kept.
pub fn update<E: Engine>(call: &Call, universe: &Universe, request: E::UpdateUserRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.user_name();
    let before = contents::find(&cluster, Item::User, name)?.open();
    let after = updated::<E>(call, &cluster, before, &request)?;
    let mut metadata = E::UpdateUserMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(name.to_owned());
    let changed = (Item::User, name, Opaque::new(after));
    Ok(contents::put::<E>(call, cluster.id, contents::MODIFY, changed, metadata.to_any()))
}

/// What a user is kept as, after an update.
fn updated<E: Engine>(
    call: &Call,
    cluster: &Cluster,
    before: &E::UserSpec,
    request: &E::UpdateUserRequest,
) -> Result<E::UserSpec, Refusal> {
    let mask = request.update_mask();
    let mut merged = update::merged(call, &projected(before), request, mask, (&["cluster_id", "user_name"], &[]))?;
    let mut rules = Rules::default();
    rules.passwords("", &merged);
    let has_secret = update::forget_secrets(&mut merged, mask);
    let mut after = before.clone();
    merged.copy_into(&mut after);
    E::complete_user(&mut after);
    E::check_user("", &after, &cluster.contents, &mut rules);
    rules.outcome()?;
    if after == *before && !has_secret {
        return Err(refusal::cluster::no_changes());
    }
    Ok(after)
}

/// `UserService.Delete`.
pub fn delete<E: Engine>(call: &Call, universe: &Universe, request: E::DeleteUserRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.user_name();
    let spec = contents::find(&cluster, Item::User, name)?;
    if E::DEFAULT_USER == Some(name) {
        return Err(refusal::contents::default_user(name));
    }
    if E::is_user_protected(spec.open(), cluster.spec.request.open()) {
        return Err(refusal::contents::protected(Item::User.noun(), name));
    }
    let mut metadata = E::DeleteUserMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(name.to_owned());
    Ok(contents::remove::<E>(call, cluster.id, (Item::User, name), metadata.to_any()))
}

/// `UserService.GrantPermission`: adds roles to those that a user has on a database.
pub fn grant_permission<E: DatabaseEngine + GrantMessages>(
    call: &Call,
    universe: &Universe,
    request: E::GrantUserPermissionRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.user_name();
    let after = with_permission::<E>(&cluster, name, request.permission(), grant::<E>)?;
    let mut metadata = E::GrantUserPermissionMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(name.to_owned());
    let way = ("Grant permission to", stages::CHANGE_CONTENTS);
    Ok(contents::put::<E>(call, cluster.id, way, (Item::User, name, after), metadata.to_any()))
}

/// `UserService.RevokePermission`: takes roles from those that a user has on a database.
pub fn revoke_permission<E: DatabaseEngine + GrantMessages>(
    call: &Call,
    universe: &Universe,
    request: E::RevokeUserPermissionRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.user_name();
    let after = with_permission::<E>(&cluster, name, request.permission(), revoke::<E>)?;
    let mut metadata = E::RevokeUserPermissionMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(name.to_owned());
    let way = ("Revoke permission from", stages::CHANGE_CONTENTS);
    Ok(contents::put::<E>(call, cluster.id, way, (Item::User, name, after), metadata.to_any()))
}

/// A user as it is kept, after a permission has been given to it or taken from it. Roles must be named: a waiver lets Create do without, for
/// the sake of an official example.
fn with_permission<E: DatabaseEngine>(
    cluster: &Cluster,
    user: &str,
    permission: Option<&E::Permission>,
    change: impl FnOnce(&mut Vec<E::Permission>, &E::Permission),
) -> Result<Opaque, Refusal> {
    let before: &E::UserSpec = contents::find(cluster, Item::User, user)?.open();
    let permission = permission.ok_or_else(|| refusal::request::field("permission", "is required"))?;
    let mut rules = Rules::default();
    users::permission::<E>("permission.", permission, &cluster.contents, &mut rules);
    if permission.roles().is_empty() {
        rules.broken("permission.roles", "is required");
    }
    rules.outcome()?;
    let mut after = before.clone();
    change(E::permissions_mut(&mut after), permission);
    if after == *before { Err(refusal::cluster::no_changes()) } else { Ok(Opaque::new(after)) }
}

/// Adds the roles that are not there yet to the permission on the same database, which is made if there is none.
fn grant<E: DatabaseEngine>(permissions: &mut Vec<E::Permission>, given: &E::Permission) {
    let database = given.database_name();
    if !permissions.iter().any(|held| held.database_name() == database) {
        let mut empty = E::Permission::default();
        empty.set_database_name(database.to_owned());
        permissions.push(empty);
    }
    for held in permissions.iter_mut().filter(|held| held.database_name() == database) {
        let mut roles = held.roles().to_vec();
        for role in given.roles() {
            if !roles.contains(role) {
                roles.push(*role);
            }
        }
        held.set_roles(roles);
    }
}

/// Takes roles out of the permission on the same database, and the permission itself if it has no role left.
fn revoke<E: DatabaseEngine>(permissions: &mut Vec<E::Permission>, taken: &E::Permission) {
    let is_gone = |held: &mut E::Permission| {
        if held.database_name() != taken.database_name() {
            return false;
        }
        let roles: Vec<i32> = held.roles().iter().copied().filter(|role| !taken.roles().contains(role)).collect();
        held.set_roles(roles);
        held.roles().is_empty()
    };
    permissions.retain_mut(|held| !is_gone(held));
}
