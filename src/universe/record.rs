//! The record of a cluster: its backups, and the contents that it had. It outlives the cluster for as long as there are
//! backups to restore.

use std::sync::Arc;

use imbl::OrdMap;

use super::backup::{Backup, BackupId, Keeper, Kept, Source};
use super::cluster::EngineName;
use super::daily::Daily;
use super::identifier::Permutation;
use super::instant::{DAY, SECOND};
use super::{Contents, Id, Instant, Seed};

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
    pub rank: u64,
    pub started_at: Instant,
    pub keeper: Keeper,
}

/// A daily backup that takes a while.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Underway {
    backup: Begun,
    ends_at: Instant,
}

/// What has happened in a record that its folder's list has to show.
pub(super) enum Happened {
    /// Nothing.
    Nothing,
    /// The backup of a number is kept from now on.
    Kept(u64),
    /// The backup of a number has gone.
    Gone(u64, Backup),
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
    /// What a backup brings back that is finished now; nothing once the cluster is deleted.
    source: Option<Arc<Source>>,
    pub(super) daily: Daily,
    /// The backups that the service takes by itself.
    automatic: Kept,
    /// Those that were called for.
    manual: Kept,
    /// Those of retention policies.
    by_policy: Vec<Kept>,
    /// The daily backups that are being made.
    underway: Vec<Underway>,
    lineage: OrdMap<Instant, Contents>,
    disguise: Permutation,
    numbers_given: u64,
    /// When the agenda says that something falls due here.
    pub(super) due: Option<Instant>,
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
    pub(super) fn new(cluster: Id, engine: EngineName, disguise: Permutation, source: Source) -> Self {
        let spec = &source.spec;
        Self {
            cluster,
            engine,
            deleted_at: None,
            daily: Daily::default(),
            automatic: Kept::new(Keeper::Automatic, Some(spec.automatic_retention)),
            manual: Kept::new(Keeper::Manual, spec.manual_retention),
            by_policy: Vec::new(),
            underway: Vec::new(),
            lineage: OrdMap::new(),
            disguise,
            numbers_given: 0,
            due: None,
            source: Some(source.into()),
        }
    }

    fn kept(&self) -> impl Iterator<Item = &Kept> {
        [&self.automatic, &self.manual].into_iter().chain(&self.by_policy)
    }

    fn kept_mut(&mut self) -> impl Iterator<Item = &mut Kept> {
        [&mut self.automatic, &mut self.manual].into_iter().chain(&mut self.by_policy)
    }

    /// How many backups there are.
    pub fn backup_count(&self) -> usize {
        self.kept().map(|kept| kept.backups.len()).sum()
    }

    /// Backups whose numbers are below `before`, newest first.
    pub fn backups_before(&self, before: u64) -> impl Iterator<Item = BackupEntry<'_>> {
        let mut orders: Vec<_> = self
            .kept()
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
        self.kept().find_map(|kept| {
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

    /// When the next thing falls due: a daily backup begins or is ready, or a backup has been kept long enough.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let ready = self.underway.iter().map(|underway| underway.ends_at);
        self.daily.next.into_iter().chain(ready).chain(self.expiry()).min()
    }

    /// Lets the first thing happen that is due at this instant, and only that, so that no event takes long. A daily backup takes so many
    /// nanoseconds, and is the one of this rank among those that begin now.
    pub(super) fn happen(&mut self, now: Instant, length: i64, rank: u64, seed: Seed) -> Happened {
        if self.daily.next == Some(now) {
            self.daily.begin(now);
            self.give_numbers(1);
            let backup = Begun { number: self.numbers_given, rank, started_at: now, keeper: Keeper::Automatic };
            if length == 0 {
                return self.keep(backup, now, seed);
            }
            // One that would be ready after the end of time never is.
            self.underway.extend(now.checked_plus(length).map(|ends_at| Underway { backup, ends_at }));
            return Happened::Nothing;
        }
        if let Some(ready) = self.underway.iter().position(|underway| underway.ends_at == now) {
            let ready = self.underway.remove(ready);
            return self.keep(ready.backup, now, seed);
        }
        self.expire(now)
    }

    /// Keeps a backup that is ready now, unless the cluster was deleted meanwhile.
    pub(super) fn keep(&mut self, begun: Begun, now: Instant, seed: Seed) -> Happened {
        let Begun { number, rank, started_at, keeper } = begun;
        let size = made_up_size(seed, self.cluster, number);
        let Some(source) = self.source.clone() else { return Happened::Nothing };
        let Some(kept) = self.kept_mut().find(|kept| kept.keeper == keeper) else { return Happened::Nothing };
        kept.backups.insert(number, Backup { started_at, rank, created_at: now, size, source });
        Happened::Kept(number)
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Backup> {
        let removed = self.kept_mut().find_map(|kept| kept.backups.remove(&number));
        self.prune_lineage();
        removed
    }

    /// From now on backups bring this back, and are kept for as long as its spec says; those that there are too. A retention policy has
    /// its own word.
    pub(super) fn set_source(&mut self, source: Source) {
        self.automatic.retention = Some(source.spec.automatic_retention);
        self.manual.retention = source.spec.manual_retention;
        self.source = Some(source.into());
    }

    /// The cluster is deleted.
    pub(super) fn close(&mut self, now: Instant) {
        self.deleted_at = Some(now);
        self.source = None;
        self.daily.next = None;
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
    fn expiry(&self) -> Option<Instant> {
        self.kept().filter_map(|kept| self.oldest(kept)).map(|(_, due)| due).min()
    }

    /// Removes a backup that has been kept long enough.
    fn expire(&mut self, now: Instant) -> Happened {
        let oldest = self.kept().filter_map(|kept| self.oldest(kept)).find(|(_, due)| *due <= now);
        let removed = oldest.and_then(|(number, _)| Some((number, self.remove(number)?)));
        removed.map_or(Happened::Nothing, |(number, backup)| Happened::Gone(number, backup))
    }

    fn oldest_created_at(&self) -> Option<Instant> {
        let oldest = self.kept().filter_map(|kept| kept.backups.get_min());
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

/// From 64 MiB to 1 GiB.
fn made_up_size(seed: Seed, cluster: Id, number: u64) -> u64 {
    const MIB: u64 = 1 << 20;
    64 * MIB + seed.word("backup size", &[cluster.as_str()], number) % (960 * MIB)
}
