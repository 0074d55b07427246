//! `OperationService`, and how every handler answers with an operation.

use crate::contract::proto::yandex::cloud::operation::{CancelOperationRequest, GetOperationRequest, Operation};
use crate::engines;
use crate::refusal::{self, Refusal};
use crate::universe::{Decision, Id, Universe};

use super::Call;

/// `OperationService.Get`.
pub fn get(call: &Call, universe: &Universe, request: GetOperationRequest) -> Result<Operation, Refusal> {
    let id = Id::parse(&request.operation_id).ok_or_else(|| refusal::operation::not_found(&request.operation_id))?;
    shown(call, universe, id)
}

/// `OperationService.Cancel`: as far as it has come, the operation is undone. One that has ended is returned as it is.
pub fn cancel(_: &Call, universe: &Universe, request: CancelOperationRequest) -> Result<Decision, Refusal> {
    let id = Id::parse(&request.operation_id).filter(|id| universe.operation(*id).is_some());
    id.map(Decision::Cancel).ok_or_else(|| refusal::operation::not_found(&request.operation_id))
}

/// Carries out a decision that an operation is the reply to, and answers with the operation.
///
/// # Errors
///
/// FAILED_PRECONDITION if another operation is changing the cluster; ALREADY_EXISTS if the name that it needs is in use.
pub fn carried_out(call: &Call, universe: &mut Universe, decision: impl Into<Decision>) -> Result<Operation, Refusal> {
    match universe.carry_out(&decision.into())? {
        Some(operation) => shown(call, universe, operation),
        None => Err(refusal::request::internal("a call that should begin an operation has begun none")),
    }
}

/// An operation as the API shows it; the call learns how long it will be in flight.
///
/// # Errors
///
/// NOT_FOUND if there is no such operation.
pub fn shown(call: &Call, universe: &Universe, id: Id) -> Result<Operation, Refusal> {
    let operation = universe.operation(id).ok_or_else(|| refusal::operation::not_found(id.as_str()))?;
    let seconds_left = if operation.is_done() {
        0
    } else {
        operation.seconds_left(call.circumstances().now, universe.operation_time())
    };
    call.seconds_left.set(Some(seconds_left));
    Ok(engines::operation::shown(operation))
}
