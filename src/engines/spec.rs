//! What the simulation needs to know of a request, whichever engine's it is.

use crate::contract::proto::google::r#type::TimeOfDay;
use crate::contract::proto::yandex::cloud::mdb::redis::v1::cluster;
use crate::universe::cluster::Spec;
use crate::universe::instant::{DAY, SECOND};
use crate::universe::{Contents, Item, Opaque};

use super::{DatabaseEngine, Engine};
use crate::contract::engine::fields::methods::*;
use crate::contract::projection::Secrets;

/// The daily backup begins at 22:00 UTC or later, unless a request says otherwise (documented).
const DEFAULT_WINDOW: TimeOfDay = TimeOfDay { hours: 22, minutes: 0, seconds: 0, nanos: 0 };

/// Automatic backups are kept for seven days, unless a request says otherwise (documented).
const DEFAULT_RETENTION_DAYS: i64 = 7;

/// Paths of an update whose fields have no default, of an engine whose hosts all have the same resources.
pub const KEPT: &[&str] = &[
    "name",
    "network_id",
    "config_spec.version",
    "config_spec.resources.resource_preset_id",
    "config_spec.resources.disk_size",
    "config_spec.resources.disk_type_id",
];

/// The disks of a host that asks for none in particular (our choice).
const DEFAULT_DISK_TYPE: &str = "network-ssd";

/// The environment of a cluster that asks for none, where the contract does not require one (our choice).
const DEFAULT_ENVIRONMENT: i32 = cluster::Environment::Production as i32;

/// Fills in the defaults that every engine has.
pub fn complete<E: Engine>(request: &mut E::CreateClusterRequest) {
    if request.environment() == cluster::Environment::Unspecified as i32 {
        request.set_environment(DEFAULT_ENVIRONMENT);
    }
    let mut config = request.config_spec().cloned().unwrap_or_default();
    if config.backup_window_start().is_none() {
        config.set_backup_window_start(Some(DEFAULT_WINDOW));
    }
    if config.backup_retain_period_days().is_none() {
        config.set_backup_retain_period_days(Some(DEFAULT_RETENTION_DAYS));
    }
    if config.access().is_none() {
        config.set_access(Some(E::Access::default()));
    }
    request.set_config_spec(Some(config));
}

/// Fills in the disk type, which a request may leave out.
pub fn complete_resources<E: Engine>(resources: Option<&mut E::Resources>) {
    if let Some(resources) = resources.filter(|resources| resources.disk_type_id().is_empty()) {
        resources.set_disk_type_id(DEFAULT_DISK_TYPE.into());
    }
}

/// A restored cluster is encrypted with the key of its source, unless a request says otherwise: an empty key means none
/// (documented; that an unset one keeps the source's is our choice).
pub fn inherit_key<E: Engine>(request: &mut E::CreateClusterRequest, source: &E::CreateClusterRequest) {
    let key = request.disk_encryption_key_id().or(source.disk_encryption_key_id());
    let key = key.filter(|key| !key.is_empty()).cloned();
    request.set_disk_encryption_key_id(key);
}

/// The first host leads, and the others follow it.
pub fn first_leads<Spec: Clone>(hosts: &[Spec], leader: i32, follower: i32) -> Vec<(Spec, i32)> {
    let roles = std::iter::once(leader).chain(std::iter::repeat(follower));
    hosts.iter().cloned().zip(roles).collect()
}

/// Databases and users to begin with.
pub fn contents<E: DatabaseEngine>(databases: &[E::DatabaseSpec], users: &[E::UserSpec]) -> Contents {
    let mut contents = Contents::default();
    for spec in databases {
        contents.put(Item::Database, spec.name(), database::<E>(spec));
    }
    for spec in users {
        contents.put(Item::User, spec.name(), user::<E>(spec));
    }
    contents
}

/// The spec of a cluster in a folder. The request is complete and checked; its secrets are dropped.
pub fn spec<E: Engine>(mut request: E::CreateClusterRequest, folder: &str) -> Spec {
    request.forget_secrets();
    let config = request.config_spec();
    let window = config.and_then(|config| config.backup_window_start()).unwrap_or(&DEFAULT_WINDOW);
    let days = config.and_then(|config| config.backup_retain_period_days()).unwrap_or(DEFAULT_RETENTION_DAYS);
    Spec {
        folder: folder.into(),
        name: request.name().into(),
        deletion_protection: request.deletion_protection(),
        backup_window_start: nanos_of_day(window),
        automatic_retention: days.saturating_mul(DAY),
        manual_retention: E::MANUAL_RETENTION,
        request: Opaque::new(request),
    }
}

fn nanos_of_day(time: &TimeOfDay) -> i64 {
    let seconds = (i64::from(time.hours) * 60 + i64::from(time.minutes)) * 60 + i64::from(time.seconds);
    seconds * SECOND + i64::from(time.nanos)
}

/// A user as it is kept: complete, and without its password.
pub fn user<E: Engine>(user: &E::UserSpec) -> Opaque {
    let mut user = user.clone();
    user.forget_secrets();
    E::complete_user(&mut user);
    Opaque::new(user)
}

/// A database as it is kept: complete.
pub fn database<E: DatabaseEngine>(database: &E::DatabaseSpec) -> Opaque {
    let mut database = database.clone();
    E::complete_database(&mut database);
    Opaque::new(database)
}
