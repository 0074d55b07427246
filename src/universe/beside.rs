//! What a universe tells of what stands beside clusters: resources, who refers to them, and who may what.

use std::sync::Arc;

use super::network::{self, DEFAULT_NETWORK, Zone};
use super::{Cluster, Id, KindName, Operation, Resource, Status, Target, UniqueKey, Universe, Used, User};
use crate::contract::proto::yandex::cloud::access::{AccessBinding, AccessPolicyBinding};
use crate::contract::proto::yandex::cloud::vpc::v1::Subnet;
use crate::refusal::Refusal;

impl Universe {
    /// A plain resource.
    pub fn resource(&self, kind: KindName, id: Id) -> Option<&Arc<Resource>> {
        self.resources.get(kind, id)
    }

    /// The plain resources of a kind that a parent holds, oldest first, from behind a place in the universe's order; each with its place.
    pub fn resources_of(
        &self,
        kind: KindName,
        parent: &str,
        after: u64,
    ) -> impl Iterator<Item = (u64, &Arc<Resource>)> {
        self.resources.of(kind, parent, after)
    }

    /// The plain resources of a kind that refer to another one, oldest first, from behind a place; each with its place.
    pub fn resources_using(
        &self,
        used: Used,
        kind: KindName,
        after: u64,
    ) -> impl Iterator<Item = (u64, &Arc<Resource>)> {
        self.resources.using(used, kind, after)
    }

    /// The clusters that refer to a plain resource, or whose hosts do, oldest first.
    pub fn clusters_using(&self, used: Used) -> impl Iterator<Item = &Arc<Cluster>> {
        self.resources.users(used, User::Cluster, 0).filter_map(|sequence| self.clusters.at(sequence))
    }

    /// The plain resources that will refer to another one when operations in flight are done, as they will be then.
    pub fn resources_about_to_use(&self, used: Used) -> impl Iterator<Item = &Arc<Resource>> {
        let operations = self.resources.users(used, User::Operation, 0).filter_map(|place| self.operations.at(place));
        operations.flat_map(|operation| operation.coming())
    }

    /// Whether an operation in flight will let something refer to a plain resource.
    pub fn is_about_to_be_used(&self, used: Used) -> bool {
        self.resources.users(used, User::Operation, 0).next().is_some()
    }

    /// The plain resource that has what is unique.
    pub fn resource_with(&self, key: &UniqueKey) -> Option<&Arc<Resource>> {
        self.resources.get(key.kind, self.resources.holder(key)?)
    }

    /// Refuses what is unique if a resource has it, or if an operation in flight has claimed it for one.
    ///
    /// # Errors
    ///
    /// ALREADY_EXISTS, in the words of the kind.
    pub fn free(&self, key: &UniqueKey) -> Result<(), Refusal> {
        self.resources.free(key)
    }

    /// Whether a resource has what is unique, or an operation in flight has claimed it for one.
    pub fn is_taken(&self, key: &UniqueKey) -> bool {
        self.resources.holder(key).is_some()
    }

    /// The addresses of a subnet that resources have, or that operations in flight have claimed for some.
    pub fn addresses_claimed(&self, subnet: &str) -> impl Iterator<Item = &str> {
        self.resources.addresses(subnet)
    }

    /// How many resources have taken a key so far.
    pub fn times_taken(&self, key: &UniqueKey) -> u64 {
        self.resources.times(key)
    }

    /// The id that the next resource under a key will get.
    pub fn next_resource_id(&self, prefix: [u8; 3], key: &UniqueKey) -> Id {
        self.resources.next_id(self.core.seed, prefix, key)
    }

    /// The operation in flight that is the only one on a target.
    pub fn running(&self, target: Target) -> Option<&Arc<Operation>> {
        self.operations.running(target)
    }

    /// Whether a cluster runs, or will run again when the operation that changes it ends.
    pub fn runs(&self, cluster: &Cluster) -> bool {
        let before = self.running(Target::Cluster(cluster.id)).and_then(|operation| operation.status_before());
        before.unwrap_or(cluster.status) == Status::Running
    }

    /// How many operations on a target were ever begun.
    pub fn operations_begun(&self, target: Target) -> u64 {
        self.operations.begun(target)
    }

    /// The access bindings and the access policies of a target.
    pub fn bindings(&self, target: Target) -> (&[AccessBinding], &[AccessPolicyBinding]) {
        (self.bindings.roles(target), self.bindings.policies(target))
    }

    /// The folder of an id, if it exists.
    pub fn folder(&self, id: &str) -> Option<&Arc<Resource>> {
        self.resources.get(KindName::Folder, KindName::Folder.id(id)?)
    }

    /// Whether a folder or a cloud of this id was deleted.
    pub fn is_gone(&self, id: Id) -> bool {
        self.resources.is_gone(id)
    }

    /// Adds a folder that is only named, with a name of its own.
    pub fn add_folder(&mut self, id: &str, name: &str) {
        self.furnish(id, name);
    }

    /// The network of a cluster whose request names none: that of the folder which is called `default`. Only a folder that exists can
    /// lack one.
    pub fn default_network(&self, folder: &str) -> Option<Id> {
        match self.folder(folder) {
            Some(_) => {
                let named = network::name_in(KindName::Network, folder, DEFAULT_NETWORK);
                self.resource_with(&named).map(|network| network.id)
            }
            None => Some(network::network_id(self.core.seed, folder)),
        }
    }

    /// The subnet of a host whose request names none: the oldest in its zone of the cluster's network. A network that nobody made has
    /// one in each zone; only one that exists can lack it.
    pub fn default_subnet(&self, network: &str, zone: &Zone) -> Option<Id> {
        match KindName::Network.id(network).filter(|id| self.resource(KindName::Network, *id).is_some()) {
            Some(id) => {
                let mut subnets = self.resources.using(network::in_network(id), KindName::Subnet, 0);
                let found = subnets.find(|(_, subnet)| subnet.message.open::<Subnet>().zone_id == zone.id);
                found.map(|(_, subnet)| subnet.id)
            }
            None => Some(network::subnet_id(self.core.seed, network, zone)),
        }
    }

    /// Whether what requests refer to must exist.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// Lets what requests refer to have to exist, or be taken as given.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }
}
