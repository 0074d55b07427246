//! Zones, folders and their networks: each folder has a network, with a subnet in each zone and a security group.

use super::cluster::Text;
use super::{Id, Instant};

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
    pub(super) subnet_prefix: &'static [u8; 3],
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
