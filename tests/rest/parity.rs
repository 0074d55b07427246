//! gRPC and REST give the same for the same call: each RPC by both doors, with generated requests, in two universes that are
//! copies of one.

use std::collections::{BTreeMap, BTreeSet};

use mdb_emulator::contract::HttpRule;
use mdb_emulator::contract::proto::mdb::emulator::v1::{
    CreateUniverseRequest, DeleteUniverseRequest, ForkUniverseRequest,
};
use mdb_emulator::worlds::MachineClock;
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use serde_json::json;

use crate::client::{Answer, Http, escaped};
use crate::common::*;
use crate::generated::{self, Choices, descriptor, with_doubles};

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
fn standing() -> Cloud {
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
        // Some refusals repeat it.
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

/// What the world has that a request may speak of.
#[derive(Default)]
struct Things {
    /// Values of fields, by the package and name; of any package if that is empty.
    values: BTreeMap<(&'static str, &'static str), Vec<String>>,
    /// Requests to begin with, by their type.
    samples: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Things {
    /// A server with things, and what it has.
    fn gathered() -> (Self, Cloud) {
        let cloud = standing();
        let mut things = Self::default();
        things.fill::<Redis>(&cloud, "yandex.cloud.mdb.redis.v1");
        things.fill::<Mysql>(&cloud, "yandex.cloud.mdb.mysql.v1");
        things.fill::<SqlServer>(&cloud, "yandex.cloud.mdb.sqlserver.v1");
        things.fill::<Spqr>(&cloud, "yandex.cloud.mdb.spqr.v1");
        things.fill_database::<Mysql>("yandex.cloud.mdb.mysql.v1");
        things.fill_database::<SqlServer>("yandex.cloud.mdb.sqlserver.v1");
        things.fill_database::<Spqr>("yandex.cloud.mdb.spqr.v1");
        things.fill_managed::<Redis>("yandex.cloud.mdb.redis.v1");
        things.fill_managed::<Mysql>("yandex.cloud.mdb.mysql.v1");
        things.fill_managed::<Spqr>("yandex.cloud.mdb.spqr.v1");
        // Restores to the moment of a backup have to find it in the past.
        cloud.advance(HOUR);
        let universes: &[&str] = &["a", "b", "a", "b", "default", "new", "Not!"];
        let anywhere: [(&'static str, &[&str]); 18] = [
            ("folder_id", &[FOLDER, FOLDER, "b1gother"]),
            ("destination_folder_id", &["b1gother", FOLDER]),
            ("user_name", &["shop", "shop", "nobody"]),
            ("database_name", &["orders", "orders", "nothing"]),
            ("shard_name", &["shard1", "first", "nothing"]),
            ("name", &["orders", "made", "Not A Name!"]),
            ("service_account_id", &["ajerobot000000000001", "my-robot", "no robot"]),
            ("api_endpoint_id", &["iam", "managed-redis", "nothing"]),
            ("page_size", &["0", "1", "2", "1000", "1001", "-1"]),
            ("page_token", &["", "", "", "garbage"]),
            ("filter", &["", "name=\"orders-redis\"", "name = 'orders-sqlserver'", "name"]),
            ("environment", &["1", "2", "0"]),
            ("zone_id", &["ru-central1-a", "ru-central1-b", "moon"]),
            ("description", &["", "something", "é\"\\\n"]),
            ("deletion_protection", &["true", "false"]),
            ("seed", &["0", "7", "18446744073709551615"]),
            ("source_universe_id", &["a", "default", "nothing"]),
            ("retain_for_days", &["7"]),
        ];
        for (name, values) in anywhere {
            things.add("", name, values);
        }
        things.add("mdb.emulator.v1", "universe_id", universes);
        things.fill_places(&Http::new(&cloud));
        (things, cloud)
    }

    fn add(&mut self, package: &'static str, field: &'static str, values: &[&str]) {
        self.values.entry((package, field)).or_default().extend(values.iter().map(|value| (*value).to_owned()));
    }

    fn sample<M: prost::Message + prost::Name>(&mut self, message: &M) {
        self.samples.entry(M::full_name()).or_default().push(message.encode_to_vec());
    }

    /// Clusters of an engine with a backup, and what can be asked of them.
    fn fill<E: Sample>(&mut self, cloud: &Cloud, package: &'static str) {
        let running = cloud.created::<E>(&format!("orders-{}", E::PACKAGE));
        let backup = cloud.backed_up::<E>(&running);
        let operations: Vec<String> =
            cloud.operations::<E>(&running).into_iter().map(|operation| operation.id).collect();
        let stopped = cloud.created::<E>(&format!("stopped-{}", E::PACKAGE));
        cloud.backed_up::<E>(&stopped);
        cloud.stop::<E>(&stopped);
        for field in ["cluster_id", "resource_id", "source_cluster_id"] {
            self.add(package, field, &[&running, &running, &running, &stopped, "nothing"]);
        }
        self.add(package, "backup_id", &[backup.id(), backup.id(), "nothing:mdb1"]);
        self.add("", "operation_id", &[&operations[0], &operations[1], "nothing"]);
        self.sample(&E::new_cluster("made"));
        self.sample(&E::restore_of(&backup, "restored"));
        let mut start = E::StartClusterRequest::default();
        start.set_cluster_id(stopped);
        self.sample(&start);
        let mut user = E::CreateUserRequest::default();
        user.set_cluster_id(running.clone());
        user.set_user_spec(Some(E::new_user("made")));
        self.sample(&user);
        let mut update = E::UpdateClusterRequest::default();
        update.set_cluster_id(running);
        update.set_description("changed".into());
        update.set_update_mask(mask(&["description", "labels"]));
        self.sample(&update);
    }

    /// What is around clusters.
    fn fill_places(&mut self, http: &Http) {
        let first = |path: &str, list: &str| {
            let page = http.get(path).ok();
            page[list][0]["id"].as_str().expect(path).to_owned()
        };
        let network = first(&format!("/vpc/v1/networks?folderId={FOLDER}"), "networks");
        let subnet = first(&format!("/vpc/v1/subnets?folderId={FOLDER}"), "subnets");
        let group = first(&format!("/vpc/v1/securityGroups?folderId={FOLDER}"), "securityGroups");
        let cloud = first("/resource-manager/v1/clouds", "clouds");
        let token = http.post("/iam/v1/tokens", &json!({"yandexPassportOauthToken": "y0_some"})).ok();
        self.add("yandex.cloud.vpc.v1", "network_id", &[&network, "nothing"]);
        self.add("yandex.cloud.vpc.v1", "subnet_id", &[&subnet, "nothing"]);
        self.add("yandex.cloud.vpc.v1", "security_group_id", &[&group, "nothing"]);
        self.add("yandex.cloud.resourcemanager.v1", "cloud_id", &[&cloud, "nothing"]);
        self.add("yandex.cloud.iam.v1", "iam_token", &[token["iamToken"].as_str().unwrap(), "nothing"]);
    }

    fn fill_managed<E: Sample + ManagedRpcs>(&mut self, package: &'static str) {
        let mut hosts = E::AddClusterHostsRequest::default();
        hosts.set_cluster_id(self.values[&(package, "cluster_id")][0].clone());
        hosts.set_host_specs(E::new_cluster("any").host_specs()[..1].to_vec());
        self.sample(&hosts);
    }

    fn fill_database<E: SampleDatabases>(&mut self, package: &'static str) {
        let mut database = E::CreateDatabaseRequest::default();
        database.set_cluster_id(self.values[&(package, "cluster_id")][0].clone());
        database.set_database_spec(Some(E::new_database("made")));
        self.sample(&database);
    }

    /// A value that a field may well have.
    fn plausible(&self, field: &FieldDescriptor, choices: &mut Choices<'_>) -> Option<Value> {
        let parent = field.parent_message();
        if let Kind::Message(message) = field.kind() {
            return match (message.full_name(), field.name()) {
                ("google.protobuf.FieldMask", _) => Some(some_mask(field, choices)),
                ("google.protobuf.Timestamp", "time") => Some(timestamp("2026-01-31T12:00:01Z")),
                ("google.protobuf.Timestamp", "now" | "frozen_at") => Some(timestamp("2026-01-31T14:00:00Z")),
                _ => None,
            };
        }
        let of = |package: &str| {
            let found = self.values.iter().find(|((known, name), _)| *known == package && *name == field.name());
            found.map(|(_, values)| values.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let known = of(parent.package_name()).or_else(|| of(""))?;
        let text = choices.one_of(&known);
        Some(match field.kind() {
            Kind::String => Value::String(text.into()),
            Kind::Bool => Value::Bool(text.parse().ok()?),
            Kind::Int64 => Value::I64(text.parse().ok()?),
            Kind::Uint64 => Value::U64(text.parse().ok()?),
            Kind::Enum(_) => Value::EnumNumber(text.parse().ok()?),
            _ => return None,
        })
    }

    /// A request of an RPC: a sample with some of it changed, or one of what is plausible, or one of anything.
    fn request(&mut self, method: &Method, choices: &mut Choices<'_>) -> DynamicMessage {
        let message_type = descriptor(method.request);
        let plausible = |field: &FieldDescriptor, choices: &mut Choices<'_>| self.plausible(field, choices);
        let style = choices.below(8);
        let mut message = DynamicMessage::new(message_type.clone());
        match self.samples.get(method.request) {
            Some(samples) if style < 6 => {
                let sample = &samples[choices.below(samples.len())];
                message = DynamicMessage::decode(message_type.clone(), sample.as_slice()).unwrap();
                for field in message_type.fields().filter(|_| style > 1) {
                    if choices.once_in(12) {
                        generated::set(&mut message, &field, choices, &plausible, 0);
                    }
                }
            }
            _ if style < 6 => {
                for field in message_type.fields() {
                    if !choices.once_in(6)
                        && !field.is_list()
                        && !field.is_map()
                        && let Some(value) = self.plausible(&field, choices)
                    {
                        message.set_field(&field, value);
                    }
                }
            }
            _ => message = generated::message(&message_type, choices, &plausible),
        }
        // The shortest path has a place for nothing less.
        let shortest = method.http.last().unwrap().path;
        for field in message_type.fields().filter(|field| shortest.contains(&format!("{{{}}}", field.name()))) {
            if !message.has_field(&field) {
                generated::set(&mut message, &field, choices, &plausible, 0);
            }
        }
        if method.service.ends_with(".ClockService") && !choices.once_in(8) {
            message.clear_field_by_name("universe_id");
        }
        message
    }
}

/// A mask of paths that exist in the message that has it.
fn some_mask(field: &FieldDescriptor, choices: &mut Choices<'_>) -> Value {
    let mut paths = Vec::new();
    for _ in 0..choices.below(3) {
        let mut path = Vec::new();
        let mut next = Some(field.parent_message().clone());
        while let Some(message) = next.filter(|message| message.fields().len() > 0) {
            let fields: Vec<FieldDescriptor> = message.fields().collect();
            let field = &fields[choices.below(fields.len())];
            path.push(field.name().to_owned());
            let goes_on = !field.is_list() && !field.is_map() && choices.once_in(2);
            next = field.kind().as_message().filter(|_| goes_on).cloned();
        }
        paths.push(Value::String(path.join(".")));
    }
    let mut mask = DynamicMessage::new(descriptor("google.protobuf.FieldMask"));
    mask.set_field_by_name("paths", Value::List(paths));
    Value::Message(mask)
}

fn timestamp(text: &str) -> Value {
    let time: Timestamp = text.parse().unwrap();
    let mut message = DynamicMessage::new(descriptor("google.protobuf.Timestamp"));
    message.set_field_by_name("seconds", Value::I64(time.seconds));
    Value::Message(message)
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
