//! How plain resources come and go: folders that are named, keys whose versions are renewed by the clock, and folders and clouds that are deleted with all
//! that is in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::plan::{Claim, Effects, Target};
use super::resource::{KindName, Resource, UniqueKey, Used};
use super::{Change, Id, ResourceChange, ResourceEvent, Universe, network, rotation};
use crate::contract::proto::yandex::cloud::resourcemanager::v1::Folder;
use crate::refusal::{self, Refusal};

/// The kinds of what a folder holds, in the order in which they are deleted with it.
const IN_FOLDERS: [KindName; 8] = [
    KindName::Address,
    KindName::Subnet,
    KindName::RouteTable,
    KindName::Gateway,
    KindName::SecurityGroup,
    KindName::Network,
    KindName::SymmetricKey,
    KindName::ServiceAccount,
];

/// How many things of a folder are deleted before other calls get their turn.
const CLEARED_AT_ONCE: usize = 200;

impl Universe {
    /// Lets a folder come into being, if nobody has named it before. One that was deleted stays away.
    pub(super) fn name_folder(&mut self, id: &str) {
        let Some(key) = KindName::Folder.id(id) else { return };
        if self.resources.get(KindName::Folder, key).is_none() && !self.resources.is_gone(key) {
            self.furnish(id, id);
        }
    }

    /// Makes a folder with a network.
    pub(super) fn furnish(&mut self, id: &str, name: &str) {
        for resource in network::furnished(self.core.seed, id, name, self.core.now) {
            self.make(resource);
        }
    }

    /// Makes a resource, whose keys nobody has claimed. It replaces the resource of the same id, if there is one.
    pub(super) fn make(&mut self, resource: Arc<Resource>) {
        if self.resources.get(resource.kind, resource.id).is_none() {
            for key in resource.unique.iter() {
                // A folder may be named like one that exists: it has the name too.
                if self.resources.holder(key).is_none() {
                    self.resources.claim(key, resource.id);
                }
            }
        }
        self.put(resource);
    }

    fn put(&mut self, resource: Arc<Resource>) {
        let before = self.resources.get(resource.kind, resource.id).and_then(|before| rotation::due(before));
        let after = rotation::due(&resource);
        if let Some((due, event)) = before {
            self.core.agenda.remove(due, event);
        }
        if let Some((due, event)) = after {
            self.core.agenda.add(due, event);
        }
        self.resources.put(&mut self.core, resource);
    }

    fn remove(&mut self, kind: KindName, id: Id) {
        let held = match kind {
            KindName::SymmetricKey => [Some(KindName::SymmetricKeyVersion), None],
            KindName::ServiceAccount => [Some(KindName::Key), Some(KindName::AccessKey)],
            _ => [None, None],
        };
        for kind in held.into_iter().flatten() {
            self.remove_all(kind, id.as_str());
        }
        if let Some(resource) = self.resources.remove(kind, id) {
            if let Some((due, event)) = rotation::due(&resource) {
                self.core.agenda.remove(due, event);
            }
            self.bindings.forget(Target::Resource(kind, id));
        }
    }

    /// Removes all that a parent holds of a kind.
    fn remove_all(&mut self, kind: KindName, parent: &str) {
        let held: Vec<Id> = self.resources.of(kind, parent, 0).map(|(_, resource)| resource.id).collect();
        for id in held {
            self.remove_at_once(kind, id);
        }
    }

    /// Removes a resource, whatever operation is in flight on it.
    fn remove_at_once(&mut self, kind: KindName, id: Id) {
        self.give_up(Target::Resource(kind, id));
        self.remove(kind, id);
    }

    /// Changes plain resources.
    pub(super) fn change_resource(&mut self, change: &ResourceChange) {
        match change {
            ResourceChange::Put(resource) => self.put(resource.clone()),
            ResourceChange::Make(resource) => self.make(resource.clone()),
            ResourceChange::Remove(kind, id) => self.remove(*kind, *id),
            ResourceChange::Name(folder) => self.name_folder(folder),
            ResourceChange::Destroy(kind, id) => {
                while !self.clear(*kind, *id) {}
                self.remove(*kind, *id);
            }
        }
    }

    /// Lets the clock do something to a resource.
    pub(super) fn turn(&mut self, event: ResourceEvent) {
        match event {
            ResourceEvent::Rotate { key } => {
                let versions = self.resources.times(&rotation::counted(key.as_str()));
                let Some(key) = self.resources.get(KindName::SymmetricKey, key).cloned() else { return };
                for resource in rotation::rotated(self.core.seed, &key, versions, self.core.now) {
                    self.make(resource);
                }
            }
            ResourceEvent::DestroyVersion { version } => {
                if let Some(version) = self.resources.get(KindName::SymmetricKeyVersion, version).cloned() {
                    self.put(rotation::destroyed(&version));
                }
            }
        }
    }

