//! What stands beside clusters: folders, networks, keys, accounts. Each kind of resource has a file of its own, which lists what is
//! particular about it; the handlers are written once for all kinds (`handlers::resource`).
//!
//! A resource is kept as the message that the API shows. Whatever a request refers to must exist if the universe is strict; else an id
//! that nobody made is taken as given.

pub mod access;
pub mod access_key;
pub mod address;
pub mod cidr;
pub mod cloud;
pub mod folder;
pub mod gateway;
pub mod key;
pub mod network;
pub mod role;
pub mod route_table;
pub mod rsa;
pub mod security_group;
pub mod service_account;
pub mod subnet;
pub mod symmetric_key;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::contract::kinds::{About, CreateMessages, Messages, Resource as _};
use crate::contract::projection::{CopyInto, projected};
use crate::refusal::{self, Refusal};
use crate::universe::network::name_in;
use crate::universe::resource::{KindName, Reference, Resource, UniqueKey, Used};
use crate::universe::{Change, Id, Instant, Opaque, Operation, Stage, Target, Universe};

/// What changes a resource at once: its operation takes no time, whatever the universe's operations take (observed of keys and
/// folders).
pub const AT_ONCE: &[Stage] = &[Stage { name: "apply", seconds: 0 }];
/// What takes a second, realistically (observed of networks).
pub const A_SECOND: &[Stage] = &[Stage { name: "apply", seconds: 1 }];

/// What is around a call that makes a resource.
#[derive(Clone, Copy, Debug)]
pub struct Making<'a> {
    /// The universe.
    pub universe: &'a Universe,
    /// Its instant.
    pub now: Instant,
    /// Who makes the resource.
    pub subject: &'a str,
}

/// What is particular about a kind of resource.
pub trait Kind: Messages {
    /// The kind.
    const NAME: KindName;

    /// The kind in descriptions of operations.
    const NOUN: &'static str;

    /// Whether folders hold it.
    const IN_FOLDERS: bool = true;

    /// The steps of operations on it.
    const STAGES: &'static [Stage] = A_SECOND;

    /// The fields that Update leaves as they are when the mask names them and the request does not set them: they have no default.
    const KEPT: &'static [&'static str] = &[];

    /// The description of an operation.
    fn description(verb: &str) -> String {
        format!("{verb} {}", Self::NOUN)
    }

    /// What its ids begin with.
    fn id_prefix(universe: &Universe, request: &Self::CreateRequest) -> &'static [u8; 3];

    /// What no other resource of the kind may have. The first key counts the resources, so that each gets an id of its own.
    fn unique(_universe: &Universe, message: &Self::Message) -> Vec<UniqueKey> {
        vec![name_in(Self::NAME, message.parent(), message.name())]
    }

    /// What it refers to.
    fn references(_message: &Self::Message) -> Vec<Reference<'_>> {
        Vec::new()
    }

    /// The resource of an id that nobody made, where naming it is enough.
    fn unmade(_universe: &Universe, _id: &str) -> Option<Arc<Resource>> {
        None
    }

    /// What holds a resource, in whose list it is.
    fn held_by(message: &Self::Message) -> &str {
        message.parent()
    }

    /// Says what shall hold a resource, where Create does not copy it from the request.
    fn place(_: &Making<'_>, _: &Self::CreateRequest, _: &mut Self::Message) {}

    /// Fills in what else Create does not copy from the request. The resource has its id.
    fn complete(_: &Making<'_>, _: &Self::CreateRequest, _: &mut Self::Message) -> Result<(), Refusal> {
        Ok(())
    }

    /// Checks a resource as it shall be, by the rules that the contract does not annotate.
    fn check(_universe: &Universe, _message: &Self::Message) -> Result<(), Refusal> {
        Ok(())
    }

    /// The request for an update that would leave the resource as it is.
    fn as_update(message: &Self::Message) -> Self::UpdateRequest {
        projected(message)
    }

    /// Makes a resource what an update asks for.
    fn update(_: &Universe, update: &Self::UpdateRequest, message: &mut Self::Message) -> Result<(), Refusal> {
        update.copy_into(message);
        Ok(())
    }

    /// Checks whether a resource can be changed from one state to another.
    fn may_change(_: &Universe, _before: &Self::Message, _after: &Self::Message) -> Result<(), Refusal> {
        Ok(())
    }

    /// Metadata of an update.
    fn about_update(_before: &Self::Message, after: &Self::Message) -> Self::UpdateMetadata {
        Self::UpdateMetadata::about(after.id().to_owned())
    }

    /// Checks whether a resource can be deleted.
    fn may_delete(_universe: &Universe, _message: &Self::Message) -> Result<(), Refusal> {
        Ok(())
    }

    /// Checks whether a resource can be moved to another folder.
    fn may_move(_universe: &Universe, _message: &Self::Message) -> Result<(), Refusal> {
        Ok(())
    }

    /// What else changes when a resource is made.
    fn made_with(_: &Making<'_>, _message: &Self::Message) -> Vec<Change> {
        Vec::new()
    }

    /// The resources that go with it where it goes: they are deleted with it, or moved with it.
    fn goes_with(_universe: &Universe, _message: &Self::Message, _way: Way) -> Vec<Used> {
        Vec::new()
    }

    /// The resource as the API shows it, while an operation may be on its way.
    fn shown(message: &Self::Message, _running: Option<&Operation>) -> Self::Message {
        message.clone()
    }
}

