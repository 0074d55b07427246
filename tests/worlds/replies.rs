//! Replies that are kept of a value of a universe: what is asked again is answered by the same bytes, for as long as they are true.

use bytes::Bytes;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::ListApiEndpointsRequest;
use mdb_emulator::contract::proto::yandex::cloud::operation::GetOperationRequest;
use prost::Message;

use crate::*;

fn method(path: &str) -> &'static Method {
    METHODS.iter().find(|method| method.path == path).unwrap()
}

/// Whether the reply to a request is kept.
fn is_kept(cloud: &Cloud, path: &'static str, request: &Bytes) -> bool {
    cloud.world().peek().0.reply(method(path), request).is_some()
}

const GET: &str = "/yandex.cloud.mdb.redis.v1.ClusterService/Get";

#[test]
fn what_is_asked_again_is_answered_by_the_same_bytes_until_something_changes() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let request: Bytes = redis::v1::GetClusterRequest { cluster_id: cluster.clone() }.encode_to_vec().into();
    let ask = || cloud.call_raw(GET, request.clone()).unwrap().into_inner();
    assert!(!is_kept(&cloud, GET, &request));
    let first = ask();
    assert!(is_kept(&cloud, GET, &request));
    assert_eq!(ask(), first);

    // A change of anything makes another value, of which nothing is kept.
    cloud.create_user::<Redis>(&cluster, "another");
    assert!(!is_kept(&cloud, GET, &request));
    assert_eq!(ask(), first);
    cloud.stop::<Redis>(&cluster);
    let stopped = redis::v1::Cluster::decode(ask()).unwrap();
    assert_eq!(stopped.status, STOPPED);

    // So does time.
    let list: Bytes = redis::v1::ListClusterBackupsRequest { cluster_id: cluster.clone(), ..Default::default() }
        .encode_to_vec()
        .into();
    let backups = || {
        let reply = cloud.call_raw("/yandex.cloud.mdb.redis.v1.ClusterService/ListBackups", list.clone()).unwrap();
        redis::v1::ListClusterBackupsResponse::decode(reply.into_inner()).unwrap().backups.len()
    };
    cloud.start_again::<Redis>(&cluster);
    assert_eq!((backups(), backups()), (0, 0));
    cloud.advance(DAY);
    assert_eq!((backups(), backups()), (1, 1));
}

#[test]
fn a_reply_that_depends_on_more_than_the_request_is_made_each_time() {
    let cloud = Cloud::slow(10);
    let created = Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let path = "/yandex.cloud.operation.OperationService/Get";
    let request: Bytes = GetOperationRequest { operation_id: created.id }.encode_to_vec().into();
    let interval = || {
        let reply = cloud.call_raw(path, request.clone()).unwrap();
        reply.metadata().get("x-operation-poll-interval").unwrap().to_str().unwrap().to_owned()
    };
    assert_eq!(interval(), "10");
    assert!(!is_kept(&cloud, path, &request), "it says how long the operation will take from now on");
    cloud.advance(10);
    assert_eq!((interval(), interval()), ("0".to_owned(), "0".to_owned()));
    assert!(is_kept(&cloud, path, &request), "it has ended");

    let path = "/yandex.cloud.endpoint.ApiEndpointService/List";
    let request: Bytes = ListApiEndpointsRequest::default().encode_to_vec().into();
    cloud.call_raw(path, request.clone()).unwrap();
    assert!(!is_kept(&cloud, path, &request), "it shows the address that the client used");
}

#[test]
fn a_refusal_is_not_kept_and_a_kept_reply_stands_behind_authentication() {
    let cloud = Cloud::start_with(|options| options.auth = mdb_emulator::universe::Auth::Token);
    let request: Bytes =
        redis::v1::ListClustersRequest { folder_id: FOLDER.into(), ..Default::default() }.encode_to_vec().into();
    let path = "/yandex.cloud.mdb.redis.v1.ClusterService/List";
    let (token, _) = cloud.world().peek().0.issue_token("somebody", cloud.world().peek().1);
    let known = cloud.with_header("authorization", &format!("Bearer {token}"));
    known.call_raw(path, request.clone()).unwrap();
    assert!(is_kept(&cloud, path, &request));
    assert_eq!(refused(cloud.call_raw(path, request)).code, Code::Unauthenticated);

    let missing: Bytes =
        redis::v1::GetClusterRequest { cluster_id: "c9q00000000000000000".into() }.encode_to_vec().into();
    assert_eq!(refused(known.call_raw(GET, missing.clone())).code, Code::NotFound);
    assert!(!is_kept(&cloud, GET, &missing));
}
