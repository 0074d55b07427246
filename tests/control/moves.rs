//! A clock on its way: one step or none, whatever comes meanwhile.

use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;
use mdb_emulator::refusal;
use mdb_emulator::universe::Universe as Value;

use crate::*;

fn begin_to_back_up(cloud: &Cloud, cluster: &str) -> JoinHandle<Result<Operation, Status>> {
    let (cloud, cluster_id) = (cloud.clone(), cluster.to_owned());
    let mut service = redis::v1::cluster_service_client::ClusterServiceClient::new(cloud.channel());
    let request = cloud.request(redis::v1::BackupClusterRequest { cluster_id });
    cloud.begin(async move { service.backup(request).await.map(Response::into_inner) })
}

#[test]
fn reads_are_answered_at_once_and_as_before_the_move() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let before = (cloud.cluster::<Redis>(&cluster), cloud.clock(), get(&cloud, "default"), cloud.value());
    let held = Held::by(&cloud.world(), 3650 * DAY * NANOS);
    assert_eq!(cloud.cluster::<Redis>(&cluster), before.0);
    assert_eq!(cloud.clock(), before.1);
    assert_eq!(get(&cloud, "default"), before.2);
    let copy = fork(&cloud, "default", "copy");
    assert_eq!(Universe { id: "default".into(), ..copy }, before.2, "a fork is of before the move");
    assert!(cloud.backups::<Redis>(&cluster).is_empty());
    assert_eq!(cloud.value(), before.3);
    let arrived = held.arrives();
    assert_eq!(cloud.now(), after(&before.1.now.unwrap(), 3650 * DAY));
    assert_eq!(cloud.value(), **arrived);
    assert_eq!(cloud.in_universe("copy").clock(), before.1, "a fork goes its own way");
    // The fork is as good as the universe that it was made of.
    advance(&cloud.in_universe("copy"), 3650 * DAY, 0).unwrap();
    assert!(cloud.value_of("copy") == cloud.value());
}

#[test]
fn a_read_during_a_move_shows_the_instant_before_what_has_fallen_due_meanwhile() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let cluster = cloud.created::<Redis>("main");
    let due = cloud.clock().next_due.unwrap();
    let held = Held::by(&cloud.world(), 7 * DAY * NANOS);
    machine.pass(HOUR);
    assert_eq!(cloud.now(), machine.now(), "until something is due the clock goes on");
    machine.pass(DAY);
    let clock = cloud.clock();
    let just_before = Timestamp { seconds: due.seconds - 1, nanos: 999_999_999 };
    assert_eq!((clock.now, clock.next_due), (Some(just_before), Some(due)));
    assert!(cloud.backups::<Redis>(&cluster).is_empty());
    assert_eq!(fork(&cloud, "default", "copy").backup_count, 1, "a fork of before the move goes on by itself");
    held.arrives();
    assert_eq!(cloud.backups::<Redis>(&cluster).len(), 7);
}

#[test]
fn a_clock_that_runs_goes_on_while_it_is_moved_and_never_back() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let noon = cloud.now();
    // Whether the move is longer than it takes or not.
    for (moved, at_first) in [(DAY, 0), (1, DAY + 10)] {
        let on_its_way = |universe: &Value| {
            assert_eq!(cloud.now(), after(&noon, at_first));
            machine.pass(10);
            assert_eq!(cloud.now(), after(&noon, at_first + 10));
            Ok(universe.now().plus(moved * NANOS))
        };
        cloud.world().move_clock_while(|| Ok(()), on_its_way).unwrap();
        assert_eq!(cloud.now(), after(&noon, at_first + 10 + moved));
    }
    machine.pass(1);
    assert_eq!(cloud.now(), after(&noon, DAY + 22));
}

#[test]
fn a_change_during_a_move_happens_at_the_instant_where_it_arrived() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let there = after(&cloud.now(), DAY);
    let before = cloud.value();
    let world = cloud.world();
    let held = Held::by(&world, DAY * NANOS);
    assert_eq!(world.attempt(|_| -> Result<(), _> { panic!("the clock is on its way") }), Ok(None));
    let backing_up = begin_to_back_up(&cloud, &cluster);
    for _ in 0..20 {
        assert!(cloud.operations::<Redis>(&cluster).len() == 1, "the call waits, and others do not");
    }
    assert!(!backing_up.is_finished());
    assert_eq!(cloud.value(), before);
    held.arrives();
    let started = cloud.run(backing_up).unwrap().unwrap();
    assert_eq!(started.created_at, Some(there));
    assert_eq!(cloud.backups::<Redis>(&cluster).len(), 2, "the day's, and this one");
}

