//! How a universe acts: it accepts what a handler has decided, and lets happen what falls due. Each act touches several stores, and
//! none can fail: whatever can be refused is refused before.

use super::cluster::{Cluster, Status};
use super::operation::{Outcome, Response};
use super::plan::{Beginning, Claim, Decision, Plan, ResultOf, Target};
use super::record::Begun;
use super::{
    Change, ClusterChange, Event, FolderChange, Id, Instant, KeyEvent, OperationEvent, RecordChange, RecordEvent,
    TokenChange, Universe,
};
use crate::refusal::{self, Refusal};

impl Universe {
    /// Carries out what a handler has decided; returns the operation that is the reply, if one is.
    ///
    /// # Errors
    ///
    /// What [`Universe::accept`] refuses.
    pub fn carry_out(&mut self, decision: &Decision) -> Result<Option<Id>, Refusal> {
        match decision {
            Decision::Begin(plan) => self.accept(plan).map(Some),
            Decision::Cancel(operation) => {
                self.cancel(*operation);
                Ok(Some(*operation))
            }
            Decision::Change(changes) => {
                changes.iter().for_each(|change| self.apply(None, change));
                Ok(None)
            }
        }
    }

    /// Accepts an operation, and lets it begin.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if another operation on its target is in flight; ALREADY_EXISTS if it claims a name that is in use.
    pub fn accept(&mut self, plan: &Plan) -> Result<Id, Refusal> {
        self.operations.idle(plan.target)?;
        for claim in &plan.effects.claims {
            if let Claim::Name(name) = claim {
                self.clusters.free(name)?;
            }
        }
        // From here on nothing can be refused.
        let status_before = self.begin(plan);
        plan.effects.claims.iter().for_each(|claim| self.claim(*plan.target.id(), claim));
        let outcome = Outcome::Running { effects: plan.effects.clone(), status_before };
        Ok(self.operations.launch(&mut self.core, plan.target, plan.about.clone(), outcome))
    }

    /// Cancels an operation in flight: it ends with CANCELLED, and all is as it was before it. One that has ended stays as it is.
    pub fn cancel(&mut self, id: Id) {
        self.fail(id, refusal::operation::CANCELLED_CODE, refusal::operation::CANCELLED.to_owned());
    }

    /// Does what an operation does when it is accepted; returns the status that its cluster has had.
    fn begin(&mut self, plan: &Plan) -> Option<Status> {
        let id = *plan.target.id();
        let before = self.cluster(id).map(|cluster| cluster.status);
        match &plan.effects.beginning {
            Beginning::Nothing => {}
            Beginning::Show(status) => self.change_cluster(id, |cluster| cluster.status = *status),
            Beginning::Create(new) => {
                self.folders.name(&self.core, &new.spec.folder);
                self.clusters.insert(&mut self.core, id, new);
                if let Some(cluster) = self.clusters.get(id) {
                    self.records.insert(&self.core, cluster);
                }
            }
        }
        before
    }

    fn claim(&mut self, cluster: Id, claim: &Claim) {
        match claim {
            Claim::Name(name) => self.clusters.claim(name, cluster),
            Claim::HostNumbers(count) => self.clusters.number_hosts(cluster, *count),
            Claim::BackupNumbers(count) => self.records.number_backups(&mut self.core, cluster, *count),
        }
    }

    /// Ends an operation in flight without doing what it was to do.
    fn fail(&mut self, id: Id, code: i32, message: String) {
        let Some(operation) = self.operations.get(id) else { return };
        let Outcome::Running { effects, status_before } = &operation.outcome else { return };
        let (target, effects, status_before) = (operation.target, effects.clone(), *status_before);
        for claim in &effects.claims {
            if let Claim::Name(name) = claim {
                self.clusters.release(name);
            }
        }
        match (&effects.beginning, status_before) {
            (Beginning::Create(_), _) => self.remove_cluster(*target.id()),
            (Beginning::Show(_), Some(status)) => self.change_cluster(*target.id(), |cluster| cluster.status = status),
            (Beginning::Show(_), None) | (Beginning::Nothing, _) => {}
        }
        self.operations.end(&mut self.core, id, Outcome::Failed { code, message });
    }

