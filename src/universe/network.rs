//! Networks and subnets that a request leaves out. They are made of hashes alone: any id that a request gives is taken.

use super::{Id, Universe};

impl Universe {
    /// The network of a cluster whose request names none: one for each folder.
    pub fn default_network(&self, folder: &str) -> Id {
        self.seed.id(b"enp", "network", &[folder], 0)
    }

    /// The subnet of a host whose request names none: one for each network and zone. Its id begins as those of the zone do.
    pub fn default_subnet(&self, network: &str, zone: &str) -> Id {
        let prefix = match zone.as_bytes().last() {
            Some(b'a') => b"e9b",
            Some(b'b') => b"e2l",
            Some(b'c') => b"b0c",
            _ => b"fl8",
        };
        self.seed.id(prefix, "subnet", &[network, zone], 0)
    }
}
