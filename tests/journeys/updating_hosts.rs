//! UpdateHosts: each host by a mask of its own.

use crate::common::*;
use tonic::Status;

for_every_engine! {
    a_public_address_is_given_and_taken_away
    what_the_mask_leaves_out_is_ignored
    a_change_of_nothing_is_refused
    a_host_that_is_not_there_is_not_found
    only_a_running_cluster_changes_its_hosts
    cancelled_it_leaves_the_hosts_as_they_were
}

const MASTER: i32 = 1;
const REPLICA: i32 = 2;

/// A cluster whose hosts may have public addresses.
fn cluster_of<E: Sample>(cloud: &Cloud) -> String {
    let mut request = E::new_cluster("main");
    request.set_tls_enabled(Some(true));
    cloud.created_by::<E>(request)
}

fn named<E: Sample>(host: &str) -> E::UpdateHostSpec {
    let mut spec = E::UpdateHostSpec::default();
    spec.set_host_name(host.into());
    spec
}

fn update<E: Sample>(cloud: &Cloud, cluster: &str, spec: E::UpdateHostSpec) -> Result<Operation, Status> {
    let mut request = E::UpdateClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_update_host_specs(vec![spec]);
    E::update_hosts(cloud, request)
}

fn public<E: Sample>(host: &str, is_public: bool) -> E::UpdateHostSpec {
    let mut spec = named::<E>(host);
    spec.set_assign_public_ip(is_public);
    spec.set_update_mask(mask(&["assign_public_ip"]));
    spec
}

fn a_public_address_is_given_and_taken_away<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud);
    let before = cloud.hosts::<E>(&cluster);
    let name = before[0].name();
    let ended = cloud.done(update::<E>(&cloud, &cluster, public::<E>(name, true)));
    response::<()>(&ended);
    assert!(ended.description.starts_with("Modify hosts in "), "{}", ended.description);
    let metadata: E::UpdateClusterHostsMetadata =
        prost::Message::decode(ended.metadata.as_ref().unwrap().value.as_slice()).unwrap();
    assert_eq!((metadata.cluster_id(), metadata.host_names()), (cluster.as_str(), &[name.to_owned()][..]));
    let mut expected = before.clone();
    expected[0].set_assign_public_ip(true);
    assert_eq!(cloud.hosts::<E>(&cluster), expected, "it keeps its name and all else");
    cloud.done(update::<E>(&cloud, &cluster, public::<E>(name, false)));
    assert_eq!(cloud.hosts::<E>(&cluster), before);
}

fn what_the_mask_leaves_out_is_ignored<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud);
    let mut expected = cloud.hosts::<E>(&cluster);
    let mut spec = public::<E>(expected[0].name(), true);
    spec.set_replica_priority(Some(7));
    spec.set_priority(8);
    spec.set_backup_priority(9);
    spec.set_replication_source("nobody".into());
    cloud.done(update::<E>(&cloud, &cluster, spec));
    expected[0].set_assign_public_ip(true);
    assert_eq!(cloud.hosts::<E>(&cluster), expected);
}

fn a_change_of_nothing_is_refused<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud);
    let name = cloud.hosts::<E>(&cluster)[0].name().to_owned();
    let operations = cloud.operations::<E>(&cluster).len();
    let refusal = refused(update::<E>(&cloud, &cluster, public::<E>(&name, false)));
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::FailedPrecondition, "no changes detected"));
    assert_eq!(cloud.operations::<E>(&cluster).len(), operations, "no operation is recorded");
}

fn a_host_that_is_not_there_is_not_found<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud);
    let refusal = refused(update::<E>(&cloud, &cluster, public::<E>("rc1a-nowhere.mdb.yandexcloud.net", true)));
    assert_eq!(refusal.code, Code::NotFound);
    assert_eq!(refusal.about, ["mdb.host", "rc1a-nowhere.mdb.yandexcloud.net"]);
}

fn only_a_running_cluster_changes_its_hosts<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cluster_of::<E>(&cloud);
    let name = cloud.hosts::<E>(&cluster)[0].name().to_owned();
    cloud.stop::<E>(&cluster);
    let refusal = refused(update::<E>(&cloud, &cluster, public::<E>(&name, true)));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["STATUS".to_owned()]));
}

