//! The rules of the simulation, said once more and as simply as can be. Nothing here is fast or clever: a cluster is the
//! list of all its past states, an operation is the request that it carries out, and whether a backup is still kept is
//! worked out anew from the beginning each time.
//!
//! What the model cannot know it is told: identifiers, and where in its half hour a daily backup begins.

use std::collections::BTreeSet;

use mdb_emulator::universe::instant::{DAY, SECOND};
use mdb_emulator::universe::{Instant, OperationTime, Status};
use tonic::Code;

use crate::request::{BackupView, Change, ClusterView, Engine, Item, Request, Settings, Source};

/// The user with whom every cluster of a scenario begins.
pub const OWNER: &str = "owner";

/// A daily backup begins so long after its window opens, or sooner.
const LONGEST_DELAY: i64 = 30 * 60 * SECOND;

/// What a cluster contains.
pub type Contents = BTreeSet<(Item, String)>;

/// Everything that happened so far.
#[derive(Clone, Debug)]
pub struct Model {
    pub now: Instant,
    pub operation_time: OperationTime,
    pub clusters: Vec<Cluster>,
    pub operations: Vec<Operation>,
}

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

#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub engine: Engine,
    pub cluster: usize,
    pub request: Request,
    pub begun: Instant,
    pub ends: Instant,
    /// The cluster before it; none if the operation makes it.
    before: Option<State>,
    pub outcome: Ending,
}

#[derive(Clone, Debug)]
pub enum Ending {
    Running,
    /// With the cluster as it was left.
    Done(Option<State>),
    Cancelled(Instant),
}

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// The operation of this id is in flight.
    Conflict(String),
    Because(Code),
}

use Refused::{Because, Conflict};

impl Model {
    pub fn new(now: Instant, operation_time: OperationTime) -> Self {
        Self { now, operation_time, clusters: Vec::new(), operations: Vec::new() }
    }

    /// Ends the operations that are due by then, in order of time.
    pub fn settle(&mut self, to: Instant) {
        let is_due = |operation: &Operation| operation.is_running() && operation.ends <= to;
        while let Some(next) =
            (0..self.operations.len()).filter(|i| is_due(&self.operations[*i])).min_by_key(|i| self.operations[*i].ends)
        {
            self.finish(next);
        }
        self.now = to;
    }

    /// What becomes of a call.
    pub fn verdict(&self, engine: Engine, request: &Request) -> Result<(), Refused> {
        match request {
            Request::Create { settings } => self.name_is_free(engine, &settings.folder, &settings.name),
            Request::Restore { source, settings } => {
                self.restored_contents(engine, source)?;
                self.name_is_free(engine, &settings.folder, &settings.name)
            }
            Request::OfCluster { cluster, change } => {
                let (number, state) = self.living(engine, cluster)?;
                self.idle(number)?;
                self.allows(engine, state, change)
            }
            Request::DeleteBackup { backup } => {
                let (number, backup) = self.kept_backup(engine, backup)?;
                if backup.automatic {
                    return Err(Because(Code::FailedPrecondition));
                }
                self.idle(number)
            }
            Request::Cancel { .. } => Ok(()),
        }
    }

    fn allows(&self, engine: Engine, state: &State, change: &Change) -> Result<(), Refused> {
        let running = state.status == Status::Running;
        let stopped = state.status == Status::Stopped;
        let (allowed, otherwise) = match change {
            Change::Delete => (!state.protected, Code::FailedPrecondition),
            Change::Start => (stopped, Code::FailedPrecondition),
            Change::Stop | Change::Backup | Change::Add { .. } | Change::Remove { .. } => {
                (running, Code::FailedPrecondition)
            }
            _ => (running || stopped, Code::FailedPrecondition),
        };
        if !allowed {
            return Err(Because(otherwise));
        }
        match change {
            Change::Move { folder } if *folder == state.folder => Err(Because(Code::InvalidArgument)),
            Change::Move { folder } => self.name_is_free(engine, folder, &state.name),
            Change::Add { item, name } if state.contents.contains(&(*item, name.clone())) => {
                Err(Because(Code::AlreadyExists))
            }
            Change::Remove { item, name } if !state.contents.contains(&(*item, name.clone())) => {
                Err(Because(Code::NotFound))
            }
            // What lies in an SPQR cluster is protected with it.
            Change::Remove { .. } if engine == Engine::Spqr && state.protected => {
                Err(Because(Code::FailedPrecondition))
            }
            Change::Protect { .. } | Change::SetWindow { .. } | Change::SetRetention { .. } | Change::Rename { .. }
                if state.changed(engine, change) == *state =>
            {
                Err(Because(Code::FailedPrecondition))
            }
            Change::Rename { name } => self.name_is_free(engine, &state.folder, name),
            _ => Ok(()),
        }
    }

