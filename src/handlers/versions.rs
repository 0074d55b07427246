//! `VersionsService`: the versions that clusters can have.

use super::Call;
use crate::contract::engine::RetentionMessages;
use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::engines::shared::versions;
use crate::refusal::Refusal;
use crate::universe::Universe;

/// `VersionsService.List`: the oldest first (our choice).
pub fn list<E: Engine + RetentionMessages>(
    call: &Call,
    universe: &Universe,
    request: E::ListVersionsRequest,
) -> Result<E::ListVersionsResponse, Refusal> {
    let page = call.page(universe, &[], request.page_size(), request.page_token())?;
    let (versions, token) = page.fill_in_order(versions::listed::<E>())?;
    let mut reply = E::ListVersionsResponse::default();
    reply.set_version(versions);
    reply.set_next_page_token(token);
    Ok(reply)
}
