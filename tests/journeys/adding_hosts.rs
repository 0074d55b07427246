//! AddHosts: what becomes of a cluster that gets more hosts.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::service::Type as RedisService;
use mdb_emulator::contract::proto::yandex::cloud::mdb::spqr::v1::host::{Role as SpqrRole, Type as SpqrHost};
use tonic::Status;

const MASTER: i32 = 1;
const REPLICA: i32 = 2;

for_every_managed_engine! {
    a_host_joins_those_that_are_there
    names_are_told_from_the_first_reply_on_and_hosts_shown_in_the_end
    cancelled_it_leaves_the_cluster_as_it_was
    hosts_that_come_after_cancelled_ones_have_names_of_their_own
    pages_stay_right_while_hosts_are_added
    what_is_wrong_with_a_host_is_named_by_its_place_in_the_request
    only_a_running_cluster_gets_hosts
    a_backup_brings_back_none_of_the_hosts
}

fn hosts<E: Sample>(cloud: &Cloud, cluster: &str) -> Vec<E::Host> {
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    E::list_hosts(cloud, request).unwrap().hosts().to_vec()
}

/// A host like those that the cluster begins with.
fn another<E: Sample>() -> E::HostSpec {
    let mut host = E::new_cluster("any").host_specs()[0].clone();
    host.set_zone_id("ru-central1-d".into());
    host
}

fn add<E: Sample + ManagedRpcs>(cloud: &Cloud, cluster: &str, host: E::HostSpec) -> Result<Operation, Status> {
    let mut request = E::AddClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_host_specs(vec![host]);
    E::add_hosts(cloud, request)
}

/// A cluster in a cloud where operations take ten seconds.
fn slowly_created<E: Sample>() -> (Cloud, String) {
    let cloud = Cloud::slow(10);
    let started = E::create(&cloud, E::new_cluster("main"));
    cloud.advance(10);
    let cluster = response::<E::Cluster>(&cloud.operation(&started.unwrap().id).unwrap()).id().to_owned();
    (cloud, cluster)
}

fn metadata_of<E: ManagedRpcs>(operation: &Operation) -> E::AddClusterHostsMetadata {
    prost::Message::decode(operation.metadata.as_ref().unwrap().value.as_slice()).unwrap()
}

fn a_host_joins_those_that_are_there<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = hosts::<E>(&cloud, &cluster);
    cloud.done(add::<E>(&cloud, &cluster, another::<E>()));
    cloud.done(add::<E>(&cloud, &cluster, another::<E>()));
    let after = hosts::<E>(&cloud, &cluster);
    assert_eq!(after.len(), before.len() + 2);
    assert_eq!(after[..before.len()], before, "those that are there stay as they are");
    let (one, other) = (&after[before.len()], &after[before.len() + 1]);
    assert_ne!(one.name(), other.name());
    for host in [one, other] {
        assert!(host.name().starts_with("rc1d-"), "{}", host.name());
        assert_eq!(host.zone_id(), "ru-central1-d");
        assert_eq!(host.cluster_id(), cluster);
        assert!(!host.subnet_id().is_empty(), "a subnet of its zone is found");
        assert_eq!(host.role(), before[1].role(), "it follows");
        assert_eq!(host.resources(), before[0].resources());
    }
    assert_eq!(cloud.cluster::<E>(&cluster).status(), RUNNING);
    let described = &cloud.operations::<E>(&cluster)[0].description;
    assert!(described.starts_with("Add hosts to ") && described.ends_with(" cluster"), "{described}");
}

fn names_are_told_from_the_first_reply_on_and_hosts_shown_in_the_end<E: Sample + ManagedRpcs>() {
    let (cloud, cluster) = slowly_created::<E>();
    let before = hosts::<E>(&cloud, &cluster).len();
    let started = add::<E>(&cloud, &cluster, another::<E>()).unwrap();
    let metadata = metadata_of::<E>(&started);
    assert_eq!(metadata.cluster_id(), cluster);
    assert_eq!(metadata.host_names().len(), 1);
    cloud.advance(9);
    assert_eq!(cloud.cluster::<E>(&cluster).status(), UPDATING);
    assert_eq!(hosts::<E>(&cloud, &cluster).len(), before);
    cloud.advance(1);
    assert_eq!(hosts::<E>(&cloud, &cluster)[before].name(), metadata.host_names()[0]);
}

