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

use super::budget::Budget;
use super::deadline::Deadline;
use super::patience::Patience;
use super::{headers, host_header};
use crate::contract::joined;
use crate::contract::validation::{Validate, violations};
use crate::contract::{ContractMessage, Method};
use crate::handlers::{self, Call, Changing, Circumstances, Connection, Control, Work};
use crate::identity::{ControlToken, auth};
use crate::log;
use crate::refusal::{self, Refusal};
use crate::universe::{Decision, Instant, Key, Left, Universe, body_hash};
use crate::worlds::{Caller, Universes, World};

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
    /// By reading one universe. Gives nothing if so much was due there that other calls get a turn first: then it is to be tried again.
    Read(fn(&Exchange, &World, Bytes) -> Result<Option<Encoded>, Refusal>),
    /// By changing one universe. Gives nothing if so much was due there that other calls get a turn first, or if its clock is being moved.
    Write(fn(&Exchange, &World, Bytes) -> Result<Option<Encoded>, Refusal>),
    /// By managing the universes themselves.
    Control(fn(&Exchange, &Universes, &Caller, Bytes) -> Result<Encoded, Refusal>),
    /// With UNIMPLEMENTED.
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
    /// What the caller is warned of though the call succeeded.
    pub warning: Option<String>,
    /// The message of the reply, or why there is none.
    pub outcome: Result<Encoded, Refusal>,
}

/// A message's bytes.
pub struct Encoded(Bytes);

impl Encoded {
    fn new(message: &impl Message) -> Self {
        Self(message.encode_to_vec().into())
    }

    /// A message that is encoded already.
    fn of(message: Bytes) -> Self {
        Self(message)
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
    warning: Cell<Option<String>>,
    /// What has to be done before the call can be answered.
    work: Cell<Option<Work>>,
}

/// What goes with a reply beside its message.
#[derive(Default)]
struct Beside {
    seconds_left: Option<i64>,
    warning: Option<String>,
}

/// Takes the calls of a connection to their handlers.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    universes: Arc<Universes>,
    connection: Connection,
    control_token: Option<ControlToken>,
    budget: Arc<Budget>,
}

impl Dispatcher {
    /// A dispatcher of calls to these universes.
    pub fn new(universes: Arc<Universes>, connection: Connection) -> Self {
        Self { universes, connection, control_token: None, budget: Arc::default() }
    }

    /// The same, where calls of the control API need this token, if there is one.
    #[must_use]
    pub fn with_control_token(self, control_token: Option<ControlToken>) -> Self {
        Self { control_token, ..self }
    }

    /// The same, on a connection with a budget.
    #[must_use]
    pub(super) fn within(self, budget: Arc<Budget>) -> Self {
        Self { budget, ..self }
    }

    /// Carries a call out, and logs it. `request` gives the bytes of the request's message, or why there are none.
    pub async fn call(&self, envelope: Envelope, request: Result<Bytes, Refusal>) -> Reply {
        let started = Stopwatch::now();
        let request_id = headers::request_id(&envelope.head.headers);
        let (row, uri, deadline) = (envelope.row, envelope.head.uri.clone(), envelope.deadline);
        let answered =
            deadline.bound(self.answer(envelope, request)).await.map_err(|refusal| refusal.of_request(&request_id));
        let code = answered.as_ref().map_or_else(|refusal| refusal.code, |_| Code::Ok);
        let path = row.map_or(uri.path(), |row| row.method.path);
        log::call(path, code, started.elapsed().as_micros(), &request_id);
        let (outcome, Beside { seconds_left, warning }) = match answered {
            Ok((reply, beside)) => (Ok(reply), beside),
            Err(refusal) => (Err(refusal), Beside::default()),
        };
        Reply { request_id, seconds_left, warning, outcome }
    }

