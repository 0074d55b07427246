//! Paths into settings, and paths that lead nowhere but are sent by real clients.

use crate::common::*;
use crate::{update, updated};
use mysql::v1::config::{MysqlConfig57, MysqlConfig80};
use mysql::v1::{cluster_config, config_spec};

fn update_redis(cluster: &str, paths: &[&str], config: redis::v1::ConfigSpec) -> redis::v1::UpdateClusterRequest {
    redis::v1::UpdateClusterRequest { config_spec: Some(config), ..update::<Redis>(cluster, paths) }
}

#[test]
fn a_setting_of_redis_is_laid_over_the_default_and_taken_away_again() {
    use redis::v1::config::RedisConfig;
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let settings = RedisConfig { databases: Some(15), timeout: Some(100), ..RedisConfig::default() };
    let config = redis::v1::ConfigSpec { redis: Some(settings), ..Default::default() };
    let path = ["config_spec.redis.databases"];
    let after = updated::<Redis>(&cloud, update_redis(&cluster, &path, config));
    let set = after.config.unwrap().redis.unwrap();
    assert_eq!(set.user_config, Some(RedisConfig { databases: Some(15), ..RedisConfig::default() }));
    let (effective, default) = (set.effective_config.unwrap(), set.default_config.unwrap());
    assert_eq!((effective.databases, effective.timeout), (Some(15), Some(0)));
    assert_eq!(default.databases, Some(16));
    let after = updated::<Redis>(&cloud, update_redis(&cluster, &path, redis::v1::ConfigSpec::default()));
    let set = after.config.unwrap().redis.unwrap();
    assert_eq!((set.user_config, set.effective_config), (Some(RedisConfig::default()), set.default_config));
}

#[test]
fn paths_of_redis_that_lead_nowhere_are_ignored_and_the_rest_applied() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let nowhere = ["config_spec.redis.backup_retain_period_days", "config_spec.access.data_transfer"];
    let config = || redis::v1::ConfigSpec { backup_retain_period_days: Some(12), ..Default::default() };
    let refusal = refused(Redis::update(&cloud, update_redis(&cluster, &nowhere, config())));
    assert_eq!(refusal.message, "no changes detected");
    let paths = [nowhere[0], nowhere[1], "config_spec.backup_retain_period_days"];
    let after = updated::<Redis>(&cloud, update_redis(&cluster, &paths, config()));
    assert_eq!(after.config.unwrap().backup_retain_period_days, Some(12));
}

#[test]
fn a_password_in_a_mask_is_a_change_each_time() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Redis>("main");
    let before = cloud.cluster::<Redis>(&cluster);
    let settings = redis::v1::config::RedisConfig { password: SECRET.into(), ..Default::default() };
    let config = redis::v1::ConfigSpec { redis: Some(settings), ..Default::default() };
    for _ in 0..2 {
        let request = update_redis(&cluster, &["config_spec.redis.password"], config.clone());
        assert_eq!(updated::<Redis>(&cloud, request), before);
    }
}

#[test]
fn a_whole_message_takes_the_place_of_the_old_one() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    let access = mysql::v1::Access { web_sql: true, data_lens: true, ..Default::default() };
    request.config_spec.as_mut().unwrap().access = Some(access);
    let cluster = cloud.created_by::<Mysql>(request);
    let access = mysql::v1::Access { data_transfer: true, ..Default::default() };
    let request = |paths: &[&str]| mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec { access: Some(access), ..Default::default() }),
        ..update::<Mysql>(&cluster, paths)
    };
    let after = updated::<Mysql>(&cloud, request(&["config_spec.access.data_transfer"]));
    let shown = after.config.unwrap().access.unwrap();
    assert_eq!((shown.web_sql, shown.data_lens, shown.data_transfer), (true, true, true));
    let after = updated::<Mysql>(&cloud, request(&["config_spec.access"]));
    assert_eq!(after.config.unwrap().access, Some(access));
}

#[test]
fn the_settings_of_mysql_move_with_its_version_and_never_back() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    let config = request.config_spec.as_mut().unwrap();
    config.version = "5.7".into();
    let settings = MysqlConfig57 { innodb_lock_wait_timeout: Some(77), ..MysqlConfig57::default() };
    config.mysql_config = Some(config_spec::MysqlConfig::MysqlConfig57(settings));
    let cluster = cloud.created_by::<Mysql>(request);
    let to = |version: &str| mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec { version: version.into(), ..Default::default() }),
        ..update::<Mysql>(&cluster, &["config_spec.version"])
    };
    let config = updated::<Mysql>(&cloud, to("8.0")).config.unwrap();
    let Some(cluster_config::MysqlConfig::MysqlConfig80(set)) = config.mysql_config else {
        panic!("settings of 8.0, rather than {:?}", config.mysql_config)
    };
    let user = MysqlConfig80 { innodb_lock_wait_timeout: Some(77), ..MysqlConfig80::default() };
    assert_eq!((config.version.as_str(), set.user_config), ("8.0", Some(user)));
    assert_eq!(set.effective_config.unwrap().innodb_lock_wait_timeout, Some(77));
    assert_eq!(set.default_config.unwrap().innodb_lock_wait_timeout, Some(50));
    let refusal = refused(Mysql::update(&cloud, to("5.7")));
    assert_eq!(refusal.code, Code::InvalidArgument);
    assert_eq!(cloud.cluster::<Mysql>(&cluster).config.unwrap().version, "8.0");
}

