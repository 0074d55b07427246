//! What every Update does first: it merges the request into the present state, by the update mask.

use prost_types::FieldMask;

use super::{Call, warning};
use crate::contract::ContractMessage;
use crate::contract::excerpt::excerpt;
use crate::contract::mask::{self, MaskError};
use crate::contract::projection::{SECRET_FIELDS, Secrets};
use crate::contract::validation::{Validate, Violation, violations};
use crate::refusal::{self, Refusal};

/// The present state with what the mask names taken from the request; valid as a request itself is. `address` are the fields that name
/// what is updated, and `kept` are the fields without a default.
pub fn merged<U: ContractMessage + Validate>(
    call: &Call,
    current: &U,
    request: &U,
    mask: Option<&FieldMask>,
    (address, kept): (&[&str], &[&str]),
) -> Result<U, Refusal> {
    let merged = mask::merge(current, request, mask, address, kept).map_err(|error| match error {
        MaskError::UnknownField(path) => {
            refusal::request::field("update_mask", format!("{} is no field that can be updated", excerpt(&path)))
        }
        MaskError::TooManyPaths(count) => refusal::request::long_mask(mask::MOST_PATHS, count),
        MaskError::Unreadable => refusal::request::internal("the update mask could not be followed"),
    })?;
    if !merged.ignored.is_empty() {
        let warning = warning::ignored_paths(&merged.ignored);
        tracing::warn!("{warning}");
        call.warning.replace(Some(warning));
    }
    // A mask can take a part without which the rest is not allowed.
    let broken = violations(&merged.message);
    if broken.is_empty() {
        return Ok(merged.message);
    }
    // What was not right before is not the request's fault: a folder that is only named has its id as its name.
    let before = violations(current);
    let new: Vec<Violation> = broken.first().iter().filter(|one| !before.first().contains(one)).cloned().collect();
    let is_new = !new.is_empty() || broken.count() > before.count();
    if is_new { Err(refusal::request::invalid(new)) } else { Ok(merged.message) }
}

/// Takes the secrets out of a merged request. Whether it had any, or the mask names one: secrets are not kept, so whether a given one differs
/// cannot be told, and it counts as a change (our choice).
pub fn forget_secrets<U: ContractMessage + Secrets>(merged: &mut U, mask: Option<&FieldMask>) -> bool {
    let names_secret = |path: &String| path.rsplit('.').next().is_some_and(|field| SECRET_FIELDS.contains(&field));
    let with_secrets = merged.clone();
    merged.forget_secrets();
    *merged != with_secrets || mask.is_some_and(|mask| mask.paths.iter().any(names_secret))
}
