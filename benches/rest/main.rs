//! What a call costs over REST by what it costs over gRPC, in processor time of the server; and what JSON costs of it.
//!
//! Reads are compared with those of a bare server, since ours keeps the replies that it gave by gRPC: the same read again and again
//! would be no measure. Writes are compared with our own over gRPC, which do the same work.
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
/// The most that REST may cost by what gRPC costs: of reads, by the bare server's, and of writes, by ours.
const OF_READS: f64 = 1.8;
const OF_WRITES: f64 = 2.0;

/// The doors that are compared.
const BARE: usize = 0;
const GRPC: usize = 1;
const HTTP2: usize = 2;
const HTTP1: usize = 3;

/// One RPC, by both doors.
struct Case {
    name: &'static str,
    rpc: &'static str,
    writes: bool,
    over_grpc: grpc::Calls,
    over_rest: http::Calls,
}

fn main() {
    if server::serve_if_told() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("the machine has threads").block_on(compare());
}

async fn compare() {
    let (rounds, length) = if measuring() { (8, Duration::from_millis(500)) } else { (1, Duration::from_millis(20)) };
    let ours = Server::ours();
    let grpc = grpc::Client::connect(ours.address, CONNECTIONS).await;
    let http2 = http::Http2::connect(ours.address, CONNECTIONS).await;
    let cases = cases(&grpc).await;
    let mut replies = Vec::new();
    for case in &cases {
        replies.push(grpc.call((case.over_grpc)(usize::MAX)).await);
    }
    let bare = Server::bare(&replies);
    let to_bare = grpc::Client::connect(bare.address, CONNECTIONS).await;
    println!("\n{} calls in flight, {rounds} rounds of {length:?} a door\n", CONNECTIONS * STREAMS);
    for (case, reply) in cases.iter().zip(&replies) {
        let mut costs = Vec::new();
        let mut first = 0;
        for round in 0..=rounds {
            let mut micros = [0.0; 4];
            // Each goes first in turn, so that what changes with time touches all alike.
            for door in (0..4).map(|turn| (turn + round) % 4) {
                let server = if door == BARE { &bare } else { &ours };
                let before = server.processor_time();
                let calls = match door {
                    BARE => to_bare.drive(&case.over_grpc, first, STREAMS, length).await.0,
                    GRPC => grpc.drive(&case.over_grpc, first, STREAMS, length).await.0,
                    HTTP2 => http2.drive(&case.over_rest, first, STREAMS, length).await,
                    _ => http::drive(ours.address, &case.over_rest, first, CONNECTIONS * STREAMS, length).await,
                };
                first += calls;
                micros[door] = (server.processor_time() - before).as_secs_f64() * 1e6 / calls as f64;
            }
            // The first round warms up.
            if round > 0 {
                costs.push(micros);
            }
        }
        conclude(case, &costs);
        json::compare(case.name, case.rpc, reply);
    }
}

/// Prints one case. Ratios are of two doors in one round, and their median counts.
fn conclude(case: &Case, costs: &[[f64; 4]]) {
    let of = |value: &dyn Fn(&[f64; 4]) -> f64| median(costs.iter().map(value).collect());
    let (by, whose, target) = if case.writes { (GRPC, "our", OF_WRITES) } else { (BARE, "bare", OF_READS) };
    for (door, name) in [(HTTP2, "HTTP/2"), (HTTP1, "HTTP/1.1")] {
        let ratio = of(&|micros| micros[door] / micros[by]);
        let figure = format!("{}: server time, {name} by {whose} gRPC", case.name);
        report(&figure, &format!("<= {target:.2}"), &format!("{ratio:.2}"), ratio <= target);
    }
    let [bare, grpc, http2, http1] = [BARE, GRPC, HTTP2, HTTP1].map(|door| of(&|micros| micros[door]));
    println!(
        "    server processor time a call: gRPC {bare:.1} µs bare and {grpc:.1} µs ours, REST {http2:.1} µs over HTTP/2 and {http1:.1} µs over HTTP/1.1"
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
            writes: false,
            over_grpc: Arc::new(move |_| get.clone()),
            over_rest: same(Call::new("GET", &path, "")),
        },
        Case {
            name: "ListBackups, 100 a page",
            rpc: "ListBackups",
            writes: false,
            over_grpc: Arc::new(move |_| list.clone()),
            over_rest: same(Call::new("GET", &format!("{path}/backups?pageSize=100"), "")),
        },
        Case {
            name: "Backup",
            rpc: "Backup",
            writes: true,
            over_grpc: Arc::new(move |number| backups[number % backups.len()].clone()),
            over_rest: Arc::new(move |number| {
                Call::new("POST", &format!("/managed-redis/v1/clusters/{}:backup", ids[number % ids.len()]), "")
            }),
        },
        Case {
            name: "Create",
            rpc: "Create",
            writes: true,
            over_grpc: Arc::new(|number| grpc::Call::new("Create", &created(number))),
            over_rest: Arc::new(|number| {
                Call::new("POST", "/managed-redis/v1/clusters", json::object(&created(number)))
            }),
        },
    ]
}
