//! Clients that are broken or mean no good. The server answers them clearly or closes, and goes on serving.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{http2, plain, to_the_end};
use crate::noise::Noise;
use crate::process::Process;

/// What a client of HTTP/2 begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A POST to `/`, in the static table's words, and a content-type of gRPC.
const HEAD: &[u8] = b"\x83\x84\x86\x5f\x10application/grpc";

/// Sends bytes, then nothing more, and takes what is answered until the server closes.
async fn answer_to(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = plain(address).await;
    // The server may close before it has read it all.
    _ = stream.write_all(bytes).await;
    _ = stream.shutdown().await;
    to_the_end(stream).await
}

/// The frames of HTTP/2 in what a server sent: their types and payloads.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while bytes.len() >= 9 {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        let end = (9 + length).min(bytes.len());
        frames.push((bytes[3], bytes[9..end].to_vec()));
        bytes = &bytes[end..];
    }
    frames
}

/// The error with which a server ends a connection of HTTP/2.
fn error_of(answer: &[u8]) -> Option<u32> {
    let gone = frames(answer).into_iter().rfind(|(kind, _)| *kind == GO_AWAY)?;
    Some(u32::from_be_bytes(gone.1[4..8].try_into().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_hurt_nothing() {
    let server = Process::start().await;
    let mut noise = Noise(1);
    for _ in 0..20 {
        let batch = (0..20).map(|_| {
            let length = noise.below(4096);
            let beginning: &[u8] = noise.one_of(&[
                b"".as_slice(),
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                b"\x16",
                PREFACE,
                b"PRI * HTTP/2.0",
                b"GET ",
                b"POST /yandex.cloud.mdb.redis.v1.ClusterService/Get HTTP/1.1\r\ncontent-type: application/grpc-web\r\n",
            ]);
            let bytes = [beginning, &noise.bytes(length)].concat();
            let address = server.address;
            tokio::spawn(async move { answer_to(address, &bytes).await })
        });
        for answered in batch.collect::<Vec<_>>() {
            answered.await.unwrap();
        }
    }
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_random_kinds_hurt_nothing() {
    let server = Process::start().await;
    let mut noise = Noise(2);
    for _ in 0..200 {
        let mut bytes = PREFACE.to_vec();
        for _ in 0..noise.below(30) {
            let length = noise.below(200);
            let payload = if noise.below(2) == 0 { noise.bytes(length) } else { HEAD.to_vec() };
            let [kind, flags, stream] = [11, 64, 8].map(|limit| u8::try_from(noise.below(limit)).unwrap());
            bytes.extend(frame(kind, flags, u32::from(stream), &payload));
        }
        let answer = answer_to(server.address, &bytes).await;
        assert_eq!(answer[3], SETTINGS, "the server begins as HTTP/2 has it");
    }
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_frames_end_the_connection_with_the_error_that_they_are() {
    let (protocol, flow, size, compression, closed, calm) = (1, 3, 6, 9, 5, 11);
    let server = Process::start().await;
    let head = frame(HEADERS, END_HEADERS, 1, HEAD);
    let rest = frame(HEADERS, END_HEADERS | END_STREAM, 1, HEAD);
    let settings = |identifier: u16, value: u32| {
        frame(SETTINGS, 0, 0, &[identifier.to_be_bytes().as_slice(), &value.to_be_bytes()].concat())
    };
    for (what, bytes, errors) in [
        ("data on no stream", frame(DATA, 0, 0, b"x"), [protocol].as_slice()),
        ("data on a stream that is not open", frame(DATA, 0, 9, b"x"), &[protocol, closed]),
        ("a stream of the server's", frame(HEADERS, END_HEADERS, 2, HEAD), &[protocol]),
        ("an older stream", [frame(HEADERS, END_HEADERS, 9, HEAD), head.clone()].concat(), &[protocol, closed]),
        (
            "a head that is no table's",
            frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff"),
            &[compression, protocol],
        ),
        ("a head that is cut", [frame(HEADERS, 0, 1, HEAD), frame(PING, 0, 0, b"12345678")].concat(), &[protocol]),
        ("a continuation of nothing", frame(CONTINUATION, END_HEADERS, 1, HEAD), &[protocol]),
        ("a ping of another size", frame(PING, 0, 0, b"123"), &[size, protocol]),
        ("settings of another size", frame(SETTINGS, 0, 0, b"12345"), &[size, protocol]),
        ("settings of a stream", frame(SETTINGS, 0, 1, b""), &[protocol]),
        ("a window that is too wide", settings(4, u32::MAX), &[flow, protocol]),
        ("a window that overflows", frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()), &[flow]),
        ("a window that grows by nothing", frame(WINDOW_UPDATE, 0, 0, &[0; 4]), &[protocol]),
        ("a frame that is too large", [[0x10, 0, 0, DATA, 0, 0, 0, 0, 1].as_slice(), &[0; 9999]].concat(), &[size]),
        ("a reset of no stream", frame(RESET, 0, 0, &[0; 4]), &[protocol]),
        ("a reset of another size", [rest, frame(RESET, 0, 1, b"1")].concat(), &[size, protocol]),
        ("a head without end", frame(HEADERS, 0, 1, HEAD).into_iter().chain(endless()).collect(), &[calm]),
        ("calls taken back at once", taken_back(20_000), &[calm]),
    ] {
        let answer = answer_to(server.address, &[PREFACE, &bytes].concat()).await;
        let error = error_of(&answer);
        assert!(error.is_some_and(|error| errors.contains(&error)), "{what}: {error:?}");
    }
    server.is_well().await;
}

/// More of a head than anything has.
fn endless() -> impl Iterator<Item = u8> {
    let part = frame(CONTINUATION, 0, 1, &b"\x40\x01x\x01a".repeat(3000));
    std::iter::repeat_n(part, 200).flatten()
}

fn taken_back(count: u32) -> Vec<u8> {
    let calls = (0..count).map(|number| {
        let stream = 2 * number + 1;
        [frame(HEADERS, END_HEADERS, stream, HEAD), frame(RESET, 0, stream, &8_u32.to_be_bytes())].concat()
    });
    calls.flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_and_settings_without_number_take_no_memory() {
    let server = Process::start().await;
    for flood in [frame(PING, 0, 0, b"12345678"), frame(SETTINGS, 0, 0, b"")] {
        let (mut reading, mut writing) = tokio::io::split(plain(server.address).await);
        let sent = [PREFACE, &flood.repeat(200_000)].concat();
        // Nothing is read meanwhile, so the server's answers must wait, and this must wait for the server.
        let writing = async { writing.write_all(&sent).await };
        _ = tokio::time::timeout(std::time::Duration::from_secs(2), writing).await;
        assert!(server.peak() < 64 * 1024, "{} KiB", server.peak());
        assert_ne!(reading.read(&mut [0; 1024]).await.unwrap(), 0, "it answers");
    }
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_announced_and_never_come_take_no_memory() {
    let server = Process::start().await;
    let mut connections = Vec::new();
    for _ in 0..10 {
        let mut stream = plain(server.address).await;
        let calls = (0..200).map(|number| {
            let stream = 2 * number + 1;
            [frame(HEADERS, END_HEADERS, stream, HEAD), frame(DATA, 0, stream, b"\0\0\x40\0\0x")].concat()
        });
        stream.write_all(&[PREFACE, &calls.flatten().collect::<Vec<u8>>()].concat()).await.unwrap();
        connections.push(stream);
    }
    // The pings are answered after all that came before them has been read.
    for stream in &mut connections {
        pinged(stream).await;
    }
    assert!(server.peak() < 128 * 1024, "{} KiB", server.peak());
    server.is_well().await;
}

/// Waits for the answer to a ping.
async fn pinged(stream: &mut TcpStream) {
    stream.write_all(&frame(PING, 0, 0, b"12345678")).await.unwrap();
    let mut received = Vec::new();
    while !frames(&received).contains(&(PING, b"12345678".to_vec())) {
        assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_heads_of_http_1_are_refused() {
    let server = Process::start().await;
    let long = "x".repeat(4 << 20);
    let many = (0..100_000).map(|number| format!("x-{number}: 1\r\n")).collect::<Vec<_>>().concat();
    for head in [
        format!("GET / HTTP/1.1\r\nhost: localhost\r\nx-long: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: localhost\r\n{many}\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: localhost\r\n\r\n"),
    ] {
        let mut stream = plain(server.address).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = String::from_utf8(to_the_end(stream).await).unwrap();
        let status = answer.split(' ').nth(1);
        assert!(matches!(status, Some("431" | "414")), "{answer:?}");
    }
    assert!(server.peak() < 64 * 1024, "{} KiB", server.peak());
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_of_http_1_are_refused() {
    let server = Process::start().await;
    for head in [
        "GET /%00%ff%zz HTTP/1.1\r\nhost: localhost",
        "GET //..//../%2e%2e/etc/passwd HTTP/1.1\r\nhost: localhost",
        "GET /?&&&=&%&a=%f HTTP/1.1\r\nhost: localhost",
        "GET * HTTP/1.1\r\nhost: localhost",
        "GET http://elsewhere/%41?x HTTP/1.1\r\nhost: localhost",
        "GET / HTTP/1.1",
        "GET / HTTP/1.0",
        "GET / HTTP/3.7\r\nhost: localhost",
        "GET nothing HTTP/1.1\r\nhost: localhost",
        "GET /\u{e9}\u{1f600} HTTP/1.1\r\nhost: localhost",
        "get / HTTP/1.1\r\nhost: localhost",
        "FLY / HTTP/1.1\r\nhost: localhost",
        "CONNECT localhost:1 HTTP/1.1\r\nhost: localhost",
        "TRACE / HTTP/1.1\r\nhost: localhost",
        "GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAA",
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1",
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2",
        "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\ncontent-length: 3",
        "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip",
        "POST / HTTP/1.1\r\nhost: localhost\r\nexpect: 200-ok",
        " / HTTP/1.1\r\nhost: localhost",
        "\0\0\0\0",
    ] {
        let answer = answer_to(server.address, format!("{head}\r\n\r\n").as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(answer.is_empty() || status.starts_with('4') || status == "501", "{head:?}: {answer}");
    }
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_in_paths_and_queries_finds_nothing() {
    let server = Process::start().await;
    let mut noise = Noise(3);
    let parts = [
        "managed-redis",
        "managed-mysql",
        "v1",
        "clusters",
        "backups",
        "operations",
        ":",
        ":backup",
        "*",
        "..",
        ".",
        "%",
        "%2F",
        "%00",
        "%C3%28",
        "?",
        "&",
        "=",
        "pageSize",
        "folder_id",
        "9999999999999999999999",
        "-1",
        "[",
        "{",
        "+",
        ";",
        "yandex.cloud.mdb.redis.v1.ClusterService",
        "Get",
    ];
    for _ in 0..40 {
        let mut requests = Vec::new();
        for _ in 0..25 {
            let path: String =
                (0..noise.below(12)).map(|_| ["/", noise.one_of(&parts)][noise.below(2)].to_owned()).collect();
            let method = noise.one_of(&["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "FLY"]);
            let content_type =
                noise.one_of(&["application/json", "application/grpc", "application/grpc-web", "text/*", ""]);
            let length = noise.below(100);
            let request =
                Request::builder().method(method).uri(format!("/{path}")).header("content-type", content_type);
            // What is no URI cannot be sent by this client.
            requests.extend(request.body(Full::from(Bytes::from(noise.bytes(length)))));
        }
        for answer in http2(plain(server.address).await, requests).await.unwrap() {
            let grpc = answer.header("grpc-status").is_some_and(|status| status != "0");
            assert!(grpc || answer.status.is_client_error() || answer.status.as_u16() == 501, "{answer:?}");
        }
    }
    server.is_well().await;
}
