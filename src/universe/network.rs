//! Folders, each with its network: a subnet in each zone, and a security group. A folder comes into being when it is first
//! named. Networks and subnets that a request leaves out are those of the folder; any others that a request names are taken as
//! given.

use std::sync::Arc;

use super::cluster::Text;
use super::{Id, Instant, Universe};

/// The one cloud, which holds every folder (our choice).
pub const CLOUD: &str = "b1gcloud000000000000";
/// The folder that is there from the beginning.
pub const DEFAULT_FOLDER: &str = "b1gdefault0000000000";

/// A zone of the service.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its id.
    pub id: &'static str,
    /// What the names of its hosts begin with.
    pub code: &'static str,
    /// What the ids of its subnets begin with (observed).
    subnet_prefix: &'static [u8; 3],
    /// The addresses of its subnet in a folder's network.
    pub v4_cidr_block: &'static str,
}

/// Where hosts can be. Old samples have `ru-central1-c`.
pub const ZONES: [Zone; 5] = [
    Zone { id: "ru-central1-a", code: "rc1a", subnet_prefix: b"e9b", v4_cidr_block: "10.128.0.0/24" },
    Zone { id: "ru-central1-b", code: "rc1b", subnet_prefix: b"e2l", v4_cidr_block: "10.129.0.0/24" },
    Zone { id: "ru-central1-c", code: "rc1c", subnet_prefix: b"b0c", v4_cidr_block: "10.130.0.0/24" },
    Zone { id: "ru-central1-d", code: "rc1d", subnet_prefix: b"fl8", v4_cidr_block: "10.131.0.0/24" },
    Zone { id: "kz1-a", code: "kz1a", subnet_prefix: b"e9b", v4_cidr_block: "10.132.0.0/24" },
];

impl Zone {
    /// The region that it is in: the first part of its id.
    pub fn region(&self) -> &'static str {
        self.id.rsplit_once('-').map_or(self.id, |(region, _)| region)
    }
}

/// The zone of an id.
pub fn zone(id: &str) -> Option<&'static Zone> {
    ZONES.iter().find(|zone| zone.id == id)
}

/// A folder and its network.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    /// As it was first named.
    pub id: Text,
    /// Its name: the id, but of folders that are the emulator's own.
    pub name: Text,
    /// When it was first named.
    pub created_at: Instant,
    /// The id of its network.
    pub network: Id,
    /// The id of the network's security group.
    pub security_group: Id,
    /// The network's subnets, one in each zone.
    pub subnets: Vec<Subnet>,
}

/// A subnet of a folder's network.
#[derive(Clone, Debug, PartialEq)]
pub struct Subnet {
    /// Its id.
    pub id: Id,
    /// Where it is.
    pub zone: &'static Zone,
}

impl Universe {
    /// A folder that has been named.
    pub fn folder(&self, id: &str) -> Option<&Arc<Folder>> {
        self.folders.get(id)
    }

    /// All folders that have been named, by id, from behind one.
    pub fn folders(&self, after: &str) -> impl Iterator<Item = &Arc<Folder>> {
        let after = Text::from(after);
        self.folders.range(after.clone()..).filter(move |(id, _)| **id != after).map(|(_, folder)| folder)
    }

    /// The folder of a network, subnet or security group.
    pub fn folder_of(&self, part: Id) -> Option<&Arc<Folder>> {
        self.folders_by_part.get(&part).and_then(|id| self.folders.get(id))
    }

    /// The folder of an id, which comes into being if nobody has named it before.
    pub fn named_folder(&mut self, id: &str) -> Arc<Folder> {
        match self.folders.get(id) {
            Some(folder) => folder.clone(),
            None => self.add_folder(id, id),
        }
    }

    /// Adds a folder with a name of its own, or renames it.
    pub fn add_folder(&mut self, id: &str, name: &str) -> Arc<Folder> {
        let folder = Arc::new(self.folder_to_be(id, name, self.now));
        let parts = folder.subnets.iter().map(|subnet| subnet.id).chain([folder.network, folder.security_group]);
        for part in parts {
            self.folders_by_part.insert(part, folder.id.clone());
        }
        self.folders.insert(folder.id.clone(), folder.clone());
        folder
    }

    /// A folder as it would be if it came into being at an instant.
    pub fn folder_to_be(&self, id: &str, name: &str, created_at: Instant) -> Folder {
        let network = self.default_network(id);
        let subnets =
            ZONES.iter().map(|zone| Subnet { id: self.default_subnet(network.as_str(), zone), zone }).collect();
        let security_group = self.seed.id(b"enp", "security group", &[network.as_str()], 0);
        Folder { id: id.into(), name: name.into(), created_at, network, security_group, subnets }
    }

    /// The network of a cluster whose request names none: that of the folder.
    pub fn default_network(&self, folder: &str) -> Id {
        let known = self.folder(folder).map(|folder| folder.network);
        known.unwrap_or_else(|| self.seed.id(b"enp", "network", &[folder], 0))
    }

    /// The subnet of a host whose request names none: the network's subnet in the zone. A network that is no folder's has one
    /// in each zone too.
    pub fn default_subnet(&self, network: &str, zone: &Zone) -> Id {
        let folder =
            Id::parse(network).and_then(|id| self.folder_of(id)).filter(|folder| folder.network.as_str() == network);
        let known = folder.and_then(|folder| folder.subnets.iter().find(|subnet| subnet.zone == zone));
        known.map_or_else(|| self.seed.id(zone.subnet_prefix, "subnet", &[network, zone.id], 0), |subnet| subnet.id)
    }
}
