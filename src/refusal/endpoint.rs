//! Refusals about endpoints.

use tonic::Code;

use super::Refusal;

/// No endpoint has this id.
pub fn not_found(id: &str) -> Refusal {
    Refusal::of_resource(Code::NotFound, format!("Endpoint {id} not found"), "endpoint", id)
}
