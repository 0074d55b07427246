//! Access bindings of clusters.

use crate::contract::proto::yandex::cloud::access::{
    ListAccessBindingsRequest, ListAccessBindingsResponse, SetAccessBindingsRequest, UpdateAccessBindingsRequest,
};
use crate::engines::Engine;
use crate::handlers::Call;
use crate::handlers::access::{self, Holder};
use crate::refusal::Refusal;
use crate::universe::{Plan, Universe};

/// `ClusterService.ListAccessBindings`.
pub fn list_access_bindings<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: ListAccessBindingsRequest,
) -> Result<ListAccessBindingsResponse, Refusal> {
    access::list(call, universe, &request, &Holder::cluster::<E>(universe, &request.resource_id)?)
}

/// `ClusterService.SetAccessBindings`.
pub fn set_access_bindings<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: SetAccessBindingsRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::cluster::<E>(universe, &request.resource_id)?;
    access::set(call, universe, request, &holder)
}

/// `ClusterService.UpdateAccessBindings`.
pub fn update_access_bindings<E: Engine>(
    call: &Call,
    universe: &Universe,
    request: UpdateAccessBindingsRequest,
) -> Result<Plan, Refusal> {
    let holder = Holder::cluster::<E>(universe, &request.resource_id)?;
    access::update(call, universe, request, &holder)
}
