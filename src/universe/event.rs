//! What happens by itself when it falls due: each store has its own events.

use super::Id;
use super::plan::Target;

/// Something that happens at its instant. Of events at one instant the first in this order happens first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// To operations.
    Operation(OperationEvent),
    /// To plain resources.
    Resource(ResourceEvent),
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

event_of! { Operation OperationEvent Resource ResourceEvent Record RecordEvent Key KeyEvent }

/// What happens to operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationEvent {
    /// The present stage of an operation ends.
    StageEnd {
        /// The operation's place in the universe's order: of those that end at one instant, the one that was begun first ends first.
        operation: u64,
    },
    /// The oldest operation on a target has been kept long enough.
    Forget {
        /// The target.
        target: Target,
    },
}

/// What happens to plain resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceEvent {
    /// A symmetric key gets a new version, since its period of rotation has passed.
    Rotate {
        /// The key.
        key: Id,
    },
    /// A version of a symmetric key is destroyed, as was planned.
    DestroyVersion {
        /// The version.
        version: Id,
    },
}

/// What happens to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordEvent {
    /// A daily backup begins or is ready, or a backup has been kept long enough: whatever falls due next in a record.
    Next {
        /// The number of the record.
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
