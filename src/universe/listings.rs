//! In which order the backups of each folder are listed.

use imbl::OrdMap;

use super::backup::{Backup, BackupKey, BackupPosition};
use super::cluster::{EngineName, Text};
use super::clusters::behind_all;

/// The lists of backups, one of each engine in each folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Listings {
    /// The numbers of the lists. A list stays when its last backup goes, since its folder usually gets more.
    numbers: OrdMap<(EngineName, Text), u64>,
    /// The backups of each list.
    orders: OrdMap<u64, OrdMap<BackupPosition, BackupKey>>,
    backups: usize,
}

impl Listings {
    /// The number of the list of an engine's backups in a folder.
    pub fn number(&mut self, engine: EngineName, folder: &Text) -> u64 {
        let next = self.numbers.len() as u64;
        *self.numbers.entry((engine, folder.clone())).or_insert(next)
    }

    /// The backups that were made in a folder, of every engine.
    pub fn in_folder_of_any_engine<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = BackupKey> {
        let first = self.numbers.iter().next().map(|((engine, _), _)| *engine);
        let next =
            |engine: &EngineName| self.numbers.range((*engine, behind_all())..).next().map(|((engine, _), _)| *engine);
        let engines = std::iter::successors(first, next);
        engines.flat_map(move |engine| self.backups_in(engine, folder, BackupPosition::END))
    }

    /// How many backups are listed.
    pub fn backup_count(&self) -> usize {
        self.backups
    }

    /// An engine's backups that were made in a folder, newest first, from before a position.
    pub fn backups_in(
        &self,
        engine: EngineName,
        folder: &str,
        before: BackupPosition,
    ) -> impl Iterator<Item = BackupKey> {
        let number = self.numbers.get(&(engine, folder.into()));
        let order = number.and_then(|number| self.orders.get(number));
        order.into_iter().flat_map(move |order| order.range(..before).rev().map(|(_, key)| *key))
    }

    /// Puts a backup into its list.
    pub fn add(&mut self, backup: &Backup, key: BackupKey) {
        self.backups += 1;
        self.orders.entry(backup.source.listing).or_default().insert(backup.position(), key);
    }

    /// Takes a backup out of its list.
    pub fn remove(&mut self, backup: &Backup) {
        self.backups -= 1;
        if let Some(order) = self.orders.get_mut(&backup.source.listing) {
            order.remove(&backup.position());
        }
    }
}
