//! `ClusterService`. Reads and lists are here; [`creation`] makes clusters, [`change`] changes them, [`hosts`] adds hosts, [`access`] tells who may.

mod access;
mod change;
mod creation;
mod hosts;

pub use access::{list_access_bindings, set_access_bindings, update_access_bindings};
pub use change::{backup, delete, r#move, start, stop, update};
pub use creation::{create, restore};
pub use hosts::add_hosts;

use super::{Call, cluster_of, filter, record_of};
use crate::contract::engine::fields::methods::*;
use crate::contract::filter::Filter;
use crate::contract::joined::Joined;
use crate::engines::shared::view;
use crate::engines::{Engine, operation};
use crate::neighbours::exist;
use crate::refusal::Refusal;
use crate::universe::resource::{KindName, Reference};
use crate::universe::{Cluster, Target, Universe};

/// `ClusterService.Get`.
pub fn get<E: Engine>(_: &Call, universe: &Universe, request: E::GetClusterRequest) -> Result<E::Cluster, Refusal> {
    cluster_of::<E>(universe, request.cluster_id()).map(view::cluster::<E>)
}

/// `ClusterService.List`: the oldest first (our choice).
pub fn list<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListClustersRequest,
) -> Result<E::ListClustersResponse, Refusal> {
    let folder = request.folder_id();
    exist(universe, &[Reference::to(KindName::Folder, folder)])?;
    let wanted = filter::by(E::FILTER_OPERATORS, request.filter())?;
    let page = call.page(universe, &[folder, request.filter()], request.page_size(), request.page_token())?;
    let after = page.after()?.unwrap_or(0);
    let clusters: Box<dyn Iterator<Item = &Cluster>> = match &wanted {
        // Each is found by its name, however many clusters the folder has.
        Filter::Only(names) => {
            let named = names.iter().filter_map(|name| universe.cluster_named(E::NAME, folder, name));
            let behind = named.map(|cluster| &**cluster).filter(|cluster| cluster.sequence > after);
            let mut clusters: Vec<&Cluster> = behind.collect();
            clusters.sort_by_key(|cluster| cluster.sequence);
            Box::new(clusters.into_iter())
        }
        Filter::AllBut(_) => {
            let clusters = universe.clusters_in(E::NAME, folder, after).map(|cluster| &**cluster);
            Box::new(clusters.filter(|cluster| wanted.takes(&cluster.spec.name)))
        }
    };
    let (clusters, token) = page.fill(clusters, |cluster| cluster.sequence);
    let mut reply = E::ListClustersResponse::default();
    reply.set_clusters(clusters.into_iter().map(view::cluster::<E>).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}

/// `ClusterService.ListBackups`: newest first, by when they were begun. Those of a deleted cluster are listed while they last.
pub fn list_backups<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListClusterBackupsRequest,
) -> Result<Joined<E::ListClusterBackupsResponse>, Refusal> {
    let record = record_of::<E>(universe, request.cluster_id())?;
    let page = call.page(universe, &[request.cluster_id()], request.page_size(), request.page_token())?;
    let before = page.after()?.unwrap_or(u64::MAX);
    let backups = record.backups_before(before);
    let (backups, token) = page.fill(backups, |entry| entry.number);
    Ok(view::backups::<E, _>(&backups, &token))
}

/// `ClusterService.ListHosts`: in the order in which they were asked for.
pub fn list_hosts<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListClusterHostsRequest,
) -> Result<E::ListClusterHostsResponse, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let page = call.page(universe, &[request.cluster_id()], request.page_size(), request.page_token())?;
    let after: Option<u64> = page.after()?;
    let hosts = cluster.hosts.iter().filter(|host| after.is_none_or(|after| host.number > after));
    let (hosts, token) = page.fill(hosts, |host| host.number);
    let mut reply = E::ListClusterHostsResponse::default();
    reply.set_hosts(hosts.into_iter().map(|host| view::host::<E>(cluster, host)).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}

/// `ClusterService.ListOperations`: newest first (observed).
pub fn list_operations<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListClusterOperationsRequest,
) -> Result<E::ListClusterOperationsResponse, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let page = call.page(universe, &[request.cluster_id()], request.page_size(), request.page_token())?;
    let before = page.after()?.unwrap_or(u64::MAX);
    let (operations, token) =
        page.fill(universe.operations_of(Target::Cluster(cluster.id), before), |operation| operation.sequence);
    let mut reply = E::ListClusterOperationsResponse::default();
    reply.set_operations(operations.into_iter().map(|operation| operation::shown(operation)).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}
