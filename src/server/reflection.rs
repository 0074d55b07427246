//! Reflection, v1 and v1alpha, built when somebody first asks: most calls never do, and it takes milliseconds and megabytes.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::NamedService;
use tonic::service::Routes;

use crate::contract::descriptors;

/// One version of reflection: a name, and the routes to what answers for it.
macro_rules! lazily {
    ($service:ident, $name:literal, $build:ident) => {
        #[doc = $name]
        #[derive(Clone)]
        pub struct $service;

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
                static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
                    let reflection = tonic_reflection::server::Builder::configure()
                        .register_encoded_file_descriptor_set(descriptors::REFLECTION)
                        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                        .$build()
                        .expect("build.rs wrote a valid descriptor set");
                    Routes::new(reflection)
                });
                let mut routes = ROUTES.clone();
                Box::pin(async move { routes.call(request).await })
            }
        }
    };
}

lazily!(ReflectionV1, "grpc.reflection.v1.ServerReflection", build_v1);
lazily!(ReflectionV1Alpha, "grpc.reflection.v1alpha.ServerReflection", build_v1alpha);
