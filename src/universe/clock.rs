//! The clock of a universe: it goes on with the machine's, at a rate, or stands still until it is moved.

use std::time::Duration;

use super::Instant;

/// How a universe's time goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Time stands still between the moves that a user makes.
    Frozen,
    /// Time goes on while the machine's does.
    Running {
        /// What the clock showed when it began to go on like this.
        from: Instant,
        /// What the machine's clock showed then.
        machine: Instant,
        /// How fast it goes on.
        rate: Rate,
    },
}

/// How many seconds pass in a universe while one passes on the machine, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(u64);

impl Rate {
    /// The machine's own pace.
    pub const MACHINE: Self = Self(1_000_000);
    /// The slowest: a second takes eleven and a half days.
    pub const SLOWEST: f64 = 0.000_001;
    /// The fastest: eleven and a half days take a second.
    pub const FASTEST: f64 = 1_000_000.0;

    /// So many seconds a second, if a clock can go at that rate.
    pub fn new(seconds: f64) -> Option<Self> {
        // Rounding to millionths is what the range is made for.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (Self::SLOWEST..=Self::FASTEST).contains(&seconds).then(|| Self((seconds * 1e6).round() as u64))
    }

    /// Seconds a second.
    #[allow(clippy::cast_precision_loss)] // The range is well within what a double holds exactly.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// How long so many nanoseconds of a universe are on the machine, rounded up.
    fn takes(self, nanos: i64) -> Duration {
        let length = (u128::from(nanos.max(0).unsigned_abs()) * 1_000_000).div_ceil(u128::from(self.0));
        Duration::from_nanos(u64::try_from(length).unwrap_or(u64::MAX))
    }

    /// The nanoseconds of a universe in so many of the machine's.
    fn of(self, nanos: i64) -> i64 {
        let whole = i128::from(nanos) * i128::from(self.0) / 1_000_000;
        i64::try_from(whole).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }
}

impl Clock {
    /// The machine's own time.
    pub const MACHINE: Self =
        Self::Running { from: Instant::from_nanos(0), machine: Instant::from_nanos(0), rate: Rate::MACHINE };

    /// What a clock that last stood at `now` shows when the machine's shows `machine`. It never goes back.
    pub fn read(self, now: Instant, machine: Instant) -> Instant {
        match self {
            Self::Frozen => now,
            Self::Running { from, machine: then, rate } => from.plus(rate.of(machine.since(then))).max(now),
        }
    }

    /// How long the machine takes until the clock has gone on by so many nanoseconds; it never does if it stands still.
    pub fn takes(self, nanos: i64) -> Option<Duration> {
        match self {
            Self::Frozen => None,
            Self::Running { rate, .. } => Some(rate.takes(nanos)),
        }
    }

    /// The same clock, moved by so many nanoseconds: one that runs is ahead of itself by that from now on, so that what it has
    /// shown while it was being moved is never later than what it shows then.
    #[must_use]
    pub fn moved(self, nanos: i64) -> Self {
        match self {
            Self::Frozen => Self::Frozen,
            Self::Running { from, machine, rate } => Self::Running { from: from.plus(nanos), machine, rate },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_on_at_its_rate_and_never_back() {
        let at = Instant::from_nanos;
        let fast = Clock::Running { from: at(1000), machine: at(50), rate: Rate::new(2.5).unwrap() };
        assert_eq!(fast.read(at(0), at(50)), at(1000));
        assert_eq!(fast.read(at(0), at(150)), at(1250));
        assert_eq!(fast.read(at(2000), at(150)), at(2000));
        assert_eq!(fast.moved(7).read(at(0), at(150)), at(1257));
        assert_eq!(Clock::MACHINE.read(at(0), at(99)), at(99));
        assert_eq!(fast.takes(1001), Some(Duration::from_nanos(401)), "it is there by then");
        assert_eq!(Clock::MACHINE.takes(1), Some(Duration::from_nanos(1)));
        let slow = Clock::Running { from: at(0), machine: at(0), rate: Rate::new(Rate::SLOWEST).unwrap() };
        assert_eq!(slow.takes(i64::MAX), Some(Duration::from_nanos(u64::MAX)));
        assert_eq!((Clock::Frozen.takes(1), slow.takes(-1)), (None, Some(Duration::ZERO)));
        for refused in [0.0, -1.0, 1e-7, 1e7, f64::NAN, f64::INFINITY] {
            assert_eq!(Rate::new(refused), None, "{refused}");
        }
    }
}
