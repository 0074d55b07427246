//! The shards of a cluster.

use std::collections::BTreeSet;

use super::hosts::{Grown, grown, rehosted, without};
use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::engines::shared::hosts::{Lead, with_roles};
use crate::engines::shared::rules::Rules;
use crate::engines::shared::view;
use crate::engines::{NewShard, ShardEngine, SlotEngine};
use crate::handlers::{Call, cluster_of, contents, idle_cluster_of, stages};
use crate::refusal::{self, Refusal};
use crate::universe::cluster::Host;
use crate::universe::plan::ResultOf;
use crate::universe::{ClusterChange, Item, Opaque, Plan, Status, Universe};

/// `ClusterService.GetShard`.
pub fn get_shard<E: ShardEngine>(
    _: &Call,
    universe: &Universe,
    request: E::GetClusterShardRequest,
) -> Result<E::Shard, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let shard = contents::find(cluster, Item::Shard, request.shard_name())?;
    Ok(view::shard::<E>(cluster.id, &cluster.hosts, request.shard_name(), shard))
}

/// `ClusterService.ListShards`: by name. A cluster that is not sharded has one.
pub fn list_shards<E: ShardEngine>(
    call: &Call,
    universe: &Universe,
    request: E::ListClusterShardsRequest,
) -> Result<E::ListClusterShardsResponse, Refusal> {
    let cluster = cluster_of::<E>(universe, request.cluster_id())?;
    let page = call.page(universe, &[request.cluster_id()], request.page_size(), request.page_token())?;
    let (shards, token) = contents::list(cluster, Item::Shard, &page)?;
    let shown = |(name, shard): (&String, &Opaque)| view::shard::<E>(cluster.id, &cluster.hosts, name, shard);
    let mut reply = E::ListClusterShardsResponse::default();
    reply.set_shards(shards.into_iter().map(shown).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}

/// `ClusterService.AddShard`: with its hosts, in one operation.
pub fn add_shard<E: ShardEngine>(
    call: &Call,
    universe: &Universe,
    request: E::AddClusterShardRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let before: &E::CreateClusterRequest = cluster.spec.request.open();
    let NewShard { name, hosts, spec } = E::new_shard(&request, before)?;
    if cluster.contents.get(Item::Shard, &name).is_some() {
        return Err(refusal::contents::already_exists(Item::Shard.noun(), &name, cluster.id.as_str()));
    }
    let rules = Rules::beside_hosts(cluster.hosts.len());
    let grown = Grown::<E>::new(universe, &cluster, grown::<E>(before, &hosts), rules)?;
    let mut metadata = E::AddClusterShardMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_shard_name(name.clone());
    let shown = view::shard::<E>(cluster.id, grown.added(), &name, &spec).to_any();
    let description = format!("Add shard to {} cluster", E::TITLE);
    let plan = grown.plan(call, description, metadata.to_any(), stages::ADD_HOSTS);
    Ok(plan.then(ClusterChange::Put(Item::Shard, name, spec)).showing(ResultOf::Message(shown.into())))
}

/// `ClusterService.DeleteShard`: with its hosts.
pub fn delete_shard<E: ShardEngine>(
    call: &Call,
    universe: &Universe,
    request: E::DeleteClusterShardRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let name = request.shard_name();
    contents::find(&cluster, Item::Shard, name)?;
    let changes = E::without_shard(&cluster, name)?;
    let is_in_shard = |position: &usize| cluster.hosts[*position].spec.open::<E::HostSpec>().shard_name() == name;
    let deleted: BTreeSet<usize> = (0..cluster.hosts.len()).filter(is_in_shard).collect();
    let mut metadata = E::DeleteClusterShardMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    metadata.set_shard_name(name.to_owned());
    let about = (format!("Delete shard from {} cluster", E::TITLE), metadata.to_any(), stages::DELETE_HOSTS);
    let plan = rehosted::<E>(call, &cluster, about, without::<E>(&cluster, &deleted))
        .then(ClusterChange::Drop(Item::Shard, name.to_owned()));
    Ok(changes.into_iter().fold(plan, Plan::then).showing(ResultOf::Nothing))
}

/// `ClusterService.Rebalance`: spreads the slots over all shards.
pub fn rebalance<E: SlotEngine>(
    call: &Call,
    universe: &Universe,
    request: E::RebalanceClusterRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    E::is_sharded(&cluster)?;
    let mut metadata = E::RebalanceClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    let description = format!("Rebalance slot distribution in {} cluster", E::TITLE);
    let plan = call.plan(cluster.id, description, metadata.to_any(), stages::REBALANCE).while_status(Status::Updating);
    Ok(E::rebalanced(&cluster).into_iter().fold(plan, Plan::then))
}

/// `ClusterService.EnableSharding`: for good. All hosts are in one shard then.
pub fn enable_sharding<E: SlotEngine>(
    call: &Call,
    universe: &Universe,
    request: E::EnableShardingClusterRequest,
) -> Result<Plan, Refusal> {
    let cluster = idle_cluster_of::<E>(universe, request.cluster_id(), &[Status::Running])?;
    let after = E::sharded(cluster.spec.request.open())?;
    let hosts = cluster.hosts.iter().zip(after.host_specs()).map(|(host, spec)| {
        let mut own: E::HostSpec = host.spec.open::<E::HostSpec>().clone();
        own.set_shard_name(spec.shard_name().to_owned());
        Host { spec: Opaque::new(own), ..host.clone() }
    });
    let hosts = with_roles::<E>(hosts.collect(), Lead::of::<E>);
    let shards = E::contents(&after);
    let mut metadata = E::EnableShardingClusterMetadata::default();
    metadata.set_cluster_id(cluster.id.to_string());
    let about = (format!("Enable sharding on {} cluster", E::TITLE), metadata.to_any(), stages::ENABLE_SHARDING);
    let plan = rehosted::<E>(call, &cluster, about, (after, hosts));
    let gone = cluster.contents.all(Item::Shard).keys().map(|name| ClusterChange::Drop(Item::Shard, name.clone()));
    let new = shards.all(Item::Shard).iter();
    let new = new.map(|(name, shard)| ClusterChange::Put(Item::Shard, name.clone(), shard.clone()));
    Ok(gone.chain(new).fold(plan, Plan::then))
}
