//! What users are shown as, and the roles that they are given and deprived of.

// Clients go on reading what the contract has deprecated.
#![allow(deprecated)]

use crate::common::*;
use mysql::v1::{AuthPlugin, permission::Privilege};

for_every_engine_with_grants! {
    roles_are_granted_and_revoked
    roles_on_one_database_have_nothing_to_do_with_another
    a_permission_goes_with_its_database
}

/// The permissions of the user `shop`.
trait Permitted: SampleGrants {
    fn permissions(user: &Self::User) -> Vec<Self::Permission>;
}

impl Permitted for Mysql {
    fn permissions(user: &mysql::v1::User) -> Vec<mysql::v1::Permission> {
        user.permissions.clone()
    }
}

impl Permitted for SqlServer {
    fn permissions(user: &sqlserver::v1::User) -> Vec<sqlserver::v1::Permission> {
        user.permissions.clone()
    }
}

/// What the user `shop` may do, as the operation shows it and `UserService.Get` too.
#[track_caller]
fn allowed<E: Permitted>(cloud: &Cloud, cluster: &str, started: Result<Operation, Status>) -> Vec<(String, Vec<i32>)> {
    let shown: E::User = response(&cloud.done(started));
    assert_eq!(shown, cloud.user::<E>(cluster, "shop"));
    E::permissions(&shown).iter().map(|one| (one.database_name().to_owned(), one.roles().to_vec())).collect()
}

fn roles_are_granted_and_revoked<E: Permitted>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let grant = |roles: &[i32]| {
        let request = E::grant(&cluster, "shop", E::permission("orders", roles));
        allowed::<E>(&cloud, &cluster, E::grant_permission(&cloud, request))
    };
    let revoke = |roles: &[i32]| {
        let request = E::revoke(&cluster, "shop", E::permission("orders", roles));
        allowed::<E>(&cloud, &cluster, E::revoke_permission(&cloud, request))
    };
    let on_orders = |roles: &[i32]| vec![("orders".to_owned(), roles.to_vec())];
    assert_eq!(grant(&[2]), on_orders(&[2]));
    assert_eq!(grant(&[3, 2, 3]), on_orders(&[2, 3]), "what is there already is not there twice");
    assert_eq!(revoke(&[2, 7]), on_orders(&[3]), "what is not there is not missed");
    assert_eq!(revoke(&[3]), [], "a permission without roles is none");
    assert_eq!(grant(&[1]), on_orders(&[1]));
    let descriptions: Vec<String> =
        cloud.operations::<E>(&cluster).into_iter().map(|operation| operation.description).collect();
    let title = if E::PACKAGE == "mysql" { "MySQL" } else { "SQL Server" };
    assert_eq!(descriptions[0], format!("Grant permission to user in {title} cluster"));
    assert_eq!(descriptions[1], format!("Revoke permission from user in {title} cluster"));
}

fn roles_on_one_database_have_nothing_to_do_with_another<E: Permitted>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.create_database::<E>(&cluster, "bills");
    for database in ["orders", "bills"] {
        cloud.done(E::grant_permission(&cloud, E::grant(&cluster, "shop", E::permission(database, &[1, 2]))));
    }
    let revoked = E::revoke_permission(&cloud, E::revoke(&cluster, "shop", E::permission("bills", &[1, 2])));
    assert_eq!(allowed::<E>(&cloud, &cluster, revoked), [("orders".to_owned(), vec![1, 2])]);
}

fn a_permission_goes_with_its_database<E: Permitted>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    cloud.create_database::<E>(&cluster, "bills");
    for database in ["orders", "bills"] {
        cloud.done(E::grant_permission(&cloud, E::grant(&cluster, "shop", E::permission(database, &[1]))));
    }
    cloud.drop_database::<E>(&cluster, "orders");
    let left = E::permissions(&cloud.user::<E>(&cluster, "shop"));
    assert!(left == [E::permission("bills", &[1])]);
}

