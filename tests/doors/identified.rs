//! Every refusal names its request by the id that the answer has, whichever way it leaves the server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::HeaderMap;
use mdb_emulator::contract::proto::google::rpc::{RequestInfo, Status};
use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;
use mdb_emulator::server::TlsMode;
use prost::Message;
use tokio::io::AsyncWriteExt;
use tonic_health::pb::HealthCheckRequest;

use crate::client::{Answer, http1, http2, plain, to_the_end};
use crate::common::*;
use crate::grpc_web::framed;
use crate::spoken::with_tls;

const CLOCK: &str = "/mdb.emulator.v1.ClockService/Get";
const HEALTH: &str = "/grpc.health.v1.Health/Check";
const CLUSTERS: &str = "/managed-redis/v1/clusters";

/// The request that the last of the details in the headers or trailers of gRPC names.
#[track_caller]
pub fn named_by_grpc(headers: &HeaderMap) -> String {
    let details = STANDARD_NO_PAD.decode(headers["grpc-status-details-bin"].as_bytes()).unwrap();
    let info: RequestInfo = Status::decode(details.as_slice()).unwrap().details.last().unwrap().to_msg().unwrap();
    info.request_id
}

/// The same of a body in JSON.
#[track_caller]
fn named_by_rest(body: &[u8]) -> String {
    let refusal: serde_json::Value = serde_json::from_slice(body).unwrap();
    let info = refusal["details"].as_array().unwrap().last().unwrap();
    assert_eq!(info["@type"], "type.googleapis.com/google.rpc.RequestInfo", "{refusal}");
    info["requestId"].as_str().unwrap().to_owned()
}

#[track_caller]
fn is_identified(answer: &Answer) {
    let is_grpc = answer.headers.contains_key("grpc-status");
    let named = if is_grpc { named_by_grpc(&answer.headers) } else { named_by_rest(&answer.body) };
    assert_eq!(Some(named.as_str()), answer.header("x-request-id"), "{answer:?}");
}

fn request(line: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Full<Bytes>> {
    let (verb, path) = line.split_once(' ').unwrap();
    let request = Request::builder().method(verb).uri(path).header("host", "localhost");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Full::from(body)).unwrap()
}

fn grpc(path: &str, headers: &[(&str, &str)], message: Vec<u8>) -> Request<Full<Bytes>> {
    let headers = [&[("content-type", "application/grpc"), ("te", "trailers")], headers].concat();
    request(&format!("POST {path}"), &headers, message)
}

#[tokio::test]
async fn by_grpc() {
    let cloud = Cloud::start();
    let clock = || framed(&GetClockRequest::default());
    let unknown = HealthCheckRequest { service: "none".into() };
    for request in [
        grpc("/nothing", &[], clock()),
        grpc("/grpc.health.v1.Health/Fly", &[], clock()),
        grpc(HEALTH, &[], framed(&unknown)),
        grpc(HEALTH, &[("grpc-timeout", "0n")], clock()),
        grpc(HEALTH, &[("grpc-timeout", "soon")], clock()),
        grpc(CLOCK, &[("grpc-timeout", "0n")], clock()),
        grpc(CLOCK, &[("grpc-timeout", "soon")], clock()),
        grpc(CLOCK, &[("grpc-encoding", "snappy")], clock()),
        grpc(CLOCK, &[], Vec::new()),
        grpc(CLOCK, &[], vec![0, 0, 0, 0, 2, 0x0a, 2]),
        grpc(CLOCK, &[("x-mdb-universe", "\u{e9}")], clock()),
        grpc("/yandex.cloud.mdb.redis.v1.ClusterService/Get", &[("x-mdb-universe", "none")], clock()),
        grpc("/yandex.cloud.mdb.redis.v1.ClusterService/Get", &[], clock()),
        request(&format!("POST {CLOCK}"), &[("content-type", "application/grpc+json")], clock()),
        request("PUT /nothing", &[("content-type", "application/grpc")], clock()),
    ] {
        let stream = plain(cloud.emulator().address()).await;
        is_identified(&http2(stream, vec![request]).await.unwrap()[0]);
    }
}

#[tokio::test]
async fn by_grpc_web_and_rest() {
    let cloud = Cloud::start();
    let address = cloud.emulator().address();
    let web = ("content-type", "application/grpc-web+proto");
    let foreign = ("origin", "http://evil.example");
    for request in [
        request(&format!("POST {CLOCK}"), &[web, foreign], framed(&GetClockRequest::default())),
        request("POST /nothing", &[web], framed(&GetClockRequest::default())),
        request(&format!("GET {CLUSTERS}"), &[foreign], Vec::new()),
        request("GET /nothing", &[], Vec::new()),
        request(&format!("PUT {CLUSTERS}"), &[], Vec::new()),
        request(&format!("POST {CLUSTERS}"), &[], b"[]".to_vec()),
        request(&format!("POST {CLUSTERS}"), &[("content-encoding", "br")], b"{}".to_vec()),
        request(&format!("GET {CLUSTERS}?folderId=%zz"), &[], Vec::new()),
        request(&format!("GET {CLUSTERS}/none"), &[], Vec::new()),
        request(&format!("GET {CLUSTERS}/none"), &[("x-mdb-universe", "none")], Vec::new()),
        request("GET /endpoints/none", &[("x-request-id", "my-own")], Vec::new()),
    ] {
        is_identified(&http1(plain(address).await, vec![request]).await.unwrap()[0]);
    }
}

#[tokio::test]
async fn of_what_is_no_http() {
    let cloud = Cloud::start();
    let mut stream = plain(cloud.emulator().address()).await;
    stream.write_all(b"GET / HTTP/1.1\r\nno header\r\n\r\n").await.unwrap();
    let answer = String::from_utf8(to_the_end(stream).await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let line = format!("x-request-id: {}", named_by_rest(body.as_bytes()));
    assert!(head.lines().any(|given| given == line), "{answer}");
}

#[tokio::test]
async fn where_tls_is_required() {
    let emulator = with_tls(TlsMode::Require);
    let request = grpc(CLOCK, &[], framed(&GetClockRequest::default()));
    is_identified(&http2(plain(emulator.address()).await, vec![request]).await.unwrap()[0]);
}
