//! Addresses that are kept: of the internet, or of a subnet.

use std::net::Ipv4Addr;

use super::{Kind, Made, Making, cidr, message, subnet};
use crate::contract::excerpt::excerpt;
use crate::contract::kinds::{Address, Resource as _, Subnet};
use crate::contract::projection::CopyInto;
use crate::contract::proto::yandex::cloud::vpc::v1 as vpc;
use crate::contract::proto::yandex::cloud::vpc::v1::address::Address::{ExternalIpv4Address, InternalIpv4Address};
use crate::contract::proto::yandex::cloud::vpc::v1::create_address_request::AddressSpec;
use crate::contract::proto::yandex::cloud::vpc::v1::internal_ipv4_address::Scope;
use crate::contract::proto::yandex::cloud::vpc::v1::internal_ipv4_address_spec::Scope as SpecScope;
use crate::contract::proto::yandex::cloud::vpc::v1::{
    CreateAddressRequest, DnsRecord, DnsRecordSpec, InternalIpv4AddressSpec, UpdateAddressRequest, address,
};
use crate::refusal::{self, Refusal};
use crate::universe::network::{name_in, zone};
use crate::universe::resource::{KindName, Reference, UniqueKey, What};
use crate::universe::{Seed, Universe};

/// The scope of addresses of the internet.
pub const EXTERNAL: &str = "external";
/// The first of the addresses that an emulator may call external: 198.18.0.0/15 is for tests, and nobody routes it (our choice).
const FIRST_EXTERNAL: u32 = 0xc612_0000;
/// How many of them there are.
const EXTERNALS: u32 = 1 << 17;

impl Kind for Address {
    const NAME: KindName = KindName::Address;
    const NOUN: &'static str = "address";

