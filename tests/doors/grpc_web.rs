//! gRPC-Web, as browsers speak it: binary and as text, over either version of HTTP.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes};
use http_body_util::Full;
use hyper::Request;
use mdb_emulator::Emulator;
use mdb_emulator::contract::proto::mdb::emulator::v1::{Clock, GetClockRequest};
use prost::Message;
use redis::v1::GetClusterRequest;

use crate::client::{Answer, Tls, http1, http2, plain};
use crate::common::*;

const CLOCK: &str = "/mdb.emulator.v1.ClockService/Get";
const CLUSTER: &str = "/yandex.cloud.mdb.redis.v1.ClusterService/Get";

/// A message in the frame of gRPC.
pub fn framed(message: &impl Message) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    message.encode(&mut frame).unwrap();
    frame
}

fn request(path: &str, message: &impl Message, text: bool) -> Request<Full<Bytes>> {
    let (content_type, body) = if text {
        ("application/grpc-web-text", STANDARD.encode(framed(message)).into())
    } else {
        ("application/grpc-web+proto", framed(message))
    };
    let request = Request::post(path).header("host", "localhost").header("x-grpc-web", "1");
    request.header("content-type", content_type).header("accept", content_type).body(Full::from(body)).unwrap()
}

/// The messages and the trailers of an answer, which come in its body.
fn parts(answer: &Answer, text: bool) -> (Vec<Bytes>, BTreeMap<String, String>) {
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    let content_type = if text { "application/grpc-web-text+proto" } else { "application/grpc-web+proto" };
    assert_eq!(answer.header("content-type"), Some(content_type));
    let mut body = if text { decoded(answer.text()) } else { answer.body.clone() };
    let (mut messages, mut trailers) = (Vec::new(), BTreeMap::new());
    while body.has_remaining() {
        let kind = body.get_u8();
        let length = body.get_u32() as usize;
        let frame = body.split_to(length);
        if kind & 0x80 == 0 {
            messages.push(frame);
        } else {
            let lines = str::from_utf8(&frame).unwrap().lines().filter_map(|line| line.split_once(':'));
            trailers.extend(lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())));
        }
    }
    // What has no message has its trailers in the head.
    trailers.extend(answer.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())));
    (messages, trailers)
}

/// Text of base64 in several pieces, each with an end of its own.
fn decoded(text: &str) -> Bytes {
    let quads = text.as_bytes().chunks(4);
    quads.flat_map(|quad| STANDARD.decode(quad).unwrap()).collect::<Vec<u8>>().into()
}

#[tokio::test]
async fn calls_are_answered_in_binary_and_as_text() {
    let emulator = Emulator::start().unwrap();
    let address = emulator.address();
    let tls = Tls::trusting(emulator.ca_certificate().unwrap());
    for text in [false, true] {
        let requests = || {
            let unknown = GetClusterRequest { cluster_id: "nothing".into() };
            vec![request(CLOCK, &GetClockRequest::default(), text), request(CLUSTER, &unknown, text)]
        };
        for answers in [
            http1(plain(address).await, requests()).await,
            http2(plain(address).await, requests()).await,
            http2(tls.connect(address).await.unwrap(), requests()).await,
        ] {
            let answers = answers.unwrap();
            let (messages, trailers) = parts(&answers[0], text);
            assert_eq!((messages.len(), trailers["grpc-status"].as_str()), (1, "0"));
            assert!(Clock::decode(messages[0].clone()).unwrap().now.unwrap().seconds > 0);
            assert!(trailers.contains_key("x-request-id"), "{trailers:?}");

            let (messages, trailers) = parts(&answers[1], text);
            assert_eq!((messages.len(), trailers["grpc-status"].as_str()), (0, "5"), "{trailers:?}");
            assert!(trailers["grpc-message"].contains("nothing"), "{trailers:?}");
        }
    }
}

#[tokio::test]
async fn a_warning_comes_with_the_reply() {
    let emulator = Emulator::start().unwrap();
    let call = async |request| {
        let answers = http1(plain(emulator.address()).await, vec![request]).await.unwrap();
        let (messages, trailers) = parts(&answers[0], true);
        assert_eq!(trailers["grpc-status"], "0", "{trailers:?}");
        (Operation::decode(messages[0].clone()).unwrap(), trailers)
    };
    let service = "/yandex.cloud.mdb.redis.v1.ClusterService";
    let (created, trailers) = call(request(&format!("{service}/Create"), &Redis::new_cluster("main"), true)).await;
    assert_eq!(trailers.get("x-mdb-warning"), None);
    let metadata: redis::v1::CreateClusterMetadata = created.metadata.unwrap().to_msg().unwrap();
    let update = redis::v1::UpdateClusterRequest {
        cluster_id: metadata.cluster_id,
        update_mask: mask(&["config_spec.nonsense", "description"]),
        description: "new".into(),
        ..Default::default()
    };
    let (_, trailers) = call(request(&format!("{service}/Update"), &update, true)).await;
    let warning = "update_mask: config_spec.nonsense leads to no field and was ignored";
    assert_eq!(trailers.get("x-mdb-warning").map(String::as_str), Some(warning));
}

#[tokio::test]
async fn text_that_is_no_base64_is_the_clients_fault() {
    let emulator = Emulator::start().unwrap();
    let whole = STANDARD.encode(framed(&GetClockRequest::default()));
    for body in ["!!!", "!!!!", "AAAA!AAA", "A", &format!("{whole}===="), "\u{43f}\u{43f}"] {
        let mut request = request(CLOCK, &GetClockRequest::default(), true);
        *request.body_mut() = Full::from(body.to_owned());
        let answers = http1(plain(emulator.address()).await, vec![request]).await.unwrap();
        let (messages, trailers) = parts(&answers[0], true);
        assert_eq!((messages.len(), trailers["grpc-status"].as_str()), (0, "3"), "{body}: {trailers:?}");
        let problem = "it must be whole, and base64 where the content-type says text";
        let message = trailers["grpc-message"].replace("%20", " ").replace("%2C", ",");
        assert_eq!(message, format!("The message of the request cannot be read: {problem}"), "{body}");
    }
}