    /// A call was accepted: its operation begins. Returns the number of the cluster.
    pub fn begin(&mut self, engine: Engine, request: &Request, id: &str, cluster_id: &str) -> usize {
        let (cluster, before) = match request {
            Request::Create { settings } => (self.add(engine, cluster_id, settings, with_owner(engine)), None),
            Request::Restore { source, settings } => {
                let contents = self.restored_contents(engine, source).expect("the call was accepted");
                (self.add(engine, cluster_id, settings, contents), None)
            }
            Request::DeleteBackup { backup } => {
                let number = self.kept_backup(engine, backup).expect("the call was accepted").0;
                (number, self.clusters[number].state().cloned())
            }
            Request::OfCluster { cluster, change } => {
                let number = self.living(engine, cluster).expect("the call was accepted").0;
                let before = self.clusters[number].state().expect("the cluster lives").clone();
                let status = before.status_during(change);
                self.clusters[number].become_(self.now, Some(State { status, ..before.clone() }));
                (number, Some(before))
            }
            Request::Cancel { .. } => unreachable!("a cancellation is no operation"),
        };
        let length = match self.operation_time {
            OperationTime::None => 0,
            OperationTime::Fixed(length) => length,
            OperationTime::Realistic => realistic_seconds(request) * SECOND,
        };
        self.operations.push(Operation {
            id: id.to_owned(),
            engine,
            cluster,
            request: request.clone(),
            begun: self.now,
            ends: self.now.plus(length),
            before,
            outcome: Ending::Running,
        });
        cluster
    }

    fn add(&mut self, engine: Engine, id: &str, settings: &Settings, contents: Contents) -> usize {
        let state = State {
            folder: settings.folder.clone(),
            name: settings.name.clone(),
            window: window(settings.window),
            retention_days: retention_days(engine, settings.retention_days),
            protected: settings.protected,
            status: Status::Creating,
            contents,
        };
        self.clusters.push(Cluster {
            engine,
            id: id.to_owned(),
            created_at: self.now,
            past: vec![(self.now, Some(state))],
            backups: Vec::new(),
            daily_days: BTreeSet::new(),
        });
        self.clusters.len() - 1
    }