    /// Lets something happen that is due now.
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Operation(OperationEvent::StageEnd { operation }) => self.end_stage(operation),
            Event::Operation(OperationEvent::Forget { target }) => self.forget_operation(target),
            Event::Record(RecordEvent::Next { record }) => {
                self.records.run(&self.core, record, self.core.now, 1, |_| {});
            }
            Event::Key(KeyEvent::Forget { number }) => self.keys.forget(number),
            Event::Panic => panic!("a test has put this onto the agenda"),
        }
    }

    fn end_stage(&mut self, id: Id) {
        if !self.operations.end_stage(&mut self.core, id) {
            return;
        }
        let Some(operation) = self.operations.get(id) else { return };
        let Outcome::Running { effects, status_before } = &operation.outcome else { return };
        let (target, created_at) = (*operation.target.id(), operation.created_at);
        let (effects, status_before) = (effects.clone(), *status_before);
        let of_cluster = effects.changes.iter().filter_map(|change| match change {
            Change::Cluster(change) => Some(change),
            Change::Record(_) | Change::Folder(_) | Change::Token(_) => None,
        });
        if effects.beginning != Beginning::Nothing || of_cluster.clone().next().is_some() {
            self.change_cluster(target, |cluster| {
                cluster.status = status_before.unwrap_or(cluster.status);
                of_cluster.for_each(|change| change.apply_to(cluster));
            });
        }
        effects.changes.iter().for_each(|change| self.apply(Some((target, created_at)), change));
        let response = self.response(target, &effects.result);
        self.operations.end(&mut self.core, id, Outcome::Done(response));
    }

    /// What a change does beyond the record of the operation's own cluster. `by` is that cluster, and when the operation began.
    fn apply(&mut self, by: Option<(Id, Instant)>, change: &Change) {
        match (change, by) {
            (Change::Cluster(ClusterChange::Delete), Some((cluster, _))) => self.remove_cluster(cluster),
            (Change::Cluster(_), _) => {}
            (Change::Record(RecordChange::Keep { number, rank, keeper }), Some((cluster, started_at))) => {
                let begun = Begun { number: *number, rank: *rank, started_at, keeper: *keeper };
                self.records.keep(&self.core, cluster, begun);
            }
            (Change::Record(RecordChange::Keep { .. }), None) => {}
            (Change::Record(RecordChange::Drop(key)), _) => self.records.remove_backup(*key),
            (Change::Folder(FolderChange::Add(folder)), _) => self.folders.add(folder.clone()),
            (Change::Token(TokenChange::Revoke(token)), _) => self.tokens.revoke(token, self.core.now),
        }
    }

    fn response(&self, cluster: Id, result: &ResultOf) -> Response {
        match (result, self.clusters.get(cluster)) {
            (ResultOf::Cluster, Some(cluster)) => Response::Cluster(cluster.clone()),
            (ResultOf::Item(item, name), Some(found)) => match found.contents.get(*item, name) {
                Some(spec) => Response::Item {
                    engine: found.engine,
                    cluster,
                    item: *item,
                    name: name.clone(),
                    spec: spec.clone(),
                },
                None => Response::Nothing,
            },
            (ResultOf::Cluster | ResultOf::Item(..), None) | (ResultOf::Nothing, _) => Response::Nothing,
        }
    }

    fn change_cluster(&mut self, id: Id, change: impl FnOnce(&mut Cluster)) {
        let Some(changed) = self.clusters.change(id, change) else { return };
        let Some(cluster) = self.clusters.get(id) else { return };
        if changed.spec {
            self.folders.name(&self.core, &cluster.spec.folder);
        }
        self.records.follow(&self.core, cluster, changed);
    }

    /// Deletes a cluster. Its record stays until its backups are gone.
    fn remove_cluster(&mut self, id: Id) {
        if let Some(record) = self.clusters.remove(id) {
            self.records.close(&self.core, record);
        }
    }

    fn forget_operation(&mut self, target: Target) {
        let others = self.operations.forget(&mut self.core, target);
        let id = *target.id();
        if !others && self.clusters.get(id).is_none() && self.records.of(id).is_none() {
            self.operations.drop_line(target);
        }
    }
}
