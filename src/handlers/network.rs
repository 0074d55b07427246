//! `vpc.v1.NetworkService`: each folder has one network.

use crate::contract::proto::yandex::cloud::vpc::v1::{
    GetNetworkRequest, ListNetworkSecurityGroupsRequest, ListNetworkSecurityGroupsResponse, ListNetworkSubnetsRequest,
    ListNetworkSubnetsResponse, ListNetworksRequest, ListNetworksResponse, Network,
};
use crate::refusal::Refusal;
use crate::universe::Universe;

use super::places::{self, Part};
use super::{Call, Changing};

/// `NetworkService.Get`.
pub fn get(_: &Call, universe: &Universe, request: GetNetworkRequest) -> Result<Network, Refusal> {
    places::folder_of_network(universe, &request.network_id).map(places::network)
}

/// `NetworkService.List`.
pub fn list(
    call: &Call,
    universe: &Universe,
    request: ListNetworksRequest,
) -> Result<Changing<ListNetworksResponse>, Refusal> {
    let folder = places::named(call, universe, &request.folder_id)?;
    let ListNetworksRequest { folder_id: of, filter, page_size: size, page_token: token } = &request;
    let part = Part { of, filter, size: *size, token };
    let (networks, next_page_token) =
        places::page(call, universe, &part, vec![places::network(&folder)], |network| &network.name)?;
    Ok(places::naming(folder, ListNetworksResponse { networks, next_page_token }))
}

/// `NetworkService.ListSubnets`.
pub fn list_subnets(
    call: &Call,
    universe: &Universe,
    request: ListNetworkSubnetsRequest,
) -> Result<ListNetworkSubnetsResponse, Refusal> {
    let folder = places::folder_of_network(universe, &request.network_id)?;
    let part = Part { of: &request.network_id, filter: "", size: request.page_size, token: &request.page_token };
    let (subnets, next_page_token) =
        places::page(call, universe, &part, places::subnets(folder), |subnet| &subnet.name)?;
    Ok(ListNetworkSubnetsResponse { subnets, next_page_token })
}

/// `NetworkService.ListSecurityGroups`.
pub fn list_security_groups(
    call: &Call,
    universe: &Universe,
    request: ListNetworkSecurityGroupsRequest,
) -> Result<ListNetworkSecurityGroupsResponse, Refusal> {
    let folder = places::folder_of_network(universe, &request.network_id)?;
    let part = Part { of: &request.network_id, filter: "", size: request.page_size, token: &request.page_token };
    let (security_groups, next_page_token) =
        places::page(call, universe, &part, vec![places::security_group(folder)], |group| &group.name)?;
    Ok(ListNetworkSecurityGroupsResponse { security_groups, next_page_token })
}
