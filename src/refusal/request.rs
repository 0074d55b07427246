//! Refusals about requests themselves.

use std::fmt::Write;
use std::time::Duration;

use prost::Message;
use tonic::Code;
use tonic::codegen::http::StatusCode;

use super::{Refusal, size};
use crate::contract::ContractMessage;
use crate::contract::excerpt::{excerpt, shortened};
use crate::contract::filter::{self, Operator};
use crate::contract::proto::google::rpc::{BadRequest, bad_request};
use crate::contract::validation::{Violation, Violations};

/// The most bytes of the path of a field, and of its rule, that are told: so one violation always fits.
const LONGEST_FIELD: usize = 384;
const LONGEST_RULE: usize = 512;

/// Room for all that is in a refusal beside violations: the first line of the message, and that there are more.
const ROOM_BESIDE: usize = 512;

/// What Protocol Buffers put before each message of a list.
const OF_EACH: usize = 4;

/// The rules that a request breaks, as many at once as there is room for. The form of the message is the one observed of the
/// service's siblings; how it ends when there are more is ours.
pub fn invalid(broken: impl Into<Violations>) -> Refusal {
    let broken = broken.into();
    let mut message = "Request validation error:".to_owned();
    let mut field_violations = Vec::new();
    let mut size = ROOM_BESIDE;
    for Violation { field, rule } in broken.first() {
        let violation = bad_request::FieldViolation {
            field: shortened(field, LONGEST_FIELD).into(),
            description: shortened(rule, LONGEST_RULE).into(),
            ..Default::default()
        };
        let line = format!("\n- {}: {}", violation.field, violation.description);
        size += size::of_more(&line, OF_EACH + violation.encoded_len());
        if size > size::ROOM {
            break;
        }
        message += &line;
        field_violations.push(violation);
    }
    let untold = broken.count() - field_violations.len();
    if untold > 0 {
        // Writing to a string cannot fail.
        _ = write!(message, "\n- and {untold} more");
    }
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

/// `filter` is none that a list with these operators has.
pub fn filter(problem: filter::Problem, operators: &[Operator]) -> Refusal {
    field("filter", format!("{}; {}", problem_of_filter(problem, operators), grammar_of_filter(operators)))
}

fn problem_of_filter(problem: filter::Problem, operators: &[Operator]) -> String {
    use filter::Problem;
    match problem {
        Problem::Field => "can be by name only".into(),
        Problem::NoOperator => "does not compare by any operator".into(),
        Problem::Operator(operator) => {
            format!("compares by {}, but this list compares by {} alone", operator.sign(), signs(operators))
        }
        Problem::Quotes => "has a value that is not in quotes".into(),
        Problem::Sign => "has a quote or backslash in its value".into(),
        Problem::EmptyName => "has an empty name in its list".into(),
        Problem::Parenthesis => "has a list without a parenthesis at its end".into(),
        Problem::Surplus => "has something behind its value".into(),
    }
}

fn grammar_of_filter(operators: &[Operator]) -> String {
    if operators == filter::EQUAL {
        return "the filter is name=\"VALUE\", where VALUE is a whole name".into();
    }
    format!(
        "the filter is name OPERATOR \"VALUE\", where OPERATOR is {}, and VALUE a whole name, or for IN and NOT IN several with commas \
         between them",
        signs(operators)
    )
}

fn signs(operators: &[Operator]) -> String {
    operators.iter().map(|operator| operator.sign()).collect::<Vec<_>>().join(" or ")
}

/// An update mask of too many paths.
pub fn long_mask(most: usize, count: usize) -> Refusal {
    field("update_mask", format!("must have at most {most} different paths, but has {count}"))
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

/// A request by HTTP/1.1 is no HTTP, by this status.
pub fn unparsed(status: StatusCode) -> Refusal {
    let problem = match status {
        StatusCode::URI_TOO_LONG => "Its URI is too long",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "Its headers are too large",
        _ => {
            "Its first line or a header breaks the grammar. In a URI, quotes, spaces and the like must be escaped, such as %22 for a quote"
        }
    };
    Refusal::new(Code::InvalidArgument, format!("The request is no HTTP/1.1. {problem}"), Vec::new())
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
    Refusal::new(Code::Unimplemented, format!("There is no RPC {}", excerpt(path)), Vec::new())
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

/// The process ends before the call does.
pub fn stopping() -> Refusal {
    Refusal::new(
        Code::Unavailable,
        "The emulator is stopping: the call was given up, and has changed nothing",
        Vec::new(),
    )
}

/// Nobody waits for the call any more.
pub fn caller_gone() -> Refusal {
    Refusal::new(Code::Cancelled, "The caller has gone: the call was given up, and has changed nothing", Vec::new())
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
