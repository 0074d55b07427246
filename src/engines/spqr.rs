//! SPQR: sharded PostgreSQL. A cluster holds routers and coordinators; the shards are PostgreSQL clusters elsewhere.

use super::rules::{self, Rules};
use super::{DatabaseEngine, Engine, Spqr, spec};
use crate::contract::projection::projected;
use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, CreateClusterRequest, DatabaseSpec, HostSpec, Resources, RouterSettings,
    SpqrConfig, SpqrSpec, UserSpec, host, maintenance_window, router_settings, service,
};
use crate::universe::{Contents, EngineName, Item, Opaque};

impl Engine for Spqr {
    const NAME: EngineName = EngineName("spqr");
    const TITLE: &'static str = "SPQR";
    const VERSIONS: &'static [&'static str] = &[];
    const MANUAL_RETENTION: Option<i64> = None;
    /// Only with `time_inclusive` (documented).
    const RESTORES_THE_TIME_ITSELF: bool = false;
    const KEPT: &'static [&'static str] = &[
        "name",
        "network_id",
        "config_spec.spqr_spec.router.resources.resource_preset_id",
        "config_spec.spqr_spec.router.resources.disk_size",
        "config_spec.spqr_spec.router.resources.disk_type_id",
        "config_spec.spqr_spec.coordinator.resources.resource_preset_id",
        "config_spec.spqr_spec.coordinator.resources.disk_size",
        "config_spec.spqr_spec.coordinator.resources.disk_type_id",
        "config_spec.spqr_spec.infra.resources.resource_preset_id",
        "config_spec.spqr_spec.infra.resources.disk_size",
        "config_spec.spqr_spec.infra.resources.disk_type_id",
    ];

    fn complete(request: &mut CreateClusterRequest) {
        let window = request.maintenance_window.get_or_insert_default();
        window.policy.get_or_insert(maintenance_window::Policy::Anytime(AnytimeMaintenanceWindow {}));
        spec::complete::<Self>(request);
        let config = request.config_spec.get_or_insert_default();
        let spqr = config.spqr_spec.get_or_insert_default();
        let resources = [
            spqr.router.as_mut().and_then(|router| router.resources.as_mut()),
            spqr.coordinator.as_mut().and_then(|coordinator| coordinator.resources.as_mut()),
            spqr.infra.as_mut().and_then(|infra| infra.resources.as_mut()),
        ];
        for resources in resources {
            spec::complete_resources::<Self>(resources);
        }
    }

    /// Unset means as the cluster is (documented).
    fn is_user_protected(user: &UserSpec, request: &CreateClusterRequest) -> bool {
        user.deletion_protection.unwrap_or(request.deletion_protection)
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }

    fn check(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::common::<Self>(request, rules);
        rules::databases::<Self>(request, &request.database_specs, rules);
        rules.unique_names("shard_specs", request.shard_specs.iter().map(|shard| shard.shard_name.as_str()));
        if has_possible_types(request, rules) {
            check_types(request, rules);
        }
    }

    /// The first host of a type is its primary; every router is one, since each answers by itself (our choice).
    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        let mut seen = Vec::new();
        let hosts = request.host_specs.iter().map(|host| {
            let first = !seen.contains(&host.r#type);
            seen.push(host.r#type);
            let primary = first || host.r#type == host::Type::Router as i32;
            let role = if primary { host::Role::Primary } else { host::Role::Secondary };
            (host.clone(), role as i32)
        });
        hosts.collect()
    }

    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = spec::contents::<Self>(&request.database_specs, &request.user_specs);
        for shard in &request.shard_specs {
            contents.put(Item::Shard, &shard.shard_name, Opaque::new(shard.clone()));
        }
        contents
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { spqr_config: spec.spqr_spec.as_ref().map(shown), ..projected(spec) }
    }

    fn resources<'a>(request: &'a CreateClusterRequest, host: &HostSpec) -> Option<&'a Resources> {
        resources_of(request.config_spec.as_ref()?.spqr_spec.as_ref()?, host.r#type())
    }

    /// A host runs what its type says; an INFRA host runs a router and a coordinator in one, which the contract calls INFRA.
    fn services(_: &CreateClusterRequest, host: &HostSpec) -> Vec<i32> {
        let service = match host.r#type() {
            host::Type::Router => service::Type::Router,
            host::Type::Coordinator => service::Type::Coordinator,
            _ => service::Type::Infra,
        };
        vec![service as i32]
    }
}

