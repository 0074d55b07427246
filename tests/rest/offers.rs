//! Presets and versions over REST.

use crate::client::Http;
use crate::common::*;
use serde_json::json;

#[test]
fn presets_and_versions_are_read_at_their_paths() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    for (prefix, count) in
        [("/managed-redis/v1", 76), ("/managed-mysql/v1", 118), ("/mdb/sqlserver/v1", 20), ("/managed-spqr/v1", 99)]
    {
        let page = http.get(&format!("{prefix}/resourcePresets?pageSize=1000")).ok();
        let presets = page["resourcePresets"].as_array().unwrap();
        assert_eq!(presets.len(), count, "{prefix}");
        let id = presets[0]["id"].as_str().unwrap();
        assert_eq!(http.get(&format!("{prefix}/resourcePresets/{id}")).ok(), presets[0]);
        let (code, message) = http.get(&format!("{prefix}/resourcePresets/b1.nano")).refused(404);
        assert_eq!((code, message.as_str()), (5, "Resource preset b1.nano not found"));
    }
    let nano =
        json!({"id": "hm1.nano", "zoneIds": ["ru-central1-a", "ru-central1-b"], "memory": "8589934592", "cores": "2"});
    assert_eq!(http.get("/managed-redis/v1/resourcePresets/hm1.nano").ok(), nano);
    let versions = json!({"version": [
        {"id": "5.7", "name": "MySQL 5.7", "status": "DEPRECATED", "updatableTo": ["8.0"]},
        {"id": "8.0", "name": "MySQL 8.0", "status": "SUPPORTED", "updatableTo": ["8.4"]},
        {"id": "8.4", "name": "MySQL 8.4", "status": "ACTUAL"},
    ]});
    assert_eq!(http.get("/managed-mysql/v1/versions").ok(), versions);
    let page = http.get("/managed-redis/v1/versions?pageSize=1").ok();
    assert_eq!(page["version"][0]["id"], "7.2-valkey");
    assert_eq!(page["version"][0]["deprecatedAt"], "2028-03-31T00:00:00Z");
    let next =
        http.get(&format!("/managed-redis/v1/versions?pageToken={}", page["nextPageToken"].as_str().unwrap())).ok();
    assert_eq!(next["version"].as_array().unwrap().len(), 4);
    for prefix in ["/mdb/sqlserver/v1", "/managed-spqr/v1"] {
        http.get(&format!("{prefix}/versions")).refused(404);
    }
}
