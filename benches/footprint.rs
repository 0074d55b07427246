//! What the release binary takes to start and to idle, and what a backup takes in memory.

// Figures are for people: a bit of precision less does no harm.
#![allow(clippy::cast_precision_loss)]

#[path = "support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::ListClustersRequest;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::cluster_service_client::ClusterServiceClient;
use mdb_emulator::universe::Universe;

use support::{DAY, FOLDER, add_backups, add_cluster, measuring, median, report, universe};

/// An argument with which this program runs itself once more, to measure in a process without a past.
const MEMORY: &str = "--memory";

fn main() {
    if let [_, MEMORY, shape] = std::env::args().collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return measure_memory(shape);
    }
    println!();
    startup();
    backup_memory("one cluster", "one");
    backup_memory("20,000 clusters of 50", "many");
}

/// The binary, stopped on drop.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Starts the binary many times, and asks it for something as soon as it says that it is ready.
fn startup() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the machine has a thread");
    let times = if measuring() { 41 } else { 2 };
    let (mut millis, mut mebibytes) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let started = Instant::now();
        let process = Command::new(env!("CARGO_BIN_EXE_mdb-emulator"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off"])
            .stdout(Stdio::piped())
            .spawn();
        let mut process = Running(process.expect("the binary was built"));
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().expect("it was piped")).read_line(&mut line).expect("it gets ready");
        let address = line.trim().strip_prefix("mdb-emulator ready on ").expect("it says where").to_owned();
        runtime.block_on(async {
            let mut client = ClusterServiceClient::connect(format!("http://{address}")).await.expect("it listens");
            let request = ListClustersRequest { folder_id: FOLDER.into(), ..ListClustersRequest::default() };
            client.list(request).await.expect("it answers");
        });
        millis.push(started.elapsed().as_secs_f64() * 1000.0);
        // What the call needed for a moment is given back.
        std::thread::sleep(Duration::from_millis(20));
        mebibytes.push(resident(process.0.id()) / f64::from(1 << 20));
    }
    let least = millis.iter().copied().fold(f64::INFINITY, f64::min);
    let (millis, mebibytes) = (median(millis), median(mebibytes));
    let measured = format!("{millis:.1} ms (least {least:.1})");
    report("from exec to the first answered RPC", "<= 10 ms", &measured, millis <= 10.0);
    report("resident when idle, after one RPC", "<= 10 MiB", &format!("{mebibytes:.1} MiB"), mebibytes <= 10.0);
}

fn backup_memory(shape: &str, argument: &str) {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut command = Command::new(program);
    command.args([MEMORY, argument]);
    if measuring() {
        command.env("BACKUPS", "1000000");
    }
    let output = command.stderr(Stdio::inherit()).output().expect("a program can be run twice");
    let bytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints a number");
    let figure = format!("memory of a backup, of 1,000,000 in {shape}");
    report(&figure, "<= 300 bytes", &format!("{bytes:.0} bytes"), bytes <= 300.0);
}

/// Prints the bytes by which the process grows with each backup.
fn measure_memory(shape: &str) {
    let backups = std::env::var("BACKUPS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let (before, after, universe) = if shape == "one" { in_one_cluster(backups) } else { in_clusters_of_50(backups) };
    let held: usize = universe.records().map(|record| record.backup_count()).sum();
    assert_eq!(held, backups);
    println!("{}", (after - before) / backups as f64);
}

/// Manual backups, made by one operation, so that operations do not count.
fn in_one_cluster(backups: usize) -> (f64, f64, Universe) {
    let mut universe = universe();
    let cluster = add_cluster(&mut universe, "backed-up", 7);
    let before = resident(std::process::id());
    add_backups(&mut universe, cluster, backups);
    (before, resident(std::process::id()), universe)
}

/// Daily backups, as they come by themselves.
fn in_clusters_of_50(backups: usize) -> (f64, f64, Universe) {
    let mut universe = universe();
    for number in 0..backups / 50 {
        add_cluster(&mut universe, &format!("cluster-{number}"), 60);
    }
    let before = resident(std::process::id());
    universe.advance(50 * DAY);
    (before, resident(std::process::id()), universe)
}

/// Bytes of a process that are in memory.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells");
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("Linux tells");
    kibibytes * 1024.0
}
