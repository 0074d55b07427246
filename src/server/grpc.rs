//! The gRPC door: tonic frames and compresses the messages, and the dispatcher answers them.
//!
//! tonic is given the messages as bytes, and of the request's head only what is about framing. What is wrong with a message goes
//! the way of every refusal. Health and reflection are tonic's own services.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes};
use http_body_util::BodyExt;
use prost::Message;
use tonic::body::Body;
use tonic::codec::{BufferSettings, Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::codegen::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, Response};
use tonic::codegen::{BoxFuture, Service, StdError};
use tonic::metadata::MetadataMap;
use tonic::server::{ClientStreamingService, NamedService};
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_health::ServingStatus;

use super::deadline::Deadline;
use super::dispatch::{Dispatcher, Envelope, Reply};
use super::reflection::{ReflectionV1, ReflectionV1Alpha};
use super::{headers, limits, services};
use crate::contract::METHODS;
use crate::contract::proto::google::rpc;
use crate::refusal::{self, Refusal};

/// The service of health, which tonic answers.
const HEALTH: &str = "grpc.health.v1.Health";

/// How a message is compressed, and how a reply may be.
static ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
static ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// The compressions that are understood.
const ENCODINGS: HeaderValue = HeaderValue::from_static("gzip,identity");

/// The shortest reply that is worth compressing, in bytes: a shorter one goes into one packet as it is.
const WORTH_COMPRESSING: usize = 1024;

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
        B: http_body::Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
    {
        let row = services::row(request.uri().path());
        let door = self.clone();
        if row.is_none() && is_of_tonic(request.uri().path()) {
            return Box::pin(async move { Ok(door.answer_beside(request).await) });
        }
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let framed = framed(&head.headers, body);
            let (deadline, readable) = readable(&head.headers);
            let envelope = Envelope { row, head, deadline };
            let answered = Once(Some(|messages| door.reply(envelope, readable, messages)));
            // For an RPC whose reply is a stream, `streaming` takes the place of this.
            Ok(tonic().client_streaming(answered, framed).await)
        })
    }

    /// The one reply to a call of one message.
    async fn reply(
        self,
        envelope: Envelope,
        readable: Result<(), Refusal>,
        messages: Streaming<Bytes>,
    ) -> Result<tonic::Response<Bytes>, Status> {
        let received = async {
            readable?;
            let read = tokio::time::timeout(limits::MESSAGE, one_message(messages)).await;
            read.unwrap_or_else(|_| Err(refusal::request::slow_message(limits::MESSAGE)))
        };
        let message = envelope.deadline.bound(received).await;
        told(self.dispatcher.call(envelope, message).await)
    }

    /// Answers a call of health or reflection.
    async fn answer_beside<B>(mut self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes, Error: Into<StdError>> + Send + 'static,
    {
        let request_id = headers::request_id(request.headers());
        let answered = async {
            let deadline = Deadline::of(request.headers())?;
            let Ok(answer) = deadline.bound(async { Ok(self.tonic.call(request).await) }).await?;
            if let Some(refusal) = refusal_of_tonic(&answer) {
                return Err(refusal);
            }
            let late = status(refusal::request::deadline().of_request(&request_id), HeaderMap::new());
            Ok(answer.map(|body| deadline.bound_reply(body, late)))
        };
        let mut response = answered.await.unwrap_or_else(|refusal| refused(refusal.of_request(&request_id)));
        headers::put(response.headers_mut(), &request_id, None);
        response
    }
}

