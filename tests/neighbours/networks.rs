//! Networks, route tables and gateways.

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::security_group_rule::{Direction, Target};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::static_route::{Destination, NextHop};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;

use super::*;

fn network(cloud: &Cloud, id: &str) -> Result<Network, Status> {
    cloud.ask("vpc.v1.NetworkService/Get", &GetNetworkRequest { network_id: id.into() })
}

fn networks(cloud: &Cloud, folder: &str) -> Vec<Network> {
    let request = ListNetworksRequest { folder_id: folder.into(), ..Default::default() };
    cloud.ask::<ListNetworksResponse>("vpc.v1.NetworkService/List", &request).unwrap().networks
}

fn delete(cloud: &Cloud, id: &str) -> Result<Operation, Status> {
    cloud.order("vpc.v1.NetworkService/Delete", &DeleteNetworkRequest { network_id: id.into() })
}

#[test]
fn a_network_is_made_with_its_default_security_group() {
    let cloud = Cloud::start();
    let mut request = new_network(FOLDER, "main");
    request.labels.insert("team".into(), String::new());
    let created = cloud.done(cloud.order("vpc.v1.NetworkService/Create", &request));
    let metadata: CreateNetworkMetadata = created.metadata.as_ref().unwrap().to_msg().unwrap();
    let made: Network = response(&created);
    assert_eq!(created.description, "Create network");
    assert!(created.id.starts_with("enp") && made.id.starts_with("enp"), "{} {}", created.id, made.id);
    assert_eq!(metadata.network_id, made.id);
    assert_eq!(network(&cloud, &made.id).unwrap(), made);
    assert_eq!(made.labels, request.labels, "a label without a value is kept");
    let group: SecurityGroup = cloud
        .ask(
            "vpc.v1.SecurityGroupService/Get",
            &GetSecurityGroupRequest { security_group_id: made.default_security_group_id.clone() },
        )
        .unwrap();
    assert_eq!(group.name, format!("default-sg-{}", made.id));
    assert_eq!(group.description, "Default security group for network");
    assert_eq!((group.folder_id.as_str(), group.default_for_network), (FOLDER, true));
    let rules: Vec<_> = group.rules.iter().map(|rule| (rule.direction(), rule.protocol_name.as_str())).collect();
    assert_eq!(rules, [(Direction::Ingress, "ANY"), (Direction::Egress, "ANY")]);
    for rule in &group.rules {
        assert!(rule.ports.is_none() && rule.protocol_number == -1);
        assert!(matches!(&rule.target, Some(Target::CidrBlocks(to)) if to.v4_cidr_blocks == ["0.0.0.0/0"]));
    }
    let request = DeleteSecurityGroupRequest { security_group_id: group.id.clone() };
    let outcome = refused(cloud.order("vpc.v1.SecurityGroupService/Delete", &request));
    assert_eq!((outcome.code, outcome.about), (Code::FailedPrecondition, vec!["DEFAULT_SECURITY_GROUP".to_owned()]));

    cloud.done(delete(&cloud, &made.id));
    is_refused(network(&cloud, &made.id), Code::NotFound, &format!("Network {} not found", made.id));
    let request = GetSecurityGroupRequest { security_group_id: group.id };
    assert_eq!(refused(cloud.ask::<SecurityGroup>("vpc.v1.SecurityGroupService/Get", &request)).code, Code::NotFound);
}

#[test]
fn names_are_unique_in_a_folder_unless_they_are_empty() {
    let cloud = Cloud::start();
    let create = |folder: &str, name: &str| cloud.order("vpc.v1.NetworkService/Create", &new_network(folder, name));
    cloud.done(create(FOLDER, "main"));
    is_refused(create(FOLDER, "main"), Code::AlreadyExists, "Network with name main already exists");
    cloud.done(create("b1gother", "main"));
    let (first, second) = (cloud.done(create(FOLDER, "")), cloud.done(create(FOLDER, "")));
    assert_ne!(response::<Network>(&first).id, response::<Network>(&second).id);
    breaks(create(FOLDER, "no spaces"), "name");
    // The folder was named by that, so it has the network that such a folder has.
    let names: Vec<String> = networks(&cloud, FOLDER).into_iter().map(|network| network.name).collect();
    assert_eq!(names, ["default", "main", "", ""]);
    // A name is free again when its network has another one, or is gone.
    let main = networks(&cloud, FOLDER).swap_remove(1).id;
    let rename = UpdateNetworkRequest {
        network_id: main.clone(),
        update_mask: mask(&["name"]),
        name: "other".into(),
        ..Default::default()
    };
    cloud.done(cloud.order("vpc.v1.NetworkService/Update", &rename));
    let again: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    assert_ne!(again.id, main, "an id is never given twice");
    cloud.done(delete(&cloud, &again.id));
    let third: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    assert!(third.id != main && third.id != again.id);
    is_refused(
        cloud.order("vpc.v1.NetworkService/Update", &UpdateNetworkRequest { name: "main".into(), ..rename }),
        Code::AlreadyExists,
        "Network with name main already exists",
    );
}

