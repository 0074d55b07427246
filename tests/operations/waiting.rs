//! Calls that wait for the operation in flight on their target, where they shall not be refused.

use std::sync::Arc;
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use mdb_emulator::Options;
use mdb_emulator::contract::proto::mdb::emulator::v1::{
    CreateUniverseRequest, DeleteUniverseRequest, ResetUniverseRequest, ResumeClockRequest,
};
use mdb_emulator::handlers::Connection;
use mdb_emulator::server::{Dispatcher, Rest};
use mdb_emulator::worlds::Conflicts;
use mysql::v1::user_service_client::UserServiceClient;
use serde_json::{Value, json};
use tokio::time::Instant;
use tonic::codegen::http::Request;

use crate::common::*;

for_every_engine! {
    a_call_that_waits_is_made_when_the_operation_has_ended
}

for_every_engine_with_databases! {
    databases_and_users_are_made_one_after_the_other
}

/// How long each operation takes, in seconds.
const LENGTH: i64 = 10;

/// A server whose calls wait, with a cluster whose operations take time from now on.
fn standing<E: Sample>(change: impl FnOnce(&mut Options)) -> (Cloud, String) {
    let cloud = Cloud::start_with(|options| {
        options.conflicts = Conflicts::Wait;
        change(options);
    });
    let cluster = cloud.created::<E>("main");
    let time = format!("{LENGTH}s").parse().unwrap();
    cloud.world().change(|universe| universe.set_operation_time(time)).unwrap();
    (cloud, cluster)
}

type Begun = JoinHandle<Result<Operation, Status>>;

/// Begins a call, and lets it go.
fn begin(cloud: &Cloud, call: impl FnOnce(&Cloud) -> Result<Operation, Status> + Send + 'static) -> Begun {
    let cloud = cloud.clone();
    spawn(move || call(&cloud))
}

fn new_user<E: Sample>(cluster: &str, name: &str) -> E::CreateUserRequest {
    let mut request = E::CreateUserRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_user_spec(Some(E::new_user(name)));
    request
}

/// Begins a call that makes a user.
fn making<E: Sample>(cloud: &Cloud, cluster: &str, name: &str) -> Begun {
    let (cluster, name) = (cluster.to_owned(), name.to_owned());
    begin(cloud, move |cloud| E::create_user(cloud, new_user::<E>(&cluster, &name)))
}

#[track_caller]
fn until_waiting(cloud: &Cloud, number: usize) {
    cloud.until(&format!("{number} calls wait"), || cloud.world().waiting() == number);
}

#[track_caller]
fn answer(begun: Begun) -> Result<Operation, Status> {
    begun.join().unwrap()
}

/// Checks that a call is refused because of an operation.
#[track_caller]
fn conflicts_with<T>(outcome: Result<T, Status>, operation: &Operation) {
    let refusal = refused(outcome);
    assert_eq!(refusal.code, Code::FailedPrecondition);
    assert_eq!(refusal.message, format!("conflicting operation \"{}\" detected", operation.id));
}

fn a_call_that_waits_is_made_when_the_operation_has_ended<E: Sample>() {
    let (cloud, cluster) = standing::<E>(|_| ());
    let first = E::create_user(&cloud, new_user::<E>(&cluster, "first")).unwrap();
    let second = making::<E>(&cloud, &cluster, "second");
    until_waiting(&cloud, 1);
    cloud.advance(LENGTH - 1);
    assert_eq!(cloud.operations::<E>(&cluster).len(), 2, "nothing has begun meanwhile");
    assert_eq!(cloud.world().waiting(), 1);
    cloud.advance(1);
    let second = answer(second).unwrap();
    assert!(cloud.operation(&first.id).unwrap().done);
    assert_eq!(second.created_at, Some(cloud.now()), "it is made as if it had come now");
    assert_eq!(cloud.world().waiting(), 0);
    cloud.advance(LENGTH);
    assert!(cloud.operation(&second.id).unwrap().done);
    let mut users = cloud.users::<E>(&cluster);
    users.retain(|name| ["first", "second"].contains(&name.as_str()));
    assert_eq!(users, ["first", "second"]);
}

