//! The one way that every call goes, whichever RPC it is of:
//! universe → decode → validate → settle → handler → publish → encode.
//!
//! What comes from outside (a header that chooses a universe, a log line) is added around that way, never inside a handler.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant as Stopwatch;

use bytes::Bytes;
use prost::Message;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http};
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Request, Response, Status};

use super::codec::BytesCodec;
use super::headers;
use crate::contract::proto::google::rpc;
use crate::contract::proto::yandex::cloud::operation::Operation;
use crate::contract::validation::{Validate, violations};
use crate::contract::{ContractMessage, Kind, Method};
use crate::handlers::{self, Call, Control};
use crate::refusal::{self, Refusal};
use crate::universe::{Id, Universe};
use crate::universes::{Universes, World};

/// Who calls, while nobody is asked for a token.
const ANYBODY: &str = "mdb-emulator";

/// An RPC and its handler.
pub struct Row {
    /// The RPC.
    pub method: &'static Method,
    /// Decodes the request, answers it and encodes the reply.
    pub answer: Answer,
}

/// How a row answers the bytes of a request.
pub type Answer = fn(&Exchange, Bytes) -> Result<Bytes, Refusal>;

/// One call on its way.
pub struct Exchange {
    method: &'static Method,
    universes: Arc<Universes>,
    /// The universe that the call chose, by the header or as the default.
    world: Arc<World>,
    chosen: Option<String>,
    idempotency_key: Option<String>,
    authority: String,
    seconds_left: Cell<Option<i64>>,
}

/// Takes calls to their handlers.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    universes: Arc<Universes>,
}

impl Dispatcher {
    /// A dispatcher of calls to these universes.
    pub fn new(universes: Arc<Universes>) -> Self {
        Self { universes }
    }

    /// Answers a gRPC call whose path is that of the row, or of no RPC at all.
    pub fn grpc(
        &self,
        row: Option<&'static Row>,
        request: http::Request<Body>,
    ) -> BoxFuture<http::Response<Body>, std::convert::Infallible> {
        let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
        let host = || request.headers().get("host").and_then(|host| host.to_str().ok()).map(str::to_owned);
        let call = GrpcCall {
            dispatcher: self.clone(),
            row,
            path: if row.is_none() { request.uri().path().to_owned() } else { String::new() },
            authority: authority.or_else(host).unwrap_or_default(),
        };
        Box::pin(async move { Ok(Grpc::new(BytesCodec).unary(call, request).await) })
    }

    /// Carries a call out; returns the reply and the seconds that its operation still takes.
    async fn answer(
        &self,
        row: &'static Row,
        headers: &MetadataMap,
        authority: String,
        body: Bytes,
    ) -> Result<(Bytes, Option<i64>), Refusal> {
        let exchange = self.exchange(row.method, headers, authority)?;
        match row.method.kind {
            Kind::Read => exchange.carry_out(row, body),
            Kind::Write => {
                let world = exchange.world.clone();
                let _turn = world.turn().await;
                exchange.carry_out(row, body)
            }
            // Moving a clock may take long, and must not hold up the thread that serves others.
            Kind::Control => {
                let done = tokio::task::spawn_blocking(move || exchange.carry_out(row, body)).await;
                done.unwrap_or_else(|_| Err(refusal::request::internal("the call was given up")))
            }
        }
    }

    fn exchange(&self, method: &'static Method, headers: &MetadataMap, authority: String) -> Result<Exchange, Refusal> {
        let chosen = headers::text(headers, headers::UNIVERSE).map(str::to_owned);
        Ok(Exchange {
            method,
            world: self.universes.get(chosen.as_deref())?,
            universes: self.universes.clone(),
            chosen,
            idempotency_key: headers::text(headers, headers::IDEMPOTENCY_KEY).map(str::to_owned),
            authority,
            seconds_left: Cell::new(None),
        })
    }
}

impl Exchange {
    fn carry_out(&self, row: &Row, body: Bytes) -> Result<(Bytes, Option<i64>), Refusal> {
        // A handler that panics has published nothing; the caller learns whose fault it is.
        let reply = catch_unwind(AssertUnwindSafe(|| (row.answer)(self, body)));
        let reply = reply.unwrap_or_else(|_| Err(refusal::request::internal("a handler panicked")))?;
        Ok((reply, self.seconds_left.get()))
    }

    fn call(&self, now: crate::universe::Instant) -> Call {
        Call {
            method: self.method,
            now,
            subject: ANYBODY.to_owned(),
            authority: self.authority.clone(),
            seconds_left: Cell::new(None),
        }
    }
}

