//! SQL Server.

use super::shared::rules::{self, Rules};
use super::shared::{changes, items};
use super::{Backups, ClusterContents, DatabaseEngine, Named, Settings, SqlServer, Topology};
use crate::contract::projection::{Overlay, projected};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::config::{
    SqlServerConfig2016sp2ent, SqlServerConfig2016sp2std, SqlServerConfig2017ent, SqlServerConfig2017std,
    SqlServerConfig2019ent, SqlServerConfig2019std, SqlServerConfigSet2016sp2ent, SqlServerConfigSet2016sp2std,
    SqlServerConfigSet2017ent, SqlServerConfigSet2017std, SqlServerConfigSet2019ent, SqlServerConfigSet2019std,
};
use crate::contract::proto::yandex::cloud::mdb::sqlserver::v1::{
    ClusterConfig, CreateClusterRequest, HostSpec, UserSpec, cluster_config, config_spec, host, service,
};
use crate::refusal::{self, Refusal};
use crate::universe::{Contents, EngineName};

/// The collation of a cluster for which the request names none (our choice: it is the default of SQL Server itself).
const DEFAULT_COLLATION: &str = "SQL_Latin1_General_CP1_CI_AS";

impl Named for SqlServer {
    const NAME: EngineName = EngineName("sqlserver");
    const TITLE: &'static str = "SQL Server";
}

impl Topology for SqlServer {
    const LEADER: i32 = host::Role::Master as i32;
    const FOLLOWER: i32 = host::Role::Replica as i32;

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::resources::<Self>(request, rules);
        let is_standard = request.config_spec.as_ref().is_some_and(|config| config.version.ends_with("std"));
        match request.host_specs.len() {
            1 => {}
            3 if is_standard => rules.broken("host_specs", "a cluster of the standard edition has 1 host"),
            3 => {}
            // The wording is observed.
            _ => rules.broken("host_specs", "only 1-node and 3-node clusters are supported now"),
        }
    }

    fn services(_: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        vec![service::Type::Sqlserver as i32]
    }
}

impl Settings for SqlServer {
    /// Each version has a standard edition, with one host, and an enterprise edition, with one host or three.
    const VERSIONS: &'static [&'static str] = &["2016sp2std", "2016sp2ent", "2017std", "2017ent", "2019std", "2019ent"];

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

    /// A cluster keeps its version: the Terraform provider refuses every change of it.
    fn check_change(before: &CreateClusterRequest, after: &CreateClusterRequest) -> Result<(), Refusal> {
        let version = |request: &CreateClusterRequest| request.config_spec.clone().unwrap_or_default().version;
        if version(before) != version(after) {
            return Err(refusal::cluster::other_version(&version(before)));
        }
        changes::same_disk::<Self>(before, after)
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { sqlserver_config: spec.sqlserver_config.as_ref().map(config_set), ..projected(spec) }
    }
}

impl ClusterContents for SqlServer {
    fn contents(request: &CreateClusterRequest) -> Contents {
        items::contents::<Self>(&request.database_specs, &request.user_specs)
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(request, &request.database_specs, rules);
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }
}

impl Backups for SqlServer {
    fn inherit(request: &mut CreateClusterRequest, source: &CreateClusterRequest) {
        request.sqlcollation.clone_from(&source.sqlcollation);
    }
}

impl DatabaseEngine for SqlServer {}

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