    /// An operation in flight is undone; one that has ended stays as it is.
    pub fn cancel(&mut self, id: &str) {
        let now = self.now;
        let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id && operation.is_running())
        else {
            return;
        };
        operation.outcome = Ending::Cancelled(now);
        let before = operation.before.clone();
        self.clusters[operation.cluster].become_(now, before);
    }

    /// An operation has come to its end: what it was to do happens to the cluster.
    fn finish(&mut self, number: usize) {
        let operation = self.operations[number].clone();
        let cluster = &mut self.clusters[operation.cluster];
        let left = match &operation.request {
            Request::Create { .. } | Request::Restore { .. } => {
                cluster.state().map(|state| State { status: Status::Running, ..state.clone() })
            }
            Request::DeleteBackup { backup } => {
                cluster.backups.retain(|kept| kept.id.as_ref() != Some(backup));
                cluster.state().cloned()
            }
            Request::OfCluster { change: Change::Delete, .. } => None,
            Request::OfCluster { change, .. } => {
                operation.before.as_ref().map(|before| before.changed(operation.engine, change))
            }
            Request::Cancel { .. } => unreachable!("a cancellation is no operation"),
        };
        cluster.become_(operation.ends, left.clone());
        if let (Request::OfCluster { change: Change::Backup, .. }, Some(state)) = (&operation.request, &left) {
            cluster.backups.push(Backup {
                id: None,
                automatic: false,
                folder: state.folder.clone(),
                started_at: operation.begun,
                created_at: operation.ends,
                contents: state.contents.clone(),
            });
        }
        self.operations[number].outcome = Ending::Done(left);
    }

    /// What a restored cluster contains: what was in the source at that instant.
    pub fn restored_contents(&self, engine: Engine, source: &Source) -> Result<Contents, Refused> {
        let mut contents = self.source_contents(engine, source)?;
        contents.extend(always(engine));
        Ok(contents)
    }

    fn source_contents(&self, engine: Engine, source: &Source) -> Result<Contents, Refused> {
        match source {
            Source::Backup { id, time: None, .. } => Ok(self.kept_backup(engine, id)?.1.contents.clone()),
            Source::Backup { id, time: Some(time), inclusive } => {
                let (number, backup) = self.kept_backup(engine, id)?;
                let cluster = &self.clusters[number];
                if *time < backup.created_at.plus(SECOND) || *time > cluster.last_instant(self.now) {
                    return Err(Because(Code::InvalidArgument));
                }
                let just_before = engine == Engine::Spqr && !inclusive;
                Ok(cluster.contents_at(if just_before { time.plus(-1) } else { *time }).clone())
            }
            Source::Cluster { id, time } => {
                let cluster = self.clusters.iter().find(|cluster| cluster.engine == engine && cluster.id == *id);
                let cluster = cluster.ok_or(Because(Code::NotFound))?;
                let mut kept = cluster.backups.iter().filter(|backup| cluster.keeps(backup, self.now));
                let is_reached = kept.any(|backup| backup.created_at.plus(SECOND) <= *time);
                if !is_reached || *time > cluster.last_instant(self.now) {
                    return Err(Because(Code::InvalidArgument));
                }
                Ok(cluster.contents_at(*time).clone())
            }
        }
    }

    fn living(&self, engine: Engine, id: &str) -> Result<(usize, &State), Refused> {
        let found = self.clusters.iter().position(|cluster| cluster.engine == engine && cluster.id == id);
        let state = found.and_then(|number| Some((number, self.clusters[number].state()?)));
        state.ok_or(Because(Code::NotFound))
    }

    fn kept_backup(&self, engine: Engine, id: &str) -> Result<(usize, &Backup), Refused> {
        let clusters = self.clusters.iter().enumerate().filter(|(_, cluster)| cluster.engine == engine);
        let backups = clusters.flat_map(|(number, cluster)| {
            let kept = cluster.backups.iter().filter(|backup| cluster.keeps(backup, self.now));
            kept.map(move |backup| (number, backup))
        });
        let found = backups.into_iter().find(|(_, backup)| backup.id.as_deref() == Some(id));
        found.ok_or(Because(Code::NotFound))
    }

    /// One mutating operation a cluster at most.
    fn idle(&self, cluster: usize) -> Result<(), Refused> {
        let running = self.operations.iter().find(|operation| operation.cluster == cluster && operation.is_running());
        running.map_or(Ok(()), |operation| Err(Conflict(operation.id.clone())))
    }

    /// Names are unique in an engine's folder. An operation in flight that will move or rename a cluster holds the new name too.
    fn name_is_free(&self, engine: Engine, folder: &str, name: &str) -> Result<(), Refused> {
        let has_it = |state: &State| state.folder == folder && state.name == name;
        let now = self.clusters.iter().filter(|cluster| cluster.engine == engine).filter_map(Cluster::state);
        let soon = self.operations.iter().filter(|operation| operation.engine == engine && operation.is_running());
        let soon = soon.filter_map(Operation::intended);
        if now.cloned().chain(soon).any(|state| has_it(&state)) {
            return Err(Because(Code::AlreadyExists));
        }
        Ok(())
    }

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
        let (today, yesterday) = (seen.started_at.day(), seen.started_at.day() - 1);
        let is_allowed_by = |state: &State| {
            let delay = |day| seen.started_at.since(opening(day, state.window));
            let in_window = |day| (0..LONGEST_DELAY).contains(&delay(day));
            is_up(state.status) && (in_window(today) || in_window(yesterday))
        };
        if !cluster.states_around(seen.started_at).flatten().any(is_allowed_by) {
            return Err("it did not begin within 30 minutes after the window's opening, with the cluster up".into());
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
        let openings = (first_day..=self.now.day()).filter_map(|day| {
            let window = cluster.state_at(Instant::start_of_day(day + 1).plus(-1))?.window;
            Some(opening(day, window))
        });
        openings.into_iter().find(|opens| {
            let (closes, ends) = (opens.plus(LONGEST_DELAY), opens.plus(longest));
            let is_new = ends > after && ends <= self.now;
            let was_up = cluster.states_between(*opens, closes).all(|state| {
                state.is_some_and(|state| is_up(state.status) && opening(opens.day(), state.window) == *opens)
            });
            let lived = cluster.states_between(closes, ends).all(|state| state.is_some());
            let had_one = (opens.day()..=closes.day()).any(|day| cluster.daily_days.contains(&day));
            // All that began on that day can still be seen.
            let is_kept = cluster.keeps_automatic(Instant::start_of_day(opens.day()), self.now);
            is_new && was_up && lived && is_kept && !had_one
        })
    }
}

