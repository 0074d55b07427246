//! What happens by itself when it falls due: each store has its own events.

use super::Id;
use super::plan::Target;

/// Something that happens at its instant. Of events at one instant the first in this order happens first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// To operations.
    Operation(OperationEvent),
    /// To clusters.
    Cluster(ClusterEvent),
    /// To what outlives clusters.
    Record(RecordEvent),
    /// To idempotency keys.
    Key(KeyEvent),
    /// The emulator panics: what a test puts here to see that a universe outlives it.
    Panic,
}

macro_rules! event_of {
    ($($variant:ident $event:ident)*) => {
        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        })*
    };
}

event_of! { Operation OperationEvent Cluster ClusterEvent Record RecordEvent Key KeyEvent }

/// What happens to operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationEvent {
    /// The present stage of an operation ends.
    StageEnd {
        /// The operation.
        operation: Id,
    },
    /// The oldest operation on a target has been kept long enough.
    Forget {
        /// The target.
        target: Target,
    },
}

/// What happens to clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClusterEvent {
    /// A cluster's daily backup begins.
    DailyBackup {
        /// The cluster's place in the universe's order.
        cluster: u64,
    },
}

/// What happens to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordEvent {
    /// A daily backup that took a while is ready.
    BackupEnd {
        /// The number of the cluster's record.
        record: u64,
        /// The backup's number in it.
        number: u64,
    },
    /// The oldest backup of a cluster has been kept long enough.
    Expiry {
        /// The number of the cluster's record.
        record: u64,
    },
}

/// What happens to idempotency keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyEvent {
    /// A day has passed since a key was used.
    Forget {
        /// The key's number.
        number: u64,
    },
}
