//! Shards: each is a PostgreSQL cluster elsewhere, which stays when its shard is deleted (documented).

use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    AddClusterShardRequest, CreateClusterRequest, ShardSpec, shard_spec,
};
use crate::engines::{NewShard, ShardEngine, Spqr};
use crate::refusal::{self, Refusal};
use crate::universe::{Id, Opaque};

impl ShardEngine for Spqr {
    /// Whatever cluster is named is taken: there are no PostgreSQL clusters here (our choice).
    fn new_shard(asked: &AddClusterShardRequest, _: &CreateClusterRequest) -> Result<NewShard<Self>, Refusal> {
        let spec = asked.shard_spec.clone().ok_or_else(|| refusal::request::field("shard_spec", "is required"))?;
        Ok(NewShard { name: spec.shard_name.clone(), hosts: Vec::new(), spec: Opaque::new(spec) })
    }

    /// The PostgreSQL cluster (clients read it back).
    fn cluster_of_shard(_: Id, shard: &Opaque) -> String {
        match &shard.open::<ShardSpec>().spec {
            Some(shard_spec::Spec::MdbPostgresql(postgresql)) => postgresql.cluster_id.clone(),
            None => String::new(),
        }
    }
}
