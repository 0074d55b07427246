//! Hosts and shards of one cluster, compared with a simple model: who leads, who may go, and where the slots are.

mod verdicts;

use std::collections::{BTreeMap, BTreeSet};

use mdb_emulator::contract::METHODS;
use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1 as redis;
use mdb_emulator::engines::{Mysql, Redis, Spqr};
use mdb_emulator::handlers::{Call, cluster};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::{Clock, Cluster, Id, Item, OperationTime, Plan, Seed, Universe};
use proptest::prelude::*;
use tonic::Code;

use crate::driven::Driven;
use crate::messages::create_request;
use crate::request::{Engine, Settings};
use crate::world::BEGINNING;

/// How long operations take, in seconds.
const LENGTH: i64 = 10;

/// Shards that are added and deleted, beside the one that a cluster begins with.
const SHARDS: [&str; 3] = ["shard1", "shard2", "shard3"];

/// One call, or one move of the clock. Hosts are named by small numbers.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Add { shard: usize, standing: i64 },
    Delete { host: usize },
    Prefer { host: usize, standing: i64 },
    Follow { host: usize, source: Option<usize> },
    FailOver { to: Option<usize> },
    EnableSharding,
    AddShard { shard: usize },
    DeleteShard { shard: usize },
    Rebalance,
    Cancel,
    Advance { seconds: i64 },
}

pub fn engines() -> impl Strategy<Value = Engine> {
    prop::sample::select(vec![Engine::Redis, Engine::Mysql, Engine::Spqr])
}

pub fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let host = || 0..5_usize;
    let shard = || 0..SHARDS.len();
    let standing = || 0..4_i64;
    let step = prop_oneof![
        4 => (shard(), standing()).prop_map(|(shard, standing)| Step::Add { shard, standing }),
        4 => host().prop_map(|host| Step::Delete { host }),
        3 => (host(), standing()).prop_map(|(host, standing)| Step::Prefer { host, standing }),
        3 => (host(), prop::option::of(host())).prop_map(|(host, source)| Step::Follow { host, source }),
        3 => prop::option::of(host()).prop_map(|to| Step::FailOver { to }),
        1 => Just(Step::EnableSharding),
        2 => shard().prop_map(|shard| Step::AddShard { shard }),
        2 => shard().prop_map(|shard| Step::DeleteShard { shard }),
        1 => Just(Step::Rebalance),
        1 => Just(Step::Cancel),
        12 => (1..12_i64).prop_map(|seconds| Step::Advance { seconds }),
    ];
    prop::collection::vec(step, count)
}

/// A host, as the model knows it.
#[derive(Clone, Debug, PartialEq)]
struct Host {
    name: String,
    shard: String,
    leads: bool,
    standing: i64,
    source: String,
}

/// The rules, said once more.
pub struct Model {
    universe: Universe,
    engine: Engine,
    id: Id,
    hosts: Vec<Host>,
    sharded: bool,
    slots: BTreeMap<String, i64>,
    /// The operation in flight, when it ends, and what it comes to.
    flight: Option<(Id, i64, Outcome)>,
    names: BTreeSet<String>,
}

/// What a call comes to.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    hosts: Vec<Host>,
    sharded: bool,
    slots: BTreeMap<String, i64>,
}

/// What a call shall come to, and the plan that the handler makes.
type Verdict = (Result<Outcome, Code>, Result<Plan, Refusal>);

impl Model {
    pub fn new(engine: Engine) -> Self {
        let mut universe = Universe::new(Seed(1), Clock::Frozen, BEGINNING, OperationTime::Fixed(LENGTH * SECOND));
        let id = match engine {
            Engine::Mysql => created::<Mysql>(&mut universe),
            Engine::Spqr => created::<Spqr>(&mut universe),
            _ => created::<Redis>(&mut universe),
        };
        universe.advance(LENGTH * SECOND);
        let mut model = Self {
            universe,
            engine,
            id,
            hosts: Vec::new(),
            sharded: false,
            slots: BTreeMap::new(),
            flight: None,
            names: BTreeSet::new(),
        };
        let now = model.shown();
        (model.hosts, model.slots) = (now.hosts, now.slots);
        model
    }

