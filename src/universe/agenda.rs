//! What falls due, in order of time. Nothing waits for it with a timer: whoever looks at a universe first lets happen
//! what is due by then.

use std::sync::Arc;

use imbl::OrdSet;

use super::{Id, Instant};

/// Something that happens at its instant. Of events at one instant the first in this order happens first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The present stage of an operation ends.
    StageEnd {
        /// The operation.
        operation: Id,
    },
    /// A daily backup that took a while is ready.
    BackupEnd {
        /// The number of the cluster's history.
        history: u64,
        /// The backup's number in it.
        backup: u64,
        /// Its place in the universe's order.
        sequence: u64,
        /// When it was begun.
        started_at: Instant,
    },
    /// A cluster's daily backup begins.
    DailyBackup {
        /// The cluster.
        cluster: Id,
    },
    /// The oldest backups of a cluster have been kept long enough.
    Expiry {
        /// The number of the cluster's history.
        history: u64,
    },
    /// A day has passed since an idempotency key was used.
    ForgetKey {
        /// The method of the call.
        method: &'static str,
        /// The key.
        key: Arc<str>,
    },
    /// The emulator panics: what a test puts here to see that a universe outlives it.
    Panic,
}

/// Events by the instant at which they are due.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agenda(OrdSet<(Instant, Event)>);

impl Agenda {
    /// When the next event is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.0.get_min().map(|(due, _)| *due)
    }

    /// Takes the next event that is due by then.
    pub fn take_due(&mut self, by: Instant) -> Option<(Instant, Event)> {
        if self.next_due()? > by {
            return None;
        }
        self.0.remove_min()
    }

    /// Adds an event.
    pub fn add(&mut self, due: Instant, event: Event) {
        self.0.insert((due, event));
    }

    /// Takes an event off.
    pub fn remove(&mut self, due: Instant, event: Event) {
        self.0.remove(&(due, event));
    }

    /// Replaces the instant of an event: `from` is where it stands now, `to` where it shall.
    pub fn reschedule(&mut self, event: Event, from: Option<Instant>, to: Option<Instant>) {
        if from == to {
            return;
        }
        if let Some(due) = from {
            self.remove(due, event.clone());
        }
        if let Some(due) = to {
            self.add(due, event);
        }
    }
}
