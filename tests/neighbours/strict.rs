//! `--strict`: what a request refers to must exist.

use mdb_emulator::contract::proto::yandex::cloud::access::*;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::*;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::{Folder, GetFolderRequest};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;
use mdb_emulator::universe::network::DEFAULT_FOLDER;

use super::*;

fn strict() -> Cloud {
    Cloud::start_with(|options| options.strict = true)
}

/// Checks that a call is refused by a strict server since something is not found, and taken by another.
#[track_caller]
fn differs(call: &dyn Fn(&Cloud) -> Result<Operation, Status>, message: &str) {
    is_refused(call(&strict()), Code::NotFound, message);
    call(&Cloud::start()).unwrap();
}

#[test]
fn a_folder_must_have_been_made() {
    let not_found = "Folder b1gunknown not found";
    differs(&|cloud| cloud.order("vpc.v1.NetworkService/Create", &new_network("b1gunknown", "")), not_found);
    differs(
        &|cloud| {
            let request =
                redis::v1::CreateClusterRequest { folder_id: "b1gunknown".into(), ..Redis::new_cluster("main") };
            Redis::create(cloud, request)
        },
        not_found,
    );
    differs(
        &|cloud| {
            let mut request = Redis::new_cluster("main");
            request.folder_id = DEFAULT_FOLDER.into();
            let cluster_id = cloud.created_by::<Redis>(request);
            let destination_folder_id = "b1gunknown".to_owned();
            Redis::r#move(cloud, redis::v1::MoveClusterRequest { cluster_id, destination_folder_id })
        },
        not_found,
    );
    let cloud = strict();
    let get = GetFolderRequest { folder_id: "b1gunknown".into() };
    is_refused(cloud.ask::<Folder>("resourcemanager.v1.FolderService/Get", &get), Code::NotFound, not_found);
    let list = ListNetworksRequest { folder_id: "b1gunknown".into(), ..Default::default() };
    let listed = cloud.ask::<ListNetworksResponse>("vpc.v1.NetworkService/List", &list);
    is_refused(listed, Code::NotFound, not_found);
    let list = ListNetworksRequest { folder_id: DEFAULT_FOLDER.into(), ..Default::default() };
    assert_eq!(cloud.ask::<ListNetworksResponse>("vpc.v1.NetworkService/List", &list).unwrap().networks.len(), 1);
}

#[test]
fn networks_groups_keys_and_accounts_must_have_been_made() {
    type Change = fn(&mut sqlserver::v1::CreateClusterRequest);
    let changes: [(&str, Change); 4] = [
        ("Network", |request| request.network_id = UNKNOWN.into()),
        ("Security group", |request| request.security_group_ids = vec![UNKNOWN.into()]),
        ("Service account", |request| request.service_account_id = UNKNOWN.into()),
        ("Subnet", |request| request.host_specs[0].subnet_id = UNKNOWN.into()),
    ];
    for (title, change) in changes {
        let create = |cloud: &Cloud| {
            let mut request = SqlServer::new_cluster("main");
            request.folder_id = DEFAULT_FOLDER.into();
            change(&mut request);
            SqlServer::create(cloud, request)
        };
        differs(&create, &format!("{title} {UNKNOWN} not found"));
    }
    differs(
        &|cloud| {
            let mut request = Mysql::new_cluster("main");
            request.folder_id = DEFAULT_FOLDER.into();
            request.disk_encryption_key_id = Some(UNKNOWN.into());
            Mysql::create(cloud, request)
        },
        &format!("Symmetric key {UNKNOWN} not found"),
    );
    differs(
        &|cloud| {
            let mut request = Mysql::new_cluster("main");
            request.folder_id = DEFAULT_FOLDER.into();
            let cluster_id = cloud.created_by::<Mysql>(request);
            let mut request = mysql::v1::UpdateClusterRequest { cluster_id, ..Default::default() };
            request.security_group_ids = vec![UNKNOWN.into()];
            request.update_mask = mask(&["security_group_ids"]);
            Mysql::update(cloud, request)
        },
        &format!("Security group {UNKNOWN} not found"),
    );
}

#[test]
fn what_is_in_a_network_must_be_in_one_that_was_made() {
    let unknown = Network { id: UNKNOWN.into(), folder_id: DEFAULT_FOLDER.into(), ..Default::default() };
    let not_found = format!("Network {UNKNOWN} not found");
    differs(&|cloud| cloud.order("vpc.v1.SubnetService/Create", &new_subnet(&unknown, "", "10.0.0.0/16")), &not_found);
    differs(&|cloud| cloud.order("vpc.v1.SecurityGroupService/Create", &new_group(&unknown, "")), &not_found);
    differs(
        &|cloud| {
            let request = CreateRouteTableRequest { static_routes: Vec::new(), ..new_table(&unknown, "", "") };
            cloud.order("vpc.v1.RouteTableService/Create", &request)
        },
        &not_found,
    );
    differs(
        &|cloud| {
            let network = cloud.make("vpc.v1.NetworkService/Create", &new_network(DEFAULT_FOLDER, "main"));
            cloud.order("vpc.v1.RouteTableService/Create", &new_table(&network, "", UNKNOWN))
        },
        &format!("Gateway {UNKNOWN} not found"),
    );
    differs(
        &|cloud| {
            let network = cloud.make("vpc.v1.NetworkService/Create", &new_network(DEFAULT_FOLDER, "main"));
            let route_table_id = UNKNOWN.to_owned();
            let request = CreateSubnetRequest { route_table_id, ..new_subnet(&network, "", "10.0.0.0/16") };
            cloud.order("vpc.v1.SubnetService/Create", &request)
        },
        &format!("Route table {UNKNOWN} not found"),
    );
}

