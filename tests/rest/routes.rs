//! Every http rule leads to its RPC, and nothing else leads anywhere.

use std::collections::BTreeSet;

use crate::client::Http;
use crate::common::*;
use serde_json::json;

/// A path of a rule's template, with values such as ids have.
fn path_of(template: &str) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, after) = after.split_once('}').unwrap();
        path.push_str(before);
        path.push_str("c9qnothing:mdbnothing");
        rest = after;
    }
    path + rest
}

#[test]
fn every_rpc_has_a_rule_and_every_rule_leads_to_its_rpc() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let mut reached = BTreeSet::new();
    for method in &METHODS {
        assert!(!method.http.is_empty(), "{}", method.path);
        for rule in method.http {
            assert!(reached.insert((rule.verb, rule.path)), "{} {} is of two RPCs", rule.verb, rule.path);
            // What no message has is refused by the RPC's own request, which names itself.
            let answer = http.send(rule.verb, &format!("{}?surely.nothing=1", path_of(rule.path)), b"");
            let violation = ("surely".to_owned(), format!("is no field of {}", method.request));
            assert_eq!(answer.violation(), violation, "{} {}", rule.verb, rule.path);
        }
    }
    assert_eq!(
        reached.len(),
        METHODS.len() + 1 + 5,
        "one rule each, one verb more for Cancel and one path more for each call of the clock"
    );
}

#[test]
fn every_rpc_answers_over_rest_with_the_code_of_grpc() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    for method in &METHODS {
        let rule = &method.http[0];
        if rule.path.contains('{') {
            continue;
        }
        let over_grpc = cloud.call_raw(method.path, Vec::new()).map_or_else(|status| status.code() as i64, |_| 0);
        let answer = http.send(rule.verb, rule.path, b"");
        assert_eq!(answer.json()["code"].as_i64().unwrap_or(0), over_grpc, "{}", method.path);
    }
}

#[test]
fn streams_are_not_implemented_as_over_grpc() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let answer = Http::new(&cloud).get(&format!("/managed-redis/v1/clusters/{id}:stream_logs?serviceType=REDIS"));
    let message = "yandex.cloud.mdb.redis.v1.ClusterService.StreamLogs is not implemented by the emulator";
    assert_eq!(answer.refused(501), (12, message.into()));
}

#[test]
fn ids_with_colons_are_whole_escaped_or_not() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let id = cloud.created::<Redis>("orders");
    let backup = cloud.backed_up::<Redis>(&id).id;
    let (left, right) = backup.split_once(':').unwrap();
    let plain = http.get(&format!("/managed-redis/v1/backups/{backup}")).ok();
    assert_eq!(plain["id"], json!(backup));
    assert_eq!(http.get(&format!("/managed-redis/v1/backups/{left}%3A{right}")).ok(), plain);
    assert_eq!(http.get(&format!("/managed-redis/v1/backups/{left}%3a{right}")).ok(), plain);
    // A verb comes after the last colon, and an escaped one is a part of the id.
    let of_another = http.send("POST", &format!("/managed-redis/v1/clusters/{id}:mdb1:backup"), b"").refused(404);
    assert_eq!(of_another.1, format!("Cluster {id}:mdb1 not found"));
    let escaped = http.get(&format!("/managed-redis/v1/clusters/{id}%3Abackup")).refused(404);
    assert_eq!(escaped.1, format!("Cluster {id}:backup not found"));
    let slash = http.get("/managed-redis/v1/clusters/a%2Fb%20%D0%B9").refused(404);
    assert_eq!(slash.1, "Cluster a/b й not found");
}

#[test]
fn a_path_of_no_rpc_is_not_found() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    for path in [
        "/",
        "/managed-redis",
        "/managed-redis/v1/clusters/",
        "//endpoints",
        "/endpoints/",
        "/Endpoints",
        "/endpoints/a/b",
    ] {
        for verb in ["GET", "POST", "HEAD", "OPTIONS", "BREW"] {
            let answer = http.send(verb, path, b"");
            assert_eq!(answer.status, 404, "{verb} {path}");
            if verb != "HEAD" {
                assert_eq!(answer.refused(404), (5, format!("There is nothing at {path}")), "{verb} {path}");
            }
        }
    }
    // The path of an RPC is of gRPC alone.
    let path = "/yandex.cloud.mdb.redis.v1.ClusterService/Get";
    assert_eq!(http.post(path, &json!({})).refused(404).1, format!("There is nothing at {path}"));
}

#[test]
fn another_verb_is_told_which_ones_there_are() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let cases = [
        ("PUT", "/endpoints", "GET, HEAD, OPTIONS"),
        ("BREW", "/managed-redis/v1/clusters/x", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("GET", "/managed-redis/v1/clusters/x:backup", "OPTIONS, POST"),
        ("HEAD", "/managed-redis/v1/clusters/x:backup", "OPTIONS, POST"),
        ("DELETE", "/operations/x:cancel", "GET, HEAD, OPTIONS, POST"),
    ];
    for (verb, path, allowed) in cases {
        let answer = http.send(verb, path, b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{verb} {path}");
        if verb != "HEAD" {
            assert_eq!(answer.refused(405), (12, format!("{path} takes {allowed}, but not {verb}")));
        }
        let options = http.send("OPTIONS", path, b"");
        assert_eq!((options.status, options.header("allow"), options.body.len()), (204, Some(allowed), 0));
    }
}

#[test]
fn head_is_get_without_a_body() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    for path in ["/endpoints", "/operations/nothing"] {
        let (head, get) = (http.send("HEAD", path, b""), http.get(path));
        assert_eq!((head.status, head.body.len()), (get.status, 0));
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{name}");
        }
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    }
}
