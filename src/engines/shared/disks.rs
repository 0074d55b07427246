//! Disks: which types and sizes hosts of a preset can have, in which zones, and how many such hosts there must be.

use super::presets::{self, GIB, OLDER_ZONES, Platform, Preset, ZONES};
use super::rules::Rules;
use crate::contract::engine::fields::methods::*;
use crate::contract::excerpt::excerpt;
use crate::engines::Engine;

/// Disks in a network, kept threefold.
pub const NETWORK_SSD: &str = "network-ssd";
/// The same, and slow.
pub const NETWORK_HDD: &str = "network-hdd";
/// Disks in a network of which nothing keeps a copy.
pub const NONREPLICATED: &str = "network-ssd-nonreplicated";
/// Fast disks in a network, kept threefold.
pub const IO_M3: &str = "network-ssd-io-m3";
/// Disks in the host itself, of which nothing keeps a copy.
pub const LOCAL_SSD: &str = "local-ssd";

/// Disks of a type: the sizes that they can have.
#[derive(Clone, Copy, Debug)]
pub struct Disk {
    /// Their type.
    pub disk_type: &'static str,
    least: i64,
    most: i64,
    step: i64,
}

/// The least and the most GiB of a disk.
pub type Range = (i64, i64);

impl Disk {
    /// Disks of any size in a range.
    pub fn of_any_size(disk_type: &'static str, range: Range) -> Self {
        Self::in_steps(disk_type, range, 1)
    }

    /// Disks whose sizes are multiples of 93 GiB, as those of [`NONREPLICATED`] and [`IO_M3`] are (documented).
    pub fn of_93(disk_type: &'static str, range: Range) -> Self {
        Self::in_steps(disk_type, range, 93 * GIB)
    }

    /// The disks in a host itself, whose size and number depend on what the host is (documented).
    pub fn local(platform: Platform, (least, most): Range) -> Self {
        let (step, largest) = match platform {
            Platform::Broadwell | Platform::CascadeLake => (100, 1500),
            Platform::IceLake | Platform::Zen => (368, 2944),
        };
        Self::in_steps(LOCAL_SSD, (least, most.min(largest)), step * GIB)
    }

    fn in_steps(disk_type: &'static str, (least, most): Range, step: i64) -> Self {
        let (least, most) = (least * GIB, most * GIB);
        Self { disk_type, least: (least + step - 1) / step * step, most: most / step * step, step }
    }

    /// Whether there is any size. The memory of some presets asks for more than their disks can have.
    fn exists(&self) -> bool {
        self.least <= self.most
    }

    fn has(&self, size: i64) -> bool {
        (self.least..=self.most).contains(&size) && size % self.step == 0
    }

    /// The nearest sizes below and above one that it does not have.
    fn nearest(&self, size: i64) -> Vec<String> {
        let below = (size / self.step * self.step).clamp(self.least, self.most);
        let above = (below + self.step).min(self.most);
        let mut nearest = if size < self.least { vec![self.least] } else { vec![below, above] };
        nearest.dedup();
        nearest.iter().map(i64::to_string).collect()
    }
}

/// Hosts that have their resources in common, and the field that gives those.
pub struct Part<'r, E: Engine> {
    /// The field.
    pub field: &'static str,
    /// What it gives.
    pub resources: Option<&'r E::Resources>,
    /// Which hosts have them.
    pub has: &'r dyn Fn(&E::HostSpec) -> bool,
}

/// Checks the resources of a cluster whose hosts all have the same.
pub fn check_cluster<E: Engine>(request: &E::CreateClusterRequest, rules: &mut Rules) {
    let resources = request.config_spec().and_then(|config| config.resources());
    check::<E>(request, &Part { field: "config_spec.resources", resources, has: &|_| true }, rules);
}

/// Checks the resources of a part of a cluster, and whether its hosts can have them where and as many as they are.
pub fn check<E: Engine>(request: &E::CreateClusterRequest, part: &Part<'_, E>, rules: &mut Rules) {
    if rules.keeps_resources() {
        return;
    }
    let field = part.field;
    let Some(resources) = part.resources else { return rules.broken(field, "is required") };
    let (preset, disk_type) = (resources.resource_preset_id(), resources.disk_type_id());
    if preset.is_empty() {
        rules.broken(format!("{field}.resource_preset_id"), "is required");
    } else if presets::preset::<E>(preset).is_none() {
        rules.one_of(&format!("{field}.resource_preset_id"), preset, &presets::meant::<E>(preset));
    }
    rules.one_of(&format!("{field}.disk_type_id"), disk_type, E::DISK_TYPES);
    if resources.disk_size() <= 0 {
        rules.broken(format!("{field}.disk_size"), "must be a positive number of bytes");
    }
    let Some(preset) = presets::preset::<E>(preset).filter(|_| E::DISK_TYPES.contains(&disk_type)) else { return };
    let disks: Vec<Disk> = E::disks(request, preset).into_iter().filter(Disk::exists).collect();
    check_zones(request, part, (preset, disk_type), rules);
    check_alone::<E>(request, field, preset, rules);
    if let Some(disk) = disks.iter().find(|disk| disk.disk_type == disk_type) {
        check_size(field, disk, resources.disk_size(), rules);
        check_company::<E>(request, field, disk_type, rules);
    } else {
        let rule = format!("{}: must be one of {}", unavailable(preset, disk_type), types(&disks));
        rules.broken(format!("{field}.disk_type_id"), rule);
    }
}

