//! The universes of one process. Each is published as a whole by swapping a pointer: who reads takes no lock, who writes
//! makes the next value under a lock of that universe alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use arc_swap::{ArcSwap, Guard};
use imbl::OrdMap;

use crate::refusal::{self, Refusal};
use crate::universe::{Access, Clock, Instant, OperationTime, Seed, Universe};

/// The universe of calls that choose none.
pub const DEFAULT: &str = "default";

/// Things that may happen under one lock while time is moved far.
const EVENTS_AT_ONCE: usize = 1000;

/// All universes, by id.
#[derive(Debug)]
pub struct Universes {
    all: ArcSwap<OrdMap<String, Arc<World>>>,
    changing: Mutex<()>,
    default: Arc<World>,
    /// What operations of a new universe take.
    operation_time: OperationTime,
    /// How callers of a new universe are told apart.
    access: Access,
    dropped: mpsc::Sender<Arc<Universe>>,
}

/// One universe, as it is published.
#[derive(Debug)]
pub struct World {
    /// Its id.
    pub id: String,
    published: ArcSwap<Universe>,
    writing: Mutex<()>,
    /// Held by what takes many steps under `writing`, or must not come in between.
    moving: Mutex<()>,
}

/// The machine's instant. Nothing else in the emulator asks the machine for the time of day.
#[allow(clippy::disallowed_methods)]
pub fn machine_now() -> Instant {
    SystemTime::now().into()
}

impl World {
    fn new(id: &str, universe: Universe) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            published: ArcSwap::from_pointee(universe),
            writing: Mutex::new(()),
            moving: Mutex::new(()),
        })
    }

    /// Lets everything happen that is due by now. After a long time without calls that is much, so other calls get their turn on
    /// this thread in between.
    pub async fn catch_up(&self) {
        while !self.is_caught_up() {
            tokio::task::yield_now().await;
        }
    }

    /// The universe with everything that is due by now, and the instant.
    pub fn read(&self) -> (Guard<Arc<Universe>>, Instant) {
        loop {
            let universe = self.published.load();
            let now = universe.instant(machine_now());
            if universe.is_settled(now) {
                return (universe, now);
            }
            drop(universe);
            self.step(now);
        }
    }

    /// Changes the universe, after everything that is due by now. Nothing is published if the change is refused.
    ///
    /// # Errors
    ///
    /// What `change` refuses.
    pub fn try_change<T>(&self, mut change: impl FnOnce(&mut Universe) -> Result<T, Refusal>) -> Result<T, Refusal> {
        loop {
            match self.attempt(change) {
                Ok(outcome) => return outcome,
                Err(untouched) => change = untouched,
            }
        }
    }

    /// The same, unless so much is due that only some of it happens: then the change is given back, so that other calls get
    /// their turn before the next attempt.
    pub fn attempt<T, F>(&self, change: F) -> Result<Result<T, Refusal>, F>
    where
        F: FnOnce(&mut Universe) -> Result<T, Refusal>,
    {
        // A panic under the lock publishes nothing, so what is published is whole.
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = (**self.published.load()).clone();
        if !next.settle_some(next.instant(machine_now()), EVENTS_AT_ONCE) {
            self.publish(next, writing);
            return Err(change);
        }
        let outcome = change(&mut next);
        if outcome.is_ok() {
            // An operation that takes no time ends here, unseen, rather than in the next value: so whoever reads next has nothing
            // to wait for. What is too much for now is left to the next call.
            next.settle_some(next.now(), EVENTS_AT_ONCE);
            self.publish(next, writing);
        }
        Ok(outcome)
    }

    /// Publishes the next value, and lets the next writer in before what nobody needs any more is freed.
    fn publish(&self, next: Universe, writing: MutexGuard<'_, ()>) {
        let before = self.published.swap(Arc::new(next));
        drop(writing);
        drop(before);
    }

    /// The same, for a change that is never refused.
    pub fn change<T>(&self, change: impl FnOnce(&mut Universe) -> T) -> T {
        let mut outcome = None;
        // Nothing in here refuses.
        _ = self.try_change(|universe| {
            outcome = Some(change(universe));
            Ok(())
        });
        outcome.expect("a change that is not refused is made")
    }

    /// Lets a frozen or following clock show a later instant. A long way is gone in steps, so that other calls of this universe
    /// come in between.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if the instant lies before the clock, or too far ahead.
    pub fn move_clock(&self, to: impl FnOnce(&Universe) -> Result<Instant, Refusal>) -> Result<Arc<Universe>, Refusal> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let to = self.try_change(|universe| to(universe))?;
        while !self.step(to) {}
        // Only now does a following clock run on from there: on the way, a look at the universe must not make the rest of it.
        self.change(|universe| universe.set_clock(universe.clock().set(universe.now(), machine_now())));
        Ok(self.published.load_full())
    }

    /// Stops the clock where it is; one that is being moved, where it arrives.
    pub fn freeze(&self) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.change(|universe| universe.set_clock(Clock::Frozen));
    }

    fn is_caught_up(&self) -> bool {
        let universe = self.published.load();
        let now = universe.instant(machine_now());
        universe.is_settled(now) || self.step(now)
    }

    /// Lets some of what is due by an instant happen; returns whether all of it has.
    fn step(&self, to: Instant) -> bool {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = (**self.published.load()).clone();
        let arrived = next.settle_some(to, EVENTS_AT_ONCE);
        self.publish(next, writing);
        arrived
    }
}