fn cancelled_it_leaves_the_hosts_as_they_were<E: Sample>() {
    let cloud = Cloud::slow(10);
    let mut request = E::new_cluster("main");
    request.set_tls_enabled(Some(true));
    let started = E::create(&cloud, request).unwrap();
    cloud.advance(10);
    let cluster = response::<E::Cluster>(&cloud.operation(&started.id).unwrap()).id().to_owned();
    let before = cloud.hosts::<E>(&cluster);
    let started = update::<E>(&cloud, &cluster, public::<E>(before[0].name(), true)).unwrap();
    assert_eq!(cloud.cluster::<E>(&cluster).status(), UPDATING);
    cloud.cancel(&started.id).unwrap();
    cloud.advance(60);
    assert_eq!(cloud.hosts::<E>(&cluster), before);
}

#[test]
fn redis_needs_tls_for_a_public_address_and_a_priority_that_is_not_negative() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let name = cloud.hosts::<Redis>(&cluster)[1].name.clone();
    let spec = redis::v1::UpdateHostSpec {
        host_name: name,
        replica_priority: Some(-1),
        assign_public_ip: true,
        update_mask: mask(&["replica_priority", "assign_public_ip"]),
    };
    let refusal = refused(update::<Redis>(&cloud, &cluster, spec));
    assert_eq!(refusal.code, Code::InvalidArgument);
    assert_eq!(refusal.about, ["update_host_specs[0].replica_priority", "update_host_specs[0].assign_public_ip"]);
}

#[test]
fn redis_changes_several_hosts_at_once_but_each_only_once() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let names: Vec<String> = cloud.hosts::<Redis>(&cluster).into_iter().map(|host| host.name).collect();
    let spec = |name: &str, priority| redis::v1::UpdateHostSpec {
        host_name: name.into(),
        replica_priority: Some(priority),
        update_mask: mask(&["replica_priority"]),
        ..Default::default()
    };
    let request =
        |specs| redis::v1::UpdateClusterHostsRequest { cluster_id: cluster.clone(), update_host_specs: specs };
    cloud.done(Redis::update_hosts(&cloud, request(vec![spec(&names[0], 1), spec(&names[1], 0)])));
    let priorities: Vec<Option<i64>> =
        cloud.hosts::<Redis>(&cluster).iter().map(|host| host.replica_priority).collect();
    assert_eq!(priorities, [Some(1), Some(0)]);
    let twice = Redis::update_hosts(&cloud, request(vec![spec(&names[0], 5), spec(&names[0], 6)]));
    assert_eq!(refused(twice).about, ["update_host_specs[1].host_name"]);
}

#[test]
fn a_mysql_host_that_gets_a_source_stops_leading() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    request.host_specs.push(request.host_specs[0].clone());
    let cluster = cloud.created_by::<Mysql>(request);
    let names: Vec<String> = cloud.hosts::<Mysql>(&cluster).into_iter().map(|host| host.name).collect();
    let from = |host: &str, source: &str| mysql::v1::UpdateHostSpec {
        host_name: host.into(),
        replication_source: source.into(),
        update_mask: mask(&["replication_source"]),
        ..Default::default()
    };
    let roles = || cloud.hosts::<Mysql>(&cluster).iter().map(|host| host.role).collect::<Vec<_>>();
    assert_eq!(roles(), [MASTER, REPLICA, REPLICA]);
    cloud.done(update::<Mysql>(&cloud, &cluster, from(&names[0], &names[2])));
    assert_eq!(roles(), [REPLICA, MASTER, REPLICA], "a host with a source never is the master");
    assert_eq!(cloud.hosts::<Mysql>(&cluster)[0].replication_source, names[2]);

    let refusal = refused(update::<Mysql>(&cloud, &cluster, from(&names[2], &names[0])));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["REPLICATION_SOURCE".to_owned()]));
    let refusal = refused(update::<Mysql>(&cloud, &cluster, from(&names[1], &names[1])));
    assert!(refusal.message.contains("would replicate itself"), "{}", refusal.message);
    let refusal = refused(update::<Mysql>(&cloud, &cluster, from(&names[1], "rc1a-nowhere")));
    assert_eq!(refusal.about, ["update_host_specs[0].replication_source"]);

    cloud.done(update::<Mysql>(&cloud, &cluster, from(&names[0], "")));
    assert_eq!(roles(), [REPLICA, MASTER, REPLICA], "who leads goes on leading");
}
