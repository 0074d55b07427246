//! Shards: how a cluster gets and loses them, and the slots that they hold.

use std::collections::BTreeMap;

use crate::common::*;
use mdb_emulator::universe::{Id, Item};
use tonic::Status;

for_engines! { [of_redis_shards Redis, of_spqr_shards Spqr] {
    a_shard_that_is_not_there_is_not_found
    shards_are_listed_page_by_page
} }

fn shards<E: Sample + ShardRpcs>(cloud: &Cloud, cluster: &str) -> Vec<E::Shard> {
    let mut request = E::ListClusterShardsRequest::default();
    request.set_cluster_id(cluster.into());
    E::list_shards(cloud, request).unwrap().shards().to_vec()
}

fn get<E: ShardRpcs>(cloud: &Cloud, cluster: &str, name: &str) -> Result<E::Shard, Status> {
    let mut request = E::GetClusterShardRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_shard_name(name.into());
    E::get_shard(cloud, request)
}

fn delete<E: ShardRpcs>(cloud: &Cloud, cluster: &str, name: &str) -> Result<Operation, Status> {
    let mut request = E::DeleteClusterShardRequest::default();
    request.set_cluster_id(cluster.into());
    request.set_shard_name(name.into());
    E::delete_shard(cloud, request)
}

fn a_shard_that_is_not_there_is_not_found<E: Sample + ShardRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    for refusal in [refused(get::<E>(&cloud, &cluster, "nothing")), refused(delete::<E>(&cloud, &cluster, "nothing"))] {
        assert_eq!((refusal.code, refusal.about), (Code::NotFound, vec!["mdb.shard".to_owned(), "nothing".to_owned()]));
    }
}

fn shards_are_listed_page_by_page<E: Sample + ShardRpcs>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let listed = shards::<E>(&cloud, &cluster);
    assert_eq!(listed.len(), 1);
    assert_eq!(get::<E>(&cloud, &cluster, listed[0].name()).unwrap().name(), listed[0].name());
    let mut request = E::ListClusterShardsRequest::default();
    request.set_cluster_id(cluster);
    request.set_page_size(1);
    let page = E::list_shards(&cloud, request.clone()).unwrap();
    assert_eq!((page.shards().len(), page.next_page_token()), (1, ""));
    request.set_page_token("garbage".into());
    assert_eq!(refused(E::list_shards(&cloud, request)).code, Code::InvalidArgument);
}

/// A host of Redis in a zone.
fn host(zone: &str, shard: &str) -> redis::v1::HostSpec {
    redis::v1::HostSpec { zone_id: format!("ru-central1-{zone}"), shard_name: shard.into(), ..Default::default() }
}

/// A sharded cluster, each shard with one host.
fn sharded(cloud: &Cloud, names: &[&str]) -> String {
    let mut request = Redis::new_cluster("main");
    request.sharded = true;
    request.host_specs = names.iter().map(|name| host("a", name)).collect();
    cloud.created_by::<Redis>(request)
}

fn add(cloud: &Cloud, cluster: &str, name: &str, hosts: &[redis::v1::HostSpec]) -> Result<Operation, Status> {
    let request = redis::v1::AddClusterShardRequest {
        cluster_id: cluster.into(),
        shard_name: name.into(),
        host_specs: hosts.to_vec(),
    };
    Redis::add_shard(cloud, request)
}

fn rebalance(cloud: &Cloud, cluster: &str) -> Result<Operation, Status> {
    Redis::rebalance(cloud, redis::v1::RebalanceClusterRequest { cluster_id: cluster.into() })
}

fn enable_sharding(cloud: &Cloud, cluster: &str) -> Result<Operation, Status> {
    Redis::enable_sharding(cloud, redis::v1::EnableShardingClusterRequest { cluster_id: cluster.into() })
}

/// How many slots each shard holds. The API does not show it.
fn slots(cloud: &Cloud, cluster: &str) -> BTreeMap<String, i64> {
    let value = cloud.value();
    let shards = value.cluster(Id::parse(cluster).unwrap()).unwrap().contents.all(Item::Shard);
    shards.iter().map(|(name, slots)| (name.clone(), *slots.open::<i64>())).collect()
}

fn held(of: &[(&str, i64)]) -> BTreeMap<String, i64> {
    of.iter().map(|(name, slots)| ((*name).to_owned(), *slots)).collect()
}

