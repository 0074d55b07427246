//! The simulation without the network: what reading, forking and time cost, with a thousand backups and with a million.

// Figures are for people: a bit of precision less does no harm.
#![allow(clippy::cast_precision_loss)]

#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use mdb_emulator::contract::engine::Redis;
use mdb_emulator::contract::joined::Joined;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::{
    BackupClusterRequest, GetClusterRequest, ListClusterBackupsRequest, ListClusterBackupsResponse,
};
use mdb_emulator::handlers::{Call, cluster};
use mdb_emulator::universe::{Id, Universe};

use support::{DAY, add_backups, add_cluster, call, measuring, median, report, universe};

const PAGE: i64 = 100;

/// A universe with one cluster and its backups, and the tokens of pages throughout their list.
struct World {
    universe: Universe,
    cluster: Id,
    list: Call<'static>,
    tokens: Vec<String>,
}

impl World {
    fn new(backups: usize) -> Self {
        let mut universe = universe();
        let cluster = add_cluster(&mut universe, "listed", 7);
        add_backups(&mut universe, cluster, backups);
        let list = call(&universe, "/yandex.cloud.mdb.redis.v1.ClusterService/ListBackups");
        let mut world = Self { universe, cluster, list, tokens: Vec::new() };
        world.collect_tokens(i64::try_from(backups / 1000).expect("backups are few").max(10));
        world
    }

    /// Walks the whole list, and keeps the tokens of the places behind which there is a whole page.
    fn collect_tokens(&mut self, step: i64) {
        let mut token = String::new();
        loop {
            token = self.page(step, token).message().next_page_token;
            if token.is_empty() {
                break;
            }
            self.tokens.push(token.clone());
        }
        let kept = self.tokens.len() - usize::try_from(PAGE / step).expect("it is positive");
        self.tokens.truncate(kept);
    }

    fn page(&self, page_size: i64, page_token: String) -> Joined<ListClusterBackupsResponse> {
        let request = ListClusterBackupsRequest { cluster_id: self.cluster.to_string(), page_size, page_token };
        cluster::list_backups::<Redis>(&self.list, &self.universe, request).expect("the token is ours")
    }

    fn newest_page(&self) -> Joined<ListClusterBackupsResponse> {
        self.page(PAGE, String::new())
    }

    /// A page somewhere in the list, another one with each number.
    fn random_page(&self, number: usize) -> Joined<ListClusterBackupsResponse> {
        // A multiplicative hash: it jumps about the tokens without a pattern that a cache could follow.
        let place = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        self.page(PAGE, self.tokens[place % self.tokens.len()].clone())
    }
}

fn main() {
    let million = if measuring() { 1_000_000 } else { 10_000 };
    let started = Instant::now();
    let (small, large) = (World::new(1000), World::new(million));
    println!("made {million} backups in {:.1} s", started.elapsed().as_secs_f64());
    let is_full = |page: Joined<ListClusterBackupsResponse>| page.message().backups.len() == 100;
    assert!(is_full(small.newest_page()) && is_full(large.newest_page()));
    assert!((0..2000).all(|number| is_full(small.random_page(number)) && is_full(large.random_page(number))));

    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .without_plots()
        .configure_from_args();
    lists(&mut criterion, "1,000", &small);
    lists(&mut criterion, "1,000,000", &large);
    handlers(&mut criterion);
    time(&mut criterion);
    criterion.bench_function("fork of a universe with 1,000,000 backups", |bencher| {
        bencher.iter(|| large.universe.clone());
    });
    criterion.final_summary();

    println!();
    let rounds = if measuring() { 200 } else { 3 };
    let newest = ratio(rounds, &|_| large.newest_page(), &|_| small.newest_page());
    report_ratio("newest page of 100, of 1,000,000 backups by of 1,000", 1.10, newest);
    let random = ratio(rounds, &|number| large.random_page(number), &|number| small.random_page(number));
    report_ratio("random page of 100, of 1,000,000 backups by of 1,000", 1.30, random);
    let clusters = if measuring() { 4000 } else { 20 };
    let (few, many) = (with_clusters(clusters / 20), with_clusters(clusters));
    let advance = median((0..9).map(|_| nanos_a_backup(&many) / nanos_a_backup(&few)).collect());
    report_ratio("a backup of an advance, with 4,000 clusters by with 200", 1.30, advance);
    println!("    {:.0} ns a backup with 4,000 clusters", nanos_a_backup(&many));
    let micros = fork_micros(&large.universe, rounds);
    report("fork of a universe with 1,000,000 backups", "<= 10 µs", &format!("{micros:.2} µs"), micros <= 10.0);
}

