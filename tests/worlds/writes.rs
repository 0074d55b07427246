//! What a run of writes costs: nothing is published as long as nobody looks, so nothing is copied for readers.

use std::sync::Arc;

use allocation_counter::measure;
use http_body_util::{BodyExt, Full};
use mdb_emulator::Options;
use mdb_emulator::handlers::Connection;
use mdb_emulator::server::{Dispatcher, Rest};
use mdb_emulator::universe::Auth;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tonic::codegen::http::Request;

const CLUSTERS: usize = 64;

/// A server without a socket, all of whose work is done on the test's own thread.
struct Inside {
    rest: Rest,
    runtime: Runtime,
    token: String,
}

impl Inside {
    fn new(auth: Auth) -> Self {
        let options = Options { clock: "2026-01-31T12:00:00Z".parse().ok(), auth, ..Options::default() };
        let rest = Rest::new(Dispatcher::new(Arc::new(options.universes()), Connection::INSIDE));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let inside = Self { rest, runtime, token: String::new() };
        let reply = inside.call("POST", "/iam/v1/tokens", &json!({"yandexPassportOauthToken": "anybody's"}));
        Self { token: reply["iamToken"].as_str().unwrap().to_owned(), ..inside }
    }

    fn call(&self, verb: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = Request::builder().method(verb).uri(path).header("host", "localhost");
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let answer = self.rest.answer(request.body(Full::from(body)).unwrap());
        let body = self.runtime.block_on(async { answer.await.into_body().collect().await.unwrap().to_bytes() });
        serde_json::from_slice(&body).unwrap()
    }

    fn created(&self, name: &str) -> String {
        let cluster = json!({
            "folderId": "b1gfolder", "name": name, "environment": "PRODUCTION",
            "configSpec": {
                "version": "8.1-valkey",
                "resources": {"resourcePresetId": "hm3-c2-m8", "diskSize": "17179869184"},
            },
            "hostSpecs": [{"zoneId": "ru-central1-a"}],
        });
        let operation = self.call("POST", "/managed-redis/v1/clusters", &cluster);
        operation["metadata"]["clusterId"].as_str().unwrap().to_owned()
    }

    fn backup(&self, cluster: &str) {
        let operation = self.call("POST", &format!("/managed-redis/v1/clusters/{cluster}:backup"), &Value::Null);
        assert_eq!(operation["metadata"]["clusterId"], *cluster);
    }

    fn get(&self, cluster: &str) {
        assert_eq!(self.call("GET", &format!("/managed-redis/v1/clusters/{cluster}"), &Value::Null)["id"], *cluster);
    }
}

#[test]
fn writes_copy_nothing_for_readers_that_do_not_come() {
    copies_for_readers_alone(Auth::Off);
}

#[test]
fn to_ask_for_tokens_copies_nothing_either() {
    copies_for_readers_alone(Auth::Token);
}

#[track_caller]
fn copies_for_readers_alone(auth: Auth) {
    let inside = Inside::new(auth);
    let clusters: Vec<String> = (0..CLUSTERS).map(|number| inside.created(&format!("cluster-{number}"))).collect();
    let bytes_of = |work: &dyn Fn(&String)| {
        clusters.iter().for_each(work);
        measure(|| clusters.iter().for_each(work)).bytes_total
    };
    let writes = bytes_of(&|cluster| inside.backup(cluster));
    let reads = bytes_of(&|cluster| inside.get(cluster));
    let both = bytes_of(&|cluster| {
        inside.backup(cluster);
        inside.get(cluster);
    });
    let copied = both - reads - writes;
    assert!(copied > writes / 2, "{writes} bytes for writes, {copied} more where each is looked at");
}