    fn id_prefix(universe: &Universe, request: &CreateAddressRequest) -> &'static [u8; 3] {
        match &request.address_spec {
            Some(AddressSpec::ExternalIpv4AddressSpec(spec)) => zone(&spec.zone_id).map_or(b"e9b", |zone| zone.prefix),
            Some(AddressSpec::InternalIpv4AddressSpec(InternalIpv4AddressSpec {
                scope: Some(SpecScope::SubnetId(id)),
                ..
            })) => {
                let subnet = message::<Subnet>(universe, id);
                subnet.and_then(|subnet| zone(&subnet.zone_id)).map_or(b"e9b", |zone| zone.prefix)
            }
            _ => b"e9b",
        }
    }

    fn unique(_: &Universe, message: &vpc::Address) -> Vec<UniqueKey> {
        let name = name_in(KindName::Address, message.parent(), &message.name);
        std::iter::once(name).chain(value(message)).collect()
    }

    fn references(message: &vpc::Address) -> Vec<Reference<'_>> {
        match &message.address {
            Some(InternalIpv4Address(internal)) => match &internal.scope {
                Some(Scope::SubnetId(id)) => vec![Reference::to(KindName::Subnet, id)],
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn complete(
        making: &Making<'_>,
        request: &CreateAddressRequest,
        address: &mut vpc::Address,
    ) -> Result<(), Refusal> {
        address.reserved = true;
        address.ip_version = address::IpVersion::Ipv4 as i32;
        address.dns_records = request.dns_record_specs.iter().map(dns_record).collect();
        let (kind, value) = match &request.address_spec {
            Some(AddressSpec::InternalIpv4AddressSpec(spec)) => {
                (address::Type::Internal, InternalIpv4Address(internal(making.universe, spec, &address.id)?))
            }
            Some(AddressSpec::ExternalIpv4AddressSpec(spec)) => {
                subnet::known_zone("external_ipv4_address_spec.zone_id", &spec.zone_id)?;
                (address::Type::External, ExternalIpv4Address(external(making.universe, spec, &address.id)?))
            }
            None => {
                let rule = "or internal_ipv4_address_spec is required";
                return Err(refusal::request::field("external_ipv4_address_spec", rule));
            }
        };
        (address.r#type, address.address) = (kind as i32, Some(value));
        Ok(())
    }

    fn as_update(address: &vpc::Address) -> UpdateAddressRequest {
        let mut update = UpdateAddressRequest::default();
        address.copy_into(&mut update);
        update.dns_record_specs = address.dns_records.iter().map(dns_record_spec).collect();
        update
    }

    fn update(_: &Universe, update: &UpdateAddressRequest, address: &mut vpc::Address) -> Result<(), Refusal> {
        update.copy_into(address);
        address.dns_records = update.dns_record_specs.iter().map(dns_record).collect();
        Ok(())
    }

    fn may_delete(_: &Universe, address: &vpc::Address) -> Result<(), Refusal> {
        if address.deletion_protection {
            return Err(refusal::neighbour::protected(KindName::Address, &address.id));
        }
        Ok(())
    }
}

impl Made for Address {}

/// The key of the address itself.
pub fn value(message: &vpc::Address) -> Option<UniqueKey> {
    let (scope, text) = match message.address.as_ref()? {
        ExternalIpv4Address(external) => (EXTERNAL, &external.address),
        InternalIpv4Address(internal) => match &internal.scope {
            Some(Scope::SubnetId(id)) => (&**id, &internal.address),
            None => ("", &internal.address),
        },
    };
    Some(key(scope, text))
}

/// The key of an address in a subnet, or of the internet.
pub fn key(scope: &str, text: &str) -> UniqueKey {
    UniqueKey { kind: KindName::Address, what: What::Address, scope: scope.into(), text: text.into() }
}

/// An address of the internet: the one that is asked for, or one that is free.
fn external(
    universe: &Universe,
    spec: &vpc::ExternalIpv4AddressSpec,
    id: &str,
) -> Result<vpc::ExternalIpv4Address, Refusal> {
    let address = match spec.address.as_str() {
        "" => free_external(universe, universe.seed(), id).to_string(),
        given => parsed("external_ipv4_address_spec.address", given)?.to_string(),
    };
    Ok(vpc::ExternalIpv4Address {
        address,
        zone_id: spec.zone_id.clone(),
        // Requirements that were not asked for are shown all the same, without contents (observed).
        requirements: Some(spec.requirements.clone().unwrap_or_default()),
    })
}

fn free_external(universe: &Universe, seed: Seed, id: &str) -> Ipv4Addr {
    let start = u32::try_from(seed.word("external address", &[id], 0) % u64::from(EXTERNALS)).unwrap_or_default();
    let mut places = (0..EXTERNALS).map(|place| Ipv4Addr::from(FIRST_EXTERNAL + (start + place) % EXTERNALS));
    let free = |address: &Ipv4Addr| !universe.is_taken(&key(EXTERNAL, &address.to_string()));
    // There are more than a universe ever has; else the claim of the address is refused.
    places.find(free).unwrap_or(Ipv4Addr::from(FIRST_EXTERNAL))
}

/// An address of a subnet: the one that is asked for, or one that is free.
fn internal(
    universe: &Universe,
    spec: &InternalIpv4AddressSpec,
    id: &str,
) -> Result<vpc::InternalIpv4Address, Refusal> {
    const FIELD: &str = "internal_ipv4_address_spec.address";
    let Some(SpecScope::SubnetId(subnet_id)) = &spec.scope else {
        return Err(refusal::request::field("internal_ipv4_address_spec.subnet_id", "is required"));
    };
    // Addresses can be told only of a subnet that exists.
    let subnet = message::<Subnet>(universe, subnet_id)
        .ok_or_else(|| refusal::neighbour::not_found(KindName::Subnet, subnet_id))?;
    let address = match spec.address.as_str() {
        "" => subnet::free_address(universe, subnet, id)
            .ok_or_else(|| refusal::request::field(FIELD, format!("subnet {subnet_id} has no free address")))?,
        given => {
            let address = parsed(FIELD, given)?;
            let ranges = subnet.v4_cidr_blocks.iter().filter_map(|block| block.parse::<ipnet::Ipv4Net>().ok());
            if !ranges.into_iter().any(|range| cidr::for_hosts(range).contains(&u32::from(address))) {
                let blocks = subnet.v4_cidr_blocks.join(", ");
                let rule = format!("must be an address for hosts of {blocks}, but is {address}");
                return Err(refusal::request::field(FIELD, rule));
            }
            if subnet::used_addresses(universe, subnet).contains_key(&address) {
                return Err(refusal::neighbour::address_taken(given));
            }
            address
        }
    };
    Ok(vpc::InternalIpv4Address { address: address.to_string(), scope: Some(Scope::SubnetId(subnet_id.clone())) })
}

fn parsed(field: &str, text: &str) -> Result<Ipv4Addr, Refusal> {
    let rule = || refusal::request::field(field, format!("must be an IPv4 address, but is {:?}", excerpt(text)));
    text.parse().map_err(|_| rule())
}

fn dns_record(spec: &DnsRecordSpec) -> DnsRecord {
    let DnsRecordSpec { fqdn, dns_zone_id, ttl, ptr } = spec.clone();
    DnsRecord { fqdn, dns_zone_id, ttl, ptr }
}

fn dns_record_spec(record: &DnsRecord) -> DnsRecordSpec {
    let DnsRecord { fqdn, dns_zone_id, ttl, ptr } = record.clone();
    DnsRecordSpec { fqdn, dns_zone_id, ttl, ptr }
}
