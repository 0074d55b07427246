//! Databases and users.

use crate::contract::proto::yandex::cloud::mdb::mysql::v1::{
    CreateClusterRequest, DatabaseSpec, DeletionProtectionMode, UserSpec,
};
use crate::engines::shared::items;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::{ClusterContents, DatabaseEngine, Mysql};
use crate::universe::Contents;

impl ClusterContents for Mysql {
    fn contents(request: &CreateClusterRequest) -> Contents {
        items::contents::<Self>(&request.database_specs, &request.user_specs)
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(request, &request.database_specs, rules);
    }

    fn complete_user(user: &mut UserSpec) {
        default_mode(&mut user.deletion_protection_mode);
    }

    fn is_user_protected(user: &UserSpec, request: &CreateClusterRequest) -> bool {
        is_protected(user.deletion_protection_mode, request)
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }
}

impl DatabaseEngine for Mysql {
    fn complete_database(database: &mut DatabaseSpec) {
        default_mode(&mut database.deletion_protection_mode);
    }

    fn is_database_protected(database: &DatabaseSpec, request: &CreateClusterRequest) -> bool {
        is_protected(database.deletion_protection_mode, request)
    }
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
