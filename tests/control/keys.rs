//! Idempotency keys of the control API: what is sent twice happens once.

use mdb_emulator::contract::proto::mdb::emulator::v1::{GetClockRequest, ListUniversesRequest};
use prost::Message;
use serde_json::json;

use crate::client::Http;
use crate::*;

const KEY: &str = "idempotency-key";
const REUSED: &str = "The idempotency key was used for another request of this method within the last day";

const ADVANCE: &str = "/mdb.emulator.v1.ClockService/Advance";
const CREATE: &str = "/mdb.emulator.v1.UniverseService/Create";
const FORK: &str = "/mdb.emulator.v1.UniverseService/Fork";
const RESET: &str = "/mdb.emulator.v1.UniverseService/Reset";
const DELETE: &str = "/mdb.emulator.v1.UniverseService/Delete";

/// The bytes of a control call's reply.
fn call(cloud: &Cloud, path: &'static str, request: &impl Message) -> Result<Vec<u8>, Status> {
    cloud.call_raw(path, request.encode_to_vec()).map(|reply| reply.into_inner().to_vec())
}

/// Makes a call twice, which must give the same bytes.
#[track_caller]
fn twice(cloud: &Cloud, path: &'static str, request: &impl Message) {
    let first = call(cloud, path, request).unwrap();
    assert_eq!(call(cloud, path, request).unwrap(), first);
}

fn moved(cloud: &Cloud, seconds: i64) -> Result<Vec<u8>, Status> {
    call(cloud, ADVANCE, &advance_request(seconds, 0))
}

#[track_caller]
fn is_reused<T>(outcome: Result<T, Status>) {
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::InvalidArgument, REUSED));
}

#[test]
fn an_advance_that_is_sent_twice_moves_the_clock_once() {
    let cloud = Cloud::start();
    let (before, keyed) = (cloud.now(), cloud.with_header(KEY, "one"));
    let first = moved(&keyed, DAY).unwrap();
    assert_eq!(Clock::decode(first.as_slice()).unwrap().now, Some(after(&before, DAY)));
    assert_eq!(moved(&keyed, DAY).unwrap(), first);
    assert_eq!(cloud.now(), after(&before, DAY));
    cloud.advance(HOUR);
    assert_eq!(moved(&keyed, DAY).unwrap(), first, "the reply of then, whatever has happened since");
    assert_eq!(cloud.now(), after(&before, DAY + HOUR));
    is_reused(moved(&keyed, 2 * DAY));
    moved(&cloud.with_header(KEY, "two"), DAY).unwrap();
    assert_eq!(cloud.now(), after(&before, 2 * DAY + HOUR), "another key is another call");
}

#[test]
fn a_key_is_kept_for_a_day_of_the_machines_time() {
    let machine = Machine::at_noon();
    let cloud = Cloud::start_with(|options| options.machine = machine.clock());
    let (before, keyed) = (cloud.now(), cloud.with_header(KEY, "one"));
    moved(&keyed, HOUR).unwrap();
    cloud.advance(7 * DAY);
    machine.pass_nanos(DAY * NANOS - 1);
    moved(&keyed, HOUR).unwrap();
    assert_eq!(cloud.now(), after(&before, 7 * DAY + HOUR), "the universe's time does not count");
    is_reused(moved(&keyed, MINUTE));
    machine.pass_nanos(1);
    moved(&keyed, MINUTE).unwrap();
    assert_eq!(cloud.now(), after(&before, 7 * DAY + HOUR + MINUTE), "the key is free again");
    machine.pass_nanos(DAY * NANOS - 1);
    is_reused(moved(&keyed, HOUR));
}

#[test]
fn a_refused_call_leaves_its_key_unused() {
    let cloud = Cloud::start();
    let (before, keyed) = (cloud.now(), cloud.with_header(KEY, "one"));
    for _ in 0..2 {
        assert_eq!(refused(moved(&keyed, -1)).about, ["by"]);
    }
    moved(&keyed, DAY).unwrap();
    moved(&keyed, DAY).unwrap();
    assert_eq!(cloud.now(), after(&before, DAY));
    // The same of a call that only a later one makes possible.
    let request = DeleteUniverseRequest { universe_id: "late".into() };
    assert_eq!(refused(call(&keyed, DELETE, &request)).code, Code::NotFound);
    create(&cloud, "late", 0, None);
    call(&keyed, DELETE, &request).unwrap();
    assert_eq!(cloud.emulator().universes().all_after("").len(), 1);
}

