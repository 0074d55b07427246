//! The part of a request that the simulation reads itself.

use crate::contract::engine::fields::methods::*;
use crate::contract::projection::Secrets;
use crate::contract::proto::google::r#type::TimeOfDay;
use crate::engines::Engine;
use crate::universe::Opaque;
use crate::universe::cluster::Spec;
use crate::universe::instant::{DAY, SECOND};

use super::{defaults, references};

/// The spec of a cluster in a folder, made of a request that is complete and checked. Secrets are dropped.
pub fn spec<E: Engine>(mut request: E::CreateClusterRequest, folder: &str) -> Spec {
    request.forget_secrets();
    let config = request.config_spec();
    let window = config.and_then(|config| config.backup_window_start()).unwrap_or(&defaults::BACKUP_WINDOW);
    let days = config.and_then(|config| config.backup_retain_period_days()).unwrap_or(defaults::BACKUP_RETENTION_DAYS);
    Spec {
        folder: folder.into(),
        name: request.name().into(),
        deletion_protection: request.deletion_protection(),
        backup_window_start: nanos_of_day(window),
        automatic_retention: days.saturating_mul(DAY),
        manual_retention: E::MANUAL_RETENTION,
        uses: references::used::<E>(&request),
        request: Opaque::new(request),
    }
}

fn nanos_of_day(time: &TimeOfDay) -> i64 {
    let seconds = (i64::from(time.hours) * 60 + i64::from(time.minutes)) * 60 + i64::from(time.seconds);
    seconds * SECOND + i64::from(time.nanos)
}