fn databases_and_users_are_made_one_after_the_other<E: SampleDatabases>() {
    let (cloud, cluster) = standing::<E>(|_| ());
    let mut calls = Vec::new();
    for number in 0..4_usize {
        for name in [format!("d{number}"), format!("u{number}")] {
            let (cluster, is_user) = (cluster.clone(), name.starts_with('u'));
            calls.push(begin(&cloud, move |cloud| {
                if is_user {
                    return E::create_user(cloud, new_user::<E>(&cluster, &name));
                }
                let mut request = E::CreateDatabaseRequest::default();
                request.set_cluster_id(cluster);
                request.set_database_spec(Some(E::new_database(&name)));
                E::create_database(cloud, request)
            }));
            let waiting = calls.len() - 1;
            // The first of them does not wait.
            cloud.until("it has come", || cloud.world().waiting() == waiting && cloud.value().operation_count() == 2);
        }
    }
    let mut ended: Vec<Operation> = Vec::new();
    for (place, call) in calls.into_iter().enumerate() {
        let operation = answer(call).unwrap();
        assert!(ended.iter().all(|before| cloud.operation(&before.id).unwrap().done));
        assert_eq!(operation.created_at, Some(cloud.now()), "call {place} is served in its turn");
        ended.push(operation);
        cloud.advance(LENGTH);
    }
    let operations = cloud.operations::<E>(&cluster);
    let in_order: Vec<&str> = operations.iter().rev().skip(1).map(|operation| operation.id.as_str()).collect();
    assert_eq!(in_order, ended.iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>());
    assert_eq!((cloud.databases::<E>(&cluster).len(), cloud.users::<E>(&cluster).len()), (5, 5));
}

#[test]
fn a_call_is_refused_where_none_shall_wait() {
    let cloud = Cloud::slow(LENGTH);
    let created = Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let metadata: redis::v1::CreateClusterMetadata = created.metadata.as_ref().unwrap().to_msg().unwrap();
    let request = redis::v1::DeleteClusterRequest { cluster_id: metadata.cluster_id };
    conflicts_with(Redis::delete(&cloud, request), &created);
}

#[test]
fn whatever_ends_the_operation_ends_the_wait() {
    let (cloud, cluster) = standing::<Mysql>(|_| ());
    let first = Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let second = making::<Mysql>(&cloud, &cluster, "second");
    until_waiting(&cloud, 1);
    cloud.cancel(&first.id).unwrap();
    answer(second).unwrap();
    assert_eq!(cloud.users::<Mysql>(&cluster), ["shop"], "the first is undone, and the second under way");

    let third = making::<Mysql>(&cloud, &cluster, "third");
    until_waiting(&cloud, 1);
    let reset = ResetUniverseRequest { universe_id: "default".into(), ..ResetUniverseRequest::default() };
    cloud.run(cloud.universes().reset(reset)).unwrap();
    let refusal = refused(answer(third));
    assert_eq!((refusal.code, refusal.message), (Code::NotFound, format!("Cluster {cluster} not found")));
}

#[test]
fn a_universe_that_is_deleted_is_not_found_by_who_waits_in_it() {
    let cloud = Cloud::start_with(|options| {
        options.conflicts = Conflicts::Wait;
        options.operation_time = "10s".parse().unwrap();
    });
    let of_it = CreateUniverseRequest { universe_id: "other".into(), ..CreateUniverseRequest::default() };
    cloud.run(cloud.universes().create(of_it)).unwrap();
    let other = cloud.in_universe("other");
    let created = Mysql::create(&other, Mysql::new_cluster("main")).unwrap();
    let metadata: mysql::v1::CreateClusterMetadata = created.metadata.unwrap().to_msg().unwrap();
    let waits = making::<Mysql>(&other, &metadata.cluster_id, "second");
    let world = cloud.emulator().universes().get(Some("other")).unwrap();
    cloud.until("the call waits", || world.waiting() == 1);
    cloud.run(cloud.universes().delete(DeleteUniverseRequest { universe_id: "other".into() })).unwrap();
    assert_eq!(refused(answer(waits)).message, "Universe \"other\" not found");
}

/// Nobody else looks at the universe when the operation's time has come.
#[test]
fn a_clock_that_goes_on_with_the_machine_ends_the_wait_by_itself() {
    let machine = Machine::at_noon();
    let (cloud, cluster) = standing::<Mysql>(|options| {
        options.clock = None;
        options.machine = machine.clock();
    });
    cloud.world().change(|universe| universe.set_operation_time("20ms".parse().unwrap())).unwrap();
    Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let second = making::<Mysql>(&cloud, &cluster, "second");
    until_waiting(&cloud, 1);
    machine.pass(1);
    assert_eq!(answer(second).unwrap().created_at, Some(machine.now()));
}

#[test]
fn a_clock_that_is_let_go_on_ends_the_wait_too() {
    let machine = Machine::at_noon();
    let (cloud, cluster) = standing::<Mysql>(|options| options.machine = machine.clock());
    Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let second = making::<Mysql>(&cloud, &cluster, "second");
    until_waiting(&cloud, 1);
    let request = ResumeClockRequest { rate: Some(1000.0), ..ResumeClockRequest::default() };
    cloud.run(cloud.clocks().resume(request)).unwrap();
    machine.pass(1);
    answer(second).unwrap();
}

#[test]
fn calls_of_one_idempotency_key_begin_one_operation() {
    let (cloud, cluster) = standing::<Mysql>(|_| ());
    Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let keyed = cloud.with_header("idempotency-key", "one");
    let calls = [1, 2, 3].map(|number| {
        let call = making::<Mysql>(&keyed, &cluster, "second");
        until_waiting(&cloud, number);
        call
    });
    let other = making::<Mysql>(&keyed, &cluster, "other");
    until_waiting(&cloud, 4);
    cloud.advance(LENGTH);
    let [first, second, third] = calls.map(|call| answer(call).unwrap());
    assert_eq!([&second.id, &third.id], [&first.id; 2]);
    let reused = "The idempotency key was used for another request of this method within the last day";
    assert_eq!(refused(answer(other)).message, reused);
    assert_eq!(cloud.operations::<Mysql>(&cluster).len(), 3);
}

