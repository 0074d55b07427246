//! The record of a cluster: its backups, and the contents that it had. It outlives the cluster for as long as there are
//! backups to restore.

use imbl::OrdMap;

use super::backup::{Backup, BackupId, Keeper, Kept};
use super::cluster::{EngineName, Spec};
use super::identifier::Permutation;
use super::instant::{DAY, SECOND};
use super::{Contents, Id, Instant};

/// How long the backups of a deleted cluster are kept (documented for every engine).
pub const KEPT_AFTER_DELETION: i64 = 7 * DAY;

/// The point-in-time window begins this long after a backup ended (documented).
const WINDOW_LAG: i64 = SECOND;

/// How many past contents are forgotten at a time. More than are remembered at a time, so that those beyond go soon after.
const PRUNED_AT_ONCE: usize = 64;

/// A backup that has been begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Begun {
    pub number: u64,
    pub sequence: u64,
    pub started_at: Instant,
    pub keeper: Keeper,
}

/// What outlives a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterRecord {
    /// The cluster.
    pub cluster: Id,
    /// The engine that ran on it.
    pub engine: EngineName,
    /// When the cluster was deleted, if it was.
    pub deleted_at: Option<Instant>,
    /// The backups of each keeper, automatic ones first.
    kept: Vec<Kept>,
    /// The backups that are being made by the service itself.
    begun: Vec<Begun>,
    lineage: OrdMap<Instant, Contents>,
    disguise: Permutation,
    numbers_given: u64,
    pub(super) next_expiry: Option<Instant>,
}

/// A backup with all that tells about it.
#[derive(Clone, Copy, Debug)]
pub struct BackupEntry<'a> {
    /// The record that it is part of.
    pub record: &'a ClusterRecord,
    /// Its number there.
    pub number: u64,
    /// Who keeps it.
    pub keeper: Keeper,
    /// The backup.
    pub backup: &'a Backup,
}

impl BackupEntry<'_> {
    /// Its identifier: the cluster's, a colon, and its own number in disguise.
    pub fn id(&self) -> BackupId {
        self.record.backup_id(self.number)
    }
}

impl ClusterRecord {
    pub(super) fn new(cluster: Id, engine: EngineName, disguise: Permutation, spec: &Spec) -> Self {
        let kept = vec![
            Kept::new(Keeper::Automatic, Some(spec.automatic_retention)),
            Kept::new(Keeper::Manual, spec.manual_retention),
        ];
        Self {
            cluster,
            engine,
            deleted_at: None,
            kept,
            begun: Vec::new(),
            lineage: OrdMap::new(),
            disguise,
            numbers_given: 0,
            next_expiry: None,
        }
    }

    /// How many backups there are.
    pub fn backup_count(&self) -> usize {
        self.kept.iter().map(|kept| kept.backups.len()).sum()
    }