#[test]
fn a_downgrade_of_mysql_is_told_what_is_wrong() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let request = mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec { version: "5.7".into(), ..Default::default() }),
        ..update::<Mysql>(&cluster, &["config_spec.version"])
    };
    let refusal = refused(Mysql::update(&cloud, request));
    assert_eq!(
        refusal.message,
        "Request validation error:\n- config_spec.version: can be changed from 8.0 to 8.4 only"
    );
}

#[test]
fn settings_of_a_newer_version_are_refused() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    request.config_spec.as_mut().unwrap().version = "5.7".into();
    let cluster = cloud.created_by::<Mysql>(request);
    let settings = MysqlConfig80 { innodb_lock_wait_timeout: Some(77), ..MysqlConfig80::default() };
    let request = mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec {
            mysql_config: Some(config_spec::MysqlConfig::MysqlConfig80(settings)),
            ..Default::default()
        }),
        ..update::<Mysql>(&cluster, &["config_spec.mysql_config_8_0.innodb_lock_wait_timeout"])
    };
    let refusal = refused(Mysql::update(&cloud, request));
    assert_eq!(refusal.about, ["config_spec.mysql_config"]);
    assert!(refusal.message.ends_with("has settings of 8.0, but the version is 5.7"), "{}", refusal.message);
}

#[test]
fn settings_of_an_older_version_are_refused() {
    let cloud = Cloud::start();
    let mut request = Mysql::new_cluster("main");
    let own = MysqlConfig80 { innodb_io_capacity: Some(300), ..MysqlConfig80::default() };
    request.config_spec.as_mut().unwrap().mysql_config = Some(config_spec::MysqlConfig::MysqlConfig80(own));
    let cluster = cloud.created_by::<Mysql>(request);
    let before = cloud.cluster::<Mysql>(&cluster);
    let settings = MysqlConfig57 { innodb_lock_wait_timeout: Some(77), ..MysqlConfig57::default() };
    let request = mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec {
            mysql_config: Some(config_spec::MysqlConfig::MysqlConfig57(settings)),
            ..Default::default()
        }),
        ..update::<Mysql>(&cluster, &["config_spec.mysql_config_5_7.innodb_lock_wait_timeout"])
    };
    let outcome = Mysql::update(&cloud, request);
    assert_eq!(cloud.cluster::<Mysql>(&cluster), before);
    assert_eq!(refused(outcome).about, ["config_spec.mysql_config"]);
}

#[test]
fn the_version_of_sqlserver_stays() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<SqlServer>("main");
    let request = sqlserver::v1::UpdateClusterRequest {
        config_spec: Some(sqlserver::v1::ConfigSpec { version: "2019ent".into(), ..Default::default() }),
        ..update::<SqlServer>(&cluster, &["config_spec.version"])
    };
    let refusal = refused(SqlServer::update(&cloud, request));
    assert_eq!(refusal.code, Code::InvalidArgument);
    assert_eq!(cloud.cluster::<SqlServer>(&cluster).config.unwrap().version, "2019std");
}

#[test]
fn the_surplus_segment_in_paths_of_spqr_is_dropped() {
    use spqr::v1::{RouterSettings, SpqrSpec, spqr_spec::Infra};
    let cloud = Cloud::start();
    let cluster = cloud.created::<Spqr>("main");
    let before = cloud.cluster::<Spqr>(&cluster).config.unwrap().spqr_config.unwrap().infra.unwrap();
    let router = RouterSettings { show_notice_messages: Some(true), ..RouterSettings::default() };
    let infra = Infra { router: Some(router), ..Infra::default() };
    let spqr_spec = SpqrSpec { infra: Some(infra), ..SpqrSpec::default() };
    let request = spqr::v1::UpdateClusterRequest {
        config_spec: Some(spqr::v1::ConfigSpec { spqr_spec: Some(spqr_spec), ..Default::default() }),
        ..update::<Spqr>(&cluster, &["config_spec.spqr_spec.infra.router.config.show_notice_messages"])
    };
    let after = updated::<Spqr>(&cloud, request).config.unwrap().spqr_config.unwrap().infra.unwrap();
    assert_eq!(after.router.unwrap().show_notice_messages, Some(true));
    assert_eq!(before.router, None, "no defaults are shown");
    assert_eq!(after.resources, before.resources);
}

#[test]
fn changed_resources_show_on_the_hosts() {
    let cloud = Cloud::start();
    let cluster = cloud.created::<Mysql>("main");
    let resources = mysql::v1::Resources { resource_preset_id: "s3-c8-m32".into(), ..Default::default() };
    let request = mysql::v1::UpdateClusterRequest {
        config_spec: Some(mysql::v1::ConfigSpec { resources: Some(resources), ..Default::default() }),
        ..update::<Mysql>(&cluster, &["config_spec.resources"])
    };
    updated::<Mysql>(&cloud, request);
    let request = mysql::v1::ListClusterHostsRequest { cluster_id: cluster, ..Default::default() };
    for host in Mysql::list_hosts(&cloud, request).unwrap().hosts {
        let resources = host.resources.unwrap();
        assert_eq!(resources.resource_preset_id, "s3-c8-m32");
        assert!(resources.disk_size > 0 && resources.disk_type_id == "network-ssd", "a disk has no default");
    }
}
