//! The history of a cluster: its backups, and the contents that it had. It outlives the cluster for as long as there are
//! backups to restore.

use std::fmt;
use std::sync::Arc;

use imbl::OrdMap;

use super::cluster::{EngineName, Spec};
use super::identifier::{Permutation, letters, number};
use super::instant::{DAY, SECOND};
use super::{Contents, Id, Instant};

/// How long the backups of a deleted cluster are kept (documented for every engine).
pub const KEPT_AFTER_DELETION: i64 = 7 * DAY;

/// The point-in-time window begins this long after a backup ended (documented).
const WINDOW_LAG: i64 = SECOND;

/// How many past contents are forgotten at a time. More than are remembered at a time, so that those beyond go soon after.
const PRUNED_AT_ONCE: usize = 64;

/// What stands between the two parts of a backup's id.
const INFIX: &[u8; 4] = b":mdb";

/// A finished backup.
#[derive(Clone, Debug, PartialEq)]
pub struct Backup {
    /// Its place in the universe's order.
    pub sequence: u64,
    /// When it was begun.
    pub started_at: Instant,
    /// When it was finished.
    pub created_at: Instant,
    /// Bytes. Made up: there is no data.
    pub size: u64,
    /// What the cluster was asked to be then: the folder that held it, and the settings that come with the data.
    pub spec: Arc<Spec>,
    /// What it brings back.
    pub contents: Contents,
}

/// Why a backup was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupKind {
    /// By the service, once a day.
    Automatic,
    /// By somebody's call.
    Manual,
}

/// Which backup of which history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupKey {
    /// The number of the history.
    pub history: u64,
    /// The number of the backup in it.
    pub number: u64,
}

/// A backup with all that tells about it.
#[derive(Clone, Copy, Debug)]
pub struct BackupEntry<'a> {
    /// The history that it is part of.
    pub history: &'a History,
    /// Its number there.
    pub number: u64,
    /// Why it was taken.
    pub kind: BackupKind,
    /// The backup.
    pub backup: &'a Backup,
}

impl BackupEntry<'_> {
    /// Its identifier: the cluster's, a colon, and its own number in disguise.
    pub fn id(&self) -> BackupId {
        self.history.backup_id(self.number)
    }
}

/// The identifier of a backup: the cluster's, `:mdb`, and 17 letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupId {
    cluster: Id,
    text: [u8; 41],
}

impl BackupId {
    /// Where the letters begin that tell the backup.
    const OWN: usize = 24;

    fn new(cluster: Id, bits: u128) -> Self {
        let mut text = [0; 41];
        text[..20].copy_from_slice(cluster.as_str().as_bytes());
        text[20..Self::OWN].copy_from_slice(INFIX);
        letters(bits, &mut text[Self::OWN..]);
        Self { cluster, text }
    }

    /// The identifier that this text spells, if it can be one at all.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text: [u8; 41] = text.as_bytes().try_into().ok()?;
        let cluster = Id::parse(std::str::from_utf8(&text[..20]).ok()?)?;
        (&text[20..Self::OWN] == INFIX).then_some(Self { cluster, text })
    }

    pub(super) fn cluster(&self) -> Id {
        self.cluster
    }

    /// The bits that its own letters spell.
    fn bits(&self) -> Option<u128> {
        number(&self.text[Self::OWN..])
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in, by `new` and by `parse`.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Automatic and manual backups, apart because they expire by different rules; and the past contents.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The cluster.
    pub cluster: Id,
    /// The engine that ran on it.
    pub engine: EngineName,
    /// When the cluster was deleted, if it was.
    pub deleted_at: Option<Instant>,
    /// The operation in flight: one at most.
    pub operation: Option<Id>,
    pub(super) operations_begun: u64,
    pub(super) automatic_retention: i64,
    pub(super) manual_retention: Option<i64>,
    automatic: OrdMap<u64, Backup>,
    manual: OrdMap<u64, Backup>,
    lineage: OrdMap<Instant, Contents>,
    disguise: Permutation,
    numbers_given: u64,
    pub(super) next_expiry: Option<Instant>,
}

