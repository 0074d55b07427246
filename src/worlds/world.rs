//! One universe, as it is published. How its clock is moved stands in `motion`, and how calls wait for its operations in `waiting`.

mod motion;
mod waiting;

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::Notify;

use super::staged::{Broken, Staged};
use super::{Caller, MachineClock, Published};
use crate::refusal::Refusal;
use crate::universe::tokens::Token;
use crate::universe::{Auth, Change, Decision, Instant, Key, Left, Universe};

use waiting::Lines;
pub use waiting::{Conflicts, Waiting};

/// One universe, as it is published.
#[derive(Debug)]
pub struct World {
    /// Its id.
    pub id: String,
    clock: MachineClock,
    /// What everybody sees. Whoever looks at what writes change publishes first what is staged: see [`World::whole`] and
    /// [`World::peek`].
    published: ArcSwap<Published>,
    /// What writes change.
    staged: Mutex<Staged>,
    /// Whether what is staged is ahead of what is published.
    ahead: AtomicBool,
    /// Counts the beginnings and ends of changes to how the clock goes, so it is odd during one.
    clock_changes: AtomicU64,
    /// Held while the clock is moved, or while how it goes is changed.
    moving: Mutex<()>,
    /// Whether the clock is being moved: then the universe stands, and writes wait. It is raised under the lock of `staged`.
    in_motion: AtomicBool,
    /// Wakes those that wait for the clock to arrive, or to stay where it was.
    arrived: Notify,
    /// Wakes those that wait for operations to end, when something may have ended one or bring its end nearer.
    news: Notify,
    /// The lines of those that wait for operations to end.
    lines: Lines,
    /// Whether the process has this universe no more.
    removed: AtomicBool,
}

/// A universe as it stands, and the instant that its clock shows.
pub type Look = (Guard<Arc<Published>>, Instant);

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

/// Looking at a universe.
impl World {
    /// A universe of its own, which follows this clock of the machine if it follows any.
    pub(super) fn new(id: &str, universe: Universe, clock: MachineClock) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            clock,
            staged: Mutex::new(Staged::new(universe.clone())),
            published: ArcSwap::from_pointee(Published::new(universe)),
            ahead: AtomicBool::new(false),
            clock_changes: AtomicU64::new(0),
            moving: Mutex::new(()),
            in_motion: AtomicBool::new(false),
            arrived: Notify::new(),
            news: Notify::new(),
            lines: Lines::default(),
            removed: AtomicBool::new(false),
        })
    }

    /// The machine's clock, which the universe follows if it follows any.
    pub fn machine(&self) -> &MachineClock {
        &self.clock
    }

    /// How callers are told apart. Like the seed, it changes only together with what is published: so nothing that is staged has to be
    /// published to tell it.
    pub fn auth(&self) -> Auth {
        self.published.load().access().auth
    }

    /// What a token says, live or not; nothing if the universe has not issued it, by its seed.
    pub fn token(&self, text: &str) -> Option<Token> {
        self.published.load().token(text)
    }

    /// Whether a token of the universe is good now. Who revokes one publishes at once.
    pub fn is_live(&self, token: &Token) -> bool {
        let universe = self.published.load();
        universe.is_live(token, universe.instant(self.clock.now()))
    }

    /// The universe as it was last left, whatever may be due by now.
    pub fn peek(&self) -> Look {
        loop {
            let changes = self.clock_changes.load(Ordering::SeqCst);
            self.catch_up_with_writes();
            let universe = self.published.load();
            let now = universe.instant(self.clock.now());
            // Whoever asks for the time while a clock that runs is frozen might else show a later instant than it is frozen at.
            if changes.is_multiple_of(2) && changes == self.clock_changes.load(Ordering::SeqCst) {
                return (universe, now);
            }
            drop(self.staged());
        }
    }

    /// The same value, for callers that keep it.
    pub(super) fn whole(&self) -> Arc<Published> {
        self.catch_up_with_writes();
        self.published.load_full()
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

    /// Lets some of what is due by now happen.
    fn settle_some(&self) -> Result<Progress, Refusal> {
        let mut staged = self.staged();
        if self.in_motion.load(Ordering::Relaxed) {
            return Ok(Progress::InMotion);
        }
        // Reckoned under the lock: the universe may have been reset since it was looked at, and its clock with it.
        let now = staged.universe().instant(self.clock.now());
        let caught_up = self.settled(&mut staged, now)?;
        Ok(if caught_up { Progress::CaughtUp } else { Progress::Behind })
    }

    /// Publishes what is staged, if it is ahead.
    fn catch_up_with_writes(&self) {
        if self.ahead.load(Ordering::Acquire) {
            let mut staged = self.staged();
            // Another may have done it meanwhile.
            if self.ahead.load(Ordering::Relaxed) {
                self.publish(&mut staged);
            }
        }
    }
}

