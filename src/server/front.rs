//! The front: takes a request, if it may come in, to the door that its content-type names, gRPC, gRPC-Web or REST.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::service::Service;
use tonic::body::Body;
use tonic::codegen::http::header::{ACCEPT, CONNECTION, CONTENT_TYPE};
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use tonic::codegen::{BoxFuture, Service as _};
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower_http::cors::CorsLayer;
use tower_layer::Layer;

use super::admission::Admission;
use super::budget::Budget;
use super::cors;
use super::deadline::Deadline;
use super::dispatch::{Dispatcher, Envelope};
use super::door::Door;
use super::grpc::{self, Grpc};
use super::headers;
use super::origin::AllowedOrigin;
use super::rest::{Rest, Unreadable};
use super::unread::Lent;
use crate::handlers::Connection;
use crate::identity::ControlToken;
use crate::refusal::{self, Refusal};
use crate::worlds::Universes;

/// What every connection's front is made of.
#[derive(Clone, Debug)]
pub struct Fronts {
    universes: Arc<Universes>,
    control_token: Option<ControlToken>,
    admission: Admission,
    cors: Option<Arc<CorsLayer>>,
    beside: Routes,
}

impl Fronts {
    /// Fronts to these universes, whose control API needs a token if there is one, for callers that go by these names of the server or
    /// are pages of these origins.
    pub async fn new(
        universes: Arc<Universes>,
        control_token: Option<ControlToken>,
        names: &[String],
        allowed: &[AllowedOrigin],
    ) -> Self {
        let admission = Admission::new(names, allowed);
        Self {
            universes,
            control_token,
            admission,
            cors: cors::layer(allowed).map(Arc::new),
            beside: grpc::beside().await,
        }
    }

    /// The front of a connection, with its budget.
    pub fn of(&self, connection: Connection, budget: &Arc<Budget>) -> Front {
        let dispatcher = Dispatcher::new(self.universes.clone(), connection);
        let dispatcher = dispatcher.with_control_token(self.control_token.clone()).within(budget.clone());
        let grpc = Grpc::new(dispatcher.clone(), self.beside.clone());
        let doors = Doors {
            admission: self.admission.clone(),
            secure: connection.secure,
            grpc_web: GrpcWebLayer::new().layer(grpc.clone()),
            grpc,
            rest: Rest::new(dispatcher.clone()),
            dispatcher,
        };
        Front { doors, cors: self.cors.clone() }
    }
}

/// All doors, and what lets pages of other origins read what comes out of them.
#[derive(Clone, Debug)]
pub struct Front {
    doors: Doors,
    // Shared by all connections, since it is large.
    cors: Option<Arc<CorsLayer>>,
}

impl Service<Request<Lent>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn call(&self, request: Request<Lent>) -> Self::Future {
        let head_alone = request.method() == Method::HEAD;
        let answer = self.answer(request);
        // No door needs to know that; and a body after all would be an error in the eyes of a client of HTTP/2.
        if head_alone { Box::pin(async move { Ok(answer.await?.map(|_| Body::empty())) }) } else { answer }
    }
}

impl Front {
    fn answer(&self, request: Request<Lent>) -> BoxFuture<Response<Body>, Infallible> {
        let Some(layer) = &self.cors else { return self.doors.answer(request) };
        let mut cors = layer.layer(self.doors.clone());
        if request.method() != Method::OPTIONS {
            return Box::pin(cors.call(request));
        }
        // The library answers every OPTIONS itself, but a question for the verbs of a path is for the doors, and so is a refusal.
        if !cors::is_preflight(&request) || !self.doors.admission.allows(request.headers()) {
            return self.doors.answer(request);
        }
        let granted = cors.call(request);
        Box::pin(async move {
            let mut granted = granted.await?;
            *granted.status_mut() = StatusCode::NO_CONTENT;
            Ok(granted)
        })
    }
}

/// Every door, behind the admission.
#[derive(Clone, Debug)]
struct Doors {
    admission: Admission,
    secure: bool,
    grpc: Grpc,
    grpc_web: GrpcWebService<Grpc>,
    rest: Rest,
    dispatcher: Dispatcher,
}

impl Doors {
    fn answer(&self, request: Request<Lent>) -> BoxFuture<Response<Body>, Infallible> {
        let door = Door::of(request.headers());
        // No page can send this: browsers have HTTP/2 only over TLS with a certificate for the name, and ask before they send this type
        // to another origin. But proxies in front of a page do, with the page's origin and a name of their own.
        let is_of_programs = door == Door::Grpc && request.version() == Version::HTTP_2;
        let (head, body) = request.into_parts();
        let admitted = if is_of_programs { Ok(()) } else { self.admission.check(&head, self.secure) };
        if let Err(refusal) = admitted {
            let doors = self.clone();
            return Box::pin(async move { Ok(doors.refuse(door, head, refusal).await) });
        }
        let request = Request::from_parts(head, body);
        if matches!(door, Door::Grpc | Door::GrpcWeb(_)) && request.method() != Method::POST {
            let rest = self.rest.clone();
            return Box::pin(async move { Ok(rest.refuse(request, Unreadable::not_posted).await) });
        }
        match door {
            Door::Grpc => self.grpc.answer(request),
            // tonic's door is never busy, so it need not be asked.
            Door::GrpcWeb(content_type) => Box::pin(self.grpc_web.clone().call(plainly(request, content_type))),
            Door::Rest => {
                let rest = self.rest.clone();
                Box::pin(async move { Ok(rest.answer(request).await) })
            }
            Door::Unspoken => {
                let rest = self.rest.clone();
                Box::pin(async move { Ok(rest.refuse(request, |_| Unreadable::unspoken()).await) })
            }
        }
    }

    /// Refuses a request before it is read, in the words of its door.
    async fn refuse(&self, door: Door, head: Parts, refusal: Refusal) -> Response<Body> {
        if matches!(door, Door::Rest | Door::Unspoken) {
            return self.rest.refuse(Request::from_parts(head, ()), |_| refusal.into()).await;
        }
        let envelope = Envelope { row: None, head, deadline: Deadline::NONE };
        let mut response = grpc::response(self.dispatcher.call(envelope, Err(refusal)).await);
        if let Door::GrpcWeb(content_type) = door {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        response
    }
}

/// For the layer of CORS.
impl tonic::codegen::Service<Request<Lent>> for Doors {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Lent>) -> Self::Future {
        self.answer(request)
    }
}

/// A request of gRPC-Web with its types as tonic knows them. The answer is of the type that is accepted, or else the request's.
fn plainly<B>(mut request: Request<B>, content_type: &'static str) -> Request<B> {
    let accepted = match request.headers().get(ACCEPT).map(Door::of_type) {
        Some(Door::GrpcWeb(accepted)) => accepted,
        _ => content_type,
    };
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accepted));
    request
}

/// What answers in plaintext where TLS is required: each request with a refusal that its client can show.
#[derive(Clone, Copy, Debug)]
pub struct TlsRequired;

impl Service<Request<Lent>> for TlsRequired {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn call(&self, request: Request<Lent>) -> Self::Future {
        let request_id = headers::request_id(request.headers());
        let refusal = refusal::request::tls_required().of_request(&request_id);
        let mut response = if Door::of(request.headers()) == Door::Grpc {
            grpc::refused(refusal)
        } else {
            let text = if request.method() == Method::HEAD { String::new() } else { refusal.message + "\n" };
            let mut response = Response::new(Body::new(text));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            response
        };
        headers::put(response.headers_mut(), &request_id, None);
        // There is nothing to be had on this connection.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        Box::pin(std::future::ready(Ok(response)))
    }
}
