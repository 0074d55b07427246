//! Whether anybody still waits for a step that takes long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use crate::refusal::{self, Refusal};

/// The one who waits for a call that may take long, seen from the thread that carries it out.
///
/// The call is over once its caller has gone (a deadline has passed, the connection is closed), or the process stops: then what
/// takes long gives up, and leaves everything as it was.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    gone: Arc<AtomicBool>,
    stopping: Weak<AtomicBool>,
}

/// Tells that the caller has gone when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Presence {
    gone: Arc<AtomicBool>,
    /// Held so that callers can be counted.
    _stopping: Arc<AtomicBool>,
}

impl Caller {
    /// A caller of a process that stops when the flag is raised, and what to hold for as long as it waits.
    pub(super) fn new(stopping: Arc<AtomicBool>) -> (Self, Presence) {
        let gone = Arc::new(AtomicBool::new(false));
        let presence = Presence { gone: gone.clone(), _stopping: stopping.clone() };
        (Self { gone, stopping: Arc::downgrade(&stopping) }, presence)
    }

    /// Nothing, if there is still somebody to work for.
    ///
    /// # Errors
    ///
    /// CANCELLED if the caller has gone, UNAVAILABLE if the process stops.
    pub fn waits(&self) -> Result<(), Refusal> {
        if self.stopping.upgrade().is_some_and(|stopping| stopping.load(Ordering::Relaxed)) {
            Err(refusal::request::stopping())
        } else if self.gone.load(Ordering::Relaxed) {
            Err(refusal::request::caller_gone())
        } else {
            Ok(())
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}
