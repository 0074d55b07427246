//! Who is let in by `--auth token`, and who is not.

use mdb_emulator::Emulator;
use mdb_emulator::contract::proto::mdb::emulator::v1::AdvanceClockRequest;
use mdb_emulator::contract::proto::mdb::emulator::v1::clock_service_client::ClockServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::ListApiEndpointsRequest;
use mdb_emulator::contract::proto::yandex::cloud::endpoint::api_endpoint_service_client::ApiEndpointServiceClient;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::*;

pub const NO_TOKEN: &str = "A token is required, in the header authorization: Bearer <IAM token>";
const BAD_TOKEN: &str = "Token is invalid or has expired.";

pub const NO_CONTROL_TOKEN: &str = "With --auth token the control API takes the process's control token, in the header \
     authorization: Bearer <token>. It stands in the file of --ready-file as control_token, and in \
     MDB_EMULATOR_CONTROL_TOKEN under exec; --control-token chooses it";

/// What needs no token: the way to one.
fn is_open(method: &Method) -> bool {
    method.service == "yandex.cloud.endpoint.ApiEndpointService"
        || method.path == "/yandex.cloud.iam.v1.IamTokenService/Create"
}

/// What is the emulator's own.
fn is_control(method: &Method) -> bool {
    method.service.starts_with("mdb.emulator.")
}

#[track_caller]
fn shut_out<T>(outcome: Result<T, Status>, message: &str) {
    let wanted =
        Refused { code: Code::Unauthenticated, message: message.into(), details: String::new(), about: Vec::new() };
    assert_eq!(refused(outcome), wanted);
}

#[test]
fn every_rpc_of_the_cloud_wants_a_token_whatever_the_request() {
    let cloud = guarded().with_header("x-request-id", "of-this-call");
    let bearer = bearing(&cloud, &user_token(&cloud));
    for method in METHODS.iter().filter(|method| !is_control(method)) {
        // An empty request, and one that is none: it says that it has two bytes, and has one.
        for body in [b"".as_slice(), &[0x0a, 2, b'x']] {
            if is_open(method) {
                let code = cloud.call_raw(method.path, body).err().map(|status| status.code());
                assert_ne!(code, Some(Code::Unauthenticated), "{}", method.path);
            } else {
                shut_out(cloud.call_raw(method.path, body), NO_TOKEN);
                let code = bearer.call_raw(method.path, body).err().map(|status| status.code());
                assert_ne!(code, Some(Code::Unauthenticated), "{} with a token", method.path);
            }
        }
    }
}

#[test]
fn the_control_api_takes_the_control_token_alone_and_nothing_else_takes_it() {
    let cloud = guarded().with_header("x-request-id", "of-this-call");
    let manager = bearing(&cloud, cloud.emulator().control_token());
    let user = bearing(&cloud, &user_token(&cloud));
    let nearly = bearing(&cloud, &cloud.emulator().control_token()[1..]);
    let foreign = bearing(&cloud, Emulator::start().unwrap().control_token());
    for method in METHODS.iter().filter(|method| !is_open(method)) {
        for body in [b"".as_slice(), &[0x0a, 2, b'x']] {
            if is_control(method) {
                for other in [&cloud, &user, &nearly, &foreign] {
                    shut_out(other.call_raw(method.path, body), NO_CONTROL_TOKEN);
                }
                let code = manager.call_raw(method.path, body).err().map(|status| status.code());
                assert_ne!(code, Some(Code::Unauthenticated), "{}", method.path);
            } else {
                shut_out(manager.call_raw(method.path, body), BAD_TOKEN);
            }
        }
    }
}

#[test]
fn the_control_token_never_expires_and_is_asked_for_only_with_tokens() {
    let cloud = guarded();
    cloud.advance(1000 * DAY);
    assert_eq!(cloud.clock().now.unwrap().to_string(), "2028-10-27T12:00:00Z");
    let open = Cloud::start();
    let request = open.request(AdvanceClockRequest {
        by: Some(prost_types::Duration { seconds: 1, nanos: 0 }),
        ..Default::default()
    });
    open.run(ClockServiceClient::new(open.channel()).advance(request)).unwrap();
}

#[test]
fn a_live_token_opens_and_all_else_does_not() {
    let cloud = guarded().with_header("x-request-id", "of-this-call");
    let token = user_token(&cloud);
    let call = |header: &str| cloud.with_header("authorization", header).operation("nonsense");
    for header in [format!("Bearer {token}"), format!("bearer {token}")] {
        assert_eq!(refused(call(&header)).code, Code::NotFound, "{header}");
    }
    let (payload, proof) = token.strip_prefix("t1.").unwrap().split_once('.').unwrap();
    let elsewhere = Cloud::start_with(|options| options.seed = mdb_emulator::universe::Seed(9));
    let foreign = user_token(&elsewhere);
    let (foreign_payload, _) = foreign.strip_prefix("t1.").unwrap().split_once('.').unwrap();
    let bad = [
        "t1..".to_owned(),
        "t1.made.up".to_owned(),
        format!("t1.{payload}"),
        format!("t1.{payload}."),
        format!("t1.{payload}.{}A", &proof[..proof.len() - 1]),
        format!("t1.{foreign_payload}.{proof}"),
        format!("t1.A{}.{proof}", &payload[1..]),
        format!("{token}="),
        format!("{token}.{proof}"),
        foreign,
        OAUTH.to_owned(),
    ];
    for token in bad {
        shut_out(call(&format!("Bearer {token}")), BAD_TOKEN);
    }
    for header in [token.clone(), "Bearer".into(), format!("Basic {token}"), format!("Api-Key {token}")] {
        shut_out(call(&header), NO_TOKEN);
    }
}

#[test]
fn a_token_expires_by_the_universes_clock() {
    let cloud = guarded().with_header("x-request-id", "of-this-call");
    let token = user_token(&cloud);
    let bearer = bearing(&cloud, &token);
    let cluster = bearer.created::<Redis>("main");
    cloud.advance(12 * HOUR - 1);
    bearer.cluster::<Redis>(&cluster);
    cloud.advance(1);
    shut_out(bearer.operation("nonsense"), BAD_TOKEN);
    // The way to the next token is open, though the call carries the old one.
    bearing(&cloud, &user_token(&bearer)).cluster::<Redis>(&cluster);
}

#[test]
fn a_refused_call_leaves_no_trace() {
    let cloud = guarded().with_header("x-request-id", "of-this-call");
    shut_out(Redis::create(&cloud, Redis::new_cluster("main")), NO_TOKEN);
    let bearer = bearing(&cloud, &user_token(&cloud));
    let listed = Redis::list(&bearer, list_of(FOLDER)).unwrap();
    assert!(listed.clusters.is_empty());
}

fn list_of(folder: &str) -> redis::v1::ListClustersRequest {
    redis::v1::ListClustersRequest { folder_id: folder.into(), ..Default::default() }
}

#[test]
fn health_reflection_and_endpoints_are_open() {
    let cloud = guarded();
    cloud.run(HealthClient::new(cloud.channel()).check(HealthCheckRequest::default())).unwrap();
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answer = cloud.run(async {
        let mut reflection = ServerReflectionClient::new(cloud.channel());
        let answers = reflection.server_reflection_info(tokio_stream::iter([question])).await?;
        answers.into_inner().message().await
    });
    assert!(answer.unwrap().is_some());
    let mut endpoints = ApiEndpointServiceClient::new(cloud.channel());
    cloud.run(endpoints.list(ListApiEndpointsRequest::default())).unwrap();
}
