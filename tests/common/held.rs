//! A clock that is being moved, and that a test holds on its way.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use mdb_emulator::refusal::Refusal;
use mdb_emulator::worlds::{Published, World};

/// A move of a universe's clock that neither arrives nor gives up before it is told to.
pub struct Held {
    verdict: Sender<Result<(), Refusal>>,
    thread: JoinHandle<Result<Arc<Published>, Refusal>>,
}

impl Held {
    /// Begins to move a clock by nanoseconds. When this returns, the clock is on its way.
    pub fn by(world: &Arc<World>, nanos: i64) -> Self {
        Self::asking(world, nanos, || Ok(()))
    }

    /// The same of a move that asks also somebody else whether to go on, once it is let go.
    pub fn asking(world: &Arc<World>, nanos: i64, goes_on: impl Fn() -> Result<(), Refusal> + Send + 'static) -> Self {
        let (begun, on_its_way) = channel();
        let (verdict, told) = channel();
        let world = world.clone();
        let thread = thread::spawn(move || {
            let begun = std::cell::Cell::new(Some(begun));
            let reckoned = std::cell::Cell::new(false);
            let held = || {
                // Before the move knows where to, it has not begun.
                if reckoned.get()
                    && let Some(begun) = begun.take()
                {
                    begun.send(()).unwrap();
                    told.recv().unwrap()?;
                }
                goes_on()
            };
            world.move_clock_while(held, |universe| {
                reckoned.set(true);
                Ok(universe.now().plus(nanos))
            })
        });
        on_its_way.recv().expect("the move should have begun");
        Self { verdict, thread }
    }

    /// Lets the move go on to its end.
    pub fn let_go(self) -> Result<Arc<Published>, Refusal> {
        self.end(Ok(()))
    }

    /// Lets the move go on, and it arrives.
    pub fn arrives(self) -> Arc<Published> {
        self.let_go().unwrap()
    }

    /// Makes the move give up.
    pub fn gives_up(self, refusal: Refusal) -> Refusal {
        self.end(Err(refusal)).unwrap_err()
    }

    fn end(self, verdict: Result<(), Refusal>) -> Result<Arc<Published>, Refusal> {
        self.verdict.send(verdict).unwrap();
        self.thread.join().unwrap()
    }
}
