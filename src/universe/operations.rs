//! The store of operations: all of them in order, and for each target those about it, with the one that is in flight.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use prost_types::Any;

use super::cluster::Status;
use super::core::Core;
use super::instant::DAY;
use super::operation::{Operation, Outcome};
use super::plan::{About, Target};
use super::{Id, Instant, OperationEvent};
use crate::refusal::{self, Refusal};

/// How long an operation is kept after it has ended (our choice: no source says).
const KEPT: i64 = 30 * DAY;

/// The operations of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Operations {
    /// By their places in the universe's order, so that new ones come together: to copy a node of operations for a reader, each of them
    /// has to be touched.
    all: OrdMap<u64, Arc<Operation>>,
    sequences: OrdMap<Id, u64>,
    lines: OrdMap<Target, Line>,
}

/// The operations on one target.
#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    /// The one in flight: a target has one at most.
    running: Option<Id>,
    /// How many were ever begun, so that each gets an id of its own.
    begun: u64,
    /// Those that are kept, by their places in the universe's order.
    kept: OrdSet<u64>,
    /// When the oldest of them is forgotten, if it has ended.
    forgotten_at: Option<Instant>,
}

impl Operations {
    pub fn get(&self, id: Id) -> Option<&Arc<Operation>> {
        self.all.get(self.sequences.get(&id)?)
    }

    /// The operation at a place in the universe's order.
    pub fn at(&self, sequence: u64) -> Option<&Arc<Operation>> {
        self.all.get(&sequence)
    }