#[test]
fn a_reset_during_a_move_empties_the_universe_where_it_arrived() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("main");
    let there = after(&cloud.now(), DAY);
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let mut universes = cloud.universes();
    let request = ResetUniverseRequest { universe_id: "default".into(), ..ResetUniverseRequest::default() };
    let emptying = cloud.begin(async move { universes.reset(request).await.map(Response::into_inner) });
    cloud.until_callers(1);
    assert_eq!(get(&cloud, "default").cluster_count, 1);
    held.arrives();
    let emptied = cloud.run(emptying).unwrap().unwrap();
    assert_eq!((emptied.cluster_count, emptied.clock.unwrap().now), (0, Some(there)));
}

#[test]
fn a_freeze_during_a_move_stops_the_clock_where_it_arrived() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let there = after(&cloud.now(), DAY);
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let mut clocks = cloud.clocks();
    let freezing =
        cloud.begin(async move { clocks.freeze(FreezeClockRequest::default()).await.map(Response::into_inner) });
    cloud.until_callers(1);
    assert!(!cloud.clock().frozen);
    held.arrives();
    let frozen = cloud.run(freezing).unwrap().unwrap();
    assert_eq!((frozen.now, frozen.frozen), (Some(there), true));
}

#[test]
fn moves_at_the_same_time_add_up() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("main");
    let before = cloud.now();
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let others = [2, 3, 4].map(|days| begin_to_advance(&cloud, days * DAY));
    cloud.until_callers(3);
    assert_eq!(cloud.now(), before);
    held.arrives();
    let mut shown = others.map(|other| cloud.run(other).unwrap().unwrap().now.unwrap().seconds);
    shown.sort_unstable();
    assert_eq!(shown[2], before.seconds + 10 * DAY);
    assert!(shown[0] > before.seconds + DAY, "each shows where it arrived itself: {shown:?}");
    assert_eq!(cloud.now(), after(&before, 10 * DAY));
}

#[test]
fn a_move_that_gives_up_leaves_everything_as_it_was() {
    let cloud = Cloud::slow(10);
    Redis::create(&cloud, Redis::new_cluster("ready")).unwrap();
    cloud.advance(10);
    let ready = cloud.clock();
    // An operation is in flight, so that the move comes through its middle.
    Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let before = cloud.value();
    let held = Held::by(&cloud.world(), 3650 * DAY * NANOS);
    let waiting = begin_to_advance(&cloud, 10);
    cloud.until_callers(1);
    assert_eq!(held.gives_up(refusal::request::caller_gone()), refusal::request::caller_gone());
    let advanced = cloud.run(waiting).unwrap().unwrap();
    assert_eq!(advanced.now, Some(after(&ready.now.unwrap(), 10)), "who waited goes on from there");
    let mut expected = before;
    expected.advance(10 * NANOS);
    assert_eq!(cloud.value(), expected);
}

#[test]
fn a_move_that_is_refused_on_its_way_changes_nothing() {
    let cloud = Cloud::slow(10);
    Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let (world, before) = (cloud.world(), cloud.value());
    // Whether it is refused at once, before it knows where to, or after so many events.
    for questions in 0..6 {
        let mut asked = 0;
        let goes_on = || {
            asked += 1;
            if asked > questions { Err(refusal::request::stopping()) } else { Ok(()) }
        };
        let refused = world.move_clock_while(goes_on, |universe| Ok(universe.now().plus(3650 * DAY * NANOS)));
        assert_eq!(refused.unwrap_err(), refusal::request::stopping(), "after {questions} questions");
        assert!(cloud.value() == before, "after {questions} questions");
        cloud.run(cloud.clocks().get(GetClockRequest::default())).unwrap();
    }
    let nowhere = world.move_clock_while(|| Ok(()), |_| Err(refusal::request::stopping()));
    assert_eq!(nowhere.unwrap_err(), refusal::request::stopping());
    assert!(cloud.value() == before);
    world.change(|_| ()).unwrap();
}
