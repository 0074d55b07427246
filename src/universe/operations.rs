//! How operations begin, go on, and end.

use std::sync::Arc;

use super::cluster::{Cluster, EngineName, NewCluster, Status};
use super::instant::SECOND;
use super::operation::{Change, Effects, NameKey, Operation, OperationTime, Outcome, Plan, Response, ResultOf, Stage};
use super::{Event, Id, Instant, Universe};
use crate::refusal::{self, Refusal};

impl Universe {
    /// Accepts the creation of a cluster, with the id that [`Universe::next_cluster_id`] foretold.
    ///
    /// # Errors
    ///
    /// ALREADY_EXISTS if the folder has a cluster of that name and engine.
    pub fn begin_creation(&mut self, new: NewCluster, plan: Plan) -> Result<Id, Refusal> {
        let id = self.next_cluster_id(new.engine, &new.spec);
        let name = NameKey::of(new.engine, &new.spec);
        let engine = new.engine;
        self.claim(&name, id)?;
        self.insert_new_cluster(id, new);
        Ok(self.launch(id, engine, plan, None, (Some(name), None)))
    }

    /// Accepts an operation on what exists: a cluster, or the backups that a deleted one left.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if another operation is in flight; ALREADY_EXISTS if the cluster would take a name that is in use.
    pub fn begin(&mut self, cluster: Id, plan: Plan) -> Result<Id, Refusal> {
        self.idle(cluster)?;
        let engine = self
            .history_of(cluster)
            .map(|history| history.engine)
            .ok_or_else(|| refusal::cluster::not_found(cluster.as_str()))?;
        let existing = self.clusters.get(&cluster).cloned();
        let names = match &existing {
            Some(existing) => self.name_change(existing, &plan.changes)?,
            None => (None, None),
        };
        let status_before = existing.as_ref().map(|cluster| cluster.status);
        if let (Some(existing), Some(status)) = (existing, plan.status) {
            self.update_cluster(&existing, |cluster| cluster.status = status);
        }
        Ok(self.launch(cluster, engine, plan, status_before, names))
    }

    /// Refuses if an operation is in flight on the cluster.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION with the wording that clients parse for the operation's id.
    pub fn idle(&self, cluster: Id) -> Result<(), Refusal> {
        match self.history_of(cluster).and_then(|history| history.operation) {
            Some(operation) => Err(refusal::operation::conflict(operation.as_str())),
            None => Ok(()),
        }
    }

    /// Cancels an operation in flight: it ends with CANCELLED, and all is as it was before it. One that has ended stays as it is.
    pub fn cancel(&mut self, id: Id) {
        self.fail(id, refusal::operation::CANCELLED_CODE, refusal::operation::CANCELLED.to_owned());
    }

    /// Ends an operation in flight without doing what it was to do.
    pub(super) fn fail(&mut self, id: Id, code: i32, message: String) {
        let Some(operation) = self.operations.get(&id) else { return };
        let Outcome::Running(effects) = &operation.outcome else { return };
        let (cluster, effects) = (operation.cluster, effects.clone());
        if let Some((_, ends_at)) = operation.stages.get(operation.stage) {
            self.agenda.remove(*ends_at, Event::StageEnd { operation: id });
        }
        self.release(effects.claimed.as_ref());
        self.free_slot(cluster);
        if let Some(cluster) = self.clusters.get(&cluster).cloned() {
            match effects.status_before {
                Some(status) => self.update_cluster(&cluster, |cluster| cluster.status = status),
                None => self.remove_cluster(&cluster),
            }
        }
        self.change_operation(id, |operation| operation.outcome = Outcome::Failed { code, message });
    }

    /// The present stage of an operation has ended.
    pub(super) fn end_stage(&mut self, id: Id) {
        let Some(operation) = self.operations.get(&id) else { return };
        let Outcome::Running(effects) = &operation.outcome else { return };
        let next = operation.stage + 1;
        if let Some((_, ends_at)) = operation.stages.get(next) {
            self.agenda.add(*ends_at, Event::StageEnd { operation: id });
            self.change_operation(id, |operation| operation.stage = next);
        } else {
            let (cluster, begun_at, effects) = (operation.cluster, operation.created_at, effects.clone());
            let response = self.finish(cluster, begun_at, &effects);
            self.change_operation(id, |operation| operation.outcome = Outcome::Done(response));
        }
    }

