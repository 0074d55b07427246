//! Subnets, and the addresses in them that are in use.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::cidr::{Overlap, Overlapped};
use super::{Kind, Made, Making, cidr, is_unused, message};
use crate::contract::kinds::{Network, RouteTable, Subnet};
use crate::contract::proto::yandex::cloud::reference::{Reference as UsedBy, Referrer, reference};
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::address::Address::InternalIpv4Address;
use crate::contract::proto::yandex::cloud::vpc::v1::{CreateSubnetRequest, DhcpOptions};
use crate::refusal::{self, Refusal};
use crate::universe::cluster::{Cluster, Host};
use crate::universe::network::{ZONES, in_network, zone};
use crate::universe::resource::{KindName, Reference, Used};
use crate::universe::{Id, Universe};

const BLOCKS: &str = "v4_cidr_blocks";

impl Kind for Subnet {
    const NAME: KindName = KindName::Subnet;
    const NOUN: &'static str = "subnet";

    fn id_prefix(_: &Universe, request: &CreateSubnetRequest) -> &'static [u8; 3] {
        zone(&request.zone_id).map_or(b"e9b", |zone| zone.prefix)
    }

    fn references(message: &vpc::Subnet) -> Vec<Reference<'_>> {
        vec![
            Reference::to(KindName::Network, &message.network_id),
            Reference::to(KindName::RouteTable, &message.route_table_id),
        ]
    }

    fn complete(making: &Making<'_>, _: &CreateSubnetRequest, subnet: &mut vpc::Subnet) -> Result<(), Refusal> {
        // Options that were not asked for are shown all the same, without contents (observed).
        subnet.dhcp_options.get_or_insert_default();
        match message::<Network>(making.universe, &subnet.network_id) {
            Some(network) if network.folder_id != subnet.folder_id => {
                let rule = format!("must be folder {}, which the network is in", network.folder_id);
                Err(refusal::request::field("folder_id", rule))
            }
            _ => Ok(()),
        }
    }

    fn check(universe: &Universe, subnet: &vpc::Subnet) -> Result<(), Refusal> {
        known_zone("zone_id", &subnet.zone_id)?;
        if let Some(table) = message::<RouteTable>(universe, &subnet.route_table_id)
            && table.network_id != subnet.network_id
        {
            let rule =
                format!("is a table of network {}, and the subnet is in {}", table.network_id, subnet.network_id);
            return Err(refusal::request::field("route_table_id", rule));
        }
        apart(universe, subnet)
    }

    /// Options that an update removes are shown without contents.
    fn update(_: &Universe, update: &vpc::UpdateSubnetRequest, subnet: &mut vpc::Subnet) -> Result<(), Refusal> {
        crate::contract::projection::CopyInto::copy_into(update, subnet);
        subnet.dhcp_options.get_or_insert_with(DhcpOptions::default);
        Ok(())
    }

    /// A range in which something has an address stays (our choice).
    fn may_change(universe: &Universe, before: &vpc::Subnet, after: &vpc::Subnet) -> Result<(), Refusal> {
        let stay: BTreeSet<&String> = after.v4_cidr_blocks.iter().collect();
        let gone = before.v4_cidr_blocks.iter().filter(|block| !stay.contains(block));
        // By the first address of each, since no two overlap.
        let gone = gone.filter_map(|block| block.parse::<Ipv4Net>().ok()).map(|block| (block.network(), block));
        let gone: BTreeMap<Ipv4Addr, Ipv4Net> = gone.collect();
        if gone.is_empty() {
            return Ok(());
        }
        let is_gone =
            |address: &Ipv4Addr| gone.range(..=*address).next_back().is_some_and(|(_, block)| block.contains(address));
        let used = used_addresses(universe, before);
        let used = used.iter().filter(|(_, user)| user.as_ref().is_none_or(|user| !is_own(user)));
        let coming = universe.addresses_claimed(&before.id).filter_map(|text| text.parse().ok());
        if used.map(|(address, _)| *address).chain(coming).any(|address| is_gone(&address)) {
            return Err(refusal::neighbour::subnet_in_use(&before.id));
        }
        Ok(())
    }

    fn may_delete(universe: &Universe, subnet: &vpc::Subnet) -> Result<(), Refusal> {
        if is_empty(universe, subnet) { Ok(()) } else { Err(refusal::neighbour::subnet_in_use(&subnet.id)) }
    }
}

impl Made for Subnet {}

/// Checks that a zone exists.
///
/// # Errors
///
/// INVALID_ARGUMENT that names the zones.
pub fn known_zone(field: &str, id: &str) -> Result<(), Refusal> {
    match zone(id) {
        Some(_) => Ok(()),
        None => Err(refusal::neighbour::unknown_zone(field, id, &ZONES.map(|zone| zone.id))),
    }
}

/// Checks a subnet that a request names for a host: one that exists must be of the cluster's network, and in the host's zone.
///
/// # Errors
///
/// INVALID_ARGUMENT if it is elsewhere; NOT_FOUND if it does not exist and the universe is strict.
pub fn holds_hosts(universe: &Universe, field: &str, id: &str, (network, zone): (&str, &str)) -> Result<(), Refusal> {
    super::exist(universe, &[Reference::to(KindName::Subnet, id)])?;
    let Some(subnet) = message::<Subnet>(universe, id) else { return Ok(()) };
    let rule = if subnet.zone_id != zone {
        format!("must be in zone {zone}, as the host is, but is in {}", subnet.zone_id)
    } else if subnet.network_id != network {
        format!("must be of network {network}, as the cluster is, but is of {}", subnet.network_id)
    } else {
        return Ok(());
    };
    Err(refusal::request::field(field, rule))
}

