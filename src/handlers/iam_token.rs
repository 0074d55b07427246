//! `iam.v1.IamTokenService`: tokens for what clients sign, or simply have.

use std::sync::Arc;

use crate::contract::kinds::ServiceAccount;
use crate::contract::proto::yandex::cloud::iam::v1::create_iam_token_request::Identity;
use crate::contract::proto::yandex::cloud::iam::v1::service_account::Status;
use crate::contract::proto::yandex::cloud::iam::v1::{
    CreateIamTokenForServiceAccountRequest, CreateIamTokenRequest, CreateIamTokenResponse, RevokeIamTokenRequest,
    RevokeIamTokenResponse,
};
use crate::identity::{is_account_id, jwt};
use crate::neighbours;
use crate::refusal::{self, Refusal};
use crate::universe::resource::{KindName, Reference};
use crate::universe::{TokenChange, Universe};

use super::{Call, Changing};

/// `IamTokenService.Create`: of a user for any OAuth token, of a service account for a JWT.
pub fn create(
    call: &Call,
    universe: &Universe,
    request: CreateIamTokenRequest,
) -> Result<CreateIamTokenResponse, Refusal> {
    let subject = match request.identity {
        Some(Identity::Jwt(jwt)) => {
            jwt::subject(&jwt, universe, [call.circumstances().now, call.circumstances().machine.now()])?
        }
        // Whose an OAuth token is cannot be known: each is of a user of its own (our choice).
        Some(Identity::YandexPassportOauthToken(token)) if !token.is_empty() => {
            universe.seed().id(b"aje", "user", &[&token], 0).to_string()
        }
        _ => return Err(refusal::iam::bad_oauth_token()),
    };
    awake(universe, &subject)?;
    Ok(issued(call, universe, &subject))
}

/// `IamTokenService.CreateForServiceAccount`: everybody may act for every service account (our choice).
pub fn create_for_service_account(
    call: &Call,
    universe: &Universe,
    request: CreateIamTokenForServiceAccountRequest,
) -> Result<CreateIamTokenResponse, Refusal> {
    if !is_account_id(&request.service_account_id) {
        return Err(refusal::iam::bad_account_id());
    }
    neighbours::exist(universe, &[Reference::to(KindName::ServiceAccount, &request.service_account_id)])?;
    awake(universe, &request.service_account_id)?;
    Ok(issued(call, universe, &request.service_account_id))
}

/// `IamTokenService.Revoke`.
pub fn revoke(
    call: &Call,
    universe: &Universe,
    request: RevokeIamTokenRequest,
) -> Result<Changing<RevokeIamTokenResponse>, Refusal> {
    let live = universe.token(&request.iam_token).filter(|token| universe.is_live(token, call.circumstances().now));
    let token = live.ok_or_else(refusal::iam::not_to_revoke)?;
    let subject_id = token.subject.clone();
    Ok((Arc::new([TokenChange::Revoke(token).into()]), RevokeIamTokenResponse { subject_id }))
}

/// A service account that is suspended gets no tokens (our choice).
fn awake(universe: &Universe, subject: &str) -> Result<(), Refusal> {
    match neighbours::message::<ServiceAccount>(universe, subject) {
        Some(account) if account.status() == Status::Suspended => Err(refusal::iam::suspended(subject)),
        _ => Ok(()),
    }
}

fn issued(call: &Call, universe: &Universe, subject: &str) -> CreateIamTokenResponse {
    let (iam_token, expires_at) = universe.issue_token(subject, call.circumstances().now);
    CreateIamTokenResponse { iam_token, expires_at: Some(expires_at.into()) }
}
