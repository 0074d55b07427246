//! Refusals about requests themselves.

use std::time::Duration;

use tonic::Code;

use super::Refusal;
use crate::contract::ContractMessage;
use crate::contract::proto::google::rpc::{BadRequest, bad_request};
use crate::contract::validation::Violation;

/// Every rule that a request breaks, all at once. The form of the message is the one observed of the service's siblings.
pub fn invalid(violations: Vec<Violation>) -> Refusal {
    let lines: Vec<String> = violations.iter().map(|broken| format!("- {}: {}", broken.field, broken.rule)).collect();
    let field_violations = violations
        .into_iter()
        .map(|broken| bad_request::FieldViolation {
            field: broken.field,
            description: broken.rule,
            ..Default::default()
        })
        .collect();
    let message = format!("Request validation error:\n{}", lines.join("\n"));
    Refusal::new(Code::InvalidArgument, message, vec![BadRequest { field_violations }.to_any()])
}

/// One rule that one field breaks.
pub fn field(field: impl Into<String>, rule: impl Into<String>) -> Refusal {
    invalid(vec![Violation { field: field.into(), rule: rule.into() }])
}

/// The bytes are no message of the request's type.
pub fn malformed(message_type: &str, error: &prost::DecodeError) -> Refusal {
    Refusal::new(Code::InvalidArgument, format!("The request is not a valid {message_type}: {error}"), Vec::new())
}

/// `page_size` is out of range.
pub fn page_size(size: i64) -> Refusal {
    field("page_size", format!("must be from 0 to 1000, but is {size}"))
}

/// `page_token` was not made for this list.
pub fn page_token() -> Refusal {
    field("page_token", "must be the next_page_token of an earlier page of the same list")
}

/// `filter` is not understood.
pub fn filter(grammar: &str, problem: &str) -> Refusal {
    field("filter", format!("{problem}; {grammar}"))
}

/// A header that is no text, or too long.
pub fn header(name: &str, longest: usize) -> Refusal {
    let message = format!("The header {name} must be ASCII text of at most {longest} characters");
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}

/// Headers that name the host: several, or none where there must be one.
pub fn not_one_host() -> Refusal {
    Refusal::new(Code::InvalidArgument, "A request must have one header Host", Vec::new())
}

/// What should name the host cannot.
pub fn no_host() -> Refusal {
    let message = "The header Host, or :authority, must be a host, with a port or without one";
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}

/// The header `idempotency-key` came with another request before.
pub fn idempotency_key_reused() -> Refusal {
    let message = "The idempotency key was used for another request of this method within the last day";
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}

/// The RPC has no handler yet.
pub fn unimplemented(service: &str, method: &str) -> Refusal {
    Refusal::new(Code::Unimplemented, format!("{service}.{method} is not implemented by the emulator"), Vec::new())
}

/// The service has no such RPC.
pub fn unknown_method(path: &str) -> Refusal {
    Refusal::new(Code::Unimplemented, format!("There is no RPC {path}"), Vec::new())
}

/// The message is too long.
pub fn long_message(longest: usize) -> Refusal {
    let message = format!("The message of a request must have at most {longest} bytes");
    Refusal::new(Code::ResourceExhausted, message, Vec::new())
}

/// There is too much metadata.
pub fn large_metadata(size: usize, largest: usize) -> Refusal {
    let message = format!("The metadata of a call must have at most {largest} bytes, but has {size}");
    Refusal::new(Code::ResourceExhausted, message, Vec::new())
}

/// The message does not come to its end.
pub fn slow_message(longest: Duration) -> Refusal {
    let message = format!("The message of a request must come within {} seconds", longest.as_secs());
    Refusal::new(Code::DeadlineExceeded, message, Vec::new())
}

/// The client does not wait any longer.
pub fn deadline() -> Refusal {
    Refusal::new(Code::DeadlineExceeded, "The deadline that grpc-timeout sets has passed", Vec::new())
}

/// The header `grpc-timeout` is no time.
pub fn timeout() -> Refusal {
    let message = "The header grpc-timeout must be a number of at most 8 digits and a unit, H, M, S, m, u or n";
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}

/// There is no message, or there are several (the code is the one that gRPC has for it).
pub fn not_one_message() -> Refusal {
    Refusal::new(Code::Unimplemented, "A call must have one message", Vec::new())
}

/// The message is not framed as gRPC has it; the code and the problem are those that the framing found.
pub fn unframed(code: Code, problem: &str) -> Refusal {
    Refusal::new(code, format!("The message of the request cannot be read: {problem}"), Vec::new())
}

/// A call of gRPC or gRPC-Web by another verb than theirs.
pub fn not_posted(verb: &str) -> Refusal {
    Refusal::new(Code::Unimplemented, format!("gRPC is called by POST, but not by {verb}"), Vec::new())
}

/// A content-type of gRPC's that is not understood.
pub fn content_type() -> Refusal {
    let message = "The content-type must be application/grpc, application/grpc-web or application/grpc-web-text, \
                   each alone or with +proto";
    Refusal::new(Code::InvalidArgument, message, Vec::new())
}

/// A call in plaintext, where there is TLS alone.
pub fn tls_required() -> Refusal {
    let message = "This server requires TLS: call it by https, or start it with --tls allow";
    Refusal::new(Code::FailedPrecondition, message, Vec::new())
}

/// The emulator itself is at fault.
pub fn internal(what: &str) -> Refusal {
    Refusal::new(Code::Internal, format!("The emulator is at fault: {what}"), Vec::new())
}