#[test]
fn a_cluster_that_is_made_sharded_later_has_its_hosts_in_one_shard() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let before = cloud.hosts::<Redis>(&cluster);
    let shard = |is_ha| redis::v1::Shard { name: "shard1".into(), cluster_id: cluster.clone(), is_ha };
    assert_eq!(shards::<Redis>(&cloud, &cluster), [shard(true)], "clients ask for shards in any case");
    for refusal in [
        refused(add(&cloud, &cluster, "two", &[host("a", "")])),
        refused(delete::<Redis>(&cloud, &cluster, "shard1")),
        refused(rebalance(&cloud, &cluster)),
    ] {
        assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["SHARDING".to_owned()]));
        assert!(refusal.message.ends_with("is not sharded"), "{}", refusal.message);
    }
    let ended = cloud.done(enable_sharding(&cloud, &cluster));
    assert_eq!(ended.description, "Enable sharding on Valkey cluster");
    assert!(response::<redis::v1::Cluster>(&ended).sharded);
    let after = cloud.hosts::<Redis>(&cluster);
    assert_eq!(after.len(), before.len());
    for (was, is) in before.iter().zip(&after) {
        assert_eq!((&is.name, is.role, is.shard_name.as_str()), (&was.name, was.role, "shard1"));
        let types: Vec<i32> = is.services.iter().map(|service| service.r#type).collect();
        assert_eq!(types, [redis::v1::service::Type::RedisCluster as i32]);
    }
    assert_eq!(slots(&cloud, &cluster), held(&[("shard1", 16_384)]));
    assert_eq!(refused(enable_sharding(&cloud, &cluster)).message, "The cluster is sharded already");
}

#[test]
fn hosts_of_a_shard_of_another_name_go_to_shard1() {
    let cloud = Cloud::start();
    let mut request = Redis::new_cluster("main");
    request.host_specs = vec![host("a", "cache"), host("b", "cache")];
    let cluster = cloud.created_by::<Redis>(request);
    cloud.done(enable_sharding(&cloud, &cluster));
    assert_eq!(slots(&cloud, &cluster), held(&[("shard1", 16_384)]));
    assert!(cloud.hosts::<Redis>(&cluster).iter().all(|host| host.shard_name == "shard1"));
}

#[test]
fn a_new_shard_brings_hosts_and_gets_its_slots_by_rebalance() {
    let cloud = Cloud::start();
    let cluster = sharded(&cloud, &["one"]);
    let operations = cloud.operations::<Redis>(&cluster).len();
    let ended = cloud.done(add(&cloud, &cluster, "two", &[host("a", ""), host("b", "two")]));
    assert_eq!(ended.description, "Add shard to Valkey cluster");
    let shard = redis::v1::Shard { name: "two".into(), cluster_id: cluster.clone(), is_ha: true };
    assert_eq!(response::<redis::v1::Shard>(&ended), shard);
    assert_eq!(get::<Redis>(&cloud, &cluster, "two").unwrap(), shard);
    assert_eq!(cloud.operations::<Redis>(&cluster).len(), operations + 1, "its hosts come with it");
    let hosts = cloud.hosts::<Redis>(&cluster);
    let shown: Vec<(&str, i32)> = hosts.iter().map(|host| (host.shard_name.as_str(), host.role)).collect();
    assert_eq!(shown, [("one", 1), ("two", 1), ("two", 2)], "each shard has a master");
    assert_eq!(slots(&cloud, &cluster), held(&[("one", 16_384), ("two", 0)]));

    let refusal = refused(delete::<Redis>(&cloud, &cluster, "one"));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["SLOTS".to_owned()]));
    let ended = cloud.done(rebalance(&cloud, &cluster));
    assert_eq!(ended.description, "Rebalance slot distribution in Valkey cluster");
    assert_eq!(slots(&cloud, &cluster), held(&[("one", 8192), ("two", 8192)]));
    assert_eq!(cloud.backed_up::<Redis>(&cluster).source_shard_names, ["one", "two"]);
}

