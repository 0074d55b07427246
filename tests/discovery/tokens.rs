//! Tokens: what they are traded for, and what they look like.

use mdb_emulator::contract::proto::mdb::emulator::v1::{
    CreateUniverseRequest, ForkUniverseRequest, ResetUniverseRequest,
};
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::{
    CreateIamTokenForServiceAccountRequest, RevokeIamTokenRequest,
};

use crate::signing::Robot;
use crate::*;

#[test]
fn a_token_looks_as_clients_expect_and_is_good_for_twelve_hours() {
    let cloud = Cloud::start();
    let now = cloud.now();
    let robot = Robot::new();
    for identity in [Identity::YandexPassportOauthToken(OAUTH.into()), Identity::Jwt(robot.jwt(now.seconds))] {
        let reply = traded(&cloud, identity).unwrap();
        assert!(reply.iam_token.starts_with("t1."), "{}", reply.iam_token);
        assert_eq!(reply.iam_token.matches('.').count(), 2, "{}", reply.iam_token);
        assert_eq!(reply.expires_at, Some(after(&now, 12 * HOUR)));
    }
}

#[test]
fn the_same_calls_give_the_same_tokens_and_another_seed_gives_others() {
    let of = |seed: u64, oauth: &str| {
        let cloud = Cloud::start_with(|options| options.seed = mdb_emulator::universe::Seed(seed));
        traded(&cloud, Identity::YandexPassportOauthToken(oauth.into())).unwrap()
    };
    assert_eq!(of(7, OAUTH), of(7, OAUTH));
    assert_ne!(of(7, OAUTH).iam_token, of(8, OAUTH).iam_token);
    assert_ne!(of(7, OAUTH).iam_token, of(7, "y0_of-somebody-else").iam_token);
}

#[test]
fn a_token_holds_in_forks_and_after_a_reset_but_not_under_another_seed() {
    let cloud = guarded();
    let token = user_token(&cloud);
    let fork = ForkUniverseRequest { source_universe_id: "default".into(), universe_id: "fork".into() };
    cloud.run(cloud.universes().fork(fork)).unwrap();
    let create = CreateUniverseRequest { universe_id: "other".into(), seed: 8, ..CreateUniverseRequest::default() };
    cloud.run(cloud.universes().create(create)).unwrap();
    let allowed = |universe: &str| created_in(&bearing(&cloud, &token).in_universe(universe));
    assert!(allowed("fork").is_ok());
    let refusal = refused(allowed("other"));
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unauthenticated, "Token is invalid or has expired."));
    let reset = ResetUniverseRequest { universe_id: "default".into(), ..ResetUniverseRequest::default() };
    cloud.run(cloud.universes().reset(reset)).unwrap();
    assert!(allowed("default").is_ok());
    let refusal = refused(created_in(&cloud));
    assert_eq!(refusal.code, Code::Unauthenticated, "a universe that was reset wants tokens as before");
}

#[test]
fn a_revoked_token_is_good_for_nothing_and_its_successor_is_good() {
    let cloud = guarded();
    let (first, second) = (user_token(&cloud), user_token(&cloud));
    assert_eq!(first, second, "at one instant they are the same");
    let revoke = |token: &str| {
        let bearer = bearing(&cloud, &user_token(&cloud));
        let request = bearer.request(RevokeIamTokenRequest { iam_token: token.into() });
        cloud.run(iam(&cloud).revoke(request)).map(Response::into_inner)
    };
    let subject = revoke(&first).unwrap().subject_id;
    assert_eq!(refused(created_in(&bearing(&cloud, &first))).code, Code::Unauthenticated);
    let third = user_token(&cloud);
    assert_ne!(third, first);
    assert_eq!(created_in(&bearing(&cloud, &third)).unwrap().created_by, subject);

    for not_live in [first.as_str(), "t1.made.up"] {
        let refusal = refused(revoke(not_live));
        assert_eq!(refusal.code, Code::InvalidArgument);
        assert_eq!(
            refusal.message, "Request validation error:\n- iam_token: must be a live token of this universe",
            "the token itself is not in it"
        );
    }
    // Long after, when the first would have expired, others can be revoked still.
    cloud.advance(13 * HOUR);
    let fourth = user_token(&cloud);
    revoke(&fourth).unwrap();
    assert_eq!(refused(created_in(&bearing(&cloud, &fourth))).code, Code::Unauthenticated);
    assert_eq!(refused(created_in(&bearing(&cloud, &first))).code, Code::Unauthenticated);
}

#[test]
fn a_caller_can_act_for_a_service_account() {
    let cloud = guarded();
    let request = || CreateIamTokenForServiceAccountRequest { service_account_id: "ajerobot".into() };
    let refusal = refused(cloud.run(iam(&cloud).create_for_service_account(request())));
    assert_eq!(refusal.code, Code::Unauthenticated, "a token is needed for it");
    let request = bearing(&cloud, &user_token(&cloud)).request(request());
    let reply = cloud.run(iam(&cloud).create_for_service_account(request)).unwrap().into_inner();
    assert_eq!(reply.expires_at, Some(after(&cloud.now(), 12 * HOUR)));
    assert_eq!(created_in(&bearing(&cloud, &reply.iam_token)).unwrap().created_by, "ajerobot");
}

#[test]
fn what_is_no_id_of_a_service_account_gets_no_token() {
    let cloud = Cloud::start();
    let create = |id: &str| {
        let request = CreateIamTokenForServiceAccountRequest { service_account_id: id.into() };
        cloud.run(iam(&cloud).create_for_service_account(request))
    };
    for id in ["aje0123456789abcdefg", "my-robot_2", "A", &"a".repeat(50)] {
        create(id).unwrap_or_else(|status| panic!("{id}: {status}"));
    }
    for wrong in ["a\nb \u{43f}", "a b", "a/b", "a.b", "\u{43f}", "a\0", "robot@cloud.test"] {
        let refusal = refused(create(wrong));
        assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["service_account_id".to_owned()]));
        assert_eq!(
            refusal.message,
            "Request validation error:\n- service_account_id: must be the id of a service account, of at most 50 ASCII \
             letters, digits, - and _",
            "{wrong:?}"
        );
    }
}

/// Creates a cluster.
fn created_in(cloud: &Cloud) -> Result<Operation, Status> {
    Redis::create(cloud, Redis::new_cluster("main"))
}