    /// Why a change cannot be made when the operation on a target comes to it. A folder with a protected cluster is not deleted
    /// (documented), and nothing in it is (our choice); and what was deleted meanwhile gets no access bindings.
    pub(super) fn hindrance(&self, target: Target, effects: &Effects, change: &Change) -> Option<Refusal> {
        match change {
            Change::Resource(ResourceChange::Destroy(kind, id)) => self.protected_in(*kind, *id),
            Change::Bindings(_) if !self.exists(target) && !effects.makes(target) => {
                Some(refusal::operation::deleted_meanwhile())
            }
            Change::Bindings(change) => {
                let takes_last_owner = change.takes_last_owner(target, self.bindings.roles(target));
                takes_last_owner.then(|| refusal::neighbour::no_owner_left(target.id().as_str()))
            }
            _ => None,
        }
    }

    /// Whether what operations are on is there. A folder that somebody is about to name counts as well.
    pub(super) fn exists(&self, target: Target) -> bool {
        match target {
            Target::Cluster(id) => self.clusters.get(id).is_some(),
            Target::Resource(KindName::Folder, id) => !self.resources.is_gone(id),
            Target::Resource(kind, id) => self.resources.get(kind, id).is_some(),
        }
    }

    fn protected_in(&self, kind: KindName, id: Id) -> Option<Refusal> {
        let folders = match kind {
            KindName::Cloud => self.folders_of(id),
            _ => self.resources.get(kind, id).cloned().into_iter().collect(),
        };
        let mut clusters = folders.iter().flat_map(|folder| self.clusters.in_folder_of_any_engine(folder_id(folder)));
        let protected = clusters.find(|cluster| cluster.spec.deletion_protection);
        protected.map(|cluster| refusal::neighbour::holds_protected_cluster(kind, cluster.id.as_str()))
    }

    fn folders_of(&self, cloud: Id) -> Vec<Arc<Resource>> {
        self.resources.of(KindName::Folder, cloud.as_str(), 0).map(|(_, folder)| folder.clone()).collect()
    }

    /// Deletes some of what is in a folder or a cloud, backups too; returns whether nothing is left. Operations that are in flight there
    /// end.
    pub(super) fn clear(&mut self, kind: KindName, id: Id) -> bool {
        let mut left = CLEARED_AT_ONCE;
        if kind == KindName::Folder {
            let folder = self.resources.get(kind, id).cloned();
            return folder.is_none_or(|folder| self.clear_folder(folder_id(&folder), &mut left));
        }
        for folder in self.folders_of(id) {
            if left == 0 || !self.clear_folder(folder_id(&folder), &mut left) {
                return false;
            }
            self.remove_at_once(KindName::Folder, folder.id);
            left = left.saturating_sub(1);
        }
        true
    }

    /// Deletes what is in a folder, as long as so many things more may be deleted; returns whether nothing is left.
    fn clear_folder(&mut self, folder: &str, left: &mut usize) -> bool {
        let clusters = self.clusters.in_folder_of_any_engine(folder).take(*left).map(|cluster| cluster.id);
        for cluster in clusters.collect::<Vec<_>>() {
            self.give_up(Target::Cluster(cluster));
            self.remove_cluster(cluster);
            *left -= 1;
        }
        *left -= self.records.remove_backups_in(folder, *left);
        for kind in IN_FOLDERS {
            let held = self.resources.of(kind, folder, 0).take(*left).map(|(_, resource)| resource.id);
            for id in held.collect::<Vec<_>>() {
                self.remove_at_once(kind, id);
                *left -= 1;
            }
        }
        *left > 0
    }

    /// Ends the operation in flight on a target that is just being deleted.
    fn give_up(&mut self, target: Target) {
        if let Some(operation) = self.operations.running(target).map(|operation| operation.id) {
            let refusal = refusal::operation::deleted_meanwhile();
            self.fail(operation, refusal.code as i32, refusal.message);
        }
    }
}

/// The id by which requests name a folder.
fn folder_id(folder: &Resource) -> &str {
    &folder.message.open::<Folder>().id
}

impl Effects {
    /// What it claims twice, though only one resource may have it.
    pub(super) fn claimed_twice(&self) -> Option<&UniqueKey> {
        let mut seen = BTreeSet::new();
        let keys = self.claims.iter().filter_map(|claim| match claim {
            Claim::Unique(key, _) if key.is_exclusive() => Some(key),
            _ => None,
        });
        keys.into_iter().find(|key| !seen.insert(*key))
    }

    /// Whether the operation makes what it is on.
    fn makes(&self, target: Target) -> bool {
        self.changes.iter().any(|change| match change {
            Change::Resource(ResourceChange::Put(resource)) => Target::Resource(resource.kind, resource.id) == target,
            _ => false,
        })
    }

    /// The folder or cloud that the operation deletes with all that is in it.
    pub(super) fn destroyed(&self) -> Option<(KindName, Id)> {
        self.changes.iter().find_map(|change| match change {
            Change::Resource(ResourceChange::Destroy(kind, id)) => Some((*kind, *id)),
            _ => None,
        })
    }

    /// The resources that the operation will delete.
    pub(super) fn leaving(&self) -> impl Iterator<Item = Used> {
        self.changes.iter().filter_map(|change| match change {
            Change::Resource(ResourceChange::Remove(kind, id) | ResourceChange::Destroy(kind, id)) => {
                Some(Used { kind: *kind, id: *id })
            }
            _ => None,
        })
    }
}