impl History {
    pub(super) fn new(cluster: Id, engine: EngineName, disguise: Permutation) -> Self {
        Self {
            cluster,
            engine,
            deleted_at: None,
            operation: None,
            operations_begun: 0,
            automatic_retention: 0,
            manual_retention: None,
            automatic: OrdMap::new(),
            manual: OrdMap::new(),
            lineage: OrdMap::new(),
            disguise,
            numbers_given: 0,
            next_expiry: None,
        }
    }

    /// How many backups there are.
    pub fn backup_count(&self) -> usize {
        self.automatic.len() + self.manual.len()
    }

    /// Backups whose numbers are below `before`, newest first.
    pub fn backups_before(&self, before: u64) -> impl Iterator<Item = BackupEntry<'_>> {
        let mut automatic = self.automatic.range(..before).rev().peekable();
        let mut manual = self.manual.range(..before).rev().peekable();
        std::iter::from_fn(move || {
            let next = (automatic.peek().map(|(number, _)| **number), manual.peek().map(|(number, _)| **number));
            let (kind, entry) = if next.0 > next.1 {
                (BackupKind::Automatic, automatic.next())
            } else {
                (BackupKind::Manual, manual.next())
            };
            entry.map(|(number, backup)| BackupEntry { history: self, number: *number, kind, backup })
        })
    }

    /// One backup.
    pub fn backup(&self, number: u64) -> Option<BackupEntry<'_>> {
        let entry = |kind, backup| BackupEntry { history: self, number, kind, backup };
        let automatic = self.automatic.get(&number).map(|backup| entry(BackupKind::Automatic, backup));
        automatic.or_else(|| self.manual.get(&number).map(|backup| entry(BackupKind::Manual, backup)))
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

    pub(super) fn give_number(&mut self) -> u64 {
        self.numbers_given += 1;
        self.numbers_given
    }

    pub(super) fn record(&mut self, number: u64, kind: BackupKind, backup: Backup) {
        self.of_kind(kind).insert(number, backup);
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Backup> {
        self.automatic.remove(&number).or_else(|| self.manual.remove(&number))
    }

    pub(super) fn remember(&mut self, at: Instant, contents: Contents) {
        self.lineage.insert(at, contents);
        self.prune_lineage();
    }

    /// Forgets the contents that no backup reaches back to: so many at a time, so that no event takes long.
    pub(super) fn prune_lineage(&mut self) {
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

    /// When the next backups have been kept long enough.
    pub(super) fn expiry(&self) -> Option<Instant> {
        [BackupKind::Automatic, BackupKind::Manual]
            .into_iter()
            .filter_map(|kind| self.oldest(kind))
            .map(|(_, due)| due)
            .min()
    }

    /// Removes a backup that has been kept long enough, and returns it. There may be more: each goes at an event of its own, so that
    /// no event takes long.
    pub(super) fn expire(&mut self, now: Instant) -> Option<Backup> {
        let kinds = [BackupKind::Automatic, BackupKind::Manual];
        let expired = kinds.into_iter().find_map(|kind| {
            let (number, _) = self.oldest(kind).filter(|(_, due)| *due <= now)?;
            self.of_kind(kind).remove(&number)
        });
        self.prune_lineage();
        expired
    }

    fn oldest_created_at(&self) -> Option<Instant> {
        let oldest = [&self.automatic, &self.manual].into_iter().filter_map(|backups| backups.get_min());
        oldest.map(|(_, backup)| backup.created_at).min()
    }

    /// The oldest backup of a kind, and when it expires.
    fn oldest(&self, kind: BackupKind) -> Option<(u64, Instant)> {
        let (backups, retention) = match kind {
            BackupKind::Automatic => (&self.automatic, Some(self.automatic_retention)),
            BackupKind::Manual => (&self.manual, self.manual_retention),
        };
        let (number, backup) = backups.get_min()?;
        let due = match self.deleted_at {
            Some(deleted_at) => deleted_at.plus(KEPT_AFTER_DELETION),
            None => backup.created_at.plus(retention?),
        };
        Some((*number, due))
    }

    fn of_kind(&mut self, kind: BackupKind) -> &mut OrdMap<u64, Backup> {
        match kind {
            BackupKind::Automatic => &mut self.automatic,
            BackupKind::Manual => &mut self.manual,
        }
    }
}
