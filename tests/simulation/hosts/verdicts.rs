//! What each call shall come to, and the call itself.

use mdb_emulator::contract::METHODS;
use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1 as redis;
use mdb_emulator::engines::{FailoverMessages, ManagedMessages, Mysql, Redis, Spqr};
use mdb_emulator::handlers::{Call, cluster};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::Plan;
use prost_types::FieldMask;
use tonic::Code;

use super::{Host, Model, Outcome, SHARDS, Step, Verdict};
use crate::driven::Driven;
use crate::messages::host;
use crate::request::Engine;

impl Model {
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

    pub(super) fn verdict_of_spqr(&self, step: Step) -> Option<Verdict> {
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

    pub(super) fn verdict_of_mysql(&self, step: Step) -> Option<Verdict> {
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
                let expected = self.changed(name, |host| source.clone_into(&mut host.source));
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
        for host in &mut hosts {
            host.leads = host.name == leader;
        }
        Ok(self.with_hosts(hosts))
    }

    pub(super) fn verdict_of_redis(&self, step: Step) -> Option<Verdict> {
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
    let dealt = (0..shards.len()).cycle().zip(0..slots);
    dealt.for_each(|(shard, _)| parts[shard] += 1);
    shards.into_iter().zip(parts).for_each(|(slots, part)| give(slots, part));
}
