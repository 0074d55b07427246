//! The hosts of a cluster: what is asked for, how it becomes hosts to be made, and what changes them.

use std::collections::BTreeSet;

use prost_types::Any;

use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::engine::{ManagedMessages, fields};
use crate::contract::projection::{CopyInto, projected};
use crate::engines::shared::hosts::{Lead, roles, with_roles};
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{defaults, spec};
use crate::engines::{Engine, SubclusterEngine};
use crate::handlers::{Call, idle_cluster_of, stages, update};
use crate::neighbours::subnet;
use crate::refusal::{self, Refusal};
use crate::universe::cluster::{Host, NewHost};
use crate::universe::plan::{Claim, ResultOf};
use crate::universe::resource::{KindName, Used};
use crate::universe::{Cluster, ClusterChange, Id, Opaque, Plan, Stage, Status, Universe, network};

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
    let (present, added) = after.host_specs().split_at(cluster.hosts.len());
    let mut rules = Rules::beside_hosts(present.len());
    E::check_added(present, added, &mut rules);
    let grown = Grown::<E>::new(universe, &cluster, after, rules)?;
    let description = format!("Add hosts to {} cluster", E::TITLE);
    let metadata = added_metadata::<E>(&cluster, grown.added());
    Ok(grown.plan(call, description, metadata, stages::ADD_HOSTS).showing(ResultOf::Nothing))
}

/// `ClusterService.AddSubcluster`: the first host of a type, with the resources of that type.
pub fn add_subcluster<E: SubclusterEngine + ManagedMessages>(
    call: &Call,
    universe: &Universe,
    request: E::AddSubclusterRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let before: &E::CreateClusterRequest = cluster.spec.request.open();
    let (Some(host), Some(resources)) = (request.host_specs().first(), request.resources()) else {
        return Err(refusal::request::field("resources", "is required"));
    };
    let with_resources = E::with_subcluster(before, host, resources)?;
    let after = grown::<E>(&with_resources, request.host_specs());
    let grown = Grown::<E>::new(universe, &cluster, after, Rules::beside_hosts(cluster.hosts.len()))?;
    let description = format!("Add subcluster to {} cluster", E::TITLE);
    let metadata = added_metadata::<E>(&cluster, grown.added());
    Ok(grown.plan(call, description, metadata, stages::ADD_HOSTS).showing(ResultOf::Nothing))
}

fn added_metadata<E: Engine + ManagedMessages>(cluster: &Cluster, added: &[Host]) -> Any {
    let mut metadata = E::AddClusterHostsMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_host_names(added.iter().map(|host| host.name.to_string()).collect());
    metadata.to_any()
}

/// `ClusterService.UpdateHosts`: each host by a mask of its own. Hosts keep their names; who leads changes only if the leader must not
/// lead any more.
pub fn update_hosts<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::UpdateClusterHostsRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let mut after: E::CreateClusterRequest = cluster.spec.request.open::<E::CreateClusterRequest>().clone();
    let (mut hosts, mut specs) = (cluster.hosts.to_vec(), after.host_specs().to_vec());
    let mut rules = Rules::default();
    let named = request.update_host_specs().iter().map(fields::UpdateHostSpec::<E>::host_name);
    rules.unique("update_host_specs", "host_name", named);
    for (index, asked) in request.update_host_specs().iter().enumerate() {
        let position = position(&cluster, asked.host_name())?;
        let mut spec = hosts[position].spec.open::<E::HostSpec>().clone();
        let merged = update::merged(call, &projected(&spec), asked, asked.update_mask(), (&["host_name"], &[]))?;
        merged.copy_into(&mut spec);
        merged.copy_into(&mut specs[position]);
        let field = format!("update_host_specs[{index}]");
        E::check_host(&field, &spec, &after, &mut rules);
        rules.replication_source(&field, E::source(&spec), |name| cluster.host(name).is_some());
        hosts[position].spec = Opaque::new(spec);
    }
    rules.outcome()?;
    if *hosts == *cluster.hosts {
        return Err(refusal::cluster::no_changes());
    }
    check_sources::<E>(&cluster, &hosts)?;
    after.set_host_specs(specs);
    let mut metadata = E::UpdateClusterHostsMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_host_names(request.update_host_specs().iter().map(|asked| asked.host_name().to_owned()).collect());
    let about = (format!("Modify hosts in {} cluster", E::TITLE), metadata.to_any(), stages::UPDATE_HOSTS);
    let plan = rehosted::<E>(call, &cluster, about, (after, with_roles::<E>(hosts, Lead::of::<E>)));
    Ok(plan.showing(ResultOf::Nothing))
}

