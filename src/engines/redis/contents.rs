//! Users, and the shards as contents.

use super::shards::put_shards;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{CreateClusterRequest, Permissions, UserSpec};
use crate::engines::shared::items;
use crate::engines::{ClusterContents, Redis};
use crate::universe::{Contents, Item, Opaque};

/// The user that every cluster has (documented).
const DEFAULT_USER: &str = "default";

impl ClusterContents for Redis {
    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = Contents::default();
        put_shards(request, &mut contents);
        contents.put(Item::User, DEFAULT_USER, Opaque::new(default_user()));
        for user in &request.user_specs {
            contents.put(Item::User, &user.name, items::user::<Self>(user));
        }
        contents
    }

    /// Clients read these defaults back.
    fn complete_user(user: &mut UserSpec) {
        user.enabled.get_or_insert(true);
        let permissions = user.permissions.get_or_insert_default();
        permissions.patterns.get_or_insert_with(|| "allkeys".into());
        permissions.pub_sub_channels.get_or_insert_with(|| "resetchannels".into());
        permissions.databases.get_or_insert_with(|| "alldbs".into());
    }
}

/// The default user: it may use all keys, channels and databases, and all commands but those of administrators (documented).
fn default_user() -> UserSpec {
    let permissions = Permissions {
        patterns: Some("allkeys".into()),
        pub_sub_channels: Some("allchannels".into()),
        categories: Some("+@all -@admin".into()),
        databases: Some("alldbs".into()),
        ..Permissions::default()
    };
    UserSpec { name: DEFAULT_USER.into(), permissions: Some(permissions), enabled: Some(true), ..UserSpec::default() }
}
