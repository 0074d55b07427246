//! gRPC and REST give the same for the same call: each RPC by both doors, with generated requests, in two universes that are
//! copies of one.

use std::collections::BTreeSet;

use mdb_emulator::contract::HttpRule;
use mdb_emulator::contract::proto::mdb::emulator::v1::{
    CreateUniverseRequest, DeleteUniverseRequest, ForkUniverseRequest,
};
use mdb_emulator::worlds::MachineClock;
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage, Value};
use serde_json::json;

use crate::client::{Answer, Http, escaped};
use crate::common::*;
use crate::generated::{self, Choices, descriptor, with_doubles};
use crate::things::Things;

/// Requests of each RPC.
const REQUESTS: u64 = 24;

/// The http status of each code.
const STATUSES: [u16; 17] = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];

/// What has come of a call: the reply, or the whole status; and when to look again.
#[derive(Debug, PartialEq)]
struct Outcome {
    code: i64,
    body: serde_json::Value,
    poll_interval: Option<String>,
}

/// A server on a machine whose clock stands: a universe's clock that is let go on goes with it.
pub fn standing() -> Cloud {
    let noon = "2026-01-31T12:00:00Z".parse().unwrap();
    Cloud::start_with(|options| options.machine = MachineClock::from_source(move || noon))
}

#[test]
fn both_doors_give_the_same_for_the_same_call() {
    let (mut things, cloud) = Things::gathered();
    let (mut accepted, mut refused) = (BTreeSet::new(), BTreeSet::new());
    let (mut calls, mut rules_used) = (0, BTreeSet::new());
    for (number, method) in METHODS.iter().enumerate() {
        let (grpc, rest) = doors(&cloud, method);
        // Refusals repeat it.
        let (grpc, rest) = (grpc.with_header("x-request-id", "the-same"), rest.with("x-request-id", "the-same"));
        let (mut sent, mut unsayable) = (0, 0);
        for request_number in 0..REQUESTS {
            let bytes = noise(number as u64 * REQUESTS + request_number);
            let mut choices = Choices(&bytes);
            let message = things.request(method, &mut choices);
            let key = choices.once_in(4).then(|| format!("key-{}", choices.below(3)));
            let (grpc, rest) = match &key {
                Some(key) => (grpc.with_header("idempotency-key", key), rest.with("idempotency-key", key)),
                None => (grpc.clone(), rest.clone()),
            };
            // Of several rules, any that can say it.
            let first = choices.below(method.http.len());
            let mut rules = method.http[first..].iter().chain(&method.http[..first]);
            let Some((rule, answer)) = rules.find_map(|rule| Some((rule, over_rest(&rest, rule, &message)?))) else {
                unsayable += 1;
                continue;
            };
            let by_grpc = by_grpc(method, &grpc.call_raw(method.path, message.encode_to_vec()));
            let sent_message =
                serde_json::to_value(&message).map_or_else(|_| format!("{message:?}"), |json| json.to_string());
            assert_eq!(by_rest(&answer), by_grpc, "{} with {sent_message} and key {key:?}", method.path);
            assert_eq!(answer.status, STATUSES[usize::try_from(by_grpc.code).unwrap()], "{}", method.path);
            if by_grpc.code == 0 {
                accepted.insert(method.path)
            } else {
                refused.insert(method.path)
            };
            rules_used.insert((rule.verb, rule.path));
            sent += 1;
        }
        calls += sent;
        assert!(sent > unsayable, "{} of {REQUESTS} requests of {} can be sent", sent, method.path);
    }
    println!("{} RPCs by {} rules, {calls} calls over each door", METHODS.len(), rules_used.len());
    let rules = METHODS.iter().flat_map(|method| method.http);
    let left_out: Vec<&HttpRule> = rules.filter(|rule| !rules_used.contains(&(rule.verb, rule.path))).collect();
    assert!(left_out.is_empty(), "no call was made by {left_out:#?}");
    let implemented = |path: &&'static str| answers(&cloud, path);
    let never: Vec<&str> =
        METHODS.iter().map(|method| method.path).filter(|path| !accepted.contains(path)).filter(implemented).collect();
    assert!(never.is_empty(), "no request was accepted, and Things needs a sample, of {never:#?}");
    // What no request can get wrong: a list of everything.
    assert!(
        refused.len() >= METHODS.len() - 1,
        "{:?}",
        METHODS.iter().map(|method| method.path).filter(|path| !refused.contains(path)).collect::<Vec<_>>()
    );
}

/// Whether an RPC does anything but say that it is not implemented.
fn answers(cloud: &Cloud, path: &'static str) -> bool {
    cloud.call_raw(path, Vec::new()).err().is_none_or(|status| status.code() != Code::Unimplemented)
}

/// A client of each door, in worlds that are the same. What manages the universes of a process needs two of those.
fn doors(cloud: &Cloud, method: &Method) -> (Cloud, Http) {
    if method.service.ends_with(".UniverseService") {
        let with_universes = || {
            let cloud = standing();
            for universe_id in ["a", "b"] {
                let universe =
                    CreateUniverseRequest { universe_id: universe_id.into(), seed: 7, frozen_at: Some(cloud.now()) };
                cloud.run(cloud.universes().create(universe)).unwrap();
            }
            cloud
        };
        let other = with_universes();
        // The client keeps its server alive.
        let http = Http::new(&other);
        std::mem::forget(other);
        return (with_universes(), http);
    }
    for universe_id in ["grpc", "rest"] {
        // The one of the method before, if there is one.
        _ = cloud.run(cloud.universes().delete(DeleteUniverseRequest { universe_id: universe_id.into() }));
        let fork = ForkUniverseRequest { source_universe_id: "default".into(), universe_id: universe_id.into() };
        cloud.run(cloud.universes().fork(fork)).unwrap();
    }
    (cloud.in_universe("grpc"), Http::new(cloud).with("x-mdb-universe", "rest"))
}

