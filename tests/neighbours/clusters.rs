//! Clusters in networks: which subnet a host is in, and what cannot be deleted by that.

use mdb_emulator::contract::proto::yandex::cloud::vpc::v1::*;

use super::*;

for_every_engine! {
    a_host_is_in_a_subnet_of_its_clusters_network
    a_network_without_a_subnet_in_the_hosts_zone_is_refused
    a_subnet_of_a_host_is_where_the_host_is
}

for_every_managed_engine! {
    a_host_that_is_added_is_in_a_subnet_of_its_clusters_network
}

/// A network with a subnet in each zone.
fn network(cloud: &Cloud, zones: &[&str]) -> (Network, Vec<Subnet>) {
    let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(FOLDER, ""));
    let subnet = |(number, zone): (usize, &&str)| {
        let block = format!("10.{number}.0.0/16");
        let request = CreateSubnetRequest { zone_id: (*zone).into(), ..new_subnet(&network, "", &block) };
        cloud.make("vpc.v1.SubnetService/Create", &request)
    };
    let subnets = zones.iter().enumerate().map(subnet).collect();
    (network, subnets)
}

const ALL: [&str; 4] = ["ru-central1-a", "ru-central1-b", "ru-central1-c", "ru-central1-d"];

fn hosts<E: Sample>(cloud: &Cloud, cluster: &str) -> Vec<(String, String)> {
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    let hosts = E::list_hosts(cloud, request).unwrap();
    hosts.hosts().iter().map(|host| (host.zone_id().to_owned(), host.subnet_id().to_owned())).collect()
}

fn a_host_is_in_a_subnet_of_its_clusters_network<E: Sample>() {
    let cloud = Cloud::start();
    let (network, subnets) = network(&cloud, &ALL);
    let mut request = E::new_cluster("main");
    request.set_network_id(network.id);
    let cluster = cloud.created_by::<E>(request);
    let listed = hosts::<E>(&cloud, &cluster);
    assert!(!listed.is_empty());
    for (zone, id) in &listed {
        assert!(subnets.iter().any(|subnet| subnet.id == *id && subnet.zone_id == *zone), "{zone}: {id}");
    }
    let delete = DeleteSubnetRequest { subnet_id: listed[0].1.clone() };
    let message = "Subnet has allocated instances";
    is_refused(cloud.order("vpc.v1.SubnetService/Delete", &delete), Code::FailedPrecondition, message);
    // Restored into another network, its hosts are there.
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(MINUTE);
    let (other, others) = self::network(&cloud, &ALL);
    let mut request = E::restore_of(&backup, "restored");
    request.set_network_id(other.id);
    let restored = cloud.restored::<E>(request);
    for (_, id) in hosts::<E>(&cloud, &restored) {
        assert!(others.iter().any(|subnet| subnet.id == id));
    }
    cloud.delete::<E>(&cluster);
    cloud.done(cloud.order("vpc.v1.SubnetService/Delete", &delete));
}

fn a_network_without_a_subnet_in_the_hosts_zone_is_refused<E: Sample>() {
    let cloud = Cloud::start();
    let (network, _) = network(&cloud, &["kz1-a"]);
    let mut request = E::new_cluster("main");
    let zone = request.host_specs()[0].zone_id().to_owned();
    request.set_network_id(network.id.clone());
    let refusal = refused(E::create(&cloud, request));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["host_specs[0].subnet_id".to_owned()]));
    let rule = format!("network {} has no subnet in zone {zone}", network.id);
    assert!(refusal.message.contains(&rule), "{}", refusal.message);
}

fn a_subnet_of_a_host_is_where_the_host_is<E: Sample>() {
    let cloud = Cloud::start();
    let (network, subnets) = network(&cloud, &ALL);
    let (other, others) = self::network(&cloud, &ALL);
    let create = |subnet: &Subnet| {
        let mut request = E::new_cluster("main");
        request.set_network_id(network.id.clone());
        let mut specs = request.host_specs().to_vec();
        specs[0].set_subnet_id(subnet.id.clone());
        request.set_host_specs(specs);
        E::create(&cloud, request)
    };
    let zone = E::new_cluster("main").host_specs()[0].zone_id().to_owned();
    let in_zone = |subnets: &[Subnet]| subnets.iter().find(|subnet| subnet.zone_id == zone).unwrap().clone();
    let elsewhere = subnets.iter().find(|subnet| subnet.zone_id != zone).unwrap();
    breaks(create(elsewhere), "host_specs[0].subnet_id");
    assert_ne!(other.id, network.id);
    breaks(create(&in_zone(&others)), "host_specs[0].subnet_id");
    cloud.done(create(&in_zone(&subnets)));
}

fn a_host_that_is_added_is_in_a_subnet_of_its_clusters_network<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let (network, subnets) = network(&cloud, &ALL);
    let mut request = E::new_cluster("main");
    request.set_network_id(network.id.clone());
    let added = request.host_specs()[..1].to_vec();
    let cluster = cloud.created_by::<E>(request);
    let add = |zone: &str| {
        let mut specs = added.clone();
        specs[0].set_zone_id(zone.into());
        let mut request = E::AddClusterHostsRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_host_specs(specs);
        E::add_hosts(&cloud, request)
    };
    // In the folder's default network there would be one.
    let in_d = subnets.iter().find(|subnet| subnet.zone_id == "ru-central1-d").unwrap();
    let delete = DeleteSubnetRequest { subnet_id: in_d.id.clone() };
    cloud.done(cloud.order("vpc.v1.SubnetService/Delete", &delete));
    let refusal = refused(add("ru-central1-d"));
    let rule = format!("network {} has no subnet in zone ru-central1-d", network.id);
    assert!(refusal.about == ["host_specs[0].subnet_id"] && refusal.message.contains(&rule), "{refusal:?}");
    cloud.done(add("ru-central1-c"));
    let in_c = subnets.iter().find(|subnet| subnet.zone_id == "ru-central1-c").unwrap();
    assert_eq!(hosts::<E>(&cloud, &cluster).last().unwrap().1, in_c.id);
}

#[test]
fn a_folder_that_was_made_has_no_network_of_its_own() {
    let cloud = Cloud::start();
    use mdb_emulator::contract::proto::yandex::cloud::resourcemanager::v1::{CreateFolderRequest, Folder};
    let cloud_id = mdb_emulator::universe::network::CLOUD.to_owned();
    let create = CreateFolderRequest { cloud_id, name: "made".into(), ..Default::default() };
    let folder: Folder = cloud.make("resourcemanager.v1.FolderService/Create", &create);
    let list = ListNetworksRequest { folder_id: folder.id.clone(), ..Default::default() };
    assert_eq!(cloud.ask::<ListNetworksResponse>("vpc.v1.NetworkService/List", &list).unwrap().networks, []);
    let request = redis::v1::CreateClusterRequest { folder_id: folder.id.clone(), ..Redis::new_cluster("main") };
    breaks(Redis::create(&cloud, request.clone()), "network_id");
    let network: Network = cloud.make("vpc.v1.NetworkService/Create", &new_network(&folder.id, "default"));
    for (number, zone) in ALL.iter().enumerate() {
        let block = format!("10.{number}.0.0/16");
        let subnet = CreateSubnetRequest { zone_id: (*zone).into(), ..new_subnet(&network, "", &block) };
        cloud.done(cloud.order("vpc.v1.SubnetService/Create", &subnet));
    }
    let cluster = cloud.created_by::<Redis>(request);
    assert_eq!(cloud.cluster::<Redis>(&cluster).network_id, network.id);
}
