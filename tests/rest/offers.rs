//! Presets over REST.

use crate::client::Http;
use crate::common::*;
use serde_json::json;

#[test]
fn presets_are_read_at_their_paths() {
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
}
