//! Networks, subnets and security groups: those of a folder are where its clusters are.

use std::collections::BTreeMap;

use mdb_emulator::contract::proto::mdb::emulator::v1::{CreateUniverseRequest, ForkUniverseRequest};
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::network_service_client::NetworkServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::security_group_service_client::SecurityGroupServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::subnet_service_client::SubnetServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::{
    GetNetworkRequest, GetSecurityGroupRequest, GetSubnetRequest, ListNetworkSecurityGroupsRequest,
    ListNetworkSubnetsRequest, ListNetworksRequest, ListSecurityGroupsRequest, ListSubnetsRequest, ListSubnetsResponse,
    Network, SecurityGroup, Subnet, security_group,
};

use crate::*;

const ZONES: [&str; 5] = ["ru-central1-a", "ru-central1-b", "ru-central1-c", "ru-central1-d", "kz1-a"];
const UNKNOWN: &str = "enp00000000000000000";

fn networks(cloud: &Cloud, folder: &str, filter: &str) -> Result<Vec<Network>, Status> {
    let request = ListNetworksRequest { folder_id: folder.into(), filter: filter.into(), ..Default::default() };
    let request = cloud.request(request);
    cloud.run(NetworkServiceClient::new(cloud.channel()).list(request)).map(|reply| reply.into_inner().networks)
}

fn network(cloud: &Cloud, id: &str) -> Result<Network, Status> {
    let request = cloud.request(GetNetworkRequest { network_id: id.into() });
    cloud.run(NetworkServiceClient::new(cloud.channel()).get(request)).map(Response::into_inner)
}

fn subnet_page(cloud: &Cloud, request: ListSubnetsRequest) -> Result<ListSubnetsResponse, Status> {
    cloud.run(SubnetServiceClient::new(cloud.channel()).list(cloud.request(request))).map(Response::into_inner)
}

fn subnets(cloud: &Cloud, folder: &str, filter: &str) -> Result<Vec<Subnet>, Status> {
    let request = ListSubnetsRequest { folder_id: folder.into(), filter: filter.into(), ..Default::default() };
    subnet_page(cloud, request).map(|reply| reply.subnets)
}

fn subnet(cloud: &Cloud, id: &str) -> Result<Subnet, Status> {
    let request = cloud.request(GetSubnetRequest { subnet_id: id.into() });
    cloud.run(SubnetServiceClient::new(cloud.channel()).get(request)).map(Response::into_inner)
}

fn groups(cloud: &Cloud, folder: &str, filter: &str) -> Result<Vec<SecurityGroup>, Status> {
    let request = ListSecurityGroupsRequest { folder_id: folder.into(), filter: filter.into(), ..Default::default() };
    let request = cloud.request(request);
    let reply = cloud.run(SecurityGroupServiceClient::new(cloud.channel()).list(request));
    reply.map(|reply| reply.into_inner().security_groups)
}

fn group(cloud: &Cloud, id: &str) -> Result<SecurityGroup, Status> {
    let request = cloud.request(GetSecurityGroupRequest { security_group_id: id.into() });
    cloud.run(SecurityGroupServiceClient::new(cloud.channel()).get(request)).map(Response::into_inner)
}

/// The subnets of a cluster's hosts, by zone.
fn subnets_of_hosts<E: Sample>(cloud: &Cloud, cluster: &str) -> BTreeMap<String, String> {
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    let hosts = E::list_hosts(cloud, request).unwrap();
    hosts.hosts().iter().map(|host| (host.zone_id().to_owned(), host.subnet_id().to_owned())).collect()
}

#[test]
fn a_folder_has_one_network_with_a_subnet_in_each_zone_and_a_security_group() {
    let cloud = Cloud::start();
    // Any folder that is named, clusters or not.
    for folder in [FOLDER, "b1gdefault0000000000", "b1g00000000000000007"] {
        let listed = networks(&cloud, folder, "").unwrap();
        let [one] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((one.name.as_str(), one.folder_id.as_str()), ("default", folder));
        assert!(one.id.starts_with("enp") && one.id.len() == 20, "{}", one.id);
        assert_eq!(one.created_at, Some(cloud.now()));
        assert_eq!(network(&cloud, &one.id).unwrap(), *one);

        let listed = subnets(&cloud, folder, "").unwrap();
        let zones: Vec<&str> = listed.iter().map(|subnet| subnet.zone_id.as_str()).collect();
        assert_eq!(zones, ZONES);
        let mut blocks = std::collections::BTreeSet::new();
        for one_of_them in &listed {
            assert_eq!((one_of_them.network_id.as_str(), one_of_them.folder_id.as_str()), (one.id.as_str(), folder));
            assert_eq!(one_of_them.name, format!("default-{}", one_of_them.zone_id));
            blocks.extend(one_of_them.v4_cidr_blocks.clone());
            assert_eq!(subnet(&cloud, &one_of_them.id).unwrap(), *one_of_them);
        }
        assert_eq!(blocks.len(), ZONES.len(), "no two have the same addresses: {blocks:?}");
        let request = ListNetworkSubnetsRequest { network_id: one.id.clone(), ..Default::default() };
        let reply = cloud.run(NetworkServiceClient::new(cloud.channel()).list_subnets(request)).unwrap().into_inner();
        assert_eq!(reply.subnets, listed);

        let listed = groups(&cloud, folder, "").unwrap();
        let [default] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!(default.id, one.default_security_group_id);
        assert_eq!((default.network_id.as_str(), default.folder_id.as_str()), (one.id.as_str(), folder));
        assert_eq!((default.default_for_network, default.status), (true, security_group::Status::Active as i32));
        assert_eq!(group(&cloud, &default.id).unwrap(), *default);
        let request = ListNetworkSecurityGroupsRequest { network_id: one.id.clone(), ..Default::default() };
        let reply = cloud.run(NetworkServiceClient::new(cloud.channel()).list_security_groups(request)).unwrap();
        assert_eq!(reply.into_inner().security_groups, listed);
    }
}

