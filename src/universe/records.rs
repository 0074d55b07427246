//! The store of what outlives clusters: their records, and the order of backups in each folder. A daily backup is all its own: it is no
//! operation, takes no slot, and conflicts with nothing.

use std::collections::VecDeque;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::backup::{BackupId, BackupKey, BackupPosition, Source};
use super::cluster::{Cluster, EngineName};
use super::clusters::Changed;
use super::core::Core;
use super::daily;
use super::identifier::Permutation;
use super::listings::Listings;
use super::record::{Begun, ClusterRecord, Happened};
use super::{BackupEntry, Event, Id, Instant, RecordEvent};

/// What a daily backup takes if time is realistic (our choice).
const DAILY_BACKUP_SECONDS: i64 = 300;

/// The records of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Records {
    /// By number, which is the cluster's place in the universe's order.
    all: OrdMap<u64, Arc<ClusterRecord>>,
    numbers: OrdMap<Id, u64>,
    listings: Listings,
    /// When the next thing falls due in each record.
    agenda: OrdSet<(Instant, u64)>,
}

impl Records {
    pub fn of(&self, cluster: Id) -> Option<&Arc<ClusterRecord>> {
        self.all.get(self.numbers.get(&cluster)?)
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<ClusterRecord>> {
        self.all.values()
    }

    pub fn backup_count(&self) -> usize {
        self.listings.backup_count()
    }

    /// An engine's backups that were made in a folder, newest first, from before a position.
    pub fn backups_in(
        &self,
        engine: EngineName,
        folder: &str,
        before: BackupPosition,
    ) -> impl Iterator<Item = BackupEntry<'_>> {
        let keys = self.listings.backups_in(engine, folder, before);
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
        let mut record = ClusterRecord::new(cluster.id, cluster.engine, disguise, self.source(cluster));
        record.remember(core.now, cluster.contents.clone());
        self.all.insert(cluster.sequence, record.into());
        self.numbers.insert(cluster.id, cluster.sequence);
    }

    /// What a backup of a cluster brings back.
    fn source(&mut self, cluster: &Cluster) -> Source {
        let listing = self.listings.number(cluster.engine, &cluster.spec.folder);
        Source { spec: cluster.spec.clone(), contents: cluster.contents.clone(), listing }
    }

    /// Follows a cluster that has changed.
    pub fn follow(&mut self, core: &Core, cluster: &Cluster, changed: &Changed) {
        let source = (changed.spec || changed.contents).then(|| self.source(cluster));
        let time = daily::time_of_day(core.seed, cluster.id, &cluster.spec);
        self.change(cluster.sequence, |record| {
            if changed.contents {
                record.remember(core.now, cluster.contents.clone());
            }
            if let Some(source) = source {
                record.set_source(source);
            }
            record.daily.follow(time, cluster.status.is_up(), core.now);
        });
    }

    /// The cluster of a record is deleted.
    pub fn close(&mut self, core: &Core, record: u64) {
        self.change(record, |record| record.close(core.now));
    }

    /// Takes numbers for backups, and as many places in the universe's order.
    pub fn number_backups(&mut self, core: &mut Core, cluster: Id, count: u64) {
        core.sequence += count;
        let record = self.numbers.get(&cluster).and_then(|number| self.all.get_mut(number));
        if let Some(record) = record.map(Arc::make_mut) {
            record.give_numbers(count);
        }
    }

    /// Keeps a backup of a cluster that is finished now.
    pub fn keep(&mut self, core: &Core, cluster: Id, begun: Begun) {
        let Some(&number) = self.numbers.get(&cluster) else { return };
        if let Some(Happened::Kept(backup)) = self.change(number, |record| record.keep(begun, core.now, core.seed)) {
            self.list(number, backup);
        }
    }

    /// Removes a backup.
    pub fn remove_backup(&mut self, key: BackupKey) {
        if let Some(backup) = self.change(key.record, |record| record.remove(key.number)).flatten() {
            self.listings.remove(&backup);
        }
    }

    /// Removes backups that were made in a folder, at most so many; returns how many.
    pub fn remove_backups_in(&mut self, folder: &str, most: usize) -> usize {
        let keys: Vec<BackupKey> = self.listings.in_folder_of_any_engine(folder).take(most).collect();
        for key in &keys {
            self.remove_backup(*key);
        }
        keys.len()
    }

    fn list(&mut self, record: u64, number: u64) {
        if let Some(entry) = self.all.get(&record).and_then(|record| record.backup(number)) {
            self.listings.add(entry.backup, BackupKey { record, number });
        }
    }

    /// Changes a record, keeps the agenda right, and forgets the record once nothing can be restored from it.
    fn change<T>(&mut self, number: u64, change: impl FnOnce(&mut ClusterRecord) -> T) -> Option<T> {
        let record = Arc::make_mut(self.all.get_mut(&number)?);
        let changed = change(record);
        let (before, after) = (record.due, record.next_due());
        record.due = after;
        if before != after {
            before.map(|due| self.agenda.remove(&(due, number)));
            after.map(|due| self.agenda.insert((due, number)));
        }
        if record.deleted_at.is_some() && record.backup_count() == 0 {
            let cluster = record.cluster;
            after.map(|due| self.agenda.remove(&(due, number)));
            self.all.remove(&number);
            self.numbers.remove(&cluster);
        }
        Some(changed)
    }
}

/// What falls due in records.
impl Records {
    /// What falls due next, and when.
    pub fn next_due(&self) -> Option<(Instant, Event)> {
        self.agenda.get_min().map(|(due, record)| (*due, RecordEvent::Next { record: *record }.into()))
    }

    /// Takes what falls due next off the agenda.
    pub fn take_due(&mut self) {
        self.agenda.remove_min();
    }

    /// Lets at most `events` things happen that fall due in a record by an instant, and returns how many there were. The caller has taken the
    /// record off the agenda, and is told by `happening` of each thing before it happens. Backups that come and go on the way are never listed.
    pub fn run(
        &mut self,
        core: &Core,
        number: u64,
        to: Instant,
        events: usize,
        mut happening: impl FnMut(Instant),
    ) -> usize {
        let length = core.operation_time.length_of(DAILY_BACKUP_SECONDS);
        let (mut count, mut came, mut gone) = (0, VecDeque::new(), Vec::new());
        self.change(number, |record| {
            record.due = None;
            while let Some(due) = record.next_due().filter(|due| *due <= to && count < events) {
                happening(due);
                count += 1;
                match record.happen(due, length, number, core.seed) {
                    Happened::Nothing => {}
                    Happened::Kept(backup) => came.push_back(backup),
                    Happened::Gone(backup, was) => match came.iter().position(|number| *number == backup) {
                        Some(position) => _ = came.remove(position),
                        None => gone.push(was),
                    },
                }
            }
        });
        for backup in gone {
            self.listings.remove(&backup);
        }
        for backup in came {
            self.list(number, backup);
        }
        count
    }
}
