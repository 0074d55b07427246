//! `UserService`.

use super::{Call, cluster_of, contents, idle_cluster_of};
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{items, view};
use crate::refusal::{self, Refusal};
use crate::universe::{Item, Plan, Status, Universe};

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
    let exists = |database: &str| cluster.contents.get(Item::Database, database).is_some();
    rules::permissions::<E>("user_spec", user, exists, &mut rules);
    rules.outcome()?;
    let mut metadata = E::CreateUserMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(user.name().to_owned());
    let added = (Item::User, user.name(), items::user::<E>(user));
    Ok(contents::add::<E>(call, cluster.id, added, metadata.to_any()))
}

/// `UserService.Delete`.
pub fn delete<E: Engine>(call: &Call, universe: &Universe, request: E::DeleteUserRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.user_name();
    let spec = contents::find(&cluster, Item::User, name)?;
    if E::is_user_protected(spec.open(), cluster.spec.request.open()) {
        return Err(refusal::contents::protected(Item::User.noun(), name));
    }
    let mut metadata = E::DeleteUserMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_user_name(name.to_owned());
    Ok(contents::remove::<E>(call, cluster.id, (Item::User, name), metadata.to_any()))
}
