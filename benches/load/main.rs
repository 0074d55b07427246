//! Our server beside a bare one, under the same load, in one run.
//!
//! Both are child processes, so that each one's processor time can be told from the client's. The bare server is the
//! one that tonic generates, with constant replies: those that ours gave to the same calls a moment before. The client
//! neither encodes nor decodes replies, so that it weighs on the result as little as it can. Reads are mixed with writes, since a
//! server that nobody writes to could give the same bytes for ever.

// Figures are for people: a bit of precision less does no harm. Processor time does not go back.
#![allow(clippy::cast_precision_loss, clippy::unchecked_time_subtraction)]

mod bare;
mod client;
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::{
    BackupClusterRequest, GetClusterRequest, ListClusterBackupsRequest,
};
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use prost::Message;

use client::{Call, Calls, Client};
use server::Server;
use support::{cluster_request, created_cluster, measuring, median, report};

/// Clusters that calls go round: so many that no Backup meets another's operation, and that no request comes twice between two writes.
const CLUSTERS: usize = 256;
/// Backups of each cluster: more than fill a page.
const BACKUPS: usize = 110;
/// Backups on a page that is listed.
const PAGE: i64 = 100;
/// One call of so many is a Backup, where reads are mixed with writes.
const WRITES: usize = 100;
/// Connections of the client, and calls in flight on each.
const CONNECTIONS: usize = 4;
const STREAMS: usize = 16;

/// One mixture of calls under load.
struct Case {
    name: &'static str,
    /// The bare server's processor time a call by ours, at least.
    target: f64,
    calls: Calls,
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
    let clusters = filled(&to_ours).await;
    let (bare, to_bare) = beside(&to_ours, &clusters[0]).await;

    println!(
        "\n{CONNECTIONS} connections with {STREAMS} calls in flight each, {rounds} rounds of {length:?} a server\n"
    );
    for case in cases(clusters).iter().filter(|case| chosen(case)) {
        let mut first = 0;
        let mut pairs = Vec::new();
        for round in 0..=rounds {
            let mut both = [None; 2];
            // Each goes first in turn, so that what changes with time touches both alike.
            for which in [round % 2, 1 - round % 2] {
                let (server, client) = [(&ours, &to_ours), (&bare, &to_bare)][which];
                let before = server.processor_time();
                let (calls, elapsed) = client.drive(&case.calls, first, STREAMS, length).await;
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
    let ratio = of(&|(ours, bare)| bare.server_micros_per_call / ours.server_micros_per_call);
    let figure = format!("{}: bare server's time by ours", case.name);
    report(&figure, &format!(">= {:.2}", case.target), &format!("{ratio:.2}"), ratio >= case.target);
    println!(
        "    server processor time a call {:.1} µs : {:.1} µs, calls/s {:.0} : {:.0} (ours : bare)",
        of(&|(ours, _)| ours.server_micros_per_call),
        of(&|(_, bare)| bare.server_micros_per_call),
        of(&|(ours, _)| ours.calls_per_second),
        of(&|(_, bare)| bare.calls_per_second),
    );
}

fn get(cluster_id: &str) -> Call {
    Call::new("Get", &GetClusterRequest { cluster_id: cluster_id.to_owned() })
}

fn list_backups(cluster_id: &str) -> Call {
    let request =
        ListClusterBackupsRequest { page_size: PAGE, cluster_id: cluster_id.to_owned(), ..Default::default() };
    Call::new("ListBackups", &request)
}

fn backup(cluster_id: &str) -> Call {
    Call::new("Backup", &BackupClusterRequest { cluster_id: cluster_id.to_owned() })
}

fn create(name: &str) -> Call {
    Call::new("Create", &cluster_request(name, 7))
}

/// Makes the clusters, each with more backups than fill a page; returns their ids.
async fn filled(client: &Client) -> Vec<String> {
    let mut clusters = Vec::new();
    for number in 0..CLUSTERS {
        let reply = client.call(create(&format!("cluster-{number}"))).await;
        clusters.push(created_cluster(&Operation::decode(reply).expect("Create answers with an operation")));
    }
    let backups = if measuring() { BACKUPS } else { 1 };
    client.make(&around(&clusters, backup), backups * CLUSTERS, STREAMS).await;
    clusters
}

/// The bare server, which answers as ours does to the same calls.
async fn beside(to_ours: &Client, cluster: &str) -> (Server, Client) {
    let calls = [get(cluster), list_backups(cluster), backup(cluster), create("constant")];
    let mut replies = Vec::new();
    for call in calls.clone() {
        replies.push(to_ours.call(call).await);
    }
    let bare = Server::bare(&replies);
    let to_bare = Client::connect(bare.address, CONNECTIONS).await;
    for (call, reply) in calls.into_iter().zip(&replies) {
        assert_eq!(to_bare.call(call).await, *reply, "the bare server's reply");
    }
    (bare, to_bare)
}

/// The same call for each cluster in turn.
fn around(clusters: &[String], call: fn(&str) -> Call) -> Calls {
    let calls: Vec<Call> = clusters.iter().map(|cluster| call(cluster)).collect();
    Arc::new(move |number| calls[number % calls.len()].clone())
}

/// The calls, but for a Backup of another cluster each time now and then.
fn between_writes(calls: Calls, clusters: &[String]) -> Calls {
    let backups = around(clusters, backup);
    Arc::new(move |number| if number % WRITES == 0 { backups(number / WRITES) } else { calls(number) })
}

/// What is measured of a server with these clusters. The last one is read again and again, and not backed up.
fn cases(mut clusters: Vec<String>) -> Vec<Case> {
    let uncached = |call| between_writes(around(&clusters, call), &clusters);
    let (uncached_get, uncached_list) = (uncached(get), uncached(list_backups));
    let read = clusters.split_off(CLUSTERS - 1);
    let again = |call| between_writes(around(&read, call), &clusters);
    vec![
        Case { name: "Get", target: 0.9, calls: uncached_get },
        Case { name: "ListBackups", target: 1.2, calls: uncached_list },
        Case { name: "Get again", target: 1.0, calls: again(get) },
        Case { name: "ListBackups again", target: 2.0, calls: again(list_backups) },
        Case { name: "Backup", target: 0.6, calls: around(&clusters, backup) },
        Case { name: "Create", target: 0.4, calls: Arc::new(|number| create(&format!("created-{number}"))) },
    ]
}
