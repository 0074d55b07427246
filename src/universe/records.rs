//! The store of what outlives clusters: their records, and the order of backups in each folder.

use std::sync::Arc;

use imbl::OrdMap;

use super::backup::{Backup, BackupId, BackupKey, Keeper};
use super::cluster::{Cluster, EngineName, Spec, Text};
use super::core::Core;
use super::identifier::Permutation;
use super::record::{Begun, ClusterRecord};
use super::{BackupEntry, Contents, Id, RecordEvent, Seed};

/// The records of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Records {
    /// By number, which is the cluster's place in the universe's order.
    all: OrdMap<u64, Arc<ClusterRecord>>,
    numbers: OrdMap<Id, u64>,
    by_folder: OrdMap<(EngineName, Text), OrdMap<u64, BackupKey>>,
    backups: usize,
}

impl Records {
    pub fn of(&self, cluster: Id) -> Option<&Arc<ClusterRecord>> {
        self.all.get(self.numbers.get(&cluster)?)
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<ClusterRecord>> {
        self.all.values()
    }

    pub fn backup_count(&self) -> usize {
        self.backups
    }

    /// An engine's backups that were made in a folder, newest first, from behind a place in that order.
    pub fn backups_in(&self, engine: EngineName, folder: &str, before: u64) -> impl Iterator<Item = BackupEntry<'_>> {
        let index = self.by_folder.get(&(engine, folder.into()));
        let keys = index.into_iter().flat_map(move |index| index.range(..before).rev().map(|(_, key)| *key));
        keys.filter_map(|key| self.all.get(&key.record)?.backup(key.number))
    }

    /// The backup of an identifier, with its key.
    pub fn backup(&self, id: &str) -> Option<(BackupKey, BackupEntry<'_>)> {
        let id = BackupId::parse(id)?;
        let record = *self.numbers.get(&id.cluster())?;
        let found = self.all.get(&record)?;
        let entry = found.backup(found.backup_number(&id)?)?;
        Some((BackupKey { record, number: entry.number }, entry))
    }

    /// Adds the record of a new cluster, which has no backups yet.
    pub fn insert(&mut self, core: &Core, cluster: &Cluster) {
        let disguise = Permutation::new(core.seed.word("backup", &[cluster.id.as_str()], 0));
        let mut record = ClusterRecord::new(cluster.id, cluster.engine, disguise, &cluster.spec);
        record.remember(core.now, cluster.contents.clone());
        self.all.insert(cluster.sequence, record.into());
        self.numbers.insert(cluster.id, cluster.sequence);
    }

    /// Takes numbers for backups, and as many places in the universe's order.
    pub fn number_backups(&mut self, core: &mut Core, cluster: Id, count: u64) {
        core.sequence += count;
        let record = self.numbers.get(&cluster).and_then(|number| self.all.get_mut(number));
        if let Some(record) = record.map(Arc::make_mut) {
            record.give_numbers(count);
        }
    }

    /// Begins a backup that no operation makes; returns its number.
    pub fn begin(&mut self, core: &mut Core, record: u64, keeper: Keeper) -> Option<u64> {
        let found = self.all.get_mut(&record).map(Arc::make_mut)?;
        Some(found.begin(core.next_sequence(), core.now, keeper))
    }

    /// What was begun under a number, which is ready now.
    pub fn end(&mut self, record: u64, number: u64) -> Option<Begun> {
        self.all.get_mut(&record).map(Arc::make_mut)?.end(number)
    }

    /// Keeps a backup of a cluster that is finished now.
    pub fn keep(&mut self, core: &mut Core, cluster: &Cluster, begun: Begun) {
        let backup = Backup {
            sequence: begun.sequence,
            started_at: begun.started_at,
            created_at: core.now,
            size: made_up_size(core.seed, cluster.id, begun.number),
            spec: cluster.spec.clone(),
            contents: cluster.contents.clone(),
        };
        self.backups += 1;
        let key = BackupKey { record: cluster.sequence, number: begun.number };
        let folder = (cluster.engine, backup.spec.folder.clone());
        self.by_folder.entry(folder).or_default().insert(begun.sequence, key);
        self.change(core, key.record, |record| record.keep(begun.keeper, begun.number, backup));
    }

    /// Keeps the contents that a cluster has from now on.
    pub fn remember(&mut self, core: &mut Core, record: u64, contents: Contents) {
        let now = core.now;
        self.change(core, record, |record| record.remember(now, contents));
    }

    /// Keeps backups for as long as a spec says.
    pub fn retain_by(&mut self, core: &mut Core, record: u64, spec: &Spec) {
        self.change(core, record, |record| record.retain_by(spec));
    }

    /// The cluster of a record is deleted.
    pub fn close(&mut self, core: &mut Core, record: u64) {
        let now = core.now;
        self.change(core, record, |record| record.deleted_at = Some(now));
    }

    pub fn remove_backup(&mut self, core: &mut Core, key: BackupKey) {
        let removed = self.change(core, key.record, |record| (record.engine, record.remove(key.number)));
        self.unlist(removed);
    }

    /// The oldest backup of a record has been kept long enough, by the event that the agenda had for it.
    pub fn expire(&mut self, core: &mut Core, record: u64) {
        let now = core.now;
        let expired = self.change(core, record, |record| {
            record.next_expiry = None;
            (record.engine, record.expire(now))
        });
        self.unlist(expired);
    }

    /// Changes a record, keeps its next expiry on the agenda, and forgets it once nothing can be restored from it.
    fn change<T>(&mut self, core: &mut Core, number: u64, change: impl FnOnce(&mut ClusterRecord) -> T) -> Option<T> {
        let record = Arc::make_mut(self.all.get_mut(&number)?);
        let changed = change(record);
        let (before, after) = (record.next_expiry, record.expiry());
        record.next_expiry = after;
        core.agenda.reschedule(RecordEvent::Expiry { record: number }, before, after);
        if record.deleted_at.is_some() && record.backup_count() == 0 {
            let cluster = record.cluster;
            self.all.remove(&number);
            self.numbers.remove(&cluster);
        }
        Some(changed)
    }

    /// Takes a backup that is gone out of its folder.
    fn unlist(&mut self, removed: Option<(EngineName, Option<Backup>)>) {
        let Some((engine, Some(backup))) = removed else { return };
        self.backups -= 1;
        let folder = (engine, backup.spec.folder.clone());
        if let Some(index) = self.by_folder.get_mut(&folder) {
            index.remove(&backup.sequence);
            if index.is_empty() {
                self.by_folder.remove(&folder);
            }
        }
    }
}

/// From 64 MiB to 1 GiB.
fn made_up_size(seed: Seed, cluster: Id, number: u64) -> u64 {
    const MIB: u64 = 1 << 20;
    64 * MIB + seed.word("backup size", &[cluster.as_str()], number) % (960 * MIB)
}