/// The refusal that an answer is, which health and reflection put in words of their own.
fn refusal_of_tonic(answer: &Response<Body>) -> Option<Refusal> {
    let status = Status::from_header_map(answer.headers()).filter(|status| status.code() != Code::Ok)?;
    Some(Refusal { code: status.code(), message: status.message().to_owned(), details: Vec::new() })
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

/// tonic's server, for messages as bytes.
fn tonic() -> tonic::server::Grpc<Untouched> {
    tonic::server::Grpc::new(Untouched)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(limits::LONGEST_MESSAGE)
}

/// What tonic has to know of a request.
///
/// A reply is compressed for who compresses its requests, as servers of gRPC for Go have it. Most clients say that they take
/// gzip whether or not anybody wants it, and on one machine it costs many times what it saves.
fn framed<B>(head: &HeaderMap, body: B) -> Request<B> {
    let mut request = Request::new(body);
    if let Some(encoding) = head.get(&ENCODING).filter(|encoding| *encoding == "gzip") {
        request.headers_mut().insert(&ENCODING, encoding.clone());
        if let Some(accepted) = head.get(&ACCEPT_ENCODING) {
            request.headers_mut().insert(&ACCEPT_ENCODING, accepted.clone());
        }
    }
    request
}

/// The deadline of a call, and whether its head says nothing that is not understood.
fn readable(head: &HeaderMap) -> (Deadline, Result<(), Refusal>) {
    let unknown = head.get(&ENCODING).filter(|encoding| *encoding != "gzip" && *encoding != "identity");
    if let Some(encoding) = unknown {
        let problem = format!("{} is no compression that is understood", encoding.as_bytes().escape_ascii());
        return (Deadline::NONE, Err(refusal::request::unframed(Code::Unimplemented, &problem)));
    }
    match Deadline::of(head) {
        Ok(deadline) => (deadline, Ok(())),
        Err(refusal) => (Deadline::NONE, Err(refusal)),
    }
}

/// The message of a call that must have one.
async fn one_message(mut messages: Streaming<Bytes>) -> Result<Bytes, Refusal> {
    let message = messages.message().await.map_err(unframed)?.ok_or_else(refusal::request::not_one_message)?;
    match messages.message().await.map_err(unframed)? {
        None => Ok(message),
        Some(_) => Err(refusal::request::not_one_message()),
    }
}

/// What tonic finds wrong with a message.
fn unframed(status: Status) -> Refusal {
    match status.code() {
        // By what the message says of its length, or by what comes out when it is decompressed.
        Code::OutOfRange | Code::ResourceExhausted => refusal::request::long_message(limits::LONGEST_MESSAGE),
        code => refusal::request::unframed(code, status.message()),
    }
}

/// A reply as tonic sends it.
fn told(reply: Reply) -> Result<tonic::Response<Bytes>, Status> {
    let mut head = HeaderMap::with_capacity(8);
    headers::put(&mut head, &reply.request_id, reply.seconds_left);
    headers::put_warning(&mut head, reply.warning.as_deref());
    let message = reply.outcome.map_err(|refusal| status(refusal, head.clone()))?;
    let message = Bytes::from(message);
    let is_short = message.len() < WORTH_COMPRESSING;
    let mut response = tonic::Response::from_parts(MetadataMap::from_headers(head), message, Extensions::default());
    if is_short {
        response.disable_compression();
    }
    Ok(response)
}

/// A reply without a message, as gRPC has it: all of it is in the headers.
pub fn response(reply: Reply) -> Response<Body> {
    let request_id = reply.request_id.clone();
    match told(reply) {
        Err(status) => status.into_http(),
        Ok(_) => {
            let refusal = refusal::request::internal("a reply has come to where refusals are told");
            refused(refusal.of_request(&request_id))
        }
    }
}

/// A refusal as gRPC has it: all of it is in the headers.
pub fn refused(refusal: Refusal) -> Response<Body> {
    status(refusal, HeaderMap::new()).into_http()
}

fn status(refusal: Refusal, mut head: HeaderMap) -> Status {
    let whole = rpc::Status { code: refusal.code as i32, message: refusal.message, details: refusal.details };
    let details = if whole.details.is_empty() { Vec::new() } else { whole.encode_to_vec() };
    if refusal.code == Code::Unimplemented {
        head.insert(&ACCEPT_ENCODING, ENCODINGS);
    }
    Status::with_details_and_metadata(refusal.code, whole.message, details.into(), MetadataMap::from_headers(head))
}

/// What answers one call.
struct Once<F>(Option<F>);

impl<F, A> ClientStreamingService<Bytes> for Once<F>
where
    F: FnOnce(Streaming<Bytes>) -> A,
    A: Future<Output = Result<tonic::Response<Bytes>, Status>>,
{
    type Response = Bytes;
    type Future = A;

    fn call(&mut self, request: tonic::Request<Streaming<Bytes>>) -> A {
        let answer = self.0.take().expect("tonic calls it once");
        answer(request.into_inner())
    }
}

/// The codec of messages that stay bytes.
#[derive(Clone, Copy)]
struct Untouched;

impl Untouched {
    /// How much room is made for a message at first: little, since most are short.
    const BUFFERS: (usize, usize) = (1024, 32 * 1024);

    fn buffers() -> BufferSettings {
        BufferSettings::new(Self::BUFFERS.0, Self::BUFFERS.1)
    }
}

impl Codec for Untouched {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Untouched {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        Self::buffers()
    }
}

impl Decoder for Untouched {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }

    fn buffer_settings(&self) -> BufferSettings {
        Self::buffers()
    }
}
