//! How a universe acts: it accepts what a handler has decided, and lets happen what falls due. Each act touches several stores, and
//! none can fail: whatever can be refused is refused before.

use super::cluster::{Cluster, Status};
use super::operation::{Outcome, Response};
use super::plan::{Beginning, Claim, Decision, Left, Plan, ResultOf, Target};
use super::record::Begun;
use super::resource::User;
use super::{
    Change, ClusterChange, Event, Id, Instant, KeyEvent, OperationEvent, RecordChange, RecordEvent, ResourceChange,
    TokenChange, Universe, bindings,
};
use crate::contract::ContractMessage;
use crate::contract::proto::yandex::cloud::access::AccessBindingsOperationResult;
use crate::refusal::{self, Refusal};

impl Universe {
    /// Carries out what a handler has decided; returns what the reply is about, if it is about anything.
    ///
    /// # Errors
    ///
    /// What [`Universe::accept`] refuses.
    pub fn carry_out(&mut self, decision: &Decision) -> Result<Option<Left>, Refusal> {
        match decision {
            Decision::Begin(plan) => self.accept(plan).map(|operation| Some(Left::Operation(operation))),
            Decision::Cancel(operation, metadata) => {
                if let Some(metadata) = metadata {
                    self.operations.tell(*operation, metadata);
                }
                self.cancel(*operation);
                Ok(Some(Left::Operation(*operation)))
            }
            Decision::Change(changes) => {
                changes.iter().for_each(|change| self.apply(None, change));
                let made = changes.iter().find_map(|change| match change {
                    Change::Resource(ResourceChange::Make(resource)) => Some(Left::Resource(resource.id)),
                    _ => None,
                });
                Ok(made)
            }
        }
    }

    /// Accepts an operation, and lets it begin.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION if another operation on its target is in flight, or will delete what it needs; ALREADY_EXISTS if it claims a
    /// name that is in use.
    pub fn accept(&mut self, plan: &Plan) -> Result<Id, Refusal> {
        let effects = &plan.effects;
        if effects.alone {
            self.operations.idle(plan.target)?;
        }
        for claim in &effects.claims {
            match claim {
                Claim::Name(name) => self.clusters.free(name)?,
                Claim::Unique(key, _) => self.resources.free(key)?,
                Claim::Use(uses) => uses.iter().try_for_each(|used| self.resources.stays(used))?,
                Claim::Also(target) => self.operations.idle(*target)?,
                Claim::BackupNumbers(_) | Claim::HostNumbers(_) => {}
            }
        }
        if let Some(twice) = effects.claimed_twice() {
            return Err(twice.refusal(&twice.scope));
        }
        if let Beginning::Create(new) = &effects.beginning {
            new.uses().iter().try_for_each(|used| self.resources.stays(used))?;
        }
        // From here on nothing can be refused.
        let status_before = self.begin(plan);
        let outcome = Outcome::Running { effects: effects.clone(), status_before };
        let (id, sequence) = self.operations.launch(&mut self.core, plan.target, plan.about.clone(), outcome);
        effects.claims.iter().for_each(|claim| self.claim(plan.target, (id, sequence), claim));
        for used in effects.leaving() {
            self.resources.leave(used, id);
        }
        Ok(id)
    }

    /// Cancels an operation in flight: it ends with CANCELLED, and all is as it was before it. One that has ended stays as it is.
    pub fn cancel(&mut self, id: Id) {
        self.fail(id, refusal::operation::CANCELLED_CODE, refusal::operation::CANCELLED.to_owned());
    }

    /// Does what an operation does when it is accepted; returns the status that its cluster has had.
    fn begin(&mut self, plan: &Plan) -> Option<Status> {
        let id = *plan.target.id();
        let before = match plan.target {
            Target::Cluster(id) => self.cluster(id).map(|cluster| cluster.status),
            Target::Resource(..) => None,
        };
        match &plan.effects.beginning {
            Beginning::Nothing => {}
            Beginning::Show(status) => self.change_cluster(id, |cluster| cluster.status = *status),
            Beginning::Halt(clusters) => self.switch(clusters, Status::Running, Status::Stopped),
            Beginning::Create(new) => {
                self.name_folder(&new.spec.folder);
                let sequence = self.clusters.insert(&mut self.core, id, new);
                if let Some(cluster) = self.clusters.get(id) {
                    self.records.insert(&self.core, cluster);
                    self.resources.refer(&cluster.uses(), User::Cluster, sequence);
                }
            }
        }
        before
    }

