//! The tonic services, one for each service of the contract: each finds the row of a path and hands the call to the
//! dispatcher. Rows and services are made by `build/services.rs`.

use std::convert::Infallible;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::NamedService;
use tonic::service::{AxumBody, Routes};

use super::dispatch::{Answer, Dispatcher, Row, change, control, read, write};
use super::grpc;
use crate::contract::METHODS;
use crate::contract::engine::{Mysql, Redis, Spqr, SqlServer};
use crate::handlers;

/// A service by its name, its full name and the rows of its paths.
macro_rules! tonic_service {
    ($service:ident, $name:literal, { $($path:literal => $row:expr,)* }) => {
        #[derive(Clone)]
        struct $service(Dispatcher);

        impl $service {
            fn new(dispatcher: &Dispatcher) -> Self {
                Self(dispatcher.clone())
            }
        }

        impl NamedService for $service {
            const NAME: &'static str = $name;
        }

        impl Service<http::Request<Body>> for $service {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = BoxFuture<Self::Response, Infallible>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: http::Request<Body>) -> Self::Future {
                let row = match request.uri().path() {
                    $($path => Some($row),)*
                    _ => None,
                };
                grpc::answer(&self.0, row, request)
            }
        }
    };
}

/// What answers where no service is.
#[derive(Clone)]
pub struct NoService(pub Dispatcher);

impl Service<http::Request<AxumBody>> for NoService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<AxumBody>) -> Self::Future {
        grpc::answer(&self.0, None, request.map(Body::new))
    }
}

include!(concat!(env!("OUT_DIR"), "/services.rs"));
