//! Databases and users.

use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::{CreateClusterRequest, Permission, UserSpec};
use crate::engines::shared::rules::{self, Rules};
use crate::engines::shared::{items, users};
use crate::engines::{ClusterContents, DatabaseEngine, SqlServer};
use crate::universe::Contents;

impl ClusterContents for SqlServer {
    fn contents(request: &CreateClusterRequest) -> Contents {
        items::contents::<Self>(&request.database_specs, &request.user_specs)
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(&request.database_specs, rules);
    }

    fn check_user(at: &str, user: &UserSpec, contents: &Contents, rules: &mut Rules) {
        users::permissions::<Self>(at, user, contents, rules);
        rules.specified(&format!("{at}server_roles"), &user.server_roles);
    }
}

impl DatabaseEngine for SqlServer {
    fn permissions(user: &UserSpec) -> &[Permission] {
        &user.permissions
    }

    fn permissions_mut(user: &mut UserSpec) -> &mut Vec<Permission> {
        &mut user.permissions
    }
}
