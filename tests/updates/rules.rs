//! What an update must not lead to.

// Clients go on sending what the contract has deprecated.
#![allow(deprecated)]

use crate::common::*;
use crate::{update, updated};
use mysql::v1::config::{MysqlConfig57, MysqlConfig80, mysql_config5_7, mysql_config8_0};
use mysql::v1::{cluster_config, config_spec};
use redis::v1::config::{RedisConfig, RedisConfig70, redis_config7_0};

for_every_engine! {
    the_network_stays
    a_disk_does_not_shrink_where_that_is_known
    a_mask_of_one_long_path_is_answered
}

for_every_managed_engine! {
    a_maintenance_window_always_has_a_policy
    retention_is_from_7_to_60_days
}

/// The rules that an update breaks, by field.
#[track_caller]
fn broken(outcome: Result<Operation, Status>) -> Vec<String> {
    let refusal = refused(outcome);
    assert_eq!(refusal.code, Code::InvalidArgument, "{}", refusal.message);
    refusal.about
}

fn the_network_stays<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.cluster::<E>(&cluster);
    let mut request = update::<E>(&cluster, &["network_id"]);
    // Not every engine's Update has it.
    request.set_network_id("another".into());
    let refusal = refused(E::update(&cloud, request));
    assert!([Code::InvalidArgument, Code::FailedPrecondition].contains(&refusal.code), "{}", refusal.message);
    assert!(refusal.message.contains("network_id"), "{}", refusal.message);
    assert_eq!(cloud.cluster::<E>(&cluster), before);
}

fn a_disk_does_not_shrink_where_that_is_known<E: Sample>() {
    let cloud = Cloud::start();
    let mut request = E::new_cluster("main");
    let mut config = request.config_spec().cloned().unwrap();
    let Some(mut resources) = config.resources().cloned() else { return };
    if !["mysql", "sqlserver"].contains(&E::PACKAGE) {
        return;
    }
    resources.set_disk_size(2 * resources.disk_size());
    config.set_resources(Some(resources.clone()));
    request.set_config_spec(Some(config));
    let cluster = cloud.created_by::<E>(request);
    for (path, shrunk) in [
        ("config_spec.resources.disk_size", (resources.disk_size() - 1, resources.disk_type_id().to_owned())),
        ("config_spec.resources.disk_type_id", (resources.disk_size(), "network-hdd".into())),
    ] {
        let mut config = E::ConfigSpec::default();
        let mut wanted = resources.clone();
        wanted.set_disk_size(shrunk.0);
        wanted.set_disk_type_id(shrunk.1);
        config.set_resources(Some(wanted));
        let mut request = update::<E>(&cluster, &[path]);
        request.set_config_spec(Some(config));
        assert_eq!(broken(E::update(&cloud, request)), [path]);
    }
}

fn a_mask_of_one_long_path_is_answered<E: Sample>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let path = format!("config_spec.{}version", "config.".repeat(500_000));
    let refusal = refused(E::update(&cloud, update::<E>(&cluster, &[&path])));
    assert_eq!(refusal.message, "no changes detected");
}

fn a_maintenance_window_always_has_a_policy<E: Sample + ManagedMessages>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let before = cloud.cluster::<E>(&cluster);
    let refusal = refused(E::update(&cloud, update::<E>(&cluster, &["maintenance_window"])));
    assert_eq!(refusal.message, "no changes detected");
    let taken_away = E::update(&cloud, update::<E>(&cluster, &["maintenance_window.anytime"]));
    assert_eq!(broken(taken_away), ["maintenance_window.policy"]);
    assert_eq!(cloud.cluster::<E>(&cluster), before);
}

#[test]
fn a_mask_does_not_build_what_create_would_refuse() {
    use mysql::v1::{MaintenanceWindow, WeeklyMaintenanceWindow, maintenance_window::Policy};
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let weekly = WeeklyMaintenanceWindow { hour: 3, ..Default::default() };
    let window = MaintenanceWindow { policy: Some(Policy::WeeklyMaintenanceWindow(weekly)) };
    let request = mysql::v1::UpdateClusterRequest {
        maintenance_window: Some(window),
        ..update::<Mysql>(&cluster, &["maintenance_window.weekly_maintenance_window.day"])
    };
    assert_eq!(broken(Mysql::update(&cloud, request)), ["maintenance_window.weekly_maintenance_window.hour"]);
}

