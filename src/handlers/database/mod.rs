//! `DatabaseService`, of the engines that have databases. [`transfer`] brings them in from elsewhere, and takes them out.

mod transfer;

pub use transfer::{export_backup, import_backup, restore};

use super::{Call, cluster_of, contents, idle_cluster_of, update};
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::projection::{CopyInto, projected};
use crate::engines::shared::{items, view};
use crate::engines::{DatabaseEngine, DatabaseUpdates};
use crate::refusal::{self, Refusal};
use crate::universe::{Cluster, ClusterChange, Item, Opaque, Plan, Status, Universe};

/// `DatabaseService.Get`.
pub fn get<E: DatabaseEngine>(
    _: &Call,
    universe: &Universe,
    request: E::GetDatabaseRequest,
) -> Result<E::Database, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let spec = contents::find(cluster, Item::Database, request.database_name())?;
    Ok(view::database::<E>(cluster.id, request.database_name(), spec))
}

/// `DatabaseService.List`: by name.
pub fn list<E: DatabaseEngine>(
    call: &Call,
    universe: &Universe,
    request: E::ListDatabasesRequest,
) -> Result<E::ListDatabasesResponse, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let page = call.page(universe, &[request.cluster_id()], request.page_size(), request.page_token())?;
    let (databases, token) = contents::list(cluster, Item::Database, &page)?;
    let mut reply = E::ListDatabasesResponse::default();
    reply
        .set_databases(databases.into_iter().map(|(name, spec)| view::database::<E>(cluster.id, name, spec)).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}

/// `DatabaseService.Create`.
pub fn create<E: DatabaseEngine>(
    call: &Call,
    universe: &Universe,
    request: E::CreateDatabaseRequest,
) -> Result<Plan, Refusal> {
    let database = request.database_spec().ok_or_else(|| refusal::request::field("database_spec", "is required"))?;
    let cluster = contents::cluster_without::<E>(universe, request.cluster_id(), Item::Database, database.name())?;
    let mut metadata = E::CreateDatabaseMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_database_name(database.name().to_owned());
    let added = (Item::Database, database.name(), items::database::<E>(database));
    Ok(contents::put::<E>(call, cluster.id, contents::CREATE, added, metadata.to_any()))
}

/// `DatabaseService.Update`: by mask, or without one everything.
pub fn update<E: DatabaseUpdates>(
    call: &Call,
    universe: &Universe,
    request: E::UpdateDatabaseRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.database_name();
    let before: &E::DatabaseSpec = contents::find(&cluster, Item::Database, name)?.open();
    let address = ["cluster_id", "database_name"];
    let merged = update::merged(call, &projected(before), &request, request.update_mask(), (&address, &[]))?;
    let mut after = before.clone();
    merged.copy_into(&mut after);
    E::complete_database(&mut after);
    if after == *before {
        return Err(refusal::cluster::no_changes());
    }
    let mut metadata = E::UpdateDatabaseMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_database_name(name.to_owned());
    let changed = (Item::Database, name, Opaque::new(after));
    Ok(contents::put::<E>(call, cluster.id, contents::MODIFY, changed, metadata.to_any()))
}

/// `DatabaseService.Delete`.
pub fn delete<E: DatabaseEngine>(
    call: &Call,
    universe: &Universe,
    request: E::DeleteDatabaseRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.database_name();
    let spec = contents::find(&cluster, Item::Database, name)?;
    if E::is_database_protected(spec.open(), cluster.spec.request.open()) {
        return Err(refusal::contents::protected(Item::Database.noun(), name));
    }
    let mut metadata = E::DeleteDatabaseMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_database_name(name.to_owned());
    let plan = contents::remove::<E>(call, cluster.id, (Item::Database, name), metadata.to_any());
    Ok(revocations::<E>(&cluster, name).into_iter().fold(plan, Plan::then))
}

/// Nobody keeps permissions on a database that is gone (our choice).
fn revocations<E: DatabaseEngine>(cluster: &Cluster, database: &str) -> Vec<ClusterChange> {
    let is_on_it = |permission: &E::Permission| permission.database_name() == database;
    let users = cluster.contents.all(Item::User).iter();
    let holders = users.filter(|(_, spec)| E::permissions(spec.open()).iter().any(is_on_it));
    let revoked = holders.map(|(name, spec)| {
        let mut user = spec.open::<E::UserSpec>().clone();
        E::permissions_mut(&mut user).retain(|permission| !is_on_it(permission));
        ClusterChange::Put(Item::User, name.clone(), Opaque::new(user))
    });
    revoked.collect()
}