fn decoded<Q: ContractMessage + Validate>(body: Bytes) -> Result<Q, Refusal> {
    let request = Q::decode(body).map_err(|error| refusal::request::malformed(&Q::full_name(), &error))?;
    let broken = violations(&request);
    if broken.is_empty() { Ok(request) } else { Err(refusal::request::invalid(broken)) }
}

fn encoded(reply: &impl Message) -> Bytes {
    reply.encode_to_vec().into()
}

/// Answers from the universe as it is.
pub fn read<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    body: Bytes,
    handler: fn(&Call, &Universe, Q) -> Result<P, Refusal>,
) -> Result<Bytes, Refusal> {
    let request = decoded(body)?;
    let (universe, now) = exchange.world.read();
    let call = exchange.call(now);
    let reply = handler(&call, &universe, request)?;
    exchange.seconds_left.set(call.seconds_left.get());
    Ok(encoded(&reply))
}

/// Changes the universe, unless the call has been made before under its idempotency key.
pub fn write<Q: ContractMessage + Validate>(
    exchange: &Exchange,
    body: Bytes,
    handler: fn(&Call, &mut Universe, Q) -> Result<Operation, Refusal>,
) -> Result<Bytes, Refusal> {
    let request: Q = decoded(body)?;
    // Of the message rather than the bytes: a client may order the entries of a map anew when it tries again.
    let key =
        exchange.idempotency_key.as_deref().map(|key| (key, crate::universe::body_hash(&request.encode_to_vec())));
    exchange.world.try_change(|universe| {
        let call = exchange.call(universe.now());
        let operation = match key {
            Some((key, hash)) => match universe.recall(exchange.method.path, key, hash)? {
                Some(operation) => handlers::operation::shown(&call, universe, operation)?,
                None => {
                    let operation = handler(&call, universe, request)?;
                    if let Some(id) = Id::parse(&operation.id) {
                        universe.remember(exchange.method.path, key, hash, id);
                    }
                    operation
                }
            },
            None => handler(&call, universe, request)?,
        };
        exchange.seconds_left.set(call.seconds_left.get());
        Ok(encoded(&operation))
    })
}

/// Manages the universes themselves.
pub fn control<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    body: Bytes,
    handler: fn(&Control<'_>, Q) -> Result<P, Refusal>,
) -> Result<Bytes, Refusal> {
    let request = decoded(body)?;
    let control =
        Control { method: exchange.method, universes: &exchange.universes, chosen: exchange.chosen.as_deref() };
    handler(&control, request).map(|reply| encoded(&reply))
}

/// Answers for an RPC that has no handler yet.
pub fn unimplemented(exchange: &Exchange, _: Bytes) -> Result<Bytes, Refusal> {
    Err(refusal::request::unimplemented(exchange.method.service, exchange.method.name))
}

struct GrpcCall {
    dispatcher: Dispatcher,
    row: Option<&'static Row>,
    path: String,
    authority: String,
}

impl UnaryService<Bytes> for GrpcCall {
    type Response = Bytes;
    type Future = BoxFuture<Response<Bytes>, Status>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (dispatcher, row) = (self.dispatcher.clone(), self.row);
        let (path, authority) = (std::mem::take(&mut self.path), std::mem::take(&mut self.authority));
        Box::pin(async move {
            let started = Stopwatch::now();
            let (headers, _, body) = request.into_parts();
            let request_id = headers::request_id(&headers);
            let outcome = match row {
                None => Err(refusal::request::unknown_method(&path)),
                Some(row) => dispatcher.answer(row, &headers, authority, body).await,
            };
            let code = outcome.as_ref().map_or_else(|refusal| refusal.code, |_| Code::Ok);
            tracing::info!(
                target: "mdb_emulator::call",
                path = row.map_or(path.as_str(), |row| row.method.path),
                code = ?code,
                micros = started.elapsed().as_micros(),
                request_id,
            );
            match outcome {
                Ok((reply, seconds_left)) => {
                    let mut response = Response::new(reply);
                    headers::put(response.metadata_mut(), &request_id, seconds_left);
                    Ok(response)
                }
                Err(refusal) => Err(status(refusal, &request_id)),
            }
        })
    }
}

fn status(refusal: Refusal, request_id: &str) -> Status {
    let whole = rpc::Status { code: refusal.code as i32, message: refusal.message, details: refusal.details };
    let mut headers = MetadataMap::new();
    headers::put(&mut headers, request_id, None);
    let details = if whole.details.is_empty() { Bytes::new() } else { encoded(&whole) };
    Status::with_details_and_metadata(refusal.code, whole.message, details, headers)
}

/// Every service is ready at any time.
pub fn ready<E>(_: &mut Context<'_>) -> Poll<Result<(), E>> {
    Poll::Ready(Ok(()))
}
