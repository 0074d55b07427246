//! Hosts of each type, with the resources of that type.

use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    CreateClusterRequest, HostSpec, Resources, SpqrSpec, host, service,
};
use crate::engines::shared::disks::{self, Part};
use crate::engines::shared::rules::Rules;
use crate::engines::{Spqr, SubclusterEngine, Topology};
use crate::refusal::{self, Refusal};

impl Topology for Spqr {
    const LEADER: i32 = host::Role::Primary as i32;
    const FOLLOWER: i32 = host::Role::Secondary as i32;

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        if has_possible_types(request, rules) {
            check_types(request, rules);
        }
    }

    /// AddHosts needs a host of the same type to begin with (documented).
    fn check_added(present: &[HostSpec], added: &[HostSpec], rules: &mut Rules) {
        for (index, host) in added.iter().enumerate() {
            if is_possible(host.r#type()) && !has_type(present, host.r#type()) {
                let name = host.r#type().as_str_name();
                let problem = format!("the cluster has no {name} hosts: AddSubcluster brings the first");
                rules.broken(format!("host_specs[{index}].type"), problem);
            }
        }
    }

    /// Each type has a primary, and keeps a host.
    fn group(host: &HostSpec) -> &str {
        host.r#type().as_str_name()
    }

    fn group_title(host: &HostSpec) -> String {
        format!("type {}", host.r#type().as_str_name())
    }

    /// Every router is a primary, since each answers by itself (our choice).
    fn leads_beside_others(host: &HostSpec) -> bool {
        host.r#type() == host::Type::Router
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

impl SubclusterEngine for Spqr {
    fn with_subcluster(
        request: &CreateClusterRequest,
        host: &HostSpec,
        resources: &Resources,
    ) -> Result<CreateClusterRequest, Refusal> {
        let r#type = host.r#type();
        if has_type(&request.host_specs, r#type) {
            return Err(refusal::cluster::has_type(r#type.as_str_name()));
        }
        let mut after = request.clone();
        let config = after.config_spec.get_or_insert_default();
        let spqr = config.spqr_spec.get_or_insert_default();
        let slot = match r#type {
            host::Type::Router => &mut spqr.router.get_or_insert_default().resources,
            host::Type::Coordinator => &mut spqr.coordinator.get_or_insert_default().resources,
            _ => &mut spqr.infra.get_or_insert_default().resources,
        };
        *slot = Some(resources.clone());
        Ok(after)
    }
}

fn is_possible(r#type: host::Type) -> bool {
    matches!(r#type, host::Type::Infra | host::Type::Router | host::Type::Coordinator)
}

fn has_type(hosts: &[HostSpec], r#type: host::Type) -> bool {
    hosts.iter().any(|host| host.r#type() == r#type)
}

/// Whether the hosts that the request asks for can be of their types. The hosts of shards belong to other clusters.
fn has_possible_types(request: &CreateClusterRequest, rules: &mut Rules) -> bool {
    let mut all = true;
    for (index, host) in rules.hosts_of(&request.host_specs).1 {
        if !is_possible(host.r#type()) {
            let problem = format!("must be INFRA, ROUTER or COORDINATOR, but is {}", host.r#type().as_str_name());
            rules.broken(format!("host_specs[{index}].type"), problem);
            all = false;
        }
    }
    all
}

/// Checks how many hosts of each type there are, and that their resources are given. Those of a type that a cluster does not have yet
/// come with AddSubcluster.
fn check_types(request: &CreateClusterRequest, rules: &mut Rules) {
    let (present, _) = rules.hosts_of(&request.host_specs);
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
        if hosts > 0 && (present.is_empty() || has_type(present, wanted)) {
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
