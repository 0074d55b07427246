//! Rules of a change from one request to another. The first that is broken is reported, alone.

use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::refusal::{self, Refusal};

use super::versions;

/// An update keeps the version, or goes to one that the cluster can be upgraded to (documented).
///
/// # Errors
///
/// INVALID_ARGUMENT naming the versions that it could be.
pub fn upgradable<E: Engine>(before: &E::CreateClusterRequest, after: &E::CreateClusterRequest) -> Result<(), Refusal> {
    let (old, new) = (version::<E>(before), version::<E>(after));
    let upgrades = versions::upgrades::<E>(old);
    if new == old || upgrades.contains(&new) { Ok(()) } else { Err(refusal::cluster::other_version(old, &upgrades)) }
}

/// A backup is not restored into a version that is older (our choice).
///
/// # Errors
///
/// INVALID_ARGUMENT if the version is older than before.
pub fn not_older<E: Engine>(before: &E::CreateClusterRequest, after: &E::CreateClusterRequest) -> Result<(), Refusal> {
    let age = |request| {
        let release = E::release(version::<E>(request));
        E::VERSIONS.iter().position(|known| E::release(known.id) == release)
    };
    match (age(before), age(after)) {
        (Some(old), Some(new)) if new < old => Err(refusal::cluster::older_version(version::<E>(before))),
        _ => Ok(()),
    }
}

fn version<E: Engine>(request: &E::CreateClusterRequest) -> &str {
    request.config_spec().map_or("", |config| config.version())
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
