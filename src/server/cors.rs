//! What lets pages of the allowed origins read answers: Cross-Origin Resource Sharing (CORS), as browsers ask for it.
//!
//! Only origins that the user allows come so far, so whatever they ask for is granted: any method, any header.

use std::time::Duration;

use tonic::codegen::http::header::ACCESS_CONTROL_REQUEST_METHOD;
use tonic::codegen::http::{HeaderName, Method, Request};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use super::origin::{self, AllowedOrigin};

/// What a page may read beside the few headers that browsers always let it read.
const EXPOSED: [&str; 7] = [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "x-request-id",
    "x-server-trace-id",
    "x-operation-poll-interval",
    "x-mdb-warning",
];

/// How long a browser may go by what it was granted: Chromium's most.
const GRANTED: Duration = Duration::from_hours(2);

/// The layer that does it around a service. None if no origin is allowed: then nothing is granted.
pub fn layer(allowed: &[AllowedOrigin]) -> Option<CorsLayer> {
    let origins = allowed.to_vec();
    // No credentials: there are no cookies here, and tokens are headers that pages set.
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| origin::allows(&origins, origin)))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_private_network(true)
        .expose_headers(EXPOSED.map(HeaderName::from_static))
        .max_age(GRANTED);
    (!allowed.is_empty()).then_some(layer)
}

/// Whether a browser asks what it would be granted.
pub fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
