//! `OperationService`, and how every handler answers with an operation.

use prost_types::Any;

use crate::contract::ContractMessage;
use crate::contract::proto::yandex::cloud::operation::{CancelOperationRequest, GetOperationRequest, Operation};
use crate::contract::proto::yandex::cloud::resourcemanager::v1::{DeleteCloudMetadata, DeleteFolderMetadata};
use crate::engines;
use crate::refusal::{self, Refusal};
use crate::universe::{Decision, Id, Left, Universe};

use super::Call;

/// `OperationService.Get`.
pub fn get(call: &Call, universe: &Universe, request: GetOperationRequest) -> Result<Operation, Refusal> {
    let id = Id::parse(&request.operation_id).ok_or_else(|| refusal::operation::not_found(&request.operation_id))?;
    shown(call, universe, id)
}

/// `OperationService.Cancel`: as far as it has come, the operation is undone. One that has ended is returned as it is.
pub fn cancel(call: &Call, universe: &Universe, request: CancelOperationRequest) -> Result<Decision, Refusal> {
    let found = Id::parse(&request.operation_id).and_then(|id| universe.operation(id));
    let operation = found.ok_or_else(|| refusal::operation::not_found(&request.operation_id))?;
    let metadata = if operation.is_done() { None } else { cancelled(call, &operation.about.metadata) };
    Ok(Decision::Cancel(operation.id, metadata))
}

/// The metadata of an operation that tells who cancelled it, and when (documented of deletions of folders and clouds).
fn cancelled(call: &Call, metadata: &Any) -> Option<Any> {
    let (by, at) = (call.circumstances().subject.to_owned(), Some(call.circumstances().now.into()));
    if let Ok(of_folder) = metadata.to_msg::<DeleteFolderMetadata>() {
        return Some(DeleteFolderMetadata { cancelled_by: by, cancelled_at: at, ..of_folder }.to_any());
    }
    let of_cloud = metadata.to_msg::<DeleteCloudMetadata>().ok()?;
    Some(DeleteCloudMetadata { cancelled_by: by, cancelled_at: at, ..of_cloud }.to_any())
}

/// Carries out a decision that an operation is the reply to, and answers with the operation.
///
/// # Errors
///
/// FAILED_PRECONDITION if another operation is changing the cluster; ALREADY_EXISTS if the name that it needs is in use.
pub fn carried_out(call: &Call, universe: &mut Universe, decision: impl Into<Decision>) -> Result<Operation, Refusal> {
    match universe.carry_out(&decision.into())? {
        Some(Left::Operation(operation)) => shown(call, universe, operation),
        _ => Err(refusal::request::internal("a call that should begin an operation has begun none")),
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
