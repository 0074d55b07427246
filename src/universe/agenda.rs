//! What falls due, in order of time. Nothing waits for it with a timer: whoever looks at a universe first lets happen
//! what is due by then.

use imbl::OrdSet;

use super::{Event, Instant};

/// Events by the instant at which they are due.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agenda(OrdSet<(Instant, Event)>);

impl Agenda {
    /// What falls due next, and when.
    pub fn next_due(&self) -> Option<(Instant, Event)> {
        self.0.get_min().copied()
    }

    /// Takes what falls due next off the agenda.
    pub fn take_due(&mut self) {
        self.0.remove_min();
    }

    /// Adds an event.
    pub fn add(&mut self, due: Instant, event: impl Into<Event>) {
        self.0.insert((due, event.into()));
    }

    /// Takes an event off.
    pub fn remove(&mut self, due: Instant, event: impl Into<Event>) {
        self.0.remove(&(due, event.into()));
    }
}
