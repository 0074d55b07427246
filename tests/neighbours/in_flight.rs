//! Operations that take time: what they will use stays, what they delete is refused to others, and what fails leaves no trace.

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;

use super::*;

/// A network, made on a server where each operation takes ten minutes.
fn network(cloud: &Cloud) -> Network {
    let begun = cloud.order("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main")).unwrap();
    cloud.advance(600);
    response(&cloud.operation(&begun.id).unwrap())
}

fn conflict(operation: &Operation) -> String {
    format!("conflicting operation \"{}\" detected", operation.id)
}

#[test]
fn a_resource_is_there_when_its_operation_is_done() {
    let cloud = Cloud::slow(600);
    let begun = cloud.order("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main")).unwrap();
    let metadata: CreateNetworkMetadata = begun.metadata.as_ref().unwrap().to_msg().unwrap();
    let get = GetNetworkRequest { network_id: metadata.network_id.clone() };
    assert_eq!(refused(cloud.ask::<Network>("vpc.v1.NetworkService/Get", &get)).code, Code::NotFound);
    let list = ListNetworkOperationsRequest { network_id: metadata.network_id.clone(), ..Default::default() };
    let listed: ListNetworkOperationsResponse = cloud.ask("vpc.v1.NetworkService/ListOperations", &list).unwrap();
    assert_eq!(listed.operations[0].id, begun.id);
    // Its name is taken from the beginning, and given back if it is cancelled.
    let again = || cloud.order("vpc.v1.NetworkService/Create", &new_network(FOLDER, "main"));
    is_refused(again(), Code::AlreadyExists, "Network with name main already exists");
    cloud.cancel(&begun.id).unwrap();
    assert_eq!(refused(cloud.ask::<Network>("vpc.v1.NetworkService/Get", &get)).code, Code::NotFound);
    let second = again().unwrap();
    cloud.advance(600);
    let made: Network = response(&cloud.operation(&second.id).unwrap());
    assert_ne!(made.id, metadata.network_id);
}

#[test]
fn one_operation_at_a_time_changes_a_resource() {
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let rename = |name: &str| {
        let request = UpdateNetworkRequest { network_id: made.id.clone(), name: name.into(), ..Default::default() };
        cloud.order("vpc.v1.NetworkService/Update", &request)
    };
    let first = rename("first").unwrap();
    is_refused(rename("second"), Code::FailedPrecondition, &conflict(&first));
    let delete = DeleteNetworkRequest { network_id: made.id.clone() };
    is_refused(cloud.order("vpc.v1.NetworkService/Delete", &delete), Code::FailedPrecondition, &conflict(&first));
    cloud.advance(600);
    rename("second").unwrap();
}

#[test]
fn what_an_operation_in_flight_will_use_stays() {
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let delete = || cloud.order("vpc.v1.NetworkService/Delete", &DeleteNetworkRequest { network_id: made.id.clone() });
    let subnet = cloud.order("vpc.v1.SubnetService/Create", &new_subnet(&made, "main", "10.0.0.0/16")).unwrap();
    is_refused(delete(), Code::FailedPrecondition, &format!("Network {} is not empty", made.id));
    cloud.cancel(&subnet.id).unwrap();
    let deletion = delete().unwrap();
    // And what one deletes is refused to others.
    let subnet = cloud.order("vpc.v1.SubnetService/Create", &new_subnet(&made, "main", "10.0.0.0/16"));
    is_refused(subnet, Code::FailedPrecondition, &conflict(&deletion));
    let update = UpdateSecurityGroupRequest {
        security_group_id: made.default_security_group_id.clone(),
        name: "x".into(),
        ..Default::default()
    };
    let update = || cloud.order("vpc.v1.SecurityGroupService/Update", &update);
    is_refused(update(), Code::FailedPrecondition, &conflict(&deletion));
    cloud.cancel(&deletion.id).unwrap();
    update().unwrap();
}

