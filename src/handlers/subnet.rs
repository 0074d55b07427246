//! What `vpc.v1.SubnetService` has beside the RPCs of every kind.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::contract::ContractMessage;
use crate::contract::filter::Filter;
use crate::contract::kinds::Subnet;
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::{
    AddSubnetCidrBlocksRequest, IpVersion, ListUsedAddressesRequest, ListUsedAddressesResponse, RelocateSubnetMetadata,
    RelocateSubnetRequest, RemoveSubnetCidrBlocksRequest, UpdateSubnetMetadata, UsedAddress,
};
use crate::neighbours::{AT_ONCE, Kind, found, subnet};
use crate::refusal::{self, Refusal};
use crate::universe::{Plan, Universe};

use super::{Call, filter, resource};

/// `SubnetService.AddCidrBlocks`.
pub fn add_cidr_blocks(call: &Call, universe: &Universe, request: AddSubnetCidrBlocksRequest) -> Result<Plan, Refusal> {
    with_blocks(
        call,
        universe,
        &request.subnet_id,
        ("Add CIDR blocks to", |blocks| {
            blocks.extend(request.v4_cidr_blocks);
            Ok(())
        }),
    )
}

/// `SubnetService.RemoveCidrBlocks`: of those that it has (our choice).
pub fn remove_cidr_blocks(
    call: &Call,
    universe: &Universe,
    request: RemoveSubnetCidrBlocksRequest,
) -> Result<Plan, Refusal> {
    with_blocks(
        call,
        universe,
        &request.subnet_id,
        ("Remove CIDR blocks from", |blocks| {
            let mut left: BTreeSet<String> = blocks.iter().cloned().collect();
            for (index, block) in request.v4_cidr_blocks.iter().enumerate() {
                if !left.remove(block) {
                    let field = format!("v4_cidr_blocks[{index}]");
                    return Err(refusal::request::field(field, "is no range of the subnet"));
                }
            }
            blocks.retain(|block| left.contains(block));
            Ok(())
        }),
    )
}

/// A plan that gives a subnet other ranges.
fn with_blocks(
    call: &Call,
    universe: &Universe,
    id: &str,
    (verb, change): (&str, impl FnOnce(&mut Vec<String>) -> Result<(), Refusal>),
) -> Result<Plan, Refusal> {
    let kept = found::<Subnet>(universe, id)?;
    let before: &vpc::Subnet = kept.message.open();
    let mut after = before.clone();
    change(&mut after.v4_cidr_blocks)?;
    Subnet::check(universe, &after)?;
    Subnet::may_change(universe, before, &after)?;
    let metadata = UpdateSubnetMetadata { subnet_id: after.id.clone() };
    let plan = resource::plan::<Subnet>(call, kept.id, verb, metadata.to_any());
    Ok(resource::changed::<Subnet>(universe, plan, &kept, after))
}

/// `SubnetService.Relocate`: of an empty subnet, to another zone (documented). Its id stays.
pub fn relocate(call: &Call, universe: &Universe, request: RelocateSubnetRequest) -> Result<Plan, Refusal> {
    let kept = found::<Subnet>(universe, &request.subnet_id)?;
    let before: &vpc::Subnet = kept.message.open();
    subnet::known_zone("destination_zone_id", &request.destination_zone_id)?;
    if !subnet::is_empty(universe, before) {
        return Err(refusal::neighbour::subnet_in_use(&before.id));
    }
    let metadata = RelocateSubnetMetadata { subnet_id: before.id.clone() };
    let after = vpc::Subnet { zone_id: request.destination_zone_id, ..before.clone() };
    let description = "Relocate subnet to other zone".to_owned();
    let plan = resource::plan_of::<Subnet>(call, kept.id, description, metadata.to_any(), AT_ONCE);
    Ok(resource::changed::<Subnet>(universe, plan, &kept, after))
}

/// `SubnetService.ListUsedAddresses`: in their order. No address has a name, so a filter by name finds none.
pub fn list_used_addresses(
    call: &Call,
    universe: &Universe,
    request: ListUsedAddressesRequest,
) -> Result<ListUsedAddressesResponse, Refusal> {
    let kept = found::<Subnet>(universe, &request.subnet_id)?;
    let finds_none = matches!(filter::by_name(&request.filter)?, Filter::Only(_));
    let page = call.page(universe, &[&request.subnet_id, &request.filter], request.page_size, &request.page_token)?;
    let after: u64 = page.after()?.unwrap_or(0);
    let number = |address: &Ipv4Addr| u64::from(u32::from(*address));
    let used = subnet::used_addresses(universe, kept.message.open());
    let rest = used.into_iter().filter(|(address, _)| !finds_none && number(address) > after);
    let (used, next_page_token) = page.fill(rest, |(address, _)| number(address));
    let shown = used.into_iter().map(|(address, user)| UsedAddress {
        address: address.to_string(),
        ip_version: IpVersion::Ipv4 as i32,
        references: user.into_iter().collect(),
    });
    Ok(ListUsedAddressesResponse { addresses: shown.collect(), next_page_token })
}