/// Replication sources must lead to a host that has none, and that leads.
fn check_sources<E: Engine>(cluster: &Cluster, hosts: &[Host]) -> Result<(), Refusal> {
    let source = |host: &Host| hosts.iter().find(|other| *other.name == *E::source(host.spec.open()));
    for host in hosts {
        let chain = std::iter::successors(source(host), |other| source(other));
        if chain.take(hosts.len()).any(|other| other.number == host.number) {
            return Err(refusal::cluster::source_circle(&host.name));
        }
    }
    let is_free = |host: &Host| E::source(host.spec.open()).is_empty();
    if hosts.iter().any(is_free) { Ok(()) } else { Err(refusal::cluster::no_leader(cluster.id.as_str())) }
}

/// `ClusterService.DeleteHosts`: the last host of a cluster, shard or type stays. If a leader goes, the best of the others leads from
/// that moment on.
pub fn delete_hosts<E: Engine + ManagedMessages>(
    call: &Call,
    universe: &Universe,
    request: E::DeleteClusterHostsRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let deleted = request.host_names().iter().map(|name| position(&cluster, name)).collect::<Result<_, _>>()?;
    let kept = without::<E>(&cluster, &deleted);
    for position in &deleted {
        let host = &cluster.hosts[*position];
        let spec: &E::HostSpec = host.spec.open();
        if !kept.1.iter().any(|other| E::group(other.spec.open()) == E::group(spec)) {
            return Err(refusal::cluster::last_host(&host.name, &E::group_title(spec)));
        }
        if let Some(replica) = kept.1.iter().find(|other| *E::source(other.spec.open()) == *host.name) {
            return Err(refusal::cluster::is_source(&host.name, &replica.name));
        }
    }
    let mut rules = Rules::beside_hosts(kept.1.len());
    E::check_hosts(&kept.0, &mut rules);
    rules.outcome_for(cluster.id.as_str())?;
    let mut metadata = E::DeleteClusterHostsMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_host_names(request.host_names().to_vec());
    let about = (format!("Delete hosts from {} cluster", E::TITLE), metadata.to_any(), stages::DELETE_HOSTS);
    Ok(rehosted::<E>(call, &cluster, about, kept).showing(ResultOf::Nothing))
}

/// `ClusterService.ResetupHosts`: makes hosts anew. Meanwhile others lead, where there are others (our choice); their names stay.
pub fn resetup_hosts<E: SubclusterEngine>(
    call: &Call,
    universe: &Universe,
    request: E::ResetupHostsRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let positions = request.host_names().iter().map(|name| position(&cluster, name));
    let anew: BTreeSet<usize> = positions.collect::<Result<_, _>>()?;
    let numbers: BTreeSet<u64> = anew.into_iter().map(|position| cluster.hosts[position].number).collect();
    let yields = |host: &Host| if numbers.contains(&host.number) { Lead::Yields } else { Lead::of::<E>(host) };
    let hosts = with_roles::<E>(cluster.hosts.to_vec(), yields);
    let mut metadata = E::ResetupHostsMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_host_names(request.host_names().to_vec());
    let description = format!("Resetup hosts in {} cluster", E::TITLE);
    let plan = call.plan(cluster.id, description, metadata.to_any(), stages::RESETUP_HOSTS);
    Ok(plan.while_status(Status::Updating).then(ClusterChange::Hosts(hosts.into())).showing(ResultOf::Nothing))
}

/// The position of a host in its cluster.
pub fn position(cluster: &Cluster, name: &str) -> Result<usize, Refusal> {
    let found = cluster.hosts.iter().position(|host| *host.name == *name);
    found.ok_or_else(|| refusal::cluster::host_not_found(name, cluster.id.as_str()))
}

/// The request that a cluster is kept as, and its hosts. The hosts of both are in the same order.
pub type Hosted<E> = (<E as crate::engines::Messages>::CreateClusterRequest, Vec<Host>);

/// A cluster without the hosts at some positions. Where a leader goes, another leads.
pub fn without<E: Engine>(cluster: &Cluster, deleted: &BTreeSet<usize>) -> Hosted<E> {
    let mut request: E::CreateClusterRequest = cluster.spec.request.open::<E::CreateClusterRequest>().clone();
    let stays = |position: &usize| !deleted.contains(position);
    let positions: Vec<usize> = (0..cluster.hosts.len()).filter(stays).collect();
    request.set_host_specs(positions.iter().map(|position| request.host_specs()[*position].clone()).collect());
    let hosts = positions.iter().map(|position| cluster.hosts[*position].clone()).collect();
    (request, with_roles::<E>(hosts, Lead::of::<E>))
}

