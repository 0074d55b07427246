//! What was done to a universe, in the order in which it was, and the value that comes of doing it again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::Gateway;
use mdb_emulator::universe::{
    Clock, Decision, Event, Id, Instant, Key, KindName, Left, Opaque, OperationTime, Resource, ResourceChange, Seed,
    Universe,
};

/// An accepted change.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The universe's instant.
    pub at: Instant,
    /// The universe's seed, which tells how often it was reset before.
    pub seed: Seed,
    /// When the universe shall panic, if that is the change.
    pub panic_at: Option<Instant>,
    way: Way,
}

/// How a change is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// To a universe, by whoever manages it. Its length of operations then tells the number of the change, also after a reset.
    Managed,
    /// To one that is not reset: what a gateway is called tells the number.
    Kept,
    /// By a call that has its turn: the gateway is all that changes.
    Turn,
}

/// The folder of the gateway whose name tells the number of the last change.
const FOLDER: &str = "b1gchanges";

/// All accepted changes. The number of a change is its place among them, from 1 on.
#[derive(Debug, Default)]
pub struct History {
    /// Whether the universe is never reset.
    pub without_resets: bool,
    entries: Mutex<Vec<Entry>>,
    /// The number of the last change whose caller knows that it is made.
    known: AtomicU64,
}

impl History {
    pub fn new(without_resets: bool) -> Self {
        Self { without_resets, ..Self::default() }
    }

    /// Makes a change, and writes it down: called inside of it, so that the order is the true one. Returns its number.
    pub fn change(&self, universe: &mut Universe, panic_after: Option<i64>) -> u64 {
        let panic_at = panic_after.map(|nanos| universe.now().plus(nanos));
        let way = if self.without_resets { Way::Kept } else { Way::Managed };
        let (number, entry) = self.write_down(universe, panic_at, way);
        entry.apply(number, universe);
        number
    }

    /// Decides on a change for a call that has its turn, and writes it down; returns its number too.
    pub fn decide(&self, universe: &Universe) -> (u64, Decision) {
        let (number, _) = self.write_down(universe, None, Way::Turn);
        (number, numbered(number))
    }

    fn write_down(&self, universe: &Universe, panic_at: Option<Instant>, way: Way) -> (u64, Entry) {
        let entry = Entry { at: universe.now(), seed: universe.seed(), panic_at, way };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
        (entries.len() as u64, entry)
    }

    /// The caller of a change has its reply.
    pub fn is_known(&self, number: u64) {
        self.known.fetch_max(number, Ordering::SeqCst);
    }

    /// The number of the last change that a look which begins now must show.
    pub fn known(&self) -> u64 {
        self.known.load(Ordering::SeqCst)
    }

    /// The number of the last change that a look which has ended can show.
    pub fn begun(&self) -> u64 {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    pub fn entries(self) -> Vec<Entry> {
        self.entries.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn apply(self, number: u64, universe: &mut Universe) {
        let key = format!("key-{number}");
        // It falls due a day later that the key is forgotten.
        let operation = Seed(number).id(b"c9q", "operation", &[&key], number);
        let key = Key { method: "method", key: key.as_str().into(), body: number.into() };
        universe.carry_out(&numbered(number)).unwrap();
        if self.way != Way::Turn {
            universe.remember(&key, Left::Operation(operation));
        }
        if self.way == Way::Managed {
            universe.set_operation_time(OperationTime::Fixed(i64::try_from(number).unwrap()));
        }
        if let Some(due) = self.panic_at {
            universe.panic_at(due);
        }
    }
}

/// The id of the resource whose name is the number of the last change.
fn gateway() -> Id {
    Seed(0).id(b"enp", "gateway", &[], 0)
}

/// A change that leaves its number in a universe.
fn numbered(number: u64) -> Decision {
    let message = Gateway { id: gateway().to_string(), name: number.to_string(), ..Gateway::default() };
    let resource = Resource {
        kind: KindName::Gateway,
        id: gateway(),
        parent: FOLDER.into(),
        unique: Arc::default(),
        uses: Arc::default(),
        message: Opaque::new(message),
    };
    Decision::Change([ResourceChange::Put(resource.into()).into()].into())
}

/// The number of the last change that a universe shows.
pub fn number(universe: &Universe) -> u64 {
    let managed = match universe.operation_time() {
        OperationTime::Fixed(number) => u64::try_from(number).unwrap(),
        other => panic!("{other:?} is no number of a change"),
    };
    let gateway = universe.resource(KindName::Gateway, gateway());
    gateway.map_or(managed, |gateway| gateway.message.open::<Gateway>().name.parse().unwrap())
}

/// When a universe begins that gets this seed by a reset: earlier or later than the one before.
pub fn beginning(seed: Seed) -> Instant {
    let hours = i64::try_from(seed.0 * 7919 % 1000).unwrap();
    Instant::from_nanos((1_769_860_800 + hours * 3600) * 1_000_000_000)
}

/// The values that come of doing the same again, one thing after the other.
pub struct Replay {
    /// What there is after so many changes.
    values: Vec<Universe>,
}

impl Replay {
    /// `looks` are values that were seen: they tell by when what cannot happen was set aside.
    pub fn of(first: Universe, entries: &[Entry]) -> Self {
        let mut values = vec![first];
        for (entry, number) in entries.iter().zip(1..) {
            let mut next = Self::reset_to(values.last().unwrap(), entry.seed);
            set_aside(&mut next, entries, entry.at);
            next.settle(entry.at);
            entry.apply(number, &mut next);
            values.push(next);
        }
        Self { values }
    }

    /// The value that a universe must have which shows this number, seed and instant.
    pub fn expected(&self, seen: &Universe) -> Universe {
        let shown = usize::try_from(number(seen)).unwrap();
        let mut value = Self::reset_to(&self.values[shown], seen.seed());
        for (due, event) in seen.aside() {
            value.set_aside(*due, *event);
        }
        value.settle(seen.now());
        value
    }

    fn reset_to(before: &Universe, seed: Seed) -> Universe {
        if before.seed() == seed {
            before.clone()
        } else {
            Universe::new(seed, Clock::Frozen, beginning(seed), before.operation_time())
        }
    }
}

/// Sets aside all that cannot happen by an instant.
fn set_aside(universe: &mut Universe, entries: &[Entry], by: Instant) {
    let (seed, now) = (universe.seed(), universe.now());
    let panics = entries.iter().filter(|entry| entry.seed == seed).filter_map(|entry| entry.panic_at);
    for due in panics.filter(|due| now < *due && *due <= by) {
        universe.set_aside(due, Event::Panic);
    }
}
