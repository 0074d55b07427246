//! SPQR: hosts, one of which is made anew, shards, users and databases.

use std::error::Error;

use tonic::Code;

use super::{choose, hosts, mask, more_and_fewer_hosts, shards, users};
use crate::proto::mdb::spqr::v1::cluster_service_client::ClusterServiceClient;
use crate::proto::mdb::spqr::v1::database_service_client::DatabaseServiceClient;
use crate::proto::mdb::spqr::v1::host::Type;
use crate::proto::mdb::spqr::v1::*;
use crate::session::{Authorized, Session, unpack};

const ID: &str = "managed-spqr";

choose!("managed-spqr", "s3-c2-m8", 2, 8);
hosts!();
more_and_fewer_hosts!();
shards!();
users!();

pub async fn hosts(session: &Session, cluster_id: &str) -> Result<(), Box<dyn Error>> {
    let mut clusters = ClusterServiceClient::new(session.to(ID)?);
    let first = listed(&mut clusters, cluster_id).await?.swap_remove(0).name;
    let spec = HostSpec { zone_id: "ru-central1-b".into(), r#type: Type::Infra.into(), ..Default::default() };
    let second = added(session, &mut clusters, cluster_id, spec).await?;
    let spec =
        UpdateHostSpec { host_name: second.clone(), assign_public_ip: true, update_mask: mask(&["assign_public_ip"]) };
    assert!(updated(session, &mut clusters, cluster_id, spec).await?.assign_public_ip);
    let anew = ResetupHostsRequest { cluster_id: cluster_id.into(), host_names: vec![second] };
    session.finished::<()>(clusters.resetup_hosts(anew).await?.into_inner()).await?;
    deleted(session, &mut clusters, cluster_id, &first).await?;

    let postgresql = MdbPostgreSql { cluster_id: "c9qpostgresql0000000".into() };
    let spec = ShardSpec { shard_name: "late".into(), spec: Some(shard_spec::Spec::MdbPostgresql(postgresql)) };
    let add = AddClusterShardRequest { cluster_id: cluster_id.into(), shard_spec: Some(spec) };
    shards(session, &mut clusters, add).await
}

pub async fn contents(session: &Session, cluster_id: &str, _: &str) -> Result<(), Box<dyn Error>> {
    databases(session, cluster_id).await?;
    let mut users = Users::new(session.to(ID)?);
    let spec = UserSpec {
        name: "late".into(),
        password: "a-long-password".into(),
        permissions: vec![Permission { database_name: "orders".into() }],
        ..Default::default()
    };
    let update = UpdateUserRequest {
        cluster_id: cluster_id.into(),
        user_name: "late".into(),
        settings: Some(UserSettings { connection_limit: Some(20), ..Default::default() }),
        update_mask: mask(&["settings.connection_limit"]),
        ..Default::default()
    };
    let user = changed(session, &mut users, spec, update).await?;
    assert_eq!(user.settings.as_ref().and_then(|settings| settings.connection_limit), Some(20));
    assert_eq!(user.permissions.len(), 1);
    forgotten(session, &mut users, &user).await
}

async fn databases(session: &Session, cluster_id: &str) -> Result<(), Box<dyn Error>> {
    let mut databases = DatabaseServiceClient::new(session.to(ID)?);
    let spec = DatabaseSpec { name: "late".into(), ..Default::default() };
    let create = CreateDatabaseRequest { cluster_id: cluster_id.into(), database_spec: Some(spec) };
    let database: Database = session.finished(databases.create(create).await?.into_inner()).await?;
    let get = GetDatabaseRequest { cluster_id: cluster_id.into(), database_name: "late".into() };
    assert_eq!(databases.get(get.clone()).await?.into_inner(), database);
    let delete = DeleteDatabaseRequest { cluster_id: cluster_id.into(), database_name: "late".into() };
    session.finished::<()>(databases.delete(delete).await?.into_inner()).await?;
    assert_eq!(databases.get(get).await.expect_err("it is deleted").code(), Code::NotFound);
    Ok(())
}
