//! Redis, which today is Valkey.

use prost::Message;

use super::rules::{self, Rules};
use super::{Engine, Redis, spec};
use crate::contract::excerpt::excerpt;
use crate::contract::projection::{Overlay, projected};
use crate::contract::proto::yandex::cloud::mdb::redis::v1::config::{RedisConfig, RedisConfigSet, redis_config};
use crate::contract::proto::yandex::cloud::mdb::redis::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, ConfigSpec, CreateClusterRequest, HostSpec, Permissions,
    UpdateClusterRequest, UserSpec, ValkeyModules, cluster_config, config_spec, host, maintenance_window, service,
};
use crate::refusal::{self, Refusal};
use crate::universe::instant::DAY;
use crate::universe::{Contents, EngineName, Item, Opaque};

/// Versions with Valkey, and the older ones that samples still ask for.
const VERSIONS: &[&str] =
    &["5.0", "6.0", "6.2", "7.0", "7.2", "7.2-valkey", "8.0-valkey", "8.1-valkey", "9.0-valkey", "9.1-valkey"];

/// The shard of hosts of which none names any, also in a cluster that is not sharded (observed).
const DEFAULT_SHARD: &str = "shard1";

/// The user that every cluster has (documented).
const DEFAULT_USER: &str = "default";

/// What replicas have unless they say otherwise (documented).
const DEFAULT_REPLICA_PRIORITY: i64 = 100;

