//! Hosts of each type, with the resources of that type.

use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    CreateClusterRequest, HostSpec, Resources, SpqrSpec, host, service,
};
use crate::engines::shared::disks::{self, Part};
use crate::engines::shared::hosts;
use crate::engines::shared::rules::Rules;
use crate::engines::{Spqr, Topology};

impl Topology for Spqr {
    const LEADER: i32 = host::Role::Primary as i32;
    const FOLLOWER: i32 = host::Role::Secondary as i32;

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        if has_possible_types(request, rules) {
            check_types(request, rules);
        }
    }

    /// The first host of a type is its primary. Every router is a primary, since each answers by itself (our choice).
    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        let mut hosts =
            hosts::first_of_each_leads(&request.host_specs, |host| host.r#type, Self::LEADER, Self::FOLLOWER);
        for (_, role) in hosts.iter_mut().filter(|(host, _)| host.r#type() == host::Type::Router) {
            *role = Self::LEADER;
        }
        hosts
    }

    fn resources<'a>(request: &'a CreateClusterRequest, host: &HostSpec) -> Option<&'a Resources> {
        resources_of(request.config_spec.as_ref()?.spqr_spec.as_ref()?, host.r#type())
    }

    /// A host runs the service that its type names. INFRA is a router and a coordinator in one.
    fn services(_: &CreateClusterRequest, host: &HostSpec) -> Vec<i32> {
        let service = match host.r#type() {
            host::Type::Router => service::Type::Router,
            host::Type::Coordinator => service::Type::Coordinator,
            _ => service::Type::Infra,
        };
        vec![service as i32]
    }
}

/// Whether the hosts that the request asks for can be of their types. The hosts of shards belong to other clusters, and AddHosts
/// needs a host of the same type to begin with (documented).
fn has_possible_types(request: &CreateClusterRequest, rules: &mut Rules) -> bool {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let mut all = true;
    for (index, host) in asked {
        let name = host.r#type().as_str_name();
        let problem = if !matches!(host.r#type(), host::Type::Infra | host::Type::Router | host::Type::Coordinator) {
            format!("must be INFRA, ROUTER or COORDINATOR, but is {name}")
        } else if !present.is_empty() && present.iter().all(|present| present.r#type != host.r#type) {
            format!("the cluster has no {name} hosts: AddSubcluster brings the first")
        } else {
            continue;
        };
        rules.broken(format!("host_specs[{index}].type"), problem);
        all = false;
    }
    all
}

/// Checks how many hosts of each type there are, and that their resources are given.
fn check_types(request: &CreateClusterRequest, rules: &mut Rules) {
    let spqr = request.config_spec.as_ref().and_then(|config| config.spqr_spec.as_ref());
    let count = |wanted: host::Type| request.host_specs.iter().filter(|host| host.r#type == wanted as i32).count();
    let (infra, routers, coordinators) =
        (count(host::Type::Infra), count(host::Type::Router), count(host::Type::Coordinator));
    if infra > 0 && routers + coordinators > 0 {
        rules.broken("host_specs", "a cluster has either INFRA hosts, or ROUTER and COORDINATOR hosts");
    } else if infra > 0 {
        rules.host_count("INFRA hosts", infra, 1, 7);
    } else {
        rules.host_count("ROUTER hosts", routers, 1, usize::MAX);
        rules.host_count("COORDINATOR hosts", coordinators, 0, 5);
    }
    for (hosts, field, wanted) in [
        (infra, "config_spec.spqr_spec.infra.resources", host::Type::Infra),
        (routers, "config_spec.spqr_spec.router.resources", host::Type::Router),
        (coordinators, "config_spec.spqr_spec.coordinator.resources", host::Type::Coordinator),
    ] {
        if hosts > 0 {
            let resources = spqr.and_then(|spqr| resources_of(spqr, wanted));
            let has = |host: &HostSpec| host.r#type() == wanted;
            disks::check::<Spqr>(request, &Part { field, resources, has: &has }, rules);
        }
    }
}

fn resources_of(spqr: &SpqrSpec, host: host::Type) -> Option<&Resources> {
    match host {
        host::Type::Router => spqr.router.as_ref()?.resources.as_ref(),
        host::Type::Coordinator => spqr.coordinator.as_ref()?.resources.as_ref(),
        _ => spqr.infra.as_ref()?.resources.as_ref(),
    }
}
