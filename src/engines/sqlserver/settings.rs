//! Versions and settings.

use crate::contract::filter::{self, Operator};
use crate::contract::projection::{Overlay, projected};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::config::{
    SqlServerConfig2016sp2ent, SqlServerConfig2016sp2std, SqlServerConfig2017ent, SqlServerConfig2017std,
    SqlServerConfig2019ent, SqlServerConfig2019std, SqlServerConfigSet2016sp2ent, SqlServerConfigSet2016sp2std,
    SqlServerConfigSet2017ent, SqlServerConfigSet2017std, SqlServerConfigSet2019ent, SqlServerConfigSet2019std,
};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::{
    ClusterConfig, CreateClusterRequest, cluster_config, config_spec,
};
use crate::engines::shared::changes;
use crate::engines::shared::rules::Rules;
use crate::engines::shared::versions::{Upgrades, Version};
use crate::engines::{Settings, SqlServer};
use crate::refusal::Refusal;

/// The collation of a cluster for which the request names none (our choice: it is the default of SQL Server itself).
const DEFAULT_COLLATION: &str = "SQL_Latin1_General_CP1_CI_AS";

impl Settings for SqlServer {
    const VERSIONS: &'static [Version] = &[
        Version::unlisted("2016sp2std"),
        Version::unlisted("2016sp2ent"),
        Version::unlisted("2017std"),
        Version::unlisted("2017ent"),
        Version::unlisted("2019std"),
        Version::unlisted("2019ent"),
    ];

    /// A cluster keeps its version: the Terraform provider refuses every change of it.
    const UPGRADES: Upgrades = Upgrades::Nowhere;

    /// The editions of a version are of the same age (our choice).
    fn release(version: &str) -> &str {
        version.trim_end_matches("std").trim_end_matches("ent")
    }

    const FILTER_OPERATORS: &'static [Operator] = filter::ANY;

    fn complete_settings(request: &mut CreateClusterRequest) {
        if request.sqlcollation.is_empty() {
            request.sqlcollation = DEFAULT_COLLATION.into();
        }
        let config = request.config_spec.get_or_insert_default();
        if config.secondary_connections == cluster_config::SecondaryConnections::Unspecified as i32 {
            config.secondary_connections = cluster_config::SecondaryConnections::Off as i32;
        }
        if config.sqlserver_config.is_none() {
            config.sqlserver_config = no_settings(&config.version);
        }
    }

    fn check_settings(request: &CreateClusterRequest, rules: &mut Rules) {
        let Some(config) = &request.config_spec else { return };
        if let Some(settings) = &config.sqlserver_config {
            rules.settings_of("config_spec.sqlserver_config", version_of(settings), &config.version);
        }
    }

    fn check_change(before: &CreateClusterRequest, after: &CreateClusterRequest) -> Result<(), Refusal> {
        changes::same_disk::<Self>(before, after)
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { sqlserver_config: spec.sqlserver_config.as_ref().map(config_set), ..projected(spec) }
    }
}

/// The functions over the settings of all versions. Each version has messages of its own, which differ only in their names.
macro_rules! versions {
    ($($version:literal $variant:ident $config:ident $set:ident),* $(,)?) => {
        fn version_of(settings: &config_spec::SqlserverConfig) -> &'static str {
            match settings {
                $(config_spec::SqlserverConfig::$variant(_) => $version,)*
            }
        }

        fn no_settings(version: &str) -> Option<config_spec::SqlserverConfig> {
            match version {
                $($version => Some(config_spec::SqlserverConfig::$variant($config::default())),)*
                _ => None,
            }
        }

        /// The settings as the API shows them. The defaults of the service are not known, so only what a user sets is in effect.
        fn config_set(settings: &config_spec::SqlserverConfig) -> cluster_config::SqlserverConfig {
            match settings {
                $(config_spec::SqlserverConfig::$variant(user) => {
                    let default = $config::default();
                    let mut effective = default.clone();
                    effective.overlay(user);
                    cluster_config::SqlserverConfig::$variant($set {
                        effective_config: Some(effective),
                        user_config: Some(user.clone()),
                        default_config: Some(default),
                    })
                })*
            }
        }
    };
}

versions! {
    "2016sp2std" SqlserverConfig2016sp2std SqlServerConfig2016sp2std SqlServerConfigSet2016sp2std,
    "2016sp2ent" SqlserverConfig2016sp2ent SqlServerConfig2016sp2ent SqlServerConfigSet2016sp2ent,
    "2017std" SqlserverConfig2017std SqlServerConfig2017std SqlServerConfigSet2017std,
    "2017ent" SqlserverConfig2017ent SqlServerConfig2017ent SqlServerConfigSet2017ent,
    "2019std" SqlserverConfig2019std SqlServerConfig2019std SqlServerConfigSet2019std,
    "2019ent" SqlserverConfig2019ent SqlServerConfig2019ent SqlServerConfigSet2019ent,
}
