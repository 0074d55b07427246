//! Backups: what one is, who keeps it, and its identifier.

use std::fmt;
use std::sync::Arc;

use imbl::OrdMap;

use super::cluster::Spec;
use super::identifier::{letters, number};
use super::page::Position;
use super::{Contents, Id, Instant};

/// What stands between the two parts of a backup's id.
const INFIX: &[u8; 4] = b":mdb";

/// A finished backup.
#[derive(Clone, Debug, PartialEq)]
pub struct Backup {
    /// When it was begun.
    pub started_at: Instant,
    /// Its place among the backups that were begun at the same instant.
    pub rank: u64,
    /// When it was finished.
    pub created_at: Instant,
    /// Bytes. Made up: there is no data.
    pub size: u64,
    /// What it brings back.
    pub source: Arc<Source>,
}

/// What a backup brings back of its cluster. The backups of a cluster share it, until the cluster is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// What the cluster was asked to be then: the folder that held it, and the settings that come with the data.
    pub spec: Arc<Spec>,
    /// What was in it.
    pub contents: Contents,
    /// The list in which the folder shows the backup.
    pub(super) listing: u64,
}

/// Who keeps a backup, and so decides for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// The service, which takes one a day.
    Automatic,
    /// Whoever called for it.
    Manual,
    /// The retention policy of an id.
    Policy(Id),
}

/// The backups of one keeper.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub keeper: Keeper,
    /// How long each is kept, in nanoseconds; forever if unset.
    pub retention: Option<i64>,
    /// By their numbers.
    pub backups: OrdMap<u64, Backup>,
}

impl Kept {
    pub fn new(keeper: Keeper, retention: Option<i64>) -> Self {
        Self { keeper, retention, backups: OrdMap::new() }
    }
}

impl Backup {
    /// Its place in the order in which backups of several clusters are listed.
    pub fn position(&self) -> BackupPosition {
        BackupPosition(self.started_at, self.rank)
    }
}

/// A place in the order of backups: by when they were begun. Of daily backups that begin at one instant, the one of the older cluster
/// comes first; those that are called for then come after them, in the order of the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackupPosition(pub Instant, pub u64);

impl BackupPosition {
    /// Behind all backups.
    pub const END: Self = Self(Instant::LAST, u64::MAX);
}

impl Position for BackupPosition {
    fn to_bytes(&self) -> Vec<u8> {
        [self.0.nanos().to_be_bytes(), self.1.to_be_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (instant, rank) = bytes.split_at_checked(8)?;
        let instant = i64::from_be_bytes(instant.try_into().ok()?);
        Some(Self(Instant::from_nanos(instant), u64::from_be_bytes(rank.try_into().ok()?)))
    }
}

/// Which backup of which record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupKey {
    /// The number of the record.
    pub record: u64,
    /// The number of the backup in it.
    pub number: u64,
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

    pub(super) fn new(cluster: Id, bits: u128) -> Self {
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
    pub(super) fn bits(&self) -> Option<u128> {
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