impl Engine for Redis {
    const NAME: EngineName = EngineName("redis");
    const TITLE: &'static str = "Valkey";
    const VERSIONS: &'static [&'static str] = VERSIONS;
    const MANUAL_RETENTION: Option<i64> = Some(7 * DAY);
    const KEPT: &'static [&'static str] = spec::KEPT;

    fn complete(request: &mut CreateClusterRequest) {
        let window = request.maintenance_window.get_or_insert_default();
        window.policy.get_or_insert(maintenance_window::Policy::Anytime(AnytimeMaintenanceWindow {}));
        spec::complete::<Self>(request);
        let config = request.config_spec.get_or_insert_default();
        spec::complete_resources::<Self>(config.resources.as_mut());
        unify(config);
        let shard = shard_of_the_unnamed(request);
        for host in &mut request.host_specs {
            if host.shard_name.is_empty() {
                host.shard_name.clone_from(&shard);
            }
            if !request.sharded {
                host.replica_priority.get_or_insert(DEFAULT_REPLICA_PRIORITY);
            }
        }
    }

    /// Paths lead into `redis` too, and the settings with them.
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

    /// The topology of the source, if none is asked for (our choice: the contract allows to leave it out).
    fn inherit(request: &mut CreateClusterRequest, source: &CreateClusterRequest) {
        if request.host_specs.is_empty() {
            request.host_specs.clone_from(&source.host_specs);
            request.sharded = source.sharded;
            if request.network_id != source.network_id {
                // Subnets are of a network: in another, hosts go to the subnets of their zones.
                request.host_specs.iter_mut().for_each(|host| host.subnet_id.clear());
            }
        }
    }

    /// The defaults that clients read back.
    fn complete_user(user: &mut UserSpec) {
        user.enabled.get_or_insert(true);
        let permissions = user.permissions.get_or_insert_default();
        permissions.patterns.get_or_insert_with(|| "allkeys".into());
        permissions.pub_sub_channels.get_or_insert_with(|| "resetchannels".into());
        permissions.databases.get_or_insert_with(|| "alldbs".into());
    }

    fn check(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::common::<Self>(request, rules);
        let config = request.config_spec.as_ref();
        rules.resources::<Self>("config_spec.resources", config.and_then(|config| config.resources.as_ref()));
        check_shards(request, rules);
        let (present, asked) = rules.hosts_of(&request.host_specs);
        let has_tls = request.tls_enabled.unwrap_or_default();
        if !has_tls && present.iter().any(|host| host.assign_public_ip) {
            rules.broken("tls_enabled", "must be true, since a host has a public address");
        }
        for (place, host) in asked {
            if let Some(priority) = host.replica_priority {
                rules.range(format!("host_specs[{place}].replica_priority"), priority, 0, i64::MAX);
            }
            if host.assign_public_ip && !has_tls {
                rules.broken(format!("host_specs[{place}].assign_public_ip"), "needs tls_enabled");
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

    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        let mut mastered = Vec::new();
        let hosts = request.host_specs.iter().map(|host| {
            let first = !mastered.contains(&host.shard_name);
            mastered.push(host.shard_name.clone());
            let role = if first { host::Role::Master } else { host::Role::Replica };
            (host.clone(), role as i32)
        });
        hosts.collect()
    }

    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = Contents::default();
        for shard in shards(&request.host_specs) {
            contents.put(Item::Shard, shard, Opaque::new(()));
        }
        contents.put(Item::User, DEFAULT_USER, Opaque::new(default_user()));
        for user in &request.user_specs {
            contents.put(Item::User, &user.name, spec::user::<Self>(user));
        }
        contents
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

    fn services(request: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        use service::Type::{Arbiter, Redis, RedisCluster};
        match (request.sharded, request.host_specs.len()) {
            (true, _) => vec![RedisCluster as i32],
            (false, 1) => vec![Redis as i32],
            // Sentinel watches over hosts that can replace each other.
            (false, _) => vec![Redis as i32, Arbiter as i32],
        }
    }
}

/// Settings come in `redis`, for any version; older clients put them into the version's own field, and there they win.
fn unify(config: &mut ConfigSpec) {
    use config_spec::RedisSpec::{RedisConfig50, RedisConfig60, RedisConfig62, RedisConfig70};
    let bytes = config.redis_spec.take().map(|settings| match settings {
        RedisConfig50(settings) => settings.encode_to_vec(),
        RedisConfig60(settings) => settings.encode_to_vec(),
        RedisConfig62(settings) => settings.encode_to_vec(),
        RedisConfig70(settings) => settings.encode_to_vec(),
    });
    let unified = config.redis.get_or_insert_default();
    // The messages are the same on the wire, as far as the older ones go.
    if let Some(settings) = bytes.and_then(|bytes| RedisConfig::decode(bytes.as_slice()).ok()) {
        unified.overlay(&settings);
    }
}

/// The settings once more in the field of an older version. The messages are the same on the wire, as far as they go.
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

/// Documented defaults.
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

/// The rules of shards. Hosts are added to those that there are.
fn check_shards(request: &CreateClusterRequest, rules: &mut Rules) {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let (shards, there) = (shards(&request.host_specs), shards(present));
    if !there.is_empty() {
        asked.for_each(|(place, host)| rules.one_of(&shard_name(place), &host.shard_name, &there));
    } else if request.sharded {
        for (place, _) in asked.filter(|(_, host)| host.shard_name.is_empty()) {
            rules.broken(shard_name(place), "is required where other hosts name theirs");
        }
        // One shard or at least three (documented); later calls may lead to two.
        if shards.len() == 2 || shards.len() > 10 {
            let rule = format!("a sharded cluster begins with 1 or from 3 to 10 shards, but has {}", shards.len());
            rules.broken("host_specs", rule);
        }
    } else if shards.len() > 1 {
        rules.broken("host_specs", "all hosts of a cluster that is not sharded are in one shard");
    }
    if request.host_specs.is_empty() {
        rules.host_count("hosts", 0, 1, 70);
    }
    for shard in shards {
        let hosts = request.host_specs.iter().filter(|host| host.shard_name == shard).count();
        rules.host_count(&format!("hosts in shard {:?}", excerpt(shard)), hosts, 1, 7);
    }
}

fn shard_name(place: usize) -> String {
    format!("host_specs[{place}].shard_name")
}

/// The shard of the hosts that name none, if it can be told: the one that there is in a cluster that is not sharded, or else
/// [`DEFAULT_SHARD`], unless other hosts are in others.
fn shard_of_the_unnamed(request: &CreateClusterRequest) -> String {
    match shards(&request.host_specs).as_slice() {
        [] => DEFAULT_SHARD.to_owned(),
        [first, ..] if !request.sharded => (*first).to_owned(),
        named if named.contains(&DEFAULT_SHARD) => DEFAULT_SHARD.to_owned(),
        _ => String::new(),
    }
}

/// The shards that hosts name, each once, in the order of the hosts.
fn shards(hosts: &[HostSpec]) -> Vec<&str> {
    let mut shards: Vec<&str> = Vec::new();
    for host in hosts {
        if !host.shard_name.is_empty() && !shards.contains(&host.shard_name.as_str()) {
            shards.push(&host.shard_name);
        }
    }
    shards
}

fn modules(modules: Option<&ValkeyModules>) -> [(&'static str, bool); 3] {
    let modules = modules.cloned().unwrap_or_default();
    [
        ("valkey_search", modules.valkey_search.is_some_and(|module| module.enabled)),
        ("valkey_json", modules.valkey_json.is_some_and(|module| module.enabled)),
        ("valkey_bloom", modules.valkey_bloom.is_some_and(|module| module.enabled)),
    ]
}

/// All keys, channels and databases, and all but the commands of administrators (documented).
fn default_user() -> UserSpec {
    let permissions = Permissions {
        patterns: Some("allkeys".into()),
        pub_sub_channels: Some("allchannels".into()),
        categories: Some("+@all -@admin".into()),
        databases: Some("alldbs".into()),
        ..Permissions::default()
    };
    UserSpec { name: DEFAULT_USER.into(), permissions: Some(permissions), enabled: Some(true), ..UserSpec::default() }
}
