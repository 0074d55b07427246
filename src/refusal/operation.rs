//! Refusals about operations.

use tonic::Code;

use super::Refusal;
use crate::contract::excerpt::excerpt;
use crate::contract::proto::google::rpc::PreconditionFailure;

/// The code that a cancelled operation ends with, as a number of `google.rpc.Code`.
pub const CANCELLED_CODE: i32 = Code::Cancelled as i32;

/// What a cancelled operation says of itself.
pub const CANCELLED: &str = "The operation was cancelled";

const CONFLICT: &str = "CONFLICTING_OPERATION";

/// No operation has this id.
pub fn not_found(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Operation {id} not found"), "operation", id)
}

/// Another operation is changing the cluster (clients parse the wording for the id, wait for it, and try again).
pub fn conflict(operation: &str) -> Refusal {
    let message = format!("conflicting operation \"{operation}\" detected");
    Refusal::precondition(message, CONFLICT, operation)
}

/// The operation that a call is in conflict with, if it was refused for that.
pub fn conflicting(refusal: &Refusal) -> Option<String> {
    let failures = refusal.details.iter().filter_map(|detail| detail.to_msg::<PreconditionFailure>().ok());
    let conflict = failures.flat_map(|failure| failure.violations).find(|violation| violation.r#type == CONFLICT)?;
    Some(conflict.subject)
}

/// What an operation was on has been deleted before it came to its end.
pub fn deleted_meanwhile() -> Refusal {
    Refusal::new(Code::Aborted, "What the operation was on has been deleted meanwhile", Vec::new())
}