#[test]
fn an_update_changes_what_its_mask_names() {
    let cloud = Cloud::start();
    let mut request = new_network(FOLDER, "main");
    request.description = "first".into();
    request.labels.insert("a".into(), "b".into());
    let before: Network = cloud.make("vpc.v1.NetworkService/Create", &request);
    let update = |update_mask| UpdateNetworkRequest {
        network_id: before.id.clone(),
        update_mask,
        description: "second".into(),
        ..Default::default()
    };
    let changed: Network = cloud.make("vpc.v1.NetworkService/Update", &update(mask(&["description"])));
    assert_eq!(changed, Network { description: "second".into(), ..before.clone() });
    let changed: Network = cloud.make("vpc.v1.NetworkService/Update", &update(None));
    let (name, labels) = Default::default();
    assert_eq!(changed, Network { description: "second".into(), name, labels, ..before.clone() });
    breaks(cloud.order("vpc.v1.NetworkService/Update", &update(mask(&["network_id"]))), "update_mask");
    breaks(cloud.order("vpc.v1.NetworkService/Update", &update(mask(&["created_at"]))), "update_mask");
}

#[test]
fn a_network_with_something_in_it_stays() {
    let cloud = Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    let message = format!("Network {} is not empty", made.network.id);
    is_refused(delete(&cloud, &made.network.id), Code::FailedPrecondition, &message);
    let request = DeleteSubnetRequest { subnet_id: made.subnet.id };
    cloud.done(cloud.order("vpc.v1.SubnetService/Delete", &request));
    is_refused(delete(&cloud, &made.network.id), Code::FailedPrecondition, &message);
    let request = DeleteRouteTableRequest { route_table_id: made.table.id };
    cloud.done(cloud.order("vpc.v1.RouteTableService/Delete", &request));
    is_refused(delete(&cloud, &made.network.id), Code::FailedPrecondition, &message);
    let request = DeleteSecurityGroupRequest { security_group_id: made.group.id };
    cloud.done(cloud.order("vpc.v1.SecurityGroupService/Delete", &request));
    cloud.done(delete(&cloud, &made.network.id));
}

#[test]
fn what_is_in_a_network_is_listed_by_it() {
    let cloud = Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    let network_id = made.network.id.clone();
    let request = ListNetworkSubnetsRequest { network_id: network_id.clone(), ..Default::default() };
    let subnets: ListNetworkSubnetsResponse = cloud.ask("vpc.v1.NetworkService/ListSubnets", &request).unwrap();
    assert_eq!(subnets.subnets, [made.subnet]);
    let request = ListNetworkRouteTablesRequest { network_id: network_id.clone(), ..Default::default() };
    let tables: ListNetworkRouteTablesResponse = cloud.ask("vpc.v1.NetworkService/ListRouteTables", &request).unwrap();
    assert_eq!(tables.route_tables, [made.table]);
    let page = |page_token: String| {
        let request = ListNetworkSecurityGroupsRequest { network_id: network_id.clone(), page_size: 1, page_token };
        cloud.ask::<ListNetworkSecurityGroupsResponse>("vpc.v1.NetworkService/ListSecurityGroups", &request).unwrap()
    };
    let first = page(String::new());
    assert!(first.security_groups[0].default_for_network);
    let second = page(first.next_page_token);
    assert_eq!((second.security_groups, second.next_page_token), (vec![made.group], String::new()));
}

