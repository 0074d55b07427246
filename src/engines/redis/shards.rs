//! Shards, and the slots that they hold.

use super::topology::{DEFAULT_SHARD, MOST_SHARDS, shards};
use crate::contract::excerpt::excerpt;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{AddClusterShardRequest, CreateClusterRequest};
use crate::engines::{NewShard, Redis, ShardEngine, SlotEngine};
use crate::refusal::{self, Refusal};
use crate::universe::{Cluster, ClusterChange, Contents, Item, Opaque};

/// How many slots all shards of a cluster hold together: the keys are spread over them (documented of the DBMS).
const SLOTS: i64 = 16_384;

/// The shards of a new cluster, by the names in its hosts. Each holds as many slots as the others.
pub(super) fn put_shards(request: &CreateClusterRequest, contents: &mut Contents) {
    let shards = shards(&request.host_specs);
    for (shard, slots) in shards.iter().zip(spread(SLOTS, shards.len())) {
        contents.put(Item::Shard, shard, Opaque::new(slots));
    }
}

impl ShardEngine for Redis {
    /// A new shard holds no slots until Rebalance (documented).
    fn new_shard(asked: &AddClusterShardRequest, request: &CreateClusterRequest) -> Result<NewShard<Self>, Refusal> {
        if !request.sharded {
            return Err(refusal::cluster::not_sharded(&asked.cluster_id));
        }
        if shards(&request.host_specs).len() >= MOST_SHARDS {
            return Err(refusal::cluster::too_many_shards(MOST_SHARDS));
        }
        let name = &asked.shard_name;
        let mut hosts = asked.host_specs.clone();
        for (index, host) in hosts.iter_mut().enumerate() {
            if !host.shard_name.is_empty() && host.shard_name != *name {
                let rule = format!("must be {:?}, the new shard, or empty", excerpt(name));
                return Err(refusal::request::field(format!("host_specs[{index}].shard_name"), rule));
            }
            host.shard_name.clone_from(name);
        }
        Ok(NewShard { name: name.clone(), hosts, spec: Opaque::new(0_i64) })
    }

    /// The other shards take over the slots of one that is deleted: clients delete shards that hold some. One that holds all has to
    /// stay until Rebalance (our choice).
    fn without_shard(cluster: &Cluster, name: &str) -> Result<Vec<ClusterChange>, Refusal> {
        Self::is_sharded(cluster)?;
        let slots = slots_of(cluster, name);
        let others: Vec<&String> = cluster.contents.all(Item::Shard).keys().filter(|other| *other != name).collect();
        if others.is_empty() {
            return Err(refusal::cluster::last_shard(name));
        }
        if slots == SLOTS {
            return Err(refusal::cluster::holds_all_slots(name));
        }
        let shares = spread(slots, others.len());
        Ok(others.iter().zip(shares).map(|(other, more)| holding(other, slots_of(cluster, other) + more)).collect())
    }
}

impl SlotEngine for Redis {
    fn is_sharded(cluster: &Cluster) -> Result<(), Refusal> {
        let request: &CreateClusterRequest = cluster.spec.request.open();
        if request.sharded { Ok(()) } else { Err(refusal::cluster::not_sharded(cluster.id.as_str())) }
    }

    fn rebalanced(cluster: &Cluster) -> Vec<ClusterChange> {
        let shards = cluster.contents.all(Item::Shard);
        shards.keys().zip(spread(SLOTS, shards.len())).map(|(shard, slots)| holding(shard, slots)).collect()
    }

    /// All hosts are in `shard1` then (documented).
    fn sharded(request: &CreateClusterRequest) -> Result<CreateClusterRequest, Refusal> {
        if request.sharded {
            return Err(refusal::cluster::sharded_already());
        }
        let mut after = CreateClusterRequest { sharded: true, ..request.clone() };
        after.host_specs.iter_mut().for_each(|host| DEFAULT_SHARD.clone_into(&mut host.shard_name));
        Ok(after)
    }
}

fn slots_of(cluster: &Cluster, shard: &str) -> i64 {
    cluster.contents.get(Item::Shard, shard).map_or(0, |slots| *slots.open())
}

fn holding(shard: &str, slots: i64) -> ClusterChange {
    ClusterChange::Put(Item::Shard, shard.to_owned(), Opaque::new(slots))
}

/// Slots in as many parts, the first of which are larger by one if that has to be.
fn spread(slots: i64, parts: usize) -> impl Iterator<Item = i64> {
    let parts = i64::try_from(parts).unwrap_or(i64::MAX);
    (0..parts).map(move |part| slots / parts + i64::from(part < slots % parts))
}
