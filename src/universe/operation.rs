//! Operations: what a mutating call starts. An operation in flight carries its effects as data; finishing applies them to the
//! cluster of that instant, failing or cancelling drops them.

use std::sync::Arc;

use prost_types::Any;

use super::cluster::{Cluster, EngineName, Status};
use super::contents::Item;
use super::instant::SECOND;
use super::plan::{About, Effects, Target};
use super::{Change, Id, Instant, Opaque, OperationTime, Resource, ResourceChange};

/// The resource that a finished operation shows, as the operation left it.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// A cluster.
    Cluster(Arc<Cluster>),
    /// Something in a cluster.
    Item {
        /// The cluster's engine.
        engine: EngineName,
        /// The cluster.
        cluster: Id,
        /// Its kind.
        item: Item,
        /// Its name.
        name: String,
        /// What was asked for.
        spec: Opaque,
    },
    /// This message.
    Message(Any),
    /// Nothing.
    Nothing,
}

/// How an operation stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in flight, and will have these effects.
    Running {
        /// What it will do.
        effects: Arc<Effects>,
        /// The cluster's status before; unset if the operation is about no cluster, or creates it.
        status_before: Option<Status>,
    },
    /// It has been done.
    Done(Response),
    /// It has failed or was cancelled; nothing of it was done.
    Failed {
        /// The code, as a number of `google.rpc.Code`.
        code: i32,
        /// Why.
        message: String,
    },
}

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Made by the service.
    pub id: Id,
    /// What it is about.
    pub target: Target,
    /// What it tells of itself.
    pub about: Arc<About>,
    /// Its place in the universe's order.
    pub sequence: u64,
    /// When it was accepted.
    pub created_at: Instant,
    /// When it last went on to another stage, or ended.
    pub modified_at: Instant,
    /// The number of the present stage.
    pub stage: usize,
    /// When the present stage ends; unset while the operation is held.
    pub due: Option<Instant>,
    /// How it stands.
    pub outcome: Outcome,
}

impl Operation {
    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        !matches!(self.outcome, Outcome::Running { .. })
    }

    /// The status that its cluster has had before it, if it is in flight.
    pub fn status_before(&self) -> Option<Status> {
        match self.outcome {
            Outcome::Running { status_before, .. } => status_before,
            Outcome::Done(_) | Outcome::Failed { .. } => None,
        }
    }

    /// The plain resources that it will make or replace.
    pub fn coming(&self) -> impl Iterator<Item = &Arc<Resource>> {
        let effects = match &self.outcome {
            Outcome::Running { effects, .. } => Some(effects),
            Outcome::Done(_) | Outcome::Failed { .. } => None,
        };
        effects.into_iter().flat_map(|effects| &effects.changes).filter_map(|change| match change {
            Change::Resource(ResourceChange::Put(resource)) => Some(resource),
            _ => None,
        })
    }

    /// Seconds until it ends if nothing holds it: 0 if it is due, else at least 1.
    pub fn seconds_left(&self, now: Instant, operation_time: OperationTime) -> i64 {
        let stages = self.about.stages;
        let later = (self.stage + 1..stages.len()).map(|stage| operation_time.length(stages, stage));
        let ends_at = later.fold(self.due.unwrap_or(now.plus(SECOND)), Instant::plus);
        (ends_at.since(now).max(0) + SECOND - 1) / SECOND
    }
}
