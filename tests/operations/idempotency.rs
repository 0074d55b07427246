//! The header `idempotency-key`: a call that comes again is not carried out again.

use crate::common::*;

for_every_engine! {
    the_same_key_and_request_give_the_same_operation
    a_key_with_another_request_is_refused
    a_key_is_forgotten_after_a_day
    a_key_belongs_to_its_method
}

const KEY: &str = "idempotency-key";

fn the_same_key_and_request_give_the_same_operation<E: Sample>() {
    let cloud = Cloud::start();
    let again = cloud.with_header(KEY, "one");
    let first = E::create(&again, E::new_cluster("main")).unwrap();
    let ended = cloud.operation(&first.id).unwrap();
    let second = E::create(&again, E::new_cluster("main")).unwrap();
    assert_eq!(second, ended, "with its present state, rather than that of the first reply");
    // Without the key, or with another, it is a call like any other.
    assert_eq!(refused(E::create(&cloud, E::new_cluster("main"))).code, Code::AlreadyExists);
    assert_eq!(refused(E::create(&cloud.with_header(KEY, "two"), E::new_cluster("main"))).code, Code::AlreadyExists);

    let cluster = response::<E::Cluster>(&ended).id().to_owned();
    let mut request = E::BackupClusterRequest::default();
    request.set_cluster_id(cluster.clone());
    for _ in 0..3 {
        E::backup(&again, request.clone()).unwrap();
    }
    assert_eq!(cloud.backups::<E>(&cluster).len(), 1);
}

fn a_key_with_another_request_is_refused<E: Sample>() {
    let cloud = Cloud::start();
    let keyed = cloud.with_header(KEY, "one");
    E::create(&keyed, E::new_cluster("main")).unwrap();
    let refusal = refused(E::create(&keyed, E::new_cluster("other")));
    assert_eq!(refusal.code, Code::InvalidArgument);
    let message = "The idempotency key was used for another request of this method within the last day";
    assert_eq!(refusal.message, message);
    // A call that is refused does not use up its key.
    let two = cloud.with_header(KEY, "two");
    refused(E::create(&two, E::new_cluster("main")));
    assert!(E::create(&two, E::new_cluster("other")).is_ok());
}

fn a_key_is_forgotten_after_a_day<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let keyed = cloud.with_header(KEY, "one");
    let mut request = E::BackupClusterRequest::default();
    request.set_cluster_id(cluster);
    let first = E::backup(&keyed, request.clone()).unwrap();
    cloud.advance(DAY - 1);
    assert_eq!(E::backup(&keyed, request.clone()).unwrap().id, first.id);
    cloud.advance(1);
    assert_ne!(E::backup(&keyed, request).unwrap().id, first.id);
}

fn a_key_belongs_to_its_method<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let keyed = cloud.with_header(KEY, "one");
    cloud.stop::<E>(&cluster);
    let mut start = E::StartClusterRequest::default();
    start.set_cluster_id(cluster.clone());
    let mut stop = E::StopClusterRequest::default();
    stop.set_cluster_id(cluster.clone());
    let started = E::start(&keyed, start).unwrap();
    let stopped = E::stop(&keyed, stop).unwrap();
    assert_ne!(started.id, stopped.id);
    assert_eq!(cloud.cluster::<E>(&cluster).status(), STOPPED);
}

#[test]
fn a_key_belongs_to_its_universe() {
    let cloud = Cloud::start();
    let request = mdb_emulator::contract::proto::mdb::emulator::v1::CreateUniverseRequest {
        universe_id: "other".into(),
        ..Default::default()
    };
    cloud.run(cloud.universes().create(request)).unwrap();
    let keyed = cloud.with_header(KEY, "one");
    Redis::create(&keyed, Redis::new_cluster("main")).unwrap();
    Redis::create(&keyed.in_universe("other"), Redis::new_cluster("another")).unwrap();
}

#[test]
fn labels_in_another_order_are_the_same_request() {
    let cloud = Cloud::start().with_header(KEY, "one");
    let mut request = Redis::new_cluster("main");
    request.labels = [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into();
    let first = Redis::create(&cloud, request.clone()).unwrap();
    // The same labels on the wire in reverse: field 4, each entry of 6 bytes.
    request.labels.clear();
    let mut body = prost::Message::encode_to_vec(&request);
    for (key, value) in [("b", "2"), ("a", "1")] {
        body.extend([0x22, 6, 0x0a, 1, key.as_bytes()[0], 0x12, 1, value.as_bytes()[0]]);
    }
    let reply = cloud.call_raw("/yandex.cloud.mdb.redis.v1.ClusterService/Create", body).unwrap().into_inner();
    let second: Operation = prost::Message::decode(reply).unwrap();
    assert_eq!(second.id, first.id);
}
