//! The http status of each code that a call is answered with.

use std::collections::BTreeMap;

use crate::client::{Answer, Http};
use crate::common::*;
use serde_json::json;

/// The status and code of an answer.
fn both(answer: &Answer) -> (u16, i64) {
    (answer.status, answer.json()["code"].as_i64().unwrap_or(0))
}

#[test]
fn a_refusal_has_the_status_of_its_code() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let id = cloud.created::<Redis>("orders");
    let cluster = format!("/managed-redis/v1/clusters/{id}");
    let universe = json!({"universeId": "a"});
    http.post("/mdb-emulator/v1/universes", &universe).ok();
    let large = http.with("x-large", &"x".repeat(65 * 1024));
    let cases = [
        ("OK", http.get(&cluster), (200, 0)),
        ("INVALID_ARGUMENT", http.get("/managed-redis/v1/clusters"), (400, 3)),
        ("FAILED_PRECONDITION", http.patch(&cluster, &json!({"updateMask": "name", "name": "orders"})), (400, 9)),
        ("NOT_FOUND", http.get("/operations/nothing"), (404, 5)),
        ("ALREADY_EXISTS", http.post("/mdb-emulator/v1/universes", &universe), (409, 6)),
        ("RESOURCE_EXHAUSTED", large.get(&cluster), (429, 8)),
        ("UNIMPLEMENTED", http.get(&format!("{cluster}:logs")), (501, 12)),
    ];
    for (name, answer, expected) in &cases {
        assert_eq!(both(answer), *expected, "{name}");
    }
    let message = large.get(&cluster).refused(429).1;
    assert!(message.starts_with("The metadata of a call must have at most 65536 bytes"), "{message}");
    let guarded = Cloud::start_with(|options| options.auth = mdb_emulator::universe::Auth::Token);
    assert_eq!(both(&Http::new(&guarded).get(&cluster)), (401, 16));
}

#[test]
fn http_has_its_own_words_for_some() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let of = |answer: Answer| both(&answer);
    assert_eq!(of(http.get("/nothing")), (404, 5));
    assert_eq!(of(http.delete("/endpoints")), (405, 12));
    let zipped = http.with("content-encoding", "gzip");
    assert_eq!(of(zipped.send("POST", "/managed-redis/v1/clusters", b"\x1f\x8b")), (415, 3));
    let long = vec![b' '; 4 * 1024 * 1024 + 1];
    assert_eq!(of(http.send("POST", "/managed-redis/v1/clusters", &long)), (413, 8));
    // What is refused for another reason has the status of its code, whatever the body was.
    let elsewhere = zipped.with("x-mdb-universe", "nowhere");
    assert_eq!(of(elsewhere.send("POST", "/managed-redis/v1/clusters", b"\x1f\x8b")), (404, 5));
}

/// Sends a body in chunks, as they are, and then nothing more.
fn chunked(cloud: &Cloud, chunks: &str) -> (i64, String, u16) {
    let head = "POST /managed-redis/v1/clusters HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = Http::new(cloud).send_to_the_end(format!("{head}{chunks}").as_bytes());
    let (code, message) = answer.refused(answer.status);
    (code, message, answer.status)
}

#[test]
fn a_body_that_breaks_off_is_a_call_that_was_given_up() {
    let cloud = Cloud::start();
    for chunks in ["", "2\r\n{", "2\r\n{}\r\n", "2\r\n{}\r\n0\r\n"] {
        let (code, message, status) = chunked(&cloud, chunks);
        assert_eq!((code, status), (1, 499), "{chunks:?}: {message}");
        assert!(message.starts_with("The body did not come to its end: "), "{chunks:?}: {message}");
    }
}

#[test]
fn a_body_that_is_framed_wrongly_is_the_clients_fault() {
    let cloud = Cloud::start();
    for chunks in
        ["no length\r\n", "2\r\n{}\r\nno length\r\n", "2\r\n{}too long\r\n", "-1\r\n", "99999999999999999\r\n"]
    {
        let (code, message, status) = chunked(&cloud, chunks);
        assert_eq!((code, status), (3, 400), "{chunks:?}: {message}");
        assert!(message.starts_with("The body is not framed as HTTP has it: "), "{chunks:?}: {message}");
    }
}

#[test]
fn a_door_is_chosen_by_the_content_type() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let path = "/mdb-emulator/v1/clock:freeze";
    for content_type in ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/grp", ""] {
        let answer = http.with("content-type", content_type).send("POST", path, b"{}");
        assert_eq!(answer.ok()["frozen"], json!(true), "{content_type}");
    }
    // An empty body is an empty message.
    assert_eq!(http.send("POST", path, b"").ok()["frozen"], json!(true));
    for content_type in ["application/grpc", "application/grpc+proto", "APPLICATION/GRPC"] {
        let answer = http.with("content-type", content_type).send("POST", path, b"\0\0\0\0\0");
        let headers: BTreeMap<&str, &str> =
            answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!((answer.status, headers.get("grpc-status")), (200, Some(&"12")), "{content_type}: {headers:?}");
    }
}
