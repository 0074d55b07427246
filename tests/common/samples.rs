//! Valid requests, as small as the contract allows: each engine's own cluster, and what is done with it.

use std::fmt::Debug;

use mdb_emulator::contract::engine::{Messages, Mysql, Redis, Spqr, SqlServer};
use prost_types::{FieldMask, Timestamp};

use super::{DatabaseRpcs, GrantRpcs, Rpcs, TransferRpcs, after, mysql, redis, spqr, sqlserver};
use mdb_emulator::contract::engine::fields::methods::*;

/// The folder of the tests.
pub const FOLDER: &str = "b1gfolder";

/// The password in every request. No answer may ever have it.
pub const SECRET: &str = "not-for-your-eyes";

const GIB: i64 = 1 << 30;

/// The request of an engine for a cluster, and the like.
pub trait Sample: Rpcs + Messages<Cluster: Debug, Backup: Debug, Host: Debug, Resources: Debug, User: Debug> {
    /// The engine's name in packages.
    const PACKAGE: &'static str;

    /// The field of a user's password.
    const PASSWORD: &'static str = "password";

    /// A cluster with a user named `shop`; with a database named `orders` and a shard where the engine has them.
    fn new_cluster(name: &str) -> Self::CreateClusterRequest;

    /// A user with a password.
    fn new_user(name: &str) -> Self::UserSpec;

    /// An update of a user that gives it another password.
    fn new_password(cluster: &str, name: &str) -> Self::UpdateUserRequest {
        let mut request = Self::UpdateUserRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_user_name(name.into());
        // An engine has one of the two.
        request.set_password(SECRET.into());
        request.set_passwords(vec![SECRET.into()]);
        request.set_update_mask(mask(&[Self::PASSWORD]));
        request
    }

    /// A restore of a backup, as it was when it was taken.
    fn restore_of(backup: &Self::Backup, name: &str) -> Self::RestoreClusterRequest;
}

/// The requests of engines that have databases.
pub trait SampleDatabases: Sample + DatabaseRpcs {
    /// A database.
    fn new_database(name: &str) -> Self::DatabaseSpec {
        let mut database = Self::DatabaseSpec::default();
        database.set_name(name.into());
        database
    }
}

/// The requests of engines that restore, import and export a single database.
pub trait SampleTransfers: SampleDatabases + TransferRpcs {
    /// A restore of the database `orders` as a new one, as it was when a backup was taken.
    fn restore_into(cluster: &str, backup: &Self::Backup, name: &str) -> Self::RestoreDatabaseRequest {
        let mut request = Self::RestoreDatabaseRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_database_name(name.into());
        request.set_from_database("orders".into());
        request.set_backup_id(backup.id().into());
        request.set_time(first_moment(backup.created_at()));
        request
    }

    /// An import of a database from a bucket.
    fn import_of(cluster: &str, name: &str) -> Self::ImportDatabaseBackupRequest {
        let mut request = Self::ImportDatabaseBackupRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_database_name(name.into());
        request.set_s3_bucket("files".into());
        request.set_s3_path("of/today".into());
        request.set_files(vec!["orders.bak".into()]);
        request
    }

    /// An export of a database to a bucket.
    fn export_of(cluster: &str, name: &str) -> Self::ExportDatabaseBackupRequest {
        let mut request = Self::ExportDatabaseBackupRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_database_name(name.into());
        request.set_s3_bucket("files".into());
        request.set_s3_path("of/today".into());
        request
    }
}

impl SampleTransfers for SqlServer {}

/// The requests of engines that grant permissions one at a time.
pub trait SampleGrants: SampleDatabases + GrantRpcs {
    /// Roles on a database, by numbers that every such engine has.
    fn permission(database: &str, roles: &[i32]) -> Self::Permission {
        let mut permission = Self::Permission::default();
        permission.set_database_name(database.into());
        permission.set_roles(roles.to_vec());
        permission
    }

    /// A grant of it to a user.
    fn grant(cluster: &str, name: &str, permission: Self::Permission) -> Self::GrantUserPermissionRequest {
        let mut request = Self::GrantUserPermissionRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_user_name(name.into());
        request.set_permission(Some(permission));
        request
    }