fn cancelled_it_leaves_the_cluster_as_it_was<E: Sample + ManagedRpcs>() {
    let (cloud, cluster) = slowly_created::<E>();
    let before = (hosts::<E>(&cloud, &cluster), cloud.cluster::<E>(&cluster));
    let started = add::<E>(&cloud, &cluster, another::<E>()).unwrap();
    cloud.cancel(&started.id).unwrap();
    cloud.advance(60);
    assert_eq!((hosts::<E>(&cloud, &cluster), cloud.cluster::<E>(&cluster)), before);
}

fn hosts_that_come_after_cancelled_ones_have_names_of_their_own<E: Sample + ManagedRpcs>() {
    let (cloud, cluster) = slowly_created::<E>();
    let before = hosts::<E>(&cloud, &cluster);
    let cancelled = add::<E>(&cloud, &cluster, another::<E>()).unwrap();
    cloud.advance(5);
    cloud.cancel(&cancelled.id).unwrap();
    let mut added = Vec::new();
    for _ in 0..2 {
        let started = add::<E>(&cloud, &cluster, another::<E>()).unwrap();
        cloud.advance(10);
        let ended = cloud.operation(&started.id).unwrap();
        assert!(matches!(ended.result, Some(operation::Result::Response(_))), "{ended:?}");
        added.push(metadata_of::<E>(&started).host_names()[0].clone());
    }
    let after = hosts::<E>(&cloud, &cluster);
    assert_eq!(after[..before.len()], before);
    let names: Vec<&str> = after[before.len()..].iter().map(|host| host.name()).collect();
    assert_eq!(names, added, "those that were told, in the order in which they came");
    let mut different: Vec<&str> = after.iter().map(|host| host.name()).collect();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), before.len() + 2);
}

fn pages_stay_right_while_hosts_are_added<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let page = |token: &str| {
        let mut request = E::ListClusterHostsRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_page_size(1);
        request.set_page_token(token.into());
        E::list_hosts(&cloud, request).unwrap()
    };
    let (mut names, mut token, mut tokens) = (Vec::new(), String::new(), Vec::new());
    loop {
        let reply = page(&token);
        assert_eq!(reply.hosts().len(), 1);
        names.push(reply.hosts()[0].name().to_owned());
        if names.len() <= 3 {
            cloud.done(add::<E>(&cloud, &cluster, another::<E>()));
        }
        reply.next_page_token().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
        tokens.push(token.clone());
    }
    let all: Vec<String> = hosts::<E>(&cloud, &cluster).iter().map(|host| host.name().to_owned()).collect();
    // A page that was the last when it was shown has none after it.
    assert_eq!(names, all);
    assert_eq!(names.len(), 5, "each host once, those that came meanwhile among them");
    // Each token still leads to where it led.
    for (token, name) in tokens.iter().zip(&all[1..]) {
        assert_eq!(page(token).hosts()[0].name(), name);
    }
}

fn what_is_wrong_with_a_host_is_named_by_its_place_in_the_request<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut nowhere = another::<E>();
    nowhere.set_zone_id("ru-central1-x".into());
    let refusal = refused(add::<E>(&cloud, &cluster, nowhere));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["host_specs[0].zone_id".to_owned()]));
    let mut abroad = another::<E>();
    abroad.set_zone_id("kz1-a".into());
    let refusal = refused(add::<E>(&cloud, &cluster, abroad));
    assert_eq!(refusal.about, ["host_specs[0].zone_id"], "a cluster is in one region");
    let mut none = E::AddClusterHostsRequest::default();
    none.set_cluster_id(cluster.clone());
    let refusal = refused(E::add_hosts(&cloud, none));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["host_specs".to_owned()]));
    // Seven hosts are the most, everywhere.
    for _ in 0..5 {
        cloud.done(add::<E>(&cloud, &cluster, another::<E>()));
    }
    let refusal = refused(add::<E>(&cloud, &cluster, another::<E>()));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["host_specs".to_owned()]));
    assert_eq!(hosts::<E>(&cloud, &cluster).len(), 7);
}

