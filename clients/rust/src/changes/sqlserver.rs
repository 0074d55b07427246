//! SQL Server: hosts, whose number stays, a failover, users and their permissions, a database that comes back.

use std::error::Error;
use std::time::SystemTime;

use tonic::Code;

use super::{choose, hosts, mask, users};
use crate::proto::mdb::sqlserver::v1::cluster_service_client::ClusterServiceClient;
use crate::proto::mdb::sqlserver::v1::database_service_client::DatabaseServiceClient;
use crate::proto::mdb::sqlserver::v1::host::Role as HostRole;
use crate::proto::mdb::sqlserver::v1::permission::Role;
use crate::proto::mdb::sqlserver::v1::*;
use crate::session::{Authorized, Session};

const ID: &str = "managed-sqlserver";

choose!("managed-sqlserver", "s2.small", 4, 16);
hosts!();
users!();

pub async fn hosts(session: &Session, cluster_id: &str) -> Result<(), Box<dyn Error>> {
    let mut clusters = ClusterServiceClient::new(session.to(ID)?);
    let names: Vec<String> = listed(&mut clusters, cluster_id).await?.into_iter().map(|host| host.name).collect();
    let spec = UpdateHostSpec {
        host_name: names[0].clone(),
        assign_public_ip: true,
        update_mask: mask(&["assign_public_ip"]),
    };
    assert!(updated(session, &mut clusters, cluster_id, spec).await?.assign_public_ip);
    let failover = StartClusterFailoverRequest { cluster_id: cluster_id.into(), host_name: names[2].clone() };
    session.finished::<Cluster>(clusters.start_failover(failover).await?.into_inner()).await?;
    let roles: Vec<HostRole> = listed(&mut clusters, cluster_id).await?.iter().map(Host::role).collect();
    assert_eq!(roles, [HostRole::Replica, HostRole::Replica, HostRole::Master]);
    Ok(())
}

pub async fn contents(session: &Session, cluster_id: &str, backup: &str) -> Result<(), Box<dyn Error>> {
    databases(session, cluster_id, backup).await?;
    let mut users = Users::new(session.to(ID)?);
    let spec = UserSpec { name: "late".into(), password: "a-long-password".into(), ..Default::default() };
    let (cluster_id, user_name) = (cluster_id.to_owned(), "late".to_owned());
    let update = UpdateUserRequest {
        cluster_id: cluster_id.clone(),
        user_name: user_name.clone(),
        server_roles: vec![ServerRole::MdbMonitor.into()],
        update_mask: mask(&["server_roles"]),
        ..Default::default()
    };
    let user = changed(session, &mut users, spec, update).await?;
    assert_eq!(user.server_roles, [ServerRole::MdbMonitor as i32]);

    let permission = Permission { database_name: "orders".into(), roles: vec![Role::DbOwner.into()] };
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

/// Brings back what a backup has of a database, under another name.
async fn databases(session: &Session, cluster_id: &str, backup: &str) -> Result<(), Box<dyn Error>> {
    let mut databases = DatabaseServiceClient::new(session.to(ID)?);
    let restore = RestoreDatabaseRequest {
        cluster_id: cluster_id.into(),
        database_name: "late".into(),
        from_database: "orders".into(),
        backup_id: backup.into(),
        time: Some(SystemTime::now().into()),
    };
    let restored: Database = session.finished(databases.restore(restore).await?.into_inner()).await?;
    assert_eq!((restored.name.as_str(), restored.cluster_id.as_str()), ("late", cluster_id));
    let delete = DeleteDatabaseRequest { cluster_id: cluster_id.into(), database_name: "late".into() };
    session.finished::<()>(databases.delete(delete).await?.into_inner()).await
}
