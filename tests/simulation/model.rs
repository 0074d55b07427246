//! The rules of the simulation, said once more and as simply as can be. Nothing here is fast or clever: a cluster is the
//! list of all its past states, an operation is the request that it carries out, and whether a backup is still kept is
//! worked out anew from the beginning each time.
//!
//! What the model cannot know it is told: identifiers, and where in its half hour a daily backup begins.

use std::collections::BTreeSet;

use mdb_emulator::universe::instant::{DAY, SECOND};
use mdb_emulator::universe::{Instant, OperationTime, Status};
use tonic::Code;

use crate::past::{Backup, Cluster, Contents, State, retention_days, window};
use crate::request::{Change, Engine, Item, Request, Settings, Source};

/// The user with whom every cluster of a scenario begins.
pub const OWNER: &str = "owner";

/// The user that every cluster of Redis has, and keeps.
const DEFAULT_USER: &str = "default";

/// How long operations can be looked at after they have ended.
const OPERATIONS_KEPT: i64 = 30 * DAY;

/// More hosts than these does no cluster of a scenario get.
const MOST_HOSTS: usize = 7;

/// Everything that happened so far.
#[derive(Clone, Debug)]
pub struct Model {
    pub now: Instant,
    pub operation_time: OperationTime,
    pub clusters: Vec<Cluster>,
    pub operations: Vec<Operation>,
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
            Request::Cancel { operation } => {
                let found = self.operations.iter().find(|known| known.id == *operation);
                found.filter(|known| known.is_kept(self.now)).map(|_| ()).ok_or(Because(Code::NotFound))
            }
        }
    }

    fn allows(&self, engine: Engine, state: &State, change: &Change) -> Result<(), Refused> {
        let running = state.status == Status::Running;
        let stopped = state.status == Status::Stopped;
        let (allowed, otherwise) = match change {
            Change::Delete => (!state.protected, Code::FailedPrecondition),
            Change::Start => (stopped, Code::FailedPrecondition),
            Change::Stop | Change::Backup | Change::AddHost | Change::Add { .. } | Change::Remove { .. } => {
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
            Change::Remove { item: Item::User, name } if engine == Engine::Redis && name == DEFAULT_USER => {
                Err(Because(Code::FailedPrecondition))
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
            Change::AddHost if state.hosts == MOST_HOSTS => Err(Because(Code::InvalidArgument)),
            Change::Rename { name } => self.name_is_free(engine, &state.folder, name),
            _ => Ok(()),
        }
    }

    /// A call was accepted: its operation begins. Returns the number of the cluster.
    pub fn begin(&mut self, engine: Engine, request: &Request, id: &str, cluster_id: &str) -> usize {
        let (cluster, before) = match request {
            Request::Create { settings } => (self.add(engine, cluster_id, settings, beginning(engine)), None),
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
                self.clusters[number].turn_into(self.now, Some(State { status, ..before.clone() }));
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
            hosts: 1,
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
        self.clusters[operation.cluster].turn_into(now, before);
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
        cluster.turn_into(operation.ends, left.clone());
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
        let mut states = self.clusters.iter().filter(|cluster| cluster.engine == engine).filter_map(Cluster::state);
        let is_given = states.any(|state| state.folder == folder && state.name == name);
        if is_given || self.will_be_given(engine, folder, name) {
            return Err(Because(Code::AlreadyExists));
        }
        Ok(())
    }

    /// Whether an operation in flight gives a cluster this name in this folder.
    fn will_be_given(&self, engine: Engine, folder: &str, name: &str) -> bool {
        let running = self.operations.iter().filter(|operation| operation.engine == engine && operation.is_running());
        let mut moves = running.filter_map(|operation| Some((operation.before.as_ref()?, operation.intended()?)));
        moves.any(|(before, after)| {
            let is_new = (&before.folder, &before.name) != (&after.folder, &after.name);
            is_new && after.folder == folder && after.name == name
        })
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

    /// When it ended, if it has.
    fn ended(&self) -> Option<Instant> {
        match self.outcome {
            Ending::Running => None,
            Ending::Done(_) => Some(self.ends),
            Ending::Cancelled(when) => Some(when),
        }
    }

    /// Whether it can still be looked at: operations go 30 days after they have ended.
    pub fn is_kept(&self, now: Instant) -> bool {
        self.ended().is_none_or(|ended| now < ended.plus(OPERATIONS_KEPT))
    }

    /// The cluster as the operation would leave it.
    fn intended(&self) -> Option<State> {
        match (&self.request, &self.before) {
            (Request::OfCluster { change, .. }, Some(before)) => Some(before.changed(self.engine, change)),
            _ => None,
        }
    }
}

/// What a new cluster of a scenario contains. Redis adds a user of its own.
fn beginning(engine: Engine) -> Contents {
    let users = if engine == Engine::Redis { vec![DEFAULT_USER, OWNER] } else { vec![OWNER] };
    users.into_iter().map(|name| (Item::User, name.to_owned())).collect()
}

fn realistic_seconds(request: &Request) -> i64 {
    match request {
        Request::Create { .. } => 600,
        Request::Restore { .. } => 900,
        Request::DeleteBackup { .. } | Request::Cancel { .. } => 20,
        Request::OfCluster { change, .. } => match change {
            Change::Delete | Change::Start => 120,
            Change::Stop => 60,
            Change::Backup | Change::AddHost => 300,
            Change::Move { .. } | Change::Add { .. } | Change::Remove { .. } => 20,
            Change::Rename { .. } | Change::Protect { .. } | Change::SetWindow { .. } | Change::SetRetention { .. } => {
                180
            }
        },
    }
}
