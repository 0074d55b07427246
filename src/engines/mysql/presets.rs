//! Classes of hosts, and the disks that they can have: all documented, but for the disk types of AMD's, of which any is taken.

use std::sync::LazyLock;

use crate::contract::proto::yandex::cloud::mdb::mysql::v1::CreateClusterRequest;
use crate::engines::shared::disks::{Disk, IO_M3, LOCAL_SSD, NETWORK_HDD, NETWORK_SSD, NONREPLICATED};
use crate::engines::shared::presets::{M2, MEDIUM, Platform, Preset, S1, S2, family, named, sized};
use crate::engines::{Hardware, Mysql};

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    [
        named("b1", Platform::Broadwell, MEDIUM),
        named("b2", Platform::CascadeLake, MEDIUM),
        named("s1", Platform::Broadwell, S1),
        named("s2", Platform::CascadeLake, S2),
        named("m2", Platform::CascadeLake, M2),
        family("s3", Platform::IceLake, &[4], &[2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80]),
        sized("s3", Platform::IceLake, &[(96, 576)]),
        family("m3", Platform::IceLake, &[8], &[2, 4, 6, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80]),
        family("c3", Platform::IceLake, &[2], &[2, 4, 8, 12, 16, 24, 32, 40, 48, 64, 80, 96]),
        family("s4a", Platform::Zen, &[4], &[2, 4, 8, 16, 32, 64, 96, 128, 224, 256]),
        family("c4a", Platform::Zen, &[2], &[2, 4, 8, 16, 32, 64, 96, 128, 224, 256]),
        family("m4a", Platform::Zen, &[8], &[2, 4, 8, 16, 32, 64, 96, 128, 224]),
        family("s4af", Platform::Zen, &[4], HIGH_FREQUENCY),
        family("c4af", Platform::Zen, &[2], HIGH_FREQUENCY),
        family("m4af", Platform::Zen, &[8], HIGH_FREQUENCY),
    ]
    .concat()
});

const HIGH_FREQUENCY: &[i64] = &[2, 4, 8, 16, 32, 48, 80];

impl Hardware for Mysql {
    const DISK_TYPES: &'static [&'static str] = &[NETWORK_SSD, NETWORK_HDD, NONREPLICATED, IO_M3, LOCAL_SSD];

    fn presets() -> &'static [Preset] {
        &PRESETS
    }

    /// The largest disk is that of the table of classes. A table of limits has less for each disk type: the larger is taken (our choice).
    fn disks(_: &CreateClusterRequest, preset: &Preset) -> Vec<Disk> {
        let range = match &*preset.id {
            "s2.7xlarge" | "m2.9xlarge" => (100, 1500),
            _ if preset.is_burstable() => (10, 512),
            _ if preset.platform == Platform::Zen => (10, 20_460),
            _ => (10, 8184),
        };
        let mut disks = vec![Disk::of_any_size(NETWORK_SSD, range), Disk::of_any_size(NETWORK_HDD, range)];
        if preset.is_burstable() {
            return disks;
        }
        if preset.platform != Platform::Broadwell {
            disks.push(Disk::of_93(NONREPLICATED, range));
        }
        disks.push(Disk::of_93(IO_M3, range));
        disks.push(match preset.platform {
            // No source has the steps of local disks beside AMD's processors.
            Platform::Zen => Disk::of_any_size(LOCAL_SSD, range),
            platform => Disk::local(platform, range),
        });
        disks
    }
}