    async fn answer(&self, envelope: Envelope, request: Result<Bytes, Refusal>) -> Result<(Encoded, Beside), Refusal> {
        let Envelope { row, head, deadline } = envelope;
        let mut place = self.budget.place().await;
        host_header::check(&head)?;
        let Some(row) = row else {
            return Err(request.err().unwrap_or_else(|| refusal::request::unknown_method(head.uri.path())));
        };
        headers::within_limits(&head.headers)?;
        let mut exchange = Exchange::new(row.method, head, self.connection)?;
        if let Answer::Control(answer) = row.answer {
            if let Some(token) = &self.control_token {
                auth::control(token, &exchange.head.headers)?;
            }
            // Moving a clock may take long, and must not hold up the thread that serves others.
            let (universes, body) = (self.universes.clone(), request?);
            // When this call is given up, whatever has begun for it gives up too.
            let (caller, _presence) = universes.caller();
            let work = move || exchange.carried_out(|exchange| answer(exchange, &universes, &caller, body));
            let done = tokio::task::spawn_blocking(work).await;
            return done.unwrap_or_else(|_| Err(refusal::request::internal("the call was given up")));
        }
        let mut world = self.universes.get(exchange.chosen.as_deref())?;
        exchange.subject = auth::subject(row.method, &exchange.head.headers, &world)?;
        let body = request?;
        let (Answer::Read(answer) | Answer::Write(answer)) = row.answer else {
            return Err(refusal::request::unimplemented(row.method.service, row.method.name));
        };
        let mut patience = Patience::of(deadline);
        loop {
            let answered = exchange.carried_out(|exchange| answer(exchange, &world, body.clone()));
            if let Some(work) = exchange.work.take() {
                // It takes long, and must hold up neither the universe nor the thread that serves others.
                let done = tokio::task::spawn_blocking(work).await;
                done.map_err(|_| refusal::request::internal("what the call needs could not be made"))?;
                continue;
            }
            match answered {
                Ok((Some(reply), beside)) => break Ok((reply, beside)),
                Ok((None, _)) => world.another_turn().await,
                Err(refusal) => {
                    // While it waits, other calls of its connection shall not.
                    drop(place);
                    patience.outlast(refusal, &self.universes, &world).await?;
                    place = self.budget.place().await;
                    // There may be another by now, or none.
                    world = self.universes.get(exchange.chosen.as_deref())?;
                }
            }
        }
    }
}

impl Exchange {
    fn new(method: &'static Method, head: Parts, connection: Connection) -> Result<Self, Refusal> {
        let chosen = headers::text(&head.headers, &headers::UNIVERSE)?.map(str::to_owned);
        let idempotency_key = headers::text(&head.headers, &headers::IDEMPOTENCY_KEY)?.map(str::to_owned);
        Ok(Self {
            method,
            chosen,
            idempotency_key,
            head,
            connection,
            subject: None,
            seconds_left: Cell::new(None),
            warning: Cell::new(None),
            work: Cell::new(None),
        })
    }

    fn carried_out<T>(&self, answer: impl FnOnce(&Self) -> Result<T, Refusal>) -> Result<(T, Beside), Refusal> {
        // A handler that panics has changed nothing. The caller is told that the fault is the emulator's.
        let reply = catch_unwind(AssertUnwindSafe(|| answer(self)));
        let reply = reply.unwrap_or_else(|_| Err(refusal::request::internal("a handler panicked")))?;
        Ok((reply, Beside { seconds_left: self.seconds_left.get(), warning: self.warning.take() }))
    }

    /// The idempotency key of the call, if it has one. The hash is of the message rather than of its bytes: a client may order the
    /// entries of a map anew when it tries again.
    fn key(&self, request: &impl Message) -> Option<Key> {
        let key = self.idempotency_key.as_deref()?;
        Some(Key { method: self.method.path, key: key.into(), body: body_hash(&request.encode_to_vec()) })
    }

    fn call<'a>(&'a self, world: &'a World, now: Instant) -> Call<'a> {
        let circumstances = Circumstances {
            now,
            machine: world.machine(),
            subject: self.subject.as_deref().unwrap_or(ANYBODY),
            host_header: host_header::named(&self.head),
            connection: self.connection,
        };
        Call::new(self.method, circumstances)
    }
}

fn decoded<Q: ContractMessage + Validate>(body: Bytes) -> Result<Q, Refusal> {
    let request = Q::decode(body).map_err(|error| refusal::request::malformed(&Q::full_name(), &error))?;
    let broken = violations(&request);
    if broken.is_empty() { Ok(request) } else { Err(refusal::request::invalid(broken)) }
}

