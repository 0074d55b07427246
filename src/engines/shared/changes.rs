//! Rules of a change from one request to another. The first that is broken is reported, alone.

use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::refusal::{self, Refusal};

/// No version leads to an older one, neither by Update nor by Restore (documented for Update).
///
/// # Errors
///
/// INVALID_ARGUMENT if the version is older than before.
pub fn not_older<E: Engine>(before: &E::CreateClusterRequest, after: &E::CreateClusterRequest) -> Result<(), Refusal> {
    let place = |request: &E::CreateClusterRequest| {
        let version = request.config_spec().map(|config| config.version());
        E::VERSIONS.iter().position(|known| Some(*known) == version)
    };
    match (place(before), place(after)) {
        (Some(old), Some(new)) if new < old => Err(refusal::cluster::older_version(E::VERSIONS[old])),
        _ => Ok(()),
    }
}

/// Disks neither shrink nor become of another type (documented for MySQL, and refused by SQL Server's clients).
///
/// # Errors
///
/// INVALID_ARGUMENT naming what cannot be changed.
pub fn same_disk<E: Engine>(before: &E::CreateClusterRequest, after: &E::CreateClusterRequest) -> Result<(), Refusal> {
    let resources =
        |request: &E::CreateClusterRequest| request.config_spec().and_then(|config| config.resources().cloned());
    let (Some(before), Some(after)) = (resources(before), resources(after)) else { return Ok(()) };
    if after.disk_size() < before.disk_size() {
        return Err(refusal::cluster::disk_shrinks(before.disk_size()));
    }
    if after.disk_type_id() != before.disk_type_id() {
        return Err(refusal::cluster::other_disk_type(before.disk_type_id()));
    }
    Ok(())
}
