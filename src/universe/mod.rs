//! The simulation: one value that holds a whole world of clusters, backups and operations, and its time.
//!
//! There is no input or output in here, no lock, no wall clock and no chance: a [`Universe`] changes only by its methods, and
//! the same seed and calls make the same universe. Cloning one is a fork: it costs a few pointers however much it holds,
//! and neither copy ever shows in the other.
//!
//! ```
//! use mdb_emulator::universe::{Clock, Instant, OperationTime, Seed, Universe};
//!
//! let noon = Instant::from_nanos(1_769_860_800_000_000_000);
//! let mut universe = Universe::new(Seed(7), Clock::Frozen, noon, OperationTime::None);
//! let before = universe.clone();
//! universe.advance(7 * 86_400_000_000_000);
//! assert_eq!(universe.now().to_string(), "2026-02-07T12:00:00Z");
//! assert!(universe != before);
//! ```
//!
//! Where to go on: [`operation`] for what a mutating call starts, [`agenda`] for what falls due, [`history`] for backups,
//! retention and points in time, [`page`] for lists, [`network`] for folders and networks, [`access`] for who may call.

pub mod access;
pub mod agenda;
pub mod clock;
pub mod cluster;
pub mod contents;
pub mod history;
pub mod identifier;
pub mod instant;
pub mod network;
pub mod opaque;
pub mod operation;
pub mod page;

mod backups;
mod clusters;
mod idempotency;
mod operations;

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

pub use access::{Access, Auth, ServiceAccountKey};
pub use agenda::Event;
pub use clock::Clock;
pub use cluster::{Cluster, EngineName, Status};
pub use contents::{Contents, Item};
pub use history::{Backup, BackupEntry, BackupId, BackupKey, BackupKind, History};
pub use idempotency::body_hash;
pub use identifier::{Id, Seed};
pub use instant::Instant;
pub use opaque::Opaque;
pub use operation::{Operation, OperationTime};
pub use page::Page;

use agenda::Agenda;
use cluster::Text;
use network::{DEFAULT_FOLDER, Folder};
use operation::NameKey;

/// A world of its own: clusters, backups, operations, and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Universe {
    seed: Seed,
    clock: Clock,
    now: Instant,
    operation_time: OperationTime,
    access: Access,
    /// The last number given to anything that lists put in order: clusters, operations and backups share one count.
    sequence: u64,
    clusters: OrdMap<Id, Arc<Cluster>>,
    clusters_by_folder: OrdMap<(EngineName, Text, u64), Id>,
    names: OrdMap<NameKey, Name>,
    histories: OrdMap<u64, Arc<History>>,
    histories_by_cluster: OrdMap<Id, u64>,
    backups_by_folder: OrdMap<(EngineName, Text), OrdMap<u64, BackupKey>>,
    operations: OrdMap<Id, Arc<Operation>>,
    operations_by_cluster: OrdMap<(Id, u64), Id>,
    backup_count: usize,
    idempotency: OrdMap<(&'static str, Text), idempotency::Remembered>,
    agenda: Agenda,
    folders: OrdMap<Text, Arc<Folder>>,
    /// The folder of each network, subnet and security group.
    folders_by_part: OrdMap<Id, Text>,
    /// The tokens that were revoked, by when they expire and what they say.
    revoked: OrdMap<(Instant, Text), ()>,
    /// How many were ever revoked.
    revocations: u32,
    /// What is just happening.
    happening: Option<(Instant, Event)>,
    /// What was due, and could not happen.
    set_aside: OrdSet<(Instant, Event)>,
}

/// What is known of a name in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Name {
    /// The cluster that has it.
    holder: Option<Id>,
    /// How many clusters were made under it, so that each gets an id of its own.
    made: u64,
}

impl Universe {
    /// An empty universe whose clock shows `now`: it has nothing but a folder.
    pub fn new(seed: Seed, clock: Clock, now: Instant, operation_time: OperationTime) -> Self {
        let mut universe = Self {
            seed,
            clock,
            now,
            operation_time,
            access: Access::default(),
            sequence: 0,
            clusters: OrdMap::new(),
            clusters_by_folder: OrdMap::new(),
            names: OrdMap::new(),
            histories: OrdMap::new(),
            histories_by_cluster: OrdMap::new(),
            backups_by_folder: OrdMap::new(),
            operations: OrdMap::new(),
            operations_by_cluster: OrdMap::new(),
            backup_count: 0,
            idempotency: OrdMap::new(),
            agenda: Agenda::default(),
            folders: OrdMap::new(),
            folders_by_part: OrdMap::new(),
            revoked: OrdMap::new(),
            revocations: 0,
            happening: None,
            set_aside: OrdSet::new(),
        };
        universe.add_folder(DEFAULT_FOLDER, "default");
        universe
    }

    /// The seed that decides its identifiers and delays.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// Gives the universe another seed. What exists keeps its identifiers.
    pub fn set_seed(&mut self, seed: Seed) {
        self.seed = seed;
    }

    /// How its time goes on.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Lets its time go on otherwise.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// The instant up to which everything has happened.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// How long its operations take.
    pub fn operation_time(&self) -> OperationTime {
        self.operation_time
    }

    /// Lets the operations that begin from now on take another time.
    pub fn set_operation_time(&mut self, operation_time: OperationTime) {
        self.operation_time = operation_time;
    }

    /// What the universe's clock shows when the machine's shows `machine`.
    pub fn instant(&self, machine: Instant) -> Instant {
        self.clock.read(self.now, machine)
    }

    /// When the next thing falls due.
    pub fn next_due(&self) -> Option<Instant> {
        self.agenda.next_due()
    }

