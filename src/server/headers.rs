//! The headers that the service reads and sends.

use tonic::metadata::{MetadataMap, MetadataValue};
use uuid::Uuid;

/// Chooses the universe of a call.
pub const UNIVERSE: &str = "x-mdb-universe";
/// Makes a mutating call safe to repeat (documented).
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Identifies a call. A client may send its own.
const REQUEST_ID: &str = "x-request-id";
/// Identifies a call on the server's side.
const SERVER_TRACE_ID: &str = "x-server-trace-id";
/// Seconds after which to look at an operation again; the Go SDK obeys it.
const POLL_INTERVAL: &str = "x-operation-poll-interval";

/// A header as text, unless it is none.
pub fn text<'a>(headers: &'a MetadataMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The id of a call: the client's own if it is a reasonable one, else a new one.
pub fn request_id(headers: &MetadataMap) -> String {
    let own = text(headers, REQUEST_ID).filter(|id| !id.is_empty() && id.len() <= 128);
    own.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

/// Puts on what every answer carries, refusals too.
pub fn put(headers: &mut MetadataMap, request_id: &str, seconds_left: Option<i64>) {
    if let Ok(mut value) = MetadataValue::try_from(request_id) {
        value.set_sensitive(true);
        headers.insert(REQUEST_ID, value);
    }
    // The shape is observed: two words of hexadecimal digits, the first again, and 1.
    let trace = Uuid::new_v4().as_u64_pair();
    if let Ok(mut value) = MetadataValue::try_from(format!("{:016x}:{:016x}:{:016x}:1", trace.0, trace.1, trace.0)) {
        value.set_sensitive(true);
        headers.insert(SERVER_TRACE_ID, value);
    }
    if let Some(seconds) = seconds_left {
        headers.insert(POLL_INTERVAL, MetadataValue::from(seconds));
    }
}
