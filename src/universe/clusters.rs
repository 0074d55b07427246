//! The store of clusters: all of them by id, their order in each folder, and their names.

use std::sync::Arc;

use imbl::OrdMap;

use super::cluster::{Cluster, EngineName, Host, NewCluster, NewHost, Spec, Status, Text, uses};
use super::core::Core;
use super::identifier::letters;
use super::plan::NameKey;
use super::resource::Used;
use super::{ClusterChange, Id, Seed};
use crate::refusal::{self, Refusal};

/// The clusters of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Clusters {
    /// By their places in the universe's order.
    all: OrdMap<u64, Arc<Cluster>>,
    by_id: OrdMap<Id, u64>,
    by_folder: OrdMap<(EngineName, Text, u64), ()>,
    names: OrdMap<NameKey, Name>,
}

/// What is known of a name in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Name {
    /// The cluster that has it.
    holder: Option<Id>,
    /// How many clusters took it, so that each that is made under it gets an id of its own.
    taken: u64,
}

/// What other stores have to know of a change.
pub(super) struct Changed {
    /// Whether the cluster has another spec.
    pub spec: bool,
    /// What the cluster has referred to, if it refers to something else now.
    pub used_before: Option<Vec<Used>>,
    /// Whether its contents have changed.
    pub contents: bool,
}

impl Clusters {
    pub fn get(&self, id: Id) -> Option<&Arc<Cluster>> {
        self.all.get(self.by_id.get(&id)?)
    }

    /// The cluster at a place in the universe's order.
    pub fn at(&self, sequence: u64) -> Option<&Arc<Cluster>> {
        self.all.get(&sequence)
    }

