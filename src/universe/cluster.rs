//! Clusters and their hosts, in the terms that all engines share.

use std::sync::Arc;

pub use super::identifier::Text;
use super::resource::{KindName, Used};
use super::{Contents, Id, Instant, Opaque};

/// Which engine a resource belongs to, by the name that its package has in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EngineName(pub &'static str);

/// What a cluster is doing. The numbers are the contract's, the same for every engine; there is no status for deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// Being made, by Create or Restore.
    Creating = 1,
    /// Works.
    Running = 2,
    /// Does not work.
    Error = 3,
    /// Works, while an operation changes it.
    Updating = 4,
    /// Being stopped.
    Stopping = 5,
    /// Stands still, until it is started.
    Stopped = 6,
    /// Being started.
    Starting = 7,
}

impl Status {
    /// The status's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Running => "RUNNING",
            Self::Error => "ERROR",
            Self::Updating => "UPDATING",
            Self::Stopping => "STOPPING",
            Self::Stopped => "STOPPED",
            Self::Starting => "STARTING",
        }
    }

    /// Whether its servers are up, so that the daily backup can be taken.
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Updating)
    }
}

/// What was asked for of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The folder that holds the cluster.
    pub folder: Text,
    /// Unique among the engine's clusters in the folder.
    pub name: Text,
    /// Whether Delete is refused.
    pub deletion_protection: bool,
    /// Earliest start of the daily backup: nanoseconds after the beginning of the UTC day.
    pub backup_window_start: i64,
    /// How long automatic backups are kept, in nanoseconds.
    pub automatic_retention: i64,
    /// How long manual backups are kept, in nanoseconds; forever if unset.
    pub manual_retention: Option<i64>,
    /// What it refers to beside the subnets of its hosts.
    pub uses: Arc<[Used]>,
    /// The engine's own request, whole but for secrets, with the defaults filled in.
    pub request: Opaque,
}

/// One server of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Which host of the cluster it is, in the order in which they were made: its place in lists. No number is given twice.
    pub number: u64,
    /// Its fully qualified domain name.
    pub name: Text,
    /// Its role, by the number that it has in the engine's enum.
    pub role: i32,
    /// The subnet that it is in, if its id is such as the service makes.
    pub subnet: Option<Id>,
    /// The engine's own request for the host, with subnet and shard filled in.
    pub spec: Opaque,
}

/// A cluster. Most changes leave most of it alone, so a copy shares the large parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Made by the service.
    pub id: Id,
    /// The engine that runs on it.
    pub engine: EngineName,
    /// Its place in the universe's order, and the number of its record.
    pub sequence: u64,
    /// When it was asked for.
    pub created_at: Instant,
    /// What it is doing.
    pub status: Status,
    /// What was asked for.
    pub spec: Arc<Spec>,
    /// Its servers, in the order in which they were asked for.
    pub hosts: Arc<[Host]>,
    /// How many hosts were made for it so far, those that are gone too: the number of the next one.
    pub hosts_made: u64,
    /// What is in it now.
    pub contents: Contents,
}

/// A cluster to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCluster {
    /// The engine that shall run on it.
    pub engine: EngineName,
    /// What is asked for.
    pub spec: Arc<Spec>,
    /// Its servers, which get their names when the cluster has its id.
    pub hosts: Vec<NewHost>,
    /// What it shall contain.
    pub contents: Contents,
}

/// A server to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewHost {
    /// What its name begins with: the short name of its zone, such as `rc1a`.
    pub zone_code: String,
    /// Its role, by the number that it has in the engine's enum.
    pub role: i32,
    /// The subnet that it shall be in, if its id is such as the service makes.
    pub subnet: Option<Id>,
    /// The engine's own request for the host, with subnet and shard filled in.
    pub spec: Opaque,
}

impl Cluster {
    /// The server of a name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| *host.name == *name)
    }

    /// What it refers to.
    pub fn uses(&self) -> Vec<Used> {
        uses(&self.spec, self.hosts.iter().filter_map(|host| host.subnet))
    }
}

impl NewCluster {
    /// What it will refer to.
    pub fn uses(&self) -> Vec<Used> {
        uses(&self.spec, self.hosts.iter().filter_map(|host| host.subnet))
    }
}

/// What a cluster of a spec refers to whose hosts are in these subnets.
pub(super) fn uses(spec: &Spec, subnets: impl Iterator<Item = Id>) -> Vec<Used> {
    let subnets = subnets.map(|id| Used { kind: KindName::Subnet, id });
    spec.uses.iter().copied().chain(subnets).collect()
}
