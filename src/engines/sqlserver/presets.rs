//! Classes of hosts, and the disks that they can have: all documented.

use std::sync::LazyLock;

use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::CreateClusterRequest;
use crate::engines::shared::disks::{Disk, LOCAL_SSD, NETWORK_HDD, NETWORK_SSD, NONREPLICATED};
use crate::engines::shared::presets::{M2, Platform, Preset, S2, named};
use crate::engines::{Hardware, SqlServer};

use super::is_standard;

/// From `small` on, as far as 64 cores go.
static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    [named("s2", Platform::CascadeLake, &S2[1..10]), named("m2", Platform::CascadeLake, &M2[1..12])].concat()
});

impl Hardware for SqlServer {
    const DISK_TYPES: &'static [&'static str] = &[NETWORK_SSD, NETWORK_HDD, NONREPLICATED, LOCAL_SSD];

    fn presets() -> &'static [Preset] {
        &PRESETS
    }

    /// Disks that need several hosts are not for the standard edition, which has one.
    fn disks(request: &CreateClusterRequest, preset: &Preset) -> Vec<Disk> {
        let network = [NETWORK_SSD, NETWORK_HDD].map(|disk_type| Disk::of_any_size(disk_type, (10, 2048)));
        let of_enterprise = [Disk::of_93(NONREPLICATED, (93, 8192)), Disk::local(preset.platform, (100, 1400))];
        if is_standard(request) { network.to_vec() } else { [network, of_enterprise].concat() }
    }
}