#[test]
fn a_cluster_cannot_be_made_in_a_network_that_is_being_deleted() {
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let mut ids = Vec::new();
    for (number, zone) in ["ru-central1-a", "ru-central1-b", "ru-central1-d"].iter().enumerate() {
        let block = format!("10.{number}.0.0/16");
        let request = CreateSubnetRequest { zone_id: (*zone).into(), ..new_subnet(&made, "", &block) };
        let begun = cloud.order("vpc.v1.SubnetService/Create", &request).unwrap();
        ids.push(begun.metadata.as_ref().unwrap().to_msg::<CreateSubnetMetadata>().unwrap().subnet_id);
    }
    cloud.advance(600);
    let mut request = Redis::new_cluster("main");
    request.network_id = made.id;
    let zones: Vec<String> = request.host_specs.iter().map(|host| host.zone_id.clone()).collect();
    let subnet_id = ids[if zones[0] == "ru-central1-a" {
        0
    } else if zones[0] == "ru-central1-b" {
        1
    } else {
        2
    }]
    .clone();
    let delete = || cloud.order("vpc.v1.SubnetService/Delete", &DeleteSubnetRequest { subnet_id: subnet_id.clone() });
    let deletion = delete().unwrap();
    is_refused(Redis::create(&cloud, request.clone()), Code::FailedPrecondition, &conflict(&deletion));
    cloud.cancel(&deletion.id).unwrap();
    let creation = Redis::create(&cloud, request).unwrap();
    is_refused(delete(), Code::FailedPrecondition, "Subnet has allocated instances");
    cloud.cancel(&creation.id).unwrap();
    delete().unwrap();
}

#[test]
fn hosts_that_are_on_their_way_use_their_subnet() {
    let cloud = Cloud::slow(600);
    let mut request = Mysql::new_cluster("main");
    let zone = "ru-central1-d".to_owned();
    request.host_specs.iter_mut().for_each(|host| host.zone_id = "ru-central1-a".into());
    let created = Mysql::create(&cloud, request.clone()).unwrap();
    cloud.advance(600);
    let cluster: mysql::v1::Cluster = response(&cloud.operation(&created.id).unwrap());
    let list = ListSubnetsRequest { folder_id: FOLDER.into(), ..Default::default() };
    let subnets: ListSubnetsResponse = cloud.ask("vpc.v1.SubnetService/List", &list).unwrap();
    let subnet_id = subnets.subnets.into_iter().find(|subnet| subnet.zone_id == zone).unwrap().id;
    let host_specs = vec![mysql::v1::HostSpec { zone_id: zone, ..request.host_specs[0].clone() }];
    let add = mysql::v1::AddClusterHostsRequest { cluster_id: cluster.id, host_specs };
    let adding = Mysql::add_hosts(&cloud, add).unwrap();
    let delete = || cloud.order("vpc.v1.SubnetService/Delete", &DeleteSubnetRequest { subnet_id: subnet_id.clone() });
    is_refused(delete(), Code::FailedPrecondition, "Subnet has allocated instances");
    cloud.cancel(&adding.id).unwrap();
    delete().unwrap();
}

#[test]
fn a_subnet_that_moves_along_is_not_changed_meanwhile() {
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let begun = cloud.order("vpc.v1.SubnetService/Create", &new_subnet(&made, "main", "10.0.0.0/16")).unwrap();
    cloud.advance(600);
    let subnet: Subnet = response(&cloud.operation(&begun.id).unwrap());
    let to = MoveNetworkRequest { network_id: made.id, destination_folder_id: "b1gother".into() };
    let moving = cloud.order("vpc.v1.NetworkService/Move", &to).unwrap();
    let rename = || {
        let request = UpdateSubnetRequest { subnet_id: subnet.id.clone(), name: "other".into(), ..Default::default() };
        cloud.order("vpc.v1.SubnetService/Update", &request)
    };
    is_refused(rename(), Code::FailedPrecondition, &conflict(&moving));
    cloud.advance(600);
    let renaming = rename().unwrap();
    let back = MoveNetworkRequest { destination_folder_id: FOLDER.into(), ..to };
    is_refused(cloud.order("vpc.v1.NetworkService/Move", &back), Code::FailedPrecondition, &conflict(&renaming));
    cloud.advance(600);
    let renamed: Subnet = response(&cloud.operation(&renaming.id).unwrap());
    assert_eq!((renamed.name.as_str(), renamed.folder_id.as_str()), ("other", "b1gother"));
}

#[test]
fn a_group_shows_what_is_done_to_it() {
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let begun = cloud.order("vpc.v1.SecurityGroupService/Create", &new_group(&made, "main")).unwrap();
    cloud.advance(600);
    let group: SecurityGroup = response(&cloud.operation(&begun.id).unwrap());
    let status = || {
        let request = GetSecurityGroupRequest { security_group_id: group.id.clone() };
        cloud.ask::<SecurityGroup>("vpc.v1.SecurityGroupService/Get", &request).map(|group| group.status())
    };
    assert_eq!(status().unwrap(), security_group::Status::Active);
    let rename =
        UpdateSecurityGroupRequest { security_group_id: group.id.clone(), name: "x".into(), ..Default::default() };
    cloud.order("vpc.v1.SecurityGroupService/Update", &rename).unwrap();
    assert_eq!(status().unwrap(), security_group::Status::Updating);
    cloud.advance(600);
    let delete = DeleteSecurityGroupRequest { security_group_id: group.id.clone() };
    cloud.order("vpc.v1.SecurityGroupService/Delete", &delete).unwrap();
    assert_eq!(status().unwrap(), security_group::Status::Deleting);
    cloud.advance(600);
    assert_eq!(refused(status()).code, Code::NotFound);
}

