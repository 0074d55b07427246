//! Several threads do to one universe all that can be done to it, at random and at the same time. Whatever one of them sees must be
//! what comes of the changes in the order in which they were made.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mdb_emulator::refusal::{self, Refusal};
use mdb_emulator::universe::{Clock, Instant, OperationTime, Seed, Universe};
use mdb_emulator::worlds::{DEFAULT, Universes, World};

use crate::history::{History, Replay, beginning, number};
use crate::*;

const THREADS: u64 = 4;
const STEPS: usize = 250;

/// How many universes are tried, each with other numbers.
fn rounds() -> u64 {
    std::env::var("CONCURRENT_ROUNDS").map_or(4, |rounds| rounds.parse().expect("CONCURRENT_ROUNDS is a number"))
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    /// A number below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        // The generator SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % bound
    }

    fn nanos(&mut self, hours: u64) -> i64 {
        i64::try_from(self.below(hours * 3600)).unwrap() * NANOS + 1
    }
}

/// What all threads share.
struct Scene {
    universes: Universes,
    world: Arc<World>,
    machine: Machine,
    history: History,
    /// Held by who resets the universe, so that it is known in which order.
    resetting: Mutex<()>,
    /// How many resets have begun: the number of each is the seed that it gives.
    resets: AtomicU64,
    /// How many of them have ended.
    resets_known: AtomicU64,
    /// The latest instant that somebody has seen under each seed.
    latest: Mutex<BTreeMap<u64, Instant>>,
    /// How often something was answered by INTERNAL.
    faults: AtomicUsize,
    seen: Mutex<Vec<Universe>>,
}

impl Scene {
    fn new(clock: Clock, without_resets: bool) -> Self {
        let machine = Machine::at_noon();
        let first = Universe::new(Seed(0), clock, machine.instant(), OperationTime::Fixed(0));
        let universes = Universes::new(first, machine.clock());
        Self {
            world: universes.get(None).unwrap(),
            universes,
            machine,
            history: History::new(without_resets),
            resetting: Mutex::default(),
            resets: AtomicU64::default(),
            resets_known: AtomicU64::default(),
            latest: Mutex::default(),
            faults: AtomicUsize::default(),
            seen: Mutex::default(),
        }
    }

    /// One thing that can be done, chosen by chance. What is refused is refused as it was to be.
    fn step(&self, chance: &mut Chance) {
        match chance.below(20) {
            0..6 => self.look(),
            6..11 if self.history.without_resets && chance.below(4) > 0 => self.turn(),
            6..11 => self.change(None),
            11 => self.change(Some(chance.nanos(30))),
            12 if chance.below(2) == 0 => self.refused_turn(),
            12 => self.refused_change(),
            13 if chance.below(2) == 0 => self.broken_turn(),
            13 => self.broken_change(),
            14 => self.fork(chance),
            15 | 16 => self.move_clock(chance.nanos(10), u64::MAX),
            17 => self.move_clock(chance.nanos(10), chance.below(3)),
            18 => self.machine.pass(i64::try_from(chance.below(20_000)).unwrap()),
            _ => self.reset(),
        }
    }

    /// Does something that must come between what was known before it and what has begun after it.
    fn between<T>(&self, look: impl FnOnce() -> Result<T, Refusal>, shown: impl FnOnce(&T) -> (Universe, Instant)) {
        let (known, resets_known) = (self.history.known(), self.resets_known.load(Ordering::SeqCst));
        let latest = self.latest.lock().unwrap().clone();
        let Some(looked) = self.faultless(look()) else { return };
        let (universe, now) = shown(&looked);
        let (begun, resets_begun) = (self.history.begun(), self.resets.load(Ordering::SeqCst));
        let shows = number(&universe);
        assert!((known..=begun).contains(&shows), "shows change {shows}, rather than one of {known} to {begun}");
        let seed = universe.seed().0;
        assert!((resets_known..=resets_begun).contains(&seed), "shows seed {seed} after {resets_known} resets");
        assert!(universe.now() <= now);
        if let Some(latest) = latest.get(&seed) {
            assert!(now >= *latest, "{now} is shown after {latest}");
        }
        let mut latest = self.latest.lock().unwrap();
        let latest = latest.entry(seed).or_insert(now);
        *latest = now.max(*latest);
        self.seen.lock().unwrap().push(universe);
    }

    fn look(&self) {
        self.between(|| self.world.read(), |(universe, now)| (Universe::clone(universe), *now));
    }

    fn change(&self, panic_after: Option<i64>) {
        let changed = self.world.change(|universe| self.history.change(universe, panic_after));
        if let Some(number) = self.faultless(changed) {
            self.history.is_known(number);
        }
    }

    /// A call that changes something when its turn has come.
    fn turn(&self) {
        loop {
            let changed = self.world.attempt(|turn| {
                let (number, decision) = self.history.decide(turn);
                turn.carry_out(decision, None, 0)?;
                Ok(number)
            });
            match self.faultless(changed) {
                Some(Some(number)) => return self.history.is_known(number),
                Some(None) => thread::yield_now(),
                None => return,
            }
        }
    }

