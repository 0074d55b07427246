//! `OperationService`, and how every handler answers with an operation.

use crate::contract::proto::yandex::cloud::operation::{CancelOperationRequest, GetOperationRequest, Operation};
use crate::engines::view;
use crate::refusal::{self, Refusal};
use crate::universe::operation::Plan;
use crate::universe::{Id, Universe};

use super::Call;

/// `OperationService.Get`.
pub fn get(call: &Call, universe: &Universe, request: GetOperationRequest) -> Result<Operation, Refusal> {
    let id = Id::parse(&request.operation_id).ok_or_else(|| refusal::operation::not_found(&request.operation_id))?;
    shown(call, universe, id)
}

/// `OperationService.Cancel`: as far as it has come, the operation is undone. One that has ended is returned as it is.
pub fn cancel(call: &Call, universe: &mut Universe, request: CancelOperationRequest) -> Result<Operation, Refusal> {
    let id = Id::parse(&request.operation_id).ok_or_else(|| refusal::operation::not_found(&request.operation_id))?;
    universe.cancel(id);
    shown(call, universe, id)
}

/// Begins an operation on a cluster, and answers with it.
///
/// # Errors
///
/// FAILED_PRECONDITION if another operation is changing the cluster.
pub fn begun(call: &Call, universe: &mut Universe, cluster: Id, plan: Plan) -> Result<Operation, Refusal> {
    let operation = universe.begin(cluster, plan)?;
    shown(call, universe, operation)
}

/// An operation as the API shows it; the call learns how long it will be in flight.
///
/// # Errors
///
/// NOT_FOUND if there is no such operation.
pub fn shown(call: &Call, universe: &Universe, id: Id) -> Result<Operation, Refusal> {
    let operation = universe.operation(id).ok_or_else(|| refusal::operation::not_found(id.as_str()))?;
    let seconds_left = if operation.is_done() { 0 } else { operation.seconds_left(call.now) };
    call.seconds_left.set(Some(seconds_left));
    Ok(view::operation(operation))
}
