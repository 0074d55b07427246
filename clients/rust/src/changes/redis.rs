//! Redis: hosts, a failover, shards, users.

use std::error::Error;

use tonic::Code;

use super::{choose, hosts, mask, more_and_fewer_hosts, shards, users};
use crate::proto::mdb::redis::v1::cluster_service_client::ClusterServiceClient;
use crate::proto::mdb::redis::v1::host::Role;
use crate::proto::mdb::redis::v1::versions_service_client::VersionsServiceClient;
use crate::proto::mdb::redis::v1::*;
use crate::session::{Authorized, Session, unpack};

const ID: &str = "managed-redis";

choose!("managed-redis", "hm3-c2-m8", 2, 8, versions);
hosts!();
more_and_fewer_hosts!();
shards!();
users!();

async fn versions(session: &Session) -> Result<(), Box<dyn Error>> {
    let mut versions = VersionsServiceClient::new(session.to(ID)?);
    let listed = versions.list(ListVersionsRequest::default()).await?.into_inner().version;
    assert!(listed.iter().any(|version| version.id == "8.1-valkey"));
    Ok(())
}

pub async fn hosts(session: &Session, cluster_id: &str) -> Result<(), Box<dyn Error>> {
    let mut clusters = ClusterServiceClient::new(session.to(ID)?);
    let first = listed(&mut clusters, cluster_id).await?.swap_remove(0).name;
    let spec = UpdateHostSpec {
        host_name: first.clone(),
        replica_priority: Some(50),
        update_mask: mask(&["replica_priority"]),
        ..Default::default()
    };
    assert_eq!(updated(session, &mut clusters, cluster_id, spec).await?.replica_priority, Some(50));
    let spec = HostSpec { zone_id: "ru-central1-b".into(), replica_priority: Some(10), ..Default::default() };
    added(session, &mut clusters, cluster_id, spec).await?;
    let failover = StartClusterFailoverRequest {
        cluster_id: cluster_id.into(),
        host_names: vec![first.clone()],
        ..Default::default()
    };
    session.finished::<Cluster>(clusters.start_failover(failover).await?.into_inner()).await?;
    let roles: Vec<Role> = listed(&mut clusters, cluster_id).await?.iter().map(Host::role).collect();
    assert_eq!(roles, [Role::Replica, Role::Master]);
    deleted(session, &mut clusters, cluster_id, &first).await?;

    let enable = EnableShardingClusterRequest { cluster_id: cluster_id.into() };
    let sharded: Cluster = session.finished(clusters.enable_sharding(enable).await?.into_inner()).await?;
    assert!(sharded.sharded);
    let add = AddClusterShardRequest {
        cluster_id: cluster_id.into(),
        shard_name: "late".into(),
        host_specs: vec![HostSpec { zone_id: "ru-central1-a".into(), ..Default::default() }],
    };
    shards(session, &mut clusters, add).await?;
    let rebalance = RebalanceClusterRequest { cluster_id: cluster_id.into() };
    session.finished::<Cluster>(clusters.rebalance(rebalance).await?.into_inner()).await?;
    Ok(())
}

/// There are no databases.
pub async fn contents(session: &Session, cluster_id: &str, _: &str) -> Result<(), Box<dyn Error>> {
    let mut users = Users::new(session.to(ID)?);
    let permissions = |patterns: &str| Permissions {
        patterns: Some(patterns.into()),
        commands: Some("+get".into()),
        ..Default::default()
    };
    let spec = UserSpec {
        name: "late".into(),
        passwords: vec!["a-long-password".into()],
        permissions: Some(permissions("~late:*")),
        ..Default::default()
    };
    let update = UpdateUserRequest {
        cluster_id: cluster_id.into(),
        user_name: "late".into(),
        permissions: Some(Permissions { patterns: Some("~later:*".into()), ..Default::default() }),
        update_mask: mask(&["permissions.patterns"]),
        ..Default::default()
    };
    let user = changed(session, &mut users, spec, update).await?;
    let shown = user.permissions.clone().ok_or("no permissions")?;
    assert_eq!((shown.patterns.as_deref(), shown.commands.as_deref()), (Some("~later:*"), Some("+get")));
    forgotten(session, &mut users, &user).await
}