    /// Backups whose numbers are below `before`, newest first.
    pub fn backups_before(&self, before: u64) -> impl Iterator<Item = BackupEntry<'_>> {
        let mut orders: Vec<_> = self
            .kept
            .iter()
            .map(|kept| {
                let mut order = kept.backups.range(..before).rev();
                (order.next(), kept.keeper, order)
            })
            .collect();
        std::iter::from_fn(move || {
            let newest = orders.iter_mut().max_by_key(|(next, ..)| next.map(|(number, _)| *number))?;
            let (next, keeper, order) = newest;
            let (number, backup) = std::mem::replace(next, order.next())?;
            Some(BackupEntry { record: self, number: *number, keeper: *keeper, backup })
        })
    }

    /// One backup.
    pub fn backup(&self, number: u64) -> Option<BackupEntry<'_>> {
        self.kept.iter().find_map(|kept| {
            let backup = kept.backups.get(&number)?;
            Some(BackupEntry { record: self, number, keeper: kept.keeper, backup })
        })
    }

    /// The number that the next backup will get.
    pub fn next_number(&self) -> u64 {
        self.numbers_given + 1
    }

    /// The identifier of a backup.
    pub fn backup_id(&self, number: u64) -> BackupId {
        let hidden = u128::from(self.disguise.apply(number));
        BackupId::new(self.cluster, hidden | (u128::from(self.disguise.check(number)) << 65))
    }

    /// The number that an identifier of this cluster's backups hides, unless it is made up.
    pub(super) fn backup_number(&self, id: &BackupId) -> Option<u64> {
        let hidden = u64::try_from(id.bits()? & ((1 << 65) - 1)).ok()?;
        let number = self.disguise.invert(hidden);
        (*id == self.backup_id(number)).then_some(number)
    }

    /// The instants to which a backup can be brought forward, both included; none while the first is still to come.
    pub fn window(&self, backup: &Backup, now: Instant) -> (Instant, Instant) {
        (backup.created_at.plus(WINDOW_LAG), self.deleted_at.unwrap_or(now))
    }

    /// The instants to which some backup can be brought forward, both included; none without a backup.
    pub fn window_of_all(&self, now: Instant) -> Option<(Instant, Instant)> {
        self.oldest_created_at().map(|oldest| (oldest.plus(WINDOW_LAG), self.deleted_at.unwrap_or(now)))
    }

    /// The backup from which a point in time can be reached: the newest that ended before it.
    pub fn base_for(&self, time: Instant) -> Option<BackupEntry<'_>> {
        self.backups_before(u64::MAX).find(|entry| entry.backup.created_at.plus(WINDOW_LAG) <= time)
    }

    /// The contents at an instant, or just before it.
    pub fn contents_at(&self, time: Instant, inclusive: bool) -> Option<&Contents> {
        let last = if inclusive { time } else { time.plus(-1) };
        self.lineage.range(..=last).next_back().map(|(_, contents)| contents)
    }

    pub(super) fn give_numbers(&mut self, count: u64) {
        self.numbers_given += count;
    }

    /// Begins a backup; returns its number.
    pub(super) fn begin(&mut self, sequence: u64, started_at: Instant, keeper: Keeper) -> u64 {
        let number = self.next_number();
        self.give_numbers(1);
        self.begun.push(Begun { number, sequence, started_at, keeper });
        number
    }

    /// What was begun under a number, which is ready now.
    pub(super) fn end(&mut self, number: u64) -> Option<Begun> {
        let position = self.begun.iter().position(|begun| begun.number == number)?;
        Some(self.begun.swap_remove(position))
    }

    /// Keeps a backup.
    pub(super) fn keep(&mut self, keeper: Keeper, number: u64, backup: Backup) {
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.keeper == keeper) {
            kept.backups.insert(number, backup);
        }
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Backup> {
        let removed = self.kept.iter_mut().find_map(|kept| kept.backups.remove(&number));
        self.prune_lineage();
        removed
    }

    /// Keeps backups for as long as a spec says, those that there are too.
    pub(super) fn retain_by(&mut self, spec: &Spec) {
        for kept in &mut self.kept {
            match kept.keeper {
                Keeper::Automatic => kept.retention = Some(spec.automatic_retention),
                Keeper::Manual => kept.retention = spec.manual_retention,
                // A policy has its own word.
                Keeper::Policy(_) => {}
            }
        }
    }

    pub(super) fn remember(&mut self, at: Instant, contents: Contents) {
        self.lineage.insert(at, contents);
        self.prune_lineage();
    }

    /// Forgets the contents that no backup reaches back to: so many at a time, so that no event takes long.
    fn prune_lineage(&mut self) {
        if self.lineage.len() < 2 {
            return;
        }
        let kept_from = match self.oldest_created_at() {
            Some(oldest) => self.lineage.range(..=oldest).next_back().map(|(at, _)| *at),
            None => self.lineage.get_max().map(|(at, _)| *at),
        };
        if let Some(kept_from) = kept_from {
            let past: Vec<Instant> = self.lineage.range(..kept_from).map(|(at, _)| *at).take(PRUNED_AT_ONCE).collect();
            for at in past {
                self.lineage.remove(&at);
            }
        }
    }

    /// When the next backup has been kept long enough.
    pub(super) fn expiry(&self) -> Option<Instant> {
        self.kept.iter().filter_map(|kept| self.oldest(kept)).map(|(_, due)| due).min()
    }

    /// Removes a backup that has been kept long enough, and returns it. There may be more: each goes at an event of its own, so that
    /// no event takes long.
    pub(super) fn expire(&mut self, now: Instant) -> Option<Backup> {
        let oldest = self.kept.iter().filter_map(|kept| self.oldest(kept));
        let (number, _) = oldest.into_iter().find(|(_, due)| *due <= now)?;
        self.remove(number)
    }

    fn oldest_created_at(&self) -> Option<Instant> {
        let oldest = self.kept.iter().filter_map(|kept| kept.backups.get_min());
        oldest.map(|(_, backup)| backup.created_at).min()
    }

    /// The oldest backup of a keeper, and when it expires, if that comes before time ends.
    fn oldest(&self, kept: &Kept) -> Option<(u64, Instant)> {
        let (number, backup) = kept.backups.get_min()?;
        let due = match self.deleted_at {
            Some(deleted_at) => deleted_at.checked_plus(KEPT_AFTER_DELETION)?,
            None => backup.created_at.checked_plus(kept.retention?)?,
        };
        Some((*number, due))
    }
}
