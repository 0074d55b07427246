//! The store of plain resources: all of them in order, by id, by what holds them, and by what they refer to.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::cluster::Text;
use super::core::Core;
use super::resource::{KindName, Resource, UniqueKey, Used, User, What};
use super::{Id, Seed};
use crate::refusal::{self, Refusal};

/// The plain resources of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Resources {
    /// By their places in the universe's order.
    all: OrdMap<u64, Arc<Resource>>,
    by_id: OrdMap<(KindName, Id), u64>,
    by_parent: OrdSet<(KindName, Text, u64)>,
    unique: OrdMap<UniqueKey, Taken>,
    /// What refers to each resource: kind and place in the universe's order of resources, clusters and operations in flight.
    users: OrdSet<(Used, User, u64)>,
    /// What operations in flight will delete, and which operations.
    leaving: OrdMap<Used, Id>,
    /// The ids of folders and clouds that were deleted: naming one does not bring it back.
    gone: OrdSet<Id>,
}

/// What is known of a key that must be unique.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Taken {
    /// The resource that has it.
    holder: Option<Id>,
    /// How many took it, so that each resource that is made under it gets an id of its own.
    times: u64,
}

impl Resources {
    pub fn get(&self, kind: KindName, id: Id) -> Option<&Arc<Resource>> {
        self.all.get(self.by_id.get(&(kind, id))?)
    }

    /// The resources of a kind that a parent holds, oldest first, each with its place in the universe's order, from behind a place.
    pub fn of(&self, kind: KindName, parent: &str, after: u64) -> impl Iterator<Item = (u64, &Arc<Resource>)> {
        let parent: Text = parent.into();
        let range = (kind, parent.clone(), after.saturating_add(1))..=(kind, parent, u64::MAX);
        self.by_parent.range(range).filter_map(|(_, _, sequence)| Some((*sequence, self.all.get(sequence)?)))
    }

    /// The places in the universe's order of what refers to a resource, from behind a place.
    pub fn users(&self, used: Used, user: User, after: u64) -> impl Iterator<Item = u64> {
        self.users
            .range((used, user, after.saturating_add(1))..=(used, user, u64::MAX))
            .map(|(_, _, sequence)| *sequence)
    }

    /// The resources of a kind that refer to a resource, oldest first, from behind a place.
    pub fn using(&self, used: Used, kind: KindName, after: u64) -> impl Iterator<Item = (u64, &Arc<Resource>)> {
        let users = self.users(used, User::Resource(kind), after);
        users.filter_map(|sequence| Some((sequence, self.all.get(&sequence)?)))
    }

    /// The resource that has a key.
    pub fn holder(&self, key: &UniqueKey) -> Option<Id> {
        self.unique.get(key).and_then(|taken| taken.holder)
    }

    /// The addresses that are taken in a subnet.
    pub fn addresses(&self, subnet: &str) -> impl Iterator<Item = &str> {
        let first =
            UniqueKey { kind: KindName::Address, what: What::Address, scope: subnet.into(), text: Text::default() };
        let scope = first.scope.clone();
        let range = self.unique.range(first..).take_while(move |(key, _)| {
            key.kind == KindName::Address && key.what == What::Address && key.scope == scope
        });
        range.filter(|(_, taken)| taken.holder.is_some()).map(|(key, _)| &*key.text)
    }

    /// How many resources have taken a key so far.
    pub fn times(&self, key: &UniqueKey) -> u64 {
        self.unique.get(key).map_or(0, |taken| taken.times)
    }

    /// The id that the next resource under a key will get.
    pub fn next_id(&self, seed: Seed, prefix: [u8; 3], key: &UniqueKey) -> Id {
        seed.id(&prefix, key.kind.resource_type(), &[&key.scope, &key.text], self.times(key))
    }

    /// Refuses a key that a resource has.
    pub fn free(&self, key: &UniqueKey) -> Result<(), Refusal> {
        match self.holder(key) {
            Some(holder) => Err(key.refusal(self.get(key.kind, holder).map_or(&key.scope, |holder| &holder.parent))),
            None => Ok(()),
        }
    }

    /// Takes a key for a resource.
    pub fn claim(&mut self, key: &UniqueKey, id: Id) {
        let taken = self.unique.entry(key.clone()).or_default();
        taken.holder = key.is_exclusive().then_some(id);
        taken.times += 1;
    }

    /// Gives a key back that a resource has.
    pub fn release(&mut self, key: &UniqueKey, id: Id) {
        if let Some(taken) = self.unique.get_mut(key).filter(|taken| taken.holder == Some(id)) {
            taken.holder = None;
        }
    }

    /// Refuses to refer to a resource that an operation in flight will delete.
    pub fn stays(&self, used: &Used) -> Result<(), Refusal> {
        match self.leaving.get(used) {
            Some(operation) => Err(refusal::operation::conflict(operation.as_str())),
            None => Ok(()),
        }
    }

    /// An operation will delete a resource.
    pub fn leave(&mut self, used: Used, operation: Id) {
        self.leaving.insert(used, operation);
    }

    /// The operation that was to delete a resource has ended.
    pub fn stay(&mut self, used: &Used) {
        self.leaving.remove(used);
    }

    /// Something refers to these from now on.
    pub fn refer(&mut self, uses: &[Used], user: User, sequence: u64) {
        self.users.extend(uses.iter().map(|used| (*used, user, sequence)));
    }

    /// Something refers to these no more.
    pub fn unrefer(&mut self, uses: &[Used], user: User, sequence: u64) {
        for used in uses {
            self.users.remove(&(*used, user, sequence));
        }
    }

    /// Adds a resource, or replaces what is known of it. What it has that must be unique has been claimed.
    pub fn put(&mut self, core: &mut Core, resource: Arc<Resource>) {
        let (kind, user) = (resource.kind, User::Resource(resource.kind));
        let known = self.by_id.get(&(kind, resource.id)).copied();
        let sequence = known.unwrap_or_else(|| core.next_sequence());
        if let Some(before) = self.all.get(&sequence).cloned() {
            self.unlist(&before, sequence);
            for key in before.unique.iter().filter(|key| !resource.unique.contains(key)) {
                self.release(key, resource.id);
            }
        }
        self.by_id.insert((kind, resource.id), sequence);
        self.by_parent.insert((kind, resource.parent.clone(), sequence));
        self.refer(&resource.uses, user, sequence);
        self.all.insert(sequence, resource);
    }

    /// Removes a resource.
    pub fn remove(&mut self, kind: KindName, id: Id) -> Option<Arc<Resource>> {
        let sequence = self.by_id.remove(&(kind, id))?;
        let resource = self.all.remove(&sequence)?;
        self.unlist(&resource, sequence);
        resource.unique.iter().for_each(|key| self.release(key, id));
        if matches!(kind, KindName::Cloud | KindName::Folder) {
            self.gone.insert(id);
        }
        Some(resource)
    }

    fn unlist(&mut self, resource: &Resource, sequence: u64) {
        self.by_parent.remove(&(resource.kind, resource.parent.clone(), sequence));
        self.unrefer(&resource.uses, User::Resource(resource.kind), sequence);
    }

    /// Whether a folder or cloud of this id was deleted.
    pub fn is_gone(&self, id: Id) -> bool {
        self.gone.contains(&id)
    }
}
