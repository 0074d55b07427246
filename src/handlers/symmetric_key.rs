//! What `kms.v1.SymmetricKeyService` has beside the RPCs of every kind: versions of keys.

use crate::contract::ContractMessage;
use crate::contract::kinds::SymmetricKey;
use crate::contract::proto::yandex::cloud::kms::v1 as kms;
use crate::contract::proto::yandex::cloud::kms::v1::symmetric_key_version::Status;
use crate::contract::proto::yandex::cloud::kms::v1::{
    CancelSymmetricKeyVersionDestructionMetadata, CancelSymmetricKeyVersionDestructionRequest,
    ListSymmetricKeyVersionsRequest, ListSymmetricKeyVersionsResponse, RotateSymmetricKeyMetadata,
    RotateSymmetricKeyRequest, ScheduleSymmetricKeyVersionDestructionMetadata,
    ScheduleSymmetricKeyVersionDestructionRequest, SetPrimarySymmetricKeyVersionMetadata,
    SetPrimarySymmetricKeyVersionRequest, SymmetricKeyVersion, symmetric_key,
};
use crate::neighbours::{found, symmetric_key as rules};
use crate::refusal::{self, Refusal};
use crate::universe::instant::DAY;
use crate::universe::plan::ResultOf;
use crate::universe::{Id, KindName, Opaque, Plan, Resource, ResourceChange, Universe, rotation};

use super::{Call, resource};

/// How long a version waits for its destruction, if the request does not say (documented).
const WAIT: i64 = 7 * DAY;

/// `SymmetricKeyService.ListVersions`: the oldest first (our choice).
pub fn list_versions(
    call: &Call,
    universe: &Universe,
    request: ListSymmetricKeyVersionsRequest,
) -> Result<ListSymmetricKeyVersionsResponse, Refusal> {
    found::<SymmetricKey>(universe, &request.key_id)?;
    let page = call.page(universe, &[&request.key_id], request.page_size, &request.page_token)?;
    let after = page.after()?.unwrap_or(0);
    let versions = universe.resources_of(KindName::SymmetricKeyVersion, &request.key_id, after);
    let (versions, next_page_token) = page.fill(versions, |(place, _)| *place);
    let shown = versions.into_iter().map(|(_, version)| version.message.open::<SymmetricKeyVersion>().clone());
    Ok(ListSymmetricKeyVersionsResponse { key_versions: shown.collect(), next_page_token })
}

/// `SymmetricKeyService.Rotate`: a new version becomes primary.
pub fn rotate(call: &Call, universe: &Universe, request: RotateSymmetricKeyRequest) -> Result<Plan, Refusal> {
    let kept = found::<SymmetricKey>(universe, &request.key_id)?;
    let key: &kms::SymmetricKey = kept.message.open();
    in_use(key)?;
    let now = call.circumstances().now;
    let versions = universe.times_taken(&rotation::counted(kept.id.as_str()));
    let new = rotation::new_version(universe.seed(), key, versions, now);
    let metadata = RotateSymmetricKeyMetadata { key_id: request.key_id, new_primary_version_id: new.id.clone() };
    let (key, versions) = rotation::with_primary(key, new);
    let key = kms::SymmetricKey { rotated_at: Some(now.into()), ..key };
    Ok(with_versions(resource::plan::<SymmetricKey>(call, kept.id, "Rotate", metadata.to_any()), &kept, key, versions))
}

/// `SymmetricKeyService.SetPrimaryVersion`: of a version that is active.
pub fn set_primary_version(
    call: &Call,
    universe: &Universe,
    request: SetPrimarySymmetricKeyVersionRequest,
) -> Result<Plan, Refusal> {
    let kept = found::<SymmetricKey>(universe, &request.key_id)?;
    let version = version(universe, &kept, &request.version_id)?;
    if version.status() != Status::Active {
        let problem = format!("is {}, but must be ACTIVE", version.status().as_str_name());
        return Err(refusal::neighbour::version_state(&version.id, &problem));
    }
    let metadata = SetPrimarySymmetricKeyVersionMetadata { key_id: request.key_id, version_id: request.version_id };
    let (key, versions) = rotation::with_primary(kept.message.open(), version);
    Ok(with_versions(
        resource::plan::<SymmetricKey>(call, kept.id, "Set primary version of", metadata.to_any()),
        &kept,
        key,
        versions,
    ))
}