    /// Whether everything has happened that is due by an instant.
    pub fn is_settled(&self, by: Instant) -> bool {
        self.next_due().is_none_or(|due| due > by)
    }

    /// Lets time pass, in nanoseconds. Everything that falls due on the way happens, each thing at its own instant, so that one
    /// long step and many short ones come to the same.
    pub fn advance(&mut self, nanos: i64) {
        self.settle(self.now.plus(nanos));
    }

    /// Brings time up to an instant; does nothing if it has passed.
    pub fn settle(&mut self, to: Instant) {
        while !self.settle_some(to, usize::MAX) {}
    }

    /// Lets at most `events` things happen on the way to an instant; returns whether it is reached.
    pub fn settle_some(&mut self, to: Instant, events: usize) -> bool {
        for _ in 0..events {
            let Some((due, event)) = self.agenda.take_due(to) else {
                self.now = self.now.max(to);
                return true;
            };
            self.now = self.now.max(due);
            if !self.set_aside.contains(&(due, event.clone())) {
                self.happening = Some((due, event.clone()));
                self.happen(event);
                self.happening = None;
            }
        }
        false
    }

    /// What was just happening when the universe was left, if it was left in the middle of something by a panic: then it is good
    /// for nothing but to tell this.
    pub fn happening(&self) -> Option<&(Instant, Event)> {
        self.happening.as_ref()
    }

    /// Lets something that is due at an instant not happen, since it cannot.
    pub fn set_aside(&mut self, due: Instant, event: Event) {
        self.set_aside.insert((due, event));
    }

    /// What was due, and could not happen, in order of time.
    pub fn aside(&self) -> impl Iterator<Item = &(Instant, Event)> {
        self.set_aside.iter()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::StageEnd { operation } => self.end_stage(operation),
            Event::DailyBackup { cluster } => self.begin_daily_backup(cluster),
            Event::BackupEnd { history, backup, sequence, started_at } => {
                self.end_daily_backup(history, backup, sequence, started_at);
            }
            Event::Expiry { history } => self.expire_backups(history),
            Event::ForgetKey { method, key } => self.forget_key(method, key),
            Event::Panic => panic!("a test has put this onto the agenda"),
        }
    }

    /// Lets the universe panic at an instant, so that a test sees what comes of it.
    #[doc(hidden)]
    pub fn panic_at(&mut self, due: Instant) {
        self.agenda.add(due, Event::Panic);
    }

    /// One cluster.
    pub fn cluster(&self, id: Id) -> Option<&Arc<Cluster>> {
        self.clusters.get(&id)
    }

    /// All clusters, by id.
    pub fn clusters(&self) -> impl Iterator<Item = &Arc<Cluster>> {
        self.clusters.values()
    }

    /// An engine's clusters in a folder, oldest first, from behind a place in that order.
    pub fn clusters_in(&self, engine: EngineName, folder: &str, after: u64) -> impl Iterator<Item = &Arc<Cluster>> {
        let folder: Text = folder.into();
        let entries = self
            .clusters_by_folder
            .range((engine, folder.clone(), after.saturating_add(1))..=(engine, folder, u64::MAX));
        entries.filter_map(|(_, id)| self.clusters.get(id))
    }

    /// The cluster of a name in a folder. One that is on its way there has only claimed the name.
    pub fn cluster_named(&self, engine: EngineName, folder: &str, name: &str) -> Option<&Arc<Cluster>> {
        let entry = self.names.get(&NameKey(engine, folder.into(), name.into()))?;
        let there = |cluster: &&Arc<Cluster>| *cluster.spec.folder == *folder && *cluster.spec.name == *name;
        self.clusters.get(&entry.holder?).filter(there)
    }

    /// One operation.
    pub fn operation(&self, id: Id) -> Option<&Arc<Operation>> {
        self.operations.get(&id)
    }

    /// The operations of a cluster, newest first, from behind a place in that order.
    pub fn operations_of(&self, cluster: Id, before: u64) -> impl Iterator<Item = &Arc<Operation>> {
        let entries = self.operations_by_cluster.range((cluster, 0)..(cluster, before)).rev();
        entries.filter_map(|(_, id)| self.operations.get(id))
    }

    /// How many clusters there are.
    pub fn cluster_count(&self) -> usize {
        self.clusters.len()
    }

    /// How many backups there are.
    pub fn backup_count(&self) -> usize {
        self.backup_count
    }

    /// How many operations there are.
    pub fn operation_count(&self) -> usize {
        self.operations.len()
    }

    /// The history of a cluster, which outlives it.
    pub fn history_of(&self, cluster: Id) -> Option<&Arc<History>> {
        self.histories.get(self.histories_by_cluster.get(&cluster)?)
    }

    /// All histories, oldest cluster first.
    pub fn histories(&self) -> impl Iterator<Item = &Arc<History>> {
        self.histories.values()
    }

    /// An engine's backups that were made in a folder, newest first, from behind a place in that order.
    pub fn backups_in(&self, engine: EngineName, folder: &str, before: u64) -> impl Iterator<Item = BackupEntry<'_>> {
        let index = self.backups_by_folder.get(&(engine, folder.into()));
        let keys = index.into_iter().flat_map(move |index| index.range(..before).rev().map(|(_, key)| *key));
        keys.filter_map(|key| self.histories.get(&key.history)?.backup(key.number))
    }

    /// The backup of an identifier, with its key.
    pub fn backup(&self, id: &str) -> Option<(BackupKey, BackupEntry<'_>)> {
        let id = BackupId::parse(id)?;
        let number = *self.histories_by_cluster.get(&id.cluster())?;
        let history = self.histories.get(&number)?;
        let entry = history.backup(history.backup_number(&id)?)?;
        Some((BackupKey { history: number, number: entry.number }, entry))
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}