fn only_a_running_cluster_gets_hosts<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.stop::<E>(&cluster);
    let refusal = refused(add::<E>(&cloud, &cluster, another::<E>()));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["STATUS".to_owned()]));
    let refusal = refused(add::<E>(&cloud, "c9qnone", another::<E>()));
    assert_eq!(refusal.code, Code::NotFound);
}

/// Hosts are no contents: a restored cluster has those that are asked for.
fn a_backup_brings_back_none_of_the_hosts<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.done(add::<E>(&cloud, &cluster, another::<E>()));
    let backup = cloud.backed_up::<E>(&cluster);
    cloud.advance(60);
    let restored = cloud.restored::<E>(E::restore_of(&backup, "restored"));
    assert_eq!(hosts::<E>(&cloud, &restored).len(), 2);
    assert_eq!(hosts::<E>(&cloud, &cluster).len(), 3);
}

#[test]
fn the_second_redis_host_brings_sentinels_and_the_first_ones_are_watched_too() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.host_specs.truncate(1);
    request.host_specs[0].shard_name = "only".into();
    let cluster = cloud.created_by::<Redis>(request);
    assert!(!cloud.cluster::<Redis>(&cluster).is_ha);
    cloud.done(add::<Redis>(&cloud, &cluster, another::<Redis>()));
    assert!(cloud.cluster::<Redis>(&cluster).is_ha);
    let hosts = hosts::<Redis>(&cloud, &cluster);
    for host in &hosts {
        let services: Vec<i32> = host.services.iter().map(|service| service.r#type).collect();
        assert_eq!(services, [RedisService::Redis as i32, RedisService::Arbiter as i32]);
        assert_eq!(host.shard_name, "only", "a cluster that is not sharded has one shard");
    }
    let roles: Vec<i32> = hosts.iter().map(|host| host.role).collect();
    assert_eq!(roles, [MASTER, REPLICA]);
}

#[test]
fn redis_takes_several_hosts_at_once_into_shards_that_it_has() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.sharded = true;
    let in_shard = |shard: &str| redis::v1::HostSpec { shard_name: shard.into(), ..another::<Redis>() };
    request.host_specs = ["a", "b", "c"].map(in_shard).to_vec();
    let cluster = cloud.created_by::<Redis>(request);
    let add = |shards: &[&str]| {
        let host_specs = shards.iter().map(|shard| in_shard(shard)).collect();
        Redis::add_hosts(&cloud, redis::v1::AddClusterHostsRequest { cluster_id: cluster.clone(), host_specs })
    };
    let added = cloud.done(add(&["b", "c"]));
    assert_eq!(metadata_of::<Redis>(&added).host_names.len(), 2);
    let hosts = hosts::<Redis>(&cloud, &cluster);
    let places: Vec<(&str, i32)> = hosts.iter().map(|host| (host.shard_name.as_str(), host.role)).collect();
    assert_eq!(places, [("a", MASTER), ("b", MASTER), ("c", MASTER), ("b", REPLICA), ("c", REPLICA)]);
    let refusal = refused(add(&["c", "d", ""]));
    assert_eq!(refusal.about, ["host_specs[1].shard_name", "host_specs[2].shard_name"]);
    assert!(refusal.message.contains("must be one of a, b, c, but is \"d\""), "{}", refusal.message);
    assert!(refusal.message.contains("must be one of a, b, c, but is not given"), "{}", refusal.message);
    assert_eq!(cloud.backed_up::<Redis>(&cluster).source_shard_names, ["a", "b", "c"]);
}

#[test]
fn a_public_address_of_an_added_redis_host_needs_tls() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let host = redis::v1::HostSpec { assign_public_ip: true, replica_priority: Some(-1), ..another::<Redis>() };
    let refusal = refused(add::<Redis>(&cloud, &cluster, host));
    assert_eq!(refusal.about, ["host_specs[0].replica_priority", "host_specs[0].assign_public_ip"]);
}

