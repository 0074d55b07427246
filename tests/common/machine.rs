//! A machine's clock that a test moves by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use mdb_emulator::universe::Instant;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::worlds::MachineClock;
use prost_types::Timestamp;

/// A machine whose clock stands at noon of the last day of January until it is moved, forward or back.
#[derive(Clone, Debug)]
pub struct Machine(Arc<AtomicI64>);

impl Machine {
    pub fn at_noon() -> Self {
        Self(Arc::new(AtomicI64::new(1_769_860_800 * SECOND)))
    }

    /// What shows its time to a server.
    pub fn clock(&self) -> MachineClock {
        let machine = self.clone();
        MachineClock::from_source(move || machine.instant())
    }

    pub fn instant(&self) -> Instant {
        Instant::from_nanos(self.0.load(Ordering::SeqCst))
    }

    pub fn now(&self) -> Timestamp {
        self.instant().into()
    }

    /// Moves the clock by seconds.
    pub fn pass(&self, seconds: i64) {
        self.pass_nanos(seconds * SECOND);
    }

    /// Moves the clock by nanoseconds.
    pub fn pass_nanos(&self, nanos: i64) {
        self.0.fetch_add(nanos, Ordering::SeqCst);
    }
}
