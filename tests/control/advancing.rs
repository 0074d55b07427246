//! How far a clock is moved, and what is refused.

use crate::*;

/// The last instant that there is: 2262-04-11T23:47:16.854775807Z.
const LAST: Timestamp = Timestamp { seconds: 9_223_372_036, nanos: 854_775_807 };

/// The most that a clock is moved at once, in days.
const LONGEST: i64 = 3653;

#[track_caller]
fn refuses(outcome: Result<Clock, Status>, field: &str, rule: &str) {
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.details.as_str()), (Code::InvalidArgument, "BadRequest"));
    assert_eq!(refusal.message, format!("Request validation error:\n- {field}: {rule}"));
    assert_eq!(refusal.about, [field]);
}

#[test]
fn a_clock_is_moved_to_the_nanosecond() {
    let cloud = Cloud::start();
    let before = cloud.now();
    let moved = advance(&cloud, 1, 500).unwrap();
    assert_eq!(moved.now, Some(Timestamp { seconds: before.seconds + 1, nanos: 500 }));
    assert_eq!(advance(&cloud, 0, 0).unwrap(), moved);
    assert_eq!(advance(&cloud, 0, 999_999_500).unwrap().now, Some(after(&before, 2)));
}

#[test]
fn what_is_no_length_of_time_is_refused() {
    let cloud = Cloud::start();
    let before = cloud.clock();
    let rule = "must have nanos from -999999999 to 999999999, of the same sign as its seconds";
    for (seconds, nanos) in
        [(1, -1), (-1, 1), (0, 1_000_000_000), (5, i32::MAX), (0, -1_000_000_000), (i64::MAX, -1), (0, i32::MIN)]
    {
        refuses(advance(&cloud, seconds, nanos), "by", rule);
    }
    let none = AdvanceClockRequest::default();
    assert_eq!(refused(cloud.run(cloud.clocks().advance(none))).about, ["by"]);
    assert_eq!(cloud.clock(), before);
}

#[test]
fn a_clock_is_moved_neither_back_nor_by_more_than_ten_years() {
    let cloud = Cloud::start();
    let before = cloud.now();
    let rule = "must move the clock forward, by ten years at most";
    for (seconds, nanos) in
        [(-1, 0), (0, -1), (-1, -1), (LONGEST * DAY, 1), (LONGEST * DAY + 1, 0), (i64::MAX, 999_999_999), (i64::MIN, 0)]
    {
        refuses(advance(&cloud, seconds, nanos), "by", rule);
    }
    let too_far = after(&before, LONGEST * DAY + 1);
    refuses(set(&cloud, too_far), "now", rule);
    refuses(set(&cloud, Timestamp { nanos: 1, ..after(&before, LONGEST * DAY) }), "now", rule);
    let back = after(&before, -1);
    let rule = "must not be earlier than the clock, which shows 2026-01-31T12:00:00Z, but is 2026-01-31T11:59:59Z";
    refuses(set(&cloud, back), "now", rule);
    assert_eq!(cloud.now(), before);

    let ten_years = after(&before, LONGEST * DAY);
    assert_eq!(advance(&cloud, LONGEST * DAY, 0).unwrap().now, Some(ten_years));
    let twenty_years = after(&before, 2 * LONGEST * DAY);
    assert_eq!(set(&cloud, twenty_years).unwrap().now, Some(twenty_years));
}

#[test]
fn time_ends_in_2262() {
    let cloud = Cloud::start();
    let just_before = Timestamp { nanos: LAST.nanos - 1, ..LAST };
    for (id, reaches) in [("advanced", advance as fn(&Cloud, i64, i32) -> _), ("set", |cloud, _, _| set(cloud, LAST))] {
        create(&cloud, id, 0, Some(just_before));
        let late = cloud.in_universe(id);
        let cluster = late.created::<Redis>("main");
        assert_eq!(reaches(&late, 0, 1).unwrap().now, Some(LAST));
        let before = late.clock();
        let rule = "must not move the clock past 2262-04-11T23:47:16.854775807Z, where time ends";
        refuses(advance(&late, 0, 1), "by", rule);
        refuses(advance(&late, DAY, 0), "by", rule);
        let refusal = refused(set(&late, Timestamp { nanos: LAST.nanos + 1, ..LAST }));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["now".to_owned()]));
        assert_eq!(late.clock(), before);
        // What would fall due after it never does, and all else goes on.
        assert_eq!(late.cluster::<Redis>(&cluster).status, RUNNING);
        late.create_user::<Redis>(&cluster, "another");
        advance(&late, 0, 0).unwrap();
        assert_eq!(set(&late, LAST).unwrap().now, Some(LAST));
    }
}

#[test]
fn a_clock_shows_only_times_that_it_can_hold() {
    let cloud = Cloud::start();
    for seconds in [-62_135_596_800, 253_370_764_800] {
        let time = Timestamp { seconds, nanos: 0 };
        let request = CreateUniverseRequest { universe_id: "far".into(), seed: 0, frozen_at: Some(time) };
        let refusal = refused(cloud.run(cloud.universes().create(request)));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["frozen_at".to_owned()]));
        assert_eq!(refused(set(&cloud, time)).about, ["now"]);
    }
}
