//! Databases and users.

use crate::contract::proto::yandex::cloud::mdb::mysql::v1::{
    AuthPlugin, ConnectionManager, CreateClusterRequest, DatabaseSpec, DeletionProtectionMode, Permission, User,
    UserSpec,
};
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{items, users};
use crate::engines::{ClusterContents, DatabaseEngine, Mysql};
use crate::universe::{Contents, Id, Seed};

impl ClusterContents for Mysql {
    fn contents(request: &CreateClusterRequest) -> Contents {
        items::contents::<Self>(&request.database_specs, &request.user_specs)
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(&request.database_specs, rules);
    }

    fn complete_user(user: &mut UserSpec) {
        default_mode(&mut user.deletion_protection_mode);
    }

    fn check_user(at: &str, user: &UserSpec, contents: &Contents, rules: &mut Rules) {
        users::permissions::<Self>(at, user, contents, rules);
        let field = format!("{at}global_permissions");
        rules.specified(&field, &user.global_permissions);
        rules.distinct(&field, &user.global_permissions);
    }

    /// Connection Manager keeps the password of each user (documented). One who authenticates by IAM has no password, and so no connection
    /// there (our choice).
    // Clients still read the deprecated field.
    #[allow(deprecated)]
    fn show_user(cluster: Id, user: &UserSpec, shown: &mut User) {
        if user.authentication_plugin() != AuthPlugin::MdbIamproxyAuth {
            let connection_id = connection(cluster, &user.name).to_string();
            shown.connection_manager = Some(ConnectionManager { connection_id });
        }
    }

    fn is_user_protected(user: &UserSpec, request: &CreateClusterRequest) -> bool {
        is_protected(user.deletion_protection_mode, request)
    }
}

impl DatabaseEngine for Mysql {
    fn permissions(user: &UserSpec) -> &[Permission] {
        &user.permissions
    }

    fn permissions_mut(user: &mut UserSpec) -> &mut Vec<Permission> {
        &mut user.permissions
    }

    fn complete_database(database: &mut DatabaseSpec) {
        default_mode(&mut database.deletion_protection_mode);
    }

    fn is_database_protected(database: &DatabaseSpec, request: &CreateClusterRequest) -> bool {
        is_protected(database.deletion_protection_mode, request)
    }
}

/// The connection of a user (that cluster and name decide its id, and how it begins, is our choice).
fn connection(cluster: Id, user: &str) -> Id {
    Seed::default().id(b"a59", "connection", &[cluster.as_str(), user], 0)
}

fn is_protected(mode: i32, request: &CreateClusterRequest) -> bool {
    match DeletionProtectionMode::try_from(mode) {
        Ok(DeletionProtectionMode::Enabled) => true,
        Ok(DeletionProtectionMode::Inherited) => request.deletion_protection,
        _ => false,
    }
}

fn default_mode(mode: &mut i32) {
    if *mode == DeletionProtectionMode::Unspecified as i32 {
        *mode = DeletionProtectionMode::Disabled as i32;
    }
}
