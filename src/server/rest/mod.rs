//! The REST door: a request becomes the message of an RPC, and the reply JSON. Between the two, the call goes the one way of the
//! [`dispatcher`](super::Dispatcher).
//!
//! - [`routes`]: which RPC a verb and path are of;
//! - [`request`]: path, query and body as one message;
//! - [`reply`]: replies and refusals as JSON, with their http status.
//!
//! What JSON means stands in [`json`](crate::contract::json), what REST is to be in `docs/rest.md`.

mod reply;
mod request;
mod routes;

use bytes::Bytes;
use tonic::body::Body;
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::{Method, Request, Response};

use super::deadline::Deadline;
use super::dispatch::{Dispatcher, Envelope};
use super::headers;
pub(super) use reply::error;
pub(super) use request::Unreadable;
use routes::Route;

/// The door for REST.
#[derive(Clone, Debug)]
pub struct Rest {
    dispatcher: Dispatcher,
}

impl Rest {
    /// A door to these universes.
    pub fn new(dispatcher: Dispatcher) -> Self {
        Self { dispatcher }
    }

    /// Answers a request, whatever it is.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        if let Some(allowed) = routes::allowed(parts.uri.path()).filter(|_| parts.method == Method::OPTIONS) {
            return reply::options(&headers::request_id(&parts.headers), &allowed);
        }
        let found = routes::find(&parts.method, parts.uri.path());
        let route = found.as_ref().ok().map(|found| found.route);
        let read = match found {
            Ok(found) => request::read(found, parts.uri.query(), &parts.headers, body).await,
            Err(lost) => Err(Unreadable::from(lost)),
        };
        self.respond(parts, route, read).await
    }

    /// Refuses a request as one of no RPC, for what its head says.
    pub(super) async fn refuse<B>(
        &self,
        request: Request<B>,
        why: impl FnOnce(&Parts) -> Unreadable,
    ) -> Response<Body> {
        let (parts, _) = request.into_parts();
        let unreadable = why(&parts);
        self.respond(parts, None, Err(unreadable)).await
    }

    async fn respond(
        &self,
        parts: Parts,
        route: Option<&'static Route>,
        read: Result<Bytes, Unreadable>,
    ) -> Response<Body> {
        let (message, exception) = match read {
            Ok(message) => (Ok(message), None),
            Err(unreadable) => (Err(unreadable.refusal), unreadable.exception),
        };
        let head_alone = parts.method == Method::HEAD;
        let envelope = Envelope { row: route.map(|route| route.row), head: parts, deadline: Deadline::NONE };
        let reply = self.dispatcher.call(envelope, message).await;
        let response = reply::response(route.map(|route| route.response), reply, exception);
        if head_alone { reply::without_body(response) } else { response }
    }
}
