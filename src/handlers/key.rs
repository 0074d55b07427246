//! What is particular about the RPCs of `iam.v1.KeyService`: a key is made at once, and its private half shown once.

use std::sync::Arc;

use crate::contract::kinds::{Key, ListReply as _, Listing};
use crate::contract::proto::yandex::cloud::iam::v1 as iam;
use crate::contract::proto::yandex::cloud::iam::v1::key::Algorithm;
use crate::contract::proto::yandex::cloud::iam::v1::{
    CreateKeyRequest, CreateKeyResponse, ListKeysRequest, ListKeysResponse,
};
use crate::neighbours::rsa::{self, Recipe};
use crate::neighbours::{self, exist, found};
use crate::refusal::{self, Refusal};
use crate::universe::resource::Reference;
use crate::universe::{KindName, Left, ResourceChange, Universe};

use super::{Call, Changing, resource};

/// `KeyService.List`: of an account, or of the caller (documented of Create).
pub fn list(call: &Call, universe: &Universe, request: ListKeysRequest) -> Result<ListKeysResponse, Refusal> {
    exist(universe, &[Reference::to(KindName::ServiceAccount, request.parent())])?;
    let account = account(call, request.parent());
    let (keys, token) = resource::page::<Key, _>(call, universe, &request, |after| {
        universe.resources_of(KindName::Key, account, after)
    })?;
    Ok(ListKeysResponse::new(keys, token))
}

/// Whose keys a request is about.
pub fn account<'a>(call: &'a Call, named: &'a str) -> &'a str {
    if named.is_empty() { call.circumstances().subject } else { named }
}

/// `KeyService.Create`. The same call under the same idempotency key gets the same private half again.
pub fn create(
    call: &Call,
    universe: &Universe,
    request: CreateKeyRequest,
) -> Result<Changing<CreateKeyResponse>, Refusal> {
    let mut key = match call.left.get() {
        Some(Left::Resource(id)) => found::<Key>(universe, id.as_str())?.message.open::<iam::Key>().clone(),
        _ => resource::draft::<Key>(call, universe, &request)?.1,
    };
    let bits = if key.key_algorithm() == Algorithm::Rsa4096 { 4096 } else { 2048 };
    let recipe = Recipe { seed: universe.seed(), id: key.id.clone(), bits };
    let Some(pair) = rsa::take(&recipe) else {
        call.work.set(Some(Box::new(|| rsa::make(recipe))));
        return Err(refusal::request::internal("the pair of keys could not be made"));
    };
    key.public_key.clone_from(&pair.public);
    let note = "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID";
    let private_key = format!("{note} <{}>\n{}", key.id, pair.private);
    let made = ResourceChange::Make(neighbours::resource::<Key>(universe, key.clone()).into());
    Ok((Arc::new([made.into()]), CreateKeyResponse { key: Some(key), private_key }))
}
