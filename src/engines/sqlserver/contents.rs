//! Databases and users.

use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::{CreateClusterRequest, UserSpec};
use crate::engines::shared::items;
use crate::engines::shared::rules::{self, Rules};
use crate::engines::{ClusterContents, DatabaseEngine, SqlServer};
use crate::universe::Contents;

impl ClusterContents for SqlServer {
    fn contents(request: &CreateClusterRequest) -> Contents {
        items::contents::<Self>(&request.database_specs, &request.user_specs)
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(request, &request.database_specs, rules);
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }
}

impl DatabaseEngine for SqlServer {}
