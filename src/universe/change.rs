//! What a finished operation, or a call that answers at once, does to a universe: each store has its own changes.

use std::sync::Arc;

use super::backup::{BackupKey, Keeper};
use super::bindings::BindingsChange;
use super::cluster::{Host, Spec, Status, Text};
use super::contents::Item;
use super::resource::{KindName, Resource};
use super::tokens::Token;
use super::{Id, Opaque};

/// One effect of a finished operation, or of a call that answers at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Of the operation's cluster.
    Cluster(ClusterChange),
    /// Of what outlives a cluster.
    Record(RecordChange),
    /// Of plain resources.
    Resource(ResourceChange),
    /// Of access bindings and policies of the operation's target, or of another one.
    Bindings(BindingsChange),
    /// Of tokens.
    Token(TokenChange),
}

impl Change {
    /// Whether it changes which tokens are good.
    pub fn is_of_tokens(&self) -> bool {
        matches!(self, Self::Token(_))
    }
}

/// What changes about a cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum ClusterChange {
    /// It ends up in this status, rather than in the one before the operation.
    Status(Status),
    /// It gets a new spec.
    Spec(Arc<Spec>),
    /// It has these servers from now on.
    Hosts(Arc<[Host]>),
    /// Something in it is added or replaced.
    Put(Item, String, Opaque),
    /// Something in it is removed.
    Drop(Item, String),
    /// It is deleted.
    Delete,
}

/// What changes about records.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordChange {
    /// A backup is kept, under the number that it got when it was begun.
    Keep {
        /// The backup's number in the cluster's record.
        number: u64,
        /// Its place among the backups that were begun at the same instant.
        rank: u64,
        /// Who keeps it.
        keeper: Keeper,
    },
    /// A backup is removed.
    Drop(BackupKey),
}

/// What changes about plain resources.
#[derive(Clone, Debug, PartialEq)]
pub enum ResourceChange {
    /// A resource is made, or replaced. What it has that must be unique was claimed before.
    Put(Arc<Resource>),
    /// A resource is made, and claims what it has that must be unique.
    Make(Arc<Resource>),
    /// A resource is deleted.
    Remove(KindName, Id),
    /// A folder comes into being, since a request names it.
    Name(Text),
    /// A folder or a cloud is deleted, with all that is in it.
    Destroy(KindName, Id),
}

/// What changes about tokens.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenChange {
    /// A token is good for nothing from now on.
    Revoke(Token),
}

macro_rules! change_of {
    ($($variant:ident $change:ident)*) => {
        $(impl From<$change> for Change {
            fn from(change: $change) -> Self {
                Self::$variant(change)
            }
        })*
    };
}

change_of! { Cluster ClusterChange Record RecordChange Resource ResourceChange Bindings BindingsChange Token TokenChange }
