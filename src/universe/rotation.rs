//! What the clock does to symmetric keys: it gives them new versions, and destroys versions.

use std::sync::Arc;

use super::cluster::Text;
use super::resource::{KindName, Resource, UniqueKey, What};
use super::{Id, Instant, Opaque, ResourceEvent, Seed};
use crate::contract::proto::yandex::cloud::kms::v1::{
    SymmetricKey, SymmetricKeyVersion, symmetric_key, symmetric_key_version,
};

/// What falls due for a resource, and when.
pub(super) fn due(resource: &Resource) -> Option<(Instant, ResourceEvent)> {
    match resource.kind {
        KindName::SymmetricKey => {
            let key: &SymmetricKey = resource.message.open();
            // A key that is not in use gets no new versions (our choice).
            let period = key.rotation_period.filter(|_| key.status() == symmetric_key::Status::Active)?;
            let since = Instant::from(key.rotated_at.as_ref().or(key.created_at.as_ref())?);
            let nanos = period.seconds.checked_mul(1_000_000_000)?.checked_add(i64::from(period.nanos))?;
            Some((since.checked_plus(nanos)?, ResourceEvent::Rotate { key: resource.id }))
        }
        KindName::SymmetricKeyVersion => {
            let version: &SymmetricKeyVersion = resource.message.open();
            let is_planned = version.status() == symmetric_key_version::Status::ScheduledForDestruction;
            let at = version.destroy_at.filter(|_| is_planned)?;
            Some((Instant::from(&at), ResourceEvent::DestroyVersion { version: resource.id }))
        }
        _ => None,
    }
}

/// The version of a key that has so many already.
pub fn new_version(seed: Seed, key: &SymmetricKey, number: u64, now: Instant) -> SymmetricKeyVersion {
    SymmetricKeyVersion {
        id: seed.id(b"abj", "version", &[&key.id], number).to_string(),
        key_id: key.id.clone(),
        status: symmetric_key_version::Status::Active as i32,
        algorithm: key.default_algorithm,
        created_at: Some(now.into()),
        primary: true,
        ..SymmetricKeyVersion::default()
    }
}

/// A key with another primary version, and the versions that change by that: the one that has been primary, and the one that is now.
pub fn with_primary(key: &SymmetricKey, mut primary: SymmetricKeyVersion) -> (SymmetricKey, Vec<SymmetricKeyVersion>) {
    primary.primary = true;
    let before = key.primary_version.clone().filter(|before| before.id != primary.id);
    let before = before.map(|before| SymmetricKeyVersion { primary: false, ..before });
    let key = SymmetricKey { primary_version: Some(primary.clone()), ..key.clone() };
    (key, before.into_iter().chain([primary]).collect())
}

/// A version as a resource: its key holds it.
pub fn version_resource(version: SymmetricKeyVersion) -> Resource {
    Resource {
        kind: KindName::SymmetricKeyVersion,
        id: Id::parse(&version.id).expect("the universe made the version's id"),
        parent: Text::from(version.key_id.as_str()),
        unique: [counted(&version.key_id)].into(),
        uses: Arc::default(),
        message: Opaque::new(version),
    }
}

/// What counts the versions of a key.
pub fn counted(key: &str) -> UniqueKey {
    UniqueKey { kind: KindName::SymmetricKeyVersion, what: What::SharedName, scope: key.into(), text: Text::default() }
}

/// The same resource with another message.
pub(super) fn with_message(resource: &Resource, message: Opaque) -> Arc<Resource> {
    Arc::new(Resource { message, ..resource.clone() })
}

/// What becomes of a key whose period of rotation has passed, and which has so many versions.
pub(super) fn rotated(seed: Seed, resource: &Resource, versions: u64, now: Instant) -> Vec<Arc<Resource>> {
    let key: &SymmetricKey = resource.message.open();
    let (key, versions) = with_primary(key, new_version(seed, key, versions, now));
    let key = SymmetricKey { rotated_at: Some(now.into()), ..key };
    let versions = versions.into_iter().map(|version| Arc::new(version_resource(version)));
    versions.chain([with_message(resource, Opaque::new(key))]).collect()
}

/// What becomes of a version that was to be destroyed.
pub(super) fn destroyed(resource: &Resource) -> Arc<Resource> {
    let version: &SymmetricKeyVersion = resource.message.open();
    let status = symmetric_key_version::Status::Destroyed as i32;
    with_message(resource, Opaque::new(SymmetricKeyVersion { status, ..version.clone() }))
}
