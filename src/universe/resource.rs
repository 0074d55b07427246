//! Plain resources: what stands beside clusters, such as networks, folders and keys. Each is kept as the message that the API shows.

use std::sync::Arc;

use super::identifier::Text;
use super::{Id, Opaque, Seed};
pub use crate::contract::kinds::KindName;
use crate::refusal::{self, Refusal};

impl KindName {
    /// The key under which a universe keeps the resource of this kind whose id a request names. A folder comes into being by being named,
    /// so its id may be any text; the other kinds have ids such as the service makes.
    pub fn id(self, text: &str) -> Option<Id> {
        let id = Id::parse(text);
        match self {
            // No id that the service makes has a colon.
            Self::Folder => id.or_else(|| Some(Seed(0).id(b"b1:", "folder", &[text], 0))),
            _ => id,
        }
    }
}

/// A resource that another one refers to, so that it cannot be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used {
    /// Its kind.
    pub kind: KindName,
    /// What it is known by.
    pub id: Id,
}

/// What refers to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// A resource of this kind.
    Resource(KindName),
    /// A cluster, or a host of it.
    Cluster,
    /// An operation in flight, which will let something refer to it.
    Operation,
}

/// What no two resources of a kind may share within a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueKey {
    /// The kind.
    pub kind: KindName,
    /// What it is.
    pub what: What,
    /// Within what it is unique: the id of a folder, a cloud or a subnet.
    pub scope: Text,
    /// The name, or the address.
    pub text: Text,
}

/// What a [`UniqueKey`] is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A name. Any number of resources may have an empty one.
    Name,
    /// A name that several may have: it is only counted, so that each gets an id of its own.
    SharedName,
    /// The address of an [`KindName::Address`].
    Address,
}

impl UniqueKey {
    /// Whether only one resource may have it.
    pub fn is_exclusive(&self) -> bool {
        self.what != What::SharedName && !self.text.is_empty()
    }

    /// Why another resource, in a folder or cloud, cannot have it.
    pub(super) fn refusal(&self, parent: &str) -> Refusal {
        match self.what {
            What::Address => refusal::neighbour::address_taken(&self.text),
            What::Name | What::SharedName => refusal::neighbour::name_taken(self.kind, &self.text, parent),
        }
    }
}

/// A plain resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its kind.
    pub kind: KindName,
    /// What it is known by: its id, but for folders that were only named.
    pub id: Id,
    /// The id of what holds it, in whose list it is.
    pub parent: Text,
    /// What no other may have.
    pub unique: Arc<[UniqueKey]>,
    /// What it refers to.
    pub uses: Arc<[Used]>,
    /// The message that the API shows.
    pub message: Opaque,
}

/// What a request refers to.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    /// The kind of the resource.
    pub kind: KindName,
    /// Its id, as the request has it; empty if it names none.
    pub id: &'a str,
}

impl<'a> Reference<'a> {
    /// A reference to a resource.
    pub fn to(kind: KindName, id: &'a str) -> Self {
        Self { kind, id }
    }

    /// The resource, if its id is such as resources have.
    pub fn used(&self) -> Option<Used> {
        let id = self.kind.id(self.id).filter(|_| !self.id.is_empty())?;
        Some(Used { kind: self.kind, id })
    }
}
