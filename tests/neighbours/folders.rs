//! Folders and clouds that are made, and that are deleted with all that is in them.

use mdb_emulator::contract::proto::yandex::cloud::access::*;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::*;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::{
    GetSubnetRequest, ListNetworksRequest, ListNetworksResponse, Subnet,
};
use mdb_emulator::universe::KindName;
use mdb_emulator::universe::network::CLOUD;

use super::*;

const SERVICE: &str = "resourcemanager.v1.FolderService";
const CLOUDS: &str = "resourcemanager.v1.CloudService";
type CloudView = mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::Cloud;

fn create(cloud: &super::Cloud, cloud_id: &str, name: &str) -> Result<Operation, Status> {
    let request = CreateFolderRequest { cloud_id: cloud_id.into(), name: name.into(), ..Default::default() };
    cloud.order(&format!("{SERVICE}/Create"), &request)
}

fn get(cloud: &super::Cloud, id: &str) -> Result<Folder, Status> {
    cloud.ask(&format!("{SERVICE}/Get"), &GetFolderRequest { folder_id: id.into() })
}

/// Deletes a folder, so many seconds from now if that is told.
fn delete(cloud: &super::Cloud, id: &str, seconds: Option<i64>) -> Result<Operation, Status> {
    let delete_after = seconds.map(|seconds| after(&cloud.now(), seconds));
    cloud.order(&format!("{SERVICE}/Delete"), &DeleteFolderRequest { folder_id: id.into(), delete_after })
}

fn metadata(operation: &Operation) -> DeleteFolderMetadata {
    operation.metadata.as_ref().unwrap().to_msg().unwrap()
}

fn new_cloud(cloud: &super::Cloud, name: &str) -> CloudView {
    let organization_id = "bpf00000000000000001".to_owned();
    cloud.make(
        &format!("{CLOUDS}/Create"),
        &CreateCloudRequest { name: name.into(), organization_id, ..Default::default() },
    )
}

#[test]
fn a_folder_is_made_in_its_cloud() {
    let cloud = super::Cloud::start();
    let made: Folder = response(&cloud.done(create(&cloud, CLOUD, "made")));
    assert!(made.id.starts_with("b1g"));
    assert_eq!((made.cloud_id.as_str(), made.status()), (CLOUD, folder::Status::Active));
    assert_eq!(get(&cloud, &made.id).unwrap(), made);
    is_refused(create(&cloud, CLOUD, "made"), Code::AlreadyExists, "Folder with name made already exists");
    let second = new_cloud(&cloud, "second");
    cloud.done(create(&cloud, &second.id, "made"));
    is_refused(create(&cloud, "b1gnothing", "other"), Code::NotFound, "Cloud b1gnothing not found");
    breaks(create(&cloud, CLOUD, "Made"), "name");
    let update = UpdateFolderRequest {
        folder_id: made.id.clone(),
        update_mask: mask(&["description"]),
        description: "changed".into(),
        ..Default::default()
    };
    let changed: Folder = cloud.make(&format!("{SERVICE}/Update"), &update);
    assert_eq!(changed, Folder { description: "changed".into(), ..made });
    // A folder that is only named can be changed too.
    let update = UpdateFolderRequest { folder_id: "b1gnamed".into(), name: "renamed".into(), ..Default::default() };
    cloud.done(cloud.order(&format!("{SERVICE}/Update"), &update));
    assert_eq!(get(&cloud, "b1gnamed").unwrap().name, "renamed");
    let list = ListNetworksRequest { folder_id: "b1gnamed".into(), ..Default::default() };
    assert_eq!(cloud.ask::<ListNetworksResponse>("vpc.v1.NetworkService/List", &list).unwrap().networks.len(), 1);
}