fn retention_is_from_7_to_60_days<E: Sample + ManagedMessages>() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<E>("main");
    let path = "config_spec.backup_retain_period_days";
    let to = |days| {
        let mut config = E::ConfigSpec::default();
        config.set_backup_retain_period_days(Some(days));
        let mut request = update::<E>(&cluster, &[path]);
        request.set_config_spec(Some(config));
        request
    };
    for days in [i64::MIN, -5, 0, 6, 61, 4_000_000_000_000] {
        assert_eq!(broken(E::update(&cloud, to(days))), [path], "{days}");
    }
    for days in [60, 7] {
        updated::<E>(&cloud, to(days));
    }
}

#[test]
fn resources_are_checked_when_they_change() {
    use mdb_emulator::engines::shared::rules::{self, Rules};
    let mut before = Mysql::new_cluster("main");
    // As if another version of the emulator had taken it.
    before.config_spec.as_mut().unwrap().resources.as_mut().unwrap().resource_preset_id = "b1.nano".into();
    let outcome = |after: &mysql::v1::CreateClusterRequest| {
        let mut rules = Rules::default().for_update::<Mysql>(&before, after);
        rules::check::<Mysql>(after, &mut rules);
        rules.outcome()
    };
    let mut after = mysql::v1::CreateClusterRequest { description: "changed".into(), ..before.clone() };
    assert_eq!(outcome(&after), Ok(()));
    after.config_spec.as_mut().unwrap().resources.as_mut().unwrap().disk_size += 1;
    let refusal = outcome(&after).unwrap_err();
    assert!(refusal.message.contains("config_spec.resources.resource_preset_id"), "{}", refusal.message);
}

#[test]
fn no_version_of_redis_goes_back() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let config = redis::v1::ConfigSpec { version: "7.0".into(), ..Default::default() };
    let request = redis::v1::UpdateClusterRequest {
        config_spec: Some(config),
        ..update::<Redis>(&cluster, &["config_spec.version"])
    };
    assert_eq!(broken(Redis::update(&cloud, request)), ["config_spec.version"]);
}

#[test]
fn the_resources_of_spqr_keep_what_is_not_given_without_a_mask() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let before = cloud.cluster::<Spqr>(&cluster).config.unwrap().spqr_config.unwrap().infra.unwrap().resources.unwrap();
    let resources = spqr::v1::Resources { resource_preset_id: "s3-c8-m32".into(), ..Default::default() };
    let infra = spqr::v1::spqr_spec::Infra { resources: Some(resources), ..Default::default() };
    let spec = spqr::v1::SpqrSpec { infra: Some(infra), ..Default::default() };
    let request = spqr::v1::UpdateClusterRequest {
        config_spec: Some(spqr::v1::ConfigSpec { spqr_spec: Some(spec), ..Default::default() }),
        ..update::<Spqr>(&cluster, &[])
    };
    let after = updated::<Spqr>(&cloud, request).config.unwrap().spqr_config.unwrap().infra.unwrap().resources.unwrap();
    assert_eq!((after.resource_preset_id.as_str(), after.disk_size), ("s3-c8-m32", before.disk_size));
}

#[test]
fn a_password_that_is_named_and_not_given_is_a_change() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let before = cloud.cluster::<Redis>(&cluster);
    assert_eq!(updated::<Redis>(&cloud, update::<Redis>(&cluster, &["config_spec.redis.password"])), before);
}

