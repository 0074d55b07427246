//! How long a call waits for operations in flight, where calls shall wait for them.

use tokio::time::{Instant, sleep_until};

use super::deadline::Deadline;
use super::limits;
use crate::refusal::{self, Refusal};
use crate::universe::Id;
use crate::worlds::{Conflicts, Universes, Waiting, World};

/// What a call has left of its patience.
pub struct Patience {
    deadline: Deadline,
    /// When it ends; it has not begun before the first conflict.
    ends_at: Option<Instant>,
    waiting: Waiting,
}

impl Patience {
    /// The patience of a call that has this deadline.
    pub fn of(deadline: Deadline) -> Self {
        Self { deadline, ends_at: None, waiting: Waiting::default() }
    }

    /// Waits until the call that was refused may be tried again: for the last time, once patience has ended.
    ///
    /// # Errors
    ///
    /// The refusal, if it is no conflict, or there is no waiting, or no more; UNAVAILABLE if the process stops; INTERNAL if something
    /// that was due meanwhile could not happen.
    pub async fn outlast(&mut self, refusal: Refusal, universes: &Universes, world: &World) -> Result<(), Refusal> {
        let operation = match universes.conflicts() {
            Conflicts::Refuse => None,
            Conflicts::Wait => refusal::operation::conflicting(&refusal).and_then(|id| Id::parse(&id)),
        };
        let Some(operation) = operation else { return Err(refusal) };
        let deadline = self.deadline;
        let ends_at = *self.ends_at.get_or_insert_with(|| ends_at(deadline));
        if ends_at <= Instant::now() {
            return Err(refusal);
        }
        tokio::select! {
            biased;
            () = universes.stopped() => Err(refusal::request::stopping()),
            ended = self.waiting.for_end_of(world, operation) => ended,
            () = sleep_until(ends_at) => Ok(()),
        }
    }
}

/// When the patience ends that begins now: so long before the deadline that the client still hears of the conflict.
fn ends_at(deadline: Deadline) -> Instant {
    let left = deadline.left().map_or(limits::CONFLICT, |left| (left / 10 * 9).min(limits::CONFLICT));
    Instant::now() + left
}
