//! Versions and settings.

use prost::Message;

use crate::contract::projection::{Overlay, projected};
use crate::contract::proto::yandex::cloud::mdb::redis::v1::config::{RedisConfig, RedisConfigSet, redis_config};
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, ConfigSpec, CreateClusterRequest, UpdateClusterRequest, ValkeyModules,
    ValkeySearch, cluster_config, config_spec, maintenance_window,
};
use crate::contract::proto::yandex::cloud::mdb::v1::version::Status;
use crate::engines::shared::versions::{Upgrades, Version};
use crate::engines::{Redis, Settings};
use crate::refusal::{self, Refusal};

impl Settings for Redis {
    /// Versions of Redis come first: published samples still ask for them, though no list shows them. The newest version is known
    /// from the Terraform provider's tests alone.
    const VERSIONS: &'static [Version] = &[
        Version::unlisted("5.0"),
        Version::unlisted("6.0"),
        Version::unlisted("6.2"),
        Version::unlisted("7.0"),
        Version::unlisted("7.2"),
        Version::supported("7.2-valkey", "Valkey 7.2", (2028, 3, 31)),
        Version::supported("8.0-valkey", "Valkey 8.0", (2028, 3, 31)),
        Version::supported("8.1-valkey", "Valkey 8.1", (2028, 3, 31)),
        Version::supported("9.0-valkey", "Valkey 9.0", (2028, 10, 21)),
        Version::listed("9.1-valkey", "Valkey 9.1", Status::New),
    ];

    const UPGRADES: Upgrades = Upgrades::ToAnyLater;

    fn complete_settings(request: &mut CreateClusterRequest) {
        let window = request.maintenance_window.get_or_insert_default();
        window.policy.get_or_insert(maintenance_window::Policy::Anytime(AnytimeMaintenanceWindow {}));
        let config = request.config_spec.get_or_insert_default();
        // Clients read it back, empty if nobody asked for it.
        config.disk_size_autoscaling.get_or_insert_default();
        forget_absent(&mut config.modules);
        unify(config);
    }

    /// Moves the settings of a version's own field into `redis`, and the paths of the mask with them.
    fn modernize(request: &mut UpdateClusterRequest) {
        if let Some(config) = &mut request.config_spec {
            unify(config);
        }
        for path in request.update_mask.iter_mut().flat_map(|mask| &mut mask.paths) {
            for old in ["redis_config_5_0", "redis_config_6_0", "redis_config_6_2", "redis_config_7_0"] {
                let field = format!("config_spec.{old}");
                if let Some(rest) = path.strip_prefix(&field).filter(|rest| rest.is_empty() || rest.starts_with('.')) {
                    *path = format!("config_spec.redis{rest}");
                }
            }
        }
    }

    fn check_change(before: &CreateClusterRequest, after: &CreateClusterRequest) -> Result<(), Refusal> {
        let enabled =
            |request: &CreateClusterRequest| modules(request.config_spec.as_ref().and_then(|c| c.modules.as_ref()));
        for ((module, was), (_, is)) in enabled(before).into_iter().zip(enabled(after)) {
            if was && !is {
                return Err(refusal::cluster::module_stays(module));
            }
        }
        Ok(())
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        let user = spec.redis.clone().unwrap_or_default();
        let default = default_config();
        let mut effective = default.clone();
        effective.overlay(&user);
        let set = RedisConfigSet {
            effective_config: Some(effective),
            user_config: Some(user),
            default_config: Some(default),
        };
        ClusterConfig { redis_config: legacy(&spec.version, &set), redis: Some(set), ..projected(spec) }
    }
}

/// Moves the settings into `redis`, the field of every version. Older clients use the field of their version: a setting in both
/// is taken from there.
fn unify(config: &mut ConfigSpec) {
    use config_spec::RedisSpec::{RedisConfig50, RedisConfig60, RedisConfig62, RedisConfig70};
    let bytes = config.redis_spec.take().map(|settings| match settings {
        RedisConfig50(settings) => settings.encode_to_vec(),
        RedisConfig60(settings) => settings.encode_to_vec(),
        RedisConfig62(settings) => settings.encode_to_vec(),
        RedisConfig70(settings) => settings.encode_to_vec(),
    });
    let unified = config.redis.get_or_insert_default();
    // On the wire, the messages of older versions are parts of the newest.
    if let Some(settings) = bytes.and_then(|bytes| RedisConfig::decode(bytes.as_slice()).ok()) {
        unified.overlay(&settings);
    }
}

/// The settings in the field of an older version, where older clients look for them. On the wire, the messages of older versions
/// are parts of the newest.
fn legacy(version: &str, set: &RedisConfigSet) -> Option<cluster_config::RedisConfig> {
    use cluster_config::RedisConfig::{RedisConfig50, RedisConfig60, RedisConfig62, RedisConfig70};
    match version {
        "5.0" => reread(set).map(RedisConfig50),
        "6.0" => reread(set).map(RedisConfig60),
        "6.2" => reread(set).map(RedisConfig62),
        "7.0" => reread(set).map(RedisConfig70),
        _ => None,
    }
}

fn reread<T: Message + Default>(set: &RedisConfigSet) -> Option<T> {
    T::decode(set.encode_to_vec().as_slice()).ok()
}

/// The documented defaults.
fn default_config() -> RedisConfig {
    RedisConfig {
        maxmemory_policy: redis_config::MaxmemoryPolicy::Noeviction as i32,
        timeout: Some(0),
        databases: Some(16),
        slowlog_log_slower_than: Some(10_000),
        slowlog_max_len: Some(1000),
        ..RedisConfig::default()
    }
}

/// A module that is off is as good as one that is not there (clients take one for the other).
fn forget_absent(modules: &mut Option<ValkeyModules>) {
    if let Some(named) = modules {
        named.valkey_search.take_if(|module| *module == ValkeySearch::default());
        named.valkey_json.take_if(|module| !module.enabled);
        named.valkey_bloom.take_if(|module| !module.enabled);
        modules.take_if(|modules| *modules == ValkeyModules::default());
    }
}

fn modules(modules: Option<&ValkeyModules>) -> [(&'static str, bool); 3] {
    let modules = modules.cloned().unwrap_or_default();
    [
        ("valkey_search", modules.valkey_search.is_some_and(|module| module.enabled)),
        ("valkey_json", modules.valkey_json.is_some_and(|module| module.enabled)),
        ("valkey_bloom", modules.valkey_bloom.is_some_and(|module| module.enabled)),
    ]
}