#[test]
fn the_settings_of_an_older_redis_are_kept_set_and_unset() {
    let cloud = Cloud::start();
    let limits = redis_config7_0::ClientOutputBufferLimit {
        hard_limit: Some(4096),
        soft_limit: Some(2048),
        ..Default::default()
    };
    let old = |settings| Some(redis::v1::config_spec::RedisSpec::RedisConfig70(settings));
    let mut request = Redis::new_cluster("main");
    let config = request.config_spec.as_mut().unwrap();
    config.version = "7.0".into();
    let own =
        RedisConfig70 { timeout: Some(5), client_output_buffer_limit_normal: Some(limits), ..RedisConfig70::default() };
    config.redis_spec = old(own);
    let cluster = cloud.created_by::<Redis>(request);
    let user = || cloud.cluster::<Redis>(&cluster).config.unwrap().redis.unwrap().user_config.unwrap();
    let kept = user().client_output_buffer_limit_normal.unwrap();
    assert_eq!((user().timeout, kept.hard_limit, kept.soft_limit), (Some(5), Some(4096), Some(2048)));
    let change = |path: &str, settings| redis::v1::UpdateClusterRequest {
        config_spec: Some(redis::v1::ConfigSpec { redis_spec: old(settings), ..Default::default() }),
        ..update::<Redis>(&cluster, &[path])
    };
    let set = RedisConfig70 { timeout: Some(9), ..RedisConfig70::default() };
    updated::<Redis>(&cloud, change("config_spec.redis_config_7_0.timeout", set));
    assert_eq!((user().timeout, user().client_output_buffer_limit_normal), (Some(9), Some(kept)));
    updated::<Redis>(&cloud, change("config_spec.redis_config_7_0.timeout", RedisConfig70::default()));
    assert_eq!((user().timeout, user().client_output_buffer_limit_normal), (None, Some(kept)));
    let whole = RedisConfig70 { databases: Some(32), ..RedisConfig70::default() };
    updated::<Redis>(&cloud, change("config_spec.redis_config_7_0", whole));
    assert_eq!(user(), RedisConfig { databases: Some(32), ..RedisConfig::default() });
}

#[test]
fn an_upgrade_of_mysql_takes_along_what_the_new_version_has() {
    use mysql_config5_7::SqlMode as Old;
    use mysql_config8_0::SqlMode as New;
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    let config = request.config_spec.as_mut().unwrap();
    config.version = "5.7".into();
    let sql_mode = [Old::Traditional, Old::Ansi, Old::NoDirInCreate, Old::NoAutoCreateUser].map(|mode| mode as i32);
    let settings = MysqlConfig57 { sql_mode: sql_mode.to_vec(), ..MysqlConfig57::default() };
    config.mysql_config = Some(config_spec::MysqlConfig::MysqlConfig57(settings));
    let cluster = cloud.created_by::<Mysql>(request);
    let request = mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec { version: "8.0".into(), ..Default::default() }),
        ..update::<Mysql>(&cluster, &["config_spec.version"])
    };
    let Some(cluster_config::MysqlConfig::MysqlConfig80(set)) =
        updated::<Mysql>(&cloud, request).config.unwrap().mysql_config
    else {
        panic!("settings of 8.0")
    };
    let kept = [New::Traditional, New::Ansi, New::NoDirInCreate].map(|mode| mode as i32);
    assert_eq!(set.user_config, Some(MysqlConfig80 { sql_mode: kept.to_vec(), ..MysqlConfig80::default() }));
}

#[test]
fn a_module_that_was_never_on_can_be_told_to_be_off() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let off = redis::v1::ValkeyModules {
        valkey_search: Some(redis::v1::ValkeySearch::default()),
        valkey_json: Some(redis::v1::ValkeyJson::default()),
        valkey_bloom: Some(redis::v1::ValkeyBloom::default()),
    };
    for path in ["config_spec.modules", "config_spec.modules.valkey_json", "config_spec.modules.valkey_search.enabled"]
    {
        let mut request = update::<Redis>(&cluster, &[path]);
        request.config_spec = Some(redis::v1::ConfigSpec { modules: Some(off.clone()), ..Default::default() });
        let refusal = refused(Redis::update(&cloud, request));
        assert_eq!(
            (refusal.code, refusal.message.as_str()),
            (Code::FailedPrecondition, "no changes detected"),
            "{path}"
        );
    }
}
