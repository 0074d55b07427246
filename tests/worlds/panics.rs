//! What the emulator's own faults leave behind: a universe that is whole.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mdb_emulator::contract::proto::mdb::emulator::v1::{
    AdvanceClockRequest, ForkUniverseRequest, GetUniverseRequest, SetAside, Universe as View,
};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::{Seed, Universe};
use prost_types::Duration;
use serde_json::json;
use tonic::Response;

use crate::client::Http;
use crate::*;

const SET_ASIDE: &str = "The emulator is at fault: what was due could not happen, and is set aside";

/// The universe of a cloud as the control API shows it.
fn view(cloud: &Cloud, id: &str) -> View {
    let request = GetUniverseRequest { universe_id: id.into() };
    cloud.run(cloud.universes().get(request)).unwrap().into_inner()
}

fn advance(cloud: &Cloud, seconds: i64) -> Result<(), Status> {
    let by = Some(Duration { seconds, nanos: 0 });
    let request = cloud.request(AdvanceClockRequest { universe_id: String::new(), by });
    cloud.run(cloud.clocks().advance(request)).map(drop)
}

fn fork(cloud: &Cloud, id: &str) {
    let request = ForkUniverseRequest { source_universe_id: "default".into(), universe_id: id.into() };
    cloud.run(cloud.universes().fork(request)).map(Response::into_inner).unwrap();
}

fn list(cloud: &Cloud) -> Result<redis::v1::ListClustersResponse, Status> {
    Redis::list(cloud, redis::v1::ListClustersRequest { folder_id: FOLDER.into(), ..Default::default() })
}

/// Lets the universe panic so many seconds from now.
fn panic_in(cloud: &Cloud, seconds: i64) -> Timestamp {
    let panic = |universe: &mut Universe| {
        let due = universe.now().plus(seconds * NANOS);
        universe.panic_at(due);
        due.into()
    };
    cloud.world().change(panic).unwrap()
}

fn set_aside(due: Timestamp) -> Vec<SetAside> {
    vec![SetAside { due: Some(due), event: "Panic".into() }]
}

#[track_caller]
fn is_at_fault<T>(outcome: Result<T, Status>) {
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::Internal, SET_ASIDE));
}

fn panics<T>(change: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(change)).is_err()
}

#[test]
fn a_change_that_panics_leaves_the_universe_as_it_was() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("main");
    let (world, before) = (cloud.world(), cloud.value());
    let break_it = |universe: &mut Universe| -> ! {
        universe.set_seed(Seed(9));
        universe.advance(DAY * NANOS);
        panic!("in the middle")
    };
    let of_result = |universe: &mut Universe| -> Result<(), Refusal> { break_it(universe) };
    assert!(panics(|| world.change(break_it)));
    assert!(cloud.value() == before);
    assert!(panics(|| world.try_change(of_result)));
    assert!(cloud.value() == before);
    assert!(panics(|| world.move_clock_while(|| Ok(()), |_| panic!("on the way"))));
    assert!(cloud.value() == before);
    let questions = std::cell::Cell::new(0);
    let goes_on = || {
        questions.set(questions.get() + 1);
        if questions.get() == 2 { panic!("half way") } else { Ok(()) }
    };
    assert!(panics(|| world.move_clock_while(goes_on, |universe| Ok(universe.now().plus(3650 * DAY * NANOS)))));
    assert!(cloud.value() == before);
    // It can be read, changed and moved as ever, from inside and by calls.
    world.change(|_| ()).unwrap();
    assert_eq!(list(&cloud).unwrap().clusters.len(), 1);
    cloud.created::<Redis>("second");
    advance(&cloud, DAY).unwrap();
    assert_eq!(view(&cloud, "default").backup_count, 2);
}

