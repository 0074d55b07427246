//! The control API over REST.

use crate::client::Http;
use crate::common::*;
use serde_json::json;

#[test]
fn universes_are_made_forked_reset_and_deleted() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    let made = http.post(
        "/mdb-emulator/v1/universes",
        &json!({"universeId": "a", "seed": "7", "frozenAt": "2026-02-01T00:00:00Z"}),
    );
    let clock = json!({"now": "2026-02-01T00:00:00Z", "frozen": true});
    assert_eq!(made.ok(), json!({"id": "a", "seed": "7", "clock": clock}));
    let forked = http.post("/mdb-emulator/v1/universes/a:fork", &json!({"universeId": "b"})).ok();
    assert_eq!(forked, json!({"id": "b", "seed": "7", "clock": clock}));
    let reset = http.post("/mdb-emulator/v1/universes/b:reset", &json!({"seed": "8"})).ok();
    assert_eq!(reset, json!({"id": "b", "seed": "8", "clock": clock}));
    let page = http.get("/mdb-emulator/v1/universes?pageSize=2").ok();
    assert_eq!(page["universes"], json!([made.ok(), reset]));
    let rest =
        http.get(&format!("/mdb-emulator/v1/universes?pageToken={}", page["nextPageToken"].as_str().unwrap())).ok();
    assert_eq!(rest["universes"][0]["id"], "default");
    assert_eq!(http.delete("/mdb-emulator/v1/universes/b").ok(), json!({}));
    assert_eq!(http.get("/mdb-emulator/v1/universes/b").refused(404).0, 5);
    assert_eq!(http.get("/mdb-emulator/v1/universes/a").ok(), made.ok());
}

#[test]
fn the_clock_moves_of_the_universe_in_the_path_or_in_the_header() {
    let cloud = Cloud::start();
    let http = Http::new(&cloud);
    http.post("/mdb-emulator/v1/universes", &json!({"universeId": "a", "frozenAt": "2026-02-01T00:00:00Z"})).ok();
    let day_later = json!({"now": "2026-02-02T00:00:00Z", "frozen": true});
    let advanced = http.post("/mdb-emulator/v1/universes/a/clock:advance", &json!({"by": "86400s"})).ok();
    assert_eq!(advanced, day_later);
    assert_eq!(http.with("x-mdb-universe", "a").get("/mdb-emulator/v1/clock").ok(), day_later);
    let moved = http.with("x-mdb-universe", "a").post("/mdb-emulator/v1/clock:advance", &json!({"by": "0.5s"})).ok();
    assert_eq!(moved["now"], "2026-02-02T00:00:00.500Z");
    let set = http.post("/mdb-emulator/v1/universes/a/clock:set", &json!({"now": "2026-02-03T00:00:00Z"})).ok();
    assert_eq!(http.get("/mdb-emulator/v1/universes/a/clock").ok(), set);
    assert_eq!(http.get("/mdb-emulator/v1/clock").ok()["now"], "2026-01-31T12:00:00Z", "the default one stands still");
    let running = http.post("/mdb-emulator/v1/universes", &json!({"universeId": "running"})).ok();
    assert_eq!(running["clock"].get("frozen"), None);
    let frozen = http.post("/mdb-emulator/v1/universes/running/clock:freeze", &json!({})).ok();
    assert_eq!(frozen["frozen"], json!(true));
    let late = http.post("/mdb-emulator/v1/clock:set", &json!({"now": "2026-01-31T11:00:00Z"}));
    assert_eq!(late.violation().0, "now");
}

#[test]
fn a_daily_backup_comes_when_the_clock_is_moved_by_rest() {
    let cloud = Cloud::start();
    let id = cloud.created::<Redis>("orders");
    let http = Http::new(&cloud);
    http.post("/mdb-emulator/v1/clock:advance", &json!({"by": "86400s"})).ok();
    let backups = http.get(&format!("/managed-redis/v1/clusters/{id}/backups")).ok();
    assert_eq!(backups["backups"].as_array().unwrap().len(), 1);
    assert_eq!(backups["backups"][0]["type"], "AUTOMATED");
}
