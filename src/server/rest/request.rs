//! Path, query and body of a request as one message.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tonic::Code;
use tonic::codegen::http::header::{ALLOW, CONTENT_ENCODING};
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::{HeaderMap, HeaderName, StatusCode};

use super::routes::{Found, Lost, unescaped};
use crate::contract::json::{Draft, Problem};
use crate::contract::validation::Violation;
use crate::refusal::{self, Refusal};
use crate::server::limits;

type BoxError = Box<dyn Error + Send + Sync>;

/// Why a request is no message.
pub struct Unreadable {
    pub refusal: Refusal,
    pub exception: Option<Exception>,
}

/// What HTTP has its own words for.
pub struct Exception {
    /// The code of the refusal.
    pub code: Code,
    /// Its status, where that is not the code's.
    pub status: StatusCode,
    pub header: Option<(HeaderName, String)>,
}

impl From<Refusal> for Unreadable {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, exception: None }
    }
}

impl Unreadable {
    fn with_status(refusal: Refusal, status: StatusCode, header: Option<(HeaderName, String)>) -> Self {
        let exception = Some(Exception { code: refusal.code, status, header });
        Self { refusal, exception }
    }
}

/// What a request of gRPC is refused for before its call is looked at.
impl Unreadable {
    /// gRPC has no verb but POST.
    pub fn not_posted(head: &Parts) -> Self {
        let refusal = refusal::request::not_posted(head.method.as_str());
        Self::with_status(refusal, StatusCode::METHOD_NOT_ALLOWED, Some((ALLOW, "POST".to_owned())))
    }

    /// The content-type is of gRPC's family, but not one that is understood.
    pub fn unspoken() -> Self {
        Self::with_status(refusal::request::content_type(), StatusCode::UNSUPPORTED_MEDIA_TYPE, None)
    }
}

impl From<Lost> for Unreadable {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Path(path) => refusal::rest::unknown_path(&path).into(),
            Lost::Verb { verb, path, allowed } => {
                let refusal = refusal::rest::wrong_verb(verb.as_str(), &path, &allowed);
                Self::with_status(refusal, StatusCode::METHOD_NOT_ALLOWED, Some((ALLOW, allowed)))
            }
            Lost::Escape(field) => refusal::rest::escape(&field).into(),
        }
    }
}

impl From<Problem> for Unreadable {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::NoObject(problem) => refusal::rest::no_object(&problem).into(),
            Problem::Field(violation) => violation.into(),
        }
    }
}

impl From<Violation> for Unreadable {
    fn from(violation: Violation) -> Self {
        refusal::request::invalid(vec![violation]).into()
    }
}

/// The bytes of the message that a request stands for.
pub async fn read<B>(found: Found, query: Option<&str>, headers: &HeaderMap, body: B) -> Result<Bytes, Unreadable>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut draft = Draft::new(found.route.request);
    for (field, value) in found.values {
        draft.fix(field, &value)?;
    }
    let body = whole(headers, body).await?;
    if !body.trim_ascii().is_empty() {
        if !found.route.takes_body && !is_empty_object(&body) {
            return Err(refusal::rest::no_body().into());
        }
        draft.object(&body)?;
    }
    for part in query.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = unescaped(&name.replace('+', " ")).ok_or_else(|| refusal::rest::escape("the query"))?.into_owned();
        let spaced = value.replace('+', " ");
        draft.text(&name, &unescaped(&spaced).ok_or_else(|| refusal::rest::escape(&name))?)?;
    }
    Ok(draft.finish().into())
}

/// The whole body, unless it is too long or comes in a form that is not read.
async fn whole<B>(headers: &HeaderMap, body: B) -> Result<Bytes, Unreadable>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let encoding =
        headers.get(CONTENT_ENCODING).filter(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoding.is_some() {
        let refusal = refusal::rest::encoded_body();
        return Err(Unreadable::with_status(refusal, StatusCode::UNSUPPORTED_MEDIA_TYPE, None));
    }
    let too_long = || {
        let refusal = refusal::request::long_message(limits::LONGEST_MESSAGE);
        Unreadable::with_status(refusal, StatusCode::PAYLOAD_TOO_LARGE, None)
    };
    if body.size_hint().lower() > limits::LONGEST_MESSAGE as u64 {
        return Err(too_long());
    }
    let whole = Limited::new(body, limits::LONGEST_MESSAGE).collect();
    match tokio::time::timeout(limits::MESSAGE, whole).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Ok(Err(error)) => Err(match misframing(&*error) {
            Some(problem) => refusal::rest::unframed_body(problem).into(),
            None => refusal::rest::lost_body(&error).into(),
        }),
        Err(_) => {
            let refusal = refusal::request::slow_message(limits::MESSAGE);
            Err(Unreadable::with_status(refusal, StatusCode::REQUEST_TIMEOUT, None))
        }
    }
}

/// What makes that which came no body by the rules of HTTP, unless it is that nothing came any more.
fn misframing<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut errors = successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source());
    let error = errors.find_map(|error| error.downcast_ref::<io::Error>())?;
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData).then_some(error)
}

/// Many clients send `{}` where there is nothing to say.
fn is_empty_object(body: &[u8]) -> bool {
    let inside = body.trim_ascii().strip_prefix(b"{").and_then(|body| body.strip_suffix(b"}"));
    inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}
