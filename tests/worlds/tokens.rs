//! Whoever is not let in changes nothing, not even by letting happen what is due.

use mdb_emulator::contract::proto::yandex::cloud::iam::v1::CreateIamTokenRequest;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::create_iam_token_request::Identity;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::iam_token_service_client::IamTokenServiceClient;
use mdb_emulator::universe::Auth;

use crate::client::Http;
use crate::*;

fn token(cloud: &Cloud) -> String {
    let identity = Some(Identity::YandexPassportOauthToken("y0_any".into()));
    let mut service = IamTokenServiceClient::new(cloud.channel());
    cloud.run(service.create(CreateIamTokenRequest { identity })).unwrap().into_inner().iam_token
}

#[test]
fn a_call_without_a_token_lets_nothing_happen() {
    let machine = Machine::at_noon();
    let cloud = Cloud::start_with(|options| {
        options.auth = Auth::Token;
        options.clock = None;
        options.machine = machine.clock();
    });
    let bearing = |token: &str| cloud.with_header("authorization", &format!("Bearer {token}"));
    let first = bearing(&token(&cloud));
    let cluster = first.created::<Redis>("main");
    first.operations::<Redis>(&cluster);
    machine.pass(7 * DAY);
    let before = cloud.world().peek().0.clone();
    assert!(!before.is_settled(machine.instant()), "much is due");
    for caller in [&cloud, &first, &bearing("t1.made.up")] {
        let refusal = refused(Redis::create(caller, Redis::new_cluster("second")));
        assert_eq!(refusal.code, Code::Unauthenticated);
        let request = redis::v1::GetClusterRequest { cluster_id: cluster.clone() };
        assert_eq!(refused(Redis::get(caller, request)).code, Code::Unauthenticated);
        assert_eq!(refused(caller.operation("nonsense")).code, Code::Unauthenticated);
    }
    let http = Http::new(&cloud);
    assert_eq!(http.get(&format!("/managed-redis/v1/clusters/{cluster}")).refused(401).0, 16);
    let after = cloud.world().peek().0.clone();
    assert!(std::sync::Arc::ptr_eq(&before, &after), "the very same value is published");
    // With a token it is all there.
    let second = bearing(&token(&cloud));
    assert_eq!(second.backups::<Redis>(&cluster).len(), 7);
}