impl DatabaseEngine for Spqr {
    /// Unset means as the cluster is (documented).
    fn is_protected(database: &DatabaseSpec, request: &CreateClusterRequest) -> bool {
        database.deletion_protection.unwrap_or(request.deletion_protection)
    }
}

/// Whether the hosts asked for are of types that they can be of: those of the shards are of other clusters, and hosts are added to
/// those of their type (documented).
fn has_possible_types(request: &CreateClusterRequest, rules: &mut Rules) -> bool {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let mut all = true;
    for (place, host) in asked {
        let name = host.r#type().as_str_name();
        let problem = if !matches!(host.r#type(), host::Type::Infra | host::Type::Router | host::Type::Coordinator) {
            format!("must be INFRA, ROUTER or COORDINATOR, but is {name}")
        } else if !present.is_empty() && present.iter().all(|present| present.r#type != host.r#type) {
            format!("the cluster has no {name} hosts: AddSubcluster brings the first")
        } else {
            continue;
        };
        rules.broken(format!("host_specs[{place}].type"), problem);
        all = false;
    }
    all
}

/// How many hosts of each type there may be, and which resources they need.
fn check_types(request: &CreateClusterRequest, rules: &mut Rules) {
    let spqr = request.config_spec.as_ref().and_then(|config| config.spqr_spec.as_ref());
    let count = |wanted: host::Type| request.host_specs.iter().filter(|host| host.r#type == wanted as i32).count();
    let (infra, routers, coordinators) =
        (count(host::Type::Infra), count(host::Type::Router), count(host::Type::Coordinator));
    if infra > 0 && routers + coordinators > 0 {
        rules.broken("host_specs", "a cluster has either INFRA hosts, or ROUTER and COORDINATOR hosts");
    } else if infra > 0 {
        rules.host_count("INFRA hosts", infra, 1, 7);
    } else {
        rules.host_count("ROUTER hosts", routers, 1, usize::MAX);
        rules.host_count("COORDINATOR hosts", coordinators, 0, 5);
    }
    for (hosts, field, wanted) in [
        (infra, "config_spec.spqr_spec.infra.resources", host::Type::Infra),
        (routers, "config_spec.spqr_spec.router.resources", host::Type::Router),
        (coordinators, "config_spec.spqr_spec.coordinator.resources", host::Type::Coordinator),
    ] {
        if hosts > 0 {
            rules.resources::<Spqr>(field, spqr.and_then(|spqr| resources_of(spqr, wanted)));
        }
    }
}

fn resources_of(spqr: &SpqrSpec, host: host::Type) -> Option<&Resources> {
    match host {
        host::Type::Router => spqr.router.as_ref()?.resources.as_ref(),
        host::Type::Coordinator => spqr.coordinator.as_ref()?.resources.as_ref(),
        _ => spqr.infra.as_ref()?.resources.as_ref(),
    }
}

/// SPQR shows no default beside a user's settings: what it shows is in effect.
fn shown(spec: &SpqrSpec) -> SpqrConfig {
    let mut shown: SpqrConfig = projected(spec);
    if let Some(router) = &mut shown.router {
        complete_router(router.config.get_or_insert_default());
    }
    if let Some(infra) = &mut shown.infra {
        complete_router(infra.router.get_or_insert_default());
    }
    shown
}

/// Documented defaults.
fn complete_router(settings: &mut RouterSettings) {
    settings.show_notice_messages.get_or_insert(false);
    settings.prefer_same_availability_zone.get_or_insert(true);
    settings.enhanced_multishard_processing.get_or_insert(false);
    if settings.time_quantiles.is_empty() {
        settings.time_quantiles = vec![0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];
    }
    if settings.default_route_behavior == 0 {
        settings.default_route_behavior = router_settings::DefaultRouteBehavior::Block as i32;
    }
    if settings.default_target_session_attrs == 0 {
        settings.default_target_session_attrs = router_settings::TargetSessionAttrs::ReadWrite as i32;
    }
    if settings.default_commit_strategy == 0 {
        settings.default_commit_strategy = router_settings::CommitStrategy::OnePc as i32;
    }
}
