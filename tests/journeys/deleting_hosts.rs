//! DeleteHosts: what becomes of a cluster that loses hosts.

use crate::common::*;
use tonic::Status;

for_every_managed_engine! {
    a_host_goes_and_the_others_stay_as_they_are
    where_the_leader_goes_another_leads_at_once
    the_last_host_stays
    a_host_that_is_not_there_is_not_found
    a_host_that_comes_later_has_a_name_of_its_own
    cancelled_it_leaves_the_hosts_as_they_were
}

/// The number of the leader's role, which has the same number in every engine's group of roles but SPQR's.
fn leader<E: Sample>(cloud: &Cloud, cluster: &str) -> i32 {
    cloud.hosts::<E>(cluster)[0].role()
}

fn delete<E: Sample + ManagedRpcs>(cloud: &Cloud, cluster: &str, host: &str) -> Result<Operation, Status> {
    let mut request = E::DeleteClusterHostsRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_host_names(vec![host.into()]);
    E::delete_hosts(cloud, request)
}

fn a_host_goes_and_the_others_stay_as_they_are<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.hosts::<E>(&cluster);
    let ended = cloud.done(delete::<E>(&cloud, &cluster, before[1].name()));
    response::<()>(&ended);
    assert!(ended.description.starts_with("Delete hosts from "), "{}", ended.description);
    let metadata: E::DeleteClusterHostsMetadata =
        prost::Message::decode(ended.metadata.as_ref().unwrap().value.as_slice()).unwrap();
    assert_eq!(metadata.host_names(), [before[1].name().to_owned()]);
    let after = cloud.hosts::<E>(&cluster);
    assert_eq!((after.len(), after[0].name(), after[0].role()), (1, before[0].name(), before[0].role()));
    assert_eq!(cloud.cluster::<E>(&cluster).status(), RUNNING);
}

fn where_the_leader_goes_another_leads_at_once<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let (leads, before) = (leader::<E>(&cloud, &cluster), cloud.hosts::<E>(&cluster));
    assert_ne!(before[1].role(), leads);
    cloud.done(delete::<E>(&cloud, &cluster, before[0].name()));
    let after = cloud.hosts::<E>(&cluster);
    assert_eq!((after.len(), after[0].name(), after[0].role()), (1, before[1].name(), leads));
}

fn the_last_host_stays<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.hosts::<E>(&cluster);
    cloud.done(delete::<E>(&cloud, &cluster, before[0].name()));
    let refusal = refused(delete::<E>(&cloud, &cluster, before[1].name()));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["LAST_HOST".to_owned()]));
    assert!(refusal.message.contains("cannot be deleted: it is the last of "), "{}", refusal.message);
}

fn a_host_that_is_not_there_is_not_found<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let gone = cloud.hosts::<E>(&cluster)[1].name().to_owned();
    cloud.done(delete::<E>(&cloud, &cluster, &gone));
    let refusal = refused(delete::<E>(&cloud, &cluster, &gone));
    assert_eq!((refusal.code, refusal.about), (Code::NotFound, vec!["mdb.host".to_owned(), gone]));
}

fn a_host_that_comes_later_has_a_name_of_its_own<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.hosts::<E>(&cluster);
    cloud.done(delete::<E>(&cloud, &cluster, before[1].name()));
    let mut request = E::AddClusterHostsRequest::default();
    request.set_cluster_id(cluster.clone());
    request.set_host_specs(E::new_cluster("any").host_specs()[1..2].to_vec());
    cloud.done(E::add_hosts(&cloud, request));
    let after = cloud.hosts::<E>(&cluster);
    assert_eq!(after.len(), 2);
    assert!(!before.iter().any(|host| host.name() == after[1].name()), "{}", after[1].name());
    assert_eq!(after[1].role(), before[1].role());
}

fn cancelled_it_leaves_the_hosts_as_they_were<E: Sample + ManagedRpcs>() {
    let cloud = Cloud::slow(10);
    let started = E::create(&cloud, E::new_cluster("main")).unwrap();
    cloud.advance(10);
    let cluster = response::<E::Cluster>(&cloud.operation(&started.id).unwrap()).id().to_owned();
    let before = cloud.hosts::<E>(&cluster);
    let started = delete::<E>(&cloud, &cluster, before[0].name()).unwrap();
    cloud.advance(5);
    assert_eq!(cloud.hosts::<E>(&cluster), before, "it is there until the operation is done");
    cloud.cancel(&started.id).unwrap();
    cloud.advance(60);
    assert_eq!(cloud.hosts::<E>(&cluster), before);
}

#[test]
fn of_redis_the_one_with_the_lowest_priority_takes_over_and_one_of_zero_never() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    let host = |priority| redis::v1::HostSpec {
        zone_id: "ru-central1-a".into(),
        replica_priority: Some(priority),
        ..Default::default()
    };
    request.host_specs = vec![host(100), host(0), host(50), host(10)];
    let cluster = cloud.created_by::<Redis>(request);
    let names: Vec<String> = cloud.hosts::<Redis>(&cluster).into_iter().map(|host| host.name).collect();
    for (gone, next) in [(0, 3), (3, 2)] {
        cloud.done(delete::<Redis>(&cloud, &cluster, &names[gone]));
        let masters: Vec<String> =
            cloud.hosts::<Redis>(&cluster).into_iter().filter(|host| host.role == 1).map(|host| host.name).collect();
        assert_eq!(masters, [names[next].clone()]);
    }
}

#[test]
fn a_mysql_host_that_others_replicate_stays() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let source = cloud.hosts::<Mysql>(&cluster)[1].name.clone();
    let mut request = mysql::v1::AddClusterHostsRequest { cluster_id: cluster.clone(), ..Default::default() };
    request.host_specs = vec![mysql::v1::HostSpec {
        zone_id: "ru-central1-d".into(),
        replication_source: source.clone(),
        ..Default::default()
    }];
    cloud.done(Mysql::add_hosts(&cloud, request));
    let refusal = refused(delete::<Mysql>(&cloud, &cluster, &source));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["REPLICATION_SOURCE".to_owned()]));
    let replica = cloud.hosts::<Mysql>(&cluster)[2].name.clone();
    cloud.done(delete::<Mysql>(&cloud, &cluster, &replica));
    cloud.done(delete::<Mysql>(&cloud, &cluster, &source));
}
