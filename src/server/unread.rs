//! What is left of a request's body when the answer is ready.
//!
//! In HTTP/1.1 the next request of a connection comes after the whole body of the one before, and a client does not look at its
//! answer before it has sent that. So what a door did not read is read and thrown away, as far as it is not much; if it is,
//! the answer says that the connection ends with it. In HTTP/2 a call ends by itself.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::header::{CONNECTION, EXPECT};
use tonic::codegen::http::{HeaderValue, Request, Response, Version};

use super::limits;

/// A service whose requests are read to their end, or whose connection ends.
#[derive(Clone, Debug)]
pub struct Draining<S>(pub S);

impl<S> Service<Request<Incoming>> for Draining<S>
where
    S: Service<
            Request<Lent>,
            Response = Response<Body>,
            Error = Infallible,
            Future = BoxFuture<Response<Body>, Infallible>,
        >,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = S::Future;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        if request.version() == Version::HTTP_2 || request.body().is_end_stream() {
            return self.0.call(request.map(|body| Lent::new(body, None)));
        }
        let (back, mut unread) = oneshot::channel();
        let expects = request.headers().contains_key(EXPECT);
        let answer = self.0.call(request.map(|body| Lent::new(body, Some(Owner { back, expects }))));
        Box::pin(async move {
            let mut answer = answer.await?;
            let goes_on = match unread.try_recv() {
                Ok(Unread::Nothing) => true,
                Ok(Unread::Rest(body)) => drained(body).await,
                Ok(Unread::Lost) => false,
                // The door goes on reading while it answers.
                Err(_) => true,
            };
            if !goes_on {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(answer)
        })
    }
}

/// Whether the rest of a body came to its end soon, and was not long.
async fn drained(mut body: Incoming) -> bool {
    if body.size_hint().lower() > limits::LONGEST_UNREAD {
        return false;
    }
    let ends = async {
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return false };
            length += frame.data_ref().map_or(0, |data| data.len() as u64);
            if length > limits::LONGEST_UNREAD {
                return false;
            }
        }
        true
    };
    timeout(limits::UNREAD, ends).await.unwrap_or(false)
}

/// How a door leaves the body of a request.
enum Unread {
    /// At its end.
    Nothing,
    /// With more to come.
    Rest(Incoming),
    /// Broken off, or waited for in vain: no more is read.
    Lost,
}

/// To whom a body goes back.
struct Owner {
    back: oneshot::Sender<Unread>,
    /// Whether the client sends the body only once it is told to, by an attempt to read it.
    expects: bool,
}

/// The body of a request, as a door gets it.
pub struct Lent {
    body: Option<Incoming>,
    state: State,
    owner: Option<Owner>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Untouched,
    Read,
    Awaited,
    Ended,
    Broken,
}

impl Lent {
    fn new(body: Incoming, owner: Option<Owner>) -> Self {
        Self { body: Some(body), state: State::Untouched, owner }
    }
}

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        self.state = match &frame {
            Poll::Pending => State::Awaited,
            Poll::Ready(Some(Ok(_))) => State::Read,
            Poll::Ready(Some(Err(_))) => State::Broken,
            Poll::Ready(None) => State::Ended,
        };
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, |body| body.size_hint())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let (Some(body), Some(owner)) = (self.body.take(), self.owner.take()) else { return };
        let unread = match self.state {
            State::Ended => Unread::Nothing,
            _ if body.is_end_stream() => Unread::Nothing,
            State::Untouched if owner.expects => Unread::Lost,
            State::Untouched | State::Read => Unread::Rest(body),
            // The door gave up while it waited, so it has waited long enough.
            State::Awaited | State::Broken => Unread::Lost,
        };
        // The connection may be gone.
        _ = owner.back.send(unread);
    }
}
