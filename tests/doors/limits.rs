//! How much a call may bring, and what it is told if it brings more.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use mdb_emulator::Emulator;
use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;
use mdb_emulator::server::TlsMode;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{Answer, Tls, call, channel, get, http1, http2, plain, to_the_end};
use crate::common::*;
use crate::grpc_web::framed;
use crate::spoken::with_tls;

const CLOCK: &str = "/mdb.emulator.v1.ClockService/Get";
const MEBIBYTE: usize = 1024 * 1024;

/// A request of so many bytes, all but a few in a field that no message has.
fn request_of(size: usize) -> Bytes {
    // The tag of field 15 and a length of four bytes, which lengths about 4 MiB have.
    let mut length = size - 5;
    let mut bytes = vec![15 << 3 | 2];
    for _ in 0..3 {
        bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.resize(size, b'x');
    bytes.into()
}

/// Sends the bodies of a gRPC call as they are.
fn grpc(path: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header("content-type", "application/grpc").header("te", "trailers");
    request.body(Full::from(body)).unwrap()
}

/// The status of a gRPC call.
fn status(answer: &Answer) -> (&str, &str) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let header = |name| answer.trailers.as_ref().and_then(|trailers| trailers.get(name)).or(answer.headers.get(name));
    let text = |name| header(name).map_or("", |value: &hyper::header::HeaderValue| value.to_str().unwrap());
    (text("grpc-status"), text("grpc-message"))
}

#[test]
fn a_message_of_4_mebibytes_is_taken_and_a_longer_one_is_refused() {
    let cloud = Cloud::start();
    for size in [4 * MEBIBYTE - 1, 4 * MEBIBYTE] {
        assert!(cloud.call_raw(CLOCK, request_of(size)).is_ok(), "{size}");
    }
    for size in [4 * MEBIBYTE + 1, 9 * MEBIBYTE] {
        let status = cloud.call_raw(CLOCK, request_of(size)).unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{size}: {status}");
        assert_eq!(status.message(), "The message of a request must have at most 4194304 bytes");
        assert!(status.metadata().contains_key("x-request-id"), "{status:?}");
    }
    assert!(cloud.call_raw(CLOCK, Bytes::new()).is_ok());
}

#[tokio::test]
async fn a_body_of_rest_of_4_mebibytes_is_taken_and_a_longer_one_is_refused() {
    let emulator = Emulator::start().unwrap();
    let of = |size| {
        let body = format!("{{\"folderId\":\"b1g\",\"name\":\"{}\"}}", "x".repeat(size - 28));
        assert_eq!(body.len(), size);
        let request = Request::post("/managed-redis/v1/clusters").header("content-type", "application/json");
        request.header("host", "localhost").body(Full::from(body)).unwrap()
    };
    let requests = || vec![of(4 * MEBIBYTE), of(4 * MEBIBYTE + 1)];
    let mut answers = http2(plain(emulator.address()).await, requests()).await.unwrap();
    for request in requests() {
        answers.extend(http1(plain(emulator.address()).await, vec![request]).await.unwrap());
    }
    for pair in answers.chunks(2) {
        assert_eq!(
            pair[0].status,
            StatusCode::BAD_REQUEST,
            "it is read, and has too long a name: {:?}",
            pair[0].status
        );
        assert_eq!(pair[1].status, StatusCode::PAYLOAD_TOO_LARGE);
        let refusal: serde_json::Value = serde_json::from_slice(&pair[1].body).unwrap();
        assert_eq!(refusal["code"], 8);
        assert_eq!(refusal["message"], "The message of a request must have at most 4194304 bytes");
    }
}

/// Sends the head of a request, waits until it is answered, sends all the rest before it looks at the answer, and gives it.
async fn answer_after_all(mut stream: TcpStream, head: &str, rest: &[u8]) -> String {
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.readable().await.unwrap();
    for part in rest.chunks(MEBIBYTE) {
        stream.write_all(part).await.unwrap_or_else(|error| panic!("{head}: {error}"));
    }
    String::from_utf8(to_the_end(stream).await).unwrap()
}