#[test]
fn a_folder_waits_a_day_and_is_deleted_with_all_that_is_in_it() {
    let cloud = super::Cloud::start();
    let made = Neighbours::made(&cloud, FOLDER);
    let (redis, mysql) = (cloud.created::<Redis>("main"), cloud.created::<Mysql>("main"));
    cloud.backed_up::<Redis>(&redis);
    cloud.stop::<Mysql>(&mysql);
    let begun = delete(&cloud, FOLDER, None).unwrap();
    assert_eq!(begun.description, "Delete folder");
    let delete_after = Some(after(&cloud.now(), DAY));
    assert_eq!(metadata(&begun), DeleteFolderMetadata { folder_id: FOLDER.into(), delete_after, ..Default::default() });
    cloud.advance(DAY - 1);
    assert_eq!(get(&cloud, FOLDER).unwrap().status(), folder::Status::PendingDeletion);
    assert!(!cloud.operation(&begun.id).unwrap().done);
    assert_eq!(cloud.cluster::<Redis>(&redis).status, STOPPED, "what is in it stands still");
    let message = format!("Folder {FOLDER} is PENDING_DELETION");
    is_refused(Redis::create(&cloud, Redis::new_cluster("late")), Code::FailedPrecondition, &message);
    let network = cloud.order("vpc.v1.NetworkService/Create", &new_network(FOLDER, "late"));
    is_refused(network, Code::FailedPrecondition, &message);
    cloud.advance(1);
    assert!(cloud.operation(&begun.id).unwrap().done);
    is_refused(get(&cloud, FOLDER), Code::NotFound, &format!("Folder {FOLDER} not found"));
    is_refused(
        cloud.ask::<Subnet>("vpc.v1.SubnetService/Get", &GetSubnetRequest { subnet_id: made.subnet.id.clone() }),
        Code::NotFound,
        &format!("Subnet {} not found", made.subnet.id),
    );
    let mut request = redis::v1::GetClusterRequest::default();
    request.set_cluster_id(redis);
    assert_eq!(refused(Redis::get(&cloud, request)).code, Code::NotFound);
    assert_eq!(cloud.backups_in::<Redis>(FOLDER).len(), 0);
    // It does not come back by being named.
    let outcome = Redis::create(&cloud, Redis::new_cluster("main"));
    is_refused(outcome, Code::NotFound, &format!("Folder {FOLDER} not found"));
    let universe = cloud.value();
    assert_eq!((universe.cluster_count(), universe.backup_count()), (0, 0));
}

#[test]
fn a_deletion_can_be_cancelled_as_long_as_it_waits() {
    let cloud = super::Cloud::start().with_header("x-request-id", "one");
    let (running, stopped) = (cloud.created::<Redis>("running"), cloud.created::<Redis>("stopped"));
    cloud.stop::<Redis>(&stopped);
    let begun = delete(&cloud, FOLDER, Some(HOUR)).unwrap();
    cloud.advance(MINUTE);
    let cancelled = cloud.cancel(&begun.id).unwrap();
    assert_eq!(error_of(&cancelled).0, Code::Cancelled as i32);
    let told = metadata(&cancelled);
    assert_eq!((told.cancelled_by.as_str(), told.cancelled_at), (begun.created_by.as_str(), Some(cloud.now())));
    assert_eq!(get(&cloud, FOLDER).unwrap().status(), folder::Status::Active);
    assert_eq!(cloud.cluster::<Redis>(&running).status, RUNNING);
    assert_eq!(cloud.cluster::<Redis>(&stopped).status, STOPPED);
    cloud.advance(HOUR);
    assert_eq!(cloud.cluster::<Redis>(&running).status, RUNNING);
}

#[test]
fn a_deletion_at_once_takes_its_time() {
    let cloud = super::Cloud::slow(600);
    let made: Folder = {
        let begun = create(&cloud, CLOUD, "made").unwrap();
        response(&cloud.operation(&begun.id).unwrap())
    };
    let begun = delete(&cloud, &made.id, Some(-HOUR)).unwrap();
    cloud.advance(599);
    assert_eq!(get(&cloud, &made.id).unwrap().status(), folder::Status::Deleting);
    assert!(!cloud.operation(&begun.id).unwrap().done);
    cloud.advance(1);
    assert!(cloud.operation(&begun.id).unwrap().done);
    assert_eq!(refused(get(&cloud, &made.id)).code, Code::NotFound);
}

