//! The front: takes a request, if it may come in, to the door that its content-type names, gRPC, gRPC-Web or REST.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::service::Service;
use tonic::body::Body;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::request::Parts;
use tonic::codegen::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use tonic::codegen::{BoxFuture, Service as _};
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower_http::cors::CorsLayer;
use tower_layer::Layer;

use super::admission::Admission;
use super::auth::ControlToken;
use super::cors;
use super::dispatch::{Dispatcher, Envelope};
use super::grpc::{self, Grpc};
use super::headers;
use super::origin::AllowedOrigin;
use super::rest::{self, Rest};
use crate::handlers::Connection;
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

    /// The front of a connection.
    pub fn of(&self, connection: Connection) -> Front {
        let dispatcher = Dispatcher::new(self.universes.clone(), connection);
        let dispatcher = dispatcher.with_control_token(self.control_token.clone());
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

impl Service<Request<Incoming>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let head_alone = request.method() == Method::HEAD;
        let answer = self.answer(request);
        // No door needs to know that; and a body after all would be an error in the eyes of a client of HTTP/2.
        if head_alone { Box::pin(async move { Ok(answer.await?.map(|_| Body::empty())) }) } else { answer }
    }
}

impl Front {
    fn answer(&self, request: Request<Incoming>) -> BoxFuture<Response<Body>, Infallible> {
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

/// A door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Grpc,
    GrpcWeb,
    Rest,
}

impl Door {
    /// The door that the content's type names.
    fn of(headers: &HeaderMap) -> Self {
        if has_type(headers, "application/grpc-web") {
            Self::GrpcWeb
        } else if has_type(headers, "application/grpc") {
            Self::Grpc
        } else {
            Self::Rest
        }
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
    fn answer(&self, request: Request<Incoming>) -> BoxFuture<Response<Body>, Infallible> {
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
        // Neither of tonic's doors is ever busy, so they need not be asked.
        match door {
            Door::Grpc => self.grpc.answer(request),
            Door::GrpcWeb => Box::pin(self.grpc_web.clone().call(request)),
            Door::Rest => {
                let rest = self.rest.clone();
                Box::pin(async move { Ok(rest.answer(request).await) })
            }
        }
    }

    /// Refuses a request before it is read, in the words of its door.
    async fn refuse(&self, door: Door, head: Parts, refusal: Refusal) -> Response<Body> {
        let is_text = has_type(&head.headers, "application/grpc-web-text");
        let reply = self.dispatcher.call(Envelope { row: None, head }, Err(refusal)).await;
        if door == Door::Rest {
            return rest::response(None, reply, None);
        }
        let mut response = grpc::response(reply);
        if door == Door::GrpcWeb {
            let content_type = if is_text { "application/grpc-web-text+proto" } else { "application/grpc-web+proto" };
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        response
    }
}

/// For the layer of CORS.
impl tonic::codegen::Service<Request<Incoming>> for Doors {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Response<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        self.answer(request)
    }
}

/// Whether the content is of a type that begins like this; case does not matter.
fn has_type(headers: &HeaderMap, beginning: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.as_bytes().get(..beginning.len()));
    content_type.is_some_and(|content_type| content_type.eq_ignore_ascii_case(beginning.as_bytes()))
}

/// What answers in plaintext where TLS is required: each request with a refusal that its client can show.
#[derive(Clone, Copy, Debug)]
pub struct TlsRequired;

impl Service<Request<Incoming>> for TlsRequired {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let refusal = refusal::request::tls_required();
        let request_id = headers::request_id(request.headers());
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
        std::future::ready(Ok(response))
    }
}
