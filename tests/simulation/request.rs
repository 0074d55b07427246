//! Calls and replies in terms that all engines share.

use mdb_emulator::universe::{EngineName, Instant, Status};

/// An engine of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    Redis,
    Mysql,
    SqlServer,
    Spqr,
}

impl Engine {
    pub const ALL: [Self; 4] = [Self::Redis, Self::Mysql, Self::SqlServer, Self::Spqr];

    /// The engine of a name.
    pub fn of(name: EngineName) -> Self {
        match name.0 {
            "redis" => Self::Redis,
            "mysql" => Self::Mysql,
            "sqlserver" => Self::SqlServer,
            "spqr" => Self::Spqr,
            other => panic!("there is no engine {other}"),
        }
    }

    /// What lies in its clusters under names.
    pub fn items(self) -> &'static [Item] {
        if self == Self::Redis { &[Item::User] } else { &[Item::Database, Item::User] }
    }

    pub fn has_points_in_time(self) -> bool {
        self != Self::Redis
    }

    pub fn deletes_backups(self) -> bool {
        self != Self::SqlServer
    }

    pub fn adds_hosts(self) -> bool {
        self != Self::SqlServer
    }
}

/// What lies in a cluster under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Database,
    User,
}

impl Item {
    /// The same in the universe's terms.
    pub fn in_universe(self) -> mdb_emulator::universe::Item {
        match self {
            Self::Database => mdb_emulator::universe::Item::Database,
            Self::User => mdb_emulator::universe::Item::User,
        }
    }
}

/// A call that changes a universe.
#[derive(Clone, Debug)]
pub enum Request {
    Create { settings: Settings },
    Restore { source: Source, settings: Settings },
    OfCluster { cluster: String, change: Change },
    DeleteBackup { backup: String },
    Cancel { operation: String },
}

/// A change of one cluster.
#[derive(Clone, Debug)]
pub enum Change {
    Delete,
    Start,
    Stop,
    Backup,
    AddHost,
    Move { folder: String },
    Rename { name: String },
    Protect { protected: bool },
    SetWindow { minutes: Option<u16> },
    SetRetention { days: Option<i64> },
    Add { item: Item, name: String },
    Remove { item: Item, name: String },
}

/// What is asked for of a new cluster.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub folder: String,
    pub name: String,
    /// When the window opens, in minutes of the day; the engine's default if unset.
    pub window: Option<u16>,
    /// The engine's default if unset.
    pub retention_days: Option<i64>,
    pub protected: bool,
}

/// What a cluster is restored from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A backup, or a point in time that it reaches; `inclusive` matters to SPQR alone.
    Backup { id: String, time: Option<Instant>, inclusive: bool },
    /// The newest backup of a cluster that reaches a point in time: MySQL's alone.
    Cluster { id: String, time: Instant },
}

/// A cluster as the API shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterView {
    pub id: String,
    pub folder: String,
    pub name: String,
    pub created_at: Instant,
    pub status: Status,
    /// Nanoseconds of the day.
    pub window: i64,
    /// Unset where the engine does not show it.
    pub retention_days: Option<i64>,
    pub protected: bool,
}

/// A backup as the API shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct BackupView {
    pub id: String,
    pub cluster: String,
    pub folder: String,
    pub automatic: bool,
    pub started_at: Instant,
    pub created_at: Instant,
}