fn by_grpc(method: &Method, outcome: &Result<tonic::Response<bytes::Bytes>, Status>) -> Outcome {
    let (code, message_type, bytes, headers) = match outcome {
        Ok(reply) => (0, method.response, reply.get_ref().as_ref(), reply.metadata()),
        Err(status) => (status.code() as i64, "google.rpc.Status", status.details(), status.metadata()),
    };
    let message = DynamicMessage::decode(descriptor(message_type), bytes).unwrap();
    let mut body = with_doubles(serde_json::to_value(&message).unwrap());
    if let Err(status) = outcome {
        body["code"] = with_doubles(json!(code));
        body["message"] = json!(status.message());
        body.as_object_mut().unwrap().entry("details").or_insert(json!([]));
    }
    let poll_interval = headers.get("x-operation-poll-interval").map(|seconds| seconds.to_str().unwrap().to_owned());
    Outcome { code, body, poll_interval }
}

fn by_rest(answer: &Answer) -> Outcome {
    let body = answer.json();
    let code = if answer.status == 200 { 0 } else { body["code"].as_i64().unwrap() };
    let poll_interval = answer.header("x-operation-poll-interval").map(str::to_owned);
    Outcome { code, body: with_doubles(body), poll_interval }
}

/// Sends a message by a rule, unless its path or query has no place for what the message has.
fn over_rest(http: &Http, rule: &HttpRule, message: &DynamicMessage) -> Option<Answer> {
    let mut rest = message.clone();
    let mut target = String::new();
    let mut template = rule.path;
    while let Some((before, after)) = template.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        let value = rest.get_field_by_name(name).unwrap().as_str().unwrap().to_owned();
        if value.is_empty() {
            return None;
        }
        rest.clear_field_by_name(name);
        target += &(before.to_owned() + &escaped(&value));
        template = after;
    }
    target += template;
    if rule.body == "*" {
        return Some(http.send(rule.verb, &target, body(&rest).to_string().as_bytes()));
    }
    let mut query = Vec::new();
    if !add_to_query(&mut query, "", &rest) {
        return None;
    }
    if !query.is_empty() {
        target = target + "?" + &query.join("&");
    }
    Some(http.send(rule.verb, &target, b""))
}

/// A message as JSON by another implementation, which cannot say every mask.
fn body(message: &DynamicMessage) -> serde_json::Value {
    let mut message = message.clone();
    let mut mask = None;
    if let Some(field) = message.descriptor().get_field_by_name("update_mask").filter(|field| message.has_field(field))
    {
        mask = Some(mask_in_json(&message, &field));
        message.clear_field(&field);
    }
    let mut body = serde_json::to_value(&message).unwrap();
    if let Some(mask) = mask {
        body["updateMask"] = json!(mask);
    }
    body
}

/// The paths of a mask in the names that the descriptors have for JSON.
fn mask_in_json(message: &DynamicMessage, field: &FieldDescriptor) -> String {
    let mask = message.get_field(field);
    let paths = mask.as_message().unwrap().get_field_by_name("paths").unwrap().into_owned();
    let in_json = |path: &Value| {
        let mut within = Some(message.descriptor());
        let mut names = Vec::new();
        for name in path.as_str().unwrap().split('.') {
            let field = within.as_ref().and_then(|message| message.get_field_by_name(name)).unwrap();
            names.push(field.json_name().to_owned());
            within = field.kind().as_message().cloned();
        }
        names.join(".")
    };
    paths.as_list().unwrap().iter().map(in_json).collect::<Vec<_>>().join(",")
}

/// Adds the fields of a message to a query; returns whether it could, for it has no place for lists of messages.
fn add_to_query(query: &mut Vec<String>, prefix: &str, message: &DynamicMessage) -> bool {
    generated::fields(message).into_iter().all(|(field, value)| {
        let name = format!("{prefix}{}", field.json_name());
        let mut add = |value: &Value| {
            let text = match (one_value(&field, value), value) {
                (serde_json::Value::Object(_), Value::Message(inner)) => {
                    return !field.is_list() && add_to_query(query, &format!("{name}."), inner);
                }
                (serde_json::Value::String(text), _) => text,
                (other, _) => other.to_string(),
            };
            query.push(format!("{}={}", escaped(&name), escaped(&text)));
            true
        };
        match &value {
            Value::List(values) => values.iter().all(add),
            Value::Map(_) => panic!("no query has a map, but {name} is one"),
            value => add(value),
        }
    })
}

/// One value of a field as JSON.
fn one_value(field: &FieldDescriptor, value: &Value) -> serde_json::Value {
    match value {
        Value::Message(message) => serde_json::to_value(message).unwrap(),
        Value::EnumNumber(number) => match field.kind().as_enum().and_then(|known| known.get_value(*number)) {
            Some(known) => json!(known.name()),
            None => json!(number),
        },
        Value::String(text) => json!(text),
        Value::Bool(value) => json!(value),
        Value::I32(value) => json!(value),
        Value::I64(value) => json!(value),
        Value::U64(value) => json!(value),
        other => panic!("no query has {other:?}"),
    }
}

/// Bytes without any order, the same for the same number.
fn noise(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..200).flat_map(|_| next()).collect()
}
