//! Instants and lengths of time inside a universe.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost_types::Timestamp;

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;
/// Nanoseconds of a day. UTC days all have this length here: leap seconds are not simulated.
pub const DAY: i64 = 86_400 * SECOND;

/// A moment of UTC: nanoseconds since 1970, from the year 1677 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The last instant that there is, in the year 2262.
    pub const LAST: Self = Self(i64::MAX);

    /// The instant so many nanoseconds after the beginning of 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the beginning of 1970.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The very instant of a timestamp, unless it is before 1677 or after 2262.
    pub fn exact(timestamp: &Timestamp) -> Option<Self> {
        let instant = Self::from(timestamp);
        (Timestamp::from(instant) == *timestamp).then_some(instant)
    }

    /// This many nanoseconds later, or as late as can be said.
    #[must_use]
    pub const fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// This many nanoseconds later, if that can be said.
    pub fn checked_plus(self, nanos: i64) -> Option<Self> {
        self.0.checked_add(nanos).map(Self)
    }

    /// Nanoseconds from an earlier instant to this one; negative if it is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The number of the UTC day, counted from the first of 1970.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// The beginning of a UTC day.
    pub const fn start_of_day(day: i64) -> Self {
        Self(day.saturating_mul(DAY))
    }
}

impl From<SystemTime> for Instant {
    fn from(time: SystemTime) -> Self {
        let nanos = |length: Duration| i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(nanos(after)),
            Err(before) => Self(-nanos(before.duration())),
        }
    }
}

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        // The remainder of a division by a billion fits.
        let nanos = i32::try_from(instant.0.rem_euclid(SECOND)).unwrap_or_default();
        Self { seconds: instant.0.div_euclid(SECOND), nanos }
    }
}

/// A timestamp before 1677 or after 2262 becomes the nearest instant: a point in time to compare with loses nothing by that.
impl From<&Timestamp> for Instant {
    fn from(timestamp: &Timestamp) -> Self {
        Self(timestamp.seconds.saturating_mul(SECOND).saturating_add(i64::from(timestamp.nanos)))
    }
}

/// As RFC 3339 has it, such as `2026-01-31T21:59:00Z`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Timestamp::from(*self).fmt(f)
    }
}

/// A time as RFC 3339 has it, such as `2026-01-31T21:59:00Z`.
impl FromStr for Instant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time: Timestamp = text.parse().map_err(|_| "must be a time such as 2026-01-31T21:59:00Z".to_owned())?;
        Self::exact(&time).ok_or_else(|| "must be from the year 1678 to 2261".to_owned())
    }
}
