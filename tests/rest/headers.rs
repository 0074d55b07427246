//! The headers of REST are those of gRPC.

use std::collections::BTreeSet;

use crate::client::Http;
use crate::common::*;
use mdb_emulator::universe::Auth;
use serde_json::json;

#[test]
fn every_answer_has_ids_of_its_own_whatever_it_is() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let answers = [
        http.get("/endpoints"),
        http.get("/nothing"),
        http.delete("/endpoints"),
        http.send("HEAD", "/endpoints", b""),
        http.send("OPTIONS", "/endpoints", b""),
        http.get("/managed-redis/v1/clusters"),
    ];
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 404, 405, 200, 204, 400]);
    for name in ["x-request-id", "x-server-trace-id"] {
        let ids: BTreeSet<&str> = answers.iter().map(|answer| answer.header(name).expect(name)).collect();
        assert_eq!(ids.len(), answers.len(), "{name}: {ids:?}");
    }
    let named = http.with("x-request-id", "my-own");
    assert_eq!(named.get("/endpoints").header("x-request-id"), Some("my-own"));
    assert_eq!(named.get("/nothing").header("x-request-id"), Some("my-own"));
    assert_eq!(named.send("OPTIONS", "/endpoints", b"").header("x-request-id"), Some("my-own"));
}

#[test]
fn a_header_chooses_the_universe() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let http = Http::new(&cloud);
    http.post("/mdb-emulator/v1/universes", &json!({"universeId": "empty"})).ok();
    let path = format!("/managed-redis/v1/clusters/{id}");
    assert_eq!(http.get(&path).ok()["id"], json!(id));
    assert_eq!(http.with("x-mdb-universe", "empty").get(&path).refused(404).0, 5);
    let unknown = http.with("x-mdb-universe", "nowhere").get(&path).refused(404);
    assert_eq!(unknown, (5, "Universe \"nowhere\" not found".into()));
    let too_long = http.with("x-mdb-universe", &"x".repeat(129)).get(&path).refused(400);
    assert_eq!(too_long.1, "The header x-mdb-universe must be ASCII text of at most 128 characters");
}

#[test]
fn a_key_makes_a_call_safe_to_repeat_by_either_door() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let http = Http::new(&cloud).with("idempotency-key", "once");
    let path = format!("/managed-redis/v1/clusters/{id}:backup");
    let first = http.send("POST", &path, b"").ok();
    assert_eq!(http.send("POST", &path, b"{}").ok()["id"], first["id"]);
    let request = redis::v1::BackupClusterRequest { cluster_id: id.clone() };
    let over_grpc = Redis::backup(&cloud.with_header("idempotency-key", "once"), request).unwrap();
    assert_eq!(json!(over_grpc.id), first["id"]);
    assert_eq!(cloud.backups::<Redis>(&id).len(), 1);
    let other = cloud.created::<Redis>("other");
    let reused = http.send("POST", &format!("/managed-redis/v1/clusters/{other}:backup"), b"").refused(400);
    assert_eq!(
        reused,
        (3, "The idempotency key was used for another request of this method within the last day".into())
    );
}

#[test]
fn the_poll_interval_comes_with_operations_alone() {
    let cloud = Cloud::slow(10);
    let http = Http::new(&cloud);
    let started = Redis::create(&cloud, Redis::new_cluster("orders")).unwrap();
    let path = format!("/operations/{}", started.id);
    assert_eq!(http.get(&path).header("x-operation-poll-interval"), Some("10"));
    cloud.advance(4);
    assert_eq!(http.get(&path).header("x-operation-poll-interval"), Some("6"));
    cloud.advance(6);
    assert_eq!(http.get(&path).header("x-operation-poll-interval"), Some("0"));
    assert_eq!(http.get("/endpoints").header("x-operation-poll-interval"), None);
    assert_eq!(http.get("/operations/none").header("x-operation-poll-interval"), None);
}

#[test]
fn a_path_of_a_mask_that_leads_nowhere_is_warned_of() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("orders");
    let path = format!("/managed-redis/v1/clusters/{cluster}");
    let change = json!({"updateMask": "configSpec.nonsense,description", "description": "new"});
    let answer = Http::new(&cloud).patch(&path, &change);
    answer.ok();
    let warning = "update_mask: config_spec.nonsense leads to no field and was ignored";
    assert_eq!(answer.header("x-mdb-warning"), Some(warning));
    let again = Http::new(&cloud).patch(&path, &change);
    assert_eq!(again.refused(400).1, "no changes detected");
    assert_eq!(again.header("x-mdb-warning"), None);
}

#[test]
fn addresses_are_those_by_which_the_client_came() {
    let cloud = Cloud::start_with(|options| options.tls.names = vec!["emulator.test".into()]);
    let bytes = b"GET /endpoints/managed-redis HTTP/1.1\r\nhost: emulator.test:4443\r\nconnection: close\r\n\r\n";
    let endpoint = Http::new(&cloud).send_bytes(bytes).ok();
    assert_eq!(endpoint, json!({"id": "managed-redis", "address": "emulator.test:4443"}));
}

#[test]
fn a_token_is_asked_for_before_the_request_is_looked_at() {
    let cloud = Cloud::start_with(|options| options.auth = Auth::Token);
    let http = Http::new(&cloud).with("x-request-id", "my-own");
    let body = json!({"surely": "wrong"});
    let answer = http.post("/managed-redis/v1/clusters", &body);
    assert_eq!(answer.refused(401).0, 16);
    let request = json!([{"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "my-own"}]);
    assert_eq!(answer.json()["details"], request);
    let token = http.post("/iam/v1/tokens", &json!({"yandexPassportOauthToken": "y0_some"})).ok();
    let bearer = format!("Bearer {}", token["iamToken"].as_str().unwrap());
    let known = http.with("authorization", &bearer);
    assert_eq!(known.post("/managed-redis/v1/clusters", &body).violation().0, "surely");
    http.get("/endpoints").ok();
}