/// A plan that leaves a running cluster with other hosts.
pub fn rehosted<E: Engine>(
    call: &Call,
    cluster: &Cluster,
    (description, metadata, stages): (String, Any, &'static [Stage]),
    (request, hosts): Hosted<E>,
) -> Plan {
    let spec = spec::spec::<E>(request, &cluster.spec.folder);
    call.plan(cluster.id, description, metadata, stages)
        .while_status(Status::Updating)
        .then(ClusterChange::Spec(spec.into()))
        .then(ClusterChange::Hosts(hosts.into()))
}

/// The request that the cluster is kept as, with more hosts.
pub fn grown<E: Engine>(before: &E::CreateClusterRequest, hosts: &[E::HostSpec]) -> E::CreateClusterRequest {
    let mut after = before.clone();
    after.set_host_specs([before.host_specs(), hosts].concat());
    defaults::complete::<E>(&mut after);
    after
}

/// A cluster with more hosts, which have their names.
pub struct Grown<'c, E: Engine> {
    cluster: &'c Cluster,
    request: E::CreateClusterRequest,
    hosts: Vec<Host>,
}

impl<'c, E: Engine> Grown<'c, E> {
    /// The cluster with the hosts that a complete request has beside its own, if that breaks no rule.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if it breaks one, and what [`new_hosts`] refuses.
    pub fn new(
        universe: &Universe,
        cluster: &'c Cluster,
        request: E::CreateClusterRequest,
        mut rules: Rules,
    ) -> Result<Self, Refusal> {
        rules::check::<E>(&request, &mut rules);
        rules.replication_sources::<E>(request.host_specs(), |name| cluster.host(name).is_some());
        rules.outcome()?;
        let added = new_hosts::<E>(universe, &request, &cluster.hosts, cluster.hosts.len())?;
        let added = universe.named_hosts(cluster.id, cluster.hosts_made, added);
        Ok(Self { cluster, request, hosts: cluster.hosts.iter().cloned().chain(added).collect() })
    }

    /// The hosts that are to be made.
    pub fn added(&self) -> &[Host] {
        &self.hosts[self.cluster.hosts.len()..]
    }

    /// The plan to make them.
    pub fn plan(self, call: &Call, description: String, metadata: Any, stages: &'static [Stage]) -> Plan {
        let count = self.added().len() as u64;
        let subnets = self.added().iter().filter_map(|host| host.subnet);
        let subnets = subnets.map(|id| Used { kind: KindName::Subnet, id }).collect();
        rehosted::<E>(call, self.cluster, (description, metadata, stages), (self.request, self.hosts))
            .claiming(Claim::HostNumbers(count))
            .claiming(Claim::Use(subnets))
    }
}

/// The hosts that a complete and checked request asks for beside those that are present, each in a subnet of the cluster's network in its
/// zone. So many come first that the call's own request does not name.
///
/// # Errors
///
/// INVALID_ARGUMENT if the network has no subnet in a host's zone, or if the subnet that is named is elsewhere; NOT_FOUND if it does not
/// exist and the universe is strict.
pub fn new_hosts<E: Engine>(
    universe: &Universe,
    request: &E::CreateClusterRequest,
    present: &[Host],
    unnamed: usize,
) -> Result<Vec<NewHost>, Refusal> {
    let has_group = |group: &str| present.iter().any(|host| E::group(host.spec.open()) == group);
    let lead = |index: usize, spec: &E::HostSpec| match present.get(index) {
        Some(host) => Lead::of::<E>(host),
        None if has_group(E::group(spec)) => Lead::Open,
        // The first of a new group leads, whatever its standing (our choice).
        None => Lead::Holds,
    };
    let leads: Vec<_> =
        request.host_specs().iter().enumerate().map(|(index, host)| (host, lead(index, host))).collect();
    let roles = roles::<E>(&leads);
    let hosts = request.host_specs().iter().cloned().zip(roles).enumerate().skip(present.len());
    let hosts = hosts.map(|(index, (mut host, role))| {
        let zone = network::zone(host.zone_id()).expect("the rules have seen that the zone exists");
        let field = match index.checked_sub(unnamed) {
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
