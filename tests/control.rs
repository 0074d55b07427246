//! The control API: universes beside each other, and their clocks.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;

use common::*;
use mdb_emulator::contract::proto::mdb::emulator::v1::{
    AdvanceClockRequest, CreateUniverseRequest, DeleteUniverseRequest, ForkUniverseRequest, FreezeClockRequest,
    GetClockRequest, GetUniverseRequest, ListUniversesRequest, ResetUniverseRequest, SetClockRequest, Universe,
};
use mdb_emulator::universe::Seed;
use prost_types::Duration;

for_every_engine! {
    a_header_chooses_the_universe_of_a_call
    a_fork_begins_as_a_copy_and_never_shows_in_its_parent
    a_reset_universe_is_empty_and_goes_the_same_way_again
}

fn create(cloud: &Cloud, id: &str, seed: u64, frozen_at: Option<Timestamp>) -> Universe {
    let request = cloud.request(CreateUniverseRequest { universe_id: id.into(), seed, frozen_at });
    cloud.run(cloud.universes().create(request)).unwrap().into_inner()
}

fn fork(cloud: &Cloud, source: &str, id: &str) -> Universe {
    let request = cloud.request(ForkUniverseRequest { source_universe_id: source.into(), universe_id: id.into() });
    cloud.run(cloud.universes().fork(request)).unwrap().into_inner()
}

fn get(cloud: &Cloud, id: &str) -> Universe {
    let request = cloud.request(GetUniverseRequest { universe_id: id.into() });
    cloud.run(cloud.universes().get(request)).unwrap().into_inner()
}

fn delete(cloud: &Cloud, id: &str) {
    let request = cloud.request(DeleteUniverseRequest { universe_id: id.into() });
    cloud.run(cloud.universes().delete(request)).unwrap();
}

fn names<E: Sample>(cloud: &Cloud) -> Vec<String> {
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    E::list(cloud, request).unwrap().clusters().iter().map(|cluster| cluster.name().to_owned()).collect()
}

fn a_header_chooses_the_universe_of_a_call<E: Sample>() {
    let cloud = Cloud::start();
    let created = create(&cloud, "other", 5, Some(cloud.now()));
    assert_eq!((created.id.as_str(), created.seed, created.cluster_count), ("other", 5, 0));
    let other = cloud.in_universe("other");
    let cluster = cloud.created::<E>("main");
    assert!(names::<E>(&other).is_empty());
    assert_ne!(other.created::<E>("main"), cluster, "another seed");
    other.created::<E>("second");
    assert_eq!(names::<E>(&cloud), ["main"]);
    assert_eq!(names::<E>(&cloud.in_universe("default")), ["main"]);
    assert_eq!(names::<E>(&other), ["main", "second"]);
    assert_eq!((get(&cloud, "default").cluster_count, get(&cloud, "other").cluster_count), (1, 2));

    delete(&cloud, "other");
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(FOLDER.into());
    let refusal = refused(E::list(&other, request));
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::NotFound, "Universe \"other\" not found"));
    assert_eq!(names::<E>(&cloud), ["main"]);
}

fn a_fork_begins_as_a_copy_and_never_shows_in_its_parent<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let backup = cloud.backed_up::<E>(&cluster);
    let before = get(&cloud, "default");
    let copy = fork(&cloud, "default", "copy");
    assert_eq!(Universe { id: "default".into(), ..copy }, before, "all the same but for its name");

    let copied = cloud.in_universe("copy");
    assert_eq!(copied.cluster::<E>(&cluster), cloud.cluster::<E>(&cluster));
    assert_eq!(copied.backups::<E>(&cluster), std::slice::from_ref(&backup));
    copied.delete_user::<E>(&cluster, "shop");
    copied.advance(3 * DAY);
    copied.delete::<E>(&cluster);
    assert_eq!(get(&cloud, "default"), before);
    assert!(cloud.users::<E>(&cluster).contains(&"shop".to_owned()));
    assert_eq!(cloud.backups::<E>(&cluster), [backup]);

    // Nor does the parent show in a fork.
    let second = fork(&cloud, "default", "second");
    cloud.created::<E>("late");
    assert_eq!(get(&cloud, "second"), second);
}

fn a_reset_universe_is_empty_and_goes_the_same_way_again<E: Sample>() {
    let cloud = Cloud::start();
    let began = cloud.now();
    let cluster = cloud.created::<E>("main");
    cloud.advance(3 * DAY);
    let backups = cloud.backups::<E>(&cluster);
    let reset = |seed, frozen_at| {
        let request = ResetUniverseRequest { universe_id: "default".into(), seed, frozen_at };
        cloud.run(cloud.universes().reset(cloud.request(request))).unwrap().into_inner()
    };
    let emptied = reset(None, Some(began));
    assert_eq!((emptied.cluster_count, emptied.backup_count, emptied.operation_count), (0, 0, 0));
    assert_eq!(cloud.now(), began, "a reset may bring the clock back");
    assert!(names::<E>(&cloud).is_empty());
    assert_eq!(cloud.created::<E>("main"), cluster);
    cloud.advance(3 * DAY);
    assert_eq!(cloud.backups::<E>(&cluster), backups);

    let emptied = reset(Some(9), None);
    assert_eq!((emptied.seed, emptied.clock.unwrap().now), (9, Some(after(&began, 3 * DAY))));
    assert_ne!(cloud.created::<E>("main"), cluster);
}

