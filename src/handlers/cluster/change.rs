//! What changes a cluster that exists.

use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::projection::{CopyInto, projected};
use crate::engines::Engine;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{changes, defaults, references, spec};
use crate::handlers::{Call, cluster_of, idle_cluster_of, record_of, stages, update, while_changing};
use crate::neighbours::{self, folder};
use crate::refusal::{self, Refusal};
use crate::universe::cluster::{Cluster, Spec};
use crate::universe::plan::{Claim, NameKey, ResultOf};
use crate::universe::{ClusterChange, Keeper, Plan, RecordChange, Status, Target, Universe};

/// `ClusterService.Update`: by mask, or without one everything.
pub fn update<E: Engine>(call: &Call, universe: &Universe, request: E::UpdateClusterRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running, Status::Stopped])?;
    let before: &E::CreateClusterRequest = cluster.spec.request.open();
    let after = updated::<E>(call, universe, before, request)?;
    let mut metadata = E::UpdateClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    let plan = call
        .plan(cluster.id, format!("Modify {} cluster", E::TITLE), metadata.to_any(), stages::UPDATE)
        .while_status(while_changing(&cluster));
    Ok(respecified::<E>(plan, &cluster, spec::spec::<E>(after, &cluster.spec.folder)))
}

/// The request that the cluster is kept as, after an update.
fn updated<E: Engine>(
    call: &Call,
    universe: &Universe,
    before: &E::CreateClusterRequest,
    mut request: E::UpdateClusterRequest,
) -> Result<E::CreateClusterRequest, Refusal> {
    E::modernize(&mut request);
    let mut merged =
        update::merged(call, &projected(before), &request, request.update_mask(), (&["cluster_id"], E::KEPT))?;
    let mut rules = Rules::beside_hosts(before.host_specs().len());
    rules.passwords("", &merged);
    let has_secret = update::forget_secrets(&mut merged, request.update_mask());
    let mut after = before.clone();
    merged.copy_into(&mut after);
    E::upgrade(before, &mut after);
    defaults::complete::<E>(&mut after);
    if after == *before && !has_secret {
        return Err(refusal::cluster::no_changes());
    }
    if after.network_id() != before.network_id() {
        return Err(refusal::cluster::other_network(before.network_id()));
    }
    changes::upgradable::<E>(before, &after)?;
    E::check_change(before, &after)?;
    let mut rules = rules.for_update::<E>(before, &after);
    rules::check::<E>(&after, &mut rules);
    rules.outcome()?;
    // A key may be deleted while a cluster is encrypted by it.
    neighbours::exist_anew(universe, &references::references::<E>(before), &references::references::<E>(&after))?;
    Ok(after)
}

/// `ClusterService.Delete`. The backups stay for seven days.
pub fn delete<E: Engine>(call: &Call, universe: &Universe, request: E::DeleteClusterRequest) -> Result<Plan, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?.clone();
    universe.idle(Target::Cluster(cluster.id))?;
    if cluster.spec.deletion_protection {
        return Err(refusal::cluster::protected(request.cluster_id()));
    }
    let mut metadata = E::DeleteClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    let plan = call
        .plan(cluster.id, format!("Delete {} cluster", E::TITLE), metadata.to_any(), stages::DELETE)
        .while_status(while_changing(&cluster))
        .then(ClusterChange::Delete)
        .showing(ResultOf::Nothing);
    Ok(plan)
}

/// `ClusterService.Start`: only from STOPPED (documented), and not in a folder that is being deleted, where clusters stand still
/// (documented).
pub fn start<E: Engine>(call: &Call, universe: &Universe, request: E::StartClusterRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Stopped])?;
    folder::takes(universe, &cluster.spec.folder)?;
    let mut metadata = E::StartClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    let plan = call
        .plan(cluster.id, format!("Start {} cluster", E::TITLE), metadata.to_any(), stages::START)
        .while_status(Status::Starting)
        .then(ClusterChange::Status(Status::Running));
    Ok(plan)
}

/// `ClusterService.Stop`: only from RUNNING.
pub fn stop<E: Engine>(call: &Call, universe: &Universe, request: E::StopClusterRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let mut metadata = E::StopClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    let plan = call
        .plan(cluster.id, format!("Stop {} cluster", E::TITLE), metadata.to_any(), stages::STOP)
        .while_status(Status::Stopping)
        .then(ClusterChange::Status(Status::Stopped));
    Ok(plan)
}

/// `ClusterService.Move`: to another folder, where its name must be free. Backups stay listed where they were made.
pub fn r#move<E: Engine>(call: &Call, universe: &Universe, request: E::MoveClusterRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running, Status::Stopped])?;
    let destination = request.destination_folder_id();
    folder::takes(universe, destination)?;
    if *destination == *cluster.spec.folder {
        return Err(refusal::cluster::already_there(destination));
    }
    if folder::cloud_of(universe, destination) != folder::cloud_of(universe, &cluster.spec.folder) {
        return Err(refusal::neighbour::other_cloud(destination));
    }
    let mut metadata = E::MoveClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_source_folder_id(cluster.spec.folder.to_string());
    metadata.set_destination_folder_id(destination.to_owned());
    let spec = Spec { folder: destination.into(), ..(*cluster.spec).clone() };
    let plan = call
        .plan(cluster.id, format!("Move {} cluster", E::TITLE), metadata.to_any(), stages::MOVE)
        .while_status(while_changing(&cluster));
    Ok(respecified::<E>(plan, &cluster, spec))
}

/// `ClusterService.Backup`: of a running cluster. The backup is listed when the operation is done.
pub fn backup<E: Engine>(call: &Call, universe: &Universe, request: E::BackupClusterRequest) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let record = record_of::<E>(universe, request.cluster_id())?;
    let number = record.next_number();
    let kept = RecordChange::Keep { number, rank: universe.next_sequence(), keeper: Keeper::Manual };
    let mut metadata = E::BackupClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_backup_id(record.backup_id(number).to_string());
    let plan = call
        .plan(cluster.id, format!("Create backup of {} cluster", E::TITLE), metadata.to_any(), stages::BACKUP)
        .while_status(Status::Updating)
        .claiming(Claim::BackupNumbers(1))
        .then(kept);
    Ok(plan)
}

/// A plan that gives a cluster another spec, and claims the name that comes with it.
fn respecified<E: Engine>(plan: Plan, cluster: &Cluster, spec: Spec) -> Plan {
    let name = NameKey::of(E::NAME, &spec);
    let is_new = name != NameKey::of(E::NAME, &cluster.spec);
    let plan = if is_new { plan.claiming(Claim::Name(name)) } else { plan };
    plan.claiming(Claim::Use(spec.uses.clone())).then(ClusterChange::Spec(spec.into()))
}