#[test]
fn an_account_that_acts_or_gets_a_role_must_have_been_made() {
    let cloud = strict();
    let not_found = format!("Service account {UNKNOWN} not found");
    let create = CreateKeyRequest { service_account_id: UNKNOWN.into(), ..Default::default() };
    is_refused(cloud.ask::<CreateKeyResponse>("iam.v1.KeyService/Create", &create), Code::NotFound, &not_found);
    let token = CreateIamTokenForServiceAccountRequest { service_account_id: UNKNOWN.into() };
    let token = cloud.ask::<CreateIamTokenResponse>("iam.v1.IamTokenService/CreateForServiceAccount", &token);
    is_refused(token, Code::NotFound, &not_found);
    let subject = Some(Subject { id: UNKNOWN.into(), r#type: "serviceAccount".into() });
    let access_bindings = vec![AccessBinding { role_id: "viewer".into(), subject }];
    let set = SetAccessBindingsRequest { resource_id: DEFAULT_FOLDER.into(), access_bindings };
    let rpc = "resourcemanager.v1.FolderService/SetAccessBindings";
    is_refused(cloud.order(rpc, &set), Code::NotFound, &not_found);
    Cloud::start().order(rpc, &set).unwrap();
}

#[test]
fn new_universes_are_as_strict() {
    use mdb_emulator::contract::proto::mdb::emulator::v1::{CreateUniverseRequest, ResetUniverseRequest};
    let cloud = strict();
    let create = CreateUniverseRequest { universe_id: "other".into(), ..Default::default() };
    cloud.run(cloud.universes().create(create)).unwrap();
    let reset = ResetUniverseRequest { universe_id: "default".into(), ..Default::default() };
    cloud.run(cloud.universes().reset(reset)).unwrap();
    for cloud in [cloud.in_universe("other"), cloud] {
        let outcome = cloud.order("vpc.v1.NetworkService/Create", &new_network("b1gunknown", ""));
        is_refused(outcome, Code::NotFound, "Folder b1gunknown not found");
    }
}

#[test]
fn what_is_gone_by_now_does_not_stand_in_the_way() {
    use mdb_emulator::contract::proto::yandex::cloud::kms::v1::{DeleteSymmetricKeyRequest, SymmetricKey};
    let cloud = strict();
    let key: SymmetricKey = cloud.make("kms.v1.SymmetricKeyService/Create", &new_key(DEFAULT_FOLDER, "main"));
    let mut request = Mysql::new_cluster("main");
    request.folder_id = DEFAULT_FOLDER.into();
    request.disk_encryption_key_id = Some(key.id.clone());
    let cluster_id = cloud.created_by::<Mysql>(request);
    let delete = DeleteSymmetricKeyRequest { key_id: key.id };
    cloud.done(cloud.order("kms.v1.SymmetricKeyService/Delete", &delete));
    let mut request = mysql::v1::UpdateClusterRequest { cluster_id, ..Default::default() };
    request.description = "changed".into();
    request.update_mask = mask(&["description"]);
    cloud.done(Mysql::update(&cloud, request));

    let account: ServiceAccount =
        cloud.make("iam.v1.ServiceAccountService/Create", &new_account(DEFAULT_FOLDER, "robot"));
    let subject = Some(Subject { id: account.id.clone(), r#type: "serviceAccount".into() });
    let binding = AccessBinding { role_id: "viewer".into(), subject };
    let set = SetAccessBindingsRequest { resource_id: DEFAULT_FOLDER.into(), access_bindings: vec![binding.clone()] };
    cloud.done(cloud.order("resourcemanager.v1.FolderService/SetAccessBindings", &set));
    let delete = DeleteServiceAccountRequest { service_account_id: account.id };
    cloud.done(cloud.order("iam.v1.ServiceAccountService/Delete", &delete));
    let update = |action: AccessBindingAction| {
        let delta = AccessBindingDelta { action: action as i32, access_binding: Some(binding.clone()) };
        let request =
            UpdateAccessBindingsRequest { resource_id: DEFAULT_FOLDER.into(), access_binding_deltas: vec![delta] };
        cloud.order("resourcemanager.v1.FolderService/UpdateAccessBindings", &request)
    };
    assert_eq!(refused(update(AccessBindingAction::Add)).code, Code::NotFound);
    cloud.done(update(AccessBindingAction::Remove));
}

#[test]
fn lists_are_of_what_was_made() {
    let cloud = strict();
    let request = redis::v1::ListClustersRequest { folder_id: "b1gunknown".into(), ..Default::default() };
    is_refused(Redis::list(&cloud, request), Code::NotFound, "Folder b1gunknown not found");
    let request = redis::v1::ListBackupsRequest { folder_id: "b1gunknown".into(), ..Default::default() };
    is_refused(Redis::list_backups(&cloud, request), Code::NotFound, "Folder b1gunknown not found");
    let request = ListKeysRequest { service_account_id: UNKNOWN.into(), ..Default::default() };
    let listed = cloud.ask::<ListKeysResponse>("iam.v1.KeyService/List", &request);
    is_refused(listed, Code::NotFound, &format!("Service account {UNKNOWN} not found"));
}
