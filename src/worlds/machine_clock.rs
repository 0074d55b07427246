//! The machine's time of day, made to never go back.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use crate::universe::Instant;

/// What tells the machine's time of day. Copies share what they have shown.
///
/// A machine's clock is set back now and then, by hand or by a time server. This one then stands still until the machine's has
/// caught up, so that no universe that follows it ever shows an earlier instant than before.
#[derive(Clone)]
pub struct MachineClock(Arc<Inside>);

struct Inside {
    source: Box<dyn Fn() -> Instant + Send + Sync>,
    /// The latest instant that was shown, in nanoseconds.
    latest: AtomicI64,
}

impl MachineClock {
    /// The clock of this machine.
    #[allow(clippy::disallowed_methods)]
    pub fn of_the_machine() -> Self {
        Self::from_source(|| SystemTime::now().into())
    }

    /// A clock that shows what a function tells, such as one that a test moves by hand.
    pub fn from_source(source: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inside { source: Box::new(source), latest: AtomicI64::new(i64::MIN) }))
    }

    /// The instant that it shows: never an earlier one than before.
    pub fn now(&self) -> Instant {
        let told = (self.0.source)().nanos();
        Instant::from_nanos(self.0.latest.fetch_max(told, Ordering::Relaxed).max(told))
    }
}

impl Default for MachineClock {
    fn default() -> Self {
        Self::of_the_machine()
    }
}

impl fmt::Debug for MachineClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MachineClock").field(&self.now()).finish()
    }
}
