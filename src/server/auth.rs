//! Authentication: whose token a call carries, and whether the call needs one.
//!
//! The emulator's own services are not asked here: they are no part of the cloud, and a test needs them to go on when a token has
//! expired (our choice). Neither are health and reflection.

use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::AUTHORIZATION;

use crate::contract::Method;
use crate::refusal::{self, Refusal};
use crate::universe::Auth;
use crate::worlds::World;

/// What clients call to get a token, and to find where they get one.
const OPEN: [&str; 3] = [
    "/yandex.cloud.endpoint.ApiEndpointService/Get",
    "/yandex.cloud.endpoint.ApiEndpointService/List",
    "/yandex.cloud.iam.v1.IamTokenService/Create",
];

/// The subject of a call's token, if it carries one that the universe has issued.
///
/// # Errors
///
/// UNAUTHENTICATED if the universe wants a live token for this method, and there is none.
pub fn subject(method: &Method, headers: &HeaderMap, world: &World) -> Result<Option<String>, Refusal> {
    let given = bearer(headers);
    let (universe, now) = world.peek();
    if universe.access().auth == Auth::Off || OPEN.contains(&method.path) {
        return Ok(given.and_then(|token| universe.token(token)).map(|token| token.subject));
    }
    let given = given.ok_or_else(refusal::iam::no_token)?;
    let live = universe.token(given).filter(|token| universe.is_live(token, now));
    live.map(|token| Some(token.subject)).ok_or_else(refusal::iam::bad_token)
}

/// The token in the header `authorization: Bearer <token>`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
