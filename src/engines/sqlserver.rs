//! SQL Server.

use super::rules::{self, Rules};
use super::{DatabaseEngine, Engine, SqlServer, spec};
use crate::contract::projection::{Overlay, projected};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::config::{
    SqlServerConfig2016sp2ent, SqlServerConfig2016sp2std, SqlServerConfig2017ent, SqlServerConfig2017std,
    SqlServerConfig2019ent, SqlServerConfig2019std, SqlServerConfigSet2016sp2ent, SqlServerConfigSet2016sp2std,
    SqlServerConfigSet2017ent, SqlServerConfigSet2017std, SqlServerConfigSet2019ent, SqlServerConfigSet2019std,
};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::{
    ClusterConfig, CreateClusterRequest, DatabaseSpec, HostSpec, UserSpec, cluster_config, config_spec, host, service,
};
use crate::refusal::{self, Refusal};
use crate::universe::{Contents, EngineName};

/// The collation of a cluster that asks for none (our choice: it is SQL Server's own).
const DEFAULT_COLLATION: &str = "SQL_Latin1_General_CP1_CI_AS";

impl Engine for SqlServer {
    const NAME: EngineName = EngineName("sqlserver");
    const TITLE: &'static str = "SQL Server";
    /// Each comes in an edition of one host and one of up to three.
    const VERSIONS: &'static [&'static str] = &["2016sp2std", "2016sp2ent", "2017std", "2017ent", "2019std", "2019ent"];
    const MANUAL_RETENTION: Option<i64> = None;
    const KEPT: &'static [&'static str] = spec::KEPT;

    fn complete(request: &mut CreateClusterRequest) {
        if request.sqlcollation.is_empty() {
            request.sqlcollation = DEFAULT_COLLATION.into();
        }
        spec::complete::<Self>(request);
        let config = request.config_spec.get_or_insert_default();
        if config.secondary_connections == cluster_config::SecondaryConnections::Unspecified as i32 {
            config.secondary_connections = cluster_config::SecondaryConnections::Off as i32;
        }
        spec::complete_resources::<Self>(config.resources.as_mut());
        if config.sqlserver_config.is_none() {
            config.sqlserver_config = no_settings(&config.version);
        }
    }

    fn inherit(request: &mut CreateClusterRequest, source: &CreateClusterRequest) {
        request.sqlcollation.clone_from(&source.sqlcollation);
    }

    fn check(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::common::<Self>(request, rules);
        rules::databases::<Self>(request, &request.database_specs, rules);
        let config = request.config_spec.as_ref();
        let version = config.map_or("", |config| config.version.as_str());
        if let Some(settings) = config.and_then(|config| config.sqlserver_config.as_ref()) {
            rules.settings_of("config_spec.sqlserver_config", version_of(settings), version);
        }
        rules.resources::<Self>("config_spec.resources", config.and_then(|config| config.resources.as_ref()));
        match request.host_specs.len() {
            1 => {}
            3 if version.ends_with("std") => rules.broken("host_specs", "a cluster of the standard edition has 1 host"),
            3 => {}
            // The wording is observed.
            _ => rules.broken("host_specs", "only 1-node and 3-node clusters are supported now"),
        }
    }

    /// No version leads to another: the provider refuses every such change.
    fn check_change(before: &CreateClusterRequest, after: &CreateClusterRequest) -> Result<(), Refusal> {
        let version = |request: &CreateClusterRequest| request.config_spec.clone().unwrap_or_default().version;
        if version(before) != version(after) {
            return Err(refusal::cluster::other_version(&version(before)));
        }
        rules::same_disk::<Self>(before, after)
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }

    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        spec::first_leads(&request.host_specs, host::Role::Master as i32, host::Role::Replica as i32)
    }

    fn contents(request: &CreateClusterRequest) -> Contents {
        spec::contents::<Self>(&request.database_specs, &request.user_specs)
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { sqlserver_config: spec.sqlserver_config.as_ref().map(config_set), ..projected(spec) }
    }

    fn services(_: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        vec![service::Type::Sqlserver as i32]
    }
}

impl DatabaseEngine for SqlServer {
    fn is_protected(_: &DatabaseSpec, _: &CreateClusterRequest) -> bool {
        false
    }
}

/// The settings of each version are messages of their own, alike but for the name.
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

        /// The defaults of the service are not known: what a user sets is all that is in effect.
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
