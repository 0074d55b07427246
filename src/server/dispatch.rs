//! The one way that every call goes, whichever RPC it is of and whichever door it came in by:
//! universe → authentication → decode → validate → settle → handler → publish → encode.
//!
//! What comes from outside (a header that chooses a universe, a log line) is added around that way, never inside a handler.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use bytes::Bytes;
use prost::Message;
use tonic::Code;
use tonic::codegen::http::request::Parts;

use super::deadline::Deadline;
use super::{auth, headers, host};
use crate::contract::proto::yandex::cloud::operation::Operation;
use crate::contract::validation::{Validate, violations};
use crate::contract::{ContractMessage, Method};
use crate::handlers::{self, Call, Connection, Control};
use crate::refusal::{self, Refusal};
use crate::universe::{Id, Instant, Universe, body_hash};
use crate::universes::{Universes, World};

/// Who calls without a token of ours.
const ANYBODY: &str = "mdb-emulator";

/// An RPC and its handler.
pub struct Row {
    /// The RPC.
    pub method: &'static Method,
    /// Decodes the request, answers it and encodes the reply.
    pub answer: Answer,
}

/// How a row answers the bytes of a request.
pub enum Answer {
    /// From one universe, as it is.
    Read(fn(&Exchange, &World, Bytes) -> Result<Encoded, Refusal>),
    /// By changing one universe; not yet if so much was due there that others shall come first.
    Write(fn(&Exchange, &World, Bytes) -> Result<Option<Encoded>, Refusal>),
    /// By managing the universes themselves.
    Control(fn(&Exchange, &Universes, Bytes) -> Result<Encoded, Refusal>),
    /// Not at all, yet.
    Unimplemented,
}

/// A call as a door takes it in, without its request.
pub struct Envelope {
    /// The RPC, if there is one of the path.
    pub row: Option<&'static Row>,
    /// The head of the HTTP request that carries it.
    pub head: Parts,
    /// Until when its client waits.
    pub deadline: Deadline,
}

/// What a door gives back.
pub struct Reply {
    /// Identifies the call.
    pub request_id: String,
    /// Seconds to the end of the operation that is the reply, if it is one: 0 if it is due or done.
    pub seconds_left: Option<i64>,
    /// The message of the reply, or why there is none.
    pub outcome: Result<Encoded, Refusal>,
}

/// A message's bytes.
pub struct Encoded(Bytes);

impl Encoded {
    fn new(message: &impl Message) -> Self {
        Self(message.encode_to_vec().into())
    }

    /// The message.
    pub fn message(&self) -> &[u8] {
        &self.0
    }
}

impl From<Encoded> for Bytes {
    fn from(encoded: Encoded) -> Self {
        encoded.0
    }
}

/// What is known of one call beside its request, on its way to the handler.
pub struct Exchange {
    method: &'static Method,
    /// The universe that the call chose, if it chose one.
    chosen: Option<String>,
    idempotency_key: Option<String>,
    head: Parts,
    connection: Connection,
    /// Whose token the call carries.
    subject: Option<String>,
    seconds_left: Cell<Option<i64>>,
}

/// Takes the calls of a connection to their handlers.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    universes: Arc<Universes>,
    connection: Connection,
}

impl Dispatcher {
    /// A dispatcher of calls to these universes.
    pub fn new(universes: Arc<Universes>, connection: Connection) -> Self {
        Self { universes, connection }
    }

    /// Carries a call out, and logs it. `request` gives the bytes of the request's message, or why there are none.
    pub async fn call(&self, envelope: Envelope, request: Result<Bytes, Refusal>) -> Reply {
        let started = Stopwatch::now();
        let request_id = headers::request_id(&envelope.head.headers);
        let (row, uri, deadline) = (envelope.row, envelope.head.uri.clone(), envelope.deadline);
        let answered =
            deadline.bound(self.answer(envelope, request)).await.map_err(|refusal| refusal.of_request(&request_id));
        let code = answered.as_ref().map_or_else(|refusal| refusal.code, |_| Code::Ok);
        tracing::info!(
            target: "mdb_emulator::call",
            path = row.map_or(uri.path(), |row| row.method.path),
            code = ?code,
            micros = started.elapsed().as_micros(),
            request_id,
        );
        let seconds_left = answered.as_ref().ok().and_then(|(_, seconds_left)| *seconds_left);
        Reply { request_id, seconds_left, outcome: answered.map(|(reply, _)| reply) }
    }

