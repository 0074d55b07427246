//! The deadline of a call, which the header `grpc-timeout` sets.

use std::future::pending;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, HeaderName};

use crate::refusal::{self, Refusal};

static TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The most digits of a timeout (documented).
const MOST_DIGITS: usize = 8;

/// The end of the time that a client gives a call, if it sets one.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// There is none.
    pub const NONE: Self = Self(None);

    /// The deadline of a call that comes now.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if the header is no timeout: our choice, since servers differ (gRPC for Go answers INTERNAL, others
    /// ignore it).
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let Some(value) = headers.get(&TIMEOUT) else { return Ok(Self::NONE) };
        let timeout = value.to_str().ok().and_then(parsed).ok_or_else(refusal::request::timeout)?;
        // What is too far away to be an instant never comes.
        Ok(Self(Instant::now().checked_add(timeout)))
    }

    /// The outcome of some work. The work is dropped where it stands if it takes longer than the client waits.
    ///
    /// # Errors
    ///
    /// What the work fails with; DEADLINE_EXCEEDED if it takes too long.
    pub async fn bound<T>(self, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        if self.0.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(refusal::request::deadline());
        }
        tokio::select! {
            biased;
            done = work => done,
            () = self.passed() => Err(refusal::request::deadline()),
        }
    }

    /// A reply that ends with the status `late` if it has not ended by itself before.
    pub fn bound_reply(self, reply: Body, late: Status) -> Body {
        match self.0 {
            Some(deadline) => Body::new(Bounded { reply, deadline: Some(Box::pin(sleep_until(deadline))), late }),
            None => reply,
        }
    }

    /// How long it is until then.
    pub fn left(self) -> Option<Duration> {
        self.0.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    async fn passed(self) {
        match self.0 {
            Some(deadline) => sleep_until(deadline).await,
            None => pending().await,
        }
    }
}

/// A number and its unit, without anything between them (documented).
fn parsed(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.len() > MOST_DIGITS || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_hours(number)),
        "M" => Some(Duration::from_mins(number)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// The body of a reply that has a deadline until it has ended.
struct Bounded {
    reply: Body,
    deadline: Option<Pin<Box<Sleep>>>,
    late: Status,
}

impl http_body::Body for Bounded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.reply).poll_frame(context) {
            return Poll::Ready(frame);
        }
        let Some(deadline) = &mut self.deadline else { return Poll::Pending };
        ready!(deadline.as_mut().poll(context));
        self.reply = Body::empty();
        self.deadline = None;
        let mut trailers = HeaderMap::new();
        let told = self.late.add_header(&mut trailers);
        Poll::Ready(Some(told.map(|()| Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        http_body::Body::is_end_stream(&self.reply)
    }
}
