//! Addresses that are kept, and those of a subnet that are in use.

use std::collections::BTreeSet;

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::address::Address::{
    ExternalIpv4Address, InternalIpv4Address,
};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::create_address_request::AddressSpec;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::internal_ipv4_address_spec::Scope;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;

use super::*;

/// The text of an address.
fn text(address: &Address) -> String {
    match address.address.clone() {
        Some(ExternalIpv4Address(external)) => external.address,
        Some(InternalIpv4Address(internal)) => internal.address,
        None => panic!("{address:?} has none"),
    }
}

fn internal(cloud: &Cloud, subnet: &Subnet, address: &str) -> Result<Operation, Status> {
    let scope = Some(Scope::SubnetId(subnet.id.clone()));
    let spec = InternalIpv4AddressSpec { address: address.into(), scope };
    let address_spec = Some(AddressSpec::InternalIpv4AddressSpec(spec));
    let request = CreateAddressRequest { folder_id: FOLDER.into(), address_spec, ..Default::default() };
    cloud.order("vpc.v1.AddressService/Create", &request)
}

fn used(cloud: &Cloud, subnet: &Subnet) -> Vec<UsedAddress> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListUsedAddressesRequest {
            subnet_id: subnet.id.clone(),
            page_size: 2,
            page_token: page_token.clone(),
            ..Default::default()
        };
        let page: ListUsedAddressesResponse = cloud.ask("vpc.v1.SubnetService/ListUsedAddresses", &request).unwrap();
        all.extend(page.addresses);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

