//! Moving the clock of a universe, and changing how it goes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::World;
use crate::refusal::Refusal;
use crate::universe::clock::Rate;
use crate::universe::{Clock, Instant, Universe};
use crate::worlds::{Caller, Published, staged};

impl World {
    /// Moves the clock to a later instant, in one step or not at all: all that falls due on the way happens in a copy, which is
    /// published when it has arrived. Until then reads are answered as before the move, and writes wait.
    ///
    /// # Errors
    ///
    /// What `to` refuses; CANCELLED if the caller has gone, and UNAVAILABLE if the process stops, before the clock has arrived;
    /// INTERNAL if something on the way could not happen.
    pub fn move_clock(
        &self,
        caller: &Caller,
        to: impl FnOnce(&Universe) -> Result<Instant, Refusal>,
    ) -> Result<Arc<Published>, Refusal> {
        self.move_clock_while(|| caller.waits(), to)
    }

    /// The same, where `goes_on` is asked again and again on the way whether to go on.
    ///
    /// # Errors
    ///
    /// What `goes_on` and `to` refuse; INTERNAL if something on the way could not happen.
    pub fn move_clock_while(
        &self,
        mut goes_on: impl FnMut() -> Result<(), Refusal>,
        to: impl FnOnce(&Universe) -> Result<Instant, Refusal>,
    ) -> Result<Arc<Published>, Refusal> {
        let _moving = self.moving();
        goes_on()?;
        let motion = self.try_change(|_| Ok(Motion::begin(self)))?;
        let mut next = Universe::clone(&self.whole());
        let from = next.now();
        let to = to(&next)?;
        while !staged::leap(&mut next, to).map_err(|broken| self.mend(&mut self.staged(), &broken))? {
            goes_on()?;
        }
        // A clock that runs has gone on meanwhile, and goes on from there.
        next.set_clock(next.clock().moved(next.now().since(from)));
        goes_on()?;
        let (next, before) = {
            let mut staged = self.staged();
            staged.replace(next.clone());
            let next = Arc::new(Published::new(next));
            let before = self.published.swap(next.clone());
            (next, before)
        };
        drop(motion);
        drop(before);
        Ok(next)
    }

    /// Stops the clock where it is; one that is being moved, where it arrives.
    ///
    /// # Errors
    ///
    /// CANCELLED or UNAVAILABLE if nobody waits for it any more.
    pub fn freeze(&self, caller: &Caller) -> Result<(), Refusal> {
        self.set_clock(caller, |_| Clock::Frozen)
    }

    /// Lets the clock go on from where it is: at a rate, or else at the one that it has, or else at the machine's pace.
    ///
    /// # Errors
    ///
    /// CANCELLED or UNAVAILABLE if nobody waits for it any more.
    pub fn resume(&self, caller: &Caller, rate: Option<Rate>) -> Result<(), Refusal> {
        self.set_clock(caller, |universe| {
            let present = match universe.clock() {
                Clock::Frozen => Rate::MACHINE,
                Clock::Running { rate, .. } => rate,
            };
            Clock::Running { from: universe.now(), machine: self.clock.now(), rate: rate.unwrap_or(present) }
        })
    }

    fn set_clock(&self, caller: &Caller, clock: impl FnOnce(&Universe) -> Clock) -> Result<(), Refusal> {
        let _moving = self.moving();
        caller.waits()?;
        self.clock_changes.fetch_add(1, Ordering::SeqCst);
        let changed = self.change(|universe| universe.set_clock(clock(universe)));
        self.clock_changes.fetch_add(1, Ordering::SeqCst);
        changed
    }
}

/// A clock on its way, for as long as it lives.
struct Motion<'a>(&'a World);

impl<'a> Motion<'a> {
    /// Called under the lock of what is staged.
    fn begin(world: &'a World) -> Self {
        world.in_motion.store(true, Ordering::Release);
        Self(world)
    }
}

impl Drop for Motion<'_> {
    fn drop(&mut self) {
        self.0.in_motion.store(false, Ordering::Release);
        self.0.arrived.notify_waiters();
        self.0.news.notify_waiters();
    }
}