    /// The contrary.
    fn revoke(cluster: &str, name: &str, permission: Self::Permission) -> Self::RevokeUserPermissionRequest {
        let mut request = Self::RevokeUserPermissionRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_user_name(name.into());
        request.set_permission(Some(permission));
        request
    }
}

impl SampleGrants for Mysql {}
impl SampleGrants for SqlServer {}

impl SampleDatabases for Mysql {}
impl SampleDatabases for SqlServer {}
impl SampleDatabases for Spqr {}

/// An update mask, as requests take it.
#[allow(clippy::unnecessary_wraps)]
pub fn mask(paths: &[&str]) -> Option<FieldMask> {
    Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() })
}

/// The first moment to which a backup can be brought forward.
fn first_moment(created_at: Option<&Timestamp>) -> Option<Timestamp> {
    created_at.map(|created_at| after(created_at, 1))
}

impl Sample for Redis {
    const PACKAGE: &'static str = "redis";
    const PASSWORD: &'static str = "passwords";

    fn new_cluster(name: &str) -> redis::v1::CreateClusterRequest {
        redis::v1::CreateClusterRequest {
            folder_id: FOLDER.into(),
            name: name.into(),
            environment: 1,
            config_spec: Some(redis_config()),
            host_specs: redis_hosts(),
            user_specs: vec![Self::new_user("shop")],
            ..Default::default()
        }
    }

    fn new_user(name: &str) -> redis::v1::UserSpec {
        redis::v1::UserSpec { name: name.into(), passwords: vec![SECRET.into()], ..Default::default() }
    }

    fn restore_of(backup: &redis::v1::Backup, name: &str) -> redis::v1::RestoreClusterRequest {
        redis::v1::RestoreClusterRequest {
            backup_id: backup.id.clone(),
            name: name.into(),
            environment: 1,
            config_spec: Some(redis_config()),
            host_specs: redis_hosts(),
            ..Default::default()
        }
    }
}

fn redis_config() -> redis::v1::ConfigSpec {
    let resources = redis::v1::Resources {
        resource_preset_id: "hm3-c2-m8".into(),
        disk_size: 16 * GIB,
        disk_type_id: "network-ssd".into(),
    };
    redis::v1::ConfigSpec { version: "8.1-valkey".into(), resources: Some(resources), ..Default::default() }
}

fn redis_hosts() -> Vec<redis::v1::HostSpec> {
    let host = |zone: &str| redis::v1::HostSpec { zone_id: zone.into(), ..Default::default() };
    vec![host("ru-central1-a"), host("ru-central1-b")]
}

impl Sample for Mysql {
    const PACKAGE: &'static str = "mysql";

    fn new_cluster(name: &str) -> mysql::v1::CreateClusterRequest {
        mysql::v1::CreateClusterRequest {
            folder_id: FOLDER.into(),
            name: name.into(),
            environment: 1,
            config_spec: Some(mysql_config()),
            database_specs: vec![Self::new_database("orders")],
            user_specs: vec![Self::new_user("shop")],
            host_specs: mysql_hosts(),
            ..Default::default()
        }
    }

    fn new_user(name: &str) -> mysql::v1::UserSpec {
        mysql::v1::UserSpec { name: name.into(), password: SECRET.into(), ..Default::default() }
    }

    fn restore_of(backup: &mysql::v1::Backup, name: &str) -> mysql::v1::RestoreClusterRequest {
        mysql::v1::RestoreClusterRequest {
            backup_id: backup.id.clone(),
            name: name.into(),
            environment: 1,
            config_spec: Some(mysql_config()),
            host_specs: mysql_hosts(),
            ..Default::default()
        }
    }
}

fn mysql_config() -> mysql::v1::ConfigSpec {
    let resources = mysql::v1::Resources {
        resource_preset_id: "s3-c2-m8".into(),
        disk_size: 20 * GIB,
        disk_type_id: "network-ssd".into(),
    };
    mysql::v1::ConfigSpec { version: "8.0".into(), resources: Some(resources), ..Default::default() }
}

fn mysql_hosts() -> Vec<mysql::v1::HostSpec> {
    let host = |zone: &str| mysql::v1::HostSpec { zone_id: zone.into(), ..Default::default() };
    vec![host("ru-central1-a"), host("ru-central1-b")]
}

