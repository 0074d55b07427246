//! The forms that a call of gRPC or gRPC-Web may have, and what others are told.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request};
use mdb_emulator::Emulator;
use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;

use crate::client::{Answer, http1, http2, plain};
use crate::grpc_web::framed;

const CLOCK: &str = "/mdb.emulator.v1.ClockService/Get";
const HEALTH: &str = "/grpc.health.v1.Health/Check";

fn call(method: Method, path: &str, content_type: &str) -> Request<Full<Bytes>> {
    let body = if content_type.to_lowercase().contains("text") {
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, framed(&GetClockRequest::default())).into()
    } else {
        framed(&GetClockRequest::default())
    };
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    request.header("content-type", content_type).header("te", "trailers").body(Full::from(body)).unwrap()
}

/// The answers by both versions of HTTP.
async fn answers(emulator: &Emulator, request: impl Fn() -> Request<Full<Bytes>>) -> [Answer; 2] {
    let address = emulator.address();
    let older = http1(plain(address).await, vec![request()]).await.unwrap().remove(0);
    [older, http2(plain(address).await, vec![request()]).await.unwrap().remove(0)]
}

#[tokio::test]
async fn calls_are_made_by_post_alone() {
    let emulator = Emulator::start().unwrap();
    for content_type in ["application/grpc", "application/grpc-web", "application/grpc-web-text"] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "FLY"] {
            for path in [CLOCK, HEALTH, "/nothing"] {
                let method: Method = method.parse().unwrap();
                for answer in answers(&emulator, || call(method.clone(), path, content_type)).await {
                    assert_eq!(answer.status, 405, "{method} {content_type}: {answer:?}");
                    assert_eq!(answer.header("allow"), Some("POST"));
                    assert!(answer.header("x-request-id").is_some(), "{answer:?}");
                    let told = format!(
                        "{{\"code\":12,\"message\":\"gRPC is called by POST, but not by {method}\",\"details\":["
                    );
                    if method == Method::HEAD {
                        assert_eq!(answer.text(), "");
                    } else {
                        assert!(answer.text().starts_with(&told), "{answer:?}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn messages_are_of_protocol_buffers() {
    let emulator = Emulator::start().unwrap();
    for content_type in [
        "application/grpc+json",
        "application/grpc+proto2",
        "application/grpc-web+json",
        "application/grpc-web-text+json",
        "application/grpc-websocket",
        "application/grpcfoo",
        "Application/gRPC+JSON; charset=utf-8",
    ] {
        for path in [CLOCK, HEALTH, "/nothing"] {
            for answer in answers(&emulator, || call(Method::POST, path, content_type)).await {
                assert_eq!(answer.status, 415, "{content_type}: {answer:?}");
                assert!(answer.header("x-request-id").is_some(), "{answer:?}");
                let told = "The content-type must be application/grpc, application/grpc-web or application/grpc-web-text, each \
                            alone or with +proto";
                let refusal: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!((&refusal["code"], &refusal["message"]), (&3.into(), &told.into()));
            }
        }
    }
}

#[tokio::test]
async fn case_and_parameters_of_a_type_do_not_matter() {
    let emulator = Emulator::start().unwrap();
    for (content_type, answered) in [
        ("application/grpc", "application/grpc"),
        ("application/grpc+proto", "application/grpc"),
        ("Application/GRPC; charset=utf-8", "application/grpc"),
        ("application/grpc+proto;x=y", "application/grpc"),
        ("application/grpc-web", "application/grpc-web+proto"),
        ("application/grpc-web+proto; charset=utf-8", "application/grpc-web+proto"),
        ("APPLICATION/grpc-web-text", "application/grpc-web-text+proto"),
        ("application/grpc-web-text+proto;x=y", "application/grpc-web-text+proto"),
    ] {
        for answer in answers(&emulator, || call(Method::POST, CLOCK, content_type)).await {
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-type")),
                (200, Some(answered)),
                "{content_type}"
            );
            assert_eq!(answer.header("grpc-status"), None, "it has a message: {answer:?}");
            assert!(answer.body.len() > 5, "{answer:?}");
        }
    }
}
