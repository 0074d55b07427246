//! Hosts and shards of one cluster, compared with a simple model: who leads, who may go, and where the slots are.

use std::collections::{BTreeMap, BTreeSet};

use mdb_emulator::contract::METHODS;
use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1 as redis;
use mdb_emulator::engines::{FailoverMessages, ManagedMessages, Mysql, Redis, Spqr};
use mdb_emulator::handlers::{Call, cluster};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::instant::SECOND;
use mdb_emulator::universe::{Clock, Cluster, Id, Item, OperationTime, Plan, Seed, Universe};
use proptest::prelude::*;
use prost_types::FieldMask;
use tonic::Code;

use crate::driven::Driven;
use crate::messages::{create_request, host};
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

    fn with_hosts(&self, hosts: Vec<Host>) -> Outcome {
        Outcome { hosts: self.led(hosts), sharded: self.sharded, slots: self.slots.clone() }
    }

    fn added(&self, shard: &str, standing: i64) -> Vec<Host> {
        let (name, source) = (String::new(), String::new());
        let new = Host { name, shard: shard.to_owned(), leads: false, standing, source };
        self.hosts.iter().cloned().chain([new]).collect()
    }

    fn without(&self, name: &str) -> Result<Outcome, Code> {
        let gone = self.hosts.iter().find(|host| host.name == name).expect("a host of the model");
        let kept: Vec<Host> = self.hosts.iter().filter(|host| host.name != name).cloned().collect();
        let is_last = !kept.iter().any(|host| host.shard == gone.shard);
        let is_source = kept.iter().any(|host| host.source == name);
        if is_last || is_source { Err(Code::FailedPrecondition) } else { Ok(self.with_hosts(kept)) }
    }

    fn changed(&self, name: &str, change: impl Fn(&mut Host)) -> Result<Outcome, Code> {
        let mut hosts = self.hosts.clone();
        hosts.iter_mut().filter(|host| host.name == name).for_each(change);
        if hosts == self.hosts { Err(Code::FailedPrecondition) } else { Ok(self.with_hosts(hosts)) }
    }

    fn call<E: Driven>(&self, rpc: &str) -> Call<'static> {
        let path = format!("/yandex.cloud.mdb.{}.v1.ClusterService/{rpc}", E::NAME.0);
        let method = METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
        Call::inside(method, self.universe.now(), "tester")
    }

    fn add<E: Driven + ManagedMessages>(&self, shard: &str, standing: i64) -> Result<Plan, Refusal> {
        let mut spec = host::<E>();
        spec.set_shard_name(shard.into());
        spec.set_replica_priority(Some(standing));
        spec.set_priority(standing);
        let mut request = E::AddClusterHostsRequest::default();
        request.set_cluster_id(self.id.to_string());
        request.set_host_specs(vec![spec]);
        cluster::add_hosts::<E>(&self.call::<E>("AddHosts"), &self.universe, request)
    }

    fn delete<E: Driven + ManagedMessages>(&self, name: &str) -> Result<Plan, Refusal> {
        let mut request = E::DeleteClusterHostsRequest::default();
        request.set_cluster_id(self.id.to_string());
        request.set_host_names(vec![name.into()]);
        cluster::delete_hosts::<E>(&self.call::<E>("DeleteHosts"), &self.universe, request)
    }

    fn update<E: Driven>(&self, name: &str, path: &str, standing: i64, source: &str) -> Result<Plan, Refusal> {
        let mut spec = E::UpdateHostSpec::default();
        spec.set_host_name(name.into());
        spec.set_replica_priority(Some(standing));
        spec.set_priority(standing);
        spec.set_replication_source(source.into());
        spec.set_update_mask(Some(FieldMask { paths: vec![path.into()] }));
        let mut request = E::UpdateClusterHostsRequest::default();
        request.set_cluster_id(self.id.to_string());
        request.set_update_host_specs(vec![spec]);
        cluster::update_hosts::<E>(&self.call::<E>("UpdateHosts"), &self.universe, request)
    }

    fn verdict_of_spqr(&self, step: Step) -> Option<Verdict> {
        Some(match step {
            Step::Add { .. } => {
                let full = self.hosts.len() >= 7;
                let expected = if full { Err(Code::InvalidArgument) } else { Ok(self.with_hosts(self.added("", 0))) };
                (expected, self.add::<Spqr>("", 0))
            }
            Step::Delete { host } => {
                let name = &self.nth(host).name;
                (self.without(name), self.delete::<Spqr>(name))
            }
            _ => return None,
        })
    }

    fn verdict_of_mysql(&self, step: Step) -> Option<Verdict> {
        Some(match step {
            Step::Add { standing, .. } => {
                let full = self.hosts.len() >= 7;
                let added = || self.with_hosts(self.added("", standing));
                let expected = if full { Err(Code::InvalidArgument) } else { Ok(added()) };
                (expected, self.add::<Mysql>("", standing))
            }
            Step::Delete { host } => {
                let name = &self.nth(host).name;
                (self.without(name), self.delete::<Mysql>(name))
            }
            Step::Prefer { host, standing } => {
                let name = &self.nth(host).name;
                let expected = self.changed(name, |host| host.standing = standing);
                (expected, self.update::<Mysql>(name, "priority", standing, ""))
            }
            Step::Follow { host, source } => {
                let name = &self.nth(host).name;
                let source = source.map_or("", |source| self.nth(source).name.as_str());
                let expected = self.changed(name, |host| host.source = source.to_owned());
                let expected = expected.and_then(|outcome| {
                    let circle = outcome.hosts.iter().any(|host| outcome.replicates(host, &host.name));
                    if circle { Err(Code::FailedPrecondition) } else { Ok(outcome) }
                });
                (expected, self.update::<Mysql>(name, "replication_source", 0, source))
            }
            Step::FailOver { to } => {
                let name = to.map_or("", |to| self.nth(to).name.as_str());
                let mut request = <Mysql as FailoverMessages>::StartClusterFailoverRequest::default();
                request.set_cluster_id(self.id.to_string());
                request.set_host_name(name.into());
                let call = self.call::<Mysql>("StartFailover");
                (self.failed_over(name), cluster::start_failover::<Mysql>(&call, &self.universe, request))
            }
            _ => return None,
        })
    }

    /// A cluster with one group of hosts, after a failover to a host or to the best.
    fn failed_over(&self, to: &str) -> Result<Outcome, Code> {
        let may = |host: &&Host| {
            host.source.is_empty() && !host.leads && (self.engine != Engine::Redis || host.standing != 0)
        };
        let candidates: Vec<&Host> = self.hosts.iter().filter(may).collect();
        let leader = match to {
            "" => candidates.iter().rev().max_by_key(|host| self.preference(host)),
            to => candidates.iter().find(|host| host.name == to),
        };
        let leader = leader.ok_or(Code::FailedPrecondition)?.name.clone();
        let mut hosts = self.hosts.clone();
        hosts.iter_mut().for_each(|host| host.leads = host.name == leader);
        Ok(self.with_hosts(hosts))
    }

    fn verdict_of_redis(&self, step: Step) -> Option<Verdict> {
        let (universe, cluster_id) = (&self.universe, self.id.to_string());
        Some(match step {
            Step::Add { shard, standing } => {
                let shard = if self.sharded { SHARDS[shard] } else { SHARDS[0] };
                let in_shard = self.hosts.iter().filter(|host| host.shard == shard).count();
                let fits = (1..7).contains(&in_shard);
                let added = || self.with_hosts(self.added(shard, standing));
                (if fits { Ok(added()) } else { Err(Code::InvalidArgument) }, self.add::<Redis>(shard, standing))
            }
            Step::Delete { host } => {
                let name = &self.nth(host).name;
                (self.without(name), self.delete::<Redis>(name))
            }
            Step::Prefer { host, standing } => {
                let name = &self.nth(host).name;
                let expected = self.changed(name, |host| host.standing = standing);
                (expected, self.update::<Redis>(name, "replica_priority", standing, ""))
            }
            Step::FailOver { .. } if !self.sharded => {
                let request = redis::StartClusterFailoverRequest { cluster_id, ..Default::default() };
                let call = self.call::<Redis>("StartFailover");
                (self.failed_over(""), cluster::start_failover::<Redis>(&call, universe, request))
            }
            Step::EnableSharding => {
                let mut outcome = self.with_hosts(self.hosts.clone());
                outcome.sharded = true;
                let expected = if self.sharded { Err(Code::FailedPrecondition) } else { Ok(outcome) };
                let request = redis::EnableShardingClusterRequest { cluster_id };
                let call = self.call::<Redis>("EnableSharding");
                (expected, cluster::enable_sharding::<Redis>(&call, universe, request))
            }
            Step::AddShard { shard } => {
                let mut outcome = self.with_hosts(self.added(SHARDS[shard], 100));
                outcome.slots.insert(SHARDS[shard].to_owned(), 0);
                let expected = match (self.sharded, self.slots.contains_key(SHARDS[shard])) {
                    (false, _) => Err(Code::FailedPrecondition),
                    (true, true) => Err(Code::AlreadyExists),
                    (true, false) => Ok(outcome),
                };
                let mut spec = host::<Redis>();
                spec.replica_priority = Some(100);
                let shard_name = SHARDS[shard].to_owned();
                let request = redis::AddClusterShardRequest { cluster_id, shard_name, host_specs: vec![spec] };
                (expected, cluster::add_shard::<Redis>(&self.call::<Redis>("AddShard"), universe, request))
            }
            Step::DeleteShard { shard } => {
                let request = redis::DeleteClusterShardRequest { cluster_id, shard_name: SHARDS[shard].to_owned() };
                let plan = cluster::delete_shard::<Redis>(&self.call::<Redis>("DeleteShard"), universe, request);
                (self.without_shard(SHARDS[shard]), plan)
            }
            Step::Rebalance => {
                let mut outcome = self.with_hosts(self.hosts.clone());
                share(16_384, outcome.slots.values_mut(), |slots, part| *slots = part);
                let expected = if self.sharded { Ok(outcome) } else { Err(Code::FailedPrecondition) };
                let request = redis::RebalanceClusterRequest { cluster_id };
                (expected, cluster::rebalance::<Redis>(&self.call::<Redis>("Rebalance"), universe, request))
            }
            _ => return None,
        })
    }

    fn without_shard(&self, shard: &str) -> Result<Outcome, Code> {
        let Some(slots) = self.slots.get(shard) else { return Err(Code::NotFound) };
        if !self.sharded || self.slots.len() == 1 || *slots == 16_384 {
            return Err(Code::FailedPrecondition);
        }
        let kept = self.hosts.iter().filter(|host| host.shard != shard).cloned().collect();
        let mut outcome = self.with_hosts(kept);
        outcome.slots.remove(shard);
        share(*slots, outcome.slots.values_mut(), |slots, part| *slots += part);
        Ok(outcome)
    }
}

impl Outcome {
    /// Whether a host replicates another, directly or by way of others.
    fn replicates(&self, host: &Host, name: &str) -> bool {
        let source = |host: &&Host| self.hosts.iter().find(|other| other.name == host.source);
        let sources = std::iter::successors(source(&host), source);
        sources.take(self.hosts.len()).any(|source| source.name == name)
    }
}

/// Deals slots out, one after the other.
fn share<'a>(slots: i64, shards: impl Iterator<Item = &'a mut i64>, give: impl Fn(&mut i64, i64)) {
    let shards: Vec<&mut i64> = shards.collect();
    let mut parts = vec![0; shards.len()];
    (0..usize::try_from(slots).unwrap()).for_each(|slot| parts[slot % shards.len()] += 1);
    shards.into_iter().zip(parts).for_each(|(slots, part)| give(slots, part));
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
