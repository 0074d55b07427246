//! The exact shapes of what is asked and answered, of the calls that users of REST make most.

use crate::client::Http;
use crate::common::*;
use serde_json::{Value, json};

/// The instant at which these servers stand.
const NOON: &str = "2026-01-31T12:00:00Z";

/// A server with a cluster that has a name, and a client of it.
fn with_cluster<E: Sample>() -> (Cloud, Http, String) {
    let cloud = Cloud::start();
    let id = cloud.created::<E>("orders");
    let http = Http::new(&cloud);
    (cloud, http, id)
}

/// The ids of a list of backups.
fn ids(page: &Value) -> Vec<String> {
    page["backups"].as_array().unwrap().iter().map(|backup| backup["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_backups_of_a_redis_cluster_come_page_by_page() {
    let (cloud, http, id) = with_cluster::<Redis>();
    for _ in 0..3 {
        cloud.backed_up::<Redis>(&id);
    }
    let all: Vec<String> = cloud.backups::<Redis>(&id).into_iter().map(|backup| backup.id).collect();
    let path = format!("/managed-redis/v1/clusters/{id}/backups");
    let first = http.get(&format!("{path}?pageSize=2")).ok();
    let token = first["nextPageToken"].as_str().unwrap();
    let backup = |id: &String| {
        json!({
            "id": id,
            "folderId": FOLDER,
            "createdAt": NOON,
            "sourceClusterId": id.split(':').next().unwrap(),
            "startedAt": NOON,
            "sourceShardNames": ["shard1"],
            "type": "MANUAL",
        })
    };
    assert_eq!(first, json!({"backups": [backup(&all[0]), backup(&all[1])], "nextPageToken": token}));
    let last = http.get(&format!("{path}?pageSize=2&pageToken={token}")).ok();
    assert_eq!(last, json!({"backups": [backup(&all[2])]}), "what is unset is left out");
    assert_eq!(http.get(&format!("{path}?page_size=2&page_token={token}")).ok(), last, "the contract's names will do");
    assert_eq!(ids(&http.get(&path).ok()), all);
}

#[test]
fn the_backups_of_a_mysql_cluster_come_page_by_page() {
    let (cloud, http, id) = with_cluster::<Mysql>();
    let first = cloud.backed_up::<Mysql>(&id);
    let second = cloud.backed_up::<Mysql>(&id);
    let path = format!("/managed-mysql/v1/clusters/{id}/backups");
    let page = http.get(&format!("{path}?pageSize=1")).ok();
    assert_eq!(ids(&page), [second.id]);
    assert_eq!(
        page["backups"][0],
        json!({
            "id": page["backups"][0]["id"],
            "folderId": FOLDER,
            "sourceClusterId": id,
            "createdAt": NOON,
            "startedAt": NOON,
            "type": "MANUAL",
            "size": second.size.to_string(),
            "journalSize": second.journal_size.to_string(),
            "status": "DONE",
        })
    );
    let token = page["nextPageToken"].as_str().unwrap();
    let last = http.get(&format!("{path}?pageSize=1&pageToken={token}")).ok();
    assert_eq!(ids(&last), [first.id]);
    assert_eq!(last.get("nextPageToken"), None);
}

#[test]
fn a_backup_of_an_spqr_cluster_is_an_operation() {
    let (_cloud, http, id) = with_cluster::<Spqr>();
    let started = http.send("POST", &format!("/managed-spqr/v1/clusters/{id}:backup"), b"");
    assert_eq!(started.header("x-operation-poll-interval"), Some("0"));
    let started = started.ok();
    assert_eq!(
        started,
        json!({
            "id": started["id"],
            "description": "Create backup of SPQR cluster",
            "createdAt": NOON,
            "createdBy": "mdb-emulator",
            "modifiedAt": NOON,
            "metadata": {
                "@type": "type.googleapis.com/yandex.cloud.mdb.spqr.v1.BackupClusterMetadata",
                "clusterId": id,
            },
        })
    );
    let ended = http.get(&format!("/operations/{}", started["id"].as_str().unwrap())).ok();
    assert_eq!((&ended["done"], &ended["metadata"]), (&json!(true), &started["metadata"]));
    let mut cluster = http.get(&format!("/managed-spqr/v1/clusters/{id}")).ok();
    cluster["@type"] = json!("type.googleapis.com/yandex.cloud.mdb.spqr.v1.Cluster");
    assert_eq!(ended["response"], cluster);
    assert_eq!(cluster["name"], "orders");
}

#[test]
fn a_cluster_is_created_by_an_object() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let request = json!({
        "folderId": FOLDER,
        "name": "orders",
        "labels": {"b": "2", "a": "1"},
        "environment": "PRODUCTION",
        "configSpec": {
            "version": "8.0",
            "resources": {"resourcePresetId": "s3-c2-m8", "diskSize": "21474836480", "diskTypeId": "network-ssd"},
            "mysqlConfig_8_0": {"maxConnections": "200", "sqlMode": ["ANSI_QUOTES"], "longQueryTime": 0.5},
            "backupWindowStart": {"hours": 3},
            "access": null,
        },
        "databaseSpecs": [{"name": "orders"}],
        "userSpecs": [{"name": "shop", "password": SECRET, "permissions": [{"databaseName": "orders", "roles": ["SELECT"]}]}],
        "hostSpecs": [{"zoneId": "ru-central1-a"}],
        "deletionProtection": true,
    });
    let started = http.post("/managed-mysql/v1/clusters", &request).ok();
    let id = started["metadata"]["clusterId"].as_str().unwrap();
    let answer = http.get(&format!("/managed-mysql/v1/clusters/{id}"));
    let cluster = answer.ok();
    assert_eq!(cluster["labels"], json!({"a": "1", "b": "2"}));
    assert_eq!(cluster["environment"], "PRODUCTION");
    assert_eq!(cluster["deletionProtection"], json!(true));
    assert_eq!(cluster["config"]["resources"], request["configSpec"]["resources"]);
    let settings = &cluster["config"]["mysqlConfig_8_0"];
    assert_eq!(settings["userConfig"], request["configSpec"]["mysqlConfig_8_0"]);
    assert_eq!(settings["effectiveConfig"]["maxConnections"], "200");
    assert_eq!(cluster["config"]["backupWindowStart"], json!({"hours": 3}));
    assert_eq!(cluster["maintenanceWindow"], json!({"anytime": {}}), "a choice that is made is there, if empty");
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.find("\"a\":\"1\"").unwrap() < text.find("\"b\":\"2\"").unwrap(), "maps are in order: {text}");
    assert!(!text.contains(SECRET));
}