    fn get_mut(&mut self, id: Id) -> Option<&mut Operation> {
        self.all.get_mut(self.sequences.get(&id)?).map(Arc::make_mut)
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The operations on a target, newest first, from behind a place in that order.
    pub fn of(&self, target: Target, before: u64) -> impl Iterator<Item = &Arc<Operation>> {
        let kept = self.lines.get(&target).into_iter().flat_map(move |line| line.kept.range(..before).rev());
        kept.filter_map(|sequence| self.all.get(sequence))
    }

    /// Refuses if an operation on the target is in flight.
    pub fn idle(&self, target: Target) -> Result<(), Refusal> {
        match self.lines.get(&target).and_then(|line| line.running) {
            Some(operation) => Err(refusal::operation::conflict(operation.as_str())),
            None => Ok(()),
        }
    }

    /// The operation in flight that has the slot of a target.
    pub fn running(&self, target: Target) -> Option<&Arc<Operation>> {
        self.get(self.lines.get(&target)?.running?)
    }

    /// Lets a cluster have another status than one when the operation in flight on it ends.
    pub fn switch_status_before(&mut self, target: Target, from: Status, to: Status) {
        let Some(id) = self.lines.get(&target).and_then(|line| line.running) else { return };
        if let Some(Operation { outcome: Outcome::Running { status_before, .. }, .. }) = self.get_mut(id)
            && *status_before == Some(from)
        {
            *status_before = Some(to);
        }
    }

    /// How many operations on a target were ever begun.
    pub fn begun(&self, target: Target) -> u64 {
        self.lines.get(&target).map_or(0, |line| line.begun)
    }

    /// Gives an operation on another target the slot of this one too, which is free.
    pub fn hold(&mut self, target: Target, operation: Id) {
        self.lines.entry(target).or_default().running = Some(operation);
    }

    /// Gives the slot of a target back that an operation on another one has.
    pub fn let_go(&mut self, target: Target) {
        let Some(line) = self.lines.get_mut(&target) else { return };
        line.running = None;
        // Nothing else would ever forget it.
        if line.begun == 0 {
            self.lines.remove(&target);
        }
    }

    /// Lets the first stage of an operation begin. If it is the only one on its target, that target's slot is free, and it gets the slot.
    /// Returns its id, and its place in the universe's order.
    pub fn launch(&mut self, core: &mut Core, target: Target, about: Arc<About>, outcome: Outcome) -> (Id, u64) {
        let line = self.lines.entry(target).or_default();
        let id = core.seed.id(target.operation_prefix(), "operation", &[target.id().as_str()], line.begun);
        let sequence = core.next_sequence();
        line.begun += 1;
        if matches!(&outcome, Outcome::Running { effects, .. } if effects.alone) {
            line.running = Some(id);
        }
        line.kept.insert(sequence);
        let mut operation = Operation {
            id,
            target,
            about,
            sequence,
            created_at: core.now,
            modified_at: core.now,
            stage: 0,
            due: None,
            outcome,
        };
        enter(&mut operation, core);
        schedule(&operation, core);
        self.all.insert(sequence, operation.into());
        self.sequences.insert(id, sequence);
        (id, sequence)
    }

    /// Takes an operation in flight to its next stage, since the present one has ended. Returns whether it was the last.
    pub fn end_stage(&mut self, core: &mut Core, id: Id) -> bool {
        let Some(operation) = self.get_mut(id) else { return false };
        if operation.is_done() {
            return false;
        }
        // Stages that take no time end with the one before them.
        while operation.due.is_some_and(|due| due <= core.now) {
            if operation.stage + 1 == operation.about.stages.len() {
                return true;
            }
            operation.stage += 1;
            enter(operation, core);
        }
        schedule(operation, core);
        false
    }

    /// Gives an operation other metadata.
    pub fn tell(&mut self, id: Id, metadata: &Any) {
        if let Some(operation) = self.get_mut(id) {
            operation.about = About { metadata: metadata.clone(), ..(*operation.about).clone() }.into();
        }
    }

    /// Ends an operation in flight, and gives its target's slot back.
    pub fn end(&mut self, core: &mut Core, id: Id, outcome: Outcome) {
        let Some(operation) = self.get_mut(id) else { return };
        if let Some(due) = operation.due {
            core.agenda.remove(due, OperationEvent::StageEnd { operation: operation.sequence });
        }
        operation.modified_at = core.now;
        operation.outcome = outcome;
        let target = operation.target;
        if let Some(line) = self.lines.get_mut(&target) {
            if line.running == Some(id) {
                line.running = None;
            }
            if line.forgotten_at.is_none() {
                forget_after(line, core, target, core.now);
            }
        }
    }

    /// Forgets the oldest operation on a target, which has been kept long enough. Returns whether others are left.
    pub fn forget(&mut self, core: &mut Core, target: Target) -> bool {
        let Some(line) = self.lines.get_mut(&target) else { return false };
        // The event has been taken from the agenda.
        line.forgotten_at = None;
        // Most operations on a target end in the order in which they began. Those on access bindings may end before an older one does: they
        // are forgotten after it.
        while let Some(oldest) = line.kept.get_min().and_then(|sequence| self.all.get(sequence)) {
            if !oldest.is_done() {
                break;
            }
            if oldest.modified_at.checked_plus(KEPT).is_none_or(|due| due > core.now) {
                forget_after(line, core, target, oldest.modified_at);
                break;
            }
            let (id, sequence) = (oldest.id, oldest.sequence);
            line.kept.remove(&sequence);
            self.all.remove(&sequence);
            self.sequences.remove(&id);
        }
        !line.kept.is_empty()
    }

    /// Drops what is known of a target that is gone for good and has no operations left.
    pub fn drop_line(&mut self, target: Target) {
        self.lines.remove(&target);
    }
}

/// The present stage begins: this is where its end is reckoned, and nowhere else.
fn enter(operation: &mut Operation, core: &Core) {
    let length = core.operation_time.length(operation.about.stages, operation.stage);
    let ends_at = operation.due.unwrap_or(core.now).plus(length);
    let not_before = match &operation.outcome {
        Outcome::Running { effects, .. } if operation.stage == 0 => effects.not_before,
        _ => None,
    };
    operation.due = Some(not_before.map_or(ends_at, |instant| instant.max(ends_at)));
    operation.modified_at = core.now;
}

fn schedule(operation: &Operation, core: &mut Core) {
    if let Some(due) = operation.due {
        core.agenda.add(due, OperationEvent::StageEnd { operation: operation.sequence });
    }
}

/// Lets the oldest operation of a line be forgotten, which ended at an instant, unless time ends before.
fn forget_after(line: &mut Line, core: &mut Core, target: Target, ended_at: Instant) {
    line.forgotten_at = ended_at.checked_plus(KEPT);
    if let Some(due) = line.forgotten_at {
        core.agenda.add(due, OperationEvent::Forget { target });
    }
}