    fn get_mut(&mut self, id: Id) -> Option<&mut Cluster> {
        self.all.get_mut(self.by_id.get(&id)?).map(Arc::make_mut)
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<Cluster>> {
        self.all.values()
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// An engine's clusters in a folder, oldest first, from behind a place in that order.
    pub fn in_folder(&self, engine: EngineName, folder: &str, after: u64) -> impl Iterator<Item = &Arc<Cluster>> {
        let folder: Text = folder.into();
        let entries =
            self.by_folder.range((engine, folder.clone(), after.saturating_add(1))..=(engine, folder, u64::MAX));
        entries.filter_map(|((_, _, sequence), ())| self.all.get(sequence))
    }

    /// The clusters in a folder, of every engine.
    pub fn in_folder_of_any_engine<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Arc<Cluster>> {
        let first = self.by_folder.iter().next().map(|((engine, ..), ())| *engine);
        let next = |engine: &EngineName| {
            self.by_folder.range((*engine, behind_all(), u64::MAX)..).next().map(|((engine, ..), ())| *engine)
        };
        let engines = std::iter::successors(first, next);
        engines.flat_map(move |engine| self.in_folder(engine, folder, 0))
    }

    /// The cluster of a name in a folder. One that is on its way there has only claimed the name.
    pub fn named(&self, engine: EngineName, folder: &str, name: &str) -> Option<&Arc<Cluster>> {
        let entry = self.names.get(&NameKey { engine, folder: folder.into(), name: name.into() })?;
        let there = |cluster: &&Arc<Cluster>| *cluster.spec.folder == *folder && *cluster.spec.name == *name;
        self.get(entry.holder?).filter(there)
    }

    /// The id that the next cluster of this name will get.
    pub fn next_id(&self, seed: Seed, name: &NameKey) -> Id {
        let taken = self.names.get(name).map_or(0, |name| name.taken);
        seed.id(b"c9q", "cluster", &[name.engine.0, &name.folder, &name.name], taken)
    }

    /// Refuses a name that a cluster has.
    pub fn free(&self, key: &NameKey) -> Result<(), Refusal> {
        match self.names.get(key).and_then(|name| name.holder) {
            Some(holder) => Err(refusal::cluster::name_taken(&key.name, &key.folder, holder.as_str())),
            None => Ok(()),
        }
    }

    /// Takes a name for a cluster.
    pub fn claim(&mut self, key: &NameKey, cluster: Id) {
        let name = self.names.entry(key.clone()).or_default();
        name.holder = Some(cluster);
        name.taken += 1;
    }

    /// Gives a name back.
    pub fn release(&mut self, key: &NameKey) {
        if let Some(name) = self.names.get_mut(key) {
            name.holder = None;
        }
    }

    /// Takes numbers for hosts of a cluster.
    pub fn number_hosts(&mut self, cluster: Id, count: u64) {
        if let Some(cluster) = self.get_mut(cluster) {
            cluster.hosts_made += count;
        }
    }

    /// Puts a new cluster into its folder; returns its place in the universe's order.
    pub fn insert(&mut self, core: &mut Core, id: Id, new: &NewCluster) -> u64 {
        let hosts = named_hosts(core.seed, id, 0, new.hosts.clone());
        let cluster = Cluster {
            id,
            engine: new.engine,
            sequence: core.next_sequence(),
            created_at: core.now,
            status: Status::Creating,
            spec: new.spec.clone(),
            hosts_made: hosts.len() as u64,
            hosts: hosts.into(),
            contents: new.contents.clone(),
        };
        let sequence = cluster.sequence;
        self.by_folder.insert((cluster.engine, cluster.spec.folder.clone(), sequence), ());
        self.by_id.insert(id, sequence);
        self.all.insert(sequence, cluster.into());
        sequence
    }

    /// Changes a cluster, and whatever in this store depends on it.
    pub fn change(&mut self, id: Id, change: impl FnOnce(&mut Cluster)) -> Option<Changed> {
        let cluster = self.get_mut(id)?;
        let (spec, hosts, contents) = (cluster.spec.clone(), cluster.hosts.clone(), cluster.contents.clone());
        change(cluster);
        let is_new_spec = !Arc::ptr_eq(&cluster.spec, &spec);
        let has_other_uses = is_new_spec || !Arc::ptr_eq(&cluster.hosts, &hosts);
        let changed = Changed {
            spec: is_new_spec,
            used_before: has_other_uses.then(|| uses(&spec, hosts.iter().filter_map(|host| host.subnet))),
            contents: cluster.contents != contents,
        };
        if changed.spec {
            let (engine, sequence, after) = (cluster.engine, cluster.sequence, cluster.spec.clone());
            self.relist(engine, sequence, &spec, &after);
        }
        Some(changed)
    }

    /// Keeps folder and name in order when a cluster has another spec. The new name has been claimed.
    fn relist(&mut self, engine: EngineName, sequence: u64, before: &Spec, after: &Spec) {
        if before.folder != after.folder {
            self.by_folder.remove(&(engine, before.folder.clone(), sequence));
            self.by_folder.insert((engine, after.folder.clone(), sequence), ());
        }
        let name = NameKey::of(engine, before);
        if name != NameKey::of(engine, after) {
            self.release(&name);
        }
    }

    /// Deletes a cluster, and returns it. Its record stays.
    pub fn remove(&mut self, id: Id) -> Option<Arc<Cluster>> {
        let cluster = self.all.remove(&self.by_id.remove(&id)?)?;
        self.by_folder.remove(&(cluster.engine, cluster.spec.folder.clone(), cluster.sequence));
        self.release(&NameKey::of(cluster.engine, &cluster.spec));
        Some(cluster)
    }
}

/// A text behind the id of every folder: the longest has 50 characters.
pub(super) fn behind_all() -> Text {
    char::MAX.to_string().repeat(51).into()
}

impl ClusterChange {
    /// What the change does to a cluster that stays.
    pub(super) fn apply_to(&self, cluster: &mut Cluster) {
        match self {
            Self::Status(status) => cluster.status = *status,
            Self::Spec(spec) => cluster.spec = spec.clone(),
            Self::Hosts(hosts) => cluster.hosts = hosts.clone(),
            Self::Put(item, name, spec) => cluster.contents.put(*item, name, spec.clone()),
            Self::Drop(item, name) => cluster.contents.drop(*item, name),
            // The cluster does not stay.
            Self::Delete => {}
        }
    }
}

/// The hosts that shall be made for a cluster, with the numbers from `first` on and the names that go with them.
pub(super) fn named_hosts(seed: Seed, cluster: Id, first: u64, hosts: Vec<NewHost>) -> Vec<Host> {
    let hosts = hosts.into_iter().zip(first..).map(|(host, number)| Host {
        number,
        name: host_name(seed, &host.zone_code, cluster, number),
        role: host.role,
        subnet: host.subnet,
        spec: host.spec,
    });
    hosts.collect()
}

fn host_name(seed: Seed, zone_code: &str, cluster: Id, number: u64) -> Text {
    let mut own = [b'0'; 16];
    letters(seed.bits("host", &[cluster.as_str()], number), &mut own);
    format!("{zone_code}-{}.mdb.yandexcloud.net", String::from_utf8_lossy(&own)).into()
}
