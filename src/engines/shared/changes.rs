//! Rules of a change from one request to another. The first that is broken is reported, alone.

use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::refusal::{self, Refusal};

/// The version must not become older, neither by Update nor by Restore (documented for Update).
///
/// # Errors
///
/// INVALID_ARGUMENT if the version is older than before.
pub fn not_older<E: Engine>(before: &E::CreateClusterRequest, after: &E::CreateClusterRequest) -> Result<(), Refusal> {
    let position = |request: &E::CreateClusterRequest| {
        let version = request.config_spec().map(|config| config.version());
        E::VERSIONS.iter().position(|known| Some(*known) == version)
    };
    match (position(before), position(after)) {
        (Some(old), Some(new)) if new < old => Err(refusal::cluster::older_version(E::VERSIONS[old])),
        _ => Ok(()),
    }
}

/// A disk must not become smaller, and must keep its type (documented for MySQL; the clients of SQL Server refuse the change too).
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
