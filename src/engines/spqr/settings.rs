//! Settings. There are no versions.

use crate::contract::projection::projected;
use crate::contract::proto::yandex::cloud::mdb::spqr::v1::{
    AnytimeMaintenanceWindow, ClusterConfig, CreateClusterRequest, maintenance_window,
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

    /// Only those settings are shown that were sent, without defaults (clients compare them).
    fn config(request: &CreateClusterRequest) -> ClusterConfig {
        let Some(spec) = &request.config_spec else { return ClusterConfig::default() };
        ClusterConfig { spqr_config: spec.spqr_spec.as_ref().map(projected), ..projected(spec) }
    }
}
