//! What `vpc.v1.NetworkService` has beside the RPCs of every kind: lists of what is in a network.

use crate::contract::kinds::{Listing, Network, RouteTable, SecurityGroup, Subnet};
use crate::contract::proto::yandex::cloud::vpc::v1::{
    ListNetworkRouteTablesRequest, ListNetworkRouteTablesResponse, ListNetworkSecurityGroupsRequest,
    ListNetworkSecurityGroupsResponse, ListNetworkSubnetsRequest, ListNetworkSubnetsResponse,
};
use crate::neighbours::{Kind, found};
use crate::refusal::Refusal;
use crate::universe::{Universe, network};

use super::{Call, resource};

/// `NetworkService.ListSubnets`.
pub fn list_subnets(
    call: &Call,
    universe: &Universe,
    request: ListNetworkSubnetsRequest,
) -> Result<ListNetworkSubnetsResponse, Refusal> {
    let (subnets, next_page_token) = held::<Subnet>(call, universe, &request)?;
    Ok(ListNetworkSubnetsResponse { subnets, next_page_token })
}

/// `NetworkService.ListSecurityGroups`.
pub fn list_security_groups(
    call: &Call,
    universe: &Universe,
    request: ListNetworkSecurityGroupsRequest,
) -> Result<ListNetworkSecurityGroupsResponse, Refusal> {
    let (security_groups, next_page_token) = held::<SecurityGroup>(call, universe, &request)?;
    Ok(ListNetworkSecurityGroupsResponse { security_groups, next_page_token })
}

/// `NetworkService.ListRouteTables`.
pub fn list_route_tables(
    call: &Call,
    universe: &Universe,
    request: ListNetworkRouteTablesRequest,
) -> Result<ListNetworkRouteTablesResponse, Refusal> {
    let (route_tables, next_page_token) = held::<RouteTable>(call, universe, &request)?;
    Ok(ListNetworkRouteTablesResponse { route_tables, next_page_token })
}

/// A page of what a network has of a kind, in whatever folders.
fn held<K: Kind>(
    call: &Call,
    universe: &Universe,
    request: &impl Listing,
) -> Result<(Vec<K::Message>, String), Refusal> {
    let network = network::in_network(found::<Network>(universe, request.parent())?.id);
    resource::page::<K, _>(call, universe, request, |after| universe.resources_using(network, K::NAME, after))
}
