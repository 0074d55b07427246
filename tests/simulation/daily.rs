//! What the model learns from lists: which backups came, and whether daily ones came by their rules. Where in its half hour
//! a daily backup begins is the universe's secret, so the model waits to see it.

use std::collections::BTreeSet;

use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::{Instant, OperationTime};

use crate::model::Model;
use crate::past::{Backup, Cluster, State, is_up, opening};
use crate::request::BackupView;

/// A daily backup begins so long after its window opens, or sooner, and on the same UTC day.
const LONGEST_DELAY: i64 = 30 * 60 * SECOND;

impl Model {
    /// What a daily backup takes.
    fn daily_length(&self) -> i64 {
        match self.operation_time {
            OperationTime::None => 0,
            OperationTime::Fixed(length) => length,
            OperationTime::Realistic => 300 * SECOND,
        }
    }

    /// A manual backup was seen for the first time: the oldest that has no identifier yet gets its.
    pub fn see_manual(&mut self, cluster: usize, seen: &BackupView) {
        let (now, cluster) = (self.now, &mut self.clusters[cluster]);
        let is_it = |backup: &Backup| backup.id.is_none() && cluster.keeps(backup, now);
        if let Some(number) = cluster.backups.iter().position(is_it) {
            cluster.backups[number].id = Some(seen.id.clone());
        }
    }

    /// A daily backup was seen for the first time. Says which rule it breaks, if it breaks one.
    pub fn see_daily(&mut self, cluster: usize, seen: &BackupView) -> Result<(), String> {
        let length = self.daily_length();
        let cluster = &mut self.clusters[cluster];
        let ended_in = cluster.state_at(seen.created_at).ok_or("it ended when there was no cluster")?;
        let today = seen.started_at.day();
        let is_allowed_by = |state: &State| {
            let delay = seen.started_at.since(opening(today, state.window));
            is_up(state.status) && (0..LONGEST_DELAY).contains(&delay)
        };
        if !cluster.states_around(seen.started_at).flatten().any(is_allowed_by) {
            return Err(
                "it did not begin within 30 minutes after the window's opening, on that day, with the cluster up"
                    .into(),
            );
        }
        if seen.created_at != seen.started_at.plus(length) {
            return Err("it did not take the time that daily backups take".into());
        }
        let backup = Backup {
            id: Some(seen.id.clone()),
            automatic: true,
            folder: ended_in.folder.clone(),
            started_at: seen.started_at,
            created_at: seen.created_at,
            contents: ended_in.contents.clone(),
        };
        cluster.backups.push(backup);
        if cluster.daily_days.insert(today) { Ok(()) } else { Err("it is the second of its UTC day".into()) }
    }

    /// The openings of windows, after an instant, that must have led to a daily backup that is still kept: the cluster was up
    /// all the while, and had none yet on that UTC day. Returns the first that did not.
    pub fn missed_daily(&self, cluster: &Cluster, after: Instant) -> Option<Instant> {
        let longest = LONGEST_DELAY + self.daily_length();
        let first_day = after.plus(-longest).day() - 1;
        let states = cluster.past.iter().filter_map(|(_, state)| state.as_ref());
        let windows: BTreeSet<i64> = states.map(|state| state.window).collect();
        let days = first_day..=self.now.day();
        let mut openings = days.flat_map(|day| windows.iter().map(move |window| opening(day, *window)));
        openings.find(|opens| {
            let (closes, ends) = (opens.plus(LONGEST_DELAY), opens.plus(longest));
            let is_new = ends > after && ends <= self.now;
            let was_up = cluster.states_between(*opens, closes).all(|state| {
                state.is_some_and(|state| is_up(state.status) && opening(opens.day(), state.window) == *opens)
            });
            let lived = cluster.states_between(closes, ends).all(|state| state.is_some());
            let had_one = cluster.daily_days.contains(&opens.day());
            // All that began on that day can still be seen.
            let is_kept = cluster.keeps_automatic(Instant::start_of_day(opens.day()), self.now);
            is_new && was_up && lived && is_kept && !had_one
        })
    }
}
