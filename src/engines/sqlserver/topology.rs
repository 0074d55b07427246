//! Hosts.

use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::{CreateClusterRequest, HostSpec, host, service};
use crate::engines::shared::disks;
use crate::engines::shared::rules::Rules;
use crate::engines::{FailoverEngine, SqlServer, Topology};

use super::is_standard;

impl Topology for SqlServer {
    const LEADER: i32 = host::Role::Master as i32;
    const FOLLOWER: i32 = host::Role::Replica as i32;

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        disks::check_cluster::<Self>(request, rules);
        match request.host_specs.len() {
            1 => {}
            3 if is_standard(request) => rules.broken("host_specs", "a cluster of the standard edition has 1 host"),
            3 => {}
            // The wording is observed.
            _ => rules.broken("host_specs", "only 1-node and 3-node clusters are supported now"),
        }
    }

    fn services(_: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        vec![service::Type::Sqlserver as i32]
    }
}

impl FailoverEngine for SqlServer {}