for_every_engine! {
    a_cluster_is_in_the_network_of_its_folder
}

/// Whether the folder is looked at before or after the cluster is made.
fn a_cluster_is_in_the_network_of_its_folder<E: Sample>() {
    let (first, second) = (Cloud::start(), Cloud::start());
    let listed = subnets(&first, FOLDER, "").unwrap();
    for cloud in [first, second] {
        let mut request = E::new_cluster("main");
        request.set_network_id(networks(&cloud, FOLDER, "").unwrap()[0].id.clone());
        let named = subnets_of_hosts::<E>(&cloud, &cloud.created_by::<E>(request));
        assert!(!named.is_empty());
        for (zone, id) in named {
            assert_eq!(subnet(&cloud, &id).unwrap().zone_id, zone);
            assert!(listed.iter().any(|subnet| subnet.id == id), "{id}");
        }
        assert_eq!(subnets(&cloud, FOLDER, "").unwrap(), listed);
    }
}

#[test]
fn what_a_request_leaves_out_is_the_folders_own() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let network_id = cloud.cluster::<Redis>(&cluster).network_id;
    let shown = network(&cloud, &network_id).unwrap();
    assert_eq!(shown.folder_id, FOLDER);
    assert_eq!(networks(&cloud, FOLDER, "").unwrap(), [shown]);
    for id in subnets_of_hosts::<Redis>(&cloud, &cluster).values() {
        assert_eq!(subnet(&cloud, id).unwrap().network_id, network_id);
    }
}

#[test]
fn an_id_that_is_not_known_is_taken_as_given() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.network_id = UNKNOWN.into();
    let cluster = cloud.created_by::<Redis>(request);
    assert_eq!(cloud.cluster::<Redis>(&cluster).network_id, UNKNOWN);
    for id in subnets_of_hosts::<Redis>(&cloud, &cluster).values() {
        assert_eq!(refused(subnet(&cloud, id)).code, Code::NotFound);
    }
    assert_ne!(networks(&cloud, FOLDER, "").unwrap()[0].id, UNKNOWN);
}

#[test]
fn what_no_folder_has_is_not_found() {
    let cloud = Cloud::start();
    let one = networks(&cloud, FOLDER, "").unwrap().swap_remove(0);
    let subnet_id = subnets(&cloud, FOLDER, "").unwrap().swap_remove(0).id;
    #[track_caller]
    fn not_found<T>(outcome: Result<T, Status>, message: &str, about: [&str; 2]) {
        let refusal = refused(outcome);
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::NotFound, message));
        assert_eq!(refusal.about, about);
    }
    // Also the id of something else.
    for id in [UNKNOWN, "nonsense", &subnet_id, &one.default_security_group_id] {
        not_found(network(&cloud, id), &format!("Network {id} not found"), ["vpc.network", id]);
    }
    for id in [UNKNOWN, "nonsense", &one.id] {
        not_found(subnet(&cloud, id), &format!("Subnet {id} not found"), ["vpc.subnet", id]);
        let message = format!("Security group {id} not found");
        not_found(group(&cloud, id), &message, ["vpc.securityGroup", id]);
    }
    let request = ListNetworkSubnetsRequest { network_id: UNKNOWN.into(), ..Default::default() };
    let outcome = cloud.run(NetworkServiceClient::new(cloud.channel()).list_subnets(request));
    not_found(outcome, &format!("Network {UNKNOWN} not found"), ["vpc.network", UNKNOWN]);
}