/// Changing a universe.
impl World {
    /// Changes the universe, after everything that is due by now. Nothing is changed if the change is refused. Waits while
    /// the clock is being moved.
    ///
    /// # Errors
    ///
    /// What `change` refuses; INTERNAL if something that was due could not happen.
    pub fn try_change<T>(&self, change: impl FnOnce(&mut Universe) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut staged = self.still();
        loop {
            let now = staged.universe().instant(self.clock.now());
            if self.settled(&mut staged, now)? {
                break;
            }
        }
        // In a copy: whoever refuses or panics may have changed some of it.
        let mut next = staged.universe().clone();
        let changed = change(&mut next)?;
        staged.replace(next);
        self.publish(&mut staged);
        let now = staged.universe().now();
        self.settled(&mut staged, now)?;
        self.news.notify_waiters();
        Ok(changed)
    }

    /// The same, for a change that is never refused.
    ///
    /// # Errors
    ///
    /// INTERNAL if something that was due could not happen.
    pub fn change<T>(&self, change: impl FnOnce(&mut Universe) -> T) -> Result<T, Refusal> {
        self.try_change(|universe| Ok(change(universe)))
    }

    /// Lets a call have its turn at the universe, after everything that is due by now; unless that turn has not come: the clock is
    /// being moved, or so much is due that only some of it happens. Then there is nothing yet, and another try may be made after
    /// [`World::another_turn`].
    ///
    /// # Errors
    ///
    /// What `call` refuses; INTERNAL if something that was due could not happen.
    pub fn attempt<T>(&self, call: impl FnOnce(&mut Turn<'_>) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
        let mut staged = self.staged();
        if self.in_motion.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let now = staged.universe().instant(self.clock.now());
        if !self.settled(&mut staged, now)? {
            return Ok(None);
        }
        let answer = call(&mut Turn { world: self, staged: &mut staged })?;
        // An operation that takes no time ends here, so that whoever reads next has nothing to wait for. What is too much for now is
        // left to the next call.
        let now = staged.universe().now();
        self.settled(&mut staged, now)?;
        Ok(Some(answer))
    }

    /// Waits until another [`World::attempt`] may succeed.
    pub async fn another_turn(&self) {
        // From here on the news is not missed.
        let arrived = self.arrived.notified();
        if self.in_motion.load(Ordering::Acquire) {
            arrived.await;
        } else {
            tokio::task::yield_now().await;
        }
    }

    /// Tells those that wait for something in it that it is gone.
    pub(super) fn remove(&self) {
        self.removed.store(true, Ordering::Release);
        self.news.notify_waiters();
    }

    fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Acquire)
    }

    fn is_in_motion(&self) -> bool {
        self.in_motion.load(Ordering::Acquire)
    }

    /// Replaces the universe by one that is made of it, and returns what it was.
    pub(super) fn replace(
        &self,
        caller: &Caller,
        successor: impl FnOnce(&Universe, Instant) -> Universe,
    ) -> Result<Arc<Published>, Refusal> {
        let _moving = self.moving();
        caller.waits()?;
        let mut staged = self.staged();
        self.publish(&mut staged);
        let now = staged.universe().instant(self.clock.now());
        let next = successor(staged.universe(), now);
        staged.replace(next.clone());
        let before = self.published.swap(Arc::new(Published::new(next)));
        self.news.notify_waiters();
        Ok(before)
    }

    /// Lets some of what is due by an instant happen; returns whether all of it has. An event that cannot happen, since its code
    /// panics, is set aside, so that it does not come again.
    fn settled(&self, staged: &mut Staged, to: Instant) -> Result<bool, Refusal> {
        // Here, since refused calls take steps too: they bring time up.
        if staged.is_far_ahead() {
            self.publish(staged);
        }
        // Time alone is no news: whoever looks reckons it anew.
        let is_news = !staged.universe().is_settled(to);
        let settled = staged.settle(to);
        if is_news {
            self.ahead.store(true, Ordering::Release);
            self.news.notify_waiters();
        }
        settled.map_err(|broken| self.mend(staged, &broken))
    }

    /// Makes the staged value again after a panic; returns what the call is told that met it.
    fn mend(&self, staged: &mut Staged, broken: &Broken) -> Refusal {
        if let Some((due, event)) = broken.culprit {
            tracing::error!(universe = self.id, %due, ?event, "an event panicked, and is set aside");
        }
        staged.mend(&self.published.load(), broken);
        self.publish(staged);
        broken.refusal()
    }

    /// Publishes what is staged.
    fn publish(&self, staged: &mut Staged) {
        let before = self.published.swap(Arc::new(Published::new(staged.for_publishing())));
        self.ahead.store(false, Ordering::Release);
        drop(before);
    }
}

