//! One universe, as it is published.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::Notify;

use super::{Caller, MachineClock};
use crate::refusal::{self, Refusal};
use crate::universe::clock::Rate;
use crate::universe::{Clock, Instant, Universe};

/// How many things may happen before other calls of the universe get their turn.
const EVENTS_AT_ONCE: usize = 1000;

/// One universe, as it is published.
#[derive(Debug)]
pub struct World {
    /// Its id.
    pub id: String,
    clock: MachineClock,
    published: ArcSwap<Universe>,
    writing: Mutex<()>,
    /// Held by who moves the clock, or changes how it goes.
    moving: Mutex<()>,
    /// Whether the clock is being moved: then what is published stands, and writes wait. It is raised under `writing`.
    in_motion: AtomicBool,
    /// Tells who waits that the clock has arrived, or stays where it was.
    arrived: Notify,
}

/// A universe as it stands, and the instant that its clock shows.
pub type Look = (Guard<Arc<Universe>>, Instant);

/// How far a universe has been brought up to its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Everything has happened that is due.
    CaughtUp,
    /// More is due.
    Behind,
    /// The clock is being moved, and nothing happens meanwhile.
    InMotion,
}

impl World {
    /// A universe of its own, which follows this clock of the machine if it follows any.
    pub(super) fn new(id: &str, universe: Universe, clock: MachineClock) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            clock,
            published: ArcSwap::from_pointee(universe),
            writing: Mutex::new(()),
            moving: Mutex::new(()),
            in_motion: AtomicBool::new(false),
            arrived: Notify::new(),
        })
    }

    /// The machine's clock, which the universe follows if it follows any.
    pub fn machine(&self) -> &MachineClock {
        &self.clock
    }

    /// The universe as it was last left, whatever may be due by now.
    pub fn peek(&self) -> Look {
        let universe = self.published.load();
        let now = universe.instant(self.clock.now());
        (universe, now)
    }

    /// The universe with everything that is due by now, and the instant. While the clock is being moved, that is the instant
    /// before the next thing is due.
    ///
    /// # Errors
    ///
    /// INTERNAL if something that was due could not happen.
    pub fn read(&self) -> Result<Look, Refusal> {
        loop {
            if let Some(look) = self.try_read()? {
                return Ok(look);
            }
        }
    }

    /// The same, unless so much is due that only some of it happens: then there is nothing yet, so that other calls get their turn on
    /// this thread before the next try.
    ///
    /// # Errors
    ///
    /// INTERNAL if something that was due could not happen.
    pub fn try_read(&self) -> Result<Option<Look>, Refusal> {
        let (universe, now) = self.peek();
        if universe.is_settled(now) {
            return Ok(Some((universe, now)));
        }
        drop(universe);
        if self.settle_some()? == Progress::Behind {
            return Ok(None);
        }
        let (universe, now) = self.peek();
        let still = universe.next_due().map_or(now, |due| due.plus(-1).min(now)).max(universe.now());
        Ok(Some((universe, still)))
    }

    /// Changes the universe, after everything that is due by now. Nothing is published if the change is refused. Waits while
    /// the clock is being moved.
    ///
    /// # Errors
    ///
    /// What `change` refuses; INTERNAL if something that was due could not happen.
    pub fn try_change<T>(&self, mut change: impl FnOnce(&mut Universe) -> Result<T, Refusal>) -> Result<T, Refusal> {
        loop {
            match self.attempt(change) {
                Ok(outcome) => return outcome,
                Err(untouched) => change = untouched,
            }
            if self.in_motion.load(Ordering::Acquire) {
                drop(self.moving());
            }
        }
    }

    /// The same, unless its turn has not come: the clock is being moved, or so much is due that only some of it happens. Then the
    /// change is given back, to be tried again after [`World::another_turn`].
    pub fn attempt<T, F>(&self, change: F) -> Result<Result<T, Refusal>, F>
    where
        F: FnOnce(&mut Universe) -> Result<T, Refusal>,
    {
        let writing = self.writing();
        if self.in_motion.load(Ordering::Relaxed) {
            return Err(change);
        }
        let mut next = Universe::clone(&self.published.load());
        let now = next.instant(self.clock.now());
        match self.settled(&mut next, now) {
            Ok(true) => {}
            Ok(false) => {
                self.publish(next, writing);
                return Err(change);
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
        let outcome = change(&mut next);
        if outcome.is_ok() {
            // An operation that takes no time ends here, unseen, rather than in the next value: so whoever reads next has nothing
            // to wait for. What is too much for now is left to the next call.
            let now = next.now();
            if let Err(refusal) = self.settled(&mut next, now) {
                return Ok(Err(refusal));
            }
            self.publish(next, writing);
        }
        Ok(outcome)
    }

    /// Waits until there is a point in another [`World::attempt`].
    pub async fn another_turn(&self) {
        // From here on the news is not missed.
        let arrived = self.arrived.notified();
        if self.in_motion.load(Ordering::Acquire) {
            arrived.await;
        } else {
            tokio::task::yield_now().await;
        }
    }

    /// The same as [`World::try_change`], for a change that is never refused.
    ///
    /// # Errors
    ///
    /// INTERNAL if something that was due could not happen.
    pub fn change<T>(&self, change: impl FnOnce(&mut Universe) -> T) -> Result<T, Refusal> {
        self.try_change(|universe| Ok(change(universe)))
    }

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
    ) -> Result<Arc<Universe>, Refusal> {
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
    ) -> Result<Arc<Universe>, Refusal> {
        let _moving = self.moving();
        goes_on()?;
        let motion = self.try_change(|_| Ok(Motion::begin(self)))?;
        let mut next = Universe::clone(&self.published.load());
        let from = next.now();
        let to = to(&next)?;
        while !self.settled_unlocked(&mut next, to)? {
            goes_on()?;
        }
        // A clock that runs has gone on meanwhile, and goes on from there.
        next.set_clock(next.clock().moved(next.now().since(from)));
        goes_on()?;
        let next = Arc::new(next);
        let before = {
            let _writing = self.writing();
            self.published.swap(next.clone())
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
        self.change(|universe| universe.set_clock(clock(universe)))
    }

    /// Replaces the universe by one that is made of it, and returns what it was.
    pub(super) fn replace(
        &self,
        caller: &Caller,
        successor: impl FnOnce(&Universe, Instant) -> Universe,
    ) -> Result<Arc<Universe>, Refusal> {
        let _moving = self.moving();
        caller.waits()?;
        let _writing = self.writing();
        let before = self.published.load_full();
        let next = successor(&before, before.instant(self.clock.now()));
        Ok(self.published.swap(Arc::new(next)))
    }

    /// The universe as it was last left, for who keeps it.
    pub(super) fn whole(&self) -> Arc<Universe> {
        self.published.load_full()
    }

    /// Lets some of what is due by now happen.
    fn settle_some(&self) -> Result<Progress, Refusal> {
        let (universe, now) = self.peek();
        if universe.is_settled(now) {
            return Ok(Progress::CaughtUp);
        }
        drop(universe);
        let writing = self.writing();
        if self.in_motion.load(Ordering::Relaxed) {
            return Ok(Progress::InMotion);
        }
        let mut next = Universe::clone(&self.published.load());
        // Reckoned under the lock: the universe may have been reset since it was looked at, and its clock with it.
        let now = next.instant(self.clock.now());
        let arrived = self.settled(&mut next, now)?;
        self.publish(next, writing);
        Ok(if arrived { Progress::CaughtUp } else { Progress::Behind })
    }

    /// Lets some of what is due by an instant happen in the next value; returns whether all of it has. Called under `writing`.
    ///
    /// An event that cannot happen, since its code panics, is set aside in the published value, so that it does not come again.
    fn settled(&self, next: &mut Universe, to: Instant) -> Result<bool, Refusal> {
        settled(next, to).map_err(|refusal| self.set_aside(next, refusal))
    }

    /// The same, called without `writing`.
    fn settled_unlocked(&self, next: &mut Universe, to: Instant) -> Result<bool, Refusal> {
        settled(next, to).map_err(|refusal| {
            let _writing = self.writing();
            self.set_aside(next, refusal)
        })
    }

    fn set_aside(&self, broken: &Universe, refusal: Refusal) -> Refusal {
        if let Some((due, event)) = broken.happening() {
            tracing::error!(universe = self.id, %due, ?event, "an event panicked, and is set aside");
            let mut published = Universe::clone(&self.published.load());
            published.set_aside(*due, event.clone());
            self.published.store(Arc::new(published));
        }
        refusal
    }

    /// Publishes the next value, and lets the next writer in before what nobody needs any more is freed.
    fn publish(&self, next: Universe, writing: MutexGuard<'_, ()>) {
        let before = self.published.swap(Arc::new(next));
        drop(writing);
        drop(before);
    }

    // A panic under a lock publishes nothing, so what is published is whole.

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moving(&self) -> MutexGuard<'_, ()> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn settled(next: &mut Universe, to: Instant) -> Result<bool, Refusal> {
    let settle = AssertUnwindSafe(|| next.settle_some(to, EVENTS_AT_ONCE));
    catch_unwind(settle).map_err(|_| refusal::request::internal("what was due could not happen, and is set aside"))
}

/// A clock on its way, for as long as it lives.
struct Motion<'a>(&'a World);

impl<'a> Motion<'a> {
    /// Called under `writing`.
    fn begin(world: &'a World) -> Self {
        world.in_motion.store(true, Ordering::Release);
        Self(world)
    }
}

impl Drop for Motion<'_> {
    fn drop(&mut self) {
        self.0.in_motion.store(false, Ordering::Release);
        self.0.arrived.notify_waiters();
    }
}
