//! The front: takes a request to the door that its content-type names, gRPC, gRPC-Web or REST.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::service::Service;
use tonic::body::Body;
use tonic::codegen::http::header::{ACCEPT, CONNECTION, CONTENT_TYPE};
use tonic::codegen::http::{HeaderValue, Method, Request, Response, StatusCode};
use tonic::codegen::{BoxFuture, Service as _};
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower_layer::Layer;

use super::budget::Budget;
use super::dispatch::Dispatcher;
use super::door::Door;
use super::grpc::{self, Grpc};
use super::headers;
use super::rest::{Rest, Unreadable};
use super::unread::Lent;
use crate::handlers::Connection;
use crate::refusal;
use crate::universes::Universes;

/// What every connection's front is made of.
#[derive(Clone, Debug)]
pub struct Fronts {
    universes: Arc<Universes>,
    beside: Routes,
}

impl Fronts {
    /// Fronts to these universes.
    pub async fn new(universes: Arc<Universes>) -> Self {
        Self { universes, beside: grpc::beside().await }
    }

    /// The front of a connection, with its budget.
    pub fn of(&self, connection: Connection, budget: &Arc<Budget>) -> Front {
        let dispatcher = Dispatcher::new(self.universes.clone(), connection);
        let grpc = Grpc::new(dispatcher.clone(), budget.clone(), self.beside.clone());
        let rest = Rest::new(dispatcher).within(budget.clone());
        Front { grpc_web: GrpcWebLayer::new().layer(grpc.clone()), grpc, rest }
    }
}

/// Every door.
#[derive(Clone, Debug)]
pub struct Front {
    grpc: Grpc,
    grpc_web: GrpcWebService<Grpc>,
    rest: Rest,
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
        let door = Door::of(request.headers());
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
        // There is nothing to be had on this connection.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        Box::pin(std::future::ready(Ok(response)))
    }
}