/// A call's turn at a universe: it looks at the universe, and has it carry out what it decides.
#[derive(Debug)]
pub struct Turn<'a> {
    world: &'a World,
    staged: &'a mut Staged,
}

impl Deref for Turn<'_> {
    type Target = Universe;

    fn deref(&self) -> &Universe {
        self.staged.universe()
    }
}

impl Turn<'_> {
    /// Has what a handler has decided about a request of so many bytes carried out, under an idempotency key if there is one; returns what
    /// the reply is about, if it is about anything.
    ///
    /// # Errors
    ///
    /// What [`Universe::accept`] refuses; INTERNAL if the change cannot be made, since its code panics: then nothing has changed.
    pub fn carry_out(&mut self, decision: Decision, key: Option<Key>, bytes: usize) -> Result<Option<Left>, Refusal> {
        let ends_one = matches!(&decision, Decision::Cancel(..));
        let is_of_tokens = matches!(&decision, Decision::Change(changes) if changes.iter().any(Change::is_of_tokens));
        match self.staged.carry_out(decision, key, bytes) {
            // Every call asks whether its token is good, and must not publish other writes by that. So a revocation publishes itself.
            Ok(outcome) if is_of_tokens => {
                self.world.publish(self.staged);
                outcome
            }
            Ok(outcome) => {
                self.world.ahead.store(true, Ordering::Release);
                if ends_one {
                    self.world.news.notify_waiters();
                }
                outcome
            }
            Err(broken) => Err(self.world.mend(self.staged, &broken)),
        }
    }
}

/// Locks. A panic under one leaves what it guards whole: what is staged is mended before its lock is given back.
impl World {
    fn staged(&self) -> MutexGuard<'_, Staged> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is staged, while the clock is not being moved.
    fn still(&self) -> MutexGuard<'_, Staged> {
        loop {
            let staged = self.staged();
            if !self.in_motion.load(Ordering::Relaxed) {
                return staged;
            }
            drop(staged);
            drop(self.moving());
        }
    }

    fn moving(&self) -> MutexGuard<'_, ()> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