#[test]
fn a_folder_with_a_protected_cluster_is_active_again() {
    let cloud = super::Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.deletion_protection = true;
    let cluster = cloud.created_by::<Redis>(request);
    cloud.created::<Mysql>("other");
    let begun = delete(&cloud, FOLDER, Some(0)).unwrap();
    let ended = cloud.operation(&begun.id).unwrap();
    let message = format!("Folder holds cluster {cluster}, which has deletion protection");
    assert_eq!(error_of(&ended), (Code::FailedPrecondition as i32, message.as_str()));
    assert_eq!(get(&cloud, FOLDER).unwrap().status(), folder::Status::Active);
    assert_eq!(cloud.cluster::<Redis>(&cluster).status, RUNNING);
    assert_eq!(cloud.value().cluster_count(), 2);
}

#[test]
fn what_is_in_flight_in_a_folder_ends_with_it() {
    let cloud = super::Cloud::slow(600);
    let created = Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    let account = cloud.order("iam.v1.ServiceAccountService/Create", &new_account(FOLDER, "robot")).unwrap();
    cloud.advance(600);
    let cluster: redis::v1::Cluster = response(&cloud.operation(&created.id).unwrap());
    let account: mdb_emulator::contract::proto::yandex::cloud::iam::v1::ServiceAccount =
        response(&cloud.operation(&account.id).unwrap());
    let deletion = delete(&cloud, FOLDER, Some(-DAY)).unwrap();
    cloud.advance(300);
    let mut request = redis::v1::UpdateClusterRequest { cluster_id: cluster.id.clone(), ..Default::default() };
    request.description = "changed".into();
    request.update_mask = mask(&["description"]);
    let update = Redis::update(&cloud, request).unwrap();
    let bind = |service: &str, resource_id: &str| {
        let access_bindings = vec![binding("viewer", "user-1")];
        let request = SetAccessBindingsRequest { resource_id: resource_id.into(), access_bindings };
        cloud.order(&format!("{service}/SetAccessBindings"), &request).unwrap()
    };
    let of_cluster = bind("mdb.redis.v1.ClusterService", &cluster.id);
    let of_account = bind("iam.v1.ServiceAccountService", &account.id);
    cloud.advance(600);
    assert!(matches!(cloud.operation(&deletion.id).unwrap().result, Some(operation::Result::Response(_))));
    for ended in [update, of_cluster, of_account] {
        let message = "What the operation was on has been deleted meanwhile";
        let ended = cloud.operation(&ended.id).unwrap();
        assert_eq!(error_of(&ended), (Code::Aborted as i32, message));
    }
    assert_eq!(cloud.value().cluster_count(), 0);
}

#[test]
fn clusters_stand_still_in_a_folder_that_waits_and_run_again_when_it_stays() {
    let cloud = super::Cloud::slow(600);
    let created = Redis::create(&cloud, Redis::new_cluster("main")).unwrap();
    cloud.advance(600);
    let id = response::<redis::v1::Cluster>(&cloud.operation(&created.id).unwrap()).id;
    let change = |description: &str| {
        let mut request = redis::v1::UpdateClusterRequest { cluster_id: id.clone(), ..Default::default() };
        request.description = description.into();
        request.update_mask = mask(&["description"]);
        Redis::update(&cloud, request).unwrap()
    };
    // One that is being changed stands still afterwards.
    change("before");
    let deletion = delete(&cloud, FOLDER, None).unwrap();
    cloud.advance(600);
    assert_eq!(cloud.cluster::<Redis>(&id).status, STOPPED);
    let start = redis::v1::StartClusterRequest { cluster_id: id.clone() };
    let message = format!("Folder {FOLDER} is PENDING_DELETION");
    is_refused(Redis::start(&cloud, start), Code::FailedPrecondition, &message);
    // And one that is being changed when the deletion is cancelled runs afterwards.
    change("meanwhile");
    cloud.cancel(&deletion.id).unwrap();
    cloud.advance(600);
    assert_eq!(cloud.cluster::<Redis>(&id).status, RUNNING);
}

#[test]
fn a_folders_own_deletion_ends_with_its_cloud() {
    let cloud = super::Cloud::start();
    let second = new_cloud(&cloud, "second");
    let made: Folder = response(&cloud.done(create(&cloud, &second.id, "made")));
    let waiting = delete(&cloud, &made.id, Some(1000 * DAY)).unwrap();
    let request = DeleteCloudRequest { cloud_id: second.id, delete_after: Some(cloud.now()) };
    cloud.done(cloud.order(&format!("{CLOUDS}/Delete"), &request));
    assert_eq!(error_of(&cloud.operation(&waiting.id).unwrap()).0, Code::Aborted as i32);
}