/// `SymmetricKeyService.ScheduleVersionDestruction`: never of the primary version (documented).
pub fn schedule_version_destruction(
    call: &Call,
    universe: &Universe,
    request: ScheduleSymmetricKeyVersionDestructionRequest,
) -> Result<Plan, Refusal> {
    let kept = found::<SymmetricKey>(universe, &request.key_id)?;
    let version = version(universe, &kept, &request.version_id)?;
    rules::at_least_a_day("pending_period", request.pending_period)?;
    if version.primary {
        return Err(refusal::neighbour::version_state(&version.id, "is the primary one, and cannot be destroyed"));
    }
    if version.status() != Status::Active {
        let problem = format!("is {}, but must be ACTIVE", version.status().as_str_name());
        return Err(refusal::neighbour::version_state(&version.id, &problem));
    }
    let nanos = request
        .pending_period
        .map_or(WAIT, |period| period.seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(period.nanos)));
    let far = || refusal::request::field("pending_period", "must not lead past the end of time");
    let destroy_at = call.circumstances().now.checked_plus(nanos).ok_or_else(far)?;
    let metadata = ScheduleSymmetricKeyVersionDestructionMetadata {
        key_id: request.key_id,
        version_id: request.version_id,
        destroy_at: Some(destroy_at.into()),
    };
    let status = Status::ScheduledForDestruction as i32;
    let version = SymmetricKeyVersion { status, destroy_at: Some(destroy_at.into()), ..version };
    Ok(with_version(
        resource::plan::<SymmetricKey>(call, kept.id, "Schedule destruction of version of", metadata.to_any()),
        version,
    ))
}

/// `SymmetricKeyService.CancelVersionDestruction`: the version is active again (documented).
pub fn cancel_version_destruction(
    call: &Call,
    universe: &Universe,
    request: CancelSymmetricKeyVersionDestructionRequest,
) -> Result<Plan, Refusal> {
    let kept = found::<SymmetricKey>(universe, &request.key_id)?;
    let version = version(universe, &kept, &request.version_id)?;
    if version.status() != Status::ScheduledForDestruction {
        let problem = format!("is {}, but must be SCHEDULED_FOR_DESTRUCTION", version.status().as_str_name());
        return Err(refusal::neighbour::version_state(&version.id, &problem));
    }
    let metadata =
        CancelSymmetricKeyVersionDestructionMetadata { key_id: request.key_id, version_id: request.version_id };
    let version = SymmetricKeyVersion { status: Status::Active as i32, destroy_at: None, ..version };
    Ok(with_version(
        resource::plan::<SymmetricKey>(call, kept.id, "Cancel destruction of version of", metadata.to_any()),
        version,
    ))
}

/// A version of a key.
fn version(universe: &Universe, key: &Resource, id: &str) -> Result<SymmetricKeyVersion, Refusal> {
    let version = Id::parse(id).and_then(|id| universe.resource(KindName::SymmetricKeyVersion, id));
    let version = version.filter(|version| *version.parent == *key.id.as_str());
    let version = version.ok_or_else(|| refusal::neighbour::not_found(KindName::SymmetricKeyVersion, id))?;
    Ok(version.message.open::<SymmetricKeyVersion>().clone())
}

/// Only a key that is in use gets a new version (our choice).
fn in_use(key: &kms::SymmetricKey) -> Result<(), Refusal> {
    if key.status() == symmetric_key::Status::Active {
        return Ok(());
    }
    let problem = format!("is {}, but must be ACTIVE", key.status().as_str_name());
    Err(refusal::neighbour::key_state(&key.id, &problem))
}

/// A plan that changes a key and versions of it.
fn with_versions(plan: Plan, kept: &Resource, key: kms::SymmetricKey, versions: Vec<SymmetricKeyVersion>) -> Plan {
    let plan = versions
        .into_iter()
        .fold(plan, |plan, version| plan.then(ResourceChange::Make(rotation::version_resource(version).into())));
    plan.then(ResourceChange::Put(Resource { message: Opaque::new(key), ..kept.clone() }.into()))
}

/// A plan that changes a version, and shows it when it is done.
fn with_version(plan: Plan, version: SymmetricKeyVersion) -> Plan {
    let shown = ResultOf::Message(version.to_any().into());
    plan.then(ResourceChange::Put(rotation::version_resource(version).into())).showing(shown)
}