#[test]
fn universes_are_created_listed_and_deleted() {
    let cloud = Cloud::start();
    create(&cloud, "b.2", 0, None);
    create(&cloud, "a_1", 0, None);
    let list = || {
        let reply = cloud.run(cloud.universes().list(ListUniversesRequest::default())).unwrap().into_inner();
        reply.universes.into_iter().map(|universe| universe.id).collect::<Vec<_>>()
    };
    assert_eq!(list(), ["a_1", "b.2", "default"]);
    delete(&cloud, "a_1");
    assert_eq!(list(), ["b.2", "default"]);
    create(&cloud, "a_1", 0, None);
    assert_eq!(list(), ["a_1", "b.2", "default"]);
}

#[test]
fn new_universes_take_the_length_of_operations_from_the_server() {
    let cloud = Cloud::slow(10);
    create(&cloud, "other", 0, Some(cloud.now()));
    let other = cloud.in_universe("other");
    let started = Redis::create(&other, Redis::new_cluster("main")).unwrap();
    other.advance(9);
    assert!(!other.operation(&started.id).unwrap().done);
    other.advance(1);
    assert!(other.operation(&started.id).unwrap().done);
    assert_eq!(refused(cloud.operation(&started.id)).code, Code::NotFound);
}

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
    let cloud = Cloud::start();
    let clock = cloud.clock();
    assert!(clock.frozen);
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(cloud.clock(), clock);
    let later = after(&clock.now.unwrap(), 5 * DAY);
    let set = || {
        let request = SetClockRequest { now: Some(later), ..SetClockRequest::default() };
        cloud.run(cloud.clocks().set(request)).unwrap().into_inner()
    };
    assert_eq!((set().now, set().frozen), (Some(later), true), "setting it again is no harm");
    cloud.advance(0);
    assert_eq!(cloud.now(), later);
}

#[test]
fn a_clock_that_runs_can_be_moved_and_frozen_and_never_goes_back() {
    let cloud = Cloud::start_with(|options| options.clock = None);
    let first = cloud.clock();
    assert!(!first.frozen);
    std::thread::sleep(std::time::Duration::from_millis(20));
    let second = cloud.clock();
    let nanos = |clock: &mdb_emulator::contract::proto::mdb::emulator::v1::Clock| {
        let now = clock.now.unwrap();
        i128::from(now.seconds) * 1_000_000_000 + i128::from(now.nanos)
    };
    assert!(nanos(&second) >= nanos(&first) + 20_000_000, "it runs");
    cloud.advance(DAY);
    let third = cloud.clock();
    assert!(nanos(&third) >= nanos(&second) + i128::from(DAY) * 1_000_000_000, "it runs on from where it was moved to");
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(nanos(&cloud.clock()) >= nanos(&third) + 20_000_000);
    let frozen = cloud.run(cloud.clocks().freeze(FreezeClockRequest::default())).unwrap().into_inner();
    assert!(frozen.frozen && nanos(&frozen) >= nanos(&third));
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(cloud.clock(), frozen);
    let request = SetClockRequest { now: first.now, ..SetClockRequest::default() };
    let refusal = refused(cloud.run(cloud.clocks().set(request)));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["now".to_owned()]));
    assert_eq!(cloud.clock(), frozen);
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

#[test]
fn a_server_can_be_given_a_seed_and_tells_it() {
    let cloud = Cloud::start_with(|options| options.seed = Seed(77));
    assert_eq!(get(&cloud, "default").seed, 77);
    let cluster = cloud.created::<Redis>("main");
    create(&cloud, "same", 77, Some(cloud.now()));
    assert_eq!(cloud.in_universe("same").created::<Redis>("main"), cluster);
}

#[test]
fn a_server_that_is_dropped_gives_its_port_back() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let address = cloud.emulator().address();
    drop(cloud);
    let again = Cloud::start_with(|options| options.listen = address.to_string());
    assert_eq!(again.emulator().address(), address);
    let request = redis::v1::GetClusterRequest { cluster_id: cluster };
    assert_eq!(refused(Redis::get(&again, request)).code, Code::NotFound, "it begins empty");
}

#[test]
fn servers_beside_each_other_share_nothing() {
    let (one, other) = (Cloud::start(), Cloud::start());
    one.created::<Redis>("main");
    assert_eq!(names::<Redis>(&one), ["main"]);
    assert!(names::<Redis>(&other).is_empty());
}