#[test]
fn a_name_belongs_to_the_folder_that_was_made() {
    let cloud = super::Cloud::start();
    let made: Folder = response(&cloud.done(create(&cloud, CLOUD, "shared")));
    // A folder whose id is that name comes into being, and goes.
    cloud.done(cloud.order("vpc.v1.NetworkService/Create", &new_network("shared", "other")));
    cloud.done(delete(&cloud, "shared", Some(0)));
    is_refused(create(&cloud, CLOUD, "shared"), Code::AlreadyExists, "Folder with name shared already exists");
    cloud.done(delete(&cloud, &made.id, Some(0)));
    cloud.done(create(&cloud, CLOUD, "shared"));
}

#[test]
fn a_folder_whose_id_is_no_name_can_be_changed() {
    let cloud = super::Cloud::start();
    let update = UpdateFolderRequest {
        folder_id: "F_1".into(),
        update_mask: mask(&["description"]),
        description: "changed".into(),
        ..Default::default()
    };
    let changed: Folder = cloud.make(&format!("{SERVICE}/Update"), &update);
    assert_eq!((changed.name.as_str(), changed.description.as_str()), ("F_1", "changed"));
    let wrong = UpdateFolderRequest { update_mask: mask(&["name"]), name: "G_1".into(), ..update };
    breaks(cloud.order(&format!("{SERVICE}/Update"), &wrong), "name");
}

#[test]
fn two_that_are_on_their_way_do_not_take_the_last_owner() {
    let cloud = super::Cloud::slow(600);
    let organization_id = "bpf00000000000000001".to_owned();
    let request = CreateCloudRequest { name: "made".into(), organization_id, ..Default::default() };
    let begun = cloud.order(&format!("{CLOUDS}/Create"), &request).unwrap();
    let made: CloudView = response(&cloud.operation(&begun.id).unwrap());
    let owners = [binding("resource-manager.clouds.owner", "one"), binding("resource-manager.clouds.owner", "two")];
    let set = SetAccessBindingsRequest { resource_id: made.id.clone(), access_bindings: owners.to_vec() };
    cloud.order(&format!("{CLOUDS}/SetAccessBindings"), &set).unwrap();
    cloud.advance(600);
    let remove = |owner: &AccessBinding| {
        let action = AccessBindingAction::Remove as i32;
        let delta = AccessBindingDelta { action, access_binding: Some(owner.clone()) };
        let request = UpdateAccessBindingsRequest { resource_id: made.id.clone(), access_binding_deltas: vec![delta] };
        cloud.order(&format!("{CLOUDS}/UpdateAccessBindings"), &request).unwrap()
    };
    let (first, second) = (remove(&owners[0]), remove(&owners[1]));
    cloud.advance(600);
    assert!(matches!(cloud.operation(&first.id).unwrap().result, Some(operation::Result::Response(_))));
    assert_eq!(error_of(&cloud.operation(&second.id).unwrap()).0, Code::FailedPrecondition as i32);
}

