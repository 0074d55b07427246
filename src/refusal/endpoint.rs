//! Refusals about endpoints.

use tonic::Code;

use super::Refusal;
use crate::contract::excerpt::excerpt;

/// No endpoint has this id.
pub fn not_found(id: &str) -> Refusal {
    let id = &excerpt(id);
    Refusal::of_resource(Code::NotFound, format!("Endpoint {id} not found"), "endpoint", id)
}
