//! Replies and refusals as JSON.

use http_body_util::Full;
use prost::Message as _;
use prost_types::Any;
use tonic::Code;
use tonic::body::Body;
use tonic::codegen::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use tonic::codegen::http::{HeaderValue, Response, StatusCode};

use super::request::Exception;
use crate::contract::json;
use crate::contract::schema::{self, Message};
use crate::refusal::{self, Refusal};
use crate::server::dispatch::Reply;
use crate::server::headers;

/// JSON takes about this many times the bytes of the same message.
const GROWTH: usize = 3;

/// A reply of a type, or a refusal; `exception` says what HTTP has its own words for.
pub fn response(message: Option<&'static Message>, reply: Reply, exception: Option<Exception>) -> Response<Body> {
    let written = reply.outcome.and_then(|encoded| {
        let written = match message {
            Some(message) => object(message, encoded.message()),
            None => Err(refusal::request::internal("there is a reply without an RPC")),
        };
        written.map_err(|refusal| refusal.of_request(&reply.request_id))
    });
    let (status, header, body) = match written {
        Ok(body) => (StatusCode::OK, None, body),
        Err(refusal) => {
            let exception = exception.filter(|exception| exception.code == refusal.code);
            let status = exception.as_ref().map_or_else(|| status(refusal.code), |exception| exception.status);
            (status, exception.and_then(|exception| exception.header), error(&refusal))
        }
    };
    let mut response = Response::new(Body::new(Full::from(body)));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    if let Some((name, value)) = header.and_then(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))) {
        response.headers_mut().insert(name, value);
    }
    headers::put(response.headers_mut(), &reply.request_id, reply.seconds_left);
    headers::put_warning(response.headers_mut(), reply.warning.as_deref());
    response
}

/// What OPTIONS is answered with: the verbs of a path.
pub fn options(request_id: &str, allowed: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Ok(allowed) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    headers::put(response.headers_mut(), request_id, None);
    response
}

/// The same response with nothing but the length of its body.
pub fn without_body(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = http_body::Body::size_hint(&body).exact() {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}

fn object(message: &'static Message, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::with_capacity(bytes.len() * GROWTH);
    json::write(message, bytes, &mut body).map_err(|unwritable| refusal::request::internal(&unwritable.to_string()))?;
    Ok(body)
}

/// A refusal as a `google.rpc.Status`, all of whose fields are there for clients that look into them unasked.
pub fn error(refusal: &Refusal) -> Vec<u8> {
    // Each is of a type that has JSON.
    let any = schema::message("google.protobuf.Any");
    let written = |detail: &Any| object(any?, &detail.encode_to_vec()).ok();
    let details: Vec<Vec<u8>> = refusal.details.iter().filter_map(written).collect();
    let mut body = format!("{{\"code\":{},\"message\":", refusal.code as i32).into_bytes();
    json::write_text(&refusal.message, &mut body);
    body.extend_from_slice(b",\"details\":[");
    body.extend_from_slice(&details.join(&b','));
    body.extend_from_slice(b"]}");
    body
}

/// The status of a code (documented).
fn status(code: Code) -> StatusCode {
    let status = match code {
        Code::Ok => 200,
        Code::Cancelled => 499,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => 400,
        Code::DeadlineExceeded => 504,
        Code::NotFound => 404,
        Code::AlreadyExists | Code::Aborted => 409,
        Code::PermissionDenied => 403,
        Code::ResourceExhausted => 429,
        Code::Unimplemented => 501,
        Code::Unavailable => 503,
        Code::Unauthenticated => 401,
        Code::Unknown | Code::Internal | Code::DataLoss => 500,
    };
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
