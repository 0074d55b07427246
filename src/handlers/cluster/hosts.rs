//! The hosts of a cluster: what is asked for, and how it becomes hosts to be made.

use crate::contract::ContractMessage;
use crate::contract::engine::ManagedMessages;
use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{defaults, spec};
use crate::handlers::{Call, idle_cluster_of, stages};
use crate::neighbours::subnet;
use crate::refusal::{self, Refusal};
use crate::universe::cluster::NewHost;
use crate::universe::plan::{Claim, ResultOf};
use crate::universe::resource::{KindName, Used};
use crate::universe::{ClusterChange, Id, Opaque, Plan, Status, Universe, network};

/// `ClusterService.AddHosts`: to a running cluster, as followers of those that it has. They are listed when the operation is done
/// (our choice); their names stand in its metadata from the first reply on.
pub fn add_hosts<E: Engine + ManagedMessages>(
    call: &Call,
    universe: &Universe,
    request: E::AddClusterHostsRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let before: &E::CreateClusterRequest = cluster.spec.request.open();
    let after = grown::<E>(before, request.host_specs());
    let mut rules = Rules::beside_hosts(before.host_specs().len());
    rules::check::<E>(&after, &mut rules);
    rules.replication_sources::<E>(after.host_specs(), |name| cluster.hosts.iter().any(|host| *host.name == *name));
    rules.outcome()?;
    let present = cluster.hosts.len();
    let added = new_hosts::<E>(universe, &after, HostsAsked { from: present, unnamed: present })?;
    let hosts = universe.named_hosts(cluster.id, cluster.hosts_made, added);
    let mut metadata = E::AddClusterHostsMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_host_names(hosts.iter().map(|host| host.name.to_string()).collect());
    let spec = spec::spec::<E>(after, &cluster.spec.folder);
    let subnets = hosts.iter().filter_map(|host| host.subnet).map(|id| Used { kind: KindName::Subnet, id }).collect();
    let plan = call
        .plan(cluster.id, format!("Add hosts to {} cluster", E::TITLE), metadata.to_any(), stages::ADD_HOSTS)
        .while_status(Status::Updating)
        .claiming(Claim::HostNumbers(hosts.len() as u64))
        .claiming(Claim::Use(subnets))
        .then(ClusterChange::Spec(spec.into()))
        .then(ClusterChange::AddHosts(hosts.into()))
        .showing(ResultOf::Nothing);
    Ok(plan)
}

/// The request that the cluster is kept as, with more hosts.
fn grown<E: Engine>(before: &E::CreateClusterRequest, hosts: &[E::HostSpec]) -> E::CreateClusterRequest {
    let mut after = before.clone();
    after.set_host_specs([before.host_specs(), hosts].concat());
    defaults::complete::<E>(&mut after);
    after
}

/// Which hosts of a complete request are to be made.
#[derive(Clone, Copy, Debug)]
pub struct HostsAsked {
    /// Those from this one on.
    pub from: usize,
    /// So many come first that the call's own request does not name.
    pub unnamed: usize,
}

/// The hosts that a complete and checked request asks for, each in a subnet of the cluster's network in its zone.
///
/// # Errors
///
/// INVALID_ARGUMENT if the network has no subnet in a host's zone, or if the subnet that is named is elsewhere; NOT_FOUND if it does not
/// exist and the universe is strict.
pub fn new_hosts<E: Engine>(
    universe: &Universe,
    request: &E::CreateClusterRequest,
    asked: HostsAsked,
) -> Result<Vec<NewHost>, Refusal> {
    let hosts = E::hosts(request).into_iter().enumerate().skip(asked.from).map(|(index, (mut host, role))| {
        let zone = network::zone(host.zone_id()).expect("the rules have seen that the zone exists");
        let field = match index.checked_sub(asked.unnamed) {
            Some(index) => format!("host_specs[{index}].subnet_id"),
            None => "host_specs".to_owned(),
        };
        let network = request.network_id();
        if host.subnet_id().is_empty() {
            let subnet = universe.default_subnet(network, zone);
            let subnet = subnet.ok_or_else(|| refusal::neighbour::no_subnet_in_zone(&field, network, zone.id))?;
            host.set_subnet_id(subnet.to_string());
        } else {
            subnet::holds_hosts(universe, &field, host.subnet_id(), (network, zone.id))?;
        }
        let subnet = Id::parse(host.subnet_id());
        Ok(NewHost { zone_code: zone.code.to_owned(), role, subnet, spec: Opaque::new(host) })
    });
    hosts.collect()
}
