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

/// There is no message, or there are several (the code is the one that gRPC has for it).
pub fn not_one_message() -> Refusal {
    Refusal::new(Code::Unimplemented, "A call must have one message", Vec::new())
}

/// The message is not framed as gRPC has it; the code and the problem are those that the framing found.
pub fn unframed(code: Code, problem: &str) -> Refusal {
    Refusal::new(code, format!("The message of the request cannot be read: {problem}"), Vec::new())
}

/// A call in plaintext, where there is TLS alone.
pub fn tls_required() -> Refusal {
    let message = "This server requires TLS: call it by https, or start it with --tls allow";
    Refusal::new(Code::FailedPrecondition, message, Vec::new())
}

/// A page of another origin calls.
pub fn foreign_origin(origin: &str) -> Refusal {
    denied(match shown(origin) {
        Some(origin) => format!(
            "Pages of the origin {origin} may not call this server: start it with --allow-origin {origin} if they shall"
        ),
        None => "Pages of other origins may not call this server".into(),
    })
}

/// A page of another origin calls, and the browser does not say which.
pub fn hidden_origin() -> Refusal {
    denied(
        "Pages of other origins may not call this server, and this one's browser does not name its origin: start the server with \
         --allow-origin and the origin, and let the page call by fetch in the mode cors",
    )
}

/// The server is called by a name that somebody else may own.
pub fn foreign_host(host: &str) -> Refusal {
    denied(match shown(host) {
        Some(host) => format!(
            "This server does not go by the name {host}: start it with --tls-name {host} if it shall, or call it by localhost or its \
             address"
        ),
        None => "This server does not go by such a name: call it by localhost or its address".into(),
    })
}

/// What a refusal repeats, unless it is longer than a host name can be with what is around it.
fn shown(text: &str) -> Option<&str> {
    (text.len() <= 300).then_some(text)
}

fn denied(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::PermissionDenied, message, Vec::new())
}

/// The emulator itself is at fault.
pub fn internal(what: &str) -> Refusal {
    Refusal::new(Code::Internal, format!("The emulator is at fault: {what}"), Vec::new())
}
