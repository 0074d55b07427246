//! What a call costs over REST by what it costs over gRPC, in processor time of the server; and what JSON costs of it.
//!
//! REST goes over HTTP/2, as gRPC does, with as many calls in flight; and over HTTP/1.1, where a connection has one at a time, so
//! that there are as many connections.

// Figures are for people: a bit of precision less does no harm. Processor time does not go back.
#![allow(clippy::cast_precision_loss, clippy::unchecked_time_subtraction, dead_code)]

#[path = "../load/bare.rs"]
mod bare;
#[path = "../load/client.rs"]
mod grpc;
mod http;
mod json;
#[path = "../load/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::{
    BackupClusterRequest, CreateClusterRequest, GetClusterRequest, ListClusterBackupsRequest,
};
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use prost::Message;

use http::Call;
use server::Server;
use support::{cluster_request, created_cluster, measuring, median, report};

/// Clusters that Backup goes round, so that no call meets another's operation.
const CLUSTERS: usize = 256;
/// Backups of the cluster whose backups are listed: more than fill a page.
const BACKUPS: usize = 150;
/// Connections of HTTP/2, and calls in flight on each.
const CONNECTIONS: usize = 4;
const STREAMS: usize = 16;
/// The most that REST may cost by what gRPC costs.
const TARGET: f64 = 2.0;

/// One RPC, by both doors.
struct Case {
    name: &'static str,
    rpc: &'static str,
    over_grpc: grpc::Calls,
    over_rest: http::Calls,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("the machine has threads").block_on(compare());
}

async fn compare() {
    let (rounds, length) = if measuring() { (8, Duration::from_millis(500)) } else { (1, Duration::from_millis(20)) };
    let server = Server::ours();
    let grpc = grpc::Client::connect(server.address, CONNECTIONS).await;
    let http2 = http::Http2::connect(server.address, CONNECTIONS).await;
    println!("\n{} calls in flight, {rounds} rounds of {length:?} a door\n", CONNECTIONS * STREAMS);
    for case in cases(&grpc).await {
        let reply = grpc.call((case.over_grpc)(usize::MAX)).await;
        let mut costs = Vec::new();
        let mut first = 0;
        for round in 0..=rounds {
            let mut micros = [0.0; 3];
            // Each goes first in turn, so that what changes with time touches all alike.
            for door in (0..3).map(|turn| (turn + round) % 3) {
                let before = server.processor_time();
                let calls = match door {
                    0 => grpc.drive(&case.over_grpc, first, STREAMS, length).await.0,
                    1 => http2.drive(&case.over_rest, first, STREAMS, length).await,
                    _ => http::drive(server.address, &case.over_rest, first, CONNECTIONS * STREAMS, length).await,
                };
                first += calls;
                micros[door] = (server.processor_time() - before).as_secs_f64() * 1e6 / calls as f64;
            }
            // The first round warms up.
            if round > 0 {
                costs.push(micros);
            }
        }
        conclude(&case, &costs);
        json::compare(case.name, case.rpc, &reply);
    }
}

/// Prints one case. Ratios are of two doors in one round, and their median counts.
fn conclude(case: &Case, costs: &[[f64; 3]]) {
    let of = |value: &dyn Fn(&[f64; 3]) -> f64| median(costs.iter().map(value).collect());
    for (door, name) in [(1, "HTTP/2"), (2, "HTTP/1.1")] {
        let ratio = of(&|micros| micros[door] / micros[0]);
        let figure = format!("{}: server time, {name} by gRPC", case.name);
        report(&figure, &format!("<= {TARGET:.2}"), &format!("{ratio:.2}"), ratio <= TARGET);
    }
    let [grpc, http2, http1] = [0, 1, 2].map(|door| of(&|micros| micros[door]));
    println!(
        "    server processor time a call: gRPC {grpc:.1} µs, REST {http2:.1} µs over HTTP/2, {http1:.1} µs over HTTP/1.1"
    );
}

/// The request of a cluster that no other call makes.
fn created(number: usize) -> CreateClusterRequest {
    cluster_request(&format!("created-{number}"), 7)
}

/// Fills the server, and says what to ask of it.
async fn cases(client: &grpc::Client) -> Vec<Case> {
    let mut ids = Vec::new();
    for number in 0..CLUSTERS {
        let request = cluster_request(&format!("cluster-{number}"), 7);
        let reply = client.call(grpc::Call::new("Create", &request)).await;
        ids.push(created_cluster(&Operation::decode(reply).expect("Create answers with an operation")));
    }
    let listed = ids.swap_remove(0);
    let backup = |id: &str| grpc::Call::new("Backup", &BackupClusterRequest { cluster_id: id.to_owned() });
    for _ in 0..BACKUPS {
        client.call(backup(&listed)).await;
    }
    let path = format!("/managed-redis/v1/clusters/{listed}");
    let get = grpc::Call::new("Get", &GetClusterRequest { cluster_id: listed.clone() });
    let list = ListClusterBackupsRequest { cluster_id: listed, page_size: 100, ..Default::default() };
    let list = grpc::Call::new("ListBackups", &list);
    let backups: Vec<grpc::Call> = ids.iter().map(|id| backup(id)).collect();
    let same = |call: Call| -> http::Calls { Arc::new(move |_| call.clone()) };
    vec![
        Case {
            name: "Get",
            rpc: "Get",
            over_grpc: Arc::new(move |_| get.clone()),
            over_rest: same(Call::new("GET", &path, "")),
        },
        Case {
            name: "ListBackups, 100 a page",
            rpc: "ListBackups",
            over_grpc: Arc::new(move |_| list.clone()),
            over_rest: same(Call::new("GET", &format!("{path}/backups?pageSize=100"), "")),
        },
        Case {
            name: "Backup",
            rpc: "Backup",
            over_grpc: Arc::new(move |number| backups[number % backups.len()].clone()),
            over_rest: Arc::new(move |number| {
                Call::new("POST", &format!("/managed-redis/v1/clusters/{}:backup", ids[number % ids.len()]), "")
            }),
        },
        Case {
            name: "Create",
            rpc: "Create",
            over_grpc: Arc::new(|number| grpc::Call::new("Create", &created(number))),
            over_rest: Arc::new(|number| {
                Call::new("POST", "/managed-redis/v1/clusters", json::object(&created(number)))
            }),
        },
    ]
}
