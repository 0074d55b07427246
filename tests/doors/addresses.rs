//! The address that endpoints show: of the client's own words, whichever those are, a host and a port to dial.

use std::net::SocketAddr;

use http_body_util::Full;
use hyper::Request;
use mdb_emulator::server::TlsOptions;
use mdb_emulator::{Emulator, Options};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::client::{Answer, Tls, http2, plain, to_the_end};

/// The status and the body of an answer to a request of HTTP/1, which is `line` and `headers`.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, line: &str, headers: &[u8]) -> (u16, Value) {
    let head = [line.as_bytes(), b"\r\nconnection: close\r\n", headers, b"\r\n"].concat();
    stream.write_all(&head).await.unwrap();
    let answer = String::from_utf8(to_the_end(stream).await).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{answer}: {error}")))
}

/// The address that a client in plaintext is shown.
async fn shown(address: SocketAddr, line: &str, headers: &str) -> String {
    let (status, body) = answer(plain(address).await, line, headers.as_bytes()).await;
    assert_eq!(status, 200, "{line}, {headers:?}: {body}");
    body["address"].as_str().unwrap().to_owned()
}

/// A server behind proxies, by whose names it goes.
fn proxied() -> Emulator {
    let names = vec!["my.proxy".to_owned()];
    Emulator::start_with(&Options { tls: TlsOptions { names, ..TlsOptions::default() }, ..Options::default() }).unwrap()
}

const GET: &str = "GET /endpoints/managed-redis HTTP/1.1";
const GET_OF_1_0: &str = "GET /endpoints/managed-redis HTTP/1.0";

#[tokio::test]
async fn an_address_has_the_port_that_the_client_leaves_out() {
    let emulator = proxied();
    for (host, in_plaintext, in_tls) in [
        ("my.proxy", "my.proxy:80", "my.proxy:443"),
        ("my.proxy:", "my.proxy:80", "my.proxy:443"),
        ("127.0.0.1", "127.0.0.1:80", "127.0.0.1:443"),
        ("[::1]", "[::1]:80", "[::1]:443"),
        ("my.proxy:8443", "my.proxy:8443", "my.proxy:8443"),
        ("[::1]:7300", "[::1]:7300", "[::1]:7300"),
    ] {
        let header = format!("host: {host}\r\n");
        assert_eq!(shown(emulator.address(), GET, &header).await, in_plaintext);
        let tls = Tls::trusting(emulator.ca_certificate().unwrap()).with_protocols(&["http/1.1"]);
        let tls = tls.connect(emulator.address()).await.unwrap();
        let (status, body) = answer(tls, GET, header.as_bytes()).await;
        assert_eq!((status, body["address"].as_str()), (200, Some(in_tls)));
    }
    let request = || vec![Request::get("/endpoints/managed-redis").body(Full::default()).unwrap()];
    let tls = Tls::trusting(emulator.ca_certificate().unwrap()).connect(emulator.address()).await.unwrap();
    for (answers, address) in [
        (http2(plain(emulator.address()).await, request()).await, "localhost:80"),
        (http2(tls, request()).await, "localhost:443"),
    ] {
        let answers: Vec<Answer> = answers.unwrap();
        let body: Value = serde_json::from_str(answers[0].text()).unwrap();
        assert_eq!(body["address"], address);
    }
}

#[tokio::test]
async fn a_client_that_names_no_host_is_shown_the_address_of_its_connection() {
    let emulator = proxied();
    let own = emulator.address().to_string();
    assert_eq!(shown(emulator.address(), GET_OF_1_0, "").await, own);
    assert_eq!(shown(emulator.address(), GET_OF_1_0, "host: my.proxy\r\n").await, "my.proxy:80");
    assert_eq!(shown(emulator.address(), GET, "host:\r\n").await, own);
}

#[tokio::test]
async fn a_request_to_a_proxy_is_shown_what_it_names_without_its_password() {
    let emulator = proxied();
    for (target, address) in [("user:pw@other:99", "other:99"), ("user@other", "other:80"), ("other:99", "other:99")] {
        let line = format!("GET http://{target}/endpoints/managed-redis HTTP/1.1");
        assert_eq!(shown(emulator.address(), &line, "host: my.proxy\r\n").await, address);
    }
}

#[tokio::test]
async fn a_request_that_names_its_host_wrongly_is_refused() {
    let emulator = proxied();
    let one = "A request must have one header Host";
    let kind = "The header Host, or :authority, must be a host, with a port or without one";
    let mut rows = vec![
        (GET, b"".as_slice(), one),
        ("GET /nothing/is/here HTTP/1.1", b"", one),
        (GET, b"host: a\r\nhost: b\r\n", one),
        (GET, b"host: a\r\nhost: a\r\n", one),
        (GET_OF_1_0, b"host: a\r\nhost: b\r\n", one),
        ("GET http://other/endpoints/managed-redis HTTP/1.1", b"host: a b\r\n", kind),
        ("GET http://other:x/endpoints/managed-redis HTTP/1.1", b"host: a\r\n", kind),
    ];
    let wrong: [&[u8]; 14] = [
        b"host: a b\r\n",
        b"host: \xd0\xbf\r\n",
        b"host: user:pw@a\r\n",
        b"host: user@a\r\n",
        b"host: http://a/\r\n",
        b"host: a:b\r\n",
        b"host: a:+80\r\n",
        b"host: a:65536\r\n",
        b"host: :80\r\n",
        b"host: a:80:80\r\n",
        b"host: ::1\r\n",
        b"host: [::1\r\n",
        b"host: [a]:80\r\n",
        b"host: [::1]80\r\n",
    ];
    rows.extend(wrong.map(|header| (GET, header, kind)));
    for (line, headers, message) in rows {
        let (status, body) = answer(plain(emulator.address()).await, line, headers).await;
        let seen = (status, body["code"].as_i64(), body["message"].as_str());
        assert_eq!(seen, (400, Some(3), Some(message)), "{line}, {}", headers.escape_ascii());
    }
}
