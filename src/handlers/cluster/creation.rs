//! Create and Restore: both make a new cluster, with contents of its request or of a backup.

use super::hosts::new_hosts;
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::projection::projected;
use crate::engines::Engine;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{changes, defaults, items, references, spec, users};
use crate::handlers::{Call, backup, record_of, stages};
use crate::neighbours::{self, folder};
use crate::refusal::{self, Refusal};
use crate::universe::cluster::NewCluster;
use crate::universe::network::DEFAULT_NETWORK;
use crate::universe::{BackupEntry, Contents, Instant, Item, Plan, Universe};

/// `ClusterService.Create`.
pub fn create<E: Engine>(
    call: &Call,
    universe: &Universe,
    mut request: E::CreateClusterRequest,
) -> Result<Plan, Refusal> {
    let folder = request.folder_id().to_owned();
    choose_network::<E>(universe, &mut request, &folder)?;
    defaults::complete::<E>(&mut request);
    let contents = E::contents(&request);
    let new = new_cluster::<E>(universe, request, &folder, contents, Rules::default())?;
    let mut metadata = E::CreateClusterMetadata::default();
    let id = universe.next_cluster_id(E::NAME, &new.spec);
    metadata.set_cluster_id(id.to_string());
    Ok(call.plan(id, format!("Create {} cluster", E::TITLE), metadata.to_any(), stages::CREATE).creating(new))
}

/// `ClusterService.Restore`: a new cluster with the contents that a backup pinned, or that were in force at a point in time.
pub fn restore<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::RestoreClusterRequest,
) -> Result<Plan, Refusal> {
    let backup = backup_to_restore::<E>(universe, &request)?;
    let mut contents = contents_to_restore::<E>(universe, &backup, &request)?;
    let folder = match request.folder_id() {
        // Our choice: no source says what an empty folder means.
        "" => backup.backup.source.spec.folder.to_string(),
        folder => folder.to_owned(),
    };
    let mut metadata = E::RestoreClusterMetadata::default();
    metadata.set_backup_id(backup.id().to_string());
    let source: &E::CreateClusterRequest = backup.backup.source.spec.request.open();
    let mut request: E::CreateClusterRequest = projected(&request);
    choose_network::<E>(universe, &mut request, &folder)?;
    let hosts_asked_for = request.host_specs().len();
    defaults::inherit::<E>(&mut request, source);
    defaults::complete::<E>(&mut request);
    changes::not_older::<E>(source, &request)?;
    for user in request.user_specs() {
        contents.put(Item::User, user.name(), items::user::<E>(user));
    }
    // Shards are those of the new cluster's hosts, or are to be added again (documented for SPQR).
    contents.take_all(Item::Shard, &E::contents(&request));
    let rules = Rules::beside_hosts(request.host_specs().len() - hosts_asked_for);
    let new = new_cluster::<E>(universe, request, &folder, contents, rules)?;
    let id = universe.next_cluster_id(E::NAME, &new.spec);
    metadata.set_cluster_id(id.to_string());
    Ok(call.plan(id, format!("Restore {} cluster", E::TITLE), metadata.to_any(), stages::RESTORE).creating(new))
}

/// A request that names no network means the folder's.
fn choose_network<E: Engine>(
    universe: &Universe,
    request: &mut E::CreateClusterRequest,
    folder: &str,
) -> Result<(), Refusal> {
    folder::takes(universe, folder)?;
    if request.network_id().is_empty() {
        let network = universe.default_network(folder);
        let network = network.ok_or_else(|| refusal::neighbour::no_default_network(folder, DEFAULT_NETWORK))?;
        request.set_network_id(network.to_string());
    }
    Ok(())
}

/// The cluster that a complete request asks for, if the engine's rules allow it.
fn new_cluster<E: Engine>(
    universe: &Universe,
    request: E::CreateClusterRequest,
    folder: &str,
    contents: Contents,
    mut rules: Rules,
) -> Result<NewCluster, Refusal> {
    let unnamed = rules.present_hosts();
    rules::check::<E>(&request, &mut rules);
    users::check::<E>(request.user_specs(), &contents, &mut rules);
    rules.passwords("", &request);
    // Hosts to be made have no names yet, so none can be another's source.
    rules.replication_sources::<E>(request.host_specs(), |_| false);
    rules.outcome()?;
    neighbours::exist(universe, &references::references::<E>(&request))?;
    let hosts = new_hosts::<E>(universe, &request, &[], unnamed)?;
    Ok(NewCluster { engine: E::NAME, hosts, spec: spec::spec::<E>(request, folder).into(), contents })
}

/// The backup that is named, or else the newest of the named cluster that reaches the point in time.
fn backup_to_restore<'a, E: Engine>(
    universe: &'a Universe,
    request: &E::RestoreClusterRequest,
) -> Result<BackupEntry<'a>, Refusal> {
    match (request.backup_id(), request.source_cluster_id()) {
        ("", "") => Err(refusal::backup::no_source()),
        (backup, "") => backup::backup_of::<E>(universe, backup).map(|(_, entry)| entry),
        ("", cluster) => {
            let record = record_of::<E>(universe, cluster)?;
            let time = request.time().map(Instant::from).ok_or_else(refusal::backup::time_required)?;
            let window = record.window_of_all(universe.now());
            let within = window.is_some_and(|(from, to)| from <= time && time <= to);
            let base = record.base_for(time).filter(|_| within);
            base.ok_or_else(|| refusal::backup::outside_all_windows(cluster, &time, window))
        }
        _ => Err(refusal::backup::two_sources()),
    }
}

/// What the restored cluster shall contain.
fn contents_to_restore<E: Engine>(
    universe: &Universe,
    entry: &BackupEntry<'_>,
    request: &E::RestoreClusterRequest,
) -> Result<Contents, Refusal> {
    let Some(time) = request.time().map(Instant::from) else { return Ok(entry.backup.source.contents.clone()) };
    let inclusive = E::RESTORES_THE_TIME_ITSELF || request.time_inclusive();
    backup::contents_at(universe, entry, time, inclusive).cloned()
}