/// The SDK's example creates such a user.
#[test]
fn a_mysql_permission_without_roles_gets_them_later() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let user_spec =
        mysql::v1::UserSpec { permissions: vec![Mysql::permission("orders", &[])], ..Mysql::new_user("bare") };
    let request = mysql::v1::CreateUserRequest { cluster_id: cluster.clone(), user_spec: Some(user_spec) };
    cloud.done(Mysql::create_user(&cloud, request));
    let roles = [Privilege::Select as i32];
    cloud.done(Mysql::grant_permission(&cloud, Mysql::grant(&cluster, "bare", Mysql::permission("orders", &roles))));
    assert_eq!(cloud.user::<Mysql>(&cluster, "bare").permissions, [Mysql::permission("orders", &roles)]);
}

#[test]
fn a_redis_user_shows_what_it_may_do_and_never_its_password() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let default = cloud.user::<Redis>(&cluster, "default");
    assert_eq!(default.acl_options, "on sanitize-payload allkeys allchannels +@all -@admin alldbs");
    let shop = cloud.user::<Redis>(&cluster, "shop");
    assert_eq!(shop.acl_options, "on sanitize-payload allkeys resetchannels alldbs");
    for user in [default, shop] {
        assert_eq!(user.permissions.unwrap().sanitize_payload.as_deref(), Some("sanitize-payload"));
    }
    let permissions = redis::v1::Permissions {
        patterns: Some("~456*".into()),
        pub_sub_channels: Some("&123*".into()),
        categories: Some("-@all +@geo".into()),
        commands: Some("+ping -set".into()),
        sanitize_payload: Some("skip-sanitize-payload".into()),
        databases: Some("0,1,2".into()),
    };
    let user_spec = redis::v1::UserSpec {
        enabled: Some(false),
        permissions: Some(permissions.clone()),
        ..Redis::new_user("geographer")
    };
    let request = redis::v1::CreateUserRequest { cluster_id: cluster.clone(), user_spec: Some(user_spec) };
    cloud.done(Redis::create_user(&cloud, request));
    let shown = cloud.user::<Redis>(&cluster, "geographer");
    assert_eq!((shown.permissions, shown.enabled), (Some(permissions), false));
    assert_eq!(shown.acl_options, "off skip-sanitize-payload ~456* &123* -@all +@geo +ping -set 0,1,2");
}

#[test]
fn the_default_user_of_redis_can_be_changed() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let request = redis::v1::UpdateUserRequest {
        cluster_id: cluster,
        user_name: "default".into(),
        update_mask: mask(&["enabled"]),
        ..redis::v1::UpdateUserRequest::default()
    };
    let off = "off sanitize-payload allkeys allchannels +@all -@admin alldbs";
    assert_eq!(cloud.updated_user::<Redis>(request).acl_options, off);
}

#[test]
fn a_mysql_user_has_a_connection_unless_it_comes_by_iam() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    cloud.create_user::<Mysql>(&cluster, "another");
    let connection =
        |name: &str| cloud.user::<Mysql>(&cluster, name).connection_manager.map(|connection| connection.connection_id);
    let first = connection("shop").unwrap();
    assert_eq!(first.len(), 20);
    assert_ne!(connection("another"), Some(first.clone()));
    let with = |plugin: AuthPlugin| mysql::v1::UpdateUserRequest {
        authentication_plugin: plugin as i32,
        update_mask: mask(&["authentication_plugin"]),
        ..Mysql::new_password(&cluster, "shop")
    };
    for plugin in [AuthPlugin::MysqlNativePassword, AuthPlugin::MdbIamproxyAuth, AuthPlugin::MysqlNoLogin] {
        cloud.updated_user::<Mysql>(with(plugin));
        let expected = (plugin != AuthPlugin::MdbIamproxyAuth).then(|| first.clone());
        assert_eq!(connection("shop"), expected, "{plugin:?}");
    }
    let other = cloud.created::<Mysql>("other");
    let elsewhere = cloud.user::<Mysql>(&other, "shop").connection_manager.unwrap();
    assert_ne!(elsewhere.connection_id, first);
}
