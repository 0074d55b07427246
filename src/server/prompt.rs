//! How the calls of a connection of HTTP/2 are carried out: on the spot, by the connection's own task, as far as that goes.
//!
//! Nearly every call can be answered as soon as it has come. A task of its own for each would cost more than most answers do: the
//! task has to be made, found by a thread, and tell the connection that there is something to send. So what has come at once is
//! answered one call after the other, and the answers are sent at once too. A call that waits for something, such as the rest of its
//! message, goes on in a task of its own; so do those beyond a few, since other threads may be free for them.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::rt::Executor;

/// How many calls that come at once are answered on the spot.
const ON_THE_SPOT: usize = 16;

/// What carries out one call.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The calls of one connection that have come and not been begun.
#[derive(Clone, Default)]
pub struct Prompt(Arc<Mutex<Vec<Work>>>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Prompt {
    fn execute(&self, work: F) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::pin(work));
    }
}

impl Prompt {
    /// Polls a connection, and begins the calls that have come by it.
    pub fn poll<C: Future + Unpin>(&self, connection: &mut C, context: &mut Context<'_>) -> Poll<C::Output> {
        loop {
            let spoken = Pin::new(&mut *connection).poll(context);
            let come = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            if come.is_empty() || spoken.is_ready() {
                come.into_iter().for_each(spawn);
                return spoken;
            }
            for (position, work) in come.into_iter().enumerate() {
                if position < ON_THE_SPOT { begin(work) } else { spawn(work) }
            }
        }
    }
}

/// Carries out a call as far as it goes without waiting.
fn begin(mut work: Work) {
    // The waker does nothing, and need not: work that has to wait is spawned, and a new task is polled at once. A panic costs one call.
    let begun = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut Context::from_waker(Waker::noop()))));
    if let Ok(Poll::Pending) = begun {
        spawn(work);
    }
}

fn spawn(work: Work) {
    tokio::spawn(work);
}
