//! The clock of a universe: it stands, or goes on with the machine's.

use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;

use crate::*;

#[test]
fn each_universe_has_a_clock_of_its_own() {
    let cloud = Cloud::start();
    let spring = Timestamp { seconds: 1_900_000_000, nanos: 5 };
    create(&cloud, "spring", 0, Some(spring));
    let other = cloud.in_universe("spring");
    assert_eq!(other.clock().now, Some(spring));
    let before = cloud.now();
    other.advance(HOUR);
    assert_eq!((other.now(), cloud.now()), (after(&spring, HOUR), before));
    // The request's own word is stronger than the header's.
    let request = cloud.request(GetClockRequest { universe_id: "spring".into() });
    assert_eq!(cloud.run(cloud.clocks().get(request)).unwrap().into_inner().now, Some(after(&spring, HOUR)));
    let by = Some(Duration { seconds: 1, nanos: 500 });
    let request = other.request(AdvanceClockRequest { universe_id: "default".into(), by });
    let clock = cloud.run(cloud.clocks().advance(request)).unwrap().into_inner();
    assert_eq!(clock.now, Some(Timestamp { seconds: before.seconds + 1, nanos: before.nanos + 500 }));
}

#[test]
fn a_frozen_clock_stands_still_until_it_is_moved() {
    let machine = Machine::at_noon();
    let cloud = Cloud::start_with(|options| options.machine = machine.clock());
    let clock = cloud.clock();
    assert!(clock.frozen);
    machine.pass(DAY);
    assert_eq!(cloud.clock(), clock);
    let later = after(&clock.now.unwrap(), 5 * DAY);
    for _ in 0..2 {
        let moved = set(&cloud, later).unwrap();
        assert_eq!((moved.now, moved.frozen), (Some(later), true), "setting it again is no harm");
    }
    cloud.advance(0);
    assert_eq!(cloud.now(), later);
}

#[test]
fn a_clock_that_runs_can_be_moved_and_frozen_and_never_goes_back() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let noon = machine.now();
    let first = cloud.clock();
    assert_eq!((first.now, first.frozen), (Some(noon), false));
    machine.pass(20);
    assert_eq!(cloud.now(), after(&noon, 20), "it runs");
    let moved = advance(&cloud, DAY, 0).unwrap();
    assert_eq!((moved.now, moved.frozen), (Some(after(&noon, DAY + 20)), false));
    machine.pass(2);
    assert_eq!(cloud.now(), after(&noon, DAY + 22), "it runs on from where it was moved to");
    let frozen = freeze(&cloud);
    assert_eq!((frozen.now, frozen.frozen), (Some(after(&noon, DAY + 22)), true));
    machine.pass(HOUR);
    assert_eq!(cloud.clock(), frozen);
    let refusal = refused(set(&cloud, noon));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["now".to_owned()]));
    assert_eq!(cloud.clock(), frozen);
}

#[test]
fn what_falls_due_on_the_machines_time_happens_at_its_own_instant() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let cluster = cloud.created::<Redis>("main");
    let due = cloud.clock().next_due.unwrap();
    machine.pass(DAY);
    let backups = cloud.backups::<Redis>(&cluster);
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0].created_at, Some(due), "however late somebody looks");
    assert_eq!(cloud.now(), machine.now());
}

#[test]
fn the_clock_says_what_falls_due_next() {
    let cloud = Cloud::slow(10);
    assert_eq!(cloud.clock().next_due, None);
    Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let due = cloud.clock().next_due.unwrap();
    let ahead = due.seconds - cloud.now().seconds;
    assert!((1..=10).contains(&ahead), "the end of a stage, {ahead} s ahead");
    cloud.advance(10);
    let due = cloud.clock().next_due.unwrap();
    let time_of_day = due.seconds % DAY;
    assert!((22 * HOUR..22 * HOUR + 30 * MINUTE).contains(&time_of_day), "the daily backup");
}
