//! The past of a cluster, and what follows from it: what it contained at an instant, and which backups are still kept.

use std::collections::BTreeSet;

use mdb_emulator::universe::instant::{DAY, SECOND};
use mdb_emulator::universe::{Instant, Status};

use crate::request::{BackupView, Change, ClusterView, Engine, Item};

/// What a cluster contains.
pub type Contents = BTreeSet<(Item, String)>;

#[derive(Clone, Debug)]
pub struct Cluster {
    pub engine: Engine,
    pub id: String,
    pub created_at: Instant,
    /// Every state, from its instant on; none once the cluster is gone. Of several at an instant the last counts.
    pub past: Vec<(Instant, Option<State>)>,
    /// All that there were, but for the deleted ones.
    pub backups: Vec<Backup>,
    /// The UTC days on which a daily backup began.
    pub daily_days: BTreeSet<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub folder: String,
    pub name: String,
    pub window: i64,
    pub retention_days: i64,
    pub protected: bool,
    pub status: Status,
    pub hosts: usize,
    pub contents: Contents,
}

#[derive(Clone, Debug)]
pub struct Backup {
    /// Unset until it was seen in a list.
    pub id: Option<String>,
    pub automatic: bool,
    pub folder: String,
    pub started_at: Instant,
    pub created_at: Instant,
    pub contents: Contents,
}

impl Cluster {
    pub fn state(&self) -> Option<&State> {
        self.past.last()?.1.as_ref()
    }

    pub fn state_at(&self, at: Instant) -> Option<&State> {
        self.past.iter().rev().find(|(since, _)| *since <= at)?.1.as_ref()
    }

    /// The state that led to an instant, and those that came at it.
    pub fn states_around(&self, at: Instant) -> impl Iterator<Item = Option<&State>> {
        self.states_between(at.plus(-1), at)
    }

    /// All states that were in force at some instant of this time, both ends included.
    pub fn states_between(&self, from: Instant, to: Instant) -> impl Iterator<Item = Option<&State>> {
        let within = self.past.iter().filter(move |(since, _)| *since > from && *since <= to);
        std::iter::once(self.state_at(from)).chain(within.map(|(_, state)| state.as_ref()))
    }

    /// Nothing happens if that is what it is.
    pub fn turn_into(&mut self, now: Instant, state: Option<State>) {
        if self.state() != state.as_ref() {
            self.past.push((now, state));
        }
    }

    fn deleted_at(&self) -> Option<Instant> {
        self.past.last().filter(|(_, state)| state.is_none()).map(|(at, _)| *at)
    }

    /// The last instant to which the cluster can be brought back.
    pub fn last_instant(&self, now: Instant) -> Instant {
        self.deleted_at().unwrap_or(now)
    }

    /// What the cluster contained at an instant, or last if it was gone by then.
    pub fn contents_at(&self, at: Instant) -> &Contents {
        let last = self.past.iter().rev().filter(|(since, _)| *since <= at).find_map(|(_, state)| state.as_ref());
        &last.expect("there was a cluster").contents
    }

    /// When it came to contain something else.
    pub fn content_changes(&self) -> impl Iterator<Item = Instant> {
        let contents = |state: &Option<State>| state.as_ref().map(|state| state.contents.clone());
        let pairs = self.past.windows(2).filter(move |pair| contents(&pair[0].1) != contents(&pair[1].1));
        pairs.map(|pair| pair[1].0)
    }

    /// A backup is kept unless, at some instant since it was made, it had been kept for as long as the rule of that instant
    /// says.
    pub fn keeps(&self, backup: &Backup, now: Instant) -> bool {
        self.outlasts(backup.automatic, backup.created_at, now)
    }

    pub fn keeps_automatic(&self, created_at: Instant, now: Instant) -> bool {
        self.outlasts(true, created_at, now)
    }

    fn outlasts(&self, automatic: bool, created_at: Instant, now: Instant) -> bool {
        let ends = self.past.iter().skip(1).map(|(next, _)| next.plus(-1)).chain([now]);
        self.past.iter().zip(ends).filter(|(_, end)| *end >= created_at).all(|((since, state), end)| {
            let until = match state {
                // Of a deleted cluster all backups are kept for seven days.
                None => Some(since.plus(7 * DAY)),
                Some(state) if automatic => Some(created_at.plus(state.retention_days * DAY)),
                // Manual ones are kept for seven days by Redis, by the others forever.
                Some(_) if self.engine == Engine::Redis => Some(created_at.plus(7 * DAY)),
                Some(_) => None,
            };
            // A state that was followed by another at the same instant was in force at that instant.
            until.is_none_or(|until| end.max(*since) < until)
        })
    }

    pub fn view(&self, state: &State) -> ClusterView {
        ClusterView {
            id: self.id.clone(),
            folder: state.folder.clone(),
            name: state.name.clone(),
            created_at: self.created_at,
            status: state.status,
            window: state.window,
            retention_days: (self.engine != Engine::SqlServer).then_some(state.retention_days),
            protected: state.protected,
        }
    }

    pub fn backup_view(&self, backup: &Backup) -> BackupView {
        BackupView {
            id: backup.id.clone().unwrap_or_default(),
            cluster: self.id.clone(),
            folder: backup.folder.clone(),
            automatic: backup.automatic,
            started_at: backup.started_at,
            created_at: backup.created_at,
        }
    }
}

impl State {
    /// What the cluster shows while the change goes on.
    pub fn status_during(&self, change: &Change) -> Status {
        match change {
            Change::Start => Status::Starting,
            Change::Stop => Status::Stopping,
            _ if self.status == Status::Running => Status::Updating,
            _ => self.status,
        }
    }

    /// The cluster after a change.
    pub fn changed(&self, engine: Engine, change: &Change) -> Self {
        let mut after = self.clone();
        match change {
            Change::Start => after.status = Status::Running,
            Change::Stop => after.status = Status::Stopped,
            Change::Delete | Change::Backup => {}
            Change::AddHost => after.hosts += 1,
            Change::Move { folder } => after.folder.clone_from(folder),
            Change::Rename { name } => after.name.clone_from(name),
            Change::Protect { protected } => after.protected = *protected,
            Change::SetWindow { minutes } => after.window = window(*minutes),
            Change::SetRetention { days } => after.retention_days = retention_days(engine, *days),
            Change::Add { item, name } => _ = after.contents.insert((*item, name.clone())),
            Change::Remove { item, name } => _ = after.contents.remove(&(*item, name.clone())),
        }
        after
    }
}

pub fn is_up(status: Status) -> bool {
    status == Status::Running || status == Status::Updating
}

/// Windows open at 22:00 unless told otherwise.
pub fn window(minutes: Option<u16>) -> i64 {
    i64::from(minutes.unwrap_or(22 * 60)) * 60 * SECOND
}

pub fn opening(day: i64, window: i64) -> Instant {
    Instant::start_of_day(day).plus(window)
}

/// Automatic backups are kept for seven days unless told otherwise, and by SQL Server always.
pub fn retention_days(engine: Engine, days: Option<i64>) -> i64 {
    if engine == Engine::SqlServer { 7 } else { days.unwrap_or(7) }
}
