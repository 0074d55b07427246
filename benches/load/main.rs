//! Our server beside a bare one, under the same load, in one run.
//!
//! Both are child processes, so that each one's processor time can be told from the client's. The bare server is the
//! one that tonic generates, with constant replies: those that ours gave to the same calls a moment before. The client
//! neither encodes nor decodes messages, so that it weighs on the result as little as it can.

// Figures are for people: a bit of precision less does no harm. Processor time does not go back.
#![allow(clippy::cast_precision_loss, clippy::unchecked_time_subtraction)]

mod bare;
mod client;
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::{
    BackupClusterRequest, GetClusterRequest, ListClusterBackupsRequest,
};
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use prost::Message;

use client::{Body, Client};
use server::Server;
use support::{cluster_request, created_cluster, measuring, median, report};

/// Clusters that Backup goes round, so that no call meets another's operation.
const CLUSTERS: usize = 256;
/// Backups of the cluster whose backups are listed: more than fill a page.
const BACKUPS: usize = 150;
/// Connections of the client, and calls in flight on each.
const CONNECTIONS: usize = 4;
const STREAMS: usize = 16;

/// One RPC under load.
struct Case {
    name: &'static str,
    rpc: &'static str,
    /// Our throughput by the bare server's, at least; nothing for what is only shown.
    target: Option<f64>,
    /// The request of each call.
    body: Body,
}

/// What one server did in one round.
#[derive(Clone, Copy)]
struct Round {
    calls_per_second: f64,
    server_micros_per_call: f64,
}

fn main() {
    if server::serve_if_told() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("the machine has threads").block_on(compare());
}

async fn compare() {
    let (rounds, length) = if measuring() { (12, Duration::from_millis(500)) } else { (1, Duration::from_millis(20)) };
    let ours = Server::ours();
    let to_ours = Client::connect(ours.address, CONNECTIONS).await;
    let cases = cases(&to_ours).await;
    let mut replies = Vec::new();
    for case in &cases {
        // A number that no round uses: Create takes each name once.
        replies.push(to_ours.call(case.rpc, (case.body)(usize::MAX)).await);
    }
    let bare = Server::bare(&replies);
    let to_bare = Client::connect(bare.address, CONNECTIONS).await;
    for (case, reply) in cases.iter().zip(&replies) {
        assert_eq!(to_bare.call(case.rpc, (case.body)(usize::MAX)).await, *reply, "{} of the bare server", case.name);
    }

    println!(
        "\n{CONNECTIONS} connections with {STREAMS} calls in flight each, {rounds} rounds of {length:?} a server\n"
    );
    for case in cases.iter().filter(|case| chosen(case)) {
        let mut first = 0;
        let mut pairs = Vec::new();
        for round in 0..=rounds {
            let mut both = [None; 2];
            // Each goes first in turn, so that what changes with time touches both alike.
            for which in [round % 2, 1 - round % 2] {
                let (server, client) = [(&ours, &to_ours), (&bare, &to_bare)][which];
                let before = server.processor_time();
                let (calls, elapsed) = client.drive(case.rpc, &case.body, first, STREAMS, length).await;
                first += calls;
                let calls = calls as f64;
                both[which] = Some(Round {
                    calls_per_second: calls / elapsed.as_secs_f64(),
                    server_micros_per_call: (server.processor_time() - before).as_secs_f64() * 1e6 / calls,
                });
            }
            // The first round warms up.
            if let ([Some(ours), Some(bare)], 1..) = (both, round) {
                pairs.push((ours, bare));
            }
        }
        conclude(case, &pairs);
    }
}

/// Whether the command line asks for the case: by how its name begins, or by naming none.
fn chosen(case: &Case) -> bool {
    let mut names = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    names.peek().is_none() || names.any(|name| case.name.starts_with(&name))
}

/// Prints one case. Ratios are of the two servers in one round, and their median counts.
fn conclude(case: &Case, pairs: &[(Round, Round)]) {
    let of = |value: &dyn Fn(&(Round, Round)) -> f64| median(pairs.iter().map(value).collect());
    let ratio = of(&|(ours, bare)| ours.calls_per_second / bare.calls_per_second);
    let target = case.target.map_or("-".to_owned(), |target| format!(">= {target:.2}"));
    let met = case.target.is_none_or(|target| ratio >= target);
    report(&format!("{}: throughput by the bare server's", case.name), &target, &format!("{ratio:.2}"), met);
    println!(
        "    calls/s {:.0} : {:.0}, server processor time a call {:.1} µs : {:.1} µs (ours : bare)",
        of(&|(ours, _)| ours.calls_per_second),
        of(&|(_, bare)| bare.calls_per_second),
        of(&|(ours, _)| ours.server_micros_per_call),
        of(&|(_, bare)| bare.server_micros_per_call),
    );
}

/// Fills our server, and says what to ask of it.
async fn cases(client: &Client) -> Vec<Case> {
    let create = |name: String| Bytes::from(cluster_request(&name, 7).encode_to_vec());
    let mut ids = Vec::new();
    for number in 0..CLUSTERS {
        let reply = client.call("Create", create(format!("cluster-{number}"))).await;
        ids.push(created_cluster(&Operation::decode(reply).expect("Create answers with an operation")));
    }
    let listed = ids.swap_remove(0);
    let backup = |id: &str| Bytes::from(BackupClusterRequest { cluster_id: id.to_owned() }.encode_to_vec());
    for _ in 0..BACKUPS {
        client.call("Backup", backup(&listed)).await;
    }
    let get = Bytes::from(GetClusterRequest { cluster_id: listed.clone() }.encode_to_vec());
    let list = ListClusterBackupsRequest { cluster_id: listed, page_size: 100, ..Default::default() };
    let list = Bytes::from(list.encode_to_vec());
    let backups: Vec<Bytes> = ids.iter().map(|id| backup(id)).collect();
    vec![
        Case { name: "Get", rpc: "Get", target: Some(0.9), body: Arc::new(move |_| get.clone()) },
        Case {
            name: "ListBackups, 100 a page",
            rpc: "ListBackups",
            target: Some(0.8),
            body: Arc::new(move |_| list.clone()),
        },
        Case {
            name: "Backup",
            rpc: "Backup",
            target: Some(0.6),
            body: Arc::new(move |number| backups[number % backups.len()].clone()),
        },
        Case {
            name: "Create",
            rpc: "Create",
            target: None,
            body: Arc::new(move |number| create(format!("created-{number}"))),
        },
    ]
}