    /// Takes a step with the universe and with the model, and compares what comes of it.
    pub fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Advance { seconds } => self.universe.advance(seconds * SECOND),
            Step::Cancel => {
                if let Some((operation, ..)) = self.flight.take() {
                    self.universe.cancel(operation);
                }
            }
            _ => {
                let verdict = match self.engine {
                    Engine::Mysql => self.verdict_of_mysql(step),
                    Engine::Spqr => self.verdict_of_spqr(step),
                    _ => self.verdict_of_redis(step),
                };
                if let Some(verdict) = verdict {
                    self.compare_verdicts(step, verdict)?;
                }
            }
        }
        self.settle();
        let shown = self.shown();
        prop_assert_eq!(&shown.hosts, &self.hosts, "after {:?}", step);
        prop_assert_eq!(&shown.slots, &self.slots, "after {:?}", step);
        prop_assert_eq!(shown.sharded, self.sharded);
        self.holds(&shown)
    }

    fn compare_verdicts(&mut self, step: Step, (expected, plan): Verdict) -> Result<(), TestCaseError> {
        let before = self.universe.clone();
        let accepted = plan.and_then(|plan| self.universe.accept(&plan));
        // One operation that changes a cluster at a time.
        let expected = if self.flight.is_some() { Err(Code::FailedPrecondition) } else { expected };
        match (expected, accepted) {
            (Ok(outcome), Ok(operation)) => {
                self.flight = Some((operation, self.now() + LENGTH, outcome));
            }
            (Err(code), Err(refusal)) => {
                prop_assert_eq!(refusal.code, code, "{:?}: {}", step, refusal.message);
                prop_assert!(self.universe == before, "{:?} was refused, and left a trace", step);
            }
            (expected, accepted) => prop_assert!(false, "{step:?}: {expected:?}, but {accepted:?}"),
        }
        Ok(())
    }

    /// What must hold at every moment, whatever was called.
    fn holds(&mut self, shown: &Outcome) -> Result<(), TestCaseError> {
        for shard in shown.hosts.iter().map(|host| &host.shard).collect::<BTreeSet<_>>() {
            let leaders = shown.hosts.iter().filter(|host| host.shard == *shard && host.leads);
            prop_assert_eq!(leaders.count(), 1, "one host of {:?} leads", shard);
        }
        prop_assert!(shown.hosts.iter().all(|host| !host.leads || host.source.is_empty()));
        let names: BTreeSet<&String> = shown.hosts.iter().map(|host| &host.name).collect();
        prop_assert_eq!(names.len(), shown.hosts.len(), "names are unique");
        if self.engine == Engine::Redis {
            prop_assert_eq!(shown.slots.values().sum::<i64>(), 16_384);
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.universe.now().since(BEGINNING) / SECOND
    }

    /// Lets the operation in flight end if it is due. What it adds has a name that nothing had before.
    fn settle(&mut self) {
        let now = self.now();
        let Some((_, _, outcome)) = self.flight.take_if(|(_, due, _)| *due <= now) else { return };
        let shown = self.shown();
        let mut hosts = outcome.hosts;
        for (host, shown) in hosts.iter_mut().zip(&shown.hosts).filter(|(host, _)| host.name.is_empty()) {
            assert!(self.names.insert(shown.name.clone()), "{} has been another's name", shown.name);
            host.name.clone_from(&shown.name);
        }
        self.names.extend(hosts.iter().map(|host| host.name.clone()));
        (self.hosts, self.sharded, self.slots) = (hosts, outcome.sharded, outcome.slots);
    }

    fn cluster(&self) -> &Cluster {
        self.universe.cluster(self.id).expect("the cluster is never deleted")
    }

    /// What the universe shows.
    fn shown(&self) -> Outcome {
        let cluster = self.cluster();
        let hosts = cluster.hosts.iter().map(|host| match self.engine {
            Engine::Mysql => shown_host::<Mysql>(host),
            Engine::Spqr => shown_host::<Spqr>(host),
            _ => shown_host::<Redis>(host),
        });
        let shards = cluster.contents.all(Item::Shard).iter().filter(|_| self.engine == Engine::Redis);
        Outcome {
            hosts: hosts.collect(),
            sharded: self.engine == Engine::Redis && cluster.spec.request.open::<redis::CreateClusterRequest>().sharded,
            slots: shards.map(|(name, slots)| (name.clone(), *slots.open::<i64>())).collect(),
        }
    }

    fn nth(&self, number: usize) -> &Host {
        &self.hosts[number % self.hosts.len()]
    }

    /// The hosts, with a leader in each shard: who leads goes on, unless it must not.
    fn led(&self, mut hosts: Vec<Host>) -> Vec<Host> {
        let shards: BTreeSet<String> = hosts.iter().map(|host| host.shard.clone()).collect();
        for shard in shards {
            let may: Vec<usize> =
                (0..hosts.len()).filter(|at| hosts[*at].shard == shard && hosts[*at].source.is_empty()).collect();
            let leads = may.iter().copied().find(|at| hosts[*at].leads);
            let best = || may.iter().copied().rev().max_by_key(|at| self.preference(&hosts[*at]));
            let leader = leads.or_else(best);
            for (at, host) in hosts.iter_mut().enumerate().filter(|(_, host)| host.shard == shard) {
                host.leads = Some(at) == leader;
            }
        }
        hosts
    }

    /// The higher, the better.
    fn preference(&self, host: &Host) -> i64 {
        match (self.engine, host.standing) {
            (Engine::Redis, 0) => i64::MIN,
            (Engine::Redis, priority) => -priority,
            (_, priority) => priority,
        }
    }
}

/// A cluster of one host.
fn created<E: Driven>(universe: &mut Universe) -> Id {
    let settings =
        Settings { folder: "folder".into(), name: "main".into(), window: None, retention_days: None, protected: false };
    let path = format!("/yandex.cloud.mdb.{}.v1.ClusterService/Create", E::NAME.0);
    let method = METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
    let call = Call::inside(method, universe.now(), "tester");
    let plan = cluster::create::<E>(&call, universe, create_request::<E>(&settings)).expect("a valid request");
    universe.accept(&plan).expect("nothing is in its way");
    *plan.target.id()
}

fn shown_host<E: Driven>(host: &mdb_emulator::universe::cluster::Host) -> Host {
    let spec: &E::HostSpec = host.spec.open();
    Host {
        name: host.name.to_string(),
        shard: spec.shard_name().to_owned(),
        leads: host.role == E::LEADER,
        standing: spec.replica_priority().unwrap_or_else(|| spec.priority()),
        source: spec.replication_source().to_owned(),
    }
}