#[test]
fn numbers_and_names_and_text_are_all_read() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let request = json!({
        "folder_id": FOLDER,
        "name": "orders",
        "environment": 1,
        "config_spec": {
            "version": "8.1-valkey",
            "resources": {"resource_preset_id": "hm3-c2-m8", "disk_size": 17_179_869_184_u64, "diskTypeId": "network-ssd"},
            "backupRetainPeriodDays": 8.0,
        },
        "hostSpecs": [{"zoneId": "ru-central1-a", "replicaPriority": "50"}, {"zone_id": "ru-central1-b"}],
    });
    let started = http.post("/managed-redis/v1/clusters", &request).ok();
    let id = started["metadata"]["clusterId"].as_str().unwrap();
    let cluster = cloud.cluster::<Redis>(id);
    let config = cluster.config.unwrap();
    assert_eq!(cluster.environment, 1);
    assert_eq!(config.resources.unwrap().disk_size, 17_179_869_184);
    assert_eq!(config.backup_retain_period_days, Some(8));
    let hosts = http.get(&format!("/managed-redis/v1/clusters/{id}/hosts")).ok();
    assert_eq!(hosts["hosts"][0]["replicaPriority"], "50");
}

#[test]
fn a_deletion_ends_in_an_empty_message() {
    let (_cloud, http, id) = with_cluster::<Redis>();
    let started = http.delete(&format!("/managed-redis/v1/clusters/{id}")).ok();
    let ended = http.get(&format!("/operations/{}", started["id"].as_str().unwrap())).ok();
    assert_eq!(ended["response"], json!({"@type": "type.googleapis.com/google.protobuf.Empty", "value": {}}));
    let gone = http.get(&format!("/managed-redis/v1/clusters/{id}"));
    assert_eq!(gone.refused(404), (5, format!("Cluster {id} not found")));
    assert_eq!(
        gone.json()["details"][0],
        json!({
            "@type": "type.googleapis.com/google.rpc.ResourceInfo",
            "resourceType": "mdb.cluster",
            "resourceName": id,
            "description": format!("Cluster {id} not found"),
        })
    );
}

