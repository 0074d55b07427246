//! Classes of hosts, and the disks that they can have: all documented.

use std::sync::LazyLock;

use crate::contract::proto::yandex::cloud::mdb::spqr::v1::CreateClusterRequest;
use crate::engines::shared::disks::{Disk, NETWORK_HDD, NETWORK_SSD};
use crate::engines::shared::presets::{M2, MEDIUM, Platform, Preset, S1, S2, b3, family, named, sized};
use crate::engines::{Hardware, Spqr};

/// Of `s2` and `m2`, all as far as 64 cores go.
static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    [
        named("b1", Platform::Broadwell, MEDIUM),
        named("s1", Platform::Broadwell, S1),
        named("b2", Platform::CascadeLake, MEDIUM),
        named("m2", Platform::CascadeLake, &M2[..12]),
        named("s2", Platform::CascadeLake, &S2[..10]),
        vec![b3()],
        family("s3", Platform::IceLake, &[4], STANDARD),
        family("m3", Platform::IceLake, &[8], &[2, 4, 6, 8, 12, 16, 24, 32, 40]),
        family("c3", Platform::IceLake, &[2], COMPUTING),
        family("s4a", Platform::Zen, &[4], STANDARD),
        sized("s4a", Platform::Zen, &[(96, 576)]),
        family("m4a", Platform::Zen, &[8], &[2, 4, 6, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80]),
        family("c4a", Platform::Zen, &[2], COMPUTING),
    ]
    .concat()
});

const STANDARD: &[i64] = &[2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80];
const COMPUTING: &[i64] = &[2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96];

impl Hardware for Spqr {
    const DISK_TYPES: &'static [&'static str] = &[NETWORK_SSD, NETWORK_HDD];

    fn presets() -> &'static [Preset] {
        &PRESETS
    }

    fn disks(_: &CreateClusterRequest, _: &Preset) -> Vec<Disk> {
        Self::DISK_TYPES.iter().map(|disk_type| Disk::of_any_size(disk_type, (10, 512))).collect()
    }
}