    fn refused_turn(&self) {
        let refused = self.world.attempt(|_| Err::<(), _>(refusal::request::page_token()));
        if refused.as_ref().is_err_and(|refusal| *refusal != refusal::request::page_token()) {
            _ = self.faultless(refused);
        }
    }

    fn broken_turn(&self) {
        // Without the message that a panic would print.
        let broken = || self.world.attempt(|_| -> Result<(), Refusal> { resume_unwind(Box::new("in a handler")) });
        if let Ok(refused) = catch_unwind(AssertUnwindSafe(broken)) {
            _ = self.faultless(refused);
        }
    }

    /// A change that is refused after it has changed the universe.
    fn refused_change(&self) {
        let refused: Result<(), Refusal> = self.world.try_change(|universe| {
            spoil(universe);
            Err(refusal::request::page_token())
        });
        let refusal = refused.unwrap_err();
        if refusal != refusal::request::page_token() {
            _ = self.faultless::<()>(Err(refusal));
        }
    }

    fn broken_change(&self) {
        let broken = || {
            self.world.change(|universe| {
                spoil(universe);
                // Without the message that a panic would print.
                resume_unwind(Box::new("in the middle"))
            })
        };
        if let Ok(refused) = catch_unwind(AssertUnwindSafe(broken)) {
            _ = self.faultless::<()>(refused);
        }
    }

    fn fork(&self, chance: &mut Chance) {
        let id = format!("fork-{}", chance.below(u64::MAX));
        let fork = || self.universes.fork(DEFAULT, &id);
        // It may have more to catch up with, which is no affair of this one's.
        self.between(fork, |world| {
            let universe = Universe::clone(&world.peek().0);
            let now = universe.now();
            let latest = self.latest.lock().unwrap().get(&universe.seed().0).copied();
            (universe, latest.map_or(now, |latest| latest.max(now)))
        });
        self.universes.delete(&id).unwrap();
    }

    /// Moves the clock, unless it is given up after so many questions.
    fn move_clock(&self, nanos: i64, questions: u64) {
        let mut asked = 0;
        let goes_on = || {
            asked += 1;
            if asked > questions { Err(refusal::request::caller_gone()) } else { Ok(()) }
        };
        let moved = self.world.move_clock_while(goes_on, |universe| Ok(universe.now().plus(nanos)));
        if questions == u64::MAX || moved.as_ref().is_err_and(|refusal| *refusal != refusal::request::caller_gone()) {
            _ = self.faultless(moved);
        }
    }

    fn reset(&self) {
        // A clock that runs goes on after a reset from an instant that nobody knows.
        if self.history.without_resets || self.world.peek().0.clock() != Clock::Frozen {
            return self.look();
        }
        let _resetting = self.resetting.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = Seed(self.resets.fetch_add(1, Ordering::SeqCst) + 1);
        let (caller, _presence) = self.universes.caller();
        self.universes.reset(&caller, DEFAULT, Some(seed), Some(beginning(seed))).unwrap();
        self.resets_known.store(seed.0, Ordering::SeqCst);
    }

    /// What was done, unless something that was due could not happen.
    fn faultless<T>(&self, outcome: Result<T, Refusal>) -> Option<T> {
        let refusal = match outcome {
            Ok(done) => return Some(done),
            Err(refusal) => refusal,
        };
        assert_eq!(refusal.code, Code::Internal, "{refusal:?}");
        self.faults.fetch_add(1, Ordering::SeqCst);
        None
    }
}

/// Leaves a universe in which nothing is as it was.
fn spoil(universe: &mut Universe) {
    universe.set_operation_time(OperationTime::Fixed(i64::MAX));
    universe.panic_at(universe.now());
    universe.set_seed(Seed(u64::MAX));
}

#[test]
fn whatever_is_done_together_is_done_one_after_the_other() {
    for round in 0..rounds() {
        for clock in [Clock::Frozen, Clock::MACHINE] {
            all_at_once(clock, round, false);
            all_at_once(clock, round, true);
        }
    }
}

fn all_at_once(clock: Clock, round: u64, without_resets: bool) {
    let scene = Scene::new(clock, without_resets);
    let first = Universe::clone(&scene.world.peek().0);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let scene = &scene;
            scope.spawn(move || {
                let mut chance = Chance(round * THREADS + thread);
                (0..STEPS).for_each(|_| scene.step(&mut chance));
            });
        }
    });
    scene.look();
    let Scene { history, seen, faults, world, .. } = scene;
    let (entries, seen) = (history.entries(), seen.into_inner().unwrap());
    assert!(entries.len() > STEPS / 2 && seen.len() > STEPS / 2, "{} changes and {} looks", entries.len(), seen.len());
    let panics = entries.iter().filter(|entry| entry.panic_at.is_some()).count();
    assert!(faults.into_inner() <= panics, "what cannot happen is told once");
    let replay = Replay::of(first, &entries);
    for mut universe in seen.into_iter().chain([Universe::clone(&world.peek().0)]) {
        let mut expected = replay.expected(&universe);
        // How a clock that is moved goes on is tested elsewhere.
        universe.set_clock(Clock::Frozen);
        expected.set_clock(Clock::Frozen);
        assert!(universe == expected, "in round {round}, after change {}", number(&universe));
    }
}
