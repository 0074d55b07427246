//! What is particular about the RPCs of `iam.v1.awscompatibility.AccessKeyService`: a key is made at once, and its secret shown once.

use std::sync::Arc;

use crate::contract::kinds::{AccessKey, ListReply as _, Listing};
use crate::contract::proto::yandex::cloud::iam::v1::awscompatibility::{
    self as iam, CreateAccessKeyRequest, CreateAccessKeyResponse, ListAccessKeysRequest, ListAccessKeysResponse,
};
use crate::neighbours::{self, access_key, exist, found};
use crate::refusal::Refusal;
use crate::universe::resource::Reference;
use crate::universe::{KindName, Left, ResourceChange, Universe};

use super::{Call, Changing, key, resource};

/// `AccessKeyService.List`: of an account, or of the caller (our choice, as documented of keys).
pub fn list(
    call: &Call,
    universe: &Universe,
    request: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, Refusal> {
    exist(universe, &[Reference::to(KindName::ServiceAccount, request.parent())])?;
    let account = key::account(call, request.parent());
    let (keys, token) = resource::page::<AccessKey, _>(call, universe, &request, |after| {
        universe.resources_of(KindName::AccessKey, account, after)
    })?;
    Ok(ListAccessKeysResponse::new(keys, token))
}

/// `AccessKeyService.Create`. The same call under the same idempotency key gets the same secret again.
pub fn create(
    call: &Call,
    universe: &Universe,
    request: CreateAccessKeyRequest,
) -> Result<Changing<CreateAccessKeyResponse>, Refusal> {
    let access_key = match call.left.get() {
        Some(Left::Resource(id)) => found::<AccessKey>(universe, id.as_str())?.message.open::<iam::AccessKey>().clone(),
        _ => resource::draft::<AccessKey>(call, universe, &request)?.1,
    };
    let secret = access_key::secret(universe.seed(), &access_key.id);
    let made = ResourceChange::Make(neighbours::resource::<AccessKey>(universe, access_key.clone()).into());
    Ok((Arc::new([made.into()]), CreateAccessKeyResponse { access_key: Some(access_key), secret }))
}
