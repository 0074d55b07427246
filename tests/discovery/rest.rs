//! The same over REST: endpoints, tokens, who is let in, and where clusters are.

use serde_json::{Value, json};

use crate::authentication::{NO_CONTROL_TOKEN, NO_TOKEN};
use crate::client::{Answer, Http};
use crate::signing::Robot;
use crate::*;

const OTHER_UNIVERSE: &str = "x-mdb-universe";

fn traded_for(http: &Http, credential: &str, value: &str) -> Value {
    http.post("/iam/v1/tokens", &json!({ credential: value })).ok()
}

/// A client that carries a token of a user.
fn let_in(http: &Http) -> Http {
    let token = traded_for(http, "yandexPassportOauthToken", OAUTH)["iamToken"].as_str().unwrap().to_owned();
    http.with("authorization", &format!("Bearer {token}"))
}

#[track_caller]
fn shut_out(answer: &Answer, message: &str) {
    assert_eq!(answer.refused(401), (16, message.to_owned()));
    let info = json!([{"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "of-this-call"}]);
    assert_eq!(answer.json()["details"], info);
    assert_eq!(answer.header("x-request-id"), Some("of-this-call"));
}

#[test]
fn endpoints_are_found_by_get() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let address = cloud.emulator().address().to_string();
    let listed = http.get("/endpoints").ok();
    let listed = listed["endpoints"].as_array().unwrap();
    assert!(listed.contains(&json!({"id": "managed-mysql", "address": address})), "{listed:?}");
    for endpoint in listed {
        let id = endpoint["id"].as_str().unwrap();
        assert_eq!(http.get(&format!("/endpoints/{id}")).ok(), *endpoint);
    }
}

#[test]
fn a_token_is_the_same_over_either_door() {
    let cloud = guarded();
    let http = Http::new(&cloud);
    let over_rest = traded_for(&http, "yandexPassportOauthToken", OAUTH);
    assert_eq!(over_rest["iamToken"], user_token(&cloud));
    assert_eq!(over_rest["expiresAt"], "2026-02-01T00:00:00Z");
    let robot = Robot::new();
    let jwt = robot.jwt(cloud.now().seconds);
    let token = traded_for(&http, "jwt", &jwt)["iamToken"].as_str().unwrap().to_owned();
    assert_eq!(token, traded(&cloud, Identity::Jwt(jwt)).unwrap().iam_token);
    let started = Redis::create(&bearing(&cloud, &token), Redis::new_cluster("main")).unwrap();
    let operation = let_in(&http).get(&format!("/operations/{}", started.id)).ok();
    assert_eq!(operation["createdBy"], robot.id);
}

#[test]
fn every_route_wants_its_token_whatever_the_request() {
    let cloud = guarded();
    let http = Http::new(&cloud).with("x-request-id", "of-this-call");
    let bearer = let_in(&http);
    let manager = http.with("authorization", &format!("Bearer {}", cloud.emulator().control_token()));
    let mut guarded = 0;
    for method in &METHODS {
        let open = method.service == "yandex.cloud.endpoint.ApiEndpointService"
            || method.path == "/yandex.cloud.iam.v1.IamTokenService/Create";
        // What is the emulator's own wants another token.
        let control = method.service.starts_with("mdb.emulator.");
        let (wanted, bearer) = if control { (NO_CONTROL_TOKEN, &manager) } else { (NO_TOKEN, &bearer) };
        for rule in method.http {
            let target = rule.path.replace(['{', '}'], "");
            for body in ["", "no JSON"] {
                let body = if rule.body.is_empty() { "" } else { body };
                let answer = http.send(rule.verb, &target, body.as_bytes());
                if open {
                    assert_ne!(answer.status, 401, "{} {target}", rule.verb);
                } else {
                    shut_out(&answer, wanted);
                    let answer = bearer.send(rule.verb, &target, body.as_bytes());
                    assert_ne!(answer.status, 401, "{} {target} with a token", rule.verb);
                    guarded += 1;
                }
            }
        }
    }
    assert!(guarded > 2 * 200, "{guarded}");
}

#[test]
fn a_token_expires_and_is_of_its_universe() {
    let cloud = guarded();
    let http = Http::new(&cloud).with("x-request-id", "of-this-call");
    let bearer = let_in(&http);
    let list = "/managed-redis/v1/clusters?folderId=b1gfolder";
    bearer.get(list).ok();
    let manager = http.with("authorization", &format!("Bearer {}", cloud.emulator().control_token()));
    manager.post("/mdb-emulator/v1/universes", &json!({"universeId": "other", "seed": "8"})).ok();
    let bad = "Token is invalid or has expired.";
    shut_out(&bearer.with(OTHER_UNIVERSE, "other").get(list), bad);
    shut_out(&http.with("authorization", "Bearer t1.made.up").get(list), bad);
    cloud.advance(12 * HOUR);
    shut_out(&bearer.get(list), bad);
    let_in(&http).get(list).ok();
}

#[test]
fn no_refusal_repeats_a_credential() {
    let cloud = guarded();
    let http = Http::new(&cloud);
    let secret = "not-for-your-eyes";
    let bodies = [
        format!(r#"{{"yandexPassportOauthToken": ["{secret}"]}}"#),
        format!(r#"{{"yandexPassportOauthToken": "{secret}"#),
        format!(r#"{{"yandexPassportOauthToken": "{secret}", "jwt": "{secret}"}}"#),
        format!(r#"{{"yandexPassportOauthToken": "{secret}\ud800"}}"#),
        format!(r#"{{"jwt": "{secret}"}}"#),
        format!(r#"{{"jwt": "{}"}}"#, secret.repeat(1000)),
    ];
    for body in bodies {
        let answer = http.send("POST", "/iam/v1/tokens", body.as_bytes());
        assert!([400, 401].contains(&answer.status), "{body}");
        assert!(!String::from_utf8_lossy(&answer.body).contains(secret), "{answer:?}");
    }
    let answer = let_in(&http).post("/iam/v1/tokens:revoke", &json!({"iamToken": secret}));
    assert_eq!(answer.status, 400);
    assert!(!String::from_utf8_lossy(&answer.body).contains(secret), "{answer:?}");
}

#[test]
fn places_are_the_same_over_either_door() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let networks = http.get("/vpc/v1/networks?folderId=b1gfolder").ok();
    let network = &networks["networks"][0];
    let id = network["id"].as_str().unwrap();
    assert_eq!(http.get(&format!("/vpc/v1/networks/{id}")).ok(), *network);
    assert_eq!(cloud.cluster::<Redis>(&cloud.created::<Redis>("main")).network_id, id);
    let subnets = http.get("/vpc/v1/subnets?folderId=b1gfolder&pageSize=2").ok();
    assert_eq!(subnets["subnets"].as_array().unwrap().len(), 2);
    assert_eq!(http.get(&format!("/vpc/v1/networks/{id}/subnets?pageSize=2")).ok()["subnets"], subnets["subnets"]);
    let groups = http.get(&format!("/vpc/v1/networks/{id}/security_groups")).ok();
    assert_eq!(groups["securityGroups"][0]["id"], network["defaultSecurityGroupId"]);
    let clouds = http.get("/resource-manager/v1/clouds").ok();
    let cloud_id = clouds["clouds"][0]["id"].as_str().unwrap();
    let folders = http.get(&format!("/resource-manager/v1/folders?cloudId={cloud_id}")).ok();
    let ids: Vec<&str> =
        folders["folders"].as_array().unwrap().iter().map(|folder| folder["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["b1gdefault0000000000", "b1gfolder"]);
    let (code, _) = http.get("/vpc/v1/networks/enp00000000000000000").refused(404);
    assert_eq!(code, 5);
    let made = http.post("/vpc/v1/networks", &json!({"folderId": "b1gfolder", "name": "another"})).ok();
    let made = http.get(&format!("/operations/{}", made["id"].as_str().unwrap())).ok();
    assert_eq!((&made["done"], &made["response"]["name"]), (&json!(true), &json!("another")));
    let networks = http.get("/vpc/v1/networks?folderId=b1gfolder").ok();
    assert_eq!(networks["networks"].as_array().unwrap().len(), 2);
}