impl Cluster {
    pub fn state(&self) -> Option<&State> {
        self.past.last()?.1.as_ref()
    }

    pub fn state_at(&self, at: Instant) -> Option<&State> {
        self.past.iter().rev().find(|(since, _)| *since <= at)?.1.as_ref()
    }

    /// The state that led to an instant, and those that came at it.
    fn states_around(&self, at: Instant) -> impl Iterator<Item = Option<&State>> {
        self.states_between(at.plus(-1), at)
    }

    /// All states that were in force at some instant of this time, both ends included.
    fn states_between(&self, from: Instant, to: Instant) -> impl Iterator<Item = Option<&State>> {
        let within = self.past.iter().filter(move |(since, _)| *since > from && *since <= to);
        std::iter::once(self.state_at(from)).chain(within.map(|(_, state)| state.as_ref()))
    }

    fn become_(&mut self, now: Instant, state: Option<State>) {
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

    /// A backup is kept unless, at some instant since it was made, it had been kept for as long as the rule of that instant
    /// says.
    pub fn keeps(&self, backup: &Backup, now: Instant) -> bool {
        self.outlasts(backup.automatic, backup.created_at, now)
    }

    fn keeps_automatic(&self, created_at: Instant, now: Instant) -> bool {
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

impl Operation {
    pub fn is_running(&self) -> bool {
        matches!(self.outcome, Ending::Running)
    }

    /// Whether it was still running at an instant, or later.
    pub fn is_running_after(&self, at: Instant) -> bool {
        match self.outcome {
            Ending::Running => true,
            Ending::Done(_) => self.ends >= at,
            Ending::Cancelled(when) => when >= at,
        }
    }

    /// The cluster as the operation would leave it.
    fn intended(&self) -> Option<State> {
        match (&self.request, &self.before) {
            (Request::OfCluster { change, .. }, Some(before)) => Some(before.changed(self.engine, change)),
            _ => None,
        }
    }
}

impl State {
    /// What the cluster shows while the change goes on.
    fn status_during(&self, change: &Change) -> Status {
        match change {
            Change::Start => Status::Starting,
            Change::Stop => Status::Stopping,
            _ if self.status == Status::Running => Status::Updating,
            _ => self.status,
        }
    }

    /// The cluster after a change.
    fn changed(&self, engine: Engine, change: &Change) -> Self {
        let mut after = self.clone();
        match change {
            Change::Start => after.status = Status::Running,
            Change::Stop => after.status = Status::Stopped,
            Change::Delete | Change::Backup => {}
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

fn is_up(status: Status) -> bool {
    status == Status::Running || status == Status::Updating
}

/// Windows open at 22:00 unless told otherwise.
fn window(minutes: Option<u16>) -> i64 {
    i64::from(minutes.unwrap_or(22 * 60)) * 60 * SECOND
}

fn opening(day: i64, window: i64) -> Instant {
    Instant::start_of_day(day).plus(window)
}

/// Automatic backups are kept for seven days unless told otherwise, and by SQL Server always.
fn retention_days(engine: Engine, days: Option<i64>) -> i64 {
    if engine == Engine::SqlServer { 7 } else { days.unwrap_or(7) }
}

/// What every cluster of an engine contains.
fn always(engine: Engine) -> Contents {
    if engine == Engine::Redis { [(Item::User, "default".to_owned())].into() } else { Contents::new() }
}

fn with_owner(engine: Engine) -> Contents {
    always(engine).into_iter().chain([(Item::User, OWNER.to_owned())]).collect()
}

fn realistic_seconds(request: &Request) -> i64 {
    match request {
        Request::Create { .. } => 600,
        Request::Restore { .. } => 900,
        Request::DeleteBackup { .. } | Request::Cancel { .. } => 20,
        Request::OfCluster { change, .. } => match change {
            Change::Delete | Change::Start => 120,
            Change::Stop => 60,
            Change::Backup => 300,
            Change::Move { .. } | Change::Add { .. } | Change::Remove { .. } => 20,
            Change::Rename { .. } | Change::Protect { .. } | Change::SetWindow { .. } | Change::SetRetention { .. } => {
                180
            }
        },
    }
}
