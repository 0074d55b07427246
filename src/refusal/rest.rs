//! Refusals about requests of REST that are no message.

use std::fmt::Display;

use tonic::Code;

use super::Refusal;
use crate::contract::excerpt::excerpt;

/// No RPC has this path.
pub fn unknown_path(path: &str) -> Refusal {
    let path = &excerpt(path);
    Refusal::new(Code::NotFound, format!("There is nothing at {path}"), Vec::new())
}

/// Other verbs have RPCs at this path.
pub fn wrong_verb(verb: &str, path: &str, allowed: &str) -> Refusal {
    let verb = &excerpt(verb);
    let path = &excerpt(path);
    Refusal::new(Code::Unimplemented, format!("{path} takes {allowed}, but not {verb}"), Vec::new())
}

/// The body is not what every body is.
pub fn no_object(problem: &str) -> Refusal {
    Refusal::new(Code::InvalidArgument, format!("The body must be a JSON object: {problem}"), Vec::new())
}

/// There is a body, but the RPC has none.
pub fn no_body() -> Refusal {
    let message = "This method takes no body: give the fields of the request in the query";
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}

/// The body is compressed.
pub fn encoded_body() -> Refusal {
    Refusal::new(Code::InvalidArgument, "The body must come without a content-encoding", Vec::new())
}

/// The body did not come to its end.
pub fn lost_body(problem: &dyn Display) -> Refusal {
    Refusal::new(Code::Cancelled, format!("The body did not come to its end: {problem}"), Vec::new())
}

/// The body does not keep to the rules of HTTP.
pub fn unframed_body(problem: &dyn Display) -> Refusal {
    Refusal::new(Code::InvalidArgument, format!("The body is not framed as HTTP has it: {problem}"), Vec::new())
}

/// A part of the URI is no text.
pub fn escape(part: &str) -> Refusal {
    let part = &excerpt(part);
    let message = format!("The percent escapes of {part} must be whole, and make UTF-8");
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}
