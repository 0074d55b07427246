//! Folders and clouds: a folder comes into being when something is made or listed in it, and there is one cloud for all of them.

use mdb_emulator::contract::Kind;
use mdb_emulator::contract::proto::mdb::emulator::v1::ResetUniverseRequest;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::cloud_service_client::CloudServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::folder_service_client::FolderServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::{
    Cloud as CloudView, Folder, GetCloudRequest, GetFolderRequest, ListCloudsRequest, ListFoldersRequest,
    ListFoldersResponse, folder,
};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::ListNetworksRequest;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::network_service_client::NetworkServiceClient;
use mdb_emulator::universe::network::{CLOUD, DEFAULT_FOLDER};

use crate::*;

fn folder_page(cloud: &Cloud, request: ListFoldersRequest) -> Result<ListFoldersResponse, Status> {
    cloud.run(FolderServiceClient::new(cloud.channel()).list(cloud.request(request))).map(Response::into_inner)
}

fn ids(cloud: &Cloud) -> Vec<String> {
    let request = ListFoldersRequest { cloud_id: CLOUD.into(), ..ListFoldersRequest::default() };
    folder_page(cloud, request).unwrap().folders.into_iter().map(|folder| folder.id).collect()
}

fn folder(cloud: &Cloud, id: &str) -> Result<Folder, Status> {
    let request = cloud.request(GetFolderRequest { folder_id: id.into() });
    cloud.run(FolderServiceClient::new(cloud.channel()).get(request)).map(Response::into_inner)
}

/// Lists the networks of a folder, which comes into being by that.
fn listed(cloud: &Cloud, id: &str) {
    let request = cloud.request(ListNetworksRequest { folder_id: id.into(), ..ListNetworksRequest::default() });
    cloud.run(NetworkServiceClient::new(cloud.channel()).list(request)).unwrap();
}

fn clouds(cloud: &Cloud, request: ListCloudsRequest) -> Vec<CloudView> {
    cloud.run(CloudServiceClient::new(cloud.channel()).list(cloud.request(request))).unwrap().into_inner().clouds
}

#[test]
fn there_is_a_folder_from_the_beginning_and_each_that_something_is_made_in() {
    let cloud = Cloud::start();
    let beginning = cloud.now();
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER]);
    let default = folder(&cloud, DEFAULT_FOLDER).unwrap();
    assert_eq!((default.name.as_str(), default.cloud_id.as_str()), ("default", CLOUD));
    assert_eq!((default.created_at, default.status), (Some(beginning), folder::Status::Active as i32));

    cloud.advance(HOUR);
    let cluster = cloud.created::<Redis>("main");
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER, FOLDER]);
    let named_at = cloud.now();
    cloud.advance(HOUR);
    let shown = folder(&cloud, FOLDER).unwrap();
    assert_eq!((shown.name.as_str(), shown.created_at), (FOLDER, Some(named_at)));

    let request = redis::v1::MoveClusterRequest { cluster_id: cluster, destination_folder_id: "moved-there".into() };
    cloud.done(Redis::r#move(&cloud, request));
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER, FOLDER, "moved-there"]);
}

#[test]
fn a_folder_that_is_looked_at_is_shown_and_not_kept() {
    let cloud = Cloud::start();
    let first = folder(&cloud, "looked-at").unwrap();
    assert_eq!((first.id.as_str(), first.name.as_str(), first.cloud_id.as_str()), ("looked-at", "looked-at", CLOUD));
    assert_eq!((first.created_at, first.status), (Some(cloud.now()), folder::Status::Active as i32));
    cloud.advance(HOUR);
    let later = folder(&cloud, "looked-at").unwrap();
    assert_eq!(later, Folder { created_at: Some(cloud.now()), ..first }, "it comes into being when it is named");
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER]);

    listed(&cloud, "looked-at");
    cloud.advance(HOUR);
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER, "looked-at"]);
    assert_eq!(folder(&cloud, "looked-at").unwrap(), later, "as it was shown");
    let get = "/yandex.cloud.resourcemanager.v1.FolderService/Get";
    let method = METHODS.iter().find(|method| method.path == get).unwrap();
    assert_eq!(method.kind, Kind::Read, "it takes no lock");
}

