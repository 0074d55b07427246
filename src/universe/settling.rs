//! How a universe's time passes: what falls due on the way happens, each thing at its own instant.

use super::{Event, Instant, RecordEvent, Universe};

impl Universe {
    /// Lets time pass, in nanoseconds. Everything that falls due on the way happens, each thing at its own instant, so that one
    /// long step and many short ones come to the same.
    pub fn advance(&mut self, nanos: i64) {
        self.settle(self.core.now.plus(nanos));
    }

    /// Brings time up to an instant; does nothing if it has passed.
    pub fn settle(&mut self, to: Instant) {
        while !self.leap(to, usize::MAX) {}
    }

    /// Lets at most `events` things happen on the way to an instant, in the order of time; returns whether it is reached.
    pub fn settle_some(&mut self, to: Instant, events: usize) -> bool {
        for _ in 0..events {
            let Some((due, event)) = self.take_due(to) else {
                self.core.now = self.core.now.max(to);
                return true;
            };
            self.core.now = self.core.now.max(due);
            if !self.set_aside.contains(&(due, event)) {
                self.happening = Some((due, event));
                self.happen(event);
                self.happening = None;
            }
        }
        false
    }

    /// Lets at most `events` things happen on the way to an instant; returns whether it is reached. Until it is, some records are ahead
    /// of the universe, so that nobody may look at it.
    ///
    /// It comes to the same as [`Universe::settle_some`], and is much faster over long ways: each record goes its way by itself, up to the
    /// next event that concerns anything else. No record has to do with another.
    pub fn leap(&mut self, to: Instant, events: usize) -> bool {
        if !self.set_aside.is_empty() {
            return self.settle_some(to, events);
        }
        let mut happened = 0;
        while happened < events {
            let bound = self.records_alone_until(to);
            match self.take_due(to) {
                Some((due, Event::Record(RecordEvent::Next { record }))) if due <= bound => {
                    let happening = |due| self.happening = Some((due, RecordEvent::Next { record }.into()));
                    happened += self.records.run(&self.core, record, bound, events - happened, happening);
                }
                Some((due, event)) => {
                    self.core.now = self.core.now.max(due);
                    self.happening = Some((due, event));
                    self.happen(event);
                    happened += 1;
                }
                None => {
                    self.core.now = self.core.now.max(to);
                    return true;
                }
            }
            self.happening = None;
        }
        false
    }

    /// The last instant, on the way to another one, before which only records have something due.
    fn records_alone_until(&self, to: Instant) -> Instant {
        match self.core.agenda.next_due() {
            // Of what is due at one instant, operations and resources come before records.
            Some((due, Event::Operation(_) | Event::Resource(_))) => due.plus(-1).min(to),
            Some((due, Event::Record(_) | Event::Key(_) | Event::Panic)) => due.min(to),
            None => to,
        }
    }

    /// Takes what falls due next off its agenda, if it is due by then.
    fn take_due(&mut self, by: Instant) -> Option<(Instant, Event)> {
        let (of_record, other) = (self.records.next_due(), self.core.agenda.next_due());
        let next = of_record.into_iter().chain(other).min().filter(|(due, _)| *due <= by)?;
        if Some(next) == of_record {
            self.records.take_due();
        } else {
            self.core.agenda.take_due();
        }
        Some(next)
    }

    /// What was just happening when the universe was left, if it was left in the middle of something by a panic: then it is good
    /// for nothing but to tell this.
    pub fn happening(&self) -> Option<(Instant, Event)> {
        self.happening
    }

    /// Makes sure that something which is due at an instant does not happen, since its code panics.
    pub fn set_aside(&mut self, due: Instant, event: Event) {
        self.set_aside.insert((due, event));
    }

    /// What was due, and could not happen, in order of time.
    pub fn aside(&self) -> impl Iterator<Item = &(Instant, Event)> {
        self.set_aside.iter()
    }

    /// Lets the universe panic at an instant, so that a test sees what comes of it.
    #[doc(hidden)]
    pub fn panic_at(&mut self, due: Instant) {
        self.core.agenda.add(due, Event::Panic);
    }
}
