//! What `vpc.v1.AddressService` has beside the RPCs of every kind.

use crate::contract::kinds::{Address, Subnet};
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::get_address_by_value_request::{Address as Value, Scope};
use crate::contract::proto::yandex::cloud::vpc::v1::{
    GetAddressByValueRequest, ListAddressesBySubnetRequest, ListAddressesBySubnetResponse,
};
use crate::neighbours::{Kind, address, found};
use crate::refusal::{self, Refusal};
use crate::universe::Universe;
use crate::universe::resource::{KindName, Used};

use super::{Call, resource};

/// `AddressService.GetByValue`: an external address by itself, an internal one in its subnet.
pub fn get_by_value(_: &Call, universe: &Universe, request: GetAddressByValueRequest) -> Result<vpc::Address, Refusal> {
    let (scope, value) = match (&request.address, &request.scope) {
        (Some(Value::ExternalIpv4Address(value)), _) => (address::EXTERNAL, value.as_str()),
        (Some(Value::InternalIpv4Address(value)), Some(Scope::SubnetId(subnet))) => (subnet.as_str(), value.as_str()),
        (Some(Value::InternalIpv4Address(_)), None) => {
            return Err(refusal::request::field("subnet_id", "is required for an internal address"));
        }
        (None, _) => return Err(refusal::request::field("external_ipv4_address", "is required")),
    };
    let found = universe.resource_with(&address::key(scope, value));
    let found = found.ok_or_else(|| refusal::neighbour::not_found(KindName::Address, value))?;
    Ok(resource::shown::<Address>(universe, found))
}

/// `AddressService.ListBySubnet`.
pub fn list_by_subnet(
    call: &Call,
    universe: &Universe,
    request: ListAddressesBySubnetRequest,
) -> Result<ListAddressesBySubnetResponse, Refusal> {
    let id = found::<Subnet>(universe, &request.subnet_id)?.id;
    let subnet = Used { kind: Subnet::NAME, id };
    let (addresses, next_page_token) = resource::page::<Address, _>(call, universe, &request, |after| {
        universe.resources_using(subnet, KindName::Address, after)
    })?;
    Ok(ListAddressesBySubnetResponse { addresses, next_page_token })
}
