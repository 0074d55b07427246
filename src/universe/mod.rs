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
//! Where to go on: [`plan`] for what a handler decides, `acts` for how a universe carries it out, `settling` for how its time passes ([`agenda`]),
//! [`operation`] for what a mutating call starts, [`record`] for backups, retention and points in time, [`page`] for lists, [`resource`]
//! for what stands beside clusters, [`network`] for zones and for what a folder has that is only named, `life` for how such things come
//! and go, [`tokens`] for who may call.
//!
//! What a universe holds is in stores, a file each, with maps that nobody else sees: `clusters`, `records`, `operations`, `resources`,
//! `bindings`, `tokens`, `keys`. Each has its own [`change`]s and [`event`]s.

pub mod agenda;
pub mod backup;
pub mod bindings;
pub mod change;
pub mod clock;
pub mod cluster;
pub mod contents;
pub mod event;
pub mod identifier;
pub mod instant;
pub mod network;
pub mod opaque;
pub mod operation;
pub mod pace;
pub mod page;
pub mod plan;
pub mod record;
pub mod resource;
pub mod rotation;
pub mod tokens;

mod acts;
mod beside;
mod clusters;
mod core;
mod daily;
mod keys;
mod life;
mod listings;
mod operations;
mod records;
mod resources;
mod settling;

use std::sync::Arc;

use imbl::OrdSet;

pub use backup::{Backup, BackupId, BackupKey, BackupPosition, Keeper, Source};
pub use bindings::BindingsChange;
pub use change::{Change, ClusterChange, RecordChange, ResourceChange, TokenChange};
pub use clock::Clock;
pub use cluster::{Cluster, EngineName, Status};
pub use contents::{Contents, Item};
pub use event::{Event, KeyEvent, OperationEvent, RecordEvent, ResourceEvent};
pub use identifier::{Id, Seed};
pub use instant::Instant;
pub use keys::{Key, body_hash};
pub use opaque::Opaque;
pub use operation::Operation;
pub use pace::{OperationTime, Stage};
pub use page::Page;
pub use plan::{Decision, Left, Plan, Target};
pub use record::{BackupEntry, ClusterRecord};
pub use resource::{KindName, Resource, UniqueKey, Used, User, What};
pub use tokens::{Access, Auth, ServiceAccountKey};

use bindings::Bindings;
use cluster::{Host, NewHost, Spec};
use clusters::Clusters;
use core::Core;
use keys::Keys;
use network::DEFAULT_FOLDER;
use operations::Operations;
use plan::NameKey;
use records::Records;
use resources::Resources;
use tokens::{Token, Tokens};

use crate::refusal::Refusal;

/// A world of its own: clusters, backups, operations, and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Universe {
    core: Core,
    access: Access,
    clusters: Clusters,
    records: Records,
    operations: Operations,
    resources: Resources,
    bindings: Bindings,
    tokens: Tokens,
    keys: Keys,
    /// Whether what requests refer to must exist.
    strict: bool,
    /// What is just happening.
    happening: Option<(Instant, Event)>,
    /// What was due, and could not happen.
    set_aside: OrdSet<(Instant, Event)>,
}

impl Universe {
    /// An empty universe whose clock shows `now`: it has nothing but a cloud with a folder.
    pub fn new(seed: Seed, clock: Clock, now: Instant, operation_time: OperationTime) -> Self {
        let mut universe = Self {
            core: Core::new(seed, clock, now, operation_time),
            access: Access::default(),
            clusters: Clusters::default(),
            records: Records::default(),
            operations: Operations::default(),
            resources: Resources::default(),
            bindings: Bindings::default(),
            strict: false,
            tokens: Tokens::default(),
            keys: Keys::default(),
            happening: None,
            set_aside: OrdSet::new(),
        };
        universe.make(network::cloud(seed, now).into());
        universe.add_folder(DEFAULT_FOLDER, "default");
        universe
    }

    /// The seed that decides its identifiers and delays.
    pub fn seed(&self) -> Seed {
        self.core.seed
    }

    /// Gives the universe another seed. What exists keeps its identifiers.
    pub fn set_seed(&mut self, seed: Seed) {
        self.core.seed = seed;
    }

    /// How its time goes on.
    pub fn clock(&self) -> Clock {
        self.core.clock
    }

    /// Lets its time go on otherwise.
    pub fn set_clock(&mut self, clock: Clock) {
        self.core.clock = clock;
    }

    /// The instant up to which everything has happened.
    pub fn now(&self) -> Instant {
        self.core.now
    }

    /// How long its operations take.
    pub fn operation_time(&self) -> OperationTime {
        self.core.operation_time
    }

    /// Lets the stages that begin from now on take another time.
    pub fn set_operation_time(&mut self, operation_time: OperationTime) {
        self.core.operation_time = operation_time;
    }

    /// How its callers are told apart.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Lets its callers be told apart otherwise.
    pub fn set_access(&mut self, access: Access) {
        self.access = access;
    }

