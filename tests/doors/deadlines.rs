//! `grpc-timeout`, at each thing that a call may have to wait for.

use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use mdb_emulator::contract::proto::mdb::emulator::v1::{AdvanceClockRequest, GetClockRequest};
use mdb_emulator::worlds::Conflicts;
use tonic_health::pb::HealthCheckRequest;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

use crate::client::{Answer, http1, http2, plain};
use crate::common::*;
use crate::grpc_web::framed;
use crate::identified::named_by_grpc;
use crate::slow::{after, start};

const CLOCK: &str = "/mdb.emulator.v1.ClockService/Get";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const PASSED: &str = "The%20deadline%20that%20grpc-timeout%20sets%20has%20passed";

fn call(path: &str, timeout: &str, message: Vec<u8>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header("content-type", "application/grpc").header("te", "trailers");
    request.header("grpc-timeout", timeout).body(Full::from(message)).unwrap()
}

/// Status and message of a call, wherever they are.
fn status(answer: &Answer) -> (&str, &str) {
    let header = |name| answer.trailers.as_ref().and_then(|trailers| trailers.get(name)).or(answer.headers.get(name));
    let text = |name| header(name).map_or("", |value: &hyper::header::HeaderValue| value.to_str().unwrap());
    (text("grpc-status"), text("grpc-message"))
}

#[tokio::test]
async fn a_message_must_come_before_the_deadline() {
    let (address, _) = start().await;
    let (mut sender, connection) = h2::client::handshake(plain(address).await).await.unwrap();
    tokio::spawn(connection);
    let (never, mut body) = begun(&mut sender, CLOCK, "20S");
    body.send_data(Bytes::from_static(&[0, 0, 0, 1]), false).unwrap();
    let answer = after(20, never).await.unwrap();
    assert_eq!(answer.headers()["grpc-status"], "4");
    assert_eq!(answer.headers()["grpc-message"], PASSED);
    for name in ["x-request-id", "x-server-trace-id"] {
        assert!(answer.headers().contains_key(name), "{answer:?}");
    }
}

/// A call whose message is still to come.
fn begun(sender: &mut SendRequest<Bytes>, path: &str, timeout: &str) -> (ResponseFuture, SendStream<Bytes>) {
    let request = Request::post(format!("http://localhost{path}")).header("te", "trailers");
    let request = request.header("content-type", "application/grpc").header("grpc-timeout", timeout);
    sender.send_request(request.body(()).unwrap(), false).unwrap()
}

/// What a stream ends with.
async fn trailers(answer: Response<RecvStream>) -> HeaderMap {
    let mut body = answer.into_body();
    while let Some(data) = body.data().await {
        data.unwrap();
    }
    body.trailers().await.unwrap().unwrap()
}

#[tokio::test]
async fn streams_end_at_their_deadline() {
    let (address, _) = start().await;
    let asked = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    for (path, message) in [(WATCH, framed(&HealthCheckRequest::default())), (REFLECTION, framed(&asked))] {
        let (mut sender, connection) = h2::client::handshake(plain(address).await).await.unwrap();
        tokio::spawn(connection);
        let (answer, mut body) = begun(&mut sender, path, "20S");
        body.send_data(message.into(), path == WATCH).unwrap();
        let answer = answer.await.unwrap();
        let request_id = answer.headers()["x-request-id"].clone();
        let end = after(20, trailers(answer)).await;
        assert_eq!(named_by_grpc(&end), request_id);
        assert_eq!((end["grpc-status"].to_str().unwrap(), end["grpc-message"].to_str().unwrap()), ("4", PASSED));
    }
}

#[tokio::test]
async fn a_stream_of_grpc_web_ends_at_its_deadline() {
    let (address, _) = start().await;
    let request = Request::post(WATCH).header("host", "localhost").header("content-type", "application/grpc-web");
    let request =
        request.header("grpc-timeout", "20S").body(Full::new(Bytes::from(framed(&HealthCheckRequest::default()))));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(plain(address).await)).await.unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(request.unwrap()).await.unwrap();
    let whole = after(20, answer.into_body().collect()).await.unwrap().to_bytes();
    let whole = String::from_utf8_lossy(&whole);
    assert!(whole.contains(&format!("grpc-status:4\r\ngrpc-message:{PASSED}\r\n")), "{whole}");
}

