//! What a refusal says, with its details decoded.

use mdb_emulator::contract::proto::google::rpc::{self, BadRequest, PreconditionFailure, RequestInfo, ResourceInfo};
use prost::{Message, Name};
use tonic::{Code, Status};

/// A refusal, in a form that can be compared.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: Code,
    pub message: String,
    /// The kind of its details, such as `BadRequest`; empty if it has none.
    pub details: String,
    /// What the details speak of: fields of a BadRequest, names of resources, types of failed preconditions,
    /// ids of requests.
    pub about: Vec<String>,
}

/// The refusal that a call must have got.
#[track_caller]
pub fn refused<T>(outcome: Result<T, Status>) -> Refused {
    let Err(status) = outcome else { panic!("the call should have been refused") };
    let mut refused =
        Refused { code: status.code(), message: status.message().into(), details: String::new(), about: Vec::new() };
    if status.details().is_empty() {
        return refused;
    }
    let whole = rpc::Status::decode(status.details()).expect("the details are a google.rpc.Status");
    assert_eq!((whole.code, whole.message.as_str()), (status.code() as i32, status.message()));
    let detail = whole.details.first().expect("a status with details has one");
    let kind = detail.type_url.rsplit('.').next().unwrap_or_default();
    kind.clone_into(&mut refused.details);
    refused.about = match kind {
        BadRequest::NAME => {
            let bad: BadRequest = detail.to_msg().unwrap();
            bad.field_violations.into_iter().map(|violation| violation.field).collect()
        }
        ResourceInfo::NAME => {
            let info: ResourceInfo = detail.to_msg().unwrap();
            vec![info.resource_type, info.resource_name]
        }
        PreconditionFailure::NAME => {
            let failure: PreconditionFailure = detail.to_msg().unwrap();
            failure.violations.into_iter().map(|violation| violation.r#type).collect()
        }
        RequestInfo::NAME => {
            let info: RequestInfo = detail.to_msg().unwrap();
            vec![info.request_id]
        }
        other => panic!("details of an unexpected type {other}"),
    };
    refused
}
