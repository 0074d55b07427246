//! A universe that is reset while somebody is about to look at it.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use mdb_emulator::universe::{Clock, Instant, Key, Left, OperationTime, Seed, Universe};
use mdb_emulator::worlds::{DEFAULT, MachineClock, Universes};

use crate::*;

thread_local! {
    /// Whether this thread is to be held when it asks for the time.
    static HOLDS: Cell<bool> = const { Cell::new(false) };
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
        if HOLDS.replace(false) {
            let (tell, told) = &*ends.lock().unwrap();
            tell.send(()).unwrap();
            told.recv().unwrap();
        }
        machine.instant()
    });
    (clock, Gate { held, go_on })
}

/// The year 2020.
const LONG_AGO: Instant = Instant::from_nanos(1_577_836_800 * NANOS);

#[test]
fn a_reader_that_knows_the_time_before_a_reset_does_not_bring_it_into_the_new_universe() {
    let machine = Machine::at_noon();
    let (clock, gate) = gated(&machine);
    let mut universe = Universe::new(Seed(1), Clock::MACHINE, machine.instant(), OperationTime::None);
    let key = Key { method: "method", key: "key".into(), body: 0 };
    universe.remember(&key, Left::Operation(Seed(1).id(b"c9q", "any", &[], 0)));
    let universes = Arc::new(Universes::new(universe, clock));
    let world = universes.get(None).unwrap();
    machine.pass(DAY);
    assert!(world.peek().0.next_due().unwrap() <= machine.instant(), "something is due");

    let reader = thread::spawn({
        let world = world.clone();
        move || {
            HOLDS.set(true);
            world.read().unwrap().1
        }
    });
    gate.held.recv().unwrap();
    let (caller, _presence) = universes.caller();
    universes.reset(&caller, DEFAULT, None, Some(LONG_AGO)).unwrap();
    gate.go_on.send(()).unwrap();
    assert_eq!(reader.join().unwrap(), LONG_AGO);
    let (universe, now) = world.read().unwrap();
    assert_eq!((universe.now(), now), (LONG_AGO, LONG_AGO));
}

#[test]
fn a_reader_that_asks_for_the_time_after_a_freeze_has_does_not_show_it() {
    let machine = Machine::at_noon();
    let (clock, gate) = gated(&machine);
    let universe = Universe::new(Seed(1), Clock::MACHINE, machine.instant(), OperationTime::None);
    let universes = Arc::new(Universes::new(universe, clock));
    let world = universes.get(None).unwrap();
    machine.pass(60);

    // It has looked at a universe whose clock runs, and asks for the machine's time.
    let reader = thread::spawn({
        let world = world.clone();
        move || {
            HOLDS.set(true);
            world.read().unwrap().1
        }
    });
    gate.held.recv().unwrap();
    let (caller, _presence) = universes.caller();
    world.freeze(&caller).unwrap();
    let frozen_at = world.read().unwrap().1;
    machine.pass(60);
    gate.go_on.send(()).unwrap();
    assert_eq!(reader.join().unwrap(), frozen_at);
}
