//! `vpc.v1.NetworkService`: each folder has one network.

use crate::contract::proto::yandex::cloud::vpc::v1::{
    GetNetworkRequest, ListNetworkSecurityGroupsRequest, ListNetworkSecurityGroupsResponse, ListNetworkSubnetsRequest,
    ListNetworkSubnetsResponse, ListNetworksRequest, ListNetworksResponse, Network,
};
use crate::refusal::Refusal;
use crate::universe::Universe;

use super::neighbours::{self, Part};
use super::{Call, Changing};

/// `NetworkService.Get`.
pub fn get(_: &Call, universe: &Universe, request: GetNetworkRequest) -> Result<Network, Refusal> {
    neighbours::folder_of_network(universe, &request.network_id).map(neighbours::network)
}

/// `NetworkService.List`.
pub fn list(
    call: &Call,
    universe: &Universe,
    request: ListNetworksRequest,
) -> Result<Changing<ListNetworksResponse>, Refusal> {
    let folder = neighbours::named(call, universe, &request.folder_id)?;
    let ListNetworksRequest { folder_id: of, filter, page_size: size, page_token: token } = &request;
    let part = Part { of, filter, size: *size, token };
    let (networks, next_page_token) =
        neighbours::page(call, universe, &part, vec![neighbours::network(&folder)], |network| &network.name)?;
    Ok(neighbours::naming(folder, ListNetworksResponse { networks, next_page_token }))
}

/// `NetworkService.ListSubnets`.
pub fn list_subnets(
    call: &Call,
    universe: &Universe,
    request: ListNetworkSubnetsRequest,
) -> Result<ListNetworkSubnetsResponse, Refusal> {
    let folder = neighbours::folder_of_network(universe, &request.network_id)?;
    let part = Part { of: &request.network_id, filter: "", size: request.page_size, token: &request.page_token };
    let (subnets, next_page_token) =
        neighbours::page(call, universe, &part, neighbours::subnets(folder), |subnet| &subnet.name)?;
    Ok(ListNetworkSubnetsResponse { subnets, next_page_token })
}

/// `NetworkService.ListSecurityGroups`.
pub fn list_security_groups(
    call: &Call,
    universe: &Universe,
    request: ListNetworkSecurityGroupsRequest,
) -> Result<ListNetworkSecurityGroupsResponse, Refusal> {
    let folder = neighbours::folder_of_network(universe, &request.network_id)?;
    let part = Part { of: &request.network_id, filter: "", size: request.page_size, token: &request.page_token };
    let (security_groups, next_page_token) =
        neighbours::page(call, universe, &part, vec![neighbours::security_group(folder)], |group| &group.name)?;
    Ok(ListNetworkSecurityGroupsResponse { security_groups, next_page_token })
}
