//! Hosts and shards.

use crate::contract::excerpt::excerpt;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::start_cluster_failover_request::FailoverType;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{
    CreateClusterRequest, HostSpec, StartClusterFailoverRequest, host, service,
};
use crate::engines::shared::disks;
use crate::engines::shared::hosts::Switch;
use crate::engines::shared::rules::Rules;
use crate::engines::{FailoverEngine, Redis, Topology};
use crate::refusal::{self, Refusal};

/// The shard of the hosts of a cluster where no host names a shard, even if the cluster is not sharded (observed).
pub(super) const DEFAULT_SHARD: &str = "shard1";

/// How many shards a cluster may have (documented).
pub(super) const MOST_SHARDS: usize = 10;

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
        let (present, _) = rules.hosts_of(&request.host_specs);
        if !has_tls(request) && present.iter().any(|host| host.assign_public_ip) {
            rules.broken("tls_enabled", "must be true, since a host has a public address");
        }
    }

    fn check_host(field: &str, host: &HostSpec, request: &CreateClusterRequest, rules: &mut Rules) {
        if let Some(priority) = host.replica_priority {
            rules.range(format!("{field}.replica_priority"), priority, 0, i64::MAX);
        }
        if host.assign_public_ip && !has_tls(request) {
            rules.broken(format!("{field}.assign_public_ip"), "needs tls_enabled");
        }
    }

    /// AddShard is what brings another shard.
    fn check_added(present: &[HostSpec], added: &[HostSpec], rules: &mut Rules) {
        let there = shards(present);
        for (index, host) in added.iter().enumerate() {
            rules.one_of(&shard_name(index), &host.shard_name, &there);
        }
    }

    fn group_title(host: &HostSpec) -> String {
        format!("shard {:?}", host.shard_name)
    }

    /// The lowest priority comes first, and 0 never (documented).
    fn standing(host: &HostSpec) -> Option<i64> {
        let priority = host.replica_priority.unwrap_or(DEFAULT_REPLICA_PRIORITY);
        (priority != 0).then_some(-priority)
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

impl FailoverEngine for Redis {
    fn switch(request: &StartClusterFailoverRequest) -> Switch<'_> {
        let names = || request.host_names.iter().map(String::as_str).collect();
        match request.failover_type() {
            FailoverType::SwitchToHostnames => Switch::To(names()),
            FailoverType::SwitchFromZone => Switch::FromZone(&request.zone_id),
            FailoverType::Unspecified | FailoverType::SwitchFromHostnames if request.host_names.is_empty() => {
                Switch::FromAll
            }
            FailoverType::Unspecified | FailoverType::SwitchFromHostnames => Switch::From(names()),
        }
    }

    /// Only where there is one master need no host be named (documented).
    fn check_switch(switch: &Switch<'_>, request: &CreateClusterRequest) -> Result<(), Refusal> {
        match switch {
            Switch::FromAll if request.sharded => {
                Err(refusal::request::field("host_names", "is required where the cluster is sharded"))
            }
            Switch::To(names) if names.is_empty() => Err(refusal::request::field("host_names", "is required")),
            Switch::FromZone("") => Err(refusal::request::field("zone_id", "is required")),
            _ => Ok(()),
        }
    }
}

fn has_tls(request: &CreateClusterRequest) -> bool {
    request.tls_enabled.unwrap_or_default()
}

/// Checks the rules of shards.
fn check_shards(request: &CreateClusterRequest, rules: &mut Rules) {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let is_new = present.is_empty();
    let shards = shards(&request.host_specs);
    if !request.sharded {
        if shards.len() > 1 {
            rules.broken("host_specs", "all hosts of a cluster that is not sharded are in one shard");
        }
    } else if is_new {
        for (index, _) in asked.filter(|(_, host)| host.shard_name.is_empty()) {
            rules.broken(shard_name(index), "is required where other hosts name theirs");
        }
        // A new cluster has one shard or at least three (documented); later calls may lead to two.
        if shards.len() == 2 || shards.len() > MOST_SHARDS {
            let rule =
                format!("a sharded cluster begins with 1 or from 3 to {MOST_SHARDS} shards, but has {}", shards.len());
            rules.broken("host_specs", rule);
        }
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
