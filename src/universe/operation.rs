//! Operations: what a mutating call starts. An operation in flight carries its effects as data; finishing applies them to the
//! cluster of that instant, cancelling drops them.

use std::str::FromStr;
use std::sync::Arc;

use prost_types::Any;

use super::cluster::{Cluster, EngineName, Host, Spec, Status, Text};
use super::contents::Item;
use super::history::BackupKey;
use super::instant::SECOND;
use super::{Id, Instant, Opaque};

/// How long operations take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperationTime {
    /// No time: the first reply is not done, and the next look finds it finished.
    #[default]
    None,
    /// All the same time, in nanoseconds.
    Fixed(i64),
    /// About what the service takes for each (our choice: no source says how long).
    Realistic,
}

/// `none`, `realistic`, or a length such as `5s` or `1m 30s`.
impl FromStr for OperationTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" | "0" => Ok(Self::None),
            "realistic" => Ok(Self::Realistic),
            length => {
                let length = humantime::parse_duration(length)
                    .map_err(|_| "must be none, realistic, or a length such as 500ms, 5s or 2m".to_owned())?;
                i64::try_from(length.as_nanos()).map(Self::Fixed).map_err(|_| "must be less than 292 years".to_owned())
            }
        }
    }
}

/// One step of an operation, with its realistic length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is being done.
    pub name: &'static str,
    /// Seconds, if time is realistic; else its share of the whole.
    pub seconds: i64,
}

/// What an operation shall do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For people.
    pub description: String,
    /// Who asked for it.
    pub created_by: String,
    /// The annotated metadata, complete from the first reply on.
    pub metadata: Any,
    /// Its steps, in order; at least one.
    pub stages: &'static [Stage],
    /// What the cluster is doing meanwhile, if that changes.
    pub status: Option<Status>,
    /// What finishing does, in order.
    pub changes: Vec<Change>,
    /// What the finished operation shows.
    pub result: ResultOf,
}

/// One effect of a finished operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The cluster ends up in this status, rather than in the one before the operation.
    Status(Status),
    /// The cluster gets a new spec.
    Spec(Arc<Spec>),
    /// The cluster gets more servers.
    AddHosts(Arc<[Host]>),
    /// Something in the cluster is added or replaced.
    Put(Item, String, Opaque),
    /// Something in the cluster is removed.
    Drop(Item, String),
    /// A backup is kept, under the number that it got when it was begun.
    Backup {
        /// The backup's number in the cluster's history.
        number: u64,
        /// Its place in the universe's order.
        sequence: u64,
    },
    /// A backup is removed.
    DropBackup(BackupKey),
    /// The cluster is deleted.
    Delete,
}

impl Change {
    /// What the change does to the cluster's own record.
    pub(super) fn apply_to(&self, cluster: &mut Cluster) {
        match self {
            Self::Status(status) => cluster.status = *status,
            Self::Spec(spec) => cluster.spec = spec.clone(),
            Self::AddHosts(hosts) => {
                cluster.hosts_made = cluster.hosts_made.max(hosts.last().map_or(0, |host| host.number + 1));
                cluster.hosts = cluster.hosts.iter().chain(&**hosts).cloned().collect();
            }
            Self::Put(item, name, spec) => cluster.contents.put(*item, name, spec.clone()),
            Self::Drop(item, name) => cluster.contents.drop(*item, name),
            Self::Backup { .. } | Self::DropBackup(_) | Self::Delete => {}
        }
    }
}

/// Which resource a finished operation shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultOf {
    /// The cluster as the operation left it.
    Cluster,
    /// Something in the cluster.
    Item(Item, String),
    /// Nothing.
    Nothing,
}

/// The resource that a finished operation shows, as the operation left it.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// A cluster.
    Cluster(Arc<Cluster>),
    /// Something in a cluster.
    Item {
        /// The cluster.
        cluster: Id,
        /// Its kind.
        item: Item,
        /// Its name.
        name: String,
        /// What was asked for.
        spec: Opaque,
    },
    /// Nothing.
    Nothing,
}

/// How an operation stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in flight, and will have these effects.
    Running(Arc<Effects>),
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

/// A claim on a name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NameKey(pub EngineName, pub Text, pub Text);

impl NameKey {
    pub fn of(engine: EngineName, spec: &Spec) -> Self {
        Self(engine, spec.folder.clone(), spec.name.clone())
    }
}

/// An operation on one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Made by the service.
    pub id: Id,
    /// The cluster's engine.
    pub engine: EngineName,
    /// The cluster, which need not exist any more.
    pub cluster: Id,
    /// Its place in the universe's order.
    pub sequence: u64,
    /// For people.
    pub description: String,
    /// When it was accepted.
    pub created_at: Instant,
    /// When it last went on to another stage, or ended.
    pub modified_at: Instant,
    /// Who asked for it.
    pub created_by: String,
    /// The annotated metadata.
    pub metadata: Any,
    /// Names of its stages, with the instant at which each ends.
    pub stages: Vec<(&'static str, Instant)>,
    /// The number of the present stage.
    pub stage: usize,
    /// How it stands.
    pub outcome: Outcome,
}

/// What an operation in flight will do, and what it has done already.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    pub(super) changes: Vec<Change>,
    pub(super) result: ResultOf,
    /// The cluster's status before; unset if the operation creates the cluster.
    pub(super) status_before: Option<Status>,
    /// The name that is taken meanwhile, and given back if the operation does not succeed.
    pub(super) claimed: Option<NameKey>,
    /// The name that is given back when the operation succeeds.
    pub(super) released: Option<NameKey>,
}

impl Operation {
    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        !matches!(self.outcome, Outcome::Running(_))
    }

    /// Seconds until it ends if nothing holds it: 0 if it is due, else at least 1.
    pub fn seconds_left(&self, now: Instant) -> i64 {
        let ends_at = self.stages.last().map_or(now, |(_, ends_at)| *ends_at);
        (ends_at.since(now).max(0) + SECOND - 1) / SECOND
    }
}