    async fn answer(
        &self,
        envelope: Envelope,
        request: Result<Bytes, Refusal>,
    ) -> Result<(Encoded, Option<i64>), Refusal> {
        let Envelope { row, head, .. } = envelope;
        host::check(&head)?;
        let Some(row) = row else {
            return Err(request.err().unwrap_or_else(|| refusal::request::unknown_method(head.uri.path())));
        };
        headers::within_limits(&head.headers)?;
        let mut exchange = Exchange::new(row.method, head, self.connection)?;
        // Moving a clock may take long, and must not hold up the thread that serves others.
        if let Answer::Control(answer) = row.answer {
            let (universes, body) = (self.universes.clone(), request?);
            let work = move || exchange.carried_out(|exchange| answer(exchange, &universes, body));
            let done = tokio::task::spawn_blocking(work).await;
            return done.unwrap_or_else(|_| Err(refusal::request::internal("the call was given up")));
        }
        let world = self.universes.get(exchange.chosen.as_deref())?;
        world.catch_up().await;
        exchange.subject = auth::subject(row.method, &exchange.head.headers, &world)?;
        let body = request?;
        match row.answer {
            Answer::Read(answer) => exchange.carried_out(|exchange| answer(exchange, &world, body)),
            Answer::Write(answer) => loop {
                match exchange.carried_out(|exchange| answer(exchange, &world, body.clone()))? {
                    (Some(reply), seconds_left) => break Ok((reply, seconds_left)),
                    (None, _) => tokio::task::yield_now().await,
                }
            },
            Answer::Control(_) | Answer::Unimplemented => {
                Err(refusal::request::unimplemented(row.method.service, row.method.name))
            }
        }
    }
}

impl Exchange {
    fn new(method: &'static Method, head: Parts, connection: Connection) -> Result<Self, Refusal> {
        let chosen = headers::text(&head.headers, headers::UNIVERSE)?.map(str::to_owned);
        let idempotency_key = headers::text(&head.headers, headers::IDEMPOTENCY_KEY)?.map(str::to_owned);
        Ok(Self { method, chosen, idempotency_key, head, connection, subject: None, seconds_left: Cell::new(None) })
    }

    fn carried_out<T>(&self, answer: impl FnOnce(&Self) -> Result<T, Refusal>) -> Result<(T, Option<i64>), Refusal> {
        // A handler that panics has published nothing; the caller learns whose fault it is.
        let reply = catch_unwind(AssertUnwindSafe(|| answer(self)));
        let reply = reply.unwrap_or_else(|_| Err(refusal::request::internal("a handler panicked")))?;
        Ok((reply, self.seconds_left.get()))
    }

    fn call(&self, now: Instant) -> Call<'_> {
        Call {
            method: self.method,
            now,
            subject: self.subject.as_deref().unwrap_or(ANYBODY),
            authority: host::named(&self.head),
            connection: self.connection,
            seconds_left: Cell::new(None),
        }
    }
}

fn decoded<Q: ContractMessage + Validate>(body: Bytes) -> Result<Q, Refusal> {
    let request = Q::decode(body).map_err(|error| refusal::request::malformed(&Q::full_name(), &error))?;
    let broken = violations(&request);
    if broken.is_empty() { Ok(request) } else { Err(refusal::request::invalid(broken)) }
}

/// Answers from the universe as it is.
pub fn read<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    world: &World,
    body: Bytes,
    handler: fn(&Call, &Universe, Q) -> Result<P, Refusal>,
) -> Result<Encoded, Refusal> {
    let request = decoded(body)?;
    let (universe, now) = world.read();
    let call = exchange.call(now);
    let reply = handler(&call, &universe, request)?;
    exchange.seconds_left.set(call.seconds_left.get());
    Ok(Encoded::new(&reply))
}

/// Changes the universe, unless the call has been made before under its idempotency key.
pub fn write<Q: ContractMessage + Validate>(
    exchange: &Exchange,
    world: &World,
    body: Bytes,
    handler: fn(&Call, &mut Universe, Q) -> Result<Operation, Refusal>,
) -> Result<Option<Encoded>, Refusal> {
    let request: Q = decoded(body)?;
    // Of the message rather than the bytes: a client may order the entries of a map anew when it tries again.
    let key = exchange.idempotency_key.as_deref().map(|key| (key, body_hash(&request.encode_to_vec())));
    let answered = world.attempt(|universe| {
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
        Ok(operation)
    });
    Ok(answered.ok().transpose()?.map(|operation| Encoded::new(&operation)))
}

/// Changes the universe by a call that answers with no operation.
pub fn change<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    world: &World,
    body: Bytes,
    handler: fn(&Call, &mut Universe, Q) -> Result<P, Refusal>,
) -> Result<Option<Encoded>, Refusal> {
    let request = decoded(body)?;
    let answered = world.attempt(|universe| {
        let call = exchange.call(universe.now());
        handler(&call, universe, request)
    });
    Ok(answered.ok().transpose()?.map(|reply| Encoded::new(&reply)))
}

/// Manages the universes themselves.
pub fn control<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    universes: &Universes,
    body: Bytes,
    handler: fn(&Control<'_>, Q) -> Result<P, Refusal>,
) -> Result<Encoded, Refusal> {
    let request = decoded(body)?;
    let control = Control { method: exchange.method, universes, chosen: exchange.chosen.as_deref() };
    handler(&control, request).map(|reply| Encoded::new(&reply))
}