#[test]
fn a_network_moves_with_its_subnets() {
    let cloud = Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    let to =
        |folder: &str| MoveNetworkRequest { network_id: made.network.id.clone(), destination_folder_id: folder.into() };
    breaks(cloud.order("vpc.v1.NetworkService/Move", &to(FOLDER)), "destination_folder_id");
    let moved: Network = cloud.make("vpc.v1.NetworkService/Move", &to("b1gother"));
    assert_eq!(moved, Network { folder_id: "b1gother".into(), ..made.network.clone() });
    let request = GetSubnetRequest { subnet_id: made.subnet.id.clone() };
    assert_eq!(cloud.ask::<Subnet>("vpc.v1.SubnetService/Get", &request).unwrap().folder_id, "b1gother");
    assert!(!networks(&cloud, FOLDER).contains(&moved));
    assert!(networks(&cloud, "b1gother").contains(&moved));
    // Its name came along.
    is_refused(
        cloud.order("vpc.v1.NetworkService/Create", &new_network("b1gother", "main")),
        Code::AlreadyExists,
        "Network with name main already exists",
    );
    let another: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let back = MoveNetworkRequest { network_id: another.id, destination_folder_id: "b1gother".into() };
    assert_eq!(refused(cloud.order("vpc.v1.NetworkService/Move", &back)).code, Code::AlreadyExists);
}

#[test]
fn operations_of_a_network_are_listed_newest_first() {
    let cloud = Cloud::start();
    let made: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let update = UpdateNetworkRequest { network_id: made.id.clone(), name: "other".into(), ..Default::default() };
    cloud.done(cloud.order("vpc.v1.NetworkService/Update", &update));
    let request = ListNetworkOperationsRequest { network_id: made.id, ..Default::default() };
    let listed: ListNetworkOperationsResponse = cloud.ask("vpc.v1.NetworkService/ListOperations", &request).unwrap();
    let descriptions: Vec<&str> = listed.operations.iter().map(|operation| operation.description.as_str()).collect();
    assert_eq!(descriptions, ["Update network", "Create network"]);
    let request = ListNetworkOperationsRequest { network_id: UNKNOWN.into(), ..Default::default() };
    let outcome = cloud.ask::<ListNetworkOperationsResponse>("vpc.v1.NetworkService/ListOperations", &request);
    is_refused(outcome, Code::NotFound, &format!("Network {UNKNOWN} not found"));
}

/// A route of a table.
fn route(prefix: &str, next_hop: Option<NextHop>) -> StaticRoute {
    let destination = Some(Destination::DestinationPrefix(prefix.into()));
    StaticRoute { destination, next_hop, ..Default::default() }
}

#[test]
fn a_route_table_has_one_good_route_for_each_range() {
    let cloud = Cloud::start();
    let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let hop = |address: &str| Some(NextHop::NextHopAddress(address.into()));
    let create = |static_routes: Vec<StaticRoute>| {
        let request = CreateRouteTableRequest { static_routes, ..new_table(&network, "", UNKNOWN) };
        cloud.order("vpc.v1.RouteTableService/Create", &request)
    };
    // The next hop may be an address that nobody has.
    cloud.done(create(vec![route("10.0.0.0/8", hop("10.0.0.9")), route("0.0.0.0/0", hop("10.0.0.9"))]));
    let twice = vec![route("10.0.0.0/8", hop("10.0.0.9")), route("10.0.0.0/8", hop("10.0.0.8"))];
    breaks(create(twice), "static_routes[1].destination_prefix");
    breaks(create(vec![route("169.254.1.0/24", hop("10.0.0.9"))]), "static_routes[0].destination_prefix");
    breaks(create(vec![route("10.0.0.0/8", hop("nowhere"))]), "static_routes[0].next_hop_address");
    breaks(create(vec![route("10.0.0.0/8", None)]), "static_routes[0].next_hop_address");
    let by_gateway = vec![route("10.0.0.0/8", Some(NextHop::GatewayId(UNKNOWN.into())))];
    breaks(create(by_gateway), "static_routes[0].destination_prefix");
    breaks(create(vec![StaticRoute::default()]), "static_routes[0].destination_prefix");
    let message = "Illegal argument Cannot parse CIDR: everywhere";
    is_refused(create(vec![route("everywhere", hop("10.0.0.9"))]), Code::InvalidArgument, message);
}

