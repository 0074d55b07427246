//! The headers that come with answers.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::operation::GetOperationRequest;
use mdb_emulator::contract::proto::yandex::cloud::operation::operation_service_client::OperationServiceClient;
use redis::v1::GetClusterRequest;
use redis::v1::cluster_service_client::ClusterServiceClient;
use tonic::metadata::{MetadataMap, MetadataValue};

fn header<'a>(headers: &'a MetadataMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

/// The headers with which Redis's Create is answered.
fn create(cloud: &Cloud, name: &str) -> (Operation, MetadataMap) {
    let mut client = ClusterServiceClient::new(cloud.channel());
    let reply = cloud.run(client.create(cloud.request(Redis::new_cluster(name)))).unwrap();
    let headers = reply.metadata().clone();
    (reply.into_inner(), headers)
}

/// When to look at an operation again, as OperationService.Get says.
fn poll_interval(cloud: &Cloud, operation: &Operation) -> String {
    let request = cloud.request(GetOperationRequest { operation_id: operation.id.clone() });
    let reply = cloud.run(OperationServiceClient::new(cloud.channel()).get(request)).unwrap();
    header(reply.metadata(), "x-operation-poll-interval").unwrap().to_owned()
}

/// The headers of a refusal.
fn refusal(cloud: &Cloud) -> MetadataMap {
    let request = cloud.request(GetClusterRequest { cluster_id: "nothing".into() });
    let status = cloud.run(ClusterServiceClient::new(cloud.channel()).get(request)).unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    status.metadata().clone()
}

#[test]
fn every_answer_has_ids_of_its_own_refusals_too() {
    let cloud = Cloud::start();
    let answers = [create(&cloud, "a").1, create(&cloud, "b").1, refusal(&cloud), refusal(&cloud)];
    for name in ["x-request-id", "x-server-trace-id"] {
        let ids: std::collections::BTreeSet<&str> =
            answers.iter().map(|headers| header(headers, name).expect(name)).collect();
        assert_eq!(ids.len(), answers.len(), "{name}: {ids:?}");
    }
    let trace: Vec<&str> = header(&answers[0], "x-server-trace-id").unwrap().split(':').collect();
    assert_eq!((trace.len(), trace[0].len(), trace[3]), (4, 16, "1"), "{trace:?}");
}

#[test]
fn a_client_may_name_its_request() {
    let cloud = Cloud::start().with_header("x-request-id", "my-own");
    assert_eq!(header(&create(&cloud, "a").1, "x-request-id"), Some("my-own"));
    assert_eq!(header(&refusal(&cloud), "x-request-id"), Some("my-own"));
    let too_long = cloud.with_header("x-request-id", &"x".repeat(129));
    assert_ne!(header(&refusal(&too_long), "x-request-id"), Some("x".repeat(129).as_str()));
}

#[test]
fn an_operation_that_is_due_can_be_looked_at_at_once() {
    let cloud = Cloud::start();
    let (operation, headers) = create(&cloud, "a");
    assert_eq!(header(&headers, "x-operation-poll-interval"), Some("0"));
    assert_eq!(poll_interval(&cloud, &operation), "0");
    assert_eq!(header(&refusal(&cloud), "x-operation-poll-interval"), None);
}

#[test]
fn an_operation_that_takes_time_says_how_long() {
    let cloud = Cloud::slow(10);
    let (operation, headers) = create(&cloud, "a");
    assert_eq!(header(&headers, "x-operation-poll-interval"), Some("10"));
    cloud.advance(3);
    assert_eq!(poll_interval(&cloud, &operation), "7");
    cloud.advance(7);
    assert_eq!(poll_interval(&cloud, &operation), "0", "there is nothing more to wait for");

    let brief = Cloud::start_with(|options| options.operation_time = "1ms".parse().unwrap());
    let (_, headers) = create(&brief, "a");
    assert_eq!(header(&headers, "x-operation-poll-interval"), Some("1"), "a second at least");
}

#[test]
fn realistic_operations_take_what_the_service_takes() {
    let cloud = Cloud::start_with(|options| options.operation_time = "realistic".parse().unwrap());
    let (operation, headers) = create(&cloud, "a");
    let seconds: i64 = header(&headers, "x-operation-poll-interval").unwrap().parse().unwrap();
    assert!((5 * MINUTE..=15 * MINUTE).contains(&seconds), "{seconds} s to create a cluster");
    cloud.advance(seconds - 1);
    let running = cloud.operation(&operation.id).unwrap();
    assert!(!running.done);
    assert_ne!(running.modified_at, operation.modified_at, "it has gone on to another stage");
    cloud.advance(1);
    assert!(cloud.operation(&operation.id).unwrap().done);
}

#[test]
fn what_has_no_handler_is_answered_with_the_same_headers() {
    let cloud = Cloud::start();
    let no_service = cloud.call_raw("/yandex.cloud.mdb.kafka.v1.ClusterService/Get", b"".as_slice()).unwrap_err();
    let message = "There is no RPC /yandex.cloud.mdb.kafka.v1.ClusterService/Get";
    assert_eq!((no_service.code(), no_service.message()), (Code::Unimplemented, message));
    let no_rpc = cloud.call_raw("/yandex.cloud.mdb.redis.v1.ClusterService/Fly", b"".as_slice()).unwrap_err();
    let mut client = tonic::client::Grpc::new(cloud.channel());
    let no_message = cloud.run(async {
        client.ready().await.unwrap();
        let path = "/yandex.cloud.mdb.redis.v1.ClusterService/Get".parse().unwrap();
        let nothing = tonic::Request::new(tokio_stream::empty());
        client.client_streaming::<_, bytes::Bytes, bytes::Bytes, _>(nothing, path, RawCodec).await.unwrap_err()
    });
    for status in [no_service, no_rpc, no_message] {
        let headers = status.metadata();
        assert!(
            header(headers, "x-request-id").is_some() && header(headers, "x-server-trace-id").is_some(),
            "{status}"
        );
    }
}

#[test]
fn a_header_that_cannot_be_read_is_refused_and_an_empty_one_is_none() {
    let cloud = Cloud::start();
    for name in ["x-mdb-universe", "idempotency-key"] {
        for value in [MetadataValue::try_from(b"n\xc3\xa9".as_slice()).unwrap(), "x".repeat(129).parse().unwrap()] {
            let mut request = cloud.request(Redis::new_cluster("main"));
            request.metadata_mut().insert(name, value);
            let refusal = refused(cloud.run(ClusterServiceClient::new(cloud.channel()).create(request)));
            let message = format!("The header {name} must be ASCII text of at most 128 characters");
            assert_eq!((refusal.code, refusal.message), (Code::InvalidArgument, message));
        }
    }
    let blank = cloud.with_header("idempotency-key", "").with_header("x-mdb-universe", "");
    let cluster = blank.created::<Redis>("main");
    let call = |outcome: Result<Operation, Status>| blank.done(outcome).id;
    let stop = || redis::v1::StopClusterRequest { cluster_id: cluster.clone() };
    let first = call(Redis::stop(&blank, stop()));
    call(Redis::start(&blank, redis::v1::StartClusterRequest { cluster_id: cluster.clone() }));
    assert_ne!(call(Redis::stop(&blank, stop())), first, "no key was given");
}
