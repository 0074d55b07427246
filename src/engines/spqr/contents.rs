//! Databases, users and shards.

use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{CreateClusterRequest, DatabaseSpec, Permission, UserSpec};
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{items, users};
use crate::engines::{ClusterContents, DatabaseEngine, Spqr};
use crate::universe::{Contents, Item, Opaque};

/// What a user can be granted (documented).
const GRANTS: [&str; 4] = ["reader", "writer", "admin", "transfer"];

impl ClusterContents for Spqr {
    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = items::contents::<Self>(&request.database_specs, &request.user_specs);
        for shard in &request.shard_specs {
            contents.put(Item::Shard, &shard.shard_name, Opaque::new(shard.clone()));
        }
        contents
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(&request.database_specs, rules);
        rules.unique_names("shard_specs", request.shard_specs.iter().map(|shard| shard.shard_name.as_str()));
    }

    /// An unset field means the protection of the cluster (documented).
    fn is_user_protected(user: &UserSpec, request: &CreateClusterRequest) -> bool {
        user.deletion_protection.unwrap_or(request.deletion_protection)
    }

    fn check_user(at: &str, user: &UserSpec, contents: &Contents, rules: &mut Rules) {
        users::permissions::<Self>(at, user, contents, rules);
        for (index, grant) in user.grants.iter().enumerate() {
            rules.one_of(&format!("{at}grants[{index}]"), grant, &GRANTS);
        }
    }
}

impl DatabaseEngine for Spqr {
    fn permissions(user: &UserSpec) -> &[Permission] {
        &user.permissions
    }

    fn permissions_mut(user: &mut UserSpec) -> &mut Vec<Permission> {
        &mut user.permissions
    }

    /// An unset field means the protection of the cluster (documented).
    fn is_database_protected(database: &DatabaseSpec, request: &CreateClusterRequest) -> bool {
        database.deletion_protection.unwrap_or(request.deletion_protection)
    }
}
