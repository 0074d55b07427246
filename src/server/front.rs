//! The front: takes a request to the door that its content-type names, gRPC, gRPC-Web or REST.

use std::convert::Infallible;
use std::future::Ready;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::Service;
use tonic::body::Body;
use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tonic::codegen::{BoxFuture, Service as _};
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower_layer::Layer;

use super::auth::ControlToken;
use super::dispatch::Dispatcher;
use super::grpc::{self, Grpc};
use super::headers;
use super::rest::Rest;
use crate::handlers::Connection;
use crate::refusal;
use crate::universes::Universes;

/// What every connection's front is made of.
#[derive(Clone, Debug)]
pub struct Fronts {
    universes: Arc<Universes>,
    control_token: Option<ControlToken>,
    beside: Routes,
}

impl Fronts {
    /// Fronts to these universes, whose control API needs a token if there is one.
    pub async fn new(universes: Arc<Universes>, control_token: Option<ControlToken>) -> Self {
        Self { universes, control_token, beside: grpc::beside().await }
    }

    /// The front of a connection.
    pub fn of(&self, connection: Connection) -> Front {
        let dispatcher = Dispatcher::new(self.universes.clone(), connection);
        let dispatcher = dispatcher.with_control_token(self.control_token.clone());
        let grpc = Grpc::new(dispatcher.clone(), self.beside.clone());
        Front { grpc_web: GrpcWebLayer::new().layer(grpc.clone()), grpc, rest: Rest::new(dispatcher) }
    }
}

/// Every door.
#[derive(Clone, Debug)]
pub struct Front {
    grpc: Grpc,
    grpc_web: GrpcWebService<Grpc>,
    rest: Rest,
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
        // Neither of tonic's doors is ever busy, so they need not be asked.
        if has_type(request.headers(), "application/grpc-web") {
            Box::pin(self.grpc_web.clone().call(request))
        } else if has_type(request.headers(), "application/grpc") {
            self.grpc.answer(request)
        } else {
            let rest = self.rest.clone();
            Box::pin(async move { Ok(rest.answer(request).await) })
        }
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
        let is_grpc = has_type(request.headers(), "application/grpc");
        let mut response = if is_grpc && !has_type(request.headers(), "application/grpc-web") {
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
