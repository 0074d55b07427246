//! What brings databases in from elsewhere, and takes them out: from backups of the cluster, and by the files of buckets. There are no data,
//! so nothing is read of a bucket or written to it.

use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::engines::shared::items;
use crate::engines::{DatabaseEngine, TransferMessages};
use crate::handlers::contents::{self, Way};
use crate::handlers::{Call, backup, idle_cluster_of, record_of, stages};
use crate::refusal::{self, Refusal};
use crate::universe::{Cluster, Instant, Item, Opaque, Plan, Status, Universe};

const RESTORE: Way = ("Restore", stages::RESTORE_DATABASE);
const IMPORT_BACKUP: Way = ("Import backup of", stages::IMPORT_BACKUP);
const EXPORT_BACKUP: Way = ("Export backup of", stages::EXPORT_BACKUP);

/// `DatabaseService.Restore`: a new database, as another one was at a point in time that a backup of the same cluster reaches. The other one
/// may have been deleted since (documented).
pub fn restore<E: DatabaseEngine + TransferMessages>(
    call: &Call,
    universe: &Universe,
    request: E::RestoreDatabaseRequest,
) -> Result<Plan, Refusal> {
    let name = request.database_name();
    let cluster = contents::cluster_without::<E>(universe, request.cluster_id(), Item::Database, name)?;
    let mut restored = database_then::<E>(universe, &cluster, &request)?;
    restored.set_name(name.to_owned());
    let mut metadata = E::RestoreDatabaseMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_database_name(name.to_owned());
    metadata.set_from_database(request.from_database().to_owned());
    metadata.set_backup_id(request.backup_id().to_owned());
    let restored = (Item::Database, name, Opaque::new(restored));
    Ok(contents::put::<E>(call, cluster.id, RESTORE, restored, metadata.to_any()))
}

/// The database that is to be restored, as it was then.
fn database_then<E: DatabaseEngine + TransferMessages>(
    universe: &Universe,
    cluster: &Cluster,
    request: &E::RestoreDatabaseRequest,
) -> Result<E::DatabaseSpec, Refusal> {
    let (_, entry) = backup::backup_of::<E>(universe, request.backup_id())?;
    if entry.record.cluster != cluster.id {
        return Err(refusal::backup::of_another_cluster(request.backup_id(), cluster.id.as_str()));
    }
    let time = request.time().map(Instant::from).ok_or_else(|| refusal::request::field("time", "is required"))?;
    let then = backup::contents_at(universe, &entry, time, E::RESTORES_THE_TIME_ITSELF)?;
    let found = then.get(Item::Database, request.from_database());
    let found = found.ok_or_else(|| refusal::backup::no_database_then(request.from_database(), time))?;
    Ok(found.open::<E::DatabaseSpec>().clone())
}

/// `DatabaseService.ImportBackup`: a new database, made of the files in a bucket.
pub fn import_backup<E: DatabaseEngine + TransferMessages>(
    call: &Call,
    universe: &Universe,
    request: E::ImportDatabaseBackupRequest,
) -> Result<Plan, Refusal> {
    let name = request.database_name();
    let cluster = contents::cluster_without::<E>(universe, request.cluster_id(), Item::Database, name)?;
    may_use_buckets::<E>(&cluster)?;
    let mut database = E::DatabaseSpec::default();
    database.set_name(name.to_owned());
    let mut metadata = E::ImportDatabaseBackupMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_database_name(name.to_owned());
    metadata.set_s3_bucket(request.s3_bucket().to_owned());
    metadata.set_s3_path(request.s3_path().to_owned());
    let imported = (Item::Database, name, items::database::<E>(&database));
    Ok(contents::put::<E>(call, cluster.id, IMPORT_BACKUP, imported, metadata.to_any()))
}

/// `DatabaseService.ExportBackup`: writes what the cluster's latest backup has of a database to a bucket.
pub fn export_backup<E: DatabaseEngine + TransferMessages>(
    call: &Call,
    universe: &Universe,
    request: E::ExportDatabaseBackupRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.database_name();
    contents::find(&cluster, Item::Database, name)?;
    may_use_buckets::<E>(&cluster)?;
    let latest = record_of::<E>(universe, request.cluster_id())?.backups_before(u64::MAX).next();
    if latest.is_none_or(|entry| entry.backup.source.contents.get(Item::Database, name).is_none()) {
        return Err(refusal::contents::not_backed_up(name, cluster.id.as_str()));
    }
    let mut metadata = E::ExportDatabaseBackupMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_database_name(name.to_owned());
    metadata.set_s3_bucket(request.s3_bucket().to_owned());
    metadata.set_s3_path(request.s3_path().to_owned());
    Ok(contents::shown::<E>(call, cluster.id, EXPORT_BACKUP, (Item::Database, name), metadata.to_any()))
}

/// A cluster uses buckets by its service account (documented).
fn may_use_buckets<E: DatabaseEngine>(cluster: &Cluster) -> Result<(), Refusal> {
    let request: &E::CreateClusterRequest = cluster.spec.request.open();
    if request.service_account_id().is_empty() {
        return Err(refusal::contents::no_service_account(cluster.id.as_str()));
    }
    Ok(())
}
