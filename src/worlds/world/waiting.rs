//! Calls that wait for an operation in flight to end, rather than be refused because of it.
//!
//! Those that wait for operations on one target stand in a line, and the first of the line alone watches the operation: so they go on
//! in the order in which they came. A call that comes just when the target is free may still be before them.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use super::World;
use crate::refusal::Refusal;
use crate::universe::{Id, Target};

/// What becomes of a call that would change what an operation in flight is changing (our choice: what the service does is not known).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// It is refused, and its client may try again.
    #[default]
    Refuse,
    /// It waits for the operation to end, for as long as its client does.
    Wait,
}

impl FromStr for Conflicts {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "wait" => Ok(Self::Wait),
            _ => Err("must be wait or refuse"),
        }
    }
}

/// Whoever holds it is the first of a line. It is given on in the order in which it was asked for.
type First = tokio::sync::Mutex<()>;

/// The lines of those that wait, by the target of what they wait for.
#[derive(Debug, Default)]
pub(super) struct Lines(Mutex<BTreeMap<Target, Weak<First>>>);

impl Lines {
    fn of(&self, target: Target) -> Arc<First> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|_, line| line.strong_count() > 0);
        let line = lines.get(&target).and_then(Weak::upgrade).unwrap_or_default();
        lines.insert(target, Arc::downgrade(&line));
        line
    }

    fn length(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().map(Weak::strong_count).sum()
    }
}

/// Where a call stands that waits.
#[derive(Debug, Default)]
pub struct Waiting(Option<(Target, OwnedMutexGuard<()>)>);

impl Waiting {
    /// Waits until a call may go on that was refused because of an operation: it has ended, or the universe is there no more. The call is the
    /// first of its line from then on, until it stands in another one or this is dropped.
    ///
    /// # Errors
    ///
    /// INTERNAL if something that was due meanwhile could not happen.
    pub async fn for_end_of(&mut self, world: &World, operation: Id) -> Result<(), Refusal> {
        let Some(target) = world.whole().operation(operation).map(|operation| operation.target) else { return Ok(()) };
        if self.0.as_ref().is_none_or(|(present, _)| *present != target) {
            // Two calls, each of them the first where the other waits, would wait for ever.
            self.0 = None;
            self.0 = Some((target, world.lines.of(target).lock_owned().await));
        }
        world.until_ended(operation).await
    }
}

/// How an operation stands that is waited for.
enum Watched {
    /// It has ended, or will never be heard of again.
    Gone,
    /// So much is due that other calls get a turn before it is known.
    Unknown,
    /// It is in flight. Unless there is other news, there will be after this time of the machine, if ever.
    InFlight(Option<Duration>),
}

impl World {
    /// How many calls wait for an operation to end.
    pub fn waiting(&self) -> usize {
        self.lines.length()
    }

    async fn until_ended(&self, operation: Id) -> Result<(), Refusal> {
        loop {
            // From here on no news is missed.
            let news = self.news.notified();
            match self.watched(operation)? {
                Watched::Gone => return Ok(()),
                Watched::Unknown => tokio::task::yield_now().await,
                Watched::InFlight(None) => news.await,
                // Nobody else may be looking at the universe when the operation's time has come.
                Watched::InFlight(Some(length)) => _ = timeout(length, news).await,
            }
        }
    }

    fn watched(&self, operation: Id) -> Result<Watched, Refusal> {
        if self.is_removed() {
            return Ok(Watched::Gone);
        }
        let Some((universe, now)) = self.try_read()? else { return Ok(Watched::Unknown) };
        let Some(in_flight) = universe.operation(operation).filter(|operation| !operation.is_done()) else {
            return Ok(Watched::Gone);
        };
        // While the clock is being moved nothing happens, and its arrival is news. What is due and has not happened never will.
        let ahead = in_flight.due.map(|due| due.since(now)).filter(|ahead| *ahead > 0 && !self.is_in_motion());
        Ok(Watched::InFlight(ahead.and_then(|ahead| universe.clock().takes(ahead))))
    }
}
