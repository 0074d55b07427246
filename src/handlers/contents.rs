//! What databases and users have in common: both are things in a cluster, with a name that is unique there.

use prost_types::Any;

use super::{Call, PlanExt, idle_cluster_of, operation, stages};
use crate::contract::proto::yandex::cloud::operation::Operation;
use crate::engines::Engine;
use crate::refusal::{self, Refusal};
use crate::universe::operation::{Change, ResultOf};
use crate::universe::{Cluster, Id, Item, Opaque, Page, Status, Universe};

/// The thing of a name in a cluster.
pub fn find<'a>(cluster: &'a Cluster, item: Item, name: &str) -> Result<&'a Opaque, Refusal> {
    let found = cluster.contents.get(item, name);
    found.ok_or_else(|| refusal::contents::not_found(item.noun(), name, cluster.id.as_str()))
}

/// Things of one kind by name, and the token of the next page of them.
type Things<'a> = (Vec<(&'a String, &'a Opaque)>, String);

/// A page of a cluster's things of one kind, by name, and the token of the next one.
pub fn list<'a>(cluster: &'a Cluster, item: Item, page: &Page) -> Result<Things<'a>, Refusal> {
    let after: Option<String> = page.after()?;
    let things = cluster.contents.all(item).iter().filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after));
    Ok(page.fill(things, |(name, _)| (*name).clone()))
}

/// A running cluster to which a thing of this name can be added.
pub fn cluster_without<E: Engine>(
    universe: &Universe,
    cluster: &str,
    item: Item,
    name: &str,
) -> Result<Cluster, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, cluster, &[Status::Running])?;
    match cluster.contents.get(item, name) {
        Some(_) => Err(refusal::contents::already_exists(item.noun(), name, cluster.id.as_str())),
        None => Ok(cluster),
    }
}

/// Begins to add a thing.
pub fn add<E: Engine>(
    call: &Call,
    universe: &mut Universe,
    cluster: Id,
    (item, name, spec): (Item, &str, Opaque),
    metadata: Any,
) -> Result<Operation, Refusal> {
    let description = format!("Create {} in {} cluster", item.noun().to_lowercase(), E::TITLE);
    let plan = call
        .plan(description, metadata, stages::CHANGE_CONTENTS)
        .while_status(Status::Updating)
        .then(vec![Change::Put(item, name.to_owned(), spec)])
        .showing(ResultOf::Item(item, name.to_owned()));
    operation::begun(call, universe, cluster, plan)
}

/// Begins to remove a thing, and to make what other changes that brings.
pub fn remove<E: Engine>(
    call: &Call,
    universe: &mut Universe,
    cluster: Id,
    (item, name): (Item, &str),
    mut changes: Vec<Change>,
    metadata: Any,
) -> Result<Operation, Refusal> {
    changes.push(Change::Drop(item, name.to_owned()));
    let description = format!("Delete {} from {} cluster", item.noun().to_lowercase(), E::TITLE);
    let plan = call
        .plan(description, metadata, stages::CHANGE_CONTENTS)
        .while_status(Status::Updating)
        .then(changes)
        .showing(ResultOf::Nothing);
    operation::begun(call, universe, cluster, plan)
}
