//! Classes of hosts, and the disks that they can have: all documented, but for the disk types of AMD's, of which any is taken.

use std::sync::LazyLock;

use crate::contract::excerpt::excerpt;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::CreateClusterRequest;
use crate::engines::shared::disks::{Disk, IO_M3, LOCAL_SSD, NETWORK_SSD, NONREPLICATED};
use crate::engines::shared::presets::{MEDIUM, Platform, Preset, b3, family, named, sized};
use crate::engines::{Hardware, Redis};

use super::topology::shards;

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    [
        named("hm1", Platform::Broadwell, HM1),
        named("b2", Platform::CascadeLake, MEDIUM),
        named("hm2", Platform::CascadeLake, HM2),
        vec![b3()],
        sized("hm3", Platform::IceLake, HM3),
        family("m4a", Platform::Zen, &[8], &[2, 4, 8, 16, 32, 64, 96, 128, 224]),
        family("m4af", Platform::Zen, &[8], &[2, 4, 8, 16, 32, 48, 80]),
        family("hm4af", Platform::Zen, &[10, 12], &[2, 4, 8, 16, 32, 48, 80]),
    ]
    .concat()
});

const HM1: &[(&str, i64, i64)] = &[
    ("nano", 2, 8),
    ("micro", 2, 12),
    ("small", 2, 16),
    ("medium", 4, 24),
    ("large", 4, 32),
    ("xlarge", 4, 48),
    ("2xlarge", 4, 64),
    ("3xlarge", 4, 80),
    ("4xlarge", 8, 96),
    ("5xlarge", 8, 128),
    ("6xlarge", 8, 160),
    ("7xlarge", 8, 192),
    ("8xlarge", 8, 224),
    ("9xlarge", 8, 256),
];

const HM2: &[(&str, i64, i64)] = &[
    ("nano", 2, 8),
    ("micro", 2, 12),
    ("small", 4, 16),
    ("medium", 4, 24),
    ("large", 4, 32),
    ("xlarge", 4, 48),
    ("96xlarge", 6, 96),
    ("128xlarge", 8, 128),
    ("160xlarge", 10, 160),
    ("192xlarge", 12, 192),
    ("224xlarge", 14, 224),
    ("256xlarge", 16, 256),
    ("320xlarge", 20, 320),
    ("384xlarge", 24, 384),
    ("448xlarge", 28, 448),
    ("512xlarge", 32, 512),
];

const HM3: &[(i64, i64)] = &[
    (2, 8),
    (2, 12),
    (4, 16),
    (4, 24),
    (4, 32),
    (4, 48),
    (6, 60),
    (6, 78),
    (6, 96),
    (8, 128),
    (12, 192),
    (14, 224),
    (16, 256),
    (20, 320),
];

/// The presets whose smallest disk is less than twice their memory, and its GiB.
const SMALLER: &[(&str, i64)] = &[
    ("m4a-c64-m512", 930),
    ("m4a-c224-m1792", 3534),
    ("hm4af-c4-m48", 93),
    ("hm4af-c8-m96", 186),
    ("hm4af-c16-m160", 279),
    ("hm4af-c48-m480", 930),
    ("hm4af-c80-m960", 1860),
];

impl Hardware for Redis {
    const DISK_TYPES: &'static [&'static str] = &[NETWORK_SSD, NONREPLICATED, IO_M3, LOCAL_SSD];

    fn presets() -> &'static [Preset] {
        &PRESETS
    }

    /// The largest disk is that of the table of classes. A table of limits has less for `network-ssd`: the larger is taken (our choice).
    fn disks(_: &CreateClusterRequest, preset: &Preset) -> Vec<Disk> {
        let smaller = SMALLER.iter().find(|(id, _)| *id == preset.id);
        let least = smaller.map_or(2 * preset.memory, |(_, least)| *least);
        let local = |most| Disk::local(preset.platform, (least, most));
        match preset.family() {
            "b2" | "b3" => vec![Disk::of_any_size(NETWORK_SSD, (least, 32))],
            "hm1" => vec![Disk::of_any_size(NETWORK_SSD, (least, 4096)), local(4096)],
            _ => vec![
                Disk::of_any_size(NETWORK_SSD, (least, 8184)),
                Disk::of_93(NONREPLICATED, (least, 8184)),
                Disk::of_93(IO_M3, (least, 8184)),
                local(8184),
            ],
        }
    }

    fn fewest_hosts(request: &CreateClusterRequest, disk_type: &str) -> usize {
        match disk_type {
            LOCAL_SSD if request.sharded => 2,
            LOCAL_SSD | NONREPLICATED => 3,
            _ => 1,
        }
    }

    fn is_alone(preset: &Preset) -> bool {
        preset.is_burstable()
    }

    /// The hosts of each shard.
    fn together(request: &CreateClusterRequest) -> Vec<(String, usize)> {
        let hosts = &request.host_specs;
        if !request.sharded {
            return vec![(String::new(), hosts.len())];
        }
        let of = |shard: &str| hosts.iter().filter(|host| host.shard_name == shard).count();
        shards(hosts).into_iter().map(|shard| (format!(" in shard {:?}", excerpt(shard)), of(shard))).collect()
    }
}