#[test]
fn what_cannot_happen_is_told_once_and_set_aside() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let cluster = cloud.created::<Redis>("main");
    fork(&cloud, "other");
    let due = panic_in(&cloud, 12 * HOUR);
    assert_eq!(view(&cloud, "default").set_aside, []);
    machine.pass(DAY);
    is_at_fault(list(&cloud));
    assert_eq!(list(&cloud).unwrap().clusters.len(), 1);
    assert_eq!(view(&cloud, "default").set_aside, set_aside(due));
    assert_eq!(view(&cloud, "other").set_aside, [], "others have nothing to do with it");
    // Everything else that was due has happened, once, at its own instant.
    let backups = cloud.backups::<Redis>(&cluster);
    assert_eq!(backups.len(), 1);
    assert_eq!(backups, cloud.in_universe("other").backups::<Redis>(&cluster));
    // It goes on as the one where nothing was wrong.
    machine.pass(20 * DAY);
    assert_eq!(cloud.backups::<Redis>(&cluster), cloud.in_universe("other").backups::<Redis>(&cluster));
    assert_eq!(view(&cloud, "default").set_aside, set_aside(due));
}

#[test]
fn a_write_that_meets_what_cannot_happen_is_not_carried_out() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    cloud.created::<Redis>("main");
    panic_in(&cloud, HOUR);
    machine.pass(DAY);
    is_at_fault(Redis::create(&cloud, Redis::new_cluster("second")));
    assert_eq!(list(&cloud).unwrap().clusters.len(), 1);
    cloud.created::<Redis>("second");
    assert_eq!(list(&cloud).unwrap().clusters.len(), 2);
}

#[test]
fn what_cannot_happen_is_told_once_by_rest() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let due = panic_in(&cloud, HOUR);
    machine.pass(DAY);
    let http = Http::new(&cloud);
    let target = format!("/managed-redis/v1/clusters?folderId={FOLDER}");
    assert_eq!(http.get(&target).refused(500), (13, SET_ASIDE.to_owned()));
    assert_eq!(http.get(&target).ok(), json!({}));
    let shown = http.get("/mdb-emulator/v1/universes/default").ok();
    assert_eq!(shown["setAside"], json!([{"due": due.to_string(), "event": "Panic"}]));
}

#[test]
fn an_advance_that_meets_what_cannot_happen_changes_nothing_and_the_next_passes_it() {
    let cloud = Cloud::slow(10);
    Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    fork(&cloud, "other");
    let due = panic_in(&cloud, 100 * DAY);
    let before = (cloud.clock(), cloud.value());
    is_at_fault(advance(&cloud, 365 * DAY));
    assert_eq!(cloud.clock(), before.0);
    let mut expected = before.1;
    expected.set_aside(expected.now().plus(100 * DAY * NANOS), mdb_emulator::universe::Event::Panic);
    assert!(cloud.value() == expected, "nothing but what is set aside");
    assert_eq!(view(&cloud, "default").set_aside, set_aside(due));

    // A fork knows of it; and its advance goes through at once.
    fork(&cloud, "fork");
    assert_eq!(view(&cloud, "fork").set_aside, set_aside(due));
    for cloud in [cloud.in_universe("fork"), cloud.clone(), cloud.in_universe("other")] {
        advance(&cloud, 365 * DAY).unwrap();
        assert_eq!(cloud.now(), after(&before.0.now.unwrap(), 365 * DAY));
    }
    let shown =
        ["default", "fork", "other"].map(|id| View { id: String::new(), set_aside: vec![], ..view(&cloud, id) });
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[0], shown[2], "as where nothing was wrong");
    assert!(cloud.value() == cloud.value_of("fork"));
}

#[test]
fn several_things_that_cannot_happen_are_set_aside_one_by_one() {
    let cloud = Cloud::start();
    let (first, second) = (panic_in(&cloud, 10), panic_in(&cloud, 20));
    is_at_fault(advance(&cloud, MINUTE));
    assert_eq!(view(&cloud, "default").set_aside, set_aside(first));
    is_at_fault(advance(&cloud, MINUTE));
    assert_eq!(view(&cloud, "default").set_aside, [set_aside(first), set_aside(second)].concat());
    advance(&cloud, MINUTE).unwrap();
    // A reset universe begins anew.
    let request = mdb_emulator::contract::proto::mdb::emulator::v1::ResetUniverseRequest {
        universe_id: "default".into(),
        ..Default::default()
    };
    let emptied = cloud.run(cloud.universes().reset(request)).unwrap().into_inner();
    assert_eq!(emptied.set_aside, []);
}