    /// Gives those of some clusters that have one status another. Those that an operation changes get it when that ends.
    fn switch(&mut self, clusters: &[Id], from: Status, to: Status) {
        for id in clusters {
            self.operations.switch_status_before(Target::Cluster(*id), from, to);
            if self.clusters.get(*id).is_some_and(|cluster| cluster.status == from) {
                self.change_cluster(*id, |cluster| cluster.status = to);
            }
        }
    }

    fn claim(&mut self, target: Target, (operation, sequence): (Id, u64), claim: &Claim) {
        let id = *target.id();
        match claim {
            Claim::Name(name) => self.clusters.claim(name, id),
            Claim::HostNumbers(count) => self.clusters.number_hosts(id, *count),
            Claim::BackupNumbers(count) => self.records.number_backups(&mut self.core, id, *count),
            Claim::Unique(key, id) => self.resources.claim(key, *id),
            Claim::Use(uses) => self.resources.refer(uses, User::Operation, sequence),
            Claim::Also(target) => self.operations.hold(*target, operation),
        }
    }

    /// Gives back what an operation has taken only for as long as it was in flight.
    fn unclaim(&mut self, operation: Id) {
        let Some(operation) = self.operations.get(operation) else { return };
        let Outcome::Running { effects, .. } = &operation.outcome else { return };
        let (effects, sequence) = (effects.clone(), operation.sequence);
        for claim in &effects.claims {
            match claim {
                Claim::Use(uses) => self.resources.unrefer(uses, User::Operation, sequence),
                Claim::Also(target) => self.operations.let_go(*target),
                Claim::Name(_) | Claim::HostNumbers(_) | Claim::BackupNumbers(_) | Claim::Unique(..) => {}
            }
        }
        for used in effects.leaving() {
            self.resources.stay(&used);
        }
    }

    /// Ends an operation in flight without doing what it was to do.
    pub(super) fn fail(&mut self, id: Id, code: i32, message: String) {
        let Some(operation) = self.operations.get(id) else { return };
        let Outcome::Running { effects, status_before } = &operation.outcome else { return };
        let (target, effects, status_before) = (operation.target, effects.clone(), *status_before);
        self.unclaim(id);
        for claim in &effects.claims {
            match claim {
                Claim::Name(name) => self.clusters.release(name),
                Claim::Unique(key, id) => self.resources.release(key, *id),
                _ => {}
            }
        }
        match (&effects.beginning, status_before) {
            (Beginning::Create(_), _) => self.remove_cluster(*target.id()),
            (Beginning::Show(_), Some(status)) => self.change_cluster(*target.id(), |cluster| cluster.status = status),
            (Beginning::Halt(clusters), _) => self.switch(clusters, Status::Stopped, Status::Running),
            (Beginning::Show(_), None) | (Beginning::Nothing, _) => {}
        }
        self.operations.end(&mut self.core, id, Outcome::Failed { code, message });
    }