impl Sample for SqlServer {
    const PACKAGE: &'static str = "sqlserver";

    fn new_cluster(name: &str) -> sqlserver::v1::CreateClusterRequest {
        sqlserver::v1::CreateClusterRequest {
            folder_id: FOLDER.into(),
            name: name.into(),
            environment: 1,
            config_spec: Some(sqlserver_config()),
            database_specs: vec![Self::new_database("orders")],
            user_specs: vec![Self::new_user("shop")],
            host_specs: sqlserver_hosts(),
            ..Default::default()
        }
    }

    fn new_user(name: &str) -> sqlserver::v1::UserSpec {
        sqlserver::v1::UserSpec { name: name.into(), password: SECRET.into(), ..Default::default() }
    }

    fn restore_of(backup: &sqlserver::v1::Backup, name: &str) -> sqlserver::v1::RestoreClusterRequest {
        sqlserver::v1::RestoreClusterRequest {
            backup_id: backup.id.clone(),
            time: first_moment(backup.created_at.as_ref()),
            name: name.into(),
            environment: 1,
            config_spec: Some(sqlserver_config()),
            host_specs: sqlserver_hosts(),
            ..Default::default()
        }
    }
}

fn sqlserver_config() -> sqlserver::v1::ConfigSpec {
    let resources = sqlserver::v1::Resources {
        resource_preset_id: "s2.small".into(),
        disk_size: 20 * GIB,
        disk_type_id: "network-ssd".into(),
    };
    sqlserver::v1::ConfigSpec { version: "2019std".into(), resources: Some(resources), ..Default::default() }
}

fn sqlserver_hosts() -> Vec<sqlserver::v1::HostSpec> {
    vec![sqlserver::v1::HostSpec { zone_id: "ru-central1-a".into(), ..Default::default() }]
}

impl Sample for Spqr {
    const PACKAGE: &'static str = "spqr";

    fn new_cluster(name: &str) -> spqr::v1::CreateClusterRequest {
        let postgresql = spqr::v1::MdbPostgreSql { cluster_id: "c9qpostgresql0000000".into() };
        spqr::v1::CreateClusterRequest {
            folder_id: FOLDER.into(),
            name: name.into(),
            environment: 1,
            config_spec: Some(spqr_config()),
            database_specs: vec![Self::new_database("orders")],
            user_specs: vec![Self::new_user("shop")],
            host_specs: spqr_hosts(),
            shard_specs: vec![spqr::v1::ShardSpec {
                shard_name: "first".into(),
                spec: Some(spqr::v1::shard_spec::Spec::MdbPostgresql(postgresql)),
            }],
            network_id: "enpnetwork".into(),
            ..Default::default()
        }
    }

    fn new_user(name: &str) -> spqr::v1::UserSpec {
        spqr::v1::UserSpec { name: name.into(), password: SECRET.into(), ..Default::default() }
    }

    fn restore_of(backup: &spqr::v1::Backup, name: &str) -> spqr::v1::RestoreClusterRequest {
        spqr::v1::RestoreClusterRequest {
            backup_id: backup.id.clone(),
            name: name.into(),
            environment: 1,
            config_spec: Some(spqr_config()),
            host_specs: spqr_hosts(),
            network_id: "enpnetwork".into(),
            ..Default::default()
        }
    }
}

fn spqr_config() -> spqr::v1::ConfigSpec {
    let resources = spqr::v1::Resources {
        resource_preset_id: "s3-c2-m8".into(),
        disk_size: 10 * GIB,
        disk_type_id: "network-ssd".into(),
    };
    let infra = spqr::v1::spqr_spec::Infra { resources: Some(resources), ..Default::default() };
    let spqr_spec = spqr::v1::SpqrSpec { infra: Some(infra), ..Default::default() };
    spqr::v1::ConfigSpec { spqr_spec: Some(spqr_spec), ..Default::default() }
}

fn spqr_hosts() -> Vec<spqr::v1::HostSpec> {
    let infra = spqr::v1::host::Type::Infra as i32;
    let host = |zone: &str| spqr::v1::HostSpec { zone_id: zone.into(), r#type: infra, ..Default::default() };
    vec![host("ru-central1-a"), host("ru-central1-b")]
}
