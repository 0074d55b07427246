//! A frozen clock goes on, at the machine's pace or another.

use mdb_emulator::contract::proto::mdb::emulator::v1::ResumeClockRequest;
use serde_json::json;

use crate::client::Http;
use crate::*;

fn resume(cloud: &Cloud, rate: Option<f64>) -> Result<Clock, Status> {
    let request = cloud.request(ResumeClockRequest { rate, ..ResumeClockRequest::default() });
    cloud.run(cloud.clocks().resume(request)).map(Response::into_inner)
}

/// A server whose clock is frozen at the machine's noon, and how the machine's is moved.
fn frozen() -> (Cloud, Machine) {
    let machine = Machine::at_noon();
    let cloud = Cloud::start_with(|options| options.machine = machine.clock());
    assert_eq!(cloud.now(), machine.now());
    (cloud, machine)
}

/// How a clock goes on: whether it is frozen, and its rate.
fn pace(clock: &Clock) -> (bool, String) {
    (clock.frozen, clock.rate.to_string())
}

#[test]
fn a_frozen_clock_goes_on_from_where_it_is_at_the_machines_pace() {
    let (cloud, machine) = frozen();
    let began = cloud.clock();
    assert_eq!(pace(&began), (true, "0".into()));
    machine.pass(HOUR);
    let resumed = resume(&cloud, None).unwrap();
    assert_eq!(resumed, Clock { frozen: false, rate: 1.0, ..began });
    machine.pass(10);
    assert_eq!(cloud.now(), after(&began.now.unwrap(), 10));
    machine.pass_nanos(1);
    assert_eq!(cloud.now(), Timestamp { nanos: 1, ..after(&began.now.unwrap(), 10) });
}

#[test]
fn a_clock_goes_on_at_a_rate() {
    for (rate, passed, shown) in [(0.5, 10, 5), (60.0, 10, 600), (1e6, 3, 3_000_000), (1e-6, 5_000_000, 5)] {
        let (cloud, machine) = frozen();
        let began = cloud.now();
        let resumed = resume(&cloud, Some(rate)).unwrap();
        assert_eq!((pace(&resumed), resumed.now), ((false, rate.to_string()), Some(began)));
        machine.pass(passed);
        assert_eq!(cloud.now(), after(&began, shown), "at {rate}");
        let stopped = freeze(&cloud);
        assert_eq!((pace(&stopped), stopped.now), ((true, "0".into()), Some(after(&began, shown))));
        machine.pass(passed);
        assert_eq!(cloud.clock(), stopped);
    }
}

#[test]
fn a_clock_that_runs_takes_a_rate_and_keeps_it() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let noon = cloud.now();
    assert_eq!(pace(&cloud.clock()), (false, "1".into()));
    machine.pass(10);
    assert_eq!(resume(&cloud, Some(60.0)).unwrap().now, Some(after(&noon, 10)), "from where it is");
    machine.pass(10);
    assert_eq!(cloud.now(), after(&noon, 610));
    // Without a rate nothing changes.
    assert_eq!(pace(&resume(&cloud, None).unwrap()), (false, "60".into()));
    machine.pass(1);
    assert_eq!(cloud.now(), after(&noon, 670));
    // A move keeps the rate.
    let moved = advance(&cloud, HOUR, 0).unwrap();
    assert_eq!((pace(&moved), moved.now), ((false, "60".into()), Some(after(&noon, HOUR + 670))));
    machine.pass(1);
    assert_eq!(cloud.now(), after(&noon, HOUR + 730));
    set(&cloud, after(&noon, DAY)).unwrap();
    machine.pass(1);
    assert_eq!(cloud.now(), after(&noon, DAY + 60));
    // Once it was frozen it goes on at the machine's pace.
    freeze(&cloud);
    assert_eq!(pace(&resume(&cloud, None).unwrap()), (false, "1".into()));
    let copy = fork(&cloud, "default", "copy").clock.unwrap();
    assert_eq!(copy, cloud.clock(), "a fork's clock goes on like its parent's");
}

#[test]
fn daily_backups_come_at_the_pace_of_the_clock() {
    let (cloud, machine) = frozen();
    let cluster = cloud.created::<Redis>("main");
    resume(&cloud, Some(86_400.0)).unwrap();
    machine.pass(3);
    assert_eq!(cloud.backups::<Redis>(&cluster).len(), 3, "a day a second");
}

#[test]
fn a_rate_at_which_no_clock_goes_is_refused() {
    let (cloud, machine) = frozen();
    for rate in [0.0, -1.0, f64::NAN, 1e7, 1e-7, f64::INFINITY, f64::NEG_INFINITY] {
        let refusal = refused(resume(&cloud, Some(rate)));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["rate".to_owned()]), "{rate}");
        let rule = "must be from 0.000001 to 1000000 seconds a second";
        assert_eq!(refusal.message, format!("Request validation error:\n- rate: {rule}"));
    }
    machine.pass(10);
    assert_eq!((cloud.clock().frozen, cloud.now().seconds), (true, 1_769_860_800));
    let nowhere = cloud.in_universe("nowhere");
    assert_eq!(refused(resume(&nowhere, None)).code, Code::NotFound);
}

#[test]
fn clocks_go_on_by_rest() {
    let (cloud, machine) = frozen();
    let http = Http::new(&cloud);
    let resumed = http.post("/mdb-emulator/v1/clock:resume", &json!({"rate": 60})).ok();
    assert_eq!(resumed, json!({"now": "2026-01-31T12:00:00Z", "rate": 60}));
    machine.pass(60);
    assert_eq!(http.get("/mdb-emulator/v1/clock").ok()["now"], "2026-01-31T13:00:00Z");
    http.post("/mdb-emulator/v1/clock:freeze", &json!({})).ok();
    let resumed = http.post("/mdb-emulator/v1/universes/default/clock:resume", &json!({})).ok();
    assert_eq!(resumed, json!({"now": "2026-01-31T13:00:00Z", "rate": 1}));
    for rate in [json!(0), json!("NaN"), json!(1e7)] {
        assert_eq!(http.post("/mdb-emulator/v1/clock:resume", &json!({ "rate": rate })).violation().0, "rate");
    }
}