#[test]
fn an_operation_is_cancelled_by_either_verb_and_shows_its_error() {
    for verb in ["GET", "POST"] {
        let cloud = Cloud::slow(60);
        let http = Http::new(&cloud);
        let started = Redis::create(&cloud, Redis::new_cluster("orders")).unwrap();
        let cancelled = http.send(verb, &format!("/operations/{}:cancel", started.id), b"").ok();
        assert_eq!(cancelled["done"], json!(true), "{verb}");
        assert_eq!(cancelled["error"], json!({"code": 1, "message": "The operation was cancelled"}));
        assert_eq!(http.get(&format!("/operations/{}", started.id)).ok(), cancelled);
    }
}

#[test]
fn a_cluster_is_restored_to_a_point_in_time_that_is_written_with_an_offset() {
    let (cloud, http, id) = with_cluster::<Mysql>();
    let backup = cloud.backed_up::<Mysql>(&id);
    cloud.advance(HOUR);
    let request = json!({
        "backupId": backup.id,
        "time": "2026-01-31T15:30:00.5+03:00",
        "name": "restored",
        "environment": "PRODUCTION",
        "configSpec": {
            "version": "8.0",
            "resources": {"resourcePresetId": "s3-c2-m8", "diskSize": "21474836480", "diskTypeId": "network-ssd"},
        },
        "hostSpecs": [{"zoneId": "ru-central1-a"}],
    });
    let started = http.post("/managed-mysql/v1/clusters:restore", &request).ok();
    assert_eq!(started["metadata"]["backupId"], json!(backup.id));
    let late = json!({"time": "2026-01-31T13:00:00.000000001Z", "name": "late"});
    let late: Value =
        request.as_object().unwrap().clone().into_iter().chain(late.as_object().unwrap().clone()).collect();
    let (field, rule) = http.post("/managed-mysql/v1/clusters:restore", &late).violation();
    assert_eq!(field, "time");
    assert!(rule.starts_with("2026-01-31T13:00:00.000000001Z is outside the window of this backup"), "{rule}");
}

#[test]
fn a_query_gives_lists_by_repeating_a_name_and_messages_by_dots() {
    let (_cloud, http, id) = with_cluster::<Redis>();
    let path = format!("/managed-redis/v1/clusters/{id}");
    let lists = "securityGroupIds=enpb&securityGroupIds=enpa&security_group_ids=enpc";
    let window = "configSpec.backupWindowStart.hours=4&configSpec.backup_window_start.minutes=30";
    let mask = "updateMask=securityGroupIds,configSpec.backupWindowStart,deletionProtection";
    http.patch(&format!("{path}?{lists}&{window}&{mask}&deletionProtection=true"), &json!({})).ok();
    let cluster = http.get(&path).ok();
    assert_eq!(cluster["securityGroupIds"], json!(["enpb", "enpa", "enpc"]));
    assert_eq!(cluster["config"]["backupWindowStart"], json!({"hours": 4, "minutes": 30}));
    assert_eq!(cluster["deletionProtection"], json!(true));
}

#[test]
fn the_same_call_in_the_same_state_is_answered_by_the_same_bytes() {
    let (_cloud, http, id) = with_cluster::<Redis>();
    let path = format!("/managed-redis/v1/clusters/{id}");
    let labels: serde_json::Map<String, Value> = (0..30).map(|n| (format!("k{}", n * 7 % 30), json!("v"))).collect();
    http.patch(&path, &json!({"updateMask": "labels", "labels": labels})).ok();
    let first = http.get(&path).body;
    assert_eq!(http.get(&path).ok()["labels"].as_object().unwrap().len(), 30);
    for _ in 0..5 {
        assert_eq!(http.get(&path).body, first);
    }
}