#[test]
fn universes_are_made_emptied_and_deleted_once() {
    let cloud = Cloud::start();
    let keyed = cloud.with_header(KEY, "one");
    let made = CreateUniverseRequest { universe_id: "made".into(), seed: 3, frozen_at: Some(cloud.now()) };
    twice(&keyed, CREATE, &made);
    assert_eq!(refused(call(&cloud, CREATE, &made)).code, Code::AlreadyExists, "without the key");
    is_reused(call(&keyed, CREATE, &CreateUniverseRequest { seed: 4, ..made }));

    let fork = ForkUniverseRequest { source_universe_id: "made".into(), universe_id: "fork".into() };
    twice(&keyed, FORK, &fork);

    let emptied = ResetUniverseRequest { universe_id: "fork".into(), seed: Some(5), ..Default::default() };
    call(&keyed, RESET, &emptied).unwrap();
    let cluster = cloud.in_universe("fork").created::<Redis>("main");
    twice(&keyed, RESET, &emptied);
    cloud.in_universe("fork").cluster::<Redis>(&cluster);

    let deleted = DeleteUniverseRequest { universe_id: "fork".into() };
    twice(&keyed, DELETE, &deleted);
    assert_eq!(refused(call(&cloud, DELETE, &deleted)).code, Code::NotFound, "without the key");
}

#[test]
fn a_key_belongs_to_its_method_and_to_the_universe_that_the_call_chose() {
    let cloud = Cloud::start();
    let (before, keyed) = (cloud.now(), cloud.with_header(KEY, "one"));
    for id in ["a", "b"] {
        create(&cloud, id, 0, Some(before));
    }
    for universe in [keyed.in_universe("a"), keyed.in_universe("b"), keyed] {
        moved(&universe, DAY).unwrap();
        moved(&universe, DAY).unwrap();
        assert_eq!(universe.now(), after(&before, DAY));
        let later = after(&before, 2 * DAY);
        set(&universe, later).unwrap();
        freeze(&universe);
        assert_eq!(universe.now(), later);
    }
    // The universe that the request names is a part of it.
    let of = |id: &str| AdvanceClockRequest { universe_id: id.into(), ..advance_request(HOUR, 0) };
    let other = cloud.with_header(KEY, "two");
    call(&other, ADVANCE, &of("a")).unwrap();
    is_reused(call(&other, ADVANCE, &of("b")));
    assert_eq!(cloud.in_universe("b").now(), after(&before, 2 * DAY));
}

#[test]
fn a_key_means_nothing_to_a_call_that_only_looks() {
    let cloud = Cloud::start();
    let (before, keyed) = (cloud.now(), cloud.with_header(KEY, "one"));
    assert_eq!(keyed.now(), before);
    cloud.advance(DAY);
    assert_eq!(keyed.now(), after(&before, DAY));
    create(&cloud, "other", 0, None);
    let request = keyed.request(GetClockRequest { universe_id: "other".into() });
    assert!(!cloud.run(cloud.clocks().get(request)).unwrap().into_inner().frozen, "another request, and not refused");
    assert_eq!(get(&keyed, "default").id, "default");
    assert_eq!(get(&keyed, "other").id, "other");
    let list = || {
        let request = keyed.request(ListUniversesRequest::default());
        cloud.run(cloud.universes().list(request)).unwrap().into_inner().universes.len()
    };
    assert_eq!(list(), 2);
    delete(&cloud, "other");
    assert_eq!(list(), 1);
}

#[test]
fn of_two_calls_at_the_same_time_with_one_key_one_is_carried_out() {
    let cloud = Cloud::start();
    let (before, keyed) = (cloud.now(), cloud.with_header(KEY, "one"));
    let held = Held::by(&cloud.world(), DAY * NANOS);
    let calls = [(); 3].map(|()| begin_to_advance(&keyed, HOUR));
    cloud.until_callers(3);
    held.arrives();
    for reply in calls.map(|call| cloud.run(call).unwrap().unwrap()) {
        assert_eq!(reply.now, Some(after(&before, DAY + HOUR)));
    }
    assert_eq!(cloud.now(), after(&before, DAY + HOUR));
}

#[test]
fn a_key_is_the_same_by_rest() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud).with(KEY, "one");
    let send = |by: &str| http.post("/mdb-emulator/v1/clock:advance", &json!({ "by": by }));
    let first = send("3600s");
    assert_eq!(first.ok()["now"], "2026-01-31T13:00:00Z");
    assert_eq!(send("3600s").body, first.body);
    assert_eq!(send("3601s").refused(400), (3, REUSED.to_owned()));
    assert_eq!(cloud.now().seconds, 1_769_864_400);
    // Over the other door it is the same call.
    let keyed = cloud.with_header(KEY, "one");
    assert_eq!(advance(&keyed, HOUR, 0).unwrap().now, Some(cloud.now()));
    http.post("/mdb-emulator/v1/universes", &json!({"universeId": "made"})).ok();
    assert_eq!(http.delete("/mdb-emulator/v1/universes/made").ok(), json!({}));
    assert_eq!(http.delete("/mdb-emulator/v1/universes/made").ok(), json!({}));
}