/// Whether nothing is in a subnet, nor is about to be.
pub fn is_empty(universe: &Universe, subnet: &vpc::Subnet) -> bool {
    let used = Id::parse(&subnet.id).map(|id| Used { kind: KindName::Subnet, id });
    used.is_none_or(|used| is_unused(universe, used, &[KindName::Address]))
}

/// Checks that the ranges of a subnet are such as subnets have, and overlap with none of its network (documented): those that others have,
/// and those that they will have when operations in flight are done.
fn apart(universe: &Universe, subnet: &vpc::Subnet) -> Result<(), Refusal> {
    let field = |index: usize| format!("{BLOCKS}[{index}]");
    let own = subnet.v4_cidr_blocks.iter().enumerate().map(|(index, block)| cidr::of_subnet(&field(index), block));
    let own: Vec<Ipv4Net> = own.collect::<Result<_, _>>()?;
    let network = Id::parse(&subnet.network_id).map(in_network);
    let here = network.iter().flat_map(|network| universe.resources_using(*network, KindName::Subnet, 0));
    let coming = network.iter().flat_map(|network| universe.resources_about_to_use(*network));
    let others = here.map(|(_, other)| other).chain(coming.filter(|other| other.kind == KindName::Subnet));
    let others = others.map(|other| other.message.open::<vpc::Subnet>()).filter(|other| other.id != subnet.id);
    let (owners, ranges): (Vec<&str>, Vec<Ipv4Net>) = others
        .flat_map(|other| other.v4_cidr_blocks.iter().map(|block| (&*other.id, block)))
        .filter_map(|(owner, block)| Some((owner, block.parse::<Ipv4Net>().ok()?)))
        .unzip();
    let Some(Overlap { own: mine, with }) = cidr::overlap(&own, &ranges) else { return Ok(()) };
    let rule = match with {
        Overlapped::Own(other) => format!("overlaps with {}", own[other]),
        Overlapped::Other(other) => format!("overlaps with {} of subnet {}", ranges[other], owners[other]),
    };
    Err(refusal::request::field(field(mine), rule))
}

/// The addresses of a subnet that are in use, in order, each with what uses it: the gateway and the DNS server of each range, kept
/// addresses, and the hosts of clusters.
pub fn used_addresses(universe: &Universe, subnet: &vpc::Subnet) -> BTreeMap<Ipv4Addr, Option<UsedBy>> {
    let ranges: Vec<Ipv4Net> = subnet.v4_cidr_blocks.iter().filter_map(|block| block.parse().ok()).collect();
    let mut used = BTreeMap::new();
    for range in &ranges {
        let first = u32::from(range.network());
        used.insert(Ipv4Addr::from(first + 1), Some(used_by("vpc.virtualGateway", "")));
        used.insert(Ipv4Addr::from(first + 2), Some(used_by("vpc.virtualDns", "")));
    }
    let Some(id) = Id::parse(&subnet.id) else { return used };
    let subnet = Used { kind: KindName::Subnet, id };
    for (_, address) in universe.resources_using(subnet, KindName::Address, 0) {
        if let Some(InternalIpv4Address(internal)) = &address.message.open::<vpc::Address>().address
            && let Ok(address) = internal.address.parse()
        {
            used.insert(address, None);
        }
    }
    for cluster in universe.clusters_using(subnet) {
        for host in cluster.hosts.iter().filter(|host| host.subnet == Some(id)) {
            if let Some(address) = address_of(universe, &ranges, &used, host) {
                used.insert(address, Some(used_by_cluster(cluster)));
            }
        }
    }
    used
}

/// An address that is free in a subnet: the same seed finds the same.
pub fn free_address(universe: &Universe, subnet: &vpc::Subnet, purpose: &str) -> Option<Ipv4Addr> {
    let mut used = used_addresses(universe, subnet);
    // What operations in flight have claimed is not free either.
    used.extend(universe.addresses_claimed(&subnet.id).filter_map(|text| Some((text.parse().ok()?, None))));
    let mut ranges = subnet.v4_cidr_blocks.iter().filter_map(|block| block.parse::<Ipv4Net>().ok());
    ranges.find_map(|range| free_in(range, &used, universe.seed().word("address", &[&subnet.id, purpose], 0)))
}

/// The address of a host: in the first range with room, at a place that its name decides (our choice: the API does not show it elsewhere).
fn address_of(
    universe: &Universe,
    ranges: &[Ipv4Net],
    used: &BTreeMap<Ipv4Addr, Option<UsedBy>>,
    host: &Host,
) -> Option<Ipv4Addr> {
    let start = universe.seed().word("host address", &[&host.name], 0);
    ranges.iter().find_map(|range| free_in(*range, used, start))
}

/// The first free address of a range from a place on.
fn free_in(range: Ipv4Net, used: &BTreeMap<Ipv4Addr, Option<UsedBy>>, start: u64) -> Option<Ipv4Addr> {
    let (first, last) = cidr::for_hosts(range).into_inner();
    let count = last - first + 1;
    let start = u32::try_from(start % u64::from(count)).unwrap_or_default();
    let mut places = (0..count).map(|place| Ipv4Addr::from(first + (start + place) % count));
    places.find(|address| !used.contains_key(address))
}

fn used_by_cluster(cluster: &Cluster) -> UsedBy {
    used_by(&format!("managed-{}.cluster", cluster.engine.0), cluster.id.as_str())
}

fn used_by(kind: &str, id: &str) -> UsedBy {
    let referrer = Some(Referrer { r#type: kind.into(), id: id.into() });
    UsedBy { referrer, r#type: reference::Type::UsedBy as i32 }
}

/// Whether a range has something by itself.
fn is_own(user: &UsedBy) -> bool {
    user.referrer.as_ref().is_some_and(|referrer| referrer.r#type.starts_with("vpc.virtual"))
}