#[test]
fn a_policy_denies_the_deletion() {
    let cloud = super::Cloud::start();
    let second = new_cloud(&cloud, "second");
    let made: Folder = response(&cloud.done(create(&cloud, &second.id, "made")));
    let bind = |service: &str, id: &str, policy: &str| {
        let access_policy_template_id = policy.to_owned();
        let policy = AccessPolicyBinding { access_policy_template_id, ..Default::default() };
        let request = BindAccessPolicyRequest { resource_id: id.into(), access_policy_binding: Some(policy) };
        cloud.order(&format!("{service}/BindAccessPolicy"), &request)
    };
    let unbind = |service: &str, id: &str, policy: &str| {
        let request = UnbindAccessPolicyRequest { resource_id: id.into(), access_policy_template_id: policy.into() };
        cloud.order(&format!("{service}/UnbindAccessPolicy"), &request)
    };
    let delete_cloud = || {
        let request = DeleteCloudRequest { cloud_id: second.id.clone(), delete_after: Some(cloud.now()) };
        cloud.order(&format!("{CLOUDS}/Delete"), &request)
    };
    let (of_folders, of_clouds) = ("resourceManager.denyFolderRemoval", "resourceManager.denyCloudRemoval");
    cloud.done(bind(SERVICE, &made.id, of_folders));
    assert_eq!(refused(bind(SERVICE, &made.id, of_folders)).code, Code::AlreadyExists);
    assert_eq!(refused(delete(&cloud, &made.id, Some(0))).code, Code::PermissionDenied);
    assert_eq!(refused(delete_cloud()).code, Code::PermissionDenied);
    cloud.done(unbind(SERVICE, &made.id, of_folders));
    assert_eq!(refused(unbind(SERVICE, &made.id, of_folders)).code, Code::NotFound);
    cloud.done(bind(CLOUDS, &second.id, of_folders));
    assert_eq!(refused(delete(&cloud, &made.id, Some(0))).code, Code::PermissionDenied);
    cloud.done(unbind(CLOUDS, &second.id, of_folders));
    cloud.done(bind(CLOUDS, &second.id, of_clouds));
    assert_eq!(refused(delete_cloud()).code, Code::PermissionDenied);
    cloud.done(unbind(CLOUDS, &second.id, of_clouds));
    cloud.done(delete_cloud());
    assert_eq!(refused(get(&cloud, &made.id)).code, Code::NotFound, "a cloud goes with its folders");
    breaks(bind(SERVICE, FOLDER, "no.such"), "access_policy_binding.access_policy_template_id");
    let own = DeleteCloudRequest { cloud_id: CLOUD.into(), delete_after: Some(cloud.now()) };
    assert_eq!(refused(cloud.order(&format!("{CLOUDS}/Delete"), &own)).code, Code::FailedPrecondition);
}

#[test]
fn policies_are_listed_with_their_parameters() {
    let cloud = super::Cloud::start();
    let policy = |id: &str, value: &str| AccessPolicyBinding {
        access_policy_template_id: id.into(),
        parameters: [("key".to_owned(), value.to_owned())].into(),
    };
    let bind = |policy| BindAccessPolicyRequest { resource_id: FOLDER.into(), access_policy_binding: Some(policy) };
    let (first, second) = ("serverless.restrictPrivateNetworkInvocation", "serverless.restrictPublicInvocation");
    for id in [second, first] {
        cloud.done(cloud.order(&format!("{SERVICE}/BindAccessPolicy"), &bind(policy(id, "one"))));
    }
    let change = |policy| UpdateAccessPolicyBindingParametersRequest {
        resource_id: FOLDER.into(),
        access_policy_binding: Some(policy),
    };
    let update = format!("{SERVICE}/UpdateAccessPolicyBindingParameters");
    cloud.done(cloud.order(&update, &change(policy(second, "two"))));
    let unknown = change(policy("resourceManager.denyFolderRemoval", "x"));
    assert_eq!(refused(cloud.order(&update, &unknown)).code, Code::NotFound);
    let page = |page_token: String| {
        let request = ListAccessPolicyBindingsRequest { resource_id: FOLDER.into(), page_size: 1, page_token };
        let rpc = format!("{SERVICE}/ListAccessPolicyBindings");
        cloud.ask::<ListAccessPolicyBindingsResponse>(&rpc, &request).unwrap()
    };
    let one = page(String::new());
    let two = page(one.next_page_token);
    assert_eq!(one.access_policy_bindings, [policy(first, "one")]);
    assert_eq!((two.access_policy_bindings, two.next_page_token), (vec![policy(second, "two")], String::new()));
}