#[tokio::test]
async fn a_client_of_http_1_gets_its_answer_although_it_first_sends_all_that_it_has() {
    let emulator = Emulator::start().unwrap();
    let body = vec![b' '; 9 * MEBIBYTE];
    let grpc_web = "POST /mdb.emulator.v1.ClockService/Get HTTP/1.1\r\ncontent-type: application/grpc-web";
    for (head, length, beginning, status) in [
        ("POST /nothing HTTP/1.1", "content-length: 9437184", "", "404"),
        ("PUT /managed-redis/v1/clusters HTTP/1.1", "content-length: 9437184", "", "405"),
        ("POST /managed-redis/v1/clusters HTTP/1.1", "content-length: 9437184", "", "413"),
        (grpc_web, "content-length: 9437189", "\0\x7f\x7f\x7f\x7f", "200"),
    ] {
        let head = format!("{head}\r\nhost: localhost\r\n{length}\r\n\r\n{beginning}");
        let answer = answer_after_all(plain(emulator.address()).await, &head, &body).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer}");
    }
    let strict = with_tls(TlsMode::Require);
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9437184\r\n\r\n";
    let answer = answer_after_all(plain(strict.address()).await, head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn metadata_of_64_kibibytes_is_taken_and_more_is_refused() {
    let cloud = Cloud::start();
    let full = cloud.with_header("x-large", &"x".repeat(60 * 1024));
    assert!(full.call_raw(CLOCK, Bytes::new()).is_ok());
    for size in [65, 200] {
        let status = cloud.with_header("x-large", &"x".repeat(size * 1024)).call_raw(CLOCK, Bytes::new()).unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{size}: {status}");
        assert!(status.message().starts_with("The metadata of a call must have at most 65536 bytes"), "{status}");
        assert!(status.metadata().contains_key("x-request-id"), "{status:?}");
    }
    // So much is not even read, and the calls beside it on the connection are none the worse.
    let status = cloud.with_header("x-large", &"x".repeat(300 * 1024)).call_raw(CLOCK, Bytes::new()).unwrap_err();
    assert!(status.message().contains("431"), "{status}");
    assert!(cloud.call_raw(CLOCK, Bytes::new()).is_ok());
}

#[tokio::test]
async fn a_head_that_is_too_large_is_told_so_by_http() {
    let emulator = Emulator::start().unwrap();
    let with = |size: usize| {
        let mut request = get("/endpoints");
        request.headers_mut().insert("x-large", "x".repeat(size).parse().unwrap());
        vec![request]
    };
    let connect = || plain(emulator.address());
    assert_eq!(http1(connect().await, with(60 * 1024)).await.unwrap()[0].status, StatusCode::OK);
    assert_eq!(http2(connect().await, with(60 * 1024)).await.unwrap()[0].status, StatusCode::OK);
    // More metadata than a call may have, in a head that can be read.
    assert_eq!(http1(connect().await, with(100 * 1024)).await.unwrap()[0].status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(http2(connect().await, with(100 * 1024)).await.unwrap()[0].status, StatusCode::TOO_MANY_REQUESTS);
    let too_large = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    assert_eq!(http1(connect().await, with(300 * 1024)).await.unwrap()[0].status, too_large);
    assert_eq!(http2(connect().await, with(300 * 1024)).await.unwrap()[0].status, too_large);
    let mut many = get("/endpoints");
    for number in 0..200 {
        many.headers_mut()
            .insert(format!("x-{number}").parse::<hyper::header::HeaderName>().unwrap(), "".parse().unwrap());
    }
    assert_eq!(http1(connect().await, vec![many]).await.unwrap()[0].status, too_large);
}

#[tokio::test]
async fn a_call_has_one_message_in_one_frame() {
    let emulator = Emulator::start().unwrap();
    let message = framed(&GetClockRequest::default());
    let compressed = [&[1], &message[1..]].concat();
    let unknown_flag = [&[7], &message[1..]].concat();
    let cut = [&[0, 0, 0, 0, 9], b"short".as_slice()].concat();
    let bodies = [message.clone(), Vec::new(), [message.clone(), message].concat(), compressed, unknown_flag, cut];
    let requests = bodies.into_iter().map(|body| grpc(CLOCK, body)).collect();
    let answers = http2(plain(emulator.address()).await, requests).await.unwrap();
    let statuses: Vec<_> = answers.iter().map(status).collect();
    assert_eq!(statuses[0], ("0", ""));
    assert_eq!(statuses[1], ("12", "A%20call%20must%20have%20one%20message"));
    assert_eq!(statuses[2], statuses[1]);
    for (code, text) in &statuses[3..] {
        assert_eq!(*code, "13", "{text}");
        assert!(text.starts_with("The%20message%20of%20the%20request%20cannot%20be%20read"), "{text}");
    }
    for answer in &answers {
        assert!(answer.header("x-request-id").is_some(), "{answer:?}");
    }
}

/// Pings so often on a connection without a call, and then calls.
async fn pings(stream: TcpStream, count: u32) {
    let (mut sender, mut connection) = h2::client::handshake(stream).await.unwrap();
    let mut pings = connection.ping_pong().unwrap();
    let connection = tokio::spawn(connection);
    for _ in 0..count {
        pings.ping(h2::Ping::opaque()).await.unwrap();
    }
    let request = Request::get("http://localhost/nothing").body(()).unwrap();
    sender = sender.ready().await.unwrap();
    let (response, _) = sender.send_request(request, true).unwrap();
    assert_eq!(response.await.unwrap().status(), StatusCode::NOT_FOUND);
    assert!(!connection.is_finished(), "it goes on");
}

#[tokio::test]
async fn a_client_may_ping_without_a_call() {
    let emulator = Emulator::start().unwrap();
    pings(plain(emulator.address()).await, 100).await;
}

#[tokio::test]
async fn a_connection_may_have_200_calls_in_flight_and_more_wait() {
    let emulator = Emulator::start().unwrap();
    let (sender, mut connection) = h2::client::handshake(plain(emulator.address()).await).await.unwrap();
    let mut pings = connection.ping_pong().unwrap();
    tokio::spawn(connection);
    // By the answer the server's settings have come.
    pings.ping(h2::Ping::opaque()).await.unwrap();
    assert_eq!(sender.current_max_send_streams(), 200);

    let tls = Tls::trusting(emulator.ca_certificate().unwrap());
    let channel = channel(tls.connect(emulator.address()).await.unwrap()).await;
    let calls: Vec<_> = (0..1000).map(|_| tokio::spawn(call(channel.clone()))).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}