    /// Does what an operation was to do, and returns what the operation then shows.
    fn finish(&mut self, cluster: Id, begun_at: Instant, effects: &Effects) -> Response {
        self.release(effects.released.as_ref());
        self.free_slot(cluster);
        if let Some(cluster) = self.clusters.get(&cluster).cloned() {
            self.update_cluster(&cluster, |cluster| {
                cluster.status = effects.status_before.unwrap_or(Status::Running);
                effects.changes.iter().for_each(|change| change.apply_to(cluster));
            });
        }
        effects.changes.iter().for_each(|change| self.apply(cluster, begun_at, change));
        self.response(cluster, &effects.result)
    }

    /// What a change does beyond the cluster's own record.
    fn apply(&mut self, cluster: Id, begun_at: Instant, change: &Change) {
        let cluster = self.clusters.get(&cluster).cloned();
        match (change, cluster) {
            (Change::DropBackup(key), _) => self.remove_backup(*key),
            (Change::Backup { number, sequence }, Some(cluster)) => {
                self.record_manual_backup(&cluster, *number, *sequence, begun_at);
            }
            (Change::Delete, Some(cluster)) => self.remove_cluster(&cluster),
            _ => {}
        }
    }

    fn response(&self, cluster: Id, result: &ResultOf) -> Response {
        let found = self.clusters.get(&cluster);
        match (result, found) {
            (ResultOf::Cluster, Some(cluster)) => Response::Cluster(cluster.clone()),
            (ResultOf::Item(item, name), Some(found)) => match found.contents.get(*item, name) {
                Some(spec) => Response::Item { cluster, item: *item, name: name.clone(), spec: spec.clone() },
                None => Response::Nothing,
            },
            _ => Response::Nothing,
        }
    }

    fn launch(
        &mut self,
        cluster: Id,
        engine: EngineName,
        plan: Plan,
        status_before: Option<Status>,
        (claimed, released): (Option<NameKey>, Option<NameKey>),
    ) -> Id {
        let effects = Effects { changes: plan.changes, result: plan.result, status_before, claimed, released };
        let id = self.take_slot(cluster, |seed, number| seed.id(b"c9q", "operation", &[cluster.as_str()], number));
        let sequence = self.next_sequence();
        let stages = self.timed(plan.stages);
        if let Some((_, ends_at)) = stages.first() {
            self.agenda.add(*ends_at, Event::StageEnd { operation: id });
        }
        let operation = Operation {
            id,
            engine,
            cluster,
            sequence,
            description: plan.description,
            created_at: self.now,
            modified_at: self.now,
            created_by: plan.created_by,
            metadata: plan.metadata,
            stages,
            stage: 0,
            outcome: Outcome::Running(Arc::new(effects)),
        };
        self.operations.insert(id, Arc::new(operation));
        self.operations_by_cluster.insert((cluster, sequence), id);
        id
    }

    /// When each stage ends, if the first begins now.
    fn timed(&self, stages: &[Stage]) -> Vec<(&'static str, Instant)> {
        let whole: i64 = stages.iter().map(|stage| stage.seconds).sum();
        let mut passed = 0;
        let ends = stages.iter().map(|stage| {
            passed += stage.seconds;
            let nanos = match self.operation_time {
                OperationTime::None => 0,
                OperationTime::Realistic => passed.saturating_mul(SECOND),
                // In 128 bits, since a length times a share may not fit in 64; the result is no longer than the length.
                OperationTime::Fixed(length) => {
                    i64::try_from(i128::from(length) * i128::from(passed) / i128::from(whole.max(1))).unwrap_or(length)
                }
            };
            (stage.name, self.now.plus(nanos))
        });
        ends.collect()
    }

    /// The names that a spec among the changes takes and gives back.
    fn name_change(
        &mut self,
        cluster: &Cluster,
        changes: &[Change],
    ) -> Result<(Option<NameKey>, Option<NameKey>), Refusal> {
        let now = NameKey::of(cluster.engine, &cluster.spec);
        let mut claimed = None;
        for change in changes {
            match change {
                Change::Delete => return Ok((None, Some(now))),
                Change::Spec(spec) if NameKey::of(cluster.engine, spec) != now => {
                    let new = NameKey::of(cluster.engine, spec);
                    self.claim(&new, cluster.id)?;
                    claimed = Some(new);
                }
                _ => {}
            }
        }
        let released = claimed.is_some().then_some(now);
        Ok((claimed, released))
    }

    /// Changes an operation in place, if no other universe shares it.
    fn change_operation(&mut self, id: Id, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.operations.get_mut(&id).map(Arc::make_mut) {
            change(operation);
            operation.modified_at = self.now;
        }
    }
}
