//! Versions and settings.

use crate::contract::projection::{Overlay, projected};
use crate::contract::proto::yandex::cloud::mdb::mysql::v1::config::{
    MysqlConfig57, MysqlConfig80, MysqlConfig84, MysqlConfigSet57, MysqlConfigSet80, MysqlConfigSet84, mysql_config5_7,
    mysql_config8_0,
};
use crate::contract::proto::yandex::cloud::mdb::mysql::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, CreateClusterRequest, DiskSizeAutoscaling, PerformanceDiagnostics,
    cluster_config, config_spec, maintenance_window,
};
use crate::contract::proto::yandex::cloud::mdb::v1::version::Status;
use crate::engines::shared::changes;
use crate::engines::shared::rules::Rules;
use crate::engines::shared::versions::{Upgrades, Version};
use crate::engines::{Mysql, Settings};
use crate::refusal::Refusal;

impl Settings for Mysql {
    /// The statuses are documented. One page has 5.7 at its end since 2023 and another not before 2028: it is taken (our choice).
    const VERSIONS: &'static [Version] = &[
        Version::listed("5.7", "MySQL 5.7", Status::Deprecated),
        Version::listed("8.0", "MySQL 8.0", Status::Supported),
        Version::listed("8.4", "MySQL 8.4", Status::Actual),
    ];

    /// Documented of 5.7, and our choice of 8.0.
    const UPGRADES: Upgrades = Upgrades::ToTheNext;

    /// Clients read these defaults back after a minimal Create (observed).
    fn complete_settings(request: &mut CreateClusterRequest) {
        let window = request.maintenance_window.get_or_insert_default();
        window.policy.get_or_insert(maintenance_window::Policy::Anytime(AnytimeMaintenanceWindow {}));
        let config = request.config_spec.get_or_insert_default();
        config.disk_size_autoscaling.get_or_insert(DiskSizeAutoscaling::default());
        let diagnostics = config.performance_diagnostics.get_or_insert(PerformanceDiagnostics::default());
        default_to(&mut diagnostics.sessions_sampling_interval, 60);
        default_to(&mut diagnostics.statements_sampling_interval, 600);
        if config.mysql_config.is_none() {
            config.mysql_config = no_settings(&config.version);
        }
    }

    /// Keeps those settings that the newer version also has (our choice: no source says more).
    fn upgrade(before: &CreateClusterRequest, after: &mut CreateClusterRequest) {
        let (Some(before), Some(config)) = (&before.config_spec, &mut after.config_spec) else { return };
        if config.version != before.version && config.mysql_config == before.mysql_config {
            config.mysql_config = config.mysql_config.take().map(|settings| upgraded(settings, &config.version));
        }
    }

    fn check_settings(request: &CreateClusterRequest, rules: &mut Rules) {
        let Some(config) = &request.config_spec else { return };
        if let Some(settings) = &config.mysql_config {
            rules.settings_of("config_spec.mysql_config", version_of(settings), &config.version);
        }
    }

    fn check_change(before: &CreateClusterRequest, after: &CreateClusterRequest) -> Result<(), Refusal> {
        changes::same_disk::<Self>(before, after)
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { mysql_config: spec.mysql_config.as_ref().map(config_set), ..projected(spec) }
    }
}

fn default_to(interval: &mut i64, default: i64) {
    if *interval == 0 {
        *interval = default;
    }
}

fn no_settings(version: &str) -> Option<config_spec::MysqlConfig> {
    match version {
        "5.7" => Some(config_spec::MysqlConfig::MysqlConfig57(MysqlConfig57::default())),
        "8.0" => Some(config_spec::MysqlConfig::MysqlConfig80(MysqlConfig80::default())),
        "8.4" => Some(config_spec::MysqlConfig::MysqlConfig84(MysqlConfig84::default())),
        _ => None,
    }
}

fn upgraded(settings: config_spec::MysqlConfig, version: &str) -> config_spec::MysqlConfig {
    use config_spec::MysqlConfig::{MysqlConfig57 as V57, MysqlConfig80 as V80, MysqlConfig84 as V84};
    match (settings, version) {
        (V57(settings), "8.0") => V80(projected(&settings)),
        (V57(settings), "8.4") => V84(projected(&settings)),
        (V80(settings), "8.4") => V84(projected(&settings)),
        (settings, _) => settings,
    }
}

fn version_of(settings: &config_spec::MysqlConfig) -> &'static str {
    match settings {
        config_spec::MysqlConfig::MysqlConfig57(_) => "5.7",
        config_spec::MysqlConfig::MysqlConfig80(_) => "8.0",
        config_spec::MysqlConfig::MysqlConfig84(_) => "8.4",
    }
}

fn config_set(settings: &config_spec::MysqlConfig) -> cluster_config::MysqlConfig {
    match settings {
        config_spec::MysqlConfig::MysqlConfig57(user) => cluster_config::MysqlConfig::MysqlConfig57(MysqlConfigSet57 {
            effective_config: Some(overlaid(default_5_7(), user)),
            user_config: Some(user.clone()),
            default_config: Some(default_5_7()),
        }),
        config_spec::MysqlConfig::MysqlConfig80(user) => cluster_config::MysqlConfig::MysqlConfig80(MysqlConfigSet80 {
            effective_config: Some(overlaid(default_8_0(), user)),
            user_config: Some(user.clone()),
            default_config: Some(default_8_0()),
        }),
        config_spec::MysqlConfig::MysqlConfig84(user) => cluster_config::MysqlConfig::MysqlConfig84(MysqlConfigSet84 {
            effective_config: Some(overlaid(projected(&default_8_0()), user)),
            user_config: Some(user.clone()),
            default_config: Some(projected(&default_8_0())),
        }),
    }
}

fn overlaid<T: Overlay>(mut default: T, user: &T) -> T {
    default.overlay(user);
    default
}

/// The documented defaults, except those that depend on the memory of the host.
fn default_5_7() -> MysqlConfig57 {
    MysqlConfig57 {
        audit_log: Some(false),
        auto_increment_increment: Some(1),
        auto_increment_offset: Some(1),
        binlog_row_image: mysql_config5_7::BinlogRowImage::Full as i32,
        default_time_zone: "Europe/Moscow".into(),
        group_concat_max_len: Some(1024),
        innodb_io_capacity: Some(200),
        innodb_io_capacity_max: Some(2000),
        innodb_lock_wait_timeout: Some(50),
        innodb_log_file_size: Some(268_435_456),
        ..MysqlConfig57::default()
    }
}

/// The documented defaults of 8.0 and 8.4, except those that depend on the memory of the host.
fn default_8_0() -> MysqlConfig80 {
    use mysql_config8_0::{AuthPlugin, BinlogRowImage};
    MysqlConfig80 {
        audit_log: Some(false),
        auto_increment_increment: Some(1),
        auto_increment_offset: Some(1),
        binlog_row_image: BinlogRowImage::Full as i32,
        character_set_server: "utf8mb4".into(),
        collation_server: "utf8mb4_0900_ai_ci".into(),
        default_authentication_plugin: AuthPlugin::CachingSha2Password as i32,
        default_time_zone: "Europe/Moscow".into(),
        group_concat_max_len: Some(1024),
        innodb_io_capacity: Some(200),
        innodb_io_capacity_max: Some(2000),
        innodb_lock_wait_timeout: Some(50),
        innodb_log_file_size: Some(268_435_456),
        ..MysqlConfig80::default()
    }
}
