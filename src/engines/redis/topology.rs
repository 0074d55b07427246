//! Hosts and shards.

use crate::contract::excerpt::excerpt;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{CreateClusterRequest, HostSpec, host, service};
use crate::engines::shared::disks;
use crate::engines::shared::hosts;
use crate::engines::shared::rules::Rules;
use crate::engines::{Redis, Topology};

/// The shard of the hosts of a cluster where no host names a shard, even if the cluster is not sharded (observed).
const DEFAULT_SHARD: &str = "shard1";

/// The priority of a replica, unless the request says otherwise (documented).
const DEFAULT_REPLICA_PRIORITY: i64 = 100;

impl Topology for Redis {
    const LEADER: i32 = host::Role::Master as i32;
    const FOLLOWER: i32 = host::Role::Replica as i32;

    fn complete_hosts(request: &mut CreateClusterRequest) {
        let shard = shard_of_the_unnamed(request);
        for host in &mut request.host_specs {
            if host.shard_name.is_empty() {
                host.shard_name.clone_from(&shard);
            }
            if !request.sharded {
                host.replica_priority.get_or_insert(DEFAULT_REPLICA_PRIORITY);
            }
        }
    }

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        disks::check_cluster::<Self>(request, rules);
        check_shards(request, rules);
        let (present, asked) = rules.hosts_of(&request.host_specs);
        let has_tls = request.tls_enabled.unwrap_or_default();
        if !has_tls && present.iter().any(|host| host.assign_public_ip) {
            rules.broken("tls_enabled", "must be true, since a host has a public address");
        }
        for (index, host) in asked {
            if let Some(priority) = host.replica_priority {
                rules.range(format!("host_specs[{index}].replica_priority"), priority, 0, i64::MAX);
            }
            if host.assign_public_ip && !has_tls {
                rules.broken(format!("host_specs[{index}].assign_public_ip"), "needs tls_enabled");
            }
        }
    }

    /// The first host of each shard is its master.
    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        let shard = |host: &HostSpec| host.shard_name.clone();
        hosts::first_of_each_leads(&request.host_specs, shard, Self::LEADER, Self::FOLLOWER)
    }

    fn services(request: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        use service::Type::{Arbiter, Redis, RedisCluster};
        match (request.sharded, request.host_specs.len()) {
            (true, _) => vec![RedisCluster as i32],
            (false, 1) => vec![Redis as i32],
            // Sentinel, which the contract calls an arbiter, watches over hosts that can replace each other.
            (false, _) => vec![Redis as i32, Arbiter as i32],
        }
    }
}

/// Checks the rules of shards. In a cluster that has shards already, new hosts are put into those.
fn check_shards(request: &CreateClusterRequest, rules: &mut Rules) {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let (shards, there) = (shards(&request.host_specs), shards(present));
    if !there.is_empty() {
        asked.for_each(|(index, host)| rules.one_of(&shard_name(index), &host.shard_name, &there));
    } else if request.sharded {
        for (index, _) in asked.filter(|(_, host)| host.shard_name.is_empty()) {
            rules.broken(shard_name(index), "is required where other hosts name theirs");
        }
        // A new cluster has one shard or at least three (documented); later calls may lead to two.
        if shards.len() == 2 || shards.len() > 10 {
            let rule = format!("a sharded cluster begins with 1 or from 3 to 10 shards, but has {}", shards.len());
            rules.broken("host_specs", rule);
        }
    } else if shards.len() > 1 {
        rules.broken("host_specs", "all hosts of a cluster that is not sharded are in one shard");
    }
    if request.host_specs.is_empty() {
        rules.host_count("hosts", 0, 1, 70);
    }
    for shard in shards {
        let hosts = request.host_specs.iter().filter(|host| host.shard_name == shard).count();
        rules.host_count(&format!("hosts in shard {:?}", excerpt(shard)), hosts, 1, 7);
    }
}

fn shard_name(index: usize) -> String {
    format!("host_specs[{index}].shard_name")
}

/// The shard of the hosts that name none. It is the only shard of a cluster that is not sharded, and otherwise [`DEFAULT_SHARD`]. It is
/// empty if hosts of a sharded cluster name other shards: then each host has to name its own.
fn shard_of_the_unnamed(request: &CreateClusterRequest) -> String {
    match shards(&request.host_specs).as_slice() {
        [] => DEFAULT_SHARD.to_owned(),
        [first, ..] if !request.sharded => (*first).to_owned(),
        named if named.contains(&DEFAULT_SHARD) => DEFAULT_SHARD.to_owned(),
        _ => String::new(),
    }
}

/// The names of the shards of these hosts, each once, in the order of the hosts.
pub(super) fn shards(hosts: &[HostSpec]) -> Vec<&str> {
    let mut shards: Vec<&str> = Vec::new();
    for host in hosts {
        if !host.shard_name.is_empty() && !shards.contains(&host.shard_name.as_str()) {
            shards.push(&host.shard_name);
        }
    }
    shards
}
