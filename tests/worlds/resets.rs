//! A universe that is reset while somebody is about to look at it.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use mdb_emulator::universe::{Clock, Instant, OperationTime, Seed, Universe};
use mdb_emulator::worlds::{DEFAULT, MachineClock, Universes};

use crate::*;

thread_local! {
    /// How often this thread has still to ask for the time before it is held, if it is to be held at all.
    static QUESTIONS: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The other end of a thread that is held while it asks for the machine's time.
struct Gate {
    held: Receiver<()>,
    go_on: Sender<()>,
}

/// The machine's clock, at which a thread is held that knows the time already, and has not acted upon it.
fn gated(machine: &Machine) -> (MachineClock, Gate) {
    let ((tell, held), (go_on, told)) = (channel(), channel());
    let (machine, ends) = (machine.clone(), Mutex::new((tell, told)));
    let clock = MachineClock::from_source(move || {
        let now = machine.instant();
        let questions = QUESTIONS.get();
        QUESTIONS.set(questions.and_then(|left| left.checked_sub(1)));
        if questions == Some(0) {
            let (tell, told) = &*ends.lock().unwrap();
            tell.send(()).unwrap();
            told.recv().unwrap();
        }
        now
    });
    (clock, Gate { held, go_on })
}

/// The year 2020.
const LONG_AGO: Instant = Instant::from_nanos(1_577_836_800 * NANOS);

#[test]
fn a_reader_that_knows_the_time_before_a_reset_does_not_bring_it_into_the_new_universe() {
    // Whether it has asked for the time once, or once more since something is due.
    for questions in 0..2 {
        let machine = Machine::at_noon();
        let (clock, gate) = gated(&machine);
        let mut universe = Universe::new(Seed(1), Clock::MACHINE, machine.instant(), OperationTime::None);
        universe.remember("method", "key", 0, Seed(1).id(b"c9q", "any", &[], 0));
        let universes = Arc::new(Universes::new(universe, clock));
        let world = universes.get(None).unwrap();
        machine.pass(DAY);
        assert!(world.peek().0.next_due().unwrap() <= machine.instant(), "something is due");

        let reader = thread::spawn({
            let world = world.clone();
            move || {
                QUESTIONS.set(Some(questions));
                world.read().unwrap().1
            }
        });
        gate.held.recv().unwrap();
        let (caller, _presence) = universes.caller();
        universes.reset(&caller, DEFAULT, None, Some(LONG_AGO)).unwrap();
        gate.go_on.send(()).unwrap();
        assert_eq!(reader.join().unwrap(), LONG_AGO, "after {questions} questions");
        let (universe, now) = world.read().unwrap();
        assert_eq!((universe.now(), now), (LONG_AGO, LONG_AGO), "after {questions} questions");
    }
}
