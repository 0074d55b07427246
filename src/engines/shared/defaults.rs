//! What a request leaves open, filled in from the defaults of every engine, or from the source of a restore.

use crate::contract::engine::fields::methods::*;
use crate::contract::proto::google::r#type::TimeOfDay;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::cluster;
use crate::engines::Engine;

/// The daily backup begins at 22:00 UTC or later, unless a request says otherwise (documented).
pub const BACKUP_WINDOW: TimeOfDay = TimeOfDay { hours: 22, minutes: 0, seconds: 0, nanos: 0 };

/// Automatic backups are kept for seven days, unless a request says otherwise (documented).
pub const BACKUP_RETENTION_DAYS: i64 = 7;

/// The disk type of a host for which the request names none (our choice).
const DISK_TYPE: &str = "network-ssd";

/// The environment of a cluster for which the request names none, where the contract does not require one (our choice).
const ENVIRONMENT: i32 = cluster::Environment::Production as i32;

/// [`crate::engines::Settings::KEPT`] of an engine whose hosts all have the same resources.
pub const KEPT: &[&str] = &[
    "name",
    "network_id",
    "config_spec.version",
    "config_spec.resources.resource_preset_id",
    "config_spec.resources.disk_size",
    "config_spec.resources.disk_type_id",
];

/// Fills in everything that the request leaves open: the defaults of every engine first, then those of this one.
pub fn complete<E: Engine>(request: &mut E::CreateClusterRequest) {
    if request.environment() == cluster::Environment::Unspecified as i32 {
        request.set_environment(ENVIRONMENT);
    }
    let mut config = request.config_spec().cloned().unwrap_or_default();
    if config.backup_window_start().is_none() {
        config.set_backup_window_start(Some(BACKUP_WINDOW));
    }
    if config.backup_retain_period_days().is_none() {
        config.set_backup_retain_period_days(Some(BACKUP_RETENTION_DAYS));
    }
    if config.access().is_none() {
        config.set_access(Some(E::Access::default()));
    }
    if let Some(mut resources) = config.resources().cloned() {
        complete_disk_type::<E>(&mut resources);
        config.set_resources(Some(resources));
    }
    request.set_config_spec(Some(config));
    E::complete_settings(request);
    E::complete_hosts(request);
}

/// Fills in the disk type.
pub fn complete_disk_type<E: Engine>(resources: &mut E::Resources) {
    if resources.disk_type_id().is_empty() {
        resources.set_disk_type_id(DISK_TYPE.into());
    }
}

/// Copies what a restored cluster takes over from its source.
///
/// A restored cluster is encrypted with the key of its source, unless a request names another: an empty key means none (documented;
/// that an unset one keeps the source's is our choice).
pub fn inherit<E: Engine>(request: &mut E::CreateClusterRequest, source: &E::CreateClusterRequest) {
    let key = request.disk_encryption_key_id().or(source.disk_encryption_key_id());
    let key = key.filter(|key| !key.is_empty()).cloned();
    request.set_disk_encryption_key_id(key);
    E::inherit(request, source);
}
