//! Redis, which today is Valkey.

use prost::Message;

use super::shared::rules::{self, Rules};
use super::shared::{hosts, items};
use super::{Backups, ClusterContents, Named, Redis, Settings, Topology};
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

/// The shard of the hosts of a cluster where no host names a shard, even if the cluster is not sharded (observed).
const DEFAULT_SHARD: &str = "shard1";

/// The user that every cluster has (documented).
const DEFAULT_USER: &str = "default";

/// The priority of a replica, unless the request says otherwise (documented).
const DEFAULT_REPLICA_PRIORITY: i64 = 100;

impl Named for Redis {
    const NAME: EngineName = EngineName("redis");
    const TITLE: &'static str = "Valkey";
}

impl Topology for Redis {
    const LEADER: i32 = host::Role::Master as i32;
    const FOLLOWER: i32 = host::Role::Replica as i32;

    fn complete_hosts(request: &mut CreateClusterRequest) {
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

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::resources::<Self>(request, rules);
        check_shards(request, rules);
        let (present, asked) = rules.hosts_of(&request.host_specs);
        let has_tls = request.tls_enabled.unwrap_or_default();
        if !has_tls && present.iter().any(|host| host.assign_public_ip) {
            rules.broken("tls_enabled", "must be true, since a host has a public address");
        }
        for (index, host) in asked {
            if let Some(priority) = host.replica_priority {
                rules.range(format!("host_specs[{index}].replica_priority"), priority, 0, i64::MAX);
            }
            if host.assign_public_ip && !has_tls {
                rules.broken(format!("host_specs[{index}].assign_public_ip"), "needs tls_enabled");
            }
        }
    }

    /// The first host of each shard is its master.
    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        let shard = |host: &HostSpec| host.shard_name.clone();
        hosts::first_of_each_leads(&request.host_specs, shard, Self::LEADER, Self::FOLLOWER)
    }

    fn services(request: &CreateClusterRequest, _: &HostSpec) -> Vec<i32> {
        use service::Type::{Arbiter, Redis, RedisCluster};
        match (request.sharded, request.host_specs.len()) {
            (true, _) => vec![RedisCluster as i32],
            (false, 1) => vec![Redis as i32],
            // Sentinel, which the contract calls an arbiter, watches over hosts that can replace each other.
            (false, _) => vec![Redis as i32, Arbiter as i32],
        }
    }
}

impl Settings for Redis {
    /// Versions of Redis come first: samples still ask for them.
    const VERSIONS: &'static [&'static str] =
        &["5.0", "6.0", "6.2", "7.0", "7.2", "7.2-valkey", "8.0-valkey", "8.1-valkey", "9.0-valkey", "9.1-valkey"];

    fn complete_settings(request: &mut CreateClusterRequest) {
        let window = request.maintenance_window.get_or_insert_default();
        window.policy.get_or_insert(maintenance_window::Policy::Anytime(AnytimeMaintenanceWindow {}));
        let config = request.config_spec.get_or_insert_default();
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

impl ClusterContents for Redis {
    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = Contents::default();
        for shard in shards(&request.host_specs) {
            contents.put(Item::Shard, shard, Opaque::new(()));
        }
        contents.put(Item::User, DEFAULT_USER, Opaque::new(default_user()));
        for user in &request.user_specs {
            contents.put(Item::User, &user.name, items::user::<Self>(user));
        }
        contents
    }

    /// Clients read these defaults back.
    fn complete_user(user: &mut UserSpec) {
        user.enabled.get_or_insert(true);
        let permissions = user.permissions.get_or_insert_default();
        permissions.patterns.get_or_insert_with(|| "allkeys".into());
        permissions.pub_sub_channels.get_or_insert_with(|| "resetchannels".into());
        permissions.databases.get_or_insert_with(|| "alldbs".into());
    }
}

impl Backups for Redis {
    const MANUAL_RETENTION: Option<i64> = Some(7 * DAY);

    /// Takes the hosts of the source, if the request names none (our choice: the contract lets a request leave them out).
    fn inherit(request: &mut CreateClusterRequest, source: &CreateClusterRequest) {
        if request.host_specs.is_empty() {
            request.host_specs.clone_from(&source.host_specs);
            request.sharded = source.sharded;
            if request.network_id != source.network_id {
                // The subnets of the source belong to its network: in another network, hosts go to the subnets of their zones.
                request.host_specs.iter_mut().for_each(|host| host.subnet_id.clear());
            }
        }
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

/// Checks the rules of shards. In a cluster that has shards already, new hosts are put into those.
fn check_shards(request: &CreateClusterRequest, rules: &mut Rules) {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let (shards, there) = (shards(&request.host_specs), shards(present));
    if !there.is_empty() {
        asked.for_each(|(index, host)| rules.one_of(&shard_name(index), &host.shard_name, &there));
    } else if request.sharded {
        for (index, _) in asked.filter(|(_, host)| host.shard_name.is_empty()) {
            rules.broken(shard_name(index), "is required where other hosts name theirs");
        }
        // A new cluster has one shard or at least three (documented); later calls may lead to two.
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

fn shard_name(index: usize) -> String {
    format!("host_specs[{index}].shard_name")
}

/// The shard of the hosts that name none. It is the only shard of a cluster that is not sharded, and otherwise [`DEFAULT_SHARD`]. It is
/// empty if hosts of a sharded cluster name other shards: then each host has to name its own.
fn shard_of_the_unnamed(request: &CreateClusterRequest) -> String {
    match shards(&request.host_specs).as_slice() {
        [] => DEFAULT_SHARD.to_owned(),
        [first, ..] if !request.sharded => (*first).to_owned(),
        named if named.contains(&DEFAULT_SHARD) => DEFAULT_SHARD.to_owned(),
        _ => String::new(),
    }
}

/// The names of the shards of these hosts, each once, in the order of the hosts.
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

/// The default user: it may use all keys, channels and databases, and all commands but those of administrators (documented).
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
