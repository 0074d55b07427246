//! The gRPC door: it frames the messages, and the dispatcher answers them.
//!
//! An RPC of ours has one message each way, framed by five bytes before it: little enough to be done here, so that what is
//! wrong with it goes the way of every refusal. Health and reflection are tonic's own services.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::Frame;
use http_body_util::BodyExt;
use prost::Message;
use tonic::body::Body;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};
use tonic::codegen::{BoxFuture, Service, StdError};
use tonic::metadata::GRPC_CONTENT_TYPE;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_health::ServingStatus;

use super::dispatch::{Dispatcher, Envelope, FRAMING, Reply};
use super::reflection::{ReflectionV1, ReflectionV1Alpha};
use super::{headers, limits, services};
use crate::contract::METHODS;
use crate::contract::proto::google::rpc;
use crate::refusal::{self, Refusal};

/// The service of health, which tonic answers.
const HEALTH: &str = "grpc.health.v1.Health";

/// The only compression that is understood: none.
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Health and reflection. Every service is healthy from the start.
pub async fn beside() -> Routes {
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut services: Vec<&str> = METHODS.iter().map(|method| method.service).collect();
    services.dedup();
    for service in services {
        reporter.set_service_status(service, ServingStatus::Serving).await;
    }
    Routes::new(health).add_service(ReflectionV1).add_service(ReflectionV1Alpha).prepare()
}

/// The door for gRPC.
#[derive(Clone, Debug)]
pub struct Grpc {
    dispatcher: Dispatcher,
    tonic: Routes,
}

impl Grpc {
    /// A door to a dispatcher, with what is [`beside`] it.
    pub fn new(dispatcher: Dispatcher, tonic: Routes) -> Self {
        Self { dispatcher, tonic }
    }

    /// Answers a call.
    pub fn answer<B>(&self, request: Request<B>) -> BoxFuture<Response<Body>, Infallible>
    where
        B: http_body::Body<Data = Bytes, Error: Into<StdError>> + Send + 'static,
    {
        let row = services::row(request.uri().path());
        if row.is_none() && is_of_tonic(request.uri().path()) {
            return Box::pin(self.tonic.clone().call(request));
        }
        let dispatcher = self.dispatcher.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let message = message(&head.headers, body).await;
            Ok(response(dispatcher.call(Envelope { row, head }, message).await))
        })
    }
}

/// For tonic's gRPC-Web.
impl Service<Request<Body>> for Grpc {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // Whatever is wrong here is the client's doing, though tonic's word for it is INTERNAL.
        let unreadable = |_| Status::invalid_argument("it must be whole, and base64 where the content-type says text");
        self.answer(request.map(|body| body.map_err(unreadable)))
    }
}

fn is_of_tonic(path: &str) -> bool {
    let service = path.trim_start_matches('/').split('/').next();
    [HEALTH, ReflectionV1::NAME, ReflectionV1Alpha::NAME].map(Some).contains(&service)
}

/// The one message of a call, if it is one and comes in time.
async fn message<B>(headers: &HeaderMap, body: B) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes, Error: Into<StdError>>,
{
    if let Some(encoding) = headers.get("grpc-encoding").filter(|encoding| *encoding != IDENTITY) {
        let problem = format!("{} is no compression that is understood", encoding.as_bytes().escape_ascii());
        return Err(refusal::request::unframed(Code::Unimplemented, &problem));
    }
    let read = tokio::time::timeout(limits::MESSAGE, unframed(body)).await;
    read.unwrap_or_else(|_| Err(refusal::request::slow_message(limits::MESSAGE)))
}

async fn unframed<B>(body: B) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes, Error: Into<StdError>>,
{
    let mut body = pin!(body);
    let mut framed = BytesMut::new();
    let mut end = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let status = Status::from_error(error.into());
            refusal::request::unframed(status.code(), status.message())
        })?;
        // What is no data comes last.
        let Ok(data) = frame.into_data() else { break };
        framed.extend_from_slice(&data);
        end = end_of_message(&framed)?;
        if end.is_some_and(|end| end < framed.len()) {
            return Err(refusal::request::not_one_message());
        }
        if body.is_end_stream() {
            break;
        }
    }
    match end {
        Some(end) if end == framed.len() => Ok(framed.split_off(FRAMING).freeze()),
        None if framed.is_empty() => Err(refusal::request::not_one_message()),
        _ => Err(refusal::request::unframed(Code::Internal, "it is cut off")),
    }
}

/// Where the message ends that begins here, once that can be told: a byte says whether it is compressed, four say how long it is.
fn end_of_message(framed: &[u8]) -> Result<Option<usize>, Refusal> {
    let Some((&[compressed, ref length @ ..], _)) = framed.split_first_chunk::<FRAMING>() else { return Ok(None) };
    if compressed != 0 {
        let problem = format!("its first byte is {compressed} where a message that is not compressed has 0");
        return Err(refusal::request::unframed(Code::Internal, &problem));
    }
    let length = u32::from_be_bytes(*length) as usize;
    if length > limits::LONGEST_MESSAGE {
        return Err(refusal::request::long_message(limits::LONGEST_MESSAGE));
    }
    Ok(Some(FRAMING + length))
}

/// A reply as gRPC has it.
pub fn response(reply: Reply) -> Response<Body> {
    let mut response = match reply.outcome {
        Ok(message) => {
            let mut response = Response::new(Body::new(Unary::new(message.framed())));
            response.headers_mut().insert(CONTENT_TYPE, GRPC_CONTENT_TYPE);
            response
        }
        Err(refusal) => refused(refusal),
    };
    headers::put(response.headers_mut(), &reply.request_id, reply.seconds_left);
    headers::put_warning(response.headers_mut(), reply.warning.as_deref());
    response
}

/// A refusal as gRPC has it: all of it is in the headers.
pub fn refused(refusal: Refusal) -> Response<Body> {
    let whole = rpc::Status { code: refusal.code as i32, message: refusal.message, details: refusal.details };
    let details = if whole.details.is_empty() { Vec::new() } else { whole.encode_to_vec() };
    let mut response = Status::with_details(refusal.code, whole.message, details.into()).into_http();
    if refusal.code == Code::Unimplemented {
        response.headers_mut().insert("grpc-accept-encoding", IDENTITY);
    }
    response
}

/// The body of a reply: its message, and then that all is well.
struct Unary {
    framed: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl Unary {
    fn new(framed: Bytes) -> Self {
        let mut trailers = HeaderMap::with_capacity(1);
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        Self { framed: Some(framed), trailers: Some(trailers) }
    }
}

impl http_body::Body for Unary {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let message = self.framed.take().map(Frame::data);
        Poll::Ready(message.or_else(|| self.trailers.take().map(Frame::trailers)).map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.trailers.is_none()
    }
}
