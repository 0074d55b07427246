//! Update masks in JSON.

use crate::client::Http;
use crate::common::*;
use mdb_emulator::contract::{json, schema};
use prost::Message;
use serde_json::json;

/// The paths of an Update of MySQL, as the service gets them.
fn paths(mask: &str) -> Vec<String> {
    let message = schema::message("yandex.cloud.mdb.mysql.v1.UpdateClusterRequest").unwrap();
    let bytes = json::read(message, json!({"updateMask": mask}).to_string().as_bytes()).unwrap();
    mysql::v1::UpdateClusterRequest::decode(bytes.as_slice()).unwrap().update_mask.unwrap().paths
}

/// The mask of an Update of MySQL as it is written.
fn written(paths: &[&str]) -> String {
    let message = schema::message("yandex.cloud.mdb.mysql.v1.UpdateClusterRequest").unwrap();
    let request = mysql::v1::UpdateClusterRequest { update_mask: mask(paths), ..Default::default() };
    let mut out = Vec::new();
    json::write(message, &request.encode_to_vec(), &mut out).unwrap();
    serde_json::from_slice::<serde_json::Value>(&out).unwrap()["updateMask"].as_str().unwrap().to_owned()
}

#[test]
fn names_are_looked_up_along_the_path() {
    let both_ways = [
        ("name", "name"),
        ("config_spec.backup_window_start.hours", "configSpec.backupWindowStart.hours"),
        ("config_spec.mysql_config_8_0", "configSpec.mysqlConfig_8_0"),
        ("config_spec.mysql_config_5_7.max_connections", "configSpec.mysqlConfig_5_7.maxConnections"),
        ("config_spec.mysql_config_5_7.show_compatibility_56", "configSpec.mysqlConfig_5_7.showCompatibility_56"),
    ];
    for (path, in_json) in both_ways {
        assert_eq!(paths(in_json), [path]);
        assert_eq!(paths(path), [path], "the contract's names will do");
        assert_eq!(written(&[path]), in_json);
    }
    let (all, all_in_json): (Vec<&str>, Vec<&str>) = both_ways.into_iter().unzip();
    assert_eq!(paths(&all_in_json.join(",")), all);
    assert_eq!(written(&all), all_in_json.join(","));
    assert_eq!(paths(""), Vec::<String>::new());
    assert_eq!(written(&[]), "");
}

#[test]
fn what_no_message_has_is_spelled_by_the_rule_and_keys_stay_as_they_are() {
    assert_eq!(paths("configSpec.access.someThingNew"), ["config_spec.access.some_thing_new"]);
    assert_eq!(paths("configSpec.mysqlConfig_9_0.maxConnections"), ["config_spec.mysql_config_9_0.max_connections"]);
    assert_eq!(written(&["config_spec.mysql_config_9_0.max_connections"]), "configSpec.mysqlConfig_9_0.maxConnections");
    assert_eq!(paths("labels.myKey.a_b"), ["labels.myKey.a_b"]);
    assert_eq!(written(&["labels.my_key"]), "labels.my_key");
}

#[test]
fn a_mask_in_json_changes_what_it_names() {
    let cloud = Cloud::start();
    let id = cloud.created::<Mysql>("orders");
    let http = Http::new(&cloud);
    let path = format!("/managed-mysql/v1/clusters/{id}");
    let config = json!({"mysqlConfig_8_0": {"maxConnections": "77"}, "backupWindowStart": {"hours": 5}});
    let change = json!({"updateMask": "configSpec.mysqlConfig_8_0.maxConnections,description", "configSpec": config, "description": "new"});
    http.patch(&path, &change).ok();
    let cluster = http.get(&path).ok();
    assert_eq!(cluster["description"], "new");
    assert_eq!(cluster["config"]["mysqlConfig_8_0"]["userConfig"], json!({"maxConnections": "77"}));
    assert_eq!(cluster["config"]["backupWindowStart"].get("hours"), Some(&json!(22)), "it is not in the mask");
    let in_query =
        http.patch(&format!("{path}?updateMask=config_spec.backup_window_start"), &json!({"configSpec": config}));
    in_query.ok();
    assert_eq!(http.get(&path).ok()["config"]["backupWindowStart"], json!({"hours": 5}));
    assert_eq!(
        http.patch(&path, &json!({"updateMask": "name", "name": "orders"})).refused(400),
        (9, "no changes detected".into())
    );
}

#[test]
fn a_mask_with_the_surplus_segment_of_spqr_is_followed() {
    let cloud = Cloud::start();
    let id = cloud.created::<Spqr>("orders");
    let http = Http::new(&cloud);
    let path = format!("/managed-spqr/v1/clusters/{id}");
    let infra = json!({"router": {"showNoticeMessages": true}});
    let change = json!({
        "updateMask": "configSpec.spqrSpec.infra.router.config.showNoticeMessages",
        "configSpec": {"spqrSpec": {"infra": infra}},
    });
    http.patch(&path, &change).ok();
    let config = &http.get(&path).ok()["config"]["spqrConfig"];
    assert_eq!(config["infra"]["router"]["showNoticeMessages"], json!(true), "{config}");
}
