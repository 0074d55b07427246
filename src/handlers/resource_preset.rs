//! `ResourcePresetService`: the classes of hosts.

use super::Call;
use crate::contract::engine::fields::methods::*;
use crate::engines::Engine;
use crate::engines::shared::presets;
use crate::refusal::{self, Refusal};
use crate::universe::Universe;

/// `ResourcePresetService.Get`.
pub fn get<E: Engine>(
    _: &Call,
    _: &Universe,
    request: E::GetResourcePresetRequest,
) -> Result<E::ResourcePreset, Refusal> {
    let id = request.resource_preset_id();
    presets::preset::<E>(id).map(presets::shown::<E>).ok_or_else(|| refusal::cluster::no_such_preset(id))
}

/// `ResourcePresetService.List`: in the order of the documentation.
pub fn list<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: E::ListResourcePresetsRequest,
) -> Result<E::ListResourcePresetsResponse, Refusal> {
    let page = call.page(universe, &[], request.page_size(), request.page_token())?;
    let (presets, token) = page.fill_in_order(E::presets().iter())?;
    let mut reply = E::ListResourcePresetsResponse::default();
    reply.set_resource_presets(presets.into_iter().map(presets::shown::<E>).collect());
    reply.set_next_page_token(token);
    Ok(reply)
}
