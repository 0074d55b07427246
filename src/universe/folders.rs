//! The store of folders, each with its network. A folder comes into being when it is first named. Networks and subnets that a
//! request leaves out are those of the folder; any others that a request names are taken as given.

use std::sync::Arc;

use imbl::OrdMap;

use super::cluster::Text;
use super::core::Core;
use super::network::{Folder, Subnet, ZONES, Zone};
use super::{Id, Instant, Seed};

/// The folders of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Folders {
    all: OrdMap<Text, Arc<Folder>>,
    /// The folder of each network, subnet and security group.
    by_part: OrdMap<Id, Text>,
}

impl Folders {
    pub fn get(&self, id: &str) -> Option<&Arc<Folder>> {
        self.all.get(id)
    }

    /// All folders that have been named, by id, from behind one.
    pub fn after(&self, after: &str) -> impl Iterator<Item = &Arc<Folder>> {
        let after = Text::from(after);
        self.all.range(after.clone()..).filter(move |(id, _)| **id != after).map(|(_, folder)| folder)
    }

    /// The folder of a network, subnet or security group.
    pub fn of(&self, part: Id) -> Option<&Arc<Folder>> {
        self.by_part.get(&part).and_then(|id| self.all.get(id))
    }

    /// The folder of an id, as it is or as it would be if it came into being at an instant.
    pub fn named(&self, seed: Seed, id: &str, now: Instant) -> Arc<Folder> {
        self.get(id).cloned().unwrap_or_else(|| self.new_folder(seed, id, id, now).into())
    }

    /// A folder as it would be if it came into being at an instant.
    pub fn new_folder(&self, seed: Seed, id: &str, name: &str, now: Instant) -> Folder {
        let network = self.default_network(seed, id);
        let subnet = |zone| Subnet { id: self.default_subnet(seed, network.as_str(), zone), zone };
        Folder {
            id: id.into(),
            name: name.into(),
            created_at: now,
            network,
            security_group: seed.id(b"enp", "security group", &[network.as_str()], 0),
            subnets: ZONES.iter().map(subnet).collect(),
        }
    }

    /// Adds a folder, or replaces it by one of another name.
    pub fn add(&mut self, folder: Arc<Folder>) {
        let parts = folder.subnets.iter().map(|subnet| subnet.id).chain([folder.network, folder.security_group]);
        for part in parts {
            self.by_part.insert(part, folder.id.clone());
        }
        self.all.insert(folder.id.clone(), folder);
    }

    /// Lets a folder come into being, if nobody has named it before.
    pub fn name(&mut self, core: &Core, id: &str) {
        if self.get(id).is_none() {
            self.add(self.named(core.seed, id, core.now));
        }
    }

    /// The network of a cluster whose request names none: that of the folder.
    pub fn default_network(&self, seed: Seed, folder: &str) -> Id {
        let known = self.get(folder).map(|folder| folder.network);
        known.unwrap_or_else(|| seed.id(b"enp", "network", &[folder], 0))
    }

    /// The subnet of a host whose request names none: the network's subnet in the zone. A network that is no folder's has one
    /// in each zone too.
    pub fn default_subnet(&self, seed: Seed, network: &str, zone: &Zone) -> Id {
        let folder = Id::parse(network).and_then(|id| self.of(id)).filter(|folder| folder.network.as_str() == network);
        let known = folder.and_then(|folder| folder.subnets.iter().find(|subnet| subnet.zone == zone));
        known.map_or_else(|| seed.id(zone.subnet_prefix, "subnet", &[network, zone.id], 0), |subnet| subnet.id)
    }
}
