//! Universes that follow the machine's clock, which may be set back.

use mdb_emulator::contract::proto::yandex::cloud::iam::v1::CreateIamTokenRequest;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::create_iam_token_request::Identity;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::iam_token_service_client::IamTokenServiceClient;

use crate::*;

/// When a token expires that is traded now.
fn expiry(cloud: &Cloud) -> Timestamp {
    let identity = Some(Identity::YandexPassportOauthToken("y0_any".into()));
    let mut service = IamTokenServiceClient::new(cloud.channel());
    let reply = cloud.run(service.create(CreateIamTokenRequest { identity })).unwrap().into_inner();
    reply.expires_at.unwrap()
}

fn backup_begun(cloud: &Cloud, cluster: &str) -> Timestamp {
    let request = redis::v1::BackupClusterRequest { cluster_id: cluster.into() };
    cloud.done(Redis::backup(cloud, request)).created_at.unwrap()
}

#[test]
fn a_machines_clock_that_is_set_back_shows_in_no_universe() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let cluster = cloud.created::<Redis>("main");
    machine.pass(MINUTE);
    let (latest, frozen) = (cloud.clock(), cloud.value());
    assert_eq!(latest.now, Some(machine.now()));
    for back in [1, HOUR, 400 * DAY] {
        machine.pass(-back);
        assert_eq!(cloud.clock(), latest, "it stands still");
        assert_eq!(backup_begun(&cloud, &cluster), latest.now.unwrap());
        assert_eq!(expiry(&cloud), after(&latest.now.unwrap(), 12 * HOUR));
        assert_eq!(cloud.operations::<Redis>(&cluster)[0].modified_at, latest.now);
        // Nor in a universe that begins only now.
        let made = cloud.emulator().universes().create(&format!("after-{back}"), frozen.seed(), None).unwrap();
        assert_eq!(Timestamp::from(made.read().unwrap().1), latest.now.unwrap());
        machine.pass(back);
    }
    // It goes on once the machine's has caught up.
    machine.pass(-HOUR);
    machine.pass(HOUR - 1);
    assert_eq!(cloud.clock().now, latest.now);
    machine.pass(3);
    assert_eq!(cloud.now(), after(&latest.now.unwrap(), 2));
    assert_eq!(backup_begun(&cloud, &cluster), after(&latest.now.unwrap(), 2));
}

#[test]
fn a_clock_at_a_rate_stands_still_as_well() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let (caller, _presence) = cloud.emulator().universes().caller();
    cloud.world().resume(&caller, mdb_emulator::universe::clock::Rate::new(60.0)).unwrap();
    machine.pass(10);
    let latest = cloud.now();
    machine.pass(-5);
    assert_eq!(cloud.now(), latest);
    cloud.world().freeze(&caller).unwrap();
    cloud.world().resume(&caller, None).unwrap();
    assert_eq!(cloud.now(), latest);
    machine.pass(6);
    assert_eq!(cloud.now(), after(&latest, 1));
}

#[test]
fn calls_that_are_refused_as_time_goes_on_leave_nothing_behind() {
    let machine = Machine::at_noon();
    let cloud = Cloud::following(&machine);
    let world = cloud.world();
    let held = |refusals: usize| {
        for _ in 0..refusals {
            machine.pass_nanos(1);
            let refused = world.attempt(|_| -> Result<(), _> { Err(mdb_emulator::refusal::request::page_token()) });
            assert!(refused.is_err());
        }
        format!("{world:?}").len()
    };
    let few = held(600);
    assert!(held(6000) < 2 * few, "what is kept grows with refusals");
}
