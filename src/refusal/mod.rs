//! Every refusal that the emulator gives: its code, wording and details, grouped by what it is about.
//!
//! Wordings that clients parse or that were observed of the service say so; the rest are ours. What they repeat of a request is an
//! [`excerpt`] of it, and no refusal is larger than clients take, by whichever door it goes.

pub mod backup;
pub mod cluster;
pub mod contents;
pub mod endpoint;
pub mod iam;
pub mod neighbour;
pub mod operation;
pub mod request;
pub mod rest;
pub mod universe;

mod size;

use prost_types::Any;
use tonic::Code;

use crate::contract::ContractMessage;
use crate::contract::excerpt::excerpt;
use crate::contract::proto::google::rpc::{PreconditionFailure, RequestInfo, ResourceInfo, precondition_failure};

/// Why a call is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The gRPC code.
    pub code: Code,
    /// What is wrong, for people; some clients parse it.
    pub message: String,
    /// `google.rpc` error details.
    pub details: Vec<Any>,
}

impl Refusal {
    /// The refusal of a request of this id, which is the last of the details (documented where a client is not let in; that every
    /// refusal has it is our choice). There is room for it in every refusal.
    #[must_use]
    pub fn of_request(mut self, request_id: &str) -> Self {
        self.details.push(RequestInfo { request_id: request_id.to_owned(), ..RequestInfo::default() }.to_any());
        self
    }

    fn new(code: Code, message: impl Into<String>, details: Vec<Any>) -> Self {
        Self { code, message: message.into(), details }.fitted()
    }

    fn of_resource(code: Code, message: String, resource_type: &str, resource_name: &str) -> Self {
        let info = ResourceInfo {
            resource_type: resource_type.into(),
            resource_name: excerpt(resource_name).into(),
            description: message.clone(),
            ..ResourceInfo::default()
        };
        Self::new(code, message, vec![info.to_any()])
    }

    fn precondition(message: String, kind: &str, subject: &str) -> Self {
        let violation = precondition_failure::Violation {
            r#type: kind.into(),
            subject: excerpt(subject).into(),
            description: message.clone(),
        };
        Self::new(Code::FailedPrecondition, message, vec![PreconditionFailure { violations: vec![violation] }.to_any()])
    }
}