#[test]
fn a_refused_call_names_no_folder() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.host_specs[0].zone_id = "mars-a".into();
    assert!(Redis::create(&cloud, request).is_err());
    assert_eq!(refused(folder(&cloud, "")).about, ["folder_id"]);
    assert_eq!(refused(folder(&cloud, &"f".repeat(51))).about, ["folder_id"]);
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER]);
}

#[test]
fn a_reset_universe_has_forgotten_its_folders() {
    let cloud = Cloud::start();
    cloud.created::<Redis>("main");
    let reset = ResetUniverseRequest { universe_id: "default".into(), ..ResetUniverseRequest::default() };
    cloud.run(cloud.universes().reset(reset)).unwrap();
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER]);
}

#[test]
fn the_folder_of_the_demonstration_has_its_name() {
    let cloud = Cloud::start_with(|options| options.demo = true);
    assert_eq!(ids(&cloud), [DEFAULT_FOLDER, mdb_emulator::demo::FOLDER]);
    assert_eq!(folder(&cloud, mdb_emulator::demo::FOLDER).unwrap().name, "demo");
}

#[test]
fn folders_are_filtered_by_name_and_come_in_pages() {
    let cloud = Cloud::start();
    for number in 0..5 {
        listed(&cloud, &format!("folder-{number}"));
    }
    let page = |filter: &str, page_size, page_token: &str| {
        let (filter, page_token) = (filter.into(), page_token.into());
        folder_page(&cloud, ListFoldersRequest { cloud_id: CLOUD.into(), page_size, page_token, filter })
    };
    let found = page("name=\"default\"", 0, "").unwrap();
    assert_eq!((found.folders.len(), found.folders[0].id.as_str()), (1, DEFAULT_FOLDER));
    assert!(page("name=\"no-such\"", 0, "").unwrap().folders.is_empty());
    assert_eq!(refused(page("id=\"x\"", 0, "")).about, ["filter"]);

    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let reply = page("", 2, &token).unwrap();
        // One that comes behind the page does not spoil the next.
        listed(&cloud, "folder-0a");
        paged.extend(reply.folders.into_iter().map(|folder| folder.id));
        token = reply.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, ids(&cloud));
    assert_eq!(refused(page("", 0, "nonsense")).about, ["page_token"]);
}

#[test]
fn there_is_one_cloud() {
    let cloud = Cloud::start();
    let listed = clouds(&cloud, ListCloudsRequest::default());
    let [one] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((one.id.as_str(), one.name.as_str(), one.created_at), (CLOUD, "default", Some(cloud.now())));
    assert!(one.organization_id.starts_with("bpf"), "{}", one.organization_id);
    let get = |id: &str| {
        let request = cloud.request(GetCloudRequest { cloud_id: id.into() });
        cloud.run(CloudServiceClient::new(cloud.channel()).get(request)).map(Response::into_inner)
    };
    assert_eq!(get(CLOUD).unwrap(), *one);
    let of = |organization_id: &str| {
        clouds(&cloud, ListCloudsRequest { organization_id: organization_id.into(), ..Default::default() })
    };
    assert_eq!(of(&one.organization_id), listed);
    assert_eq!(of("bpf00000000000000000"), []);
    let named =
        |name: &str| clouds(&cloud, ListCloudsRequest { filter: format!("name=\"{name}\""), ..Default::default() });
    assert_eq!((named("default").len(), named("other").len()), (1, 0));

    let message = "Cloud b1gother not found".to_owned();
    let request = ListFoldersRequest { cloud_id: "b1gother".into(), ..ListFoldersRequest::default() };
    for refusal in [refused(get("b1gother")), refused(folder_page(&cloud, request))] {
        assert_eq!((refusal.code, &refusal.message), (Code::NotFound, &message));
        assert_eq!(refusal.about, ["resource-manager.cloud", "b1gother"]);
    }
    assert_eq!(refused(folder_page(&cloud, ListFoldersRequest::default())).about, ["cloud_id"]);
}