impl Universes {
    /// A process with one universe.
    pub fn new(default: Universe) -> Self {
        let (dropped, received) = mpsc::channel();
        thread::Builder::new().name("free".into()).spawn(move || free(&received)).map_or_else(|_| (), drop);
        let (operation_time, access) = (default.operation_time(), default.access().clone());
        let default = World::new(DEFAULT, default);
        Self {
            all: ArcSwap::from_pointee(OrdMap::unit(DEFAULT.to_owned(), default.clone())),
            changing: Mutex::new(()),
            default,
            operation_time,
            access,
            dropped,
        }
    }

    /// The universe of an id; the default one if no id is given.
    ///
    /// # Errors
    ///
    /// NOT_FOUND if there is none.
    pub fn get(&self, id: Option<&str>) -> Result<Arc<World>, Refusal> {
        match id {
            None | Some("" | DEFAULT) => Ok(self.default.clone()),
            Some(id) => self.all.load().get(id).cloned().ok_or_else(|| refusal::universe::not_found(id)),
        }
    }

    /// All universes, by id, from behind one.
    pub fn all_after(&self, after: &str) -> Vec<Arc<World>> {
        let all = self.all.load();
        all.range(after.to_owned()..).filter(|(id, _)| *id != after).map(|(_, world)| world.clone()).collect()
    }

    /// Adds an empty universe, frozen at an instant or following the machine's clock.
    ///
    /// # Errors
    ///
    /// ALREADY_EXISTS if the id is taken.
    pub fn create(&self, id: &str, seed: Seed, frozen_at: Option<Instant>) -> Result<Arc<World>, Refusal> {
        let (clock, now) = frozen_at.map_or((Clock::MACHINE, machine_now()), |instant| (Clock::Frozen, instant));
        let mut universe = Universe::new(seed, clock, now, self.operation_time);
        universe.set_access(self.access.clone());
        self.add(id, universe)
    }

    /// Adds a universe that begins as a copy of another.
    ///
    /// # Errors
    ///
    /// NOT_FOUND if there is no such source; ALREADY_EXISTS if the id is taken.
    pub fn fork(&self, source: &str, id: &str) -> Result<Arc<World>, Refusal> {
        let source = self.get(Some(source))?;
        // A clock on its way is not copied half moved.
        let _moving = source.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = Universe::clone(&source.published.load());
        self.add(id, copy)
    }

    /// Empties a universe.
    ///
    /// # Errors
    ///
    /// NOT_FOUND if there is none.
    pub fn reset(&self, id: &str, seed: Option<Seed>, frozen_at: Option<Instant>) -> Result<Arc<World>, Refusal> {
        let world = self.get(Some(id))?;
        let moving = world.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let writing = world.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = world.published.load_full();
        let (clock, now) = frozen_at
            .map_or_else(|| (before.clock(), before.instant(machine_now())), |instant| (Clock::Frozen, instant));
        let seed = seed.unwrap_or(before.seed());
        let mut universe = Universe::new(seed, clock, now, before.operation_time());
        universe.set_access(before.access().clone());
        world.published.store(Arc::new(universe));
        self.free(before);
        drop(writing);
        drop(moving);
        Ok(world)
    }

    /// Removes a universe.
    ///
    /// # Errors
    ///
    /// NOT_FOUND if there is none; FAILED_PRECONDITION for the default one.
    pub fn delete(&self, id: &str) -> Result<(), Refusal> {
        if id == DEFAULT {
            return Err(refusal::universe::default_stays(id));
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = OrdMap::clone(&self.all.load());
        let removed = all.remove(id).ok_or_else(|| refusal::universe::not_found(id))?;
        self.all.store(Arc::new(all));
        self.free(removed.published.load_full());
        Ok(())
    }

    fn add(&self, id: &str, universe: Universe) -> Result<Arc<World>, Refusal> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = OrdMap::clone(&self.all.load());
        if all.contains_key(id) {
            return Err(refusal::universe::already_exists(id));
        }
        let world = World::new(id, universe);
        all.insert(id.to_owned(), world.clone());
        self.all.store(Arc::new(all));
        Ok(world)
    }

    /// Lets a thread of its own free what a large universe leaves behind. Without that thread it is freed here.
    fn free(&self, universe: Arc<Universe>) {
        _ = self.dropped.send(universe);
    }
}

/// Holds each dropped universe until nobody else does, so that it is freed here; for five seconds at most, after which whoever
/// still reads it frees it.
fn free(dropped: &mpsc::Receiver<Arc<Universe>>) {
    for universe in dropped {
        for _ in 0..1000 {
            if Arc::strong_count(&universe) == 1 {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}
