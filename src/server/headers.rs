//! The headers that the service reads and sends. Their names are parsed once, since a search by text would parse them at every call.

use tonic::codegen::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::limits;
use crate::refusal::{self, Refusal};

/// Chooses the universe of a call.
pub static UNIVERSE: HeaderName = HeaderName::from_static("x-mdb-universe");
/// Makes a mutating call safe to repeat (documented).
pub static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Identifies a call. A client may send its own.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Identifies a call on the server's side.
static SERVER_TRACE_ID: HeaderName = HeaderName::from_static("x-server-trace-id");
/// Seconds after which to look at an operation again; the Go SDK obeys it.
static POLL_INTERVAL: HeaderName = HeaderName::from_static("x-operation-poll-interval");

/// What the caller is warned of though the call succeeded.
static WARNING: HeaderName = HeaderName::from_static("x-mdb-warning");

/// The longest text that a header of ours may have, in bytes.
const LONGEST: usize = 128;

/// A header as text; an empty one is none.
///
/// # Errors
///
/// INVALID_ARGUMENT if it is no text, or too long.
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let Some(value) = headers.get(name).filter(|value| !value.is_empty()) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| text.len() <= LONGEST);
    text.map(Some).ok_or_else(|| refusal::request::header(name.as_str(), LONGEST))
}

/// Checks that the headers are not too large together.
///
/// # Errors
///
/// RESOURCE_EXHAUSTED if there is.
pub fn within_limits(headers: &HeaderMap) -> Result<(), Refusal> {
    // As HTTP/2 counts them.
    let size = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
    if size > limits::LARGEST_METADATA {
        return Err(refusal::request::large_metadata(size, limits::LARGEST_METADATA));
    }
    Ok(())
}

/// The id of a call: the client's own if it is a reasonable one, else a new one.
pub fn request_id(headers: &HeaderMap) -> String {
    let own = text(headers, &REQUEST_ID).ok().flatten();
    own.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

/// Puts on what every answer carries, refusals too.
pub fn put(headers: &mut HeaderMap, request_id: &str, seconds_left: Option<i64>) {
    put_id(headers, &REQUEST_ID, request_id);
    put_id(headers, &SERVER_TRACE_ID, &trace_id());
    if let Some(seconds) = seconds_left {
        headers.insert(&POLL_INTERVAL, HeaderValue::from(seconds));
    }
}

/// Puts a warning on a reply, if there is one.
pub fn put_warning(headers: &mut HeaderMap, warning: Option<&str>) {
    if let Some(value) = warning.and_then(|warning| HeaderValue::from_str(warning).ok()) {
        headers.insert(&WARNING, value);
    }
}

/// The shape is observed: two words of hexadecimal digits, the first again, and 1.
fn trace_id() -> String {
    let words = Uuid::new_v4().simple().to_string();
    let (first, second) = words.split_at(16);
    [first, ":", second, ":", first, ":1"].concat()
}

fn put_id(headers: &mut HeaderMap, name: &'static HeaderName, id: &str) {
    if let Ok(mut value) = HeaderValue::from_str(id) {
        // The value never comes again, so HTTP/2's table of headers need not keep it.
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}
