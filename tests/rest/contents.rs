//! Users and databases of clusters, changed by REST.

use crate::client::{Answer, Http};
use crate::common::*;
use serde_json::{Value, json};

/// What an operation shows that has begun by REST, without the type of its message.
#[track_caller]
fn shown(http: &Http, started: &Answer) -> Value {
    let id = started.ok()["id"].as_str().unwrap().to_owned();
    let ended = http.get(&format!("/operations/{id}")).ok();
    assert_eq!(ended["done"], true, "{ended}");
    let mut response = ended["response"].clone();
    response.as_object_mut().unwrap().remove("@type");
    response
}

#[test]
fn a_mysql_user_is_changed_by_patch_and_gets_roles_by_post() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let id = cloud.created::<Mysql>("orders");
    let user = format!("/managed-mysql/v1/clusters/{id}/users/shop");
    let patch = json!({
        "updateMask": "connectionLimits.maxUserConnections,authenticationPlugin,deletionProtectionMode",
        "connectionLimits": {"maxUserConnections": "7", "maxQuestionsPerHour": "8"},
        "authenticationPlugin": "SHA256_PASSWORD",
        "deletionProtectionMode": "DELETION_PROTECTION_MODE_ENABLED",
    });
    let changed = shown(&http, &http.patch(&user, &patch));
    assert_eq!(changed, http.get(&user).ok());
    assert_eq!(changed["connectionLimits"], json!({"maxUserConnections": "7"}));
    assert_eq!(changed["authenticationPlugin"], "SHA256_PASSWORD");
    assert_eq!(changed["connectionManager"]["connectionId"].as_str().unwrap().len(), 20);
    assert_eq!(http.delete(&user).refused(400).0, 9, "it is protected");

    let roles = |roles: &[&str]| json!({"permission": {"databaseName": "orders", "roles": roles}});
    let granted = shown(&http, &http.post(&format!("{user}:grantPermission"), &roles(&["SELECT", "INSERT"])));
    assert_eq!(granted["permissions"], json!([{"databaseName": "orders", "roles": ["SELECT", "INSERT"]}]));
    let revoked = shown(&http, &http.post(&format!("{user}:revokePermission"), &roles(&["SELECT"])));
    assert_eq!(revoked["permissions"], json!([{"databaseName": "orders", "roles": ["INSERT"]}]));
    assert_eq!(revoked, http.get(&user).ok());
}

#[test]
fn users_of_redis_and_spqr_are_changed_by_patch() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let redis = cloud.created::<Redis>("orders");
    let user = format!("/managed-redis/v1/clusters/{redis}/users/shop");
    let patch = json!({"updateMask": "permissions.commands,passwords", "permissions": {"commands": "+ping -set"}, "passwords": ["eight888"]});
    let changed = shown(&http, &http.patch(&user, &patch));
    assert_eq!(changed["permissions"]["commands"], "+ping -set");
    assert_eq!(changed["aclOptions"], "on sanitize-payload allkeys resetchannels +ping -set alldbs");
    assert_eq!(changed, http.get(&user).ok());
    let spqr = cloud.created::<Spqr>("orders");
    let user = format!("/managed-spqr/v1/clusters/{spqr}/users/shop");
    let patch = json!({"updateMask": "grants,settings.connectionLimit", "grants": ["reader"], "settings": {"connectionLimit": "9"}});
    let changed = shown(&http, &http.patch(&user, &patch));
    assert_eq!((&changed["grants"], &changed["settings"]), (&json!(["reader"]), &json!({"connectionLimit": "9"})));
    assert_eq!(changed, http.get(&user).ok());
}

#[test]
fn a_mysql_database_is_protected_by_patch() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let id = cloud.created::<Mysql>("orders");
    let database = format!("/managed-mysql/v1/clusters/{id}/databases/orders");
    let to = |mode: &str| json!({"updateMask": "deletionProtectionMode", "deletionProtectionMode": format!("DELETION_PROTECTION_MODE_{mode}")});
    let on = shown(&http, &http.patch(&database, &to("ENABLED")));
    assert_eq!(on, http.get(&database).ok());
    assert_eq!(on["deletionProtectionMode"], "DELETION_PROTECTION_MODE_ENABLED");
    assert_eq!(http.delete(&database).refused(400).0, 9);
    shown(&http, &http.patch(&database, &to("DISABLED")));
    http.delete(&database).ok();
}

#[test]
fn sqlserver_databases_come_and_go_by_post() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let request = sqlserver::v1::CreateClusterRequest {
        service_account_id: "ajerobot000000000001".into(),
        ..SqlServer::new_cluster("orders")
    };
    let id = cloud.created_by::<SqlServer>(request);
    let backup = cloud.backed_up::<SqlServer>(&id);
    cloud.advance(HOUR);
    let users = format!("/mdb/sqlserver/v1/clusters/{id}/users/shop");
    let owner = json!({"permissions": [{"databaseName": "orders", "roles": ["DB_OWNER"]}], "password": "eight888"});
    let changed = shown(&http, &http.patch(&users, &owner));
    assert_eq!(changed["permissions"], owner["permissions"]);

    let databases = format!("/mdb/sqlserver/v1/clusters/{id}/databases");
    let restore = json!({
        "databaseName": "restored", "fromDatabase": "orders", "backupId": backup.id, "time": "2026-01-31T12:30:00Z",
    });
    let restored = shown(&http, &http.post(&format!("{databases}:restore"), &restore));
    assert_eq!(restored, json!({"name": "restored", "clusterId": id}));
    let import = json!({"databaseName": "imported", "s3Bucket": "files", "files": ["orders.bak"]});
    let imported = shown(&http, &http.post(&format!("{databases}:import"), &import));
    assert_eq!(imported, json!({"name": "imported", "clusterId": id}));
    let export = json!({"s3Bucket": "files", "prefix": "orders-"});
    let exported = shown(&http, &http.post(&format!("{databases}/orders:export"), &export));
    assert_eq!(exported, json!({"name": "orders", "clusterId": id}));
    let listed = http.get(&databases).ok();
    let names: Vec<&str> =
        listed["databases"].as_array().unwrap().iter().map(|database| database["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["imported", "orders", "restored"]);
}
