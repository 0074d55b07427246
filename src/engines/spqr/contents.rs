//! Databases, users and shards.

use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{CreateClusterRequest, DatabaseSpec, UserSpec};
use crate::engines::shared::items;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::{ClusterContents, DatabaseEngine, Spqr};
use crate::universe::{Contents, Item, Opaque};

impl ClusterContents for Spqr {
    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = items::contents::<Self>(&request.database_specs, &request.user_specs);
        for shard in &request.shard_specs {
            contents.put(Item::Shard, &shard.shard_name, Opaque::new(shard.clone()));
        }
        contents
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(request, &request.database_specs, rules);
        rules.unique_names("shard_specs", request.shard_specs.iter().map(|shard| shard.shard_name.as_str()));
    }

    /// An unset field means the protection of the cluster (documented).
    fn is_user_protected(user: &UserSpec, request: &CreateClusterRequest) -> bool {
        user.deletion_protection.unwrap_or(request.deletion_protection)
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }
}

impl DatabaseEngine for Spqr {
    /// An unset field means the protection of the cluster (documented).
    fn is_database_protected(database: &DatabaseSpec, request: &CreateClusterRequest) -> bool {
        database.deletion_protection.unwrap_or(request.deletion_protection)
    }
}
