//! What the simulation needs to know of a request, whichever engine's it is.

use crate::contract::proto::google::r#type::TimeOfDay;
use crate::universe::Opaque;
use crate::universe::cluster::Spec;
use crate::universe::instant::{DAY, SECOND};

use super::{DatabaseEngine, Engine};
use crate::contract::engine::fields::methods::*;
use crate::contract::projection::Secrets;

/// The daily backup begins at 22:00 UTC or later, unless a request says otherwise (documented).
pub const DEFAULT_WINDOW: TimeOfDay = TimeOfDay { hours: 22, minutes: 0, seconds: 0, nanos: 0 };

/// Automatic backups are kept for seven days, unless a request says otherwise (documented).
pub const DEFAULT_RETENTION_DAYS: i64 = 7;

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
