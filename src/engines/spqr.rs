//! SPQR: sharded PostgreSQL. A cluster holds routers and coordinators; the shards are PostgreSQL clusters elsewhere.

use super::shared::rules::{self, Rules};
use super::shared::{defaults, hosts, items};
use super::{Backups, ClusterContents, DatabaseEngine, Named, Settings, Spqr, Topology};
use crate::contract::projection::projected;
use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, CreateClusterRequest, DatabaseSpec, HostSpec, Resources, RouterSettings,
    SpqrConfig, SpqrSpec, UserSpec, host, maintenance_window, router_settings, service,
};
use crate::universe::{Contents, EngineName, Item, Opaque};

impl Named for Spqr {
    const NAME: EngineName = EngineName("spqr");
    const TITLE: &'static str = "SPQR";
}

impl Topology for Spqr {
    const LEADER: i32 = host::Role::Primary as i32;
    const FOLLOWER: i32 = host::Role::Secondary as i32;

    fn check_hosts(request: &CreateClusterRequest, rules: &mut Rules) {
        if has_possible_types(request, rules) {
            check_types(request, rules);
        }
    }

    /// The first host of a type is its primary. Every router is a primary, since each answers by itself (our choice).
    fn hosts(request: &CreateClusterRequest) -> Vec<(HostSpec, i32)> {
        let mut hosts =
            hosts::first_of_each_leads(&request.host_specs, |host| host.r#type, Self::LEADER, Self::FOLLOWER);
        for (_, role) in hosts.iter_mut().filter(|(host, _)| host.r#type() == host::Type::Router) {
            *role = Self::LEADER;
        }
        hosts
    }

    fn resources<'a>(request: &'a CreateClusterRequest, host: &HostSpec) -> Option<&'a Resources> {
        resources_of(request.config_spec.as_ref()?.spqr_spec.as_ref()?, host.r#type())
    }

    /// A host runs the service that its type names. INFRA is a router and a coordinator in one.
    fn services(_: &CreateClusterRequest, host: &HostSpec) -> Vec<i32> {
        let service = match host.r#type() {
            host::Type::Router => service::Type::Router,
            host::Type::Coordinator => service::Type::Coordinator,
            _ => service::Type::Infra,
        };
        vec![service as i32]
    }
}

impl Settings for Spqr {
    const VERSIONS: &'static [&'static str] = &[];
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

    fn complete_settings(request: &mut CreateClusterRequest) {
        let window = request.maintenance_window.get_or_insert_default();
        window.policy.get_or_insert(maintenance_window::Policy::Anytime(AnytimeMaintenanceWindow {}));
        let config = request.config_spec.get_or_insert_default();
        let spqr = config.spqr_spec.get_or_insert_default();
        let resources = [
            spqr.router.as_mut().and_then(|router| router.resources.as_mut()),
            spqr.coordinator.as_mut().and_then(|coordinator| coordinator.resources.as_mut()),
            spqr.infra.as_mut().and_then(|infra| infra.resources.as_mut()),
        ];
        resources.into_iter().flatten().for_each(defaults::complete_disk_type::<Self>);
    }

    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { spqr_config: spec.spqr_spec.as_ref().map(shown), ..projected(spec) }
    }
}

impl ClusterContents for Spqr {
    fn contents(request: &CreateClusterRequest) -> Contents {
        let mut contents = items::contents::<Self>(&request.database_specs, &request.user_specs);
        for shard in &request.shard_specs {
            contents.put(Item::Shard, &shard.shard_name, Opaque::new(shard.clone()));
        }
        contents
    }

    fn check_contents(request: &CreateClusterRequest, rules: &mut Rules) {
        rules::databases::<Self>(request, &request.database_specs, rules);
        rules.unique_names("shard_specs", request.shard_specs.iter().map(|shard| shard.shard_name.as_str()));
    }

    /// An unset field means the protection of the cluster (documented).
    fn is_user_protected(user: &UserSpec, request: &CreateClusterRequest) -> bool {
        user.deletion_protection.unwrap_or(request.deletion_protection)
    }

    fn granted(user: &UserSpec) -> Vec<&str> {
        user.permissions.iter().map(|permission| permission.database_name.as_str()).collect()
    }

    fn revoke(user: &mut UserSpec, database: &str) {
        user.permissions.retain(|permission| permission.database_name != database);
    }
}

impl Backups for Spqr {
    /// Restore includes the time itself only with `time_inclusive` (documented).
    const RESTORES_THE_TIME_ITSELF: bool = false;
}

impl DatabaseEngine for Spqr {
    /// An unset field means the protection of the cluster (documented).
    fn is_database_protected(database: &DatabaseSpec, request: &CreateClusterRequest) -> bool {
        database.deletion_protection.unwrap_or(request.deletion_protection)
    }
}

/// Whether the hosts that the request asks for can be of their types. The hosts of shards belong to other clusters, and AddHosts
/// needs a host of the same type to begin with (documented).
fn has_possible_types(request: &CreateClusterRequest, rules: &mut Rules) -> bool {
    let (present, asked) = rules.hosts_of(&request.host_specs);
    let mut all = true;
    for (index, host) in asked {
        let name = host.r#type().as_str_name();
        let problem = if !matches!(host.r#type(), host::Type::Infra | host::Type::Router | host::Type::Coordinator) {
            format!("must be INFRA, ROUTER or COORDINATOR, but is {name}")
        } else if !present.is_empty() && present.iter().all(|present| present.r#type != host.r#type) {
            format!("the cluster has no {name} hosts: AddSubcluster brings the first")
        } else {
            continue;
        };
        rules.broken(format!("host_specs[{index}].type"), problem);
        all = false;
    }
    all
}

/// Checks how many hosts of each type there are, and that their resources are given.
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

/// The settings as the API shows them: those in effect, since SPQR has no fields for defaults and user's settings apart.
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

/// Fills in the documented defaults.
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
