//! What a refusal says, with its details decoded.

use mdb_emulator::contract::proto::google::rpc::{self, BadRequest, PreconditionFailure, RequestInfo, ResourceInfo};
use prost::{Message, Name};
use tonic::{Code, Status};

/// A refusal, in a form that can be compared.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: Code,
    pub message: String,
    /// The kind of its details beside the id of its request, such as `BadRequest`; empty if it has none.
    pub details: String,
    /// What these details speak of: fields of a BadRequest, names of resources, types of failed preconditions.
    pub about: Vec<String>,
}

/// The refusal that a call must have got. The last of its details must name the request, as the headers do.
#[track_caller]
pub fn refused<T>(outcome: Result<T, Status>) -> Refused {
    let Err(status) = outcome else { panic!("the call should have been refused") };
    let mut refused =
        Refused { code: status.code(), message: status.message().into(), details: String::new(), about: Vec::new() };
    let whole = rpc::Status::decode(status.details()).expect("the details are a google.rpc.Status");
    assert_eq!((whole.code, whole.message.as_str()), (status.code() as i32, status.message()));
    let (last, others) = whole.details.split_last().expect("every refusal has details");
    let info: RequestInfo = last.to_msg().expect("the last of them is about the request");
    let header = status.metadata().get("x-request-id").map(|id| id.to_str().unwrap());
    assert_eq!(header, Some(info.request_id.as_str()));
    let Some(detail) = others.first() else { return refused };
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
        other => panic!("details of an unexpected type {other}"),
    };
    refused
}
