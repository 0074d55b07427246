//! Updates of users and databases: what a mask takes, and what happens without one.

// Clients go on reading what the contract has deprecated.
#![allow(deprecated)]

use crate::common::*;
use mysql::v1::{AuthPlugin, ConnectionLimits, DeletionProtectionMode, GlobalPermission, permission::Privilege};
use sqlserver::v1::permission::Role;

for_every_engine! {
    another_password_is_a_change_each_time_and_shows_nowhere
    an_update_of_a_user_that_changes_nothing_is_refused
}

fn another_password_is_a_change_each_time_and_shows_nowhere<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.user::<E>(&cluster, "shop");
    for _ in 0..2 {
        assert_eq!(cloud.updated_user::<E>(E::new_password(&cluster, "shop")), before);
    }
    // Named, and not given.
    let mut request = E::new_password(&cluster, "shop");
    request.set_password(String::new());
    request.set_passwords(Vec::new());
    assert_eq!(cloud.updated_user::<E>(request), before);
}

fn an_update_of_a_user_that_changes_nothing_is_refused<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let mut request = E::new_password(&cluster, "shop");
    request.set_update_mask(mask(&["permissions"]));
    let refusal = refused(E::update_user(&cloud, request));
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::FailedPrecondition, "no changes detected"));
    assert_eq!(cloud.operations::<E>(&cluster).len(), 1, "only that of Create");
}

fn redis_user(cluster: &str, paths: &[&str], permissions: redis::v1::Permissions) -> redis::v1::UpdateUserRequest {
    redis::v1::UpdateUserRequest {
        cluster_id: cluster.into(),
        user_name: "shop".into(),
        update_mask: mask(paths),
        permissions: Some(permissions),
        ..Default::default()
    }
}

fn all_permissions() -> redis::v1::Permissions {
    redis::v1::Permissions {
        patterns: Some("~456*".into()),
        pub_sub_channels: Some("&123*".into()),
        categories: Some("-@all +@geo".into()),
        commands: Some("+ping -set".into()),
        sanitize_payload: Some("skip-sanitize-payload".into()),
        databases: Some("0,1,2".into()),
    }
}

#[test]
fn each_permission_of_redis_is_set_and_unset_by_itself() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let default = cloud.user::<Redis>(&cluster, "shop").permissions.unwrap();
    let take = |to: &mut redis::v1::Permissions, from: &redis::v1::Permissions, path: &str| {
        let (to, from) = match path {
            "permissions.patterns" => (&mut to.patterns, &from.patterns),
            "permissions.pub_sub_channels" => (&mut to.pub_sub_channels, &from.pub_sub_channels),
            "permissions.categories" => (&mut to.categories, &from.categories),
            "permissions.commands" => (&mut to.commands, &from.commands),
            "permissions.sanitize_payload" => (&mut to.sanitize_payload, &from.sanitize_payload),
            _ => (&mut to.databases, &from.databases),
        };
        to.clone_from(from);
    };
    for path in ["patterns", "pub_sub_channels", "categories", "commands", "sanitize_payload", "databases"] {
        let path = &format!("permissions.{path}");
        let mut expected = default.clone();
        take(&mut expected, &all_permissions(), path);
        let set = cloud.updated_user::<Redis>(redis_user(&cluster, &[path], all_permissions()));
        assert_eq!(set.permissions, Some(expected), "{path}");
        let unset = cloud.updated_user::<Redis>(redis_user(&cluster, &[path], redis::v1::Permissions::default()));
        assert_eq!(unset.permissions, Some(default.clone()), "{path}");
    }
}

#[test]
fn a_user_of_redis_is_put_off_and_on() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let to = |enabled| redis::v1::UpdateUserRequest {
        enabled,
        ..redis_user(&cluster, &["enabled"], redis::v1::Permissions::default())
    };
    assert!(refused(Redis::update_user(&cloud, to(true))).message.contains("no changes"));
    let off = cloud.updated_user::<Redis>(to(false));
    assert_eq!((off.enabled, off.acl_options.split(' ').next()), (false, Some("off")));
    let on = cloud.updated_user::<Redis>(to(true));
    assert_eq!((on.enabled, on.acl_options.split(' ').next()), (true, Some("on")));
}

#[test]
fn without_a_mask_all_of_a_redis_user_is_set() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let default = cloud.user::<Redis>(&cluster, "shop").permissions;
    let given = redis::v1::UpdateUserRequest { enabled: true, ..redis_user(&cluster, &[], all_permissions()) };
    let set = cloud.updated_user::<Redis>(given);
    assert_eq!((set.permissions, set.enabled), (Some(all_permissions()), true));
    let nothing = redis::v1::UpdateUserRequest { permissions: None, ..redis_user(&cluster, &[], all_permissions()) };
    let reset = cloud.updated_user::<Redis>(nothing);
    assert_eq!((reset.permissions, reset.enabled), (default, false), "what is not given cannot be told from `false`");
}

