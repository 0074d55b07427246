//! `ClusterService.StartFailover`: other hosts lead from then on.

use std::collections::BTreeSet;

use super::hosts::position;
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::engines::FailoverEngine;
use crate::engines::shared::hosts::{Lead, Switch, with_roles};
use crate::handlers::{Call, idle_cluster_of, stages};
use crate::refusal::{self, Refusal};
use crate::universe::cluster::Host;
use crate::universe::{Cluster, ClusterChange, Plan, Status, Universe};

/// `ClusterService.StartFailover`: to the hosts asked for, or to the best of those that follow (documented).
pub fn start_failover<E: FailoverEngine>(
    call: &Call,
    universe: &Universe,
    request: E::StartClusterFailoverRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let switch = E::switch(&request);
    E::check_switch(&switch, cluster.spec.request.open())?;
    let hosts = switched::<E>(&cluster, &switch)?;
    let mut metadata = E::StartClusterFailoverMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_host_names(request.host_names().to_vec());
    metadata.set_zone_id(request.zone_id().to_owned());
    let plan = call
        .plan(cluster.id, format!("Start failover on {} cluster", E::TITLE), metadata.to_any(), stages::FAILOVER)
        .while_status(Status::Updating)
        .then(ClusterChange::Hosts(hosts.into()));
    Ok(plan)
}

/// The hosts after a switch.
///
/// # Errors
///
/// NOT_FOUND if a host that is named does not exist; FAILED_PRECONDITION if the switch changes nothing, or cannot be.
fn switched<E: FailoverEngine>(cluster: &Cluster, switch: &Switch<'_>) -> Result<Vec<Host>, Refusal> {
    match switch {
        Switch::To(names) => to_hosts::<E>(cluster, &named(cluster, names)?),
        Switch::From(names) => {
            let leaders = named(cluster, names)?;
            match leaders.iter().find(|host| host.role != E::LEADER) {
                Some(follower) => Err(refusal::cluster::does_not_lead(&follower.name)),
                None => from_hosts::<E>(cluster, |host| leaders.iter().any(|leader| leader.number == host.number)),
            }
        }
        Switch::FromZone(zone) => {
            let is_there = |host: &Host| host.spec.open::<E::HostSpec>().zone_id() == *zone;
            if cluster.hosts.iter().any(|host| host.role == E::LEADER && is_there(host)) {
                from_hosts::<E>(cluster, is_there)
            } else {
                Err(refusal::cluster::no_leader_in_zone(zone))
            }
        }
        Switch::FromAll => from_hosts::<E>(cluster, |host| host.role == E::LEADER),
    }
}

fn named<'c>(cluster: &'c Cluster, names: &[&str]) -> Result<Vec<&'c Host>, Refusal> {
    names.iter().map(|name| position(cluster, name).map(|position| &cluster.hosts[position])).collect()
}

/// These hosts lead.
fn to_hosts<E: FailoverEngine>(cluster: &Cluster, leaders: &[&Host]) -> Result<Vec<Host>, Refusal> {
    for host in leaders {
        let spec: &E::HostSpec = host.spec.open();
        if host.role == E::LEADER {
            return Err(refusal::cluster::leads_already(&host.name));
        }
        if E::standing(spec).is_none() || !E::source(spec).is_empty() {
            return Err(refusal::cluster::never_leads(&host.name));
        }
        let rival =
            leaders.iter().find(|other| other.number != host.number && E::group(other.spec.open()) == E::group(spec));
        if let Some(rival) = rival {
            return Err(refusal::cluster::two_leaders(&host.name, &rival.name));
        }
    }
    let is_asked = |host: &Host| leaders.iter().any(|leader| leader.number == host.number);
    Ok(with_roles::<E>(cluster.hosts.to_vec(), |host| if is_asked(host) { Lead::Takes } else { Lead::of::<E>(host) }))
}

/// None of these hosts leads.
fn from_hosts<E: FailoverEngine>(cluster: &Cluster, is_from: impl Fn(&Host) -> bool) -> Result<Vec<Host>, Refusal> {
    let from: BTreeSet<u64> = cluster.hosts.iter().filter(|host| is_from(host)).map(|host| host.number).collect();
    let yields = |host: &Host| from.contains(&host.number);
    let lead = |host: &Host| if yields(host) { Lead::Yields } else { Lead::of::<E>(host) };
    let hosts = with_roles::<E>(cluster.hosts.to_vec(), lead);
    match hosts.iter().find(|host| host.role == E::LEADER && yields(host)) {
        Some(leader) => Err(refusal::cluster::nobody_takes_over(&leader.name)),
        None => Ok(hosts),
    }
}
