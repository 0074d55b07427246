//! Classes of hosts, as tables of the engines name them. A table is made of families: [`family`] makes those whose
//! ids tell cores and memory (`s3-c2-m8`), [`named`] the older ones (`s2.micro`).

use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;

/// The zones whose hosts have presets (documented). Which presets there are in other zones is not known.
pub const ZONES: &[&str] = &["ru-central1-a", "ru-central1-b", "ru-central1-d"];

/// The zones that had hosts before `ru-central1-d` came, which has no hardware as old as theirs (documented).
pub const OLDER_ZONES: &[&str] = &["ru-central1-a", "ru-central1-b"];

/// Bytes of what the documentation calls a gigabyte.
pub const GIB: i64 = 1 << 30;

/// The processors of a host, as far as disks and zones depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Intel Broadwell.
    Broadwell,
    /// Intel Cascade Lake.
    CascadeLake,
    /// Intel Ice Lake.
    IceLake,
    /// AMD Zen 3 and 4.
    Zen,
}

/// A class of hosts.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Its id, such as `s3-c2-m8`.
    pub id: String,
    /// Its processors.
    pub platform: Platform,
    /// How many virtual cores a host has.
    pub cores: i64,
    /// How much memory a host has, in GiB.
    pub memory: i64,
}

impl Preset {
    /// What its id begins with, such as `s3`.
    pub fn family(&self) -> &str {
        family_of(&self.id)
    }

    /// Whether its hosts have a share of their cores only (documented).
    pub fn is_burstable(&self) -> bool {
        self.family().starts_with('b')
    }

    /// The zones that have such hosts.
    pub fn zones(&self) -> &'static [&'static str] {
        if self.platform == Platform::Broadwell { OLDER_ZONES } else { ZONES }
    }
}

/// Presets of a family: for each number of cores, one for each number of GiB a core.
pub fn family(name: &str, platform: Platform, memory_of_a_core: &[i64], cores: &[i64]) -> Vec<Preset> {
    let sizes = cores.iter().flat_map(|&cores| memory_of_a_core.iter().map(move |memory| (cores, cores * memory)));
    sized(name, platform, &sizes.collect::<Vec<_>>())
}

/// Presets of a family by cores and GiB.
pub fn sized(name: &str, platform: Platform, sizes: &[(i64, i64)]) -> Vec<Preset> {
    let preset =
        |&(cores, memory): &(i64, i64)| Preset { id: format!("{name}-c{cores}-m{memory}"), platform, cores, memory };
    sizes.iter().map(preset).collect()
}

/// Presets of a family by the name of each size, its cores and GiB.
pub fn named(name: &str, platform: Platform, sizes: &[(&str, i64, i64)]) -> Vec<Preset> {
    let preset =
        |&(size, cores, memory): &(&str, i64, i64)| Preset { id: format!("{name}.{size}"), platform, cores, memory };
    sizes.iter().map(preset).collect()
}

/// The only preset of its family whose id does not tell the cores: it has half of two (documented).
pub fn b3() -> Preset {
    Preset { id: "b3-c1-m4".to_owned(), platform: Platform::IceLake, cores: 2, memory: 4 }
}

/// `medium`, the size of the burstable families that is left (documented).
pub const MEDIUM: &[(&str, i64, i64)] = &[("medium", 2, 4)];

/// The sizes of the family `s1`.
pub const S1: &[(&str, i64, i64)] =
    &[("micro", 2, 8), ("small", 4, 16), ("medium", 8, 32), ("large", 16, 64), ("xlarge", 32, 128)];

/// The sizes of the family `s2`. Not every engine has the first and the last.
pub const S2: &[(&str, i64, i64)] = &[
    ("micro", 2, 8),
    ("small", 4, 16),
    ("medium", 8, 32),
    ("large", 12, 48),
    ("xlarge", 16, 64),
    ("2xlarge", 24, 96),
    ("3xlarge", 32, 128),
    ("4xlarge", 40, 160),
    ("5xlarge", 48, 192),
    ("6xlarge", 64, 256),
    ("7xlarge", 80, 320),
];

/// The sizes of the family `m2`. Not every engine has the first and the last.
pub const M2: &[(&str, i64, i64)] = &[
    ("micro", 2, 16),
    ("small", 4, 32),
    ("medium", 6, 48),
    ("large", 8, 64),
    ("xlarge", 12, 96),
    ("2xlarge", 16, 128),
    ("3xlarge", 24, 192),
    ("4xlarge", 32, 256),
    ("5xlarge", 40, 320),
    ("6xlarge", 48, 384),
    ("7xlarge", 56, 448),
    ("8xlarge", 64, 512),
    ("9xlarge", 80, 640),
];

/// The preset of an id.
pub fn preset<E: Engine>(id: &str) -> Option<&'static Preset> {
    E::presets().iter().find(|preset| preset.id == id)
}

/// The ids that somebody may have meant who names a preset that does not exist: those of its family, or else all.
pub fn meant<E: Engine>(id: &str) -> Vec<&'static str> {
    let all = || E::presets().iter();
    let of_family: Vec<&str> =
        all().filter(|preset| preset.family() == family_of(id)).map(|preset| &*preset.id).collect();
    if of_family.is_empty() { all().map(|preset| &*preset.id).collect() } else { of_family }
}

/// What the API shows of a preset.
pub fn shown<E: Engine>(preset: &Preset) -> E::ResourcePreset {
    let mut shown = E::ResourcePreset::default();
    shown.set_id(preset.id.clone());
    shown.set_zone_ids(preset.zones().iter().map(|zone| (*zone).to_owned()).collect());
    shown.set_cores(preset.cores);
    shown.set_memory(preset.memory * GIB);
    shown
}

fn family_of(id: &str) -> &str {
    id.split(['.', '-']).next().unwrap_or_default()
}
