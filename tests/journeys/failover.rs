//! StartFailover: roles move to the host that is asked for, or to the best replica.

use crate::common::*;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::start_cluster_failover_request::FailoverType;
use tonic::Status;

for_engines! { [of_redis_failover Redis, of_mysql_failover Mysql, of_sqlserver_failover SqlServer] {
    the_lead_goes_to_a_replica_and_the_old_master_follows
    a_cluster_of_one_host_cannot_fail_over
} }

const MASTER: i32 = 1;
const REPLICA: i32 = 2;

fn fail_over<E: FailoverRpcs>(
    cloud: &Cloud,
    cluster: &str,
    change: impl FnOnce(&mut E::StartClusterFailoverRequest),
) -> Result<Operation, Status> {
    let mut request = E::StartClusterFailoverRequest::default();
    request.set_cluster_id(cluster.into());
    change(&mut request);
    E::start_failover(cloud, request)
}

/// A cluster of so many hosts.
fn cluster_of<E: Sample>(cloud: &Cloud, hosts: usize) -> String {
    let mut request = E::new_cluster("main");
    if hosts == 3 && E::PACKAGE == "sqlserver" {
        let mut config = request.config_spec().unwrap().clone();
        config.set_version("2019ent".into());
        request.set_config_spec(Some(config));
    }
    request.set_host_specs(vec![request.host_specs()[0].clone(); hosts]);
    cloud.created_by::<E>(request)
}

fn roles<E: Sample>(cloud: &Cloud, cluster: &str) -> Vec<i32> {
    cloud.hosts::<E>(cluster).iter().map(|host| host.role()).collect()
}

fn the_lead_goes_to_a_replica_and_the_old_master_follows<E: Sample + FailoverRpcs>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud, 3);
    let before = cloud.hosts::<E>(&cluster);
    assert_eq!(roles::<E>(&cloud, &cluster), [MASTER, REPLICA, REPLICA]);
    let ended = cloud.done(fail_over::<E>(&cloud, &cluster, |_| ()));
    assert_eq!(response::<E::Cluster>(&ended).id(), cluster);
    assert!(ended.description.starts_with("Start failover on "), "{}", ended.description);
    assert_eq!(roles::<E>(&cloud, &cluster), [REPLICA, MASTER, REPLICA]);
    cloud.done(fail_over::<E>(&cloud, &cluster, |_| ()));
    assert_eq!(roles::<E>(&cloud, &cluster), [MASTER, REPLICA, REPLICA]);
    assert_eq!(cloud.hosts::<E>(&cluster), before);
}

fn a_cluster_of_one_host_cannot_fail_over<E: Sample + FailoverRpcs>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud, 1);
    let refusal = refused(fail_over::<E>(&cloud, &cluster, |_| ()));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["FAILOVER".to_owned()]));
    assert!(refusal.message.starts_with("No other host can take over from "), "{}", refusal.message);
}

#[test]
fn mysql_goes_to_the_host_that_is_named() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<Mysql>(&cloud, 3);
    let names: Vec<String> = cloud.hosts::<Mysql>(&cluster).into_iter().map(|host| host.name).collect();
    let to = |name: &str| fail_over::<Mysql>(&cloud, &cluster, |request| request.host_name = name.into());
    cloud.done(to(&names[2]));
    assert_eq!(roles::<Mysql>(&cloud, &cluster), [REPLICA, REPLICA, MASTER]);
    let refusal = refused(to(&names[2]));
    assert_eq!(refusal.message, format!("Host {} is a master already", names[2]));
    assert_eq!(refused(to("rc1a-nowhere")).code, Code::NotFound);
}

#[test]
fn mysql_prefers_priority_and_spares_hosts_with_a_source() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    let host = |priority| mysql::v1::HostSpec { zone_id: "ru-central1-a".into(), priority, ..Default::default() };
    request.host_specs = vec![host(0), host(5), host(9)];
    let cluster = cloud.created_by::<Mysql>(request);
    let names: Vec<String> = cloud.hosts::<Mysql>(&cluster).into_iter().map(|host| host.name).collect();
    let spec = mysql::v1::UpdateHostSpec {
        host_name: names[2].clone(),
        replication_source: names[1].clone(),
        update_mask: mask(&["replication_source"]),
        ..Default::default()
    };
    let update_host_specs = vec![spec];
    cloud.done(Mysql::update_hosts(
        &cloud,
        mysql::v1::UpdateClusterHostsRequest { cluster_id: cluster.clone(), update_host_specs },
    ));
    cloud.done(fail_over::<Mysql>(&cloud, &cluster, |_| ()));
    assert_eq!(roles::<Mysql>(&cloud, &cluster), [REPLICA, MASTER, REPLICA]);
    let refusal = refused(fail_over::<Mysql>(&cloud, &cluster, |request| request.host_name.clone_from(&names[2])));
    assert!(refusal.message.contains("never becomes a master"), "{}", refusal.message);
}

