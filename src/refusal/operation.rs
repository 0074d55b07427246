//! Refusals about operations.

use tonic::Code;

use super::Refusal;
use crate::contract::excerpt::excerpt;

/// The code that a cancelled operation ends with, as a number of `google.rpc.Code`.
pub const CANCELLED_CODE: i32 = Code::Cancelled as i32;

/// What a cancelled operation says of itself.
pub const CANCELLED: &str = "The operation was cancelled";

/// No operation has this id.
pub fn not_found(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Operation {id} not found"), "operation", id)
}

/// Another operation is changing the cluster (clients parse the wording for the id, wait for it, and try again).
pub fn conflict(operation: &str) -> Refusal {
    let message = format!("conflicting operation \"{operation}\" detected");
    Refusal::precondition(message, "CONFLICTING_OPERATION", operation)
}

/// What an operation was on has been deleted before it came to its end.
pub fn deleted_meanwhile() -> Refusal {
    Refusal::new(Code::Aborted, "What the operation was on has been deleted meanwhile", Vec::new())
}