#[test]
fn a_mysql_host_replicates_from_one_that_exists() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let from = |source: &str| mysql::v1::HostSpec { replication_source: source.into(), ..another::<Mysql>() };
    let refusal = refused(add::<Mysql>(&cloud, &cluster, from("rc1a-nowhere.mdb.yandexcloud.net")));
    assert_eq!(refusal.about, ["host_specs[0].replication_source"]);
    let second = hosts::<Mysql>(&cloud, &cluster)[1].name.clone();
    cloud.done(add::<Mysql>(&cloud, &cluster, from(&second)));
    assert_eq!(hosts::<Mysql>(&cloud, &cluster)[2].replication_source, second);
    // Of a cluster to be made, no host has a name yet.
    let mut request = Mysql::new_cluster("another");
    request.host_specs[1].replication_source = second;
    let refusal = refused(Mysql::create(&cloud, request));
    assert_eq!(refusal.about, ["host_specs[1].replication_source"]);
}

#[test]
fn spqr_adds_hosts_to_those_of_their_type() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let of = |kind: SpqrHost| spqr::v1::HostSpec { r#type: kind as i32, ..another::<Spqr>() };
    let nowhere = spqr::v1::HostSpec { zone_id: "nowhere".into(), ..of(SpqrHost::Coordinator) };
    let refusal = refused(add::<Spqr>(&cloud, &cluster, nowhere));
    assert_eq!(refusal.code, Code::InvalidArgument);
    assert_eq!(
        refusal.about,
        ["host_specs[0].type", "host_specs[0].zone_id", "host_specs"],
        "all that is wrong at once"
    );
    assert!(refusal.message.contains("no COORDINATOR hosts"), "{}", refusal.message);
    let refusal = refused(add::<Spqr>(&cloud, &cluster, of(SpqrHost::Unspecified)));
    assert_eq!(refusal.about, ["host_specs[0].type"]);
    cloud.done(add::<Spqr>(&cloud, &cluster, of(SpqrHost::Infra)));
    let roles: Vec<i32> = hosts::<Spqr>(&cloud, &cluster).iter().map(|host| host.role).collect();
    assert_eq!(roles, [SpqrRole::Primary as i32, SpqrRole::Secondary as i32, SpqrRole::Secondary as i32]);
}

#[test]
fn hosts_that_come_with_a_redis_backup_go_to_the_subnets_of_the_new_network() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let own = redis::v1::HostSpec { subnet_id: "fl8own".into(), ..another::<Redis>() };
    cloud.done(add::<Redis>(&cloud, &cluster, own));
    let backup = cloud.backed_up::<Redis>(&cluster);
    let subnets_in = |name: &str, network: &str| {
        let mut request = Redis::restore_of(&backup, name);
        request.host_specs.clear();
        request.network_id = network.into();
        let hosts = hosts::<Redis>(&cloud, &cloud.restored::<Redis>(request));
        hosts.into_iter().map(|host| host.subnet_id).collect::<Vec<_>>()
    };
    let here = subnets_in("here", "");
    assert_eq!(here[2], "fl8own", "the folder's network is the one that the source is in");
    let there = subnets_in("there", "enpother");
    assert!(here.iter().all(|subnet| !there.contains(subnet)), "{here:?} and {there:?}");
}

#[test]
fn what_hosts_need_that_a_request_does_not_have_is_asked_of_the_request() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.tls_enabled = Some(true);
    request.host_specs[1].assign_public_ip = true;
    let cluster = cloud.created_by::<Redis>(request);
    let backup = cloud.backed_up::<Redis>(&cluster);
    let mut request = Redis::restore_of(&backup, "restored");
    request.host_specs.clear();
    assert_eq!(refused(Redis::restore(&cloud, request.clone())).about, ["tls_enabled"]);
    request.tls_enabled = Some(true);
    cloud.restored::<Redis>(request);
}
