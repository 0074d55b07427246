//! The answer to a request that is not valid HTTP/1.1.
//!
//! hyper answers such a request itself, before our code sees it, with a status and without a body. On its way out, that answer is
//! replaced by one whose body says what is wrong, in the form of every refusal by REST.

use tonic::codegen::http::{HeaderMap, StatusCode};

use super::{headers, rest};
use crate::refusal;

/// How an answer of hyper's own begins.
const BEGINNING: &[u8] = b"HTTP/1.1 4";

/// The answer to send in place of these bytes, if they are one of hyper's own: all of ours have an id.
pub fn told(sent: &[u8]) -> Option<Vec<u8>> {
    if !sent.starts_with(BEGINNING) {
        return None;
    }
    let head = std::str::from_utf8(sent).ok()?.strip_suffix("\r\n\r\n")?;
    if head.contains(headers::REQUEST_ID.as_str()) || !head.contains("content-length: 0") {
        return None;
    }
    let status = StatusCode::from_bytes(head.get("HTTP/1.1 ".len()..)?.as_bytes().get(..3)?).ok()?;
    let request_id = headers::request_id(&HeaderMap::new());
    let body = rest::error(&refusal::request::unparsed(status).of_request(&request_id));
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}: {request_id}\r\n\r\n",
        body.len(),
        headers::REQUEST_ID,
    )
    .into_bytes();
    answer.extend_from_slice(&body);
    Some(answer)
}
