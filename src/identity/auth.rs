//! Authentication: whose token a call carries, and whether the call needs one.
//!
//! The emulator's own services are not asked for a token of a universe: they are no part of the cloud, and a test needs them to go on
//! when a token has expired. Where calls need a token, they take the [`ControlToken`] of the process instead (our choice). Health and
//! reflection take calls without any.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use subtle::ConstantTimeEq;
use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::AUTHORIZATION;
use uuid::Uuid;

use crate::contract::Method;
use crate::refusal::{self, Refusal};
use crate::universe::Auth;
use crate::worlds::World;

/// The longest control token, in bytes: what fits any header.
const LONGEST: usize = 512;

/// The token that the emulator's own services take, and no other service. It never expires.
#[derive(Clone)]
pub struct ControlToken(Arc<str>);

impl ControlToken {
    /// A token that nobody can guess.
    pub fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string().into())
    }

    /// What a client sends.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows nothing of it: it is a secret.
impl fmt::Debug for ControlToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ControlToken").finish_non_exhaustive()
    }
}

impl FromStr for ControlToken {
    type Err = &'static str;

    /// Takes what the header `authorization` can carry (RFC 6750).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err("must be of 1 to 512 ASCII letters, digits and -._~+/=")
        }
    }
}

/// Checks that a call carries the control token.
///
/// # Errors
///
/// UNAUTHENTICATED if it does not.
pub fn control(token: &ControlToken, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = bearer(headers).unwrap_or_default();
    // In constant time, so that the time does not tell how much of the token was right.
    if given.as_bytes().ct_eq(token.as_str().as_bytes()).into() {
        Ok(())
    } else {
        Err(refusal::iam::no_control_token())
    }
}

/// The subject of a call's token, if it carries one that the universe has issued.
///
/// # Errors
///
/// UNAUTHENTICATED if the universe wants a live token for this method, and there is none.
pub fn subject(method: &Method, headers: &HeaderMap, world: &World) -> Result<Option<String>, Refusal> {
    let given = bearer(headers);
    let token = given.and_then(|text| world.token(text));
    if method.open || world.auth() == Auth::Off {
        return Ok(token.map(|token| token.subject));
    }
    if given.is_none() {
        return Err(refusal::iam::no_token());
    }
    let live = token.filter(|token| world.is_live(token));
    live.map(|token| Some(token.subject)).ok_or_else(refusal::iam::bad_token)
}

/// The token in the header `authorization: Bearer <token>`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
