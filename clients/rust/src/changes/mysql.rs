//! MySQL: hosts, a failover, users and their permissions, databases.

use std::error::Error;

use tonic::Code;

use super::{choose, hosts, mask, more_and_fewer_hosts, users};
use crate::proto::mdb::mysql::v1::cluster_service_client::ClusterServiceClient;
use crate::proto::mdb::mysql::v1::database_service_client::DatabaseServiceClient;
use crate::proto::mdb::mysql::v1::host::Role;
use crate::proto::mdb::mysql::v1::permission::Privilege;
use crate::proto::mdb::mysql::v1::versions_service_client::VersionsServiceClient;
use crate::proto::mdb::mysql::v1::*;
use crate::session::{Authorized, Session, unpack};

const ID: &str = "managed-mysql";

choose!("managed-mysql", "s3-c2-m8", 2, 8, versions);
hosts!();
more_and_fewer_hosts!();
users!();

async fn versions(session: &Session) -> Result<(), Box<dyn Error>> {
    let mut versions = VersionsServiceClient::new(session.to(ID)?);
    let listed = versions.list(ListVersionsRequest::default()).await?.into_inner().version;
    assert!(listed.iter().any(|version| version.id == "8.0"));
    Ok(())
}

pub async fn hosts(session: &Session, cluster_id: &str) -> Result<(), Box<dyn Error>> {
    let mut clusters = ClusterServiceClient::new(session.to(ID)?);
    let first = listed(&mut clusters, cluster_id).await?.swap_remove(0).name;
    let spec = UpdateHostSpec {
        host_name: first.clone(),
        backup_priority: 50,
        update_mask: mask(&["backup_priority"]),
        ..Default::default()
    };
    assert_eq!(updated(session, &mut clusters, cluster_id, spec).await?.backup_priority, 50);
    let spec = HostSpec { zone_id: "ru-central1-b".into(), ..Default::default() };
    let host_name = added(session, &mut clusters, cluster_id, spec).await?;
    let failover = StartClusterFailoverRequest { cluster_id: cluster_id.into(), host_name };
    session.finished::<Cluster>(clusters.start_failover(failover).await?.into_inner()).await?;
    let roles: Vec<Role> = listed(&mut clusters, cluster_id).await?.iter().map(Host::role).collect();
    assert_eq!(roles, [Role::Replica, Role::Master]);
    deleted(session, &mut clusters, cluster_id, &first).await
}

pub async fn contents(session: &Session, cluster_id: &str, _: &str) -> Result<(), Box<dyn Error>> {
    databases(session, cluster_id).await?;
    let mut users = Users::new(session.to(ID)?);
    let spec = UserSpec { name: "late".into(), password: "a-long-password".into(), ..Default::default() };
    let (cluster_id, user_name) = (cluster_id.to_owned(), "late".to_owned());
    let update = UpdateUserRequest {
        cluster_id: cluster_id.clone(),
        user_name: user_name.clone(),
        global_permissions: vec![GlobalPermission::Process.into()],
        update_mask: mask(&["global_permissions"]),
        ..Default::default()
    };
    let user = changed(session, &mut users, spec, update).await?;
    assert_eq!(user.global_permissions, [GlobalPermission::Process as i32]);

    let permission = Permission { database_name: "orders".into(), roles: vec![Privilege::Select.into()] };
    let grant = GrantUserPermissionRequest {
        cluster_id: cluster_id.clone(),
        user_name: user_name.clone(),
        permission: Some(permission.clone()),
    };
    let granted: User = session.finished(users.grant_permission(grant).await?.into_inner()).await?;
    assert_eq!(granted.permissions, std::slice::from_ref(&permission));
    let revoke = RevokeUserPermissionRequest { cluster_id, user_name, permission: Some(permission) };
    let revoked: User = session.finished(users.revoke_permission(revoke).await?.into_inner()).await?;
    assert_eq!(revoked, user);
    forgotten(session, &mut users, &user).await
}

async fn databases(session: &Session, cluster_id: &str) -> Result<(), Box<dyn Error>> {
    let mut databases = DatabaseServiceClient::new(session.to(ID)?);
    let (cluster_id, database_name) = (cluster_id.to_owned(), "late".to_owned());
    let spec = DatabaseSpec { name: database_name.clone(), ..Default::default() };
    let create = CreateDatabaseRequest { cluster_id: cluster_id.clone(), database_spec: Some(spec) };
    session.finished::<Database>(databases.create(create).await?.into_inner()).await?;
    let delete = DeleteDatabaseRequest { cluster_id: cluster_id.clone(), database_name: database_name.clone() };
    for mode in [DeletionProtectionMode::Enabled, DeletionProtectionMode::Disabled] {
        let update = UpdateDatabaseRequest {
            cluster_id: cluster_id.clone(),
            database_name: database_name.clone(),
            update_mask: mask(&["deletion_protection_mode"]),
            deletion_protection_mode: mode.into(),
        };
        let updated: Database = session.finished(databases.update(update).await?.into_inner()).await?;
        assert_eq!(updated.deletion_protection_mode(), mode);
        if mode == DeletionProtectionMode::Enabled {
            let refusal = databases.delete(delete.clone()).await.expect_err("it is protected");
            assert_eq!(refusal.code(), Code::FailedPrecondition);
        }
    }
    session.finished::<()>(databases.delete(delete).await?.into_inner()).await
}