/// A sharded cluster of three shards, each with a host in zone a and one in zone b.
fn sharded(cloud: &Cloud) -> String {
    let mut request = Redis::new_cluster("main");
    let host = |shard: &str, zone: &str| redis::v1::HostSpec {
        zone_id: zone.into(),
        shard_name: shard.into(),
        ..Default::default()
    };
    request.sharded = true;
    request.host_specs = ["a", "b", "c"]
        .into_iter()
        .flat_map(|shard| [host(shard, "ru-central1-a"), host(shard, "ru-central1-b")])
        .collect();
    cloud.created_by::<Redis>(request)
}

#[test]
fn redis_switches_from_hosts_to_hosts_and_from_a_zone() {
    let cloud = Cloud::start();
    let cluster = sharded(&cloud);
    let names: Vec<String> = cloud.hosts::<Redis>(&cluster).into_iter().map(|host| host.name).collect();
    let with = |kind: FailoverType, hosts: &[usize], zone: &str| {
        fail_over::<Redis>(&cloud, &cluster, |request| {
            request.host_names = hosts.iter().map(|index| names[*index].clone()).collect();
            request.failover_type = kind as i32;
            request.zone_id = zone.into();
        })
    };
    let (unspecified, to) = (FailoverType::Unspecified, FailoverType::SwitchToHostnames);
    let roles = || roles::<Redis>(&cloud, &cluster);
    assert_eq!(refused(with(unspecified, &[], "")).about, ["host_names"], "a sharded cluster has several masters");

    let ended = cloud.done(with(unspecified, &[0], ""));
    let metadata: redis::v1::StartClusterFailoverMetadata =
        prost::Message::decode(ended.metadata.as_ref().unwrap().value.as_slice()).unwrap();
    assert_eq!((metadata.cluster_id.as_str(), &metadata.host_names[..]), (cluster.as_str(), &names[..1]));
    assert_eq!(roles(), [REPLICA, MASTER, MASTER, REPLICA, MASTER, REPLICA]);
    cloud.done(with(to, &[0, 3], ""));
    assert_eq!(roles(), [MASTER, REPLICA, REPLICA, MASTER, MASTER, REPLICA]);
    cloud.done(with(FailoverType::SwitchFromZone, &[], "ru-central1-a"));
    assert_eq!(roles(), [REPLICA, MASTER, REPLICA, MASTER, REPLICA, MASTER], "what leads elsewhere goes on");

    assert_eq!(
        refused(with(FailoverType::SwitchFromZone, &[], "ru-central1-a")).message,
        "No master is in zone ru-central1-a"
    );
    assert_eq!(refused(with(FailoverType::SwitchFromZone, &[], "")).about, ["zone_id"]);
    assert_eq!(
        refused(with(FailoverType::SwitchFromHostnames, &[0], "")).message,
        format!("Host {} is not a master", names[0])
    );
    assert_eq!(refused(with(to, &[], "")).about, ["host_names"]);
    let mut request = redis::v1::AddClusterHostsRequest { cluster_id: cluster.clone(), ..Default::default() };
    request.host_specs =
        vec![redis::v1::HostSpec { zone_id: "ru-central1-d".into(), shard_name: "a".into(), ..Default::default() }];
    cloud.done(Redis::add_hosts(&cloud, request));
    let third = cloud.hosts::<Redis>(&cluster)[6].name.clone();
    let both = fail_over::<Redis>(&cloud, &cluster, |request| {
        request.host_names = vec![names[0].clone(), third.clone()];
        request.failover_type = to as i32;
    });
    assert_eq!(refused(both).about, ["host_names"], "a shard has one master");
}