#[test]
fn a_cloud_keeps_an_owner() {
    let cloud = super::Cloud::start();
    let made = new_cloud(&cloud, "made");
    let list = || {
        let request = ListAccessBindingsRequest { resource_id: made.id.clone(), ..Default::default() };
        let rpc = format!("{CLOUDS}/ListAccessBindings");
        cloud.ask::<ListAccessBindingsResponse>(&rpc, &request).unwrap().access_bindings
    };
    let bindings = list();
    assert_eq!(bindings.len(), 1);
    assert_eq!(bindings[0].role_id, "resource-manager.clouds.owner");
    let set = |access_bindings| {
        let request = SetAccessBindingsRequest { resource_id: made.id.clone(), access_bindings };
        cloud.order(&format!("{CLOUDS}/SetAccessBindings"), &request)
    };
    assert_eq!(refused(set(Vec::new())).about, ["LAST_OWNER"]);
    cloud.done(set(vec![binding("resource-manager.clouds.owner", "aje00000000000000001")]));
    assert_eq!(list(), [binding("resource-manager.clouds.owner", "aje00000000000000001")]);
}

#[test]
fn nothing_is_made_in_what_is_being_deleted() {
    let cloud = super::Cloud::start();
    // A folder that nobody has named yet.
    delete(&cloud, "b1gnew", None).unwrap();
    assert_eq!(get(&cloud, "b1gnew").unwrap().status(), folder::Status::PendingDeletion);
    let network = cloud.order("vpc.v1.NetworkService/Create", &new_network("b1gnew", "late"));
    is_refused(network, Code::FailedPrecondition, "Folder b1gnew is PENDING_DELETION");
    let second = new_cloud(&cloud, "second");
    let made: Folder = response(&cloud.done(create(&cloud, &second.id, "made")));
    let request = DeleteCloudRequest { cloud_id: second.id.clone(), delete_after: None };
    cloud.order(&format!("{CLOUDS}/Delete"), &request).unwrap();
    let message = format!("Cloud {} is PENDING_DELETION", second.id);
    is_refused(create(&cloud, &second.id, "late"), Code::FailedPrecondition, &message);
    let network = cloud.order("vpc.v1.NetworkService/Create", &new_network(&made.id, "late"));
    assert_eq!(refused(network).code, Code::FailedPrecondition);
}

#[test]
fn a_cluster_stays_in_its_cloud() {
    let cloud = super::Cloud::start();
    let second = new_cloud(&cloud, "second");
    let made: Folder = response(&cloud.done(create(&cloud, &second.id, "made")));
    let cluster_id = cloud.created::<Redis>("main");
    let request = redis::v1::MoveClusterRequest { cluster_id, destination_folder_id: made.id };
    breaks(Redis::r#move(&cloud, request), "destination_folder_id");
}

#[test]
fn a_folder_that_is_only_named_has_operations() {
    let cloud = super::Cloud::start();
    let request = ListFolderOperationsRequest { folder_id: "b1gnamed".into(), ..Default::default() };
    let list = || cloud.ask::<ListFolderOperationsResponse>(&format!("{SERVICE}/ListOperations"), &request);
    assert_eq!(list().unwrap().operations, []);
    let deletion = delete(&cloud, "b1gnamed", None).unwrap();
    assert_eq!(list().unwrap().operations[0].id, deletion.id);
}

#[test]
fn a_large_folder_is_deleted_part_by_part() {
    let cloud = super::Cloud::start();
    let second = new_cloud(&cloud, "second");
    for name in ["one", "two"] {
        let made: Folder = response(&cloud.done(create(&cloud, &second.id, name)));
        for _ in 0..250 {
            cloud.order("vpc.v1.GatewayService/Create", &new_gateway(&made.id, "")).unwrap();
        }
    }
    cloud.created::<Redis>("elsewhere");
    let before = cloud.value();
    let request = DeleteCloudRequest { cloud_id: second.id.clone(), delete_after: Some(cloud.now()) };
    cloud.done(cloud.order(&format!("{CLOUDS}/Delete"), &request));
    let after = cloud.value();
    assert!(before.resources_of(KindName::Folder, &second.id, 0).count() == 2);
    assert!(after.resources_of(KindName::Folder, &second.id, 0).count() == 0);
    for (_, folder) in before.resources_of(KindName::Folder, &second.id, 0) {
        assert_eq!(before.resources_of(KindName::Gateway, folder.id.as_str(), 0).count(), 250);
        assert_eq!(after.resources_of(KindName::Gateway, folder.id.as_str(), 0).count(), 0);
    }
    assert_eq!(after.cluster_count(), 1, "what is elsewhere stays");
}
