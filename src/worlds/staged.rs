//! The value that writes change, ahead of what is published.
//!
//! Nobody looks at it but the writer that holds its lock, so a run of writes changes it in place, and copies nothing of what readers
//! hold. Whoever wants to look has it published first. Until then it keeps the steps that led from the published value to it: after
//! a panic in the middle of a change it is thrown away, and made again by these.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::refusal::{self, Refusal};
use crate::universe::{Decision, Event, Instant, Key, Left, Universe};

/// How many things may happen before other calls of the universe get their turn.
const EVENTS_AT_ONCE: usize = 1000;

/// How many steps the value may be ahead of what is published, and how many bytes the requests may have that led to them: so much is
/// kept of them, and is to be done again after a panic. Each publishing makes the writes behind it copy what they touch first.
const MOST_STEPS: usize = 2048;
const MOST_BYTES: usize = 8 << 20;

/// A universe, and the steps that led to it from the published one.
#[derive(Debug)]
pub(super) struct Staged {
    universe: Universe,
    steps: Vec<Step>,
    /// The bytes of the requests that led to the steps.
    bytes: usize,
    /// Whether the last step in time arrived where it went.
    arrived: bool,
}

/// One step of a universe.
#[derive(Clone, Debug)]
enum Step {
    /// So many things, at most, happened on the way to an instant.
    Settled { to: Instant, events: usize },
    /// What a handler has decided was carried out; with an idempotency key, if the call had one.
    CarriedOut(Decision, Option<Key>),
}

impl Step {
    fn take(&self, universe: &mut Universe) -> Result<Option<Left>, Refusal> {
        match self {
            Self::Settled { to, events } => {
                universe.settle_some(*to, *events);
                Ok(None)
            }
            Self::CarriedOut(decision, key) => {
                let left = universe.carry_out(decision)?;
                if let (Some(key), Some(left)) = (key, left) {
                    universe.remember(key, left);
                }
                Ok(left)
            }
        }
    }
}

/// What a panic has left: the value is of no use any more, and has to be made again.
#[derive(Debug)]
pub(super) struct Broken {
    /// What was just happening, if anything was.
    pub culprit: Option<(Instant, Event)>,
}

impl Staged {
    pub fn new(universe: Universe) -> Self {
        Self { universe, steps: Vec::new(), bytes: 0, arrived: true }
    }

    pub fn universe(&self) -> &Universe {
        &self.universe
    }

    /// Whether it has to be published before another step.
    pub fn is_far_ahead(&self) -> bool {
        self.steps.len() >= MOST_STEPS || self.bytes >= MOST_BYTES
    }

    /// A copy to be published: from now on it is as far as that.
    pub fn for_publishing(&mut self) -> Universe {
        self.forget_steps();
        self.universe.clone()
    }

    /// Puts another value in its place, which is published too.
    pub fn replace(&mut self, universe: Universe) {
        self.universe = universe;
        self.forget_steps();
    }

    fn forget_steps(&mut self) {
        self.steps.clear();
        self.bytes = 0;
    }

    /// Lets some of what is due by an instant happen; returns whether all of it has.
    pub fn settle(&mut self, to: Instant) -> Result<bool, Broken> {
        if self.universe.is_settled(to) && self.universe.now() >= to {
            return Ok(true);
        }
        let settled = unbroken(&mut self.universe, |universe| universe.settle_some(to, EVENTS_AT_ONCE))?;
        match self.steps.last_mut() {
            // Both have arrived, so that the way in two steps was no other than in one.
            Some(Step::Settled { to: before, events }) if *before < to && settled && self.arrived => {
                (*before, *events) = (to, usize::MAX);
            }
            _ => self.steps.push(Step::Settled { to, events: EVENTS_AT_ONCE }),
        }
        self.arrived = settled;
        Ok(settled)
    }

    /// Carries out what a handler has decided about a request of so many bytes.
    pub fn carry_out(
        &mut self,
        decision: Decision,
        key: Option<Key>,
        bytes: usize,
    ) -> Result<Result<Option<Left>, Refusal>, Broken> {
        let step = Step::CarriedOut(decision, key);
        let taken = catch_unwind(AssertUnwindSafe(|| step.take(&mut self.universe)));
        let taken = taken.map_err(|_| Broken { culprit: None })?;
        if taken.is_ok() {
            self.steps.push(step);
            self.bytes += bytes;
        }
        Ok(taken)
    }

    /// Makes the value again from the published one, by the steps before the one that broke it. What was just happening then is set
    /// aside, so that it does not come again.
    pub fn mend(&mut self, published: &Universe, broken: &Broken) {
        let mut universe = published.clone();
        for step in &self.steps {
            // It was taken before, by an equal value.
            if catch_unwind(AssertUnwindSafe(|| step.take(&mut universe))).is_err() {
                tracing::error!(?step, "a step that was taken before panicked: it and what came after it is lost");
                break;
            }
        }
        if let Some((due, event)) = broken.culprit {
            universe.set_aside(due, event);
        }
        self.universe = universe;
    }
}

/// Takes a universe, which nobody looks at before it has arrived, some of the way to an instant; returns whether it has arrived.
pub(super) fn leap(universe: &mut Universe, to: Instant) -> Result<bool, Broken> {
    unbroken(universe, |universe| universe.leap(to, EVENTS_AT_ONCE))
}

fn unbroken(universe: &mut Universe, settle: impl FnOnce(&mut Universe) -> bool) -> Result<bool, Broken> {
    let settled = catch_unwind(AssertUnwindSafe(|| settle(universe)));
    settled.map_err(|_| Broken { culprit: universe.happening() })
}

impl Broken {
    /// What the call is told that met it.
    pub fn refusal(&self) -> Refusal {
        refusal::request::internal(match self.culprit {
            Some(_) => "what was due could not happen, and is set aside",
            None => "the change that it asked for could not be made",
        })
    }
}