#[test]
fn a_gateway_stays_while_a_table_leads_to_it_and_a_table_while_a_subnet_has_it() {
    let cloud = Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    assert!(matches!(made.gateway.gateway, Some(gateway::Gateway::SharedEgressGateway(_))));
    let link = UpdateSubnetRequest {
        subnet_id: made.subnet.id.clone(),
        update_mask: mask(&["route_table_id"]),
        route_table_id: made.table.id.clone(),
        ..Default::default()
    };
    let linked: Subnet = cloud.make("vpc.v1.SubnetService/Update", &link);
    assert_eq!(linked, Subnet { route_table_id: made.table.id.clone(), ..made.subnet.clone() });
    let delete_gateway = DeleteGatewayRequest { gateway_id: made.gateway.id.clone() };
    let message = format!("Gateway {} is used by route table {}", made.gateway.id, made.table.id);
    is_refused(cloud.order("vpc.v1.GatewayService/Delete", &delete_gateway), Code::FailedPrecondition, &message);
    let delete_table = DeleteRouteTableRequest { route_table_id: made.table.id.clone() };
    let message = format!("Route table {} is used by subnet {}", made.table.id, made.subnet.id);
    is_refused(cloud.order("vpc.v1.RouteTableService/Delete", &delete_table), Code::FailedPrecondition, &message);
    // Without a value the mask unlinks it.
    let unlink = UpdateSubnetRequest { route_table_id: String::new(), ..link };
    assert_eq!(cloud.make::<Subnet>("vpc.v1.SubnetService/Update", &unlink), made.subnet);
    cloud.done(cloud.order("vpc.v1.RouteTableService/Delete", &delete_table));
    cloud.done(cloud.order("vpc.v1.GatewayService/Delete", &delete_gateway));
}

#[test]
fn a_name_of_a_gateway_is_small() {
    let cloud = Cloud::start();
    breaks(cloud.order("vpc.v1.GatewayService/Create", &new_gateway(FOLDER, "Main")), "name");
    cloud.done(cloud.order("vpc.v1.NetworkService/Create", &new_network(FOLDER, "Main")));
    let mut request = new_gateway(FOLDER, "main");
    request.labels.insert("a/b".into(), "c@d".into());
    cloud.done(cloud.order("vpc.v1.GatewayService/Create", &request));
}

#[test]
fn a_default_group_that_somebody_has_keeps_its_network() {
    let cloud = Cloud::start();
    let (first, second): (Network, Network) = (
        cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "first")),
        cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "second")),
    );
    let target = security_group_rule_spec::Target::SecurityGroupId(first.default_security_group_id.clone());
    let rule = SecurityGroupRuleSpec { target: Some(target), ..new_rule("tcp", 80) };
    let request = CreateSecurityGroupRequest { rule_specs: vec![rule], ..new_group(&second, "main") };
    let group: SecurityGroup = cloud.make("vpc.v1.SecurityGroupService/Create", &request);
    let message = format!("Security group with id {} not empty", first.default_security_group_id);
    is_refused(delete(&cloud, &first.id), Code::FailedPrecondition, &message);
    let request = DeleteSecurityGroupRequest { security_group_id: group.id };
    cloud.done(cloud.order("vpc.v1.SecurityGroupService/Delete", &request));
    cloud.done(delete(&cloud, &first.id));
}

#[test]
fn names_that_would_meet_in_one_folder_stand_in_the_way_of_a_move() {
    let cloud = Cloud::start();
    let made: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let first: Subnet = cloud.make("vpc.v1.SubnetService/Create", &new_subnet(&made, "same", "10.1.0.0/16"));
    let to = |subnet: &Subnet, folder: &str| MoveSubnetRequest {
        subnet_id: subnet.id.clone(),
        destination_folder_id: folder.into(),
    };
    cloud.done(cloud.order("vpc.v1.SubnetService/Move", &to(&first, "b1gother")));
    cloud.done(cloud.order("vpc.v1.SubnetService/Create", &new_subnet(&made, "same", "10.2.0.0/16")));
    let whole = MoveNetworkRequest { network_id: made.id, destination_folder_id: "b1gthird".into() };
    let outcome = cloud.order("vpc.v1.NetworkService/Move", &whole);
    is_refused(outcome, Code::AlreadyExists, "Subnet with name same already exists");
}

#[test]
fn what_a_folder_has_by_being_named_has_its_names() {
    let cloud = Cloud::start();
    let outcome = cloud.order("vpc.v1.NetworkService/Create", &new_network("b1gnew", "default"));
    is_refused(outcome, Code::AlreadyExists, "Network with name default already exists");
    cloud.done(cloud.order("vpc.v1.NetworkService/Create", &new_network("b1gnew", "other")));
}

#[test]
fn one_prefix_is_one_route_however_it_is_written() {
    let cloud = Cloud::start();
    let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    let hop = || Some(NextHop::NextHopAddress("10.0.0.9".into()));
    let static_routes = vec![route("10.0.0.0/8", hop()), route("10.0.0.1/8", hop())];
    let request = CreateRouteTableRequest { static_routes, ..new_table(&network, "", UNKNOWN) };
    let outcome = cloud.order("vpc.v1.RouteTableService/Create", &request);
    breaks(outcome, "static_routes[1].destination_prefix");
}
