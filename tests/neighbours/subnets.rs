//! Subnets: their ranges of addresses, and where they are.

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;

use super::*;

fn create(cloud: &Cloud, network: &Network, blocks: &[&str]) -> Result<Operation, Status> {
    let v4_cidr_blocks = blocks.iter().map(|block| (*block).to_owned()).collect();
    let request = CreateSubnetRequest { v4_cidr_blocks, ..new_subnet(network, "", "") };
    cloud.order("vpc.v1.SubnetService/Create", &request)
}

fn network(cloud: &Cloud, name: &str) -> Network {
    cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, name))
}

fn subnet(cloud: &Cloud, id: &str) -> Subnet {
    cloud.ask("vpc.v1.SubnetService/Get", &GetSubnetRequest { subnet_id: id.into() }).unwrap()
}

#[test]
fn a_subnet_shows_what_was_asked_for() {
    let cloud = Cloud::start();
    let network = network(&cloud, "main");
    let mut request = new_subnet(&network, "main", "10.1.0.0/16");
    request.dhcp_options = Some(DhcpOptions { domain_name: "test.internal".into(), ..Default::default() });
    let created = cloud.done(cloud.order("vpc.v1.SubnetService/Create", &request));
    let made: Subnet = response(&created);
    assert!(made.id.starts_with("e9b"), "{}", made.id);
    let expected = Subnet {
        id: made.id.clone(),
        folder_id: FOLDER.into(),
        created_at: Some(cloud.now()),
        name: "main".into(),
        network_id: network.id.clone(),
        zone_id: "ru-central1-a".into(),
        v4_cidr_blocks: vec!["10.1.0.0/16".into()],
        dhcp_options: request.dhcp_options,
        ..Default::default()
    };
    assert_eq!(made, expected);
    assert_eq!(subnet(&cloud, &made.id), expected);
    let in_b = CreateSubnetRequest { zone_id: "ru-central1-b".into(), ..new_subnet(&network, "b", "10.2.0.0/16") };
    let in_b: Subnet = cloud.make("vpc.v1.SubnetService/Create", &in_b);
    assert!(in_b.id.starts_with("e2l"), "{}", in_b.id);
    assert_eq!(in_b.dhcp_options, Some(DhcpOptions::default()), "shown without contents");
    let remove = UpdateSubnetRequest { subnet_id: made.id, update_mask: mask(&["dhcp_options"]), ..Default::default() };
    let changed: Subnet = cloud.make("vpc.v1.SubnetService/Update", &remove);
    assert_eq!(changed.dhcp_options, Some(DhcpOptions::default()));
}

#[test]
fn ranges_are_private_of_a_documented_size_and_whole() {
    let cloud = Cloud::start();
    let network = network(&cloud, "main");
    for refused in ["11.0.0.0/16", "10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/24", "172.15.0.0/16", "192.169.0.0/24"] {
        breaks(create(&cloud, &network, &["10.7.0.0/24", refused]), "v4_cidr_blocks[1]");
    }
    let message = "Illegal argument Cannot parse CIDR: somewhere";
    is_refused(create(&cloud, &network, &["somewhere"]), Code::InvalidArgument, message);
    for taken in ["10.0.0.0/16", "172.31.0.0/28", "192.168.0.0/24"] {
        cloud.done(create(&cloud, &network, &[taken]));
    }
    let elsewhere = CreateSubnetRequest { zone_id: "moon".into(), ..new_subnet(&network, "", "10.9.0.0/16") };
    breaks(cloud.order("vpc.v1.SubnetService/Create", &elsewhere), "zone_id");
}

#[test]
fn no_two_ranges_of_a_network_overlap() {
    let cloud = Cloud::start();
    let (first, second) = (network(&cloud, "first"), network(&cloud, "second"));
    cloud.done(create(&cloud, &first, &["10.1.0.0/16", "10.2.0.0/24"]));
    for refused in ["10.1.0.0/16", "10.1.7.0/24", "10.2.0.0/16", "10.2.0.16/28"] {
        breaks(create(&cloud, &first, &["10.3.0.0/16", refused]), "v4_cidr_blocks[1]");
    }
    breaks(create(&cloud, &first, &["10.3.0.0/16", "10.3.0.0/24"]), "v4_cidr_blocks[0]");
    cloud.done(create(&cloud, &second, &["10.1.0.0/16"]));
    cloud.done(create(&cloud, &first, &["10.2.1.0/24"]));
}

