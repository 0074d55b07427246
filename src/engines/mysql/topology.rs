//! Hosts.

use crate::contract::proto::yandex::cloud::mdb::mysql::v1::{CreateClusterRequest, HostSpec, host, service};
use crate::engines::shared::disks;
use crate::engines::shared::rules::Rules;
use crate::engines::{FailoverEngine, Mysql, Topology};

impl Topology for Mysql {
    const LEADER: i32 = host::Role::Master as i32;
    const FOLLOWER: i32 = host::Role::Replica as i32;

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        disks::check_cluster::<Self>(request, rules);
        rules.host_count("hosts", request.host_specs.len(), 1, 7);
    }

    /// The highest priority comes first (documented).
    fn standing(host: &HostSpec) -> Option<i64> {
        Some(host.priority)
    }

    fn services(_: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        vec![service::Type::Mysql as i32]
    }
}

impl FailoverEngine for Mysql {}