#[test]
fn a_client_that_always_names_its_universe_can_create_it() {
    let cloud = Cloud::start();
    let mine = cloud.in_universe("mine");
    assert_eq!(refused(Redis::create(&mine, Redis::new_cluster("main"))).code, Code::NotFound);
    create(&mine, "mine", 0, Some(cloud.now()));
    assert_eq!(mine.clock().now, Some(cloud.now()));
    mine.created::<Redis>("main");
    delete(&mine, "mine");
    let refusal = refused(cloud.run(cloud.clocks().get(mine.request(GetClockRequest::default()))));
    assert_eq!(refusal.code, Code::NotFound);
}

#[test]
fn a_clock_shows_only_times_that_it_can_hold() {
    let cloud = Cloud::start();
    for seconds in [-62_135_596_800, 253_370_764_800] {
        let time = Some(Timestamp { seconds, nanos: 0 });
        let request = CreateUniverseRequest { universe_id: "far".into(), seed: 0, frozen_at: time };
        let refusal = refused(cloud.run(cloud.universes().create(request)));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["frozen_at".to_owned()]));
        let request = SetClockRequest { now: time, ..SetClockRequest::default() };
        assert_eq!(refused(cloud.run(cloud.clocks().set(request))).about, ["now"]);
    }
    // The last hour that there is: what would fall due after it never does.
    create(&cloud, "late", 0, Some(Timestamp { seconds: 9_223_368_000, nanos: 0 }));
    let late = cloud.in_universe("late");
    let cluster = late.created::<Redis>("main");
    late.advance(HOUR);
    let before = late.clock();
    let by = Some(Duration { seconds: HOUR, nanos: 0 });
    let request = late.request(AdvanceClockRequest { by, ..AdvanceClockRequest::default() });
    let refusal = refused(cloud.run(cloud.clocks().advance(request)));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["by".to_owned()]), "past the end of time");
    assert_eq!(late.clock(), before);
    assert_eq!(late.cluster::<Redis>(&cluster).name, "main");
}

/// Moves a clock by ten years, as far as one call goes, in many steps.
fn far(
    cloud: &Cloud,
) -> impl Future<Output = Result<tonic::Response<mdb_emulator::contract::proto::mdb::emulator::v1::Clock>, Status>> {
    let by = Some(Duration { seconds: 3650 * DAY, nanos: 0 });
    let request = cloud.request(AdvanceClockRequest { by, ..AdvanceClockRequest::default() });
    let mut clocks = cloud.clocks();
    async move { clocks.advance(request).await }
}

#[test]
fn moves_at_the_same_time_add_up() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("main");
    let before = cloud.now();
    let (one, two, three) = cloud.run(async { tokio::join!(far(&cloud), far(&cloud), far(&cloud)) });
    for moved in [one, two, three] {
        moved.unwrap();
    }
    assert_eq!(cloud.now(), after(&before, 3 * 3650 * DAY));
}

/// About half as long as the longest move takes, so that a call comes in between.
const ON_THE_WAY: std::time::Duration = std::time::Duration::from_millis(20);

#[test]
fn what_is_asked_during_a_move_comes_before_or_after_it() {
    let cloud = Cloud::start();
    for name in ["a", "b", "c"] {
        cloud.created::<Mysql>(name);
    }
    let before = cloud.now();
    let there = after(&before, 3650 * DAY);
    let (_, frozen) = cloud.run(async {
        let mut clocks = cloud.clocks();
        let freeze = async {
            tokio::time::sleep(ON_THE_WAY).await;
            clocks.freeze(FreezeClockRequest::default()).await
        };
        tokio::join!(far(&cloud), freeze)
    });
    let shown = frozen.unwrap().into_inner().now.unwrap();
    assert!([before, there].contains(&shown), "{shown:?} is on the way");
    let request = ForkUniverseRequest { source_universe_id: "default".into(), universe_id: "fork".into() };
    let (_, fork) = cloud.run(async {
        let mut universes = cloud.universes();
        let fork = async {
            tokio::time::sleep(ON_THE_WAY).await;
            universes.fork(request).await
        };
        tokio::join!(far(&cloud), fork)
    });
    let shown = fork.unwrap().into_inner().clock.unwrap().now.unwrap();
    assert!([there, after(&there, 3650 * DAY)].contains(&shown), "{shown:?} is on the way");
    let start = Timestamp { seconds: 1_000_000_000, nanos: 0 };
    let request = ResetUniverseRequest { universe_id: "default".into(), frozen_at: Some(start), ..Default::default() };
    cloud.run(async {
        let mut universes = cloud.universes();
        let reset = async {
            tokio::time::sleep(ON_THE_WAY).await;
            universes.reset(request).await
        };
        let (moved, reset) = tokio::join!(far(&cloud), reset);
        moved.unwrap();
        reset.unwrap();
    });
    let shown = cloud.now();
    assert!([start, after(&start, 3650 * DAY)].contains(&shown), "{shown:?} is neither's");
}