fn mysql_user(cluster: &str, paths: &[&str]) -> mysql::v1::UpdateUserRequest {
    mysql::v1::UpdateUserRequest {
        cluster_id: cluster.into(),
        user_name: "shop".into(),
        update_mask: mask(paths),
        permissions: vec![Mysql::permission("orders", &[Privilege::Insert as i32])],
        global_permissions: vec![GlobalPermission::Process as i32],
        connection_limits: Some(limits(1, 2, 3, 4)),
        authentication_plugin: AuthPlugin::Sha256Password as i32,
        deletion_protection_mode: DeletionProtectionMode::Enabled as i32,
        ..Default::default()
    }
}

fn limits(questions: i64, updates: i64, connections: i64, users: i64) -> ConnectionLimits {
    ConnectionLimits {
        max_questions_per_hour: Some(questions),
        max_updates_per_hour: Some(updates),
        max_connections_per_hour: Some(connections),
        max_user_connections: Some(users),
    }
}

#[test]
fn each_field_of_a_mysql_user_is_changed_by_itself() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let mut expected = cloud.user::<Mysql>(&cluster, "shop");
    let given = mysql_user(&cluster, &[]);
    let mut changed = |path: &str, change: &dyn Fn(&mut mysql::v1::User)| {
        change(&mut expected);
        assert_eq!(cloud.updated_user::<Mysql>(mysql_user(&cluster, &[path])), expected, "{path}");
    };
    changed("permissions", &|user| user.permissions.clone_from(&given.permissions));
    changed("global_permissions", &|user| user.global_permissions.clone_from(&given.global_permissions));
    changed("authentication_plugin", &|user| user.authentication_plugin = given.authentication_plugin);
    changed("deletion_protection_mode", &|user| user.deletion_protection_mode = given.deletion_protection_mode);
    changed("connection_limits", &|user| user.connection_limits = given.connection_limits);
    // What is named and not given goes to its default.
    let unset =
        mysql::v1::UpdateUserRequest { authentication_plugin: 0, ..mysql_user(&cluster, &["authentication_plugin"]) };
    assert_eq!(cloud.updated_user::<Mysql>(unset).authentication_plugin, AuthPlugin::Unspecified as i32);
}

#[test]
fn each_limit_of_a_mysql_user_is_changed_by_itself() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let shown = |path: &str| {
        let user = cloud.updated_user::<Mysql>(mysql_user(&cluster, &[&format!("connection_limits.{path}")]));
        user.connection_limits.unwrap()
    };
    let first = ConnectionLimits { max_updates_per_hour: Some(2), ..ConnectionLimits::default() };
    assert_eq!(shown("max_updates_per_hour"), first);
    let second = ConnectionLimits { max_user_connections: Some(4), ..first };
    assert_eq!(shown("max_user_connections"), second);
    assert_eq!(shown("max_questions_per_hour").max_questions_per_hour, Some(1));
    assert_eq!(shown("max_connections_per_hour"), limits(1, 2, 3, 4));
}

#[test]
fn without_a_mask_all_of_a_mysql_user_is_set() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let before = cloud.user::<Mysql>(&cluster, "shop");
    let given = mysql_user(&cluster, &[]);
    let set = cloud.updated_user::<Mysql>(given.clone());
    assert_eq!((&set.permissions, set.connection_limits), (&given.permissions, given.connection_limits));
    assert_eq!(set.deletion_protection_mode, given.deletion_protection_mode);
    let nothing = mysql::v1::UpdateUserRequest {
        cluster_id: given.cluster_id,
        user_name: given.user_name,
        ..mysql::v1::UpdateUserRequest::default()
    };
    assert_eq!(cloud.updated_user::<Mysql>(nothing), before);
}

/// What Terraform sends.
#[test]
fn without_a_mask_the_roles_of_an_sqlserver_user_are_replaced() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<SqlServer>("main");
    let with = |role: Role, server_roles: &[i32]| sqlserver::v1::UpdateUserRequest {
        cluster_id: cluster.clone(),
        user_name: "shop".into(),
        update_mask: None,
        password: SECRET.into(),
        permissions: vec![SqlServer::permission("orders", &[role as i32])],
        server_roles: server_roles.to_vec(),
    };
    let first = cloud.updated_user::<SqlServer>(with(Role::DbOwner, &[1]));
    assert_eq!((first.permissions[0].roles.as_slice(), first.server_roles), ([1].as_slice(), vec![1]));
    let second = cloud.updated_user::<SqlServer>(with(Role::DbDatareader, &[]));
    assert_eq!(second.permissions, [SqlServer::permission("orders", &[Role::DbDatareader as i32])]);
    assert!(second.server_roles.is_empty());
}