/// Addresses with the type and the id of what uses them.
fn told(addresses: &[UsedAddress]) -> Vec<(String, String, String)> {
    let referrer = |used: &UsedAddress| {
        let referrer = used.references.first().and_then(|reference| reference.referrer.clone()).unwrap_or_default();
        (used.address.clone(), referrer.r#type, referrer.id)
    };
    addresses.iter().map(referrer).collect()
}

#[test]
fn an_external_address_is_chosen_and_found_by_its_value() {
    let cloud = Cloud::start();
    let made: Address = cloud.make("vpc.v1.AddressService/Create", &new_address(FOLDER, "main"));
    assert!(made.id.starts_with("e2l"), "{}", made.id);
    assert_eq!((made.reserved, made.used), (true, false));
    assert_eq!((made.r#type(), made.ip_version()), (address::Type::External, address::IpVersion::Ipv4));
    let Some(ExternalIpv4Address(external)) = &made.address else { panic!("{made:?}") };
    assert_eq!(external.zone_id, "ru-central1-b");
    assert_eq!(external.requirements, Some(AddressRequirements::default()));
    let by_value = GetAddressByValueRequest {
        address: Some(get_address_by_value_request::Address::ExternalIpv4Address(external.address.clone())),
        ..Default::default()
    };
    assert_eq!(cloud.ask::<Address>("vpc.v1.AddressService/GetByValue", &by_value).unwrap(), made);
    let others: BTreeSet<String> =
        (0..50).map(|_| text(&cloud.make("vpc.v1.AddressService/Create", &new_address(FOLDER, "")))).collect();
    assert!(others.len() == 50 && !others.contains(&external.address), "no two are the same");
    let request = CreateAddressRequest { folder_id: FOLDER.into(), ..Default::default() };
    breaks(cloud.order("vpc.v1.AddressService/Create", &request), "external_ipv4_address_spec");
}

#[test]
fn a_protected_address_stays() {
    let cloud = Cloud::start();
    let made: Address = cloud.make("vpc.v1.AddressService/Create", &new_address(FOLDER, "main"));
    let protect = |deletion_protection| UpdateAddressRequest {
        address_id: made.id.clone(),
        update_mask: mask(&["deletion_protection", "dns_record_specs"]),
        deletion_protection,
        dns_record_specs: vec![DnsRecordSpec {
            fqdn: "db.test.".into(),
            dns_zone_id: "dns00000000000000001".into(),
            ttl: 60,
            ptr: true,
        }],
        ..Default::default()
    };
    let changed: Address = cloud.make("vpc.v1.AddressService/Update", &protect(true));
    assert_eq!((changed.deletion_protection, changed.dns_records[0].fqdn.as_str()), (true, "db.test."));
    let delete = DeleteAddressRequest { address_id: made.id.clone() };
    assert_eq!(refused(cloud.order("vpc.v1.AddressService/Delete", &delete)).code, Code::FailedPrecondition);
    cloud.done(cloud.order("vpc.v1.AddressService/Update", &protect(false)));
    cloud.done(cloud.order("vpc.v1.AddressService/Delete", &delete));
    let mut wrong = protect(false);
    wrong.dns_record_specs[0].ttl = 86_401;
    breaks(cloud.order("vpc.v1.AddressService/Update", &wrong), "dns_record_specs[0].ttl");
}

#[test]
fn an_internal_address_is_of_its_subnet_and_nobody_elses() {
    let cloud = Cloud::start();
    let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let subnet: Subnet = cloud.make("vpc.v1.SubnetService/Create", &new_subnet(&network, "main", "10.1.0.0/28"));
    let given: Address = response(&cloud.done(internal(&cloud, &subnet, "10.1.0.7")));
    assert_eq!((text(&given).as_str(), given.r#type()), ("10.1.0.7", address::Type::Internal));
    assert_eq!(refused(internal(&cloud, &subnet, "10.1.0.7")).code, Code::AlreadyExists);
    // The range's own address, its gateway, its DNS server, its last address, and one of another range.
    for refused in ["10.1.0.0", "10.1.0.1", "10.1.0.2", "10.1.0.15", "10.1.1.7", "here"] {
        breaks(internal(&cloud, &subnet, refused), "internal_ipv4_address_spec.address");
    }
    let by_value = GetAddressByValueRequest {
        address: Some(get_address_by_value_request::Address::InternalIpv4Address("10.1.0.7".into())),
        scope: Some(get_address_by_value_request::Scope::SubnetId(subnet.id.clone())),
    };
    assert_eq!(cloud.ask::<Address>("vpc.v1.AddressService/GetByValue", &by_value).unwrap(), given);
    // Of 16 addresses five are not for hosts or taken.
    let chosen: BTreeSet<String> =
        (0..11).map(|_| text(&response(&cloud.done(internal(&cloud, &subnet, ""))))).collect();
    assert_eq!(chosen.len(), 11);
    breaks(internal(&cloud, &subnet, ""), "internal_ipv4_address_spec.address");
    let request = ListAddressesBySubnetRequest { subnet_id: subnet.id.clone(), page_size: 1000, ..Default::default() };
    let listed: ListAddressesBySubnetResponse = cloud.ask("vpc.v1.AddressService/ListBySubnet", &request).unwrap();
    assert_eq!((listed.addresses.len(), &listed.addresses[0]), (12, &given));
    let delete = DeleteSubnetRequest { subnet_id: subnet.id };
    let message = "Subnet has allocated instances";
    is_refused(cloud.order("vpc.v1.SubnetService/Delete", &delete), Code::FailedPrecondition, message);
}

#[test]
fn addresses_in_use_are_those_of_the_range_of_hosts_and_those_that_are_kept() {
    let cloud = Cloud::start();
    let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let subnet: Subnet = cloud.make("vpc.v1.SubnetService/Create", &new_subnet(&network, "main", "10.1.0.0/28"));
    let empty = told(&used(&cloud, &subnet));
    let own = |address: &str, what: &str| (address.to_owned(), format!("vpc.{what}"), String::new());
    assert_eq!(empty, [own("10.1.0.1", "virtualGateway"), own("10.1.0.2", "virtualDns")]);

    let mut request = SqlServer::new_cluster("main");
    request.network_id = network.id;
    request.host_specs.iter_mut().for_each(|host| host.zone_id = "ru-central1-a".into());
    let hosts = request.host_specs.len();
    let cluster = cloud.created_by::<SqlServer>(request);
    cloud.done(internal(&cloud, &subnet, ""));
    let all = told(&used(&cloud, &subnet));
    assert_eq!(all.len(), 2 + hosts + 1);
    let of_hosts = all.iter().filter(|(_, kind, id)| kind == "managed-sqlserver.cluster" && *id == cluster).count();
    assert_eq!(of_hosts, hosts);
    let mut addresses: Vec<std::net::Ipv4Addr> = all.iter().map(|(address, ..)| address.parse().unwrap()).collect();
    assert!(addresses.is_sorted());
    addresses.dedup();
    assert_eq!(addresses.len(), all.len());
    // The range in which hosts have addresses stays.
    let change = UpdateSubnetRequest {
        subnet_id: subnet.id.clone(),
        update_mask: mask(&["v4_cidr_blocks"]),
        v4_cidr_blocks: vec!["10.2.0.0/16".into()],
        ..Default::default()
    };
    let message = "Subnet has allocated instances";
    is_refused(cloud.order("vpc.v1.SubnetService/Update", &change), Code::FailedPrecondition, message);
    cloud.delete::<SqlServer>(&cluster);
    assert_eq!(used(&cloud, &subnet).len(), 3);
}