    /// Lets something happen that is due now.
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Operation(OperationEvent::StageEnd { operation }) => self.end_stage(operation),
            Event::Operation(OperationEvent::Forget { target }) => self.forget_operation(target),
            Event::Resource(event) => self.turn(event),
            Event::Record(RecordEvent::Next { record }) => {
                self.records.run(&self.core, record, self.core.now, 1, |_| {});
            }
            Event::Key(KeyEvent::Forget { number }) => self.keys.forget(number),
            Event::Panic => panic!("a test has put this onto the agenda"),
        }
    }

    fn end_stage(&mut self, sequence: u64) {
        let Some(id) = self.operations.at(sequence).map(|operation| operation.id) else { return };
        if !self.operations.end_stage(&mut self.core, id) {
            return;
        }
        let Some(operation) = self.operations.get(id) else { return };
        let Outcome::Running { effects, status_before } = &operation.outcome else { return };
        let (target, created_at) = (operation.target, operation.created_at);
        let (effects, status_before) = (effects.clone(), *status_before);
        if let Some(refusal) = effects.changes.iter().find_map(|change| self.hindrance(target, &effects, change)) {
            return self.fail(id, refusal.code as i32, refusal.message);
        }
        if effects.destroyed().is_some_and(|(kind, id)| !self.clear(kind, id)) {
            // The rest at the same instant, when others have had their turn.
            return self.core.agenda.add(self.core.now, OperationEvent::StageEnd { operation: sequence });
        }
        self.unclaim(id);
        let of_cluster = effects.changes.iter().filter_map(|change| match change {
            Change::Cluster(change) => Some(change),
            Change::Record(_) | Change::Resource(_) | Change::Bindings(_) | Change::Token(_) => None,
        });
        if let Target::Cluster(cluster) = target
            && (effects.beginning != Beginning::Nothing || of_cluster.clone().next().is_some())
        {
            self.change_cluster(cluster, |cluster| {
                cluster.status = status_before.unwrap_or(cluster.status);
                of_cluster.for_each(|change| change.apply_to(cluster));
            });
        }
        let bound_before = (effects.result == ResultOf::Deltas).then(|| self.bindings.roles(target).to_vec());
        effects.changes.iter().for_each(|change| self.apply(Some((target, created_at)), change));
        let response = match bound_before {
            Some(before) => {
                let effective_deltas = bindings::deltas(&before, self.bindings.roles(target));
                Response::Message(AccessBindingsOperationResult { effective_deltas }.to_any())
            }
            None => self.response(target, &effects.result),
        };
        self.operations.end(&mut self.core, id, Outcome::Done(response));
    }

    /// What a change does beyond the record of the operation's own cluster. `by` is the operation's target, and when it began.
    fn apply(&mut self, by: Option<(Target, Instant)>, change: &Change) {
        match (change, by) {
            (Change::Cluster(ClusterChange::Delete), Some((Target::Cluster(cluster), _))) => {
                self.remove_cluster(cluster);
            }
            (Change::Cluster(_), _) => {}
            (
                Change::Record(RecordChange::Keep { number, rank, keeper }),
                Some((Target::Cluster(cluster), started_at)),
            ) => {
                let begun = Begun { number: *number, rank: *rank, started_at, keeper: *keeper };
                self.records.keep(&self.core, cluster, begun);
            }
            (Change::Record(RecordChange::Keep { .. }), _) => {}
            (Change::Record(RecordChange::Drop(key)), _) => self.records.remove_backup(*key),
            (Change::Resource(change), _) => self.change_resource(change),
            (Change::Bindings(change), Some((target, _))) => self.bindings.apply(target, change),
            (Change::Bindings(_), None) => {}
            (Change::Token(TokenChange::Revoke(token)), _) => self.tokens.revoke(token, self.core.now),
        }
    }

    fn response(&self, target: Target, result: &ResultOf) -> Response {
        match (result, target) {
            (ResultOf::Cluster, Target::Cluster(cluster)) => {
                self.clusters.get(cluster).map_or(Response::Nothing, |cluster| Response::Cluster(cluster.clone()))
            }
            (ResultOf::Item(item, name), Target::Cluster(cluster)) => {
                let found = self.clusters.get(cluster);
                let spec = found.and_then(|found| Some((found.engine, found.contents.get(*item, name)?)));
                spec.map_or(Response::Nothing, |(engine, spec)| Response::Item {
                    engine,
                    cluster,
                    item: *item,
                    name: name.clone(),
                    spec: spec.clone(),
                })
            }
            (ResultOf::Resource, Target::Resource(kind, id)) => {
                let found = self.resources.get(kind, id);
                found.map_or(Response::Nothing, |resource| Response::Message(resource.message.to_any()))
            }
            (ResultOf::Message(message), _) => Response::Message((**message).clone()),
            _ => Response::Nothing,
        }
    }

    pub(super) fn change_cluster(&mut self, id: Id, change: impl FnOnce(&mut Cluster)) {
        let Some(changed) = self.clusters.change(id, change) else { return };
        let Some(cluster) = self.clusters.get(id) else { return };
        if let Some(before) = &changed.used_before {
            self.resources.unrefer(before, User::Cluster, cluster.sequence);
            self.resources.refer(&cluster.uses(), User::Cluster, cluster.sequence);
        }
        self.records.follow(&self.core, cluster, &changed);
        if changed.spec {
            let folder = cluster.spec.folder.clone();
            self.name_folder(&folder);
        }
    }

    /// Deletes a cluster. Its record stays until its backups are gone.
    pub(super) fn remove_cluster(&mut self, id: Id) {
        if let Some(cluster) = self.clusters.remove(id) {
            self.resources.unrefer(&cluster.uses(), User::Cluster, cluster.sequence);
            self.records.close(&self.core, cluster.sequence);
            self.bindings.forget(Target::Cluster(id));
        }
    }

    fn forget_operation(&mut self, target: Target) {
        let others = self.operations.forget(&mut self.core, target);
        let exists = match target {
            Target::Cluster(id) => self.clusters.get(id).is_some() || self.records.of(id).is_some(),
            Target::Resource(kind, id) => self.resources.get(kind, id).is_some(),
        };
        if !others && !exists {
            self.operations.drop_line(target);
        }
    }
}