    /// What the universe's clock shows when the machine's shows `machine`.
    pub fn instant(&self, machine: Instant) -> Instant {
        self.core.clock.read(self.core.now, machine)
    }

    /// When the next thing falls due.
    pub fn next_due(&self) -> Option<Instant> {
        let others = self.core.agenda.next_due().map(|(due, _)| due);
        self.records.next_due().map(|(due, _)| due).into_iter().chain(others).min()
    }

    /// Whether everything has happened that is due by an instant.
    pub fn is_settled(&self, by: Instant) -> bool {
        self.next_due().is_none_or(|due| due > by)
    }
}

/// What it holds.
impl Universe {
    /// One cluster.
    pub fn cluster(&self, id: Id) -> Option<&Arc<Cluster>> {
        self.clusters.get(id)
    }

    /// All clusters, by id.
    pub fn clusters(&self) -> impl Iterator<Item = &Arc<Cluster>> {
        self.clusters.all()
    }

    /// An engine's clusters in a folder, oldest first, from behind a place in that order.
    pub fn clusters_in(&self, engine: EngineName, folder: &str, after: u64) -> impl Iterator<Item = &Arc<Cluster>> {
        self.clusters.in_folder(engine, folder, after)
    }

    /// The clusters in a folder, of every engine.
    pub fn clusters_in_folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Arc<Cluster>> {
        self.clusters.in_folder_of_any_engine(folder)
    }

    /// The cluster of a name in a folder. One that is on its way there has only claimed the name.
    pub fn cluster_named(&self, engine: EngineName, folder: &str, name: &str) -> Option<&Arc<Cluster>> {
        self.clusters.named(engine, folder, name)
    }

    /// The id that the next cluster of this name will get.
    pub fn next_cluster_id(&self, engine: EngineName, spec: &Spec) -> Id {
        self.clusters.next_id(self.core.seed, &NameKey::of(engine, spec))
    }

    /// The hosts that shall be made for a cluster, with the numbers from `first` on and the names that go with them.
    pub fn named_hosts(&self, cluster: Id, first: u64, hosts: Vec<NewHost>) -> Vec<Host> {
        clusters::named_hosts(self.core.seed, cluster, first, hosts)
    }

    /// How many clusters there are.
    pub fn cluster_count(&self) -> usize {
        self.clusters.len()
    }

    /// One operation.
    pub fn operation(&self, id: Id) -> Option<&Arc<Operation>> {
        self.operations.get(id)
    }

    /// The operations on a target, newest first, from behind a place in that order.
    pub fn operations_of(&self, target: Target, before: u64) -> impl Iterator<Item = &Arc<Operation>> {
        self.operations.of(target, before)
    }

    /// How many operations there are.
    pub fn operation_count(&self) -> usize {
        self.operations.len()
    }

    /// Refuses if an operation on a target is in flight.
    ///
    /// # Errors
    ///
    /// FAILED_PRECONDITION with the wording that clients parse for the operation's id.
    pub fn idle(&self, target: Target) -> Result<(), Refusal> {
        self.operations.idle(target)
    }

    /// The record of a cluster, which outlives it.
    pub fn record_of(&self, cluster: Id) -> Option<&Arc<ClusterRecord>> {
        self.records.of(cluster)
    }

    /// All records, oldest cluster first.
    pub fn records(&self) -> impl Iterator<Item = &Arc<ClusterRecord>> {
        self.records.all()
    }

    /// The place in the universe's order that the next thing will get.
    pub fn next_sequence(&self) -> u64 {
        self.core.sequence + 1
    }

    /// An engine's backups that were made in a folder, newest first, from before a position.
    pub fn backups_in(
        &self,
        engine: EngineName,
        folder: &str,
        before: BackupPosition,
    ) -> impl Iterator<Item = BackupEntry<'_>> {
        self.records.backups_in(engine, folder, before)
    }

    /// The backup of an identifier, with its key.
    pub fn backup(&self, id: &str) -> Option<(BackupKey, BackupEntry<'_>)> {
        self.records.backup(id)
    }

    /// How many backups there are.
    pub fn backup_count(&self) -> usize {
        self.records.backup_count()
    }

    /// A token of a subject for the next 12 hours, and when they end.
    pub fn issue_token(&self, subject: &str, now: Instant) -> (String, Instant) {
        self.tokens.issue(self.core.seed, subject, now)
    }

    /// What a token says, live or not; nothing if the universe has not issued it.
    pub fn token(&self, text: &str) -> Option<Token> {
        Token::read(self.core.seed, text)
    }

    /// Whether a token of the universe is good at an instant.
    pub fn is_live(&self, token: &Token, now: Instant) -> bool {
        self.tokens.is_live(token, now)
    }

    /// What a call left under this idempotency key before.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if the key was used for another request.
    pub fn recall(&self, key: &Key) -> Result<Option<Left>, Refusal> {
        self.keys.recall(key)
    }

    /// Remembers for a day what a call left under its key.
    pub fn remember(&mut self, key: &Key, left: Left) {
        self.keys.remember(&mut self.core, key, left);
    }
}