/// Answers from the universe as it is. What was asked before of the same value is answered by the same bytes.
pub fn read<Q: ContractMessage + Validate, P: joined::Reply>(
    exchange: &Exchange,
    world: &World,
    body: Bytes,
    handler: fn(&Call, &Universe, Q) -> Result<P, Refusal>,
) -> Result<Option<Encoded>, Refusal> {
    let Some((universe, now)) = world.try_read()? else { return Ok(None) };
    if let Some((reply, seconds_left)) = universe.reply(exchange.method, &body) {
        exchange.seconds_left.set(seconds_left);
        return Ok(Some(Encoded::of(reply)));
    }
    let request = decoded(body.clone())?;
    let call = exchange.call(world, now);
    let reply = Encoded::of(handler(&call, &universe, request)?.encoded().into());
    let seconds_left = call.seconds_left.get();
    exchange.seconds_left.set(seconds_left);
    if call.is_answered_for_all() {
        universe.keep_reply(exchange.method, body, reply.0.clone(), seconds_left);
    }
    Ok(Some(reply))
}

/// Begins an operation, unless the call has been made before under its idempotency key.
pub fn write<Q: ContractMessage + Validate, D: Into<Decision>>(
    exchange: &Exchange,
    world: &World,
    body: Bytes,
    handler: fn(&Call, &Universe, Q) -> Result<D, Refusal>,
) -> Result<Option<Encoded>, Refusal> {
    let bytes = body.len();
    let request: Q = decoded(body)?;
    let key = exchange.key(&request);
    let answered = world.attempt(|turn| {
        let call = exchange.call(world, turn.now());
        let known = key.as_ref().map(|key| turn.recall(key)).transpose()?.flatten();
        let left = match known {
            Some(left) => Some(left),
            None => {
                let decision = handler(&call, turn, request)?.into();
                turn.carry_out(decision, key, bytes)?
            }
        };
        let Some(Left::Operation(operation)) = left else {
            return Err(refusal::request::internal("the call has begun no operation"));
        };
        let shown = handlers::operation::shown(&call, turn, operation)?;
        exchange.seconds_left.set(call.seconds_left.get());
        exchange.warning.set(call.warning.take());
        Ok(shown)
    });
    Ok(answered?.map(|operation| Encoded::new(&operation)))
}

/// Changes the universe by a call that answers with no operation.
pub fn change<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    world: &World,
    body: Bytes,
    handler: fn(&Call, &Universe, Q) -> Result<Changing<P>, Refusal>,
) -> Result<Option<Encoded>, Refusal> {
    let bytes = body.len();
    let request: Q = decoded(body)?;
    let key = exchange.key(&request);
    let answered = world.attempt(|turn| {
        let call = exchange.call(world, turn.now());
        let known = key.as_ref().map(|key| turn.recall(key)).transpose()?.flatten();
        call.left.set(known);
        let answer = handler(&call, turn, request);
        exchange.work.set(call.work.take());
        let (changes, reply) = answer?;
        if known.is_none() {
            turn.carry_out(Decision::Change(changes), key, bytes)?;
        }
        Ok(reply)
    });
    Ok(answered?.map(|reply| Encoded::new(&reply)))
}

/// Manages the universes themselves, unless the call has been made before under its idempotency key.
pub fn control<Q: ContractMessage + Validate, P: Message>(
    exchange: &Exchange,
    universes: &Universes,
    caller: &Caller,
    body: Bytes,
    handler: fn(&Control<'_>, Q) -> Result<P, Refusal>,
) -> Result<Encoded, Refusal> {
    let (method, chosen) = (exchange.method, exchange.chosen.as_deref());
    let request: Q = decoded(body)?;
    let hash = body_hash(&request.encode_to_vec());
    let control = Control { method, universes, chosen, caller };
    let answer = || handler(&control, request).map(|reply| reply.encode_to_vec().into());
    let reply = match exchange.idempotency_key.clone() {
        Some(key) if method.changes => {
            let key = (method.path, chosen.unwrap_or_default().to_owned(), key);
            universes.keys().once(key, hash, universes.machine(), answer)?
        }
        _ => answer()?,
    };
    Ok(Encoded::of(reply))
}
