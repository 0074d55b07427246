//! `BackupService`: backups by id, and by the folder in which they were made, those of deleted clusters too.

use super::{Call, stages};
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::joined::Joined;
use crate::engines::shared::view;
use crate::engines::{Engine, ManagedMessages};
use crate::neighbours::exist;
use crate::refusal::{self, Refusal};
use crate::universe::plan::ResultOf;
use crate::universe::resource::{KindName, Reference};
use crate::universe::{
    BackupEntry, BackupKey, BackupPosition, Contents, Instant, Keeper, Plan, RecordChange, Universe,
};

/// `BackupService.Get`.
pub fn get<E: Engine>(_: &Call, universe: &Universe, request: E::GetBackupRequest) -> Result<E::Backup, Refusal> {
    backup_of::<E>(universe, request.backup_id()).map(|(_, entry)| view::backup::<E>(&entry))
}

/// `BackupService.List`: newest first, by when they were begun.
pub fn list<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListBackupsRequest,
) -> Result<Joined<E::ListBackupsResponse>, Refusal> {
    exist(universe, &[Reference::to(KindName::Folder, request.folder_id())])?;
    let page = call.page(universe, &[request.folder_id()], request.page_size(), request.page_token())?;
    let before = page.after()?.unwrap_or(BackupPosition::END);
    let backups = universe.backups_in(E::NAME, request.folder_id(), before);
    let (backups, token) = page.fill(backups, |entry| entry.backup.position());
    Ok(view::backups::<E, _>(&backups, &token))
}

/// `BackupService.Delete`: only of manual backups (documented for SPQR, applied to all).
pub fn delete<E: Engine + ManagedMessages>(
    call: &Call,
    universe: &Universe,
    request: E::DeleteBackupRequest,
) -> Result<Plan, Refusal> {
    let (key, entry) = backup_of::<E>(universe, request.backup_id())?;
    if entry.keeper != Keeper::Manual {
        return Err(refusal::backup::automatic(request.backup_id()));
    }
    let cluster = entry.record.cluster;
    let mut metadata = E::DeleteBackupMetadata::default();
    metadata.set_backup_id(request.backup_id().to_owned());
    metadata.set_cluster_id(cluster.to_string());
    let plan = call
        .plan(cluster, format!("Delete backup of {} cluster", E::TITLE), metadata.to_any(), stages::DELETE_BACKUP)
        .then(RecordChange::Drop(key))
        .showing(ResultOf::Nothing);
    Ok(plan)
}

/// The backup of an id, if it is one of this engine.
pub(super) fn backup_of<'a, E: Engine>(
    universe: &'a Universe,
    id: &str,
) -> Result<(BackupKey, BackupEntry<'a>), Refusal> {
    let found = universe.backup(id).filter(|(_, entry)| entry.record.engine == E::NAME);
    found.ok_or_else(|| refusal::backup::not_found(id))
}

/// What the cluster of a backup contained at a point in time, or just before it, if the backup reaches that.
pub(super) fn contents_at<'a>(
    universe: &Universe,
    entry: &BackupEntry<'a>,
    time: Instant,
    inclusive: bool,
) -> Result<&'a Contents, Refusal> {
    let (from, to) = entry.record.window(entry.backup, universe.now());
    if time < from || time > to {
        return Err(refusal::backup::outside_window(time, from, to));
    }
    Ok(entry.record.contents_at(time, inclusive).unwrap_or(&entry.backup.source.contents))
}