#[test]
fn an_account_that_a_cluster_is_about_to_act_as_stays() {
    use mdb_emulator::contract::proto::yandex::cloud::iam::v1::{DeleteServiceAccountRequest, ServiceAccount};
    let cloud = Cloud::slow(600);
    let begun = cloud.order("iam.v1.ServiceAccountService/Create", &new_account(FOLDER, "robot")).unwrap();
    let created = SqlServer::create(&cloud, SqlServer::new_cluster("main")).unwrap();
    cloud.advance(600);
    let account: ServiceAccount = response(&cloud.operation(&begun.id).unwrap());
    let cluster: sqlserver::v1::Cluster = response(&cloud.operation(&created.id).unwrap());
    let mut request = sqlserver::v1::UpdateClusterRequest { cluster_id: cluster.id, ..Default::default() };
    request.service_account_id.clone_from(&account.id);
    request.update_mask = mask(&["service_account_id"]);
    let update = SqlServer::update(&cloud, request).unwrap();
    let delete = DeleteServiceAccountRequest { service_account_id: account.id.clone() };
    let delete = || cloud.order("iam.v1.ServiceAccountService/Delete", &delete);
    let message = format!("Service account {} is used by an operation in flight", account.id);
    is_refused(delete(), Code::FailedPrecondition, &message);
    cloud.cancel(&update.id).unwrap();
    delete().unwrap();
}

#[test]
fn no_two_ranges_that_are_on_their_way_overlap() {
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let create = |name: &str, block: &str| cloud.order("vpc.v1.SubnetService/Create", &new_subnet(&made, name, block));
    create("first", "10.1.0.0/16").unwrap();
    breaks(create("second", "10.1.7.0/24"), "v4_cidr_blocks[0]");
    // While a network moves, its subnets are where they were and where they will be.
    cloud.advance(600);
    let to = MoveNetworkRequest { network_id: made.id.clone(), destination_folder_id: "b1gother".into() };
    cloud.order("vpc.v1.NetworkService/Move", &to).unwrap();
    breaks(create("second", "10.1.7.0/24"), "v4_cidr_blocks[0]");
    create("second", "10.2.0.0/24").unwrap();
}

#[test]
fn a_range_stays_in_which_an_address_is_about_to_be() {
    use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::create_address_request::AddressSpec;
    use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::internal_ipv4_address_spec::Scope;
    let cloud = Cloud::slow(600);
    let made = network(&cloud);
    let mut request = new_subnet(&made, "main", "10.1.0.0/24");
    request.v4_cidr_blocks.push("10.2.0.0/24".into());
    let begun = cloud.order("vpc.v1.SubnetService/Create", &request).unwrap();
    cloud.advance(600);
    let subnet: Subnet = response(&cloud.operation(&begun.id).unwrap());
    let scope = Some(Scope::SubnetId(subnet.id.clone()));
    let spec = InternalIpv4AddressSpec { address: "10.2.0.9".into(), scope };
    let address_spec = Some(AddressSpec::InternalIpv4AddressSpec(spec));
    let address = CreateAddressRequest { folder_id: FOLDER.into(), address_spec, ..Default::default() };
    let coming = cloud.order("vpc.v1.AddressService/Create", &address).unwrap();
    let remove = || {
        let request =
            RemoveSubnetCidrBlocksRequest { subnet_id: subnet.id.clone(), v4_cidr_blocks: vec!["10.2.0.0/24".into()] };
        cloud.order("vpc.v1.SubnetService/RemoveCidrBlocks", &request)
    };
    is_refused(remove(), Code::FailedPrecondition, "Subnet has allocated instances");
    cloud.cancel(&coming.id).unwrap();
    remove().unwrap();
}

#[test]
fn a_network_that_never_came_is_nobodys_default() {
    use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::{CreateFolderRequest, Folder};
    let cloud = Cloud::slow(600);
    let cloud_id = mdb_emulator::universe::network::CLOUD.to_owned();
    let create = CreateFolderRequest { cloud_id, name: "made".into(), ..Default::default() };
    let begun = cloud.order("resourcemanager.v1.FolderService/Create", &create).unwrap();
    let folder: Folder = response(&cloud.operation(&begun.id).unwrap());
    cloud.order("vpc.v1.NetworkService/Create", &new_network(&folder.id, "default")).unwrap();
    let request = redis::v1::CreateClusterRequest { folder_id: folder.id, ..Redis::new_cluster("main") };
    breaks(Redis::create(&cloud, request), "network_id");
}
