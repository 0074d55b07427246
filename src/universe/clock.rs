//! The clock of a universe: it follows the machine's at an offset, or stands still until it is moved.

use super::Instant;

/// How a universe's time goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Time stands still between the moves that a user makes.
    Frozen,
    /// Time is the machine's, so many nanoseconds ahead.
    Following {
        /// Nanoseconds that the universe is ahead of the machine; negative if it is behind.
        offset: i64,
    },
}

impl Clock {
    /// The machine's own time.
    pub const MACHINE: Self = Self::Following { offset: 0 };

    /// What a clock that last stood at `now` shows when the machine's shows `machine`. It never goes back.
    pub fn read(self, now: Instant, machine: Instant) -> Instant {
        match self {
            Self::Frozen => now,
            Self::Following { offset } => machine.plus(offset).max(now),
        }
    }

    /// The same clock, made to show `instant` when the machine's shows `machine`.
    #[must_use]
    pub fn set(self, instant: Instant, machine: Instant) -> Self {
        match self {
            Self::Frozen => Self::Frozen,
            Self::Following { .. } => Self::Following { offset: instant.since(machine) },
        }
    }
}
