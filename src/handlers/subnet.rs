//! `vpc.v1.SubnetService`: the network of a folder has a subnet in each zone.

use crate::contract::proto::yandex::cloud::vpc::v1::{
    GetSubnetRequest, ListSubnetsRequest, ListSubnetsResponse, Subnet,
};
use crate::refusal::{self, Refusal};
use crate::universe::{Id, Universe};

use super::neighbours::{self, Part};
use super::{Call, Changing};

/// `SubnetService.Get`.
pub fn get(_: &Call, universe: &Universe, request: GetSubnetRequest) -> Result<Subnet, Refusal> {
    let found = Id::parse(&request.subnet_id).and_then(|id| {
        let folder = universe.folder_of(id)?;
        let subnet = folder.subnets.iter().find(|subnet| subnet.id == id)?;
        Some(neighbours::subnet(folder, subnet))
    });
    found.ok_or_else(|| refusal::neighbour::no_such_subnet(&request.subnet_id))
}

/// `SubnetService.List`: by zone.
pub fn list(
    call: &Call,
    universe: &Universe,
    request: ListSubnetsRequest,
) -> Result<Changing<ListSubnetsResponse>, Refusal> {
    let folder = neighbours::named(call, universe, &request.folder_id)?;
    let ListSubnetsRequest { folder_id: of, filter, page_size: size, page_token: token } = &request;
    let part = Part { of, filter, size: *size, token };
    let (subnets, next_page_token) =
        neighbours::page(call, universe, &part, neighbours::subnets(&folder), |subnet| &subnet.name)?;
    Ok(neighbours::naming(folder, ListSubnetsResponse { subnets, next_page_token }))
}
