//! All universes of a process, by id.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use imbl::OrdMap;
use tokio::sync::Notify;

use super::caller::Presence;
use super::{Caller, Conflicts, Keys, MachineClock, Published, World};
use crate::refusal::{self, Refusal};
use crate::universe::{Access, Clock, Instant, OperationTime, Seed, Universe};

/// The universe of calls that choose none.
pub const DEFAULT: &str = "default";

/// All universes, by id.
#[derive(Debug)]
pub struct Universes {
    all: ArcSwap<OrdMap<String, Arc<World>>>,
    changing: Mutex<()>,
    default: Arc<World>,
    clock: MachineClock,
    keys: Keys,
    stopping: Arc<AtomicBool>,
    /// Wakes those that wait for the process to stop.
    stopped: Notify,
    /// What becomes of calls that conflict with an operation in flight.
    conflicts: Conflicts,
    /// What operations of a new universe take.
    operation_time: OperationTime,
    /// How callers of a new universe are told apart.
    access: Access,
    /// Whether what requests refer to must exist in a new universe.
    strict: bool,
    dropped: mpsc::Sender<Arc<Published>>,
}

impl Universes {
    /// A process with one universe, on a machine with this clock.
    pub fn new(default: Universe, clock: MachineClock) -> Self {
        let (dropped, received) = mpsc::channel();
        thread::Builder::new().name("free".into()).spawn(move || free(&received)).map_or_else(|_| (), drop);
        let (operation_time, access) = (default.operation_time(), default.access().clone());
        let strict = default.is_strict();
        let default = World::new(DEFAULT, default, clock.clone());
        Self {
            all: ArcSwap::from_pointee(OrdMap::unit(DEFAULT.to_owned(), default.clone())),
            changing: Mutex::new(()),
            default,
            clock,
            keys: Keys::default(),
            stopping: Arc::default(),
            stopped: Notify::new(),
            conflicts: Conflicts::default(),
            operation_time,
            access,
            strict,
            dropped,
        }
    }

    /// The same process, where this becomes of calls that conflict with an operation in flight.
    #[must_use]
    pub fn with_conflicts(self, conflicts: Conflicts) -> Self {
        Self { conflicts, ..self }
    }

    /// What becomes of calls that conflict with an operation in flight.
    pub fn conflicts(&self) -> Conflicts {
        self.conflicts
    }

    /// The machine's clock.
    pub fn machine(&self) -> &MachineClock {
        &self.clock
    }

    /// The idempotency keys of calls that manage universes.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// A caller of what may take long, and what to hold for as long as it waits.
    pub fn caller(&self) -> (Caller, Presence) {
        Caller::new(self.stopping.clone())
    }

    /// How many callers wait for what may take long.
    pub fn callers(&self) -> usize {
        Arc::strong_count(&self.stopping) - 1
    }

    /// Lets what takes long give up: the process is about to end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.stopped.notify_waiters();
    }

    /// Waits until the process is about to end.
    pub async fn stopped(&self) {
        // From here on the news is not missed.
        let stopped = self.stopped.notified();
        if !self.stopping.load(Ordering::Acquire) {
            stopped.await;
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
        let (clock, now) = frozen_at.map_or_else(|| (Clock::MACHINE, self.clock.now()), |at| (Clock::Frozen, at));
        let mut universe = Universe::new(seed, clock, now, self.operation_time);
        universe.set_access(self.access.clone());
        universe.set_strict(self.strict);
        self.add(id, universe)
    }

    /// Adds a universe that begins as a copy of another.
    ///
    /// # Errors
    ///
    /// NOT_FOUND if there is no such source; ALREADY_EXISTS if the id is taken.
    pub fn fork(&self, source: &str, id: &str) -> Result<Arc<World>, Refusal> {
        let source = self.get(Some(source))?.whole();
        self.add(id, Universe::clone(&source))
    }

    /// Empties a universe.
    ///
    /// # Errors
    ///
    /// NOT_FOUND if there is none; CANCELLED or UNAVAILABLE if nobody waits for it any more.
    pub fn reset(
        &self,
        caller: &Caller,
        id: &str,
        seed: Option<Seed>,
        frozen_at: Option<Instant>,
    ) -> Result<Arc<World>, Refusal> {
        let world = self.get(Some(id))?;
        let before = world.replace(caller, |before, now| {
            let (clock, now) = frozen_at.map_or((before.clock(), now), |instant| (Clock::Frozen, instant));
            let seed = seed.unwrap_or(before.seed());
            let mut universe = Universe::new(seed, clock, now, before.operation_time());
            universe.set_access(before.access().clone());
            universe.set_strict(before.is_strict());
            universe
        })?;
        self.free(before);
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
        removed.remove();
        self.free(removed.whole());
        Ok(())
    }

    fn add(&self, id: &str, universe: Universe) -> Result<Arc<World>, Refusal> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = OrdMap::clone(&self.all.load());
        if all.contains_key(id) {
            return Err(refusal::universe::already_exists(id));
        }
        let world = World::new(id, universe, self.clock.clone());
        all.insert(id.to_owned(), world.clone());
        self.all.store(Arc::new(all));
        Ok(world)
    }

    /// Lets a thread of its own free what a large universe leaves behind. Without that thread it is freed here.
    fn free(&self, universe: Arc<Published>) {
        _ = self.dropped.send(universe);
    }
}

/// Holds each dropped universe until nobody else does, so that it is freed here; for five seconds at most, after which whoever
/// still reads it frees it.
fn free(dropped: &mpsc::Receiver<Arc<Published>>) {
    for universe in dropped {
        for _ in 0..1000 {
            if Arc::strong_count(&universe) == 1 {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}