#[test]
fn a_client_that_goes_away_waits_no_more() {
    let (cloud, cluster) = standing::<Mysql>(|_| ());
    Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let calls = ["second", "third"].map(|name| {
        let (channel, request) = (cloud.channel(), new_user::<Mysql>(&cluster, name));
        cloud.begin(async move { UserServiceClient::new(channel).create(request).await })
    });
    until_waiting(&cloud, 2);
    for call in &calls {
        call.abort();
    }
    until_waiting(&cloud, 0);
    cloud.advance(LENGTH);
    assert_eq!(cloud.operations::<Mysql>(&cluster).len(), 2);
}

#[test]
fn a_server_that_is_told_to_end_does_not_wait() {
    let (cloud, cluster) = standing::<Mysql>(|_| ());
    Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let calls = ["second", "third"].map(|name| making::<Mysql>(&cloud, &cluster, name));
    until_waiting(&cloud, 2);
    cloud.emulator().universes().stop();
    for call in calls {
        let refusal = refused(answer(call));
        let message = "The emulator is stopping: the call was given up, and has changed nothing";
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unavailable, message));
    }
}

/// More than a connection carries out at once.
#[test]
fn calls_that_wait_hold_up_no_other_of_their_connection() {
    let (cloud, cluster) = standing::<Mysql>(|_| ());
    Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let calls: Vec<_> = (0..100)
        .map(|number| {
            let (channel, request) = (cloud.channel(), new_user::<Mysql>(&cluster, &format!("user{number}")));
            cloud.begin(async move { UserServiceClient::new(channel).create(request).await })
        })
        .collect();
    until_waiting(&cloud, 100);
    cloud.advance(1);
    assert_eq!(cloud.operations::<Mysql>(&cluster).len(), 2);
    for call in &calls {
        call.abort();
    }
}

#[test]
fn targets_have_lines_of_their_own() {
    let (cloud, cluster) = standing::<Mysql>(|_| ());
    let other = Redis::create(&cloud, Redis::new_cluster("other")).unwrap();
    let metadata: redis::v1::CreateClusterMetadata = other.metadata.as_ref().unwrap().to_msg().unwrap();
    let first = Mysql::create_user(&cloud, new_user::<Mysql>(&cluster, "first")).unwrap();
    let of_one = making::<Mysql>(&cloud, &cluster, "second");
    until_waiting(&cloud, 1);
    let of_other = making::<Redis>(&cloud, &metadata.cluster_id, "second");
    until_waiting(&cloud, 2);
    cloud.cancel(&other.id).unwrap();
    assert_eq!(refused(answer(of_other)).code, Code::NotFound, "the creation is undone");
    assert_eq!(cloud.world().waiting(), 1);
    cloud.cancel(&first.id).unwrap();
    answer(of_one).unwrap();
}

/// By a time that goes on as soon as all wait for it.
#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_half_a_minute() {
    let options = Options {
        clock: Some("2026-01-31T12:00:00Z".parse().unwrap()),
        operation_time: "1h".parse().unwrap(),
        conflicts: Conflicts::Wait,
        ..Options::default()
    };
    let rest = Rest::new(Dispatcher::new(Arc::new(options.universes()), Connection::INSIDE));
    let cluster = json!({
        "folderId": FOLDER, "name": "main", "environment": "PRODUCTION",
        "configSpec": {"version": "8.1-valkey", "resources": {"resourcePresetId": "hm3-c2-m8", "diskSize": "17179869184"}},
        "hostSpecs": [{"zoneId": "ru-central1-a"}],
    });
    let began = Instant::now();
    let (status, created) = call(&rest, "POST", "/managed-redis/v1/clusters", &cluster).await;
    assert_eq!((status, began.elapsed()), (200, Duration::ZERO));
    let path = format!("/managed-redis/v1/clusters/{}", created["metadata"]["clusterId"].as_str().unwrap());
    let (status, refusal) = call(&rest, "DELETE", &path, &Value::Null).await;
    assert_eq!((status, began.elapsed().as_secs()), (400, 30));
    assert_eq!(refusal["message"], format!("conflicting operation {} detected", created["id"]));
}

/// The status and body that a call inside the process is answered with.
async fn call(rest: &Rest, verb: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let request = Request::builder().method(verb).uri(path).header("host", "localhost");
    let answer = rest.answer(request.body(Full::from(body)).unwrap()).await;
    let (status, body) = (answer.status().as_u16(), answer.into_body().collect().await.unwrap().to_bytes());
    (status, serde_json::from_slice(&body).unwrap())
}
