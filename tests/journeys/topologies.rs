//! The hosts of each engine: what they are for, and who leads.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::service::Type as RedisService;
use mdb_emulator::contract::proto::yandex::cloud::mdb::spqr::v1::host::{Role as SpqrRole, Type as SpqrHost};
use mdb_emulator::contract::proto::yandex::cloud::mdb::spqr::v1::service::Type as SpqrService;

const MASTER: i32 = 1;
const REPLICA: i32 = 2;

fn hosts<E: Sample>(cloud: &Cloud, cluster: &str) -> Vec<E::Host> {
    let mut request = E::ListClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    E::list_hosts(cloud, request).unwrap().hosts().to_vec()
}

fn roles<E: Sample>(hosts: &[E::Host]) -> Vec<i32> {
    hosts.iter().map(|host| host.role()).collect()
}

fn services<E: Sample>(host: &E::Host) -> Vec<i32> {
    host.services().iter().map(|service| service.r#type()).collect()
}

#[test]
fn redis_hosts_of_one_shard_are_watched_by_sentinels() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let hosts = hosts::<Redis>(&cloud, &cluster);
    assert_eq!(roles::<Redis>(&hosts), [MASTER, REPLICA]);
    for host in &hosts {
        assert_eq!(services::<Redis>(host), [RedisService::Redis as i32, RedisService::Arbiter as i32]);
        assert_eq!((host.shard_name.as_str(), host.replica_priority), ("shard1", Some(100)));
    }
}

#[test]
fn a_single_redis_host_has_no_sentinel() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.host_specs.truncate(1);
    let cluster = cloud.created_by::<Redis>(request);
    let hosts = hosts::<Redis>(&cloud, &cluster);
    assert_eq!(roles::<Redis>(&hosts), [MASTER]);
    assert_eq!(services::<Redis>(&hosts[0]), [RedisService::Redis as i32]);
    assert!(!cloud.cluster::<Redis>(&cluster).is_ha);
}

#[test]
fn every_shard_of_a_sharded_redis_has_a_master() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.sharded = true;
    let host = |shard: &str, zone: &str| redis::v1::HostSpec {
        shard_name: shard.into(),
        zone_id: zone.into(),
        ..Default::default()
    };
    request.host_specs = ["a", "b", "c"]
        .into_iter()
        .flat_map(|shard| [host(shard, "ru-central1-a"), host(shard, "ru-central1-d")])
        .collect();
    let cluster = cloud.created_by::<Redis>(request);
    assert!(cloud.cluster::<Redis>(&cluster).sharded);
    let hosts = hosts::<Redis>(&cloud, &cluster);
    let shards: Vec<&str> = hosts.iter().map(|host| host.shard_name.as_str()).collect();
    assert_eq!(shards, ["a", "a", "b", "b", "c", "c"]);
    assert_eq!(roles::<Redis>(&hosts), [MASTER, REPLICA, MASTER, REPLICA, MASTER, REPLICA]);
    assert!(hosts.iter().all(|host| services::<Redis>(host) == [RedisService::RedisCluster as i32]));
    assert_eq!(cloud.backed_up::<Redis>(&cluster).source_shard_names, ["a", "b", "c"]);
}

#[test]
fn mysql_has_one_master_and_keeps_what_was_asked_of_a_host() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    request.host_specs.push(mysql::v1::HostSpec {
        zone_id: "ru-central1-d".into(),
        subnet_id: "e9bown".into(),
        assign_public_ip: true,
        backup_priority: 7,
        priority: 9,
        ..Default::default()
    });
    let cluster = cloud.created_by::<Mysql>(request);
    let hosts = hosts::<Mysql>(&cloud, &cluster);
    assert_eq!(roles::<Mysql>(&hosts), [MASTER, REPLICA, REPLICA]);
    let last = &hosts[2];
    assert_eq!((last.subnet_id.as_str(), last.assign_public_ip), ("e9bown", true));
    assert_eq!((last.backup_priority, last.priority), (7, 9));
    assert_ne!(hosts[0].subnet_id, hosts[1].subnet_id, "each zone has a subnet of its own");
}

#[test]
fn sqlserver_has_one_host_or_in_the_enterprise_edition_three() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<SqlServer>("one");
    assert_eq!(roles::<SqlServer>(&hosts::<SqlServer>(&cloud, &cluster)), [MASTER]);

    let mut request = SqlServer::new_cluster("three");
    request.config_spec.as_mut().unwrap().version = "2019ent".into();
    request.host_specs = vec![request.host_specs[0].clone(); 3];
    let cluster = cloud.created_by::<SqlServer>(request.clone());
    assert_eq!(roles::<SqlServer>(&hosts::<SqlServer>(&cloud, &cluster)), [MASTER, REPLICA, REPLICA]);

    request.name = "two".into();
    request.host_specs.truncate(2);
    let refusal = refused(SqlServer::create(&cloud, request.clone()));
    assert!(refusal.message.ends_with("only 1-node and 3-node clusters are supported now"), "{}", refusal.message);
    request.host_specs = vec![request.host_specs[0].clone(); 3];
    request.config_spec.as_mut().unwrap().version = "2019std".into();
    let refusal = refused(SqlServer::create(&cloud, request));
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec!["host_specs".to_owned()]));
}

#[test]
fn spqr_runs_all_in_one_on_its_infra_hosts() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let hosts = hosts::<Spqr>(&cloud, &cluster);
    assert_eq!(roles::<Spqr>(&hosts), [SpqrRole::Primary as i32, SpqrRole::Secondary as i32]);
    for host in &hosts {
        assert_eq!(host.r#type, SpqrHost::Infra as i32);
        assert_eq!(services::<Spqr>(host), [SpqrService::Infra as i32]);
    }
}

#[test]
fn spqr_runs_routers_and_coordinators_apart_with_resources_of_their_own() {
    let cloud = Cloud::start();
    let mut request = Spqr::new_cluster("main");
    let resources = |preset: &str| {
        Some(spqr::v1::Resources { resource_preset_id: preset.into(), disk_size: 1 << 34, ..Default::default() })
    };
    request.config_spec.as_mut().unwrap().spqr_spec = Some(spqr::v1::SpqrSpec {
        router: Some(spqr::v1::spqr_spec::Router { resources: resources("s3-c4-m16"), ..Default::default() }),
        coordinator: Some(spqr::v1::spqr_spec::Coordinator { resources: resources("s3-c2-m8"), ..Default::default() }),
        ..Default::default()
    });
    let host =
        |of: SpqrHost| spqr::v1::HostSpec { zone_id: "ru-central1-a".into(), r#type: of as i32, ..Default::default() };
    request.host_specs =
        vec![host(SpqrHost::Router), host(SpqrHost::Router), host(SpqrHost::Coordinator), host(SpqrHost::Coordinator)];
    let cluster = cloud.created_by::<Spqr>(request);
    let hosts = hosts::<Spqr>(&cloud, &cluster);
    let (primary, secondary) = (SpqrRole::Primary as i32, SpqrRole::Secondary as i32);
    assert_eq!(roles::<Spqr>(&hosts), [primary, primary, primary, secondary], "every router answers by itself");
    let presets: Vec<&str> =
        hosts.iter().map(|host| host.resources.as_ref().unwrap().resource_preset_id.as_str()).collect();
    assert_eq!(presets, ["s3-c4-m16", "s3-c4-m16", "s3-c2-m8", "s3-c2-m8"]);
    assert_eq!(services::<Spqr>(&hosts[0]), [SpqrService::Router as i32]);
    assert_eq!(services::<Spqr>(&hosts[2]), [SpqrService::Coordinator as i32]);
}