#[test]
fn ranges_of_an_empty_subnet_can_be_changed() {
    let cloud = Cloud::start();
    let network = network(&cloud, "main");
    let made: Subnet = response(&cloud.done(create(&cloud, &network, &["10.1.0.0/16"])));
    cloud.done(create(&cloud, &network, &["10.2.0.0/16"]));
    let set = |blocks: &[&str]| UpdateSubnetRequest {
        subnet_id: made.id.clone(),
        update_mask: mask(&["v4_cidr_blocks"]),
        v4_cidr_blocks: blocks.iter().map(|block| (*block).to_owned()).collect(),
        ..Default::default()
    };
    let changed: Subnet = cloud.make("vpc.v1.SubnetService/Update", &set(&["10.3.0.0/16", "10.1.0.0/24"]));
    assert_eq!(changed.v4_cidr_blocks, ["10.3.0.0/16", "10.1.0.0/24"]);
    breaks(cloud.order("vpc.v1.SubnetService/Update", &set(&["10.2.5.0/24"])), "v4_cidr_blocks[0]");
    let add = AddSubnetCidrBlocksRequest { subnet_id: made.id.clone(), v4_cidr_blocks: vec!["10.4.0.0/24".into()] };
    let added = cloud.done(cloud.order("vpc.v1.SubnetService/AddCidrBlocks", &add));
    let metadata: UpdateSubnetMetadata = added.metadata.as_ref().unwrap().to_msg().unwrap();
    assert_eq!(metadata.subnet_id, made.id);
    assert_eq!(response::<Subnet>(&added).v4_cidr_blocks, ["10.3.0.0/16", "10.1.0.0/24", "10.4.0.0/24"]);
    assert!(cloud.order("vpc.v1.SubnetService/AddCidrBlocks", &add).is_err(), "it has the range already");
    let remove =
        |block: &str| RemoveSubnetCidrBlocksRequest { subnet_id: made.id.clone(), v4_cidr_blocks: vec![block.into()] };
    let left: Subnet = cloud.make("vpc.v1.SubnetService/RemoveCidrBlocks", &remove("10.3.0.0/16"));
    assert_eq!(left.v4_cidr_blocks, ["10.1.0.0/24", "10.4.0.0/24"]);
    breaks(cloud.order("vpc.v1.SubnetService/RemoveCidrBlocks", &remove("10.3.0.0/16")), "v4_cidr_blocks[0]");
}

#[test]
fn an_empty_subnet_is_relocated_and_one_with_hosts_is_not() {
    let cloud = Cloud::start();
    let network = network(&cloud, "main");
    let made: Subnet = response(&cloud.done(create(&cloud, &network, &["10.1.0.0/16"])));
    let to = |zone: &str| RelocateSubnetRequest { subnet_id: made.id.clone(), destination_zone_id: zone.into() };
    let relocated = cloud.done(cloud.order("vpc.v1.SubnetService/Relocate", &to("ru-central1-d")));
    assert_eq!(relocated.description, "Relocate subnet to other zone");
    assert_eq!(response::<Subnet>(&relocated), Subnet { zone_id: "ru-central1-d".into(), ..made.clone() });
    breaks(cloud.order("vpc.v1.SubnetService/Relocate", &to("moon")), "destination_zone_id");
    let mut request = SqlServer::new_cluster("main");
    request.network_id = network.id;
    request.host_specs.iter_mut().for_each(|host| host.zone_id = "ru-central1-d".into());
    cloud.created_by::<SqlServer>(request);
    let message = "Subnet has allocated instances";
    is_refused(cloud.order("vpc.v1.SubnetService/Relocate", &to("ru-central1-a")), Code::FailedPrecondition, message);
}

#[test]
fn a_subnet_belongs_to_the_folder_and_the_routes_of_its_network() {
    let cloud = Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    let abroad = CreateSubnetRequest { folder_id: "b1gother".into(), ..new_subnet(&made.network, "", "10.5.0.0/16") };
    breaks(cloud.order("vpc.v1.SubnetService/Create", &abroad), "folder_id");
    let other = network(&cloud, "other");
    let foreign = CreateSubnetRequest { route_table_id: made.table.id, ..new_subnet(&other, "", "10.5.0.0/16") };
    breaks(cloud.order("vpc.v1.SubnetService/Create", &foreign), "route_table_id");
    // A single subnet can be moved all the same.
    let moved = MoveSubnetRequest { subnet_id: made.subnet.id.clone(), destination_folder_id: "b1gother".into() };
    let moved: Subnet = cloud.make("vpc.v1.SubnetService/Move", &moved);
    assert_eq!(moved, Subnet { folder_id: "b1gother".into(), ..made.subnet });
}

#[test]
fn what_is_required_is_told_at_once() {
    let cloud = Cloud::start();
    let refusal = refused(cloud.order("vpc.v1.SubnetService/Create", &CreateSubnetRequest::default()));
    assert_eq!(refusal.about, ["folder_id", "network_id", "zone_id"]);
}
