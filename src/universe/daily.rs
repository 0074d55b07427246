//! When the daily backups of a cluster begin.

use super::cluster::Spec;
use super::instant::{DAY, SECOND};
use super::{Id, Instant, Seed};

/// A daily backup begins up to half an hour after its window opens (documented).
const LONGEST_DELAY: i64 = 30 * 60;

/// The daily backups of one cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Daily {
    /// At what time of the UTC day they begin, in nanoseconds.
    time: i64,
    /// The UTC day of the last one.
    last: Option<i64>,
    /// When the next one begins, if the cluster is up.
    pub next: Option<Instant>,
}

impl Daily {
    /// Follows the cluster, which is up or not from now on, and whose spec may be another.
    pub fn follow(&mut self, time: i64, is_up: bool, now: Instant) {
        if !is_up {
            self.next = None;
        } else if self.next.is_none() || self.time != time {
            self.time = time;
            self.next = self.after(now);
        }
    }

    /// One begins now.
    pub fn begin(&mut self, now: Instant) {
        self.last = Some(now.day());
        self.next = self.after(now);
    }

    /// The next start: at most one in a UTC day. There is none at the end of the time that can be said.
    fn after(&self, now: Instant) -> Option<Instant> {
        let today = now.day();
        let days = (today..=today + 2).filter(|day| self.last.is_none_or(|last| *day > last));
        let mut starts = days.map(|day| Instant::start_of_day(day).plus(self.time));
        starts.find(|start| *start > now)
    }
}

/// At what time of the UTC day a cluster's daily backups begin, in nanoseconds: after the window opens, by a delay that the seed decides.
/// A window near midnight makes the delay shorter, so that a backup begins on the window's own day (our choice).
///
/// The delay is the cluster's own, the same every day (our choice). So clusters have their turns in the same order each day, and a long
/// advance finds what belongs to the next one near by in memory: with another order every day, it takes half as long again.
pub(super) fn time_of_day(seed: Seed, cluster: Id, spec: &Spec) -> i64 {
    let window = spec.backup_window_start.clamp(0, DAY - 1);
    let longest = LONGEST_DELAY.min((DAY - window) / SECOND).max(1);
    let word = seed.word("daily backup", &[cluster.as_str()], 0);
    window + (word % longest.unsigned_abs()).cast_signed() * SECOND
}