fn lists(criterion: &mut Criterion, backups: &str, world: &World) {
    criterion.bench_function(&format!("newest page of {backups} backups"), |bencher| {
        bencher.iter(|| world.newest_page());
    });
    criterion.bench_function(&format!("random page of {backups} backups"), |bencher| {
        let mut number = 0;
        bencher.iter(|| {
            number += 1;
            world.random_page(number)
        });
    });
}

/// Handlers in a universe of a hundred clusters.
fn handlers(criterion: &mut Criterion) {
    let (mut universe, clusters) = hundred_clusters();
    let get = call(&universe, "/yandex.cloud.mdb.redis.v1.ClusterService/Get");
    let cluster_id = clusters[50].to_string();
    criterion.bench_function("Get, the handler alone", |bencher| {
        bencher.iter(|| {
            let request = GetClusterRequest { cluster_id: cluster_id.clone() };
            cluster::get::<Redis>(&get, &universe, request).expect("the cluster is there")
        });
    });
    let backup = call(&universe, "/yandex.cloud.mdb.redis.v1.ClusterService/Backup");
    let mut clusters = clusters.iter().cycle();
    let mut back_up = |universe: &mut Universe| {
        let request = BackupClusterRequest { cluster_id: clusters.next().expect("it is endless").to_string() };
        let plan = cluster::backup::<Redis>(&backup, universe, request).expect("the cluster runs");
        let operation = universe.accept(&plan).expect("nothing else changes the cluster");
        universe.advance(0);
        operation
    };
    criterion.bench_function("Backup, the handler and the operation's end", |bencher| {
        bencher.iter(|| back_up(&mut universe));
    });
    criterion.bench_function("Backup, the same in a copy that becomes the next value", |bencher| {
        bencher.iter(|| {
            let mut next = universe.clone();
            let operation = back_up(&mut next);
            universe = next;
            operation
        });
    });
}

fn time(criterion: &mut Criterion) {
    let (universe, _) = hundred_clusters();
    criterion.bench_function("a week of a hundred clusters", |bencher| {
        bencher.iter_batched_ref(|| universe.clone(), |universe| universe.advance(7 * DAY), BatchSize::LargeInput);
    });
}

fn hundred_clusters() -> (Universe, Vec<Id>) {
    let mut universe = universe();
    let clusters = (0..100).map(|number| add_cluster(&mut universe, &format!("cluster-{number}"), 7)).collect();
    (universe, clusters)
}

/// How much longer one takes than the other: the median of many short rounds, each of which runs both.
fn ratio<T>(rounds: usize, one: &dyn Fn(usize) -> T, other: &dyn Fn(usize) -> T) -> f64 {
    const CALLS: usize = 50;
    let time = |work: &dyn Fn(usize) -> T, round: usize| {
        let started = Instant::now();
        for number in 0..CALLS {
            black_box(work(round * CALLS + number));
        }
        started.elapsed().as_secs_f64()
    };
    median((0..rounds).map(|round| time(one, round) / time(other, round)).collect())
}

/// So many clusters, each with as many daily backups as it keeps.
fn with_clusters(count: usize) -> Universe {
    let mut universe = universe();
    for number in 0..count {
        add_cluster(&mut universe, &format!("cluster-{number}"), 7);
    }
    universe.advance(10 * DAY);
    universe
}

/// What an advance by 60 days takes in a copy that becomes the next value, for each backup that is made on the way.
fn nanos_a_backup(universe: &Universe) -> f64 {
    const DAYS: i64 = 60;
    let mut next = universe.clone();
    let started = Instant::now();
    next.advance(DAYS * DAY);
    let backups = i64::try_from(next.cluster_count()).expect("there are not many") * DAYS;
    started.elapsed().as_secs_f64() * 1e9 / backups as f64
}

fn fork_micros(universe: &Universe, rounds: usize) -> f64 {
    let fork = |_| {
        let started = Instant::now();
        let fork = black_box(universe.clone());
        let elapsed = started.elapsed();
        drop(fork);
        elapsed.as_secs_f64() * 1e6
    };
    median((0..rounds).map(fork).collect())
}

fn report_ratio(figure: &str, target: f64, measured: f64) {
    report(figure, &format!("<= {target:.2}"), &format!("{measured:.2}"), measured <= target);
}
