//! `vpc.v1.SecurityGroupService`: the network of a folder has its default group.

use crate::contract::proto::yandex::cloud::vpc::v1::{
    GetSecurityGroupRequest, ListSecurityGroupsRequest, ListSecurityGroupsResponse, SecurityGroup,
};
use crate::refusal::{self, Refusal};
use crate::universe::{Id, Universe};

use super::neighbours::{self, Part};
use super::{Call, Changing};

/// `SecurityGroupService.Get`.
pub fn get(_: &Call, universe: &Universe, request: GetSecurityGroupRequest) -> Result<SecurityGroup, Refusal> {
    let id = &request.security_group_id;
    let folder = Id::parse(id).and_then(|id| universe.folder_of(id).filter(|folder| folder.security_group == id));
    folder
        .map(|folder| neighbours::security_group(folder))
        .ok_or_else(|| refusal::neighbour::no_such_security_group(id))
}

/// `SecurityGroupService.List`.
pub fn list(
    call: &Call,
    universe: &Universe,
    request: ListSecurityGroupsRequest,
) -> Result<Changing<ListSecurityGroupsResponse>, Refusal> {
    let folder = neighbours::named(call, universe, &request.folder_id)?;
    let ListSecurityGroupsRequest { folder_id: of, filter, page_size: size, page_token: token } = &request;
    let part = Part { of, filter, size: *size, token };
    let (security_groups, next_page_token) =
        neighbours::page(call, universe, &part, vec![neighbours::security_group(&folder)], |group| &group.name)?;
    Ok(neighbours::naming(folder, ListSecurityGroupsResponse { security_groups, next_page_token }))
}