#[test]
fn lists_are_filtered_by_name() {
    let cloud = Cloud::start();
    assert_eq!(networks(&cloud, FOLDER, "name = \"default\"").unwrap().len(), 1);
    assert_eq!(networks(&cloud, FOLDER, "name=\"other\"").unwrap(), []);
    let found = subnets(&cloud, FOLDER, "name=\"default-ru-central1-b\"").unwrap();
    assert_eq!(found.iter().map(|subnet| subnet.zone_id.as_str()).collect::<Vec<_>>(), ["ru-central1-b"]);
    let name = groups(&cloud, FOLDER, "").unwrap()[0].name.clone();
    assert_eq!(groups(&cloud, FOLDER, &format!("name=\"{name}\"")).unwrap().len(), 1);
    assert_eq!(groups(&cloud, FOLDER, "name=\"default\"").unwrap(), []);
    let folder = "b1g00000000000000007";
    for outcome in [
        networks(&cloud, folder, "zone_id=\"x\"").map(drop),
        subnets(&cloud, folder, "zone_id=\"x\"").map(drop),
        groups(&cloud, folder, "zone_id=\"x\"").map(drop),
    ] {
        assert_eq!(refused(outcome).about, ["filter"]);
    }
}

#[test]
fn lists_come_in_pages() {
    let cloud = Cloud::start();
    let all = subnets(&cloud, FOLDER, "").unwrap();
    let page = |page_size, page_token: &str, folder: &str| {
        let request = ListSubnetsRequest {
            folder_id: folder.into(),
            page_size,
            page_token: page_token.into(),
            ..ListSubnetsRequest::default()
        };
        subnet_page(&cloud, request)
    };
    let first = page(2, "", FOLDER).unwrap();
    let second = page(2, &first.next_page_token, FOLDER).unwrap();
    let third = page(2, &second.next_page_token, FOLDER).unwrap();
    assert_eq!(third.next_page_token, "");
    assert_eq!([first.subnets, second.subnets.clone(), third.subnets].concat(), all);
    for outcome in [page(2, &second.next_page_token, "another"), page(2, "nonsense", FOLDER)] {
        assert_eq!(refused(outcome).about, ["page_token"]);
    }
    assert_eq!(refused(page(1001, "", FOLDER)).about, ["page_size"]);
    assert_eq!(refused(page(-1, "", FOLDER)).about, ["page_size"]);
}

#[test]
fn a_list_needs_a_folder() {
    let cloud = Cloud::start();
    let long = "f".repeat(51);
    for (folder, rule) in [("", "is required"), (&long, "must have at most 50 characters, but has 51")] {
        let outcomes = [
            networks(&cloud, folder, "").map(drop),
            subnets(&cloud, folder, "").map(drop),
            groups(&cloud, folder, "").map(drop),
        ];
        for outcome in outcomes {
            let refusal = refused(outcome);
            assert_eq!(refusal.code, Code::InvalidArgument);
            assert_eq!(refusal.message, format!("Request validation error:\n- folder_id: {rule}"));
        }
    }
}

#[test]
fn each_universe_has_networks_of_its_own_and_a_fork_those_of_its_origin() {
    let cloud = Cloud::start();
    let listed = networks(&cloud, FOLDER, "").unwrap();
    let create = CreateUniverseRequest { universe_id: "other".into(), seed: 8, ..CreateUniverseRequest::default() };
    cloud.run(cloud.universes().create(create)).unwrap();
    let fork = ForkUniverseRequest { source_universe_id: "default".into(), universe_id: "fork".into() };
    cloud.run(cloud.universes().fork(fork)).unwrap();
    let (other, fork) = (cloud.in_universe("other"), cloud.in_universe("fork"));
    assert_eq!(network(&fork, &listed[0].id).unwrap(), listed[0]);
    assert_eq!(refused(network(&other, &listed[0].id)).code, Code::NotFound);
    assert_ne!(networks(&other, FOLDER, "").unwrap()[0].id, listed[0].id);
    assert_eq!(networks(&Cloud::start(), FOLDER, "").unwrap(), listed, "the same seed and calls give the same");
}

#[test]
fn the_demonstration_is_in_the_network_of_its_folder_whatever_the_seed() {
    let folder = mdb_emulator::demo::FOLDER;
    for seed in [0, 7] {
        let cloud = Cloud::start_with(|options| {
            options.demo = true;
            options.seed = mdb_emulator::universe::Seed(seed);
        });
        let [one] = networks(&cloud, folder, "").unwrap().try_into().unwrap();
        let request = spqr::v1::ListClustersRequest { folder_id: folder.into(), ..Default::default() };
        let clusters = Spqr::list(&cloud, request).unwrap().clusters;
        assert_eq!(clusters.iter().map(|cluster| cluster.network_id.as_str()).collect::<Vec<_>>(), [one.id.as_str()]);
        let mut request = Redis::new_cluster("another");
        request.folder_id = folder.into();
        cloud.created_by::<Redis>(request);
        let request = redis::v1::ListClustersRequest { folder_id: folder.into(), ..Default::default() };
        let clusters = Redis::list(&cloud, request).unwrap().clusters;
        assert_eq!(clusters.len(), 2, "the one of the demonstration, and one made since");
        for cluster in clusters {
            assert_eq!(cluster.network_id, one.id);
            for (zone, id) in subnets_of_hosts::<Redis>(&cloud, &cluster.id) {
                assert_eq!(subnet(&cloud, &id).unwrap().zone_id, zone);
            }
        }
    }
}