#[test]
fn a_move_of_the_clock_is_not_waited_for_beyond_the_deadline() {
    let cloud = Cloud::start();
    for number in 0..20 {
        cloud.created::<Redis>(&format!("cluster-{number}"));
    }
    let by = Some(prost_types::Duration { seconds: 3650 * DAY, nanos: 0 });
    let message = framed(&AdvanceClockRequest { universe_id: String::new(), by });
    let request = call("/mdb.emulator.v1.ClockService/Advance", "50m", message);
    let began = Instant::now();
    let answer =
        cloud.run(async { http2(plain(cloud.emulator().address()).await, vec![request]).await.unwrap().remove(0) });
    assert_eq!(status(&answer), ("4", PASSED), "{answer:?}");
    assert!(answer.header("x-request-id").is_some());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_deadline_that_has_passed_already_is_told_at_once_and_a_far_one_never() {
    let (address, _) = start().await;
    for path in [CLOCK, "/grpc.health.v1.Health/Check", "/nothing"] {
        for timeout in ["0n", "1n", "0H", "00000000S"] {
            let requests = vec![call(path, timeout, framed(&GetClockRequest::default()))];
            let answer = http2(plain(address).await, requests).await.unwrap().remove(0);
            assert_eq!(status(&answer), ("4", PASSED), "{path} {timeout}");
            assert!(answer.header("x-request-id").is_some());
        }
    }
    for timeout in ["99999999H", "99999999M", "99999999S", "99999999m", "99999999u", "1H", "00000001M"] {
        let requests = vec![call(CLOCK, timeout, framed(&GetClockRequest::default()))];
        let answer = http2(plain(address).await, requests).await.unwrap().remove(0);
        assert_eq!(status(&answer), ("0", ""), "{timeout}");
    }
}

#[tokio::test]
async fn what_is_no_timeout_is_refused_by_every_service() {
    let (address, _) = start().await;
    for path in [CLOCK, WATCH, REFLECTION] {
        for timeout in ["", "1", "S", "123456789S", "-1S", "+1S", "1.5S", "1s", "1 S", "1SS", "\u{e9}"] {
            let mut request = call(path, "1S", framed(&GetClockRequest::default()));
            request.headers_mut().insert("grpc-timeout", timeout.parse().unwrap());
            let mut web = request.clone();
            web.headers_mut().insert("content-type", "application/grpc-web".parse().unwrap());
            web.headers_mut().insert("host", "localhost".parse().unwrap());
            let answers = [
                http2(plain(address).await, vec![request]).await.unwrap().remove(0),
                http1(plain(address).await, vec![web]).await.unwrap().remove(0),
            ];
            for answer in answers {
                let told =
                    "The header grpc-timeout must be a number of at most 8 digits and a unit, H, M, S, m, u or n";
                let (code, message) = status(&answer);
                assert_eq!(
                    (code, message.replace("%20", " ").replace("%2C", ",")),
                    ("3", told.to_owned()),
                    "{path} {timeout:?}"
                );
                assert!(answer.header("x-request-id").is_some());
            }
        }
    }
}

/// The client hears of it before it gives up.
#[test]
fn a_conflict_is_waited_for_until_shortly_before_the_deadline() {
    let cloud = Cloud::start_with(|options| {
        options.operation_time = "1h".parse().unwrap();
        options.conflicts = Conflicts::Wait;
    });
    let created = Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let metadata: redis::v1::CreateClusterMetadata = created.metadata.unwrap().to_msg().unwrap();
    let message = framed(&redis::v1::DeleteClusterRequest { cluster_id: metadata.cluster_id });
    let request = call("/yandex.cloud.mdb.redis.v1.ClusterService/Delete", "500m", message);
    let began = Instant::now();
    let answer =
        cloud.run(async { http2(plain(cloud.emulator().address()).await, vec![request]).await.unwrap().remove(0) });
    let wanted = format!("conflicting operation \"{}\" detected", created.id);
    let (code, message) = status(&answer);
    assert_eq!((code, message.replace("%20", " ").replace("%22", "\"")), ("9", wanted), "{answer:?}");
    assert!(began.elapsed() >= Duration::from_millis(450), "{:?}", began.elapsed());
}

#[test]
fn a_client_of_tonic_gets_its_answer_within_its_timeout() {
    let cloud = Cloud::start();
    let mut request = cloud.request(GetClockRequest::default());
    request.set_timeout(Duration::from_secs(20));
    cloud.run(cloud.clocks().get(request)).unwrap();
}
