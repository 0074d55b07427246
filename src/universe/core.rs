//! What every store of a universe needs: its seed, its time, its one count, and what falls due.

use super::agenda::Agenda;
use super::{Clock, Event, Instant, OperationTime, Seed};

/// The core of a universe.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Core {
    pub seed: Seed,
    pub clock: Clock,
    pub now: Instant,
    pub operation_time: OperationTime,
    /// The last number given to anything that lists put in order: clusters, operations and the backups that are called for share one
    /// count.
    pub sequence: u64,
    pub agenda: Agenda,
}

impl Core {
    pub fn new(seed: Seed, clock: Clock, now: Instant, operation_time: OperationTime) -> Self {
        Self { seed, clock, now, operation_time, sequence: 0, agenda: Agenda::default() }
    }

    /// Lets something happen so many nanoseconds from now, unless time ends before.
    pub fn add_after(&mut self, nanos: i64, event: impl Into<Event>) {
        if let Some(due) = self.now.checked_plus(nanos) {
            self.agenda.add(due, event);
        }
    }

    pub fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}
