//! Route tables.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Kind, Made, cidr};
use crate::contract::kinds::RouteTable;
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::StaticRoute;
use crate::contract::proto::yandex::cloud::vpc::v1::static_route::{Destination, NextHop};
use crate::refusal::{self, Refusal};
use crate::universe::resource::{KindName, Reference, Used};
use crate::universe::{Id, Universe};

/// Where no route may lead (documented).
const LINK_LOCAL: &str = "169.254.0.0/16";

impl Kind for RouteTable {
    const NAME: KindName = KindName::RouteTable;
    const NOUN: &'static str = "route table";

    fn id_prefix(_: &Universe, _: &vpc::CreateRouteTableRequest) -> &'static [u8; 3] {
        b"enp"
    }

    fn references(table: &vpc::RouteTable) -> Vec<Reference<'_>> {
        let network = Reference::to(KindName::Network, &table.network_id);
        let gateways = table.static_routes.iter().filter_map(|route| match &route.next_hop {
            Some(NextHop::GatewayId(id)) => Some(Reference::to(KindName::Gateway, id)),
            _ => None,
        });
        std::iter::once(network).chain(gateways).collect()
    }

    /// A table has one entry for each range (documented).
    fn check(_: &Universe, table: &vpc::RouteTable) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for (index, route) in table.static_routes.iter().enumerate() {
            let field = format!("static_routes[{index}]");
            let range = destination(&field, route)?;
            if !seen.insert(range) {
                return Err(refusal::request::field(
                    format!("{field}.destination_prefix"),
                    format!("must be unique, but {range} comes twice"),
                ));
            }
        }
        Ok(())
    }

    /// A table must be unlinked from its subnets first (documented).
    fn may_delete(universe: &Universe, table: &vpc::RouteTable) -> Result<(), Refusal> {
        let used = Id::parse(&table.id).map(|id| Used { kind: KindName::RouteTable, id });
        super::unused(universe, used, &[KindName::Subnet])
    }
}

impl Made for RouteTable {}

/// The range of a route that is one.
fn destination(field: &str, route: &StaticRoute) -> Result<Ipv4Net, Refusal> {
    let broken = |part: &str, rule: String| Err(refusal::request::field(format!("{field}.{part}"), rule));
    let Some(Destination::DestinationPrefix(prefix)) = &route.destination else {
        return broken("destination_prefix", "is required".into());
    };
    let range = cidr::parse(prefix)?.trunc();
    if LINK_LOCAL.parse::<Ipv4Net>().is_ok_and(|local| local.contains(&range)) {
        return broken("destination_prefix", format!("must not be in {LINK_LOCAL}"));
    }
    match &route.next_hop {
        None => broken("next_hop_address", "or gateway_id is required".into()),
        Some(NextHop::NextHopAddress(address)) if address.parse::<Ipv4Addr>().is_err() => {
            broken("next_hop_address", "must be an IPv4 address".into())
        }
        Some(NextHop::GatewayId(_)) if range.prefix_len() != 0 => {
            broken("destination_prefix", format!("must be 0.0.0.0/0 where the next hop is a gateway, but is {range}"))
        }
        Some(_) => Ok(range),
    }
}
