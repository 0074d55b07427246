//! Settings. There are no versions.

use crate::contract::projection::projected;
use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, CreateClusterRequest, RouterSettings, SpqrConfig, SpqrSpec,
    maintenance_window, router_settings,
};
use crate::engines::shared::defaults;
use crate::engines::shared::versions::{Upgrades, Version};
use crate::engines::{Settings, Spqr};

impl Settings for Spqr {
    const VERSIONS: &'static [Version] = &[];
    const UPGRADES: Upgrades = Upgrades::Nowhere;
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
