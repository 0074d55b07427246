//! Symmetric keys of KMS: their life, without encryption. Names of keys may repeat.

use super::{AT_ONCE, Kind, Made, Making};
use crate::contract::kinds::{About as _, SymmetricKey};
use crate::contract::proto::yandex::cloud::kms::v1 as kms;
use crate::contract::proto::yandex::cloud::kms::v1::symmetric_key::Status;
use crate::contract::proto::yandex::cloud::kms::v1::{CreateSymmetricKeyMetadata, CreateSymmetricKeyRequest};
use crate::refusal::{self, Refusal};
use crate::universe::resource::{KindName, UniqueKey, What};
use crate::universe::{Change, ResourceChange, Stage, Universe, rotation};

/// The shortest time between rotations, and before a version is destroyed, in seconds: a day (documented of destruction; our choice of
/// rotation).
pub const SHORTEST_PERIOD: i64 = 86_400;

impl Kind for SymmetricKey {
    const NAME: KindName = KindName::SymmetricKey;
    const NOUN: &'static str = "symmetric key";
    const STAGES: &'static [Stage] = AT_ONCE;
    const KEPT: &'static [&'static str] = &["status", "default_algorithm"];

    /// In small letters, and with the kind's whole name only where a key is made (observed).
    fn description(verb: &str) -> String {
        match verb {
            "Create" => "create symmetric key".to_owned(),
            verb => format!("{} key", verb.to_lowercase()),
        }
    }

    fn id_prefix(_: &Universe, _: &CreateSymmetricKeyRequest) -> &'static [u8; 3] {
        b"abj"
    }

    fn unique(_: &Universe, key: &kms::SymmetricKey) -> Vec<UniqueKey> {
        let (scope, text) = (key.folder_id.as_str().into(), key.name.as_str().into());
        vec![UniqueKey { kind: KindName::SymmetricKey, what: What::SharedName, scope, text }]
    }

    fn complete(
        making: &Making<'_>,
        _: &CreateSymmetricKeyRequest,
        key: &mut kms::SymmetricKey,
    ) -> Result<(), Refusal> {
        key.status = Status::Active as i32;
        key.primary_version = Some(rotation::new_version(making.universe.seed(), key, 0, making.now));
        Ok(())
    }

    fn check(_: &Universe, key: &kms::SymmetricKey) -> Result<(), Refusal> {
        if !matches!(key.status(), Status::Active | Status::Inactive) {
            let rule = format!("must be ACTIVE or INACTIVE, but is {}", key.status().as_str_name());
            return Err(refusal::request::field("status", rule));
        }
        at_least_a_day("rotation_period", key.rotation_period)
    }

    /// A key has a version from the beginning.
    fn made_with(_: &Making<'_>, key: &kms::SymmetricKey) -> Vec<Change> {
        let version = key.primary_version.clone().map(rotation::version_resource);
        version.into_iter().map(|version| ResourceChange::Make(version.into()).into()).collect()
    }

    fn may_delete(_: &Universe, key: &kms::SymmetricKey) -> Result<(), Refusal> {
        if key.deletion_protection {
            return Err(refusal::neighbour::protected(KindName::SymmetricKey, &key.id));
        }
        Ok(())
    }
}

impl Made for SymmetricKey {
    fn about_creation(key: &kms::SymmetricKey) -> CreateSymmetricKeyMetadata {
        let mut metadata = CreateSymmetricKeyMetadata::about(key.id.clone());
        metadata.primary_version_id =
            key.primary_version.as_ref().map(|version| version.id.clone()).unwrap_or_default();
        metadata
    }
}

/// Refuses a period that is given and shorter than a day.
///
/// # Errors
///
/// INVALID_ARGUMENT that names the field.
pub fn at_least_a_day(field: &str, period: Option<prost_types::Duration>) -> Result<(), Refusal> {
    match period {
        // Its nanos have the sign of its seconds.
        Some(period) if period.seconds < SHORTEST_PERIOD => {
            Err(refusal::request::field(field, format!("must be at least a day, but is {period}")))
        }
        _ => Ok(()),
    }
}