#[test]
fn a_shard_goes_with_its_hosts_and_leaves_its_slots_to_the_others() {
    let cloud = Cloud::start();
    let cluster = sharded(&cloud, &["a", "b", "c"]);
    assert_eq!(slots(&cloud, &cluster), held(&[("a", 5462), ("b", 5461), ("c", 5461)]));
    let ended = cloud.done(delete::<Redis>(&cloud, &cluster, "a"));
    assert_eq!(ended.description, "Delete shard from Valkey cluster");
    response::<()>(&ended);
    assert_eq!(slots(&cloud, &cluster), held(&[("b", 8192), ("c", 8192)]));
    let names: Vec<String> = cloud.hosts::<Redis>(&cluster).into_iter().map(|host| host.shard_name).collect();
    assert_eq!(names, ["b", "c"]);
    cloud.done(delete::<Redis>(&cloud, &cluster, "c"));
    assert_eq!(slots(&cloud, &cluster), held(&[("b", 16_384)]));
    let refusal = refused(delete::<Redis>(&cloud, &cluster, "b"));
    assert_eq!((refusal.code, refusal.about), (Code::FailedPrecondition, vec!["LAST_SHARD".to_owned()]));
}

#[test]
fn what_is_wrong_with_a_new_shard_is_said() {
    let cloud = Cloud::start();
    let cluster = sharded(&cloud, &["a", "b", "c"]);
    let refusal = refused(add(&cloud, &cluster, "b", &[host("a", "")]));
    assert_eq!((refusal.code, refusal.about), (Code::AlreadyExists, vec!["mdb.shard".to_owned(), "b".to_owned()]));
    assert_eq!(refused(add(&cloud, &cluster, "d", &[host("a", "c")])).about, ["host_specs[0].shard_name"]);
    assert_eq!(refused(add(&cloud, &cluster, "d", &[host("x", "")])).about, ["host_specs[0].zone_id"]);
    assert_eq!(refused(add(&cloud, &cluster, "d", &vec![host("a", ""); 8])).about, ["host_specs"]);
    assert_eq!(refused(add(&cloud, &cluster, "d", &[])).about, ["host_specs"]);
    for name in ["d", "e", "f", "g", "h", "i", "j"] {
        cloud.done(add(&cloud, &cluster, name, &[host("a", "")]));
    }
    let refusal = refused(add(&cloud, &cluster, "k", &[host("a", "")]));
    assert_eq!(refusal.message, "The cluster has 10 shards, and may not have more");
}

#[test]
fn what_needs_time_shows_when_it_is_done_and_cancelled_leaves_nothing() {
    let cloud = Cloud::slow(10);
    let mut request = Redis::new_cluster("main");
    request.sharded = true;
    request.host_specs = vec![host("a", "one")];
    let started = Redis::create(&cloud, request).unwrap();
    cloud.advance(10);
    let cluster = response::<redis::v1::Cluster>(&cloud.operation(&started.id).unwrap()).id;
    let before = (cloud.hosts::<Redis>(&cluster), slots(&cloud, &cluster));
    let started = add(&cloud, &cluster, "two", &[host("b", "")]).unwrap();
    cloud.advance(9);
    assert_eq!((cloud.hosts::<Redis>(&cluster), slots(&cloud, &cluster)), before);
    cloud.cancel(&started.id).unwrap();
    cloud.advance(60);
    assert_eq!((cloud.hosts::<Redis>(&cluster), slots(&cloud, &cluster)), before);
}

#[test]
fn a_shard_of_spqr_is_a_postgresql_cluster() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let postgresql =
        |id: &str| spqr::v1::shard_spec::Spec::MdbPostgresql(spqr::v1::MdbPostgreSql { cluster_id: id.into() });
    let shown = |name: &str, id: &str| spqr::v1::Shard { name: name.into(), cluster_id: id.into() };
    assert_eq!(shards::<Spqr>(&cloud, &cluster), [shown("first", "c9qpostgresql0000000")]);
    let request = |name: &str| spqr::v1::AddClusterShardRequest {
        cluster_id: cluster.clone(),
        shard_spec: Some(spqr::v1::ShardSpec { shard_name: name.into(), spec: Some(postgresql("c9qother")) }),
    };
    let ended = cloud.done(Spqr::add_shard(&cloud, request("second")));
    assert_eq!(response::<spqr::v1::Shard>(&ended), shown("second", "c9qother"));
    assert_eq!(refused(Spqr::add_shard(&cloud, request("second"))).code, Code::AlreadyExists);
    assert_eq!(refused(Spqr::add_shard(&cloud, request("under_score"))).code, Code::InvalidArgument);
    let hosts = cloud.hosts::<Spqr>(&cluster);
    cloud.done(delete::<Spqr>(&cloud, &cluster, "first"));
    assert_eq!(shards::<Spqr>(&cloud, &cluster), [shown("second", "c9qother")]);
    assert_eq!(cloud.hosts::<Spqr>(&cluster), hosts, "its hosts are another cluster's");
}
