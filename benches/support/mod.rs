//! What the benchmarks share: a cluster to ask for, a call to a handler, and a few lines of statistics.

// Each benchmark uses its own part of this.
#![allow(dead_code)]

use mdb_emulator::contract::METHODS;
use mdb_emulator::contract::engine::Redis;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::{
    ConfigSpec, CreateClusterMetadata, CreateClusterRequest, HostSpec, Resources,
};
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use mdb_emulator::handlers::{Call, cluster};
use mdb_emulator::universe::plan::{About, Claim, ResultOf};
use mdb_emulator::universe::{
    Clock, Id, Instant, Keeper, OperationTime, Plan, RecordChange, Seed, Stage, Target, Universe,
};
use prost::Message;

/// The folder of every cluster here.
pub const FOLDER: &str = "b1gbench000000000000";

/// One day in nanoseconds.
pub const DAY: i64 = 86_400_000_000_000;

/// Whether `cargo bench` runs this, rather than `cargo test`, which only wants to see that it works.
pub fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// A request for a Redis cluster of three hosts.
pub fn cluster_request(name: &str, retained_days: i64) -> CreateClusterRequest {
    let host = |zone: &str| HostSpec { zone_id: zone.into(), ..HostSpec::default() };
    CreateClusterRequest {
        folder_id: FOLDER.into(),
        name: name.into(),
        environment: 1,
        config_spec: Some(ConfigSpec {
            version: "8.1-valkey".into(),
            resources: Some(Resources {
                resource_preset_id: "hm3-c2-m8".into(),
                disk_size: 16 << 30,
                ..Resources::default()
            }),
            backup_retain_period_days: Some(retained_days),
            ..ConfigSpec::default()
        }),
        host_specs: vec![host("ru-central1-a"), host("ru-central1-b"), host("ru-central1-d")],
        ..CreateClusterRequest::default()
    }
}

/// The id of the cluster that a Create began to make.
pub fn created_cluster(operation: &Operation) -> String {
    let metadata = operation.metadata.as_ref().expect("an operation has metadata");
    CreateClusterMetadata::decode(metadata.value.as_slice()).expect("Create has its own metadata").cluster_id
}

/// An empty universe with a frozen clock.
pub fn universe() -> Universe {
    Universe::new(Seed(7), Clock::Frozen, Instant::from_nanos(1_769_860_800_000_000_000), OperationTime::None)
}

/// What a handler is given beside the request, for the RPC of a path.
pub fn call(universe: &Universe, path: &str) -> Call<'static> {
    let method = METHODS.iter().find(|method| method.path.ends_with(path)).expect("the contract has this RPC");
    Call::inside(method, universe.now(), "benchmark")
}

/// Makes a running cluster.
pub fn add_cluster(universe: &mut Universe, name: &str, retained_days: i64) -> Id {
    let call = call(universe, "/yandex.cloud.mdb.redis.v1.ClusterService/Create");
    let plan = cluster::create::<Redis>(&call, universe, cluster_request(name, retained_days));
    let plan = plan.expect("the request is valid");
    universe.accept(&plan).expect("the name is free");
    universe.advance(0);
    *plan.target.id()
}

/// Gives a cluster so many manual backups by one operation, so that next to nothing but the backups remains of it.
pub fn add_backups(universe: &mut Universe, id: Id, count: usize) {
    let record = universe.record_of(id).expect("the cluster was made");
    let numbered = (record.next_number()..).zip(universe.next_sequence()..).take(count);
    let about = About {
        method: call(universe, "/yandex.cloud.mdb.redis.v1.ClusterService/Backup").method,
        description: "Back up many times".into(),
        created_by: "benchmark".into(),
        metadata: prost_types::Any::default(),
        stages: &[Stage { name: "backups", seconds: 1 }],
    };
    let plan =
        Plan::new(Target::Cluster(id), about).showing(ResultOf::Nothing).claiming(Claim::BackupNumbers(count as u64));
    let plan = numbered
        .fold(plan, |plan, (number, rank)| plan.then(RecordChange::Keep { number, rank, keeper: Keeper::Manual }));
    universe.accept(&plan).expect("nothing else changes the cluster");
    universe.advance(0);
    assert_eq!(universe.record_of(id).map(|record| record.backup_count()), Some(count));
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A line of the table in `docs/performance.md`.
pub fn report(figure: &str, target: &str, measured: &str, met: bool) {
    println!("| {figure:<58} | {target:>12} | {measured:>24} | {} |", if met { "yes" } else { "NO" });
}