/// The wordings of a range and of a choice of sizes are observed of the service's siblings.
fn check_size(field: &str, disk: &Disk, size: i64, rules: &mut Rules) {
    if size > 0 && !disk.has(size) {
        let Disk { least, most, step, .. } = disk;
        let steps = if *step > 1 { format!(" and a multiple of {step}") } else { String::new() };
        let rule = format!(
            "invalid disk size, must be inside [{least},{}) range{steps}, but is {size}: use one of [{}]",
            most + 1,
            disk.nearest(size).join(", ")
        );
        rules.broken(format!("{field}.disk_size"), rule);
    }
}

/// Checks that hosts are where there are such presets and disks. Zones of which it is not known what they have are taken (our choice).
fn check_zones<E: Engine>(
    request: &E::CreateClusterRequest,
    part: &Part<'_, E>,
    (preset, disk_type): (&Preset, &str),
    rules: &mut Rules,
) {
    let zones = zones(preset, disk_type);
    let lacks =
        |host: &&E::HostSpec| (part.has)(host) && ZONES.contains(&host.zone_id()) && !zones.contains(&host.zone_id());
    let (present, asked) = rules.hosts_of(request.host_specs());
    for (index, host) in asked.filter(|(_, host)| lacks(host)) {
        let rule =
            format!("{} in {}: must be one of {}", unavailable(preset, disk_type), host.zone_id(), zones.join(", "));
        rules.broken(format!("host_specs[{index}].zone_id"), rule);
    }
    if let Some(host) = present.iter().find(lacks) {
        let rule = format!("{} in {}, where the cluster has a host", unavailable(preset, disk_type), host.zone_id());
        rules.broken(format!("{}.resource_preset_id", part.field), rule);
    }
}

/// The zones that have hosts of a preset with disks of a type: local disks of Cascade Lake are where there is older hardware
/// (documented).
fn zones(preset: &Preset, disk_type: &str) -> &'static [&'static str] {
    let is_older = preset.platform == Platform::CascadeLake && disk_type == LOCAL_SSD;
    if is_older { OLDER_ZONES } else { preset.zones() }
}

/// Checks that a host that must be the only one is.
fn check_alone<E: Engine>(request: &E::CreateClusterRequest, field: &str, preset: &Preset, rules: &mut Rules) {
    for (place, count) in E::together(request).into_iter().filter(|(_, count)| *count > 1 && E::is_alone(preset)) {
        // The beginning is documented.
        let rule = format!(
            "Maximum number of hosts reached: resource preset {:?} permits one host{place}, but has {count}",
            preset.id
        );
        rules.broken(field_of_hosts::<E>(request, &format!("{field}.resource_preset_id"), rules), rule);
    }
}

/// Checks that there are as many hosts together as a disk type needs.
fn check_company<E: Engine>(request: &E::CreateClusterRequest, field: &str, disk_type: &str, rules: &mut Rules) {
    let least = E::fewest_hosts(request, disk_type);
    for (place, count) in E::together(request).into_iter().filter(|(_, count)| *count < least) {
        let rule = format!("disk type {disk_type:?} needs at least {least} hosts{place}, but has {count}");
        rules.broken(field_of_hosts::<E>(request, &format!("{field}.disk_type_id"), rules), rule);
    }
}

/// The field that the number of hosts depends on: another one, if the request does not name hosts.
fn field_of_hosts<E: Engine>(request: &E::CreateClusterRequest, other: &str, rules: &Rules) -> String {
    let names_some = rules.hosts_of(request.host_specs()).1.next().is_some();
    if names_some { "host_specs" } else { other }.to_owned()
}

/// The wording is observed of one of the service's siblings.
fn unavailable(preset: &Preset, disk_type: &str) -> String {
    format!("resource preset {:?} and disk type {:?} are not available", preset.id, excerpt(disk_type))
}

fn types(disks: &[Disk]) -> String {
    disks.iter().map(|disk| disk.disk_type).collect::<Vec<_>>().join(", ")
}
