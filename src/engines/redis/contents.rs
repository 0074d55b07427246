//! Users, and the shards as contents.

use super::shards::put_shards;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{CreateClusterRequest, Permissions, User, UserSpec};
use crate::engines::shared::items;
use crate::engines::{ClusterContents, Redis};
use crate::universe::{Contents, Id, Item};

/// The user that every cluster has (documented).
const DEFAULT_USER: &str = "default";

impl ClusterContents for Redis {
    const DEFAULT_USER: Option<&'static str> = Some(DEFAULT_USER);

    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = Contents::default();
        put_shards(request, &mut contents);
        contents.put(Item::User, DEFAULT_USER, items::user::<Self>(&default_user()));
        for user in &request.user_specs {
            contents.put(Item::User, &user.name, items::user::<Self>(user));
        }
        contents
    }

    /// Clients read these defaults back.
    // They read the deprecated field too.
    #[allow(deprecated)]
    fn complete_user(user: &mut UserSpec) {
        user.enabled.get_or_insert(true);
        let permissions = user.permissions.get_or_insert_default();
        permissions.patterns.get_or_insert_with(|| "allkeys".into());
        permissions.pub_sub_channels.get_or_insert_with(|| "resetchannels".into());
        permissions.sanitize_payload.get_or_insert_with(|| "sanitize-payload".into());
        permissions.databases.get_or_insert_with(|| "alldbs".into());
    }

    fn show_user(_: Id, user: &UserSpec, shown: &mut User) {
        shown.acl_options = acl(user);
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

/// What a user may do, as the rules that were asked for, one after the other; never a password (the order is our choice).
// A deprecated rule holds too.
#[allow(deprecated)]
fn acl(user: &UserSpec) -> String {
    let state = if user.enabled.unwrap_or_default() { "on" } else { "off" };
    let mut acl = state.to_owned();
    let Some(permissions) = &user.permissions else { return acl };
    let rules = [
        &permissions.sanitize_payload,
        &permissions.patterns,
        &permissions.pub_sub_channels,
        &permissions.categories,
        &permissions.commands,
        &permissions.databases,
    ];
    for rule in rules.into_iter().flatten().filter(|rule| !rule.is_empty()) {
        acl.push(' ');
        acl.push_str(rule);
    }
    acl
}