/// Where a resource goes, and with it what depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is deleted.
    Away,
    /// It is moved to another folder.
    ToFolder,
}

/// A kind whose resources are made by an operation.
pub trait Made: Kind + CreateMessages {
    /// Metadata of the operation that makes a resource.
    fn about_creation(message: &Self::Message) -> Self::CreateMetadata {
        Self::CreateMetadata::about(message.id().to_owned())
    }
}

/// The resource of an id, as the universe keeps it, or would keep it if it were named now.
///
/// # Errors
///
/// NOT_FOUND if there is none.
pub fn found<K: Kind>(universe: &Universe, id: &str) -> Result<Arc<Resource>, Refusal> {
    let known = K::NAME.id(id).and_then(|id| universe.resource(K::NAME, id)).cloned();
    known.or_else(|| K::unmade(universe, id)).ok_or_else(|| refusal::neighbour::not_found(K::NAME, id))
}

/// The message of an id, if its resource exists.
pub fn message<'a, K: Kind>(universe: &'a Universe, id: &str) -> Option<&'a K::Message> {
    K::NAME.id(id).and_then(|id| universe.resource(K::NAME, id)).map(|resource| resource.message.open())
}

/// A message as the universe keeps it.
pub fn resource<K: Kind>(universe: &Universe, message: K::Message) -> Resource {
    let id = K::NAME.id(message.id()).expect("the id of a resource is such as resources have");
    Resource {
        kind: K::NAME,
        id,
        parent: K::held_by(&message).into(),
        unique: K::unique(universe, &message).into(),
        uses: used(&K::references(&message)).into(),
        message: Opaque::new(message),
    }
}

/// The resources that are referred to, where their ids are such as resources have.
pub fn used(references: &[Reference<'_>]) -> Vec<Used> {
    references.iter().filter_map(Reference::used).collect()
}

/// Refuses references to what does not exist, if the universe is strict.
///
/// # Errors
///
/// NOT_FOUND, naming the first such resource.
pub fn exist(universe: &Universe, references: &[Reference<'_>]) -> Result<(), Refusal> {
    if !universe.is_strict() {
        return Ok(());
    }
    let unknown = references.iter().find(|reference| {
        let exists = |used: Used| universe.resource(used.kind, used.id).is_some();
        !reference.id.is_empty() && !reference.used().is_some_and(exists)
    });
    unknown.map_or(Ok(()), |unknown| Err(refusal::neighbour::not_found(unknown.kind, unknown.id)))
}

/// Refuses references that a change adds to what does not exist, if the universe is strict. What was referred to before the change may be
/// gone by now.
///
/// # Errors
///
/// NOT_FOUND, naming the first such resource.
pub fn exist_anew(universe: &Universe, before: &[Reference<'_>], after: &[Reference<'_>]) -> Result<(), Refusal> {
    let known: BTreeSet<(KindName, &str)> = before.iter().map(|reference| (reference.kind, reference.id)).collect();
    let new = after.iter().filter(|reference| !known.contains(&(reference.kind, reference.id)));
    exist(universe, &new.cloned().collect::<Vec<_>>())
}

/// Whether no cluster, and no resource of some kinds, refers to a resource, and nothing is about to.
pub fn is_unused(universe: &Universe, used: Used, kinds: &[KindName]) -> bool {
    unused(universe, Some(used), kinds).is_ok()
}

/// The target of operations on a resource.
pub fn target<K: Kind>(id: Id) -> Target {
    Target::Resource(K::NAME, id)
}

/// Refuses if a cluster, or a resource of some kinds, refers to a resource, or something is about to.
///
/// # Errors
///
/// FAILED_PRECONDITION, naming one that does.
pub fn unused(universe: &Universe, used: Option<Used>, kinds: &[KindName]) -> Result<(), Refusal> {
    let Some(used) = used else { return Ok(()) };
    let cluster = universe.clusters_using(used).next().map(|cluster| format!("cluster {}", cluster.id));
    let resource = || {
        let found = kinds.iter().find_map(|kind| Some((kind, universe.resources_using(used, *kind, 0).next()?.1)));
        found.map(|(kind, resource)| format!("{} {}", kind.title().to_lowercase(), resource.id))
    };
    let coming = || universe.is_about_to_be_used(used).then(|| "an operation in flight".to_owned());
    match cluster.or_else(resource).or_else(coming) {
        Some(user) => Err(refusal::neighbour::in_use(used.kind, used.id.as_str(), &user)),
        None => Ok(()),
    }
}