#[test]
fn each_field_of_an_spqr_user_is_changed_by_itself() {
    use spqr::v1::{Permission, UpdateUserRequest, UserSettings};
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let mut expected = cloud.user::<Spqr>(&cluster, "shop");
    let given = |paths: &[&str]| UpdateUserRequest {
        cluster_id: cluster.clone(),
        user_name: "shop".into(),
        update_mask: mask(paths),
        permissions: vec![Permission { database_name: "orders".into() }],
        settings: Some(UserSettings { connection_limit: Some(7), connection_retries: Some(3) }),
        grants: ["reader", "writer", "admin", "transfer"].map(String::from).into(),
        deletion_protection: Some(true),
        ..UpdateUserRequest::default()
    };
    let mut changed = |path: &str, change: &dyn Fn(&mut spqr::v1::User)| {
        change(&mut expected);
        assert_eq!(cloud.updated_user::<Spqr>(given(&[path])), expected, "{path}");
    };
    changed("grants", &|user| user.grants = given(&[]).grants);
    changed("permissions", &|user| user.permissions = given(&[]).permissions);
    let limit = UserSettings { connection_limit: Some(7), ..UserSettings::default() };
    changed("settings.connection_limit", &|user| user.settings = Some(limit));
    changed("settings", &|user| user.settings = given(&[]).settings);
    changed("deletion_protection", &|user| user.deletion_protection = Some(true));
    let nothing = UpdateUserRequest {
        cluster_id: cluster.clone(),
        user_name: "shop".into(),
        grants: vec!["reader".into()],
        ..UpdateUserRequest::default()
    };
    let reset = cloud.updated_user::<Spqr>(nothing);
    assert_eq!((reset.grants.as_slice(), reset.deletion_protection), (["reader".to_owned()].as_slice(), None));
    assert!(reset.permissions.is_empty() && reset.settings.is_none());
}

#[test]
fn the_protection_of_a_mysql_database_is_put_on_and_off() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let update = |paths: &[&str], mode: DeletionProtectionMode| mysql::v1::UpdateDatabaseRequest {
        cluster_id: cluster.clone(),
        database_name: "orders".into(),
        update_mask: mask(paths),
        deletion_protection_mode: mode as i32,
    };
    let updated = |request| response::<mysql::v1::Database>(&cloud.done(Mysql::update_database(&cloud, request)));
    let path = ["deletion_protection_mode"];
    let on = updated(update(&path, DeletionProtectionMode::Enabled));
    assert_eq!((on.name.as_str(), on.deletion_protection_mode()), ("orders", DeletionProtectionMode::Enabled));
    let refusal = refused(Mysql::update_database(&cloud, update(&path, DeletionProtectionMode::Enabled)));
    assert_eq!(refusal.message, "no changes detected");
    let delete = || mysql::v1::DeleteDatabaseRequest { cluster_id: cluster.clone(), database_name: "orders".into() };
    assert_eq!(refused(Mysql::delete_database(&cloud, delete())).about, ["DELETION_PROTECTION"]);
    // Unspecified means off, with a mask and without.
    for paths in [&path[..], &[]] {
        let off = updated(update(paths, DeletionProtectionMode::Unspecified));
        assert_eq!(off.deletion_protection_mode(), DeletionProtectionMode::Disabled);
        updated(update(&[], DeletionProtectionMode::Enabled));
    }
    updated(update(&path, DeletionProtectionMode::Disabled));
    cloud.done(Mysql::delete_database(&cloud, delete()));
}

#[test]
fn what_inherits_its_protection_follows_its_cluster() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let inherited = DeletionProtectionMode::Inherited as i32;
    let mut user = mysql_user(&cluster, &["deletion_protection_mode"]);
    user.deletion_protection_mode = inherited;
    cloud.updated_user::<Mysql>(user);
    cloud.done(Mysql::update_database(
        &cloud,
        mysql::v1::UpdateDatabaseRequest {
            cluster_id: cluster.clone(),
            database_name: "orders".into(),
            update_mask: None,
            deletion_protection_mode: inherited,
        },
    ));
    let protect = |on| {
        let mut request = crate::update::<Mysql>(&cluster, &["deletion_protection"]);
        request.deletion_protection = on;
        crate::updated::<Mysql>(&cloud, request);
    };
    protect(true);
    let user = mysql::v1::DeleteUserRequest { cluster_id: cluster.clone(), user_name: "shop".into() };
    let database = mysql::v1::DeleteDatabaseRequest { cluster_id: cluster.clone(), database_name: "orders".into() };
    assert_eq!(refused(Mysql::delete_user(&cloud, user.clone())).about, ["DELETION_PROTECTION"]);
    assert_eq!(refused(Mysql::delete_database(&cloud, database.clone())).about, ["DELETION_PROTECTION"]);
    protect(false);
    cloud.done(Mysql::delete_user(&cloud, user));
    cloud.done(Mysql::delete_database(&cloud, database));
}
