//! What databases and users have in common: both are things in a cluster, with a name that is unique there.

use prost_types::Any;

use super::{Call, idle_cluster_of, stages};
use crate::engines::Engine;
use crate::refusal::{self, Refusal};
use crate::universe::plan::ResultOf;
use crate::universe::{Cluster, ClusterChange, Id, Item, Opaque, Page, Plan, Stage, Status, Universe};

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

/// A way to add or replace a thing: what it is called, up to the kind of the thing, and its stages.
pub type Way = (&'static str, &'static [Stage]);

pub const CREATE: Way = ("Create", stages::CHANGE_CONTENTS);
pub const MODIFY: Way = ("Modify", stages::CHANGE_CONTENTS);

/// A plan to add or replace a thing.
pub fn put<E: Engine>(
    call: &Call,
    cluster: Id,
    way: Way,
    (item, name, spec): (Item, &str, Opaque),
    metadata: Any,
) -> Plan {
    shown::<E>(call, cluster, way, (item, name), metadata).then(ClusterChange::Put(item, name.to_owned(), spec))
}

/// A plan that leaves a thing as it is, and shows it.
pub fn shown<E: Engine>(
    call: &Call,
    cluster: Id,
    (doing, stages): Way,
    (item, name): (Item, &str),
    metadata: Any,
) -> Plan {
    let description = format!("{doing} {} in {} cluster", item.noun().to_lowercase(), E::TITLE);
    call.plan(cluster, description, metadata, stages)
        .while_status(Status::Updating)
        .showing(ResultOf::Item(item, name.to_owned()))
}

/// A plan to remove a thing.
pub fn remove<E: Engine>(call: &Call, cluster: Id, (item, name): (Item, &str), metadata: Any) -> Plan {
    let description = format!("Delete {} from {} cluster", item.noun().to_lowercase(), E::TITLE);
    call.plan(cluster, description, metadata, stages::CHANGE_CONTENTS)
        .while_status(Status::Updating)
        .then(ClusterChange::Drop(item, name.to_owned()))
        .showing(ResultOf::Nothing)
}
