//! Clients of HTTP/1.1 that keep their connection although a request of theirs was refused before all of it was read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mdb_emulator::Emulator;

/// A connection on which requests go one after the other, each sent to its end before its answer is looked at.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn to(emulator: &Emulator) -> Self {
        let stream = TcpStream::connect(emulator.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a request, and gives the status of its answer and whether the connection goes on.
    fn send(&mut self, head: &str, body: &[u8]) -> (u16, bool) {
        let stream = self.0.get_mut();
        stream.write_all(format!("{head}\r\nhost: localhost\r\n").as_bytes()).unwrap();
        stream.write_all(format!("content-length: {}\r\n\r\n", body.len()).as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        self.answer()
    }

    /// The same in chunks.
    fn send_chunks(&mut self, head: &str, body: &[u8]) -> (u16, bool) {
        let stream = self.0.get_mut();
        stream
            .write_all(format!("{head}\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes())
            .unwrap();
        for chunk in body.chunks(5000) {
            stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).unwrap();
            stream.write_all(chunk).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        self.answer()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the connection ended without a word");
        line.trim_end().to_lowercase()
    }

    fn answer(&mut self) -> (u16, bool) {
        let status = self.line().split(' ').nth(1).unwrap().parse().unwrap();
        let (mut length, mut goes_on) = (0, true);
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("connection", "close")) => goes_on = false,
                Some(_) => {}
                None => break,
            }
        }
        self.0.read_exact(&mut vec![0; length]).unwrap();
        (status, goes_on)
    }

    fn has_ended(mut self) -> bool {
        self.0.read(&mut [0]).unwrap() == 0
    }
}

/// Requests that are refused whatever is in their body, and by what.
const REFUSED: [(&str, u16); 6] = [
    ("POST /nothing HTTP/1.1", 404),
    ("PUT /managed-redis/v1/clusters HTTP/1.1", 405),
    ("POST /managed-redis/v1/clusters HTTP/1.1\r\ncontent-encoding: gzip", 415),
    ("POST /mdb.emulator.v1.ClockService/Get HTTP/1.1\r\ncontent-type: application/grpc-web+json", 415),
    ("PUT /mdb.emulator.v1.ClockService/Get HTTP/1.1\r\ncontent-type: application/grpc-web", 405),
    ("POST /mdb.emulator.v1.ClockService/Get HTTP/1.1\r\ncontent-type: application/grpc-web", 200),
];

#[test]
fn fifty_refused_bodies_go_over_one_connection() {
    let emulator = Emulator::start().unwrap();
    // The first byte of a message may be 0 or 1.
    let body = vec![b'x'; 50_000];
    for (head, status) in REFUSED {
        let mut connection = Connection::to(&emulator);
        for _ in 0..50 {
            assert_eq!(connection.send(head, &body), (status, true), "{head}");
            assert_eq!(connection.send_chunks(head, &body), (status, true), "{head}");
        }
        assert_eq!(connection.send("GET /endpoints HTTP/1.1", b""), (200, true));
    }
}

#[test]
fn a_connection_ends_with_its_answer_if_much_is_left() {
    let emulator = Emulator::start().unwrap();
    let at_most = vec![b'x'; 256 * 1024];
    let too_much = vec![b'x'; 256 * 1024 + 1];
    for (head, status) in &REFUSED[..5] {
        let mut connection = Connection::to(&emulator);
        assert_eq!(connection.send(head, &at_most), (*status, true), "{head}");
        assert_eq!(connection.send_chunks(head, &at_most), (*status, true), "{head}");
        assert_eq!(connection.send(head, &too_much), (*status, false), "{head}");
        assert!(connection.has_ended(), "{head}");
        let mut connection = Connection::to(&emulator);
        assert_eq!(connection.send_chunks(head, &too_much), (*status, false), "{head}");
        assert!(connection.has_ended(), "{head}");
    }
    let mut connection = Connection::to(&emulator);
    let body = vec![b' '; 4 * 1024 * 1024 + 1];
    assert_eq!(connection.send("POST /managed-redis/v1/clusters HTTP/1.1", &body), (413, false));
    assert!(connection.has_ended());
}

#[test]
fn a_body_that_waits_to_be_asked_for_is_not_asked_for_in_vain() {
    let emulator = Emulator::start().unwrap();
    let mut connection = Connection::to(&emulator);
    let head = "POST /nothing HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    connection.0.get_mut().write_all(head.as_bytes()).unwrap();
    assert_eq!(connection.answer(), (404, false));
    assert!(connection.has_ended());
}

#[test]
fn who_sends_no_more_is_answered_all_the_same() {
    let emulator = Emulator::start().unwrap();
    let mut connection = Connection::to(&emulator);
    let head = "POST /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nx";
    connection.0.get_mut().write_all(head.as_bytes()).unwrap();
    assert_eq!(connection.answer(), (404, false));
}

#[test]
fn what_is_no_http_is_told_so() {
    let emulator = Emulator::start().unwrap();
    let list = "GET /managed-redis/v1/clusters?folderId=b1gfolder&filter=name=";
    let too_long = format!("GET /{} HTTP/1.1", "a".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\n{}a: b", "a: b\r\n".repeat(200));
    let broken = [
        (format!("{list}\"orders\" HTTP/1.1"), 400, "must be escaped, such as %22"),
        ("GET / HTTP/1.1\r\nno header".into(), 400, "a header breaks the grammar"),
        (too_long, 414, "Its URI is too long"),
        (many, 431, "Its headers are too large"),
    ];
    for (head, status, word) in broken {
        let mut connection = Connection::to(&emulator);
        assert_eq!(connection.send(&format!("{list}%22orders%22 HTTP/1.1"), b""), (200, true));
        let stream = connection.0.get_mut();
        stream.write_all(format!("{head}\r\nhost: localhost\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        connection.0.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.contains("connection: close") && head.contains("x-request-id: "), "{head}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["code"], 3);
        assert!(body["message"].as_str().unwrap().contains(word), "{body}");
    }
}
