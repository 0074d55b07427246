//! What a connection owes its client: replies that are ready, and that the client has not taken yet.
//!
//! A client of HTTP/2 says by its windows how much may be sent to it, for each call and in all. One that makes calls and grants
//! no window would have the server keep all of their replies. So each connection has a budget of bytes: while it is spent,
//! further calls of that connection wait before they are carried out. A client that reads its replies hardly ever waits.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep_until};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};

use super::limits;

/// What a call takes of the budget while it is carried out, before it is known how long its reply is. It also limits how many
/// calls of a connection wait for a slow universe at once, whose replies may all be there a moment later.
const PLACE: u32 = 16 * 1024;

/// The budget of one connection.
#[derive(Debug)]
pub struct Budget {
    /// Has a permit for each byte that may still be owed, and none while too much is owed.
    room: Semaphore,
    /// Of the calls that had to wait, one is carried out at a time.
    turn: Turn,
    owed: Mutex<Owed>,
    owes: Notify,
}

type Turn = tokio::sync::Mutex<()>;
type TurnGuard<'a> = tokio::sync::MutexGuard<'a, ()>;

#[derive(Debug)]
struct Owed {
    /// How many frames of replies are there.
    frames: usize,
    /// How many bytes are owed beyond the budget: a reply may be longer than what was left of it.
    beyond: usize,
    /// When the client last took one; or since when there is one, if it came later.
    since: Instant,
}

impl Default for Budget {
    fn default() -> Self {
        let owed = Mutex::new(Owed { frames: 0, beyond: 0, since: Instant::now() });
        Self { room: Semaphore::new(limits::MOST_OWED), turn: Turn::default(), owed, owes: Notify::new() }
    }
}

impl Budget {
    /// Waits until a call may be carried out. The call must keep the place until its reply is ready.
    pub async fn place(&self) -> Place<'_> {
        if let Ok(place) = self.room.try_acquire_many(PLACE) {
            place.forget();
            return Place { budget: self, _turn: None };
        }
        // One after the other: much may be taken at once, and each of those that wait may have a long reply.
        let turn = self.turn.lock().await;
        // The semaphore is never closed.
        if let Ok(place) = self.room.acquire_many(PLACE).await {
            place.forget();
        }
        Place { budget: self, _turn: Some(turn) }
    }

    /// Waits until the client is owed something, and has taken nothing of it for too long.
    pub async fn stalled(&self) {
        loop {
            self.owes.notified().await;
            while let Some(patience) = self.patience() {
                if patience <= Instant::now() {
                    return;
                }
                sleep_until(patience).await;
            }
        }
    }

    /// The instant by which the client must take something, if it is owed anything.
    fn patience(&self) -> Option<Instant> {
        let owed = self.owed();
        (owed.frames > 0).then(|| owed.since + limits::STALL)
    }

    /// The same bytes, counted as owed until they are dropped. HTTP drops them as soon as they have been sent.
    fn owing(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        let mut owed = self.owed();
        owed.beyond += bytes.len() - self.room.forget_permits(bytes.len());
        if owed.frames == 0 {
            owed.since = Instant::now();
            self.owes.notify_one();
        }
        owed.frames += 1;
        drop(owed);
        Bytes::from_owner(Debt { bytes, budget: self.clone() })
    }

    fn paid(&self, length: usize) {
        let mut owed = self.owed();
        owed.frames -= 1;
        owed.since = Instant::now();
        self.give_back(owed, length);
    }

    fn give_back(&self, mut owed: MutexGuard<'_, Owed>, length: usize) {
        let beyond = owed.beyond.min(length);
        owed.beyond -= beyond;
        drop(owed);
        self.room.add_permits(length - beyond);
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to carry out one call. It is given back when this is dropped.
pub struct Place<'a> {
    budget: &'a Budget,
    _turn: Option<TurnGuard<'a>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.budget.give_back(self.budget.owed(), PLACE as usize);
    }
}

/// Bytes on their way to the client.
struct Debt {
    bytes: Bytes,
    budget: Arc<Budget>,
}

impl AsRef<[u8]> for Debt {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Debt {
    fn drop(&mut self) {
        self.budget.paid(self.bytes.len());
    }
}

/// A service whose replies are counted.
#[derive(Debug)]
pub struct Counting<S> {
    service: S,
    budget: Arc<Budget>,
}

impl<S> Counting<S> {
    /// Counts what a service replies.
    pub fn new(service: S, budget: Arc<Budget>) -> Self {
        Self { service, budget }
    }
}

impl<S> Service<Request<Incoming>> for Counting<S>
where
    S: Service<Request<Incoming>, Response = Response<Body>, Future: Unpin>,
{
    type Response = Response<Counted>;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        Answer { answer: self.service.call(request), budget: self.budget.clone() }
    }
}

/// An answer that is counted once it is there.
pub struct Answer<F> {
    answer: F,
    budget: Arc<Budget>,
}

impl<F: Future<Output = Result<Response<Body>, E>> + Unpin, E> Future for Answer<F> {
    type Output = Result<Response<Counted>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map_ok(|response| response.map(|body| Counted { body, budget: self.budget.clone() }))
    }
}

/// The body of a reply whose bytes are owed from the moment that HTTP takes them until they have been sent.
pub struct Counted {
    body: Body,
    budget: Arc<Budget>,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map_ok(|frame| frame.map_data(|bytes| self.budget.owing(bytes)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
