//! How backups come and go: daily ones by themselves, manual ones by operations, and all of them by their retention.

use std::sync::Arc;

use super::cluster::{Cluster, Text};
use super::instant::SECOND;
use super::operation::OperationTime;
use super::{Backup, BackupKey, BackupKind, Event, Id, Instant, Universe};

/// What a daily backup takes if time is realistic (our choice).
const DAILY_BACKUP_SECONDS: i64 = 300;

impl Universe {
    /// The number that a backup of a cluster gets when it is begun, and its place among all backups.
    pub fn number_backup(&mut self, cluster: &Cluster) -> (u64, u64) {
        let sequence = self.next_sequence();
        let mut number = 0;
        self.change_history(cluster.sequence, |history| number = history.give_number());
        (number, sequence)
    }

    pub(super) fn record_manual_backup(&mut self, cluster: &Cluster, number: u64, sequence: u64, started_at: Instant) {
        self.record_backup(cluster, number, sequence, started_at, BackupKind::Manual);
    }

    /// A daily backup is no operation: it takes no slot and conflicts with nothing.
    pub(super) fn begin_daily_backup(&mut self, cluster: Id) {
        let Some(cluster) = self.clusters.get(&cluster).cloned() else { return };
        let today = self.now.day();
        self.update_cluster(&cluster, |cluster| {
            cluster.last_daily = Some(today);
            // The event has been taken from the agenda.
            cluster.next_daily = None;
        });
        let (number, sequence) = self.number_backup(&cluster);
        let length = match self.operation_time {
            OperationTime::None => 0,
            OperationTime::Fixed(length) => length,
            OperationTime::Realistic => DAILY_BACKUP_SECONDS * SECOND,
        };
        let end = Event::BackupEnd { history: cluster.sequence, backup: number, sequence, started_at: self.now };
        self.agenda.add(self.now.plus(length), end);
    }

    /// A daily backup is ready, unless its cluster was deleted meanwhile.
    pub(super) fn end_daily_backup(&mut self, history: u64, number: u64, sequence: u64, started_at: Instant) {
        let cluster = self.histories.get(&history).and_then(|history| self.clusters.get(&history.cluster)).cloned();
        if let Some(cluster) = cluster {
            self.record_backup(&cluster, number, sequence, started_at, BackupKind::Automatic);
        }
    }

    fn record_backup(&mut self, cluster: &Cluster, number: u64, sequence: u64, started_at: Instant, kind: BackupKind) {
        let backup = Backup {
            sequence,
            started_at,
            created_at: self.now,
            size: self.made_up_size(cluster.id, number),
            spec: cluster.spec.clone(),
            contents: cluster.contents.clone(),
        };
        self.backup_count += 1;
        let key = BackupKey { history: cluster.sequence, number };
        let folder = (cluster.engine, backup.spec.folder.clone());
        self.backups_by_folder.entry(folder).or_default().insert(sequence, key);
        self.change_history(cluster.sequence, |history| history.record(number, kind, backup));
    }

    /// From 64 MiB to 1 GiB.
    fn made_up_size(&self, cluster: Id, number: u64) -> u64 {
        const MIB: u64 = 1 << 20;
        64 * MIB + self.seed.word("backup size", &[cluster.as_str()], number) % (960 * MIB)
    }

    pub(super) fn remove_backup(&mut self, key: BackupKey) {
        let Some(engine) = self.histories.get(&key.history).map(|history| history.engine) else { return };
        let mut removed = None;
        self.change_history(key.history, |history| {
            removed = history.remove(key.number);
            history.prune_lineage();
        });
        if let Some(backup) = removed {
            self.unlist(&(engine, backup.spec.folder.clone()), backup.sequence);
        }
    }

    pub(super) fn expire_backups(&mut self, number: u64) {
        let Some(history) = self.histories.get_mut(&number) else { return };
        let history = Arc::make_mut(history);
        // The event has been taken from the agenda.
        history.next_expiry = None;
        let (expired, engine) = (history.expire(self.now), history.engine);
        if let Some(backup) = expired {
            self.unlist(&(engine, backup.spec.folder.clone()), backup.sequence);
        }
        self.change_history(number, |_| {});
    }

    /// Takes a backup that is gone out of its folder.
    fn unlist(&mut self, folder: &(super::EngineName, Text), sequence: u64) {
        self.backup_count -= 1;
        if let Some(index) = self.backups_by_folder.get_mut(folder) {
            index.remove(&sequence);
            if index.is_empty() {
                self.backups_by_folder.remove(folder);
            }
        }
    }
}
