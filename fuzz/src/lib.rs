//! What the fuzz targets do with their input: each reaches one reader of what clients send, through the REST door or the JSON of
//! the contract, and checks what must hold of any input. The tests drive the same functions with random input.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use mdb_emulator::Options;
use mdb_emulator::contract::schema::Message;
use mdb_emulator::contract::{json, schema};
use mdb_emulator::handlers::Connection;
use mdb_emulator::server::{Dispatcher, Rest};
use tokio::runtime::Runtime;
use tonic::codegen::http::{HeaderValue, Method, Request, Uri};

/// The types whose JSON is read and written: one with everything, one with messages of any type, and one of settings.
const TYPES: [&str; 3] = [
    "yandex.cloud.mdb.mysql.v1.CreateClusterRequest",
    "google.rpc.Status",
    "yandex.cloud.mdb.redis.v1.UpdateClusterRequest",
];

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("there are threads")
});

static REST: LazyLock<Rest> = LazyLock::new(|| {
    let options = Options { clock: "2026-01-31T12:00:00Z".parse().ok(), ..Options::default() };
    Rest::new(Dispatcher::new(Arc::new(options.universes()), Connection::INSIDE))
});

/// A verb and a target, with a space between them.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (verb, target) = text.split_once(' ').unwrap_or(("GET", text));
    send(verb, target, b"");
}

/// The query of a list and of an update.
pub fn query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    send("GET", &format!("/managed-redis/v1/clusters?{query}"), b"");
    send("PATCH", &format!("/managed-redis/v1/clusters/c9q00000000000000000?{query}"), b"");
}

/// The body of a request.
pub fn body(data: &[u8]) {
    send("POST", "/managed-mysql/v1/clusters", data);
    send("PATCH", "/managed-redis/v1/clusters/c9q00000000000000000", data);
}

/// JSON that is read, written, and read again: what was written is then written once more.
pub fn json(data: &[u8]) {
    for message in types() {
        let Ok(bytes) = json::read(message, data) else { continue };
        let once = written(message, &bytes).expect("what was read can be written");
        let again = json::read(message, &once).expect("what was written can be read");
        let twice = written(message, &again).expect("what was read can be written");
        assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
    }
}

/// Bytes that may be a message: what is written of them is JSON.
pub fn wire(data: &[u8]) {
    for message in types() {
        if let Some(json) = written(message, data) {
            serde_json::from_slice::<serde_json::Value>(&json).expect("what is written is JSON");
        }
    }
}

/// A filter, in both of its grammars.
pub fn filter(data: &[u8]) {
    let filter = escaped(data);
    send("GET", &format!("/managed-redis/v1/clusters?folderId=a&filter={filter}"), b"");
    send("GET", &format!("/mdb/sqlserver/v1/clusters?folderId=a&filter={filter}"), b"");
}

/// A page token.
pub fn page_token(data: &[u8]) {
    let token = escaped(data);
    send("GET", &format!("/managed-redis/v1/backups?folderId=a&pageToken={token}"), b"");
    send("GET", &format!("/mdb-emulator/v1/universes?pageToken={token}"), b"");
}

fn types() -> impl Iterator<Item = &'static Message> {
    TYPES.iter().filter_map(|name| schema::message(name))
}

fn written(message: &'static Message, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    json::write(message, bytes, &mut out).ok().map(|()| out)
}

fn escaped(data: &[u8]) -> String {
    data.iter().flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)]).collect()
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0')
}

/// Sends a request. Whatever it is, the answer is JSON, and the emulator is not at fault.
fn send(verb: &str, target: &str, body: &[u8]) {
    let (Ok(verb), Ok(target)) = (verb.parse::<Method>(), target.parse::<Uri>()) else { return };
    let mut request = Request::new(Full::new(Bytes::copy_from_slice(body)));
    *request.method_mut() = verb.clone();
    *request.uri_mut() = target;
    request.headers_mut().insert("host", HeaderValue::from_static("localhost"));
    let (head, body) = RUNTIME.block_on(async {
        let (head, body) = REST.answer(request).await.into_parts();
        (head, body.collect().await.expect("a reply comes to its end").to_bytes())
    });
    assert!(head.headers.contains_key("x-request-id"));
    if verb == Method::HEAD || head.status == 204 {
        assert!(body.is_empty());
        return;
    }
    let reply: serde_json::Value = serde_json::from_slice(&body).expect("a reply is JSON");
    assert!(reply.is_object());
    if head.status != 200 {
        assert!(reply["code"].is_u64() && reply["message"].is_string() && reply["details"].is_array(), "{reply}");
        assert_ne!(head.status, 500, "{reply}");
    }
}
