//! Which door a request is for: its content-type tells.

use tonic::codegen::http::header::CONTENT_TYPE;
use tonic::codegen::http::{HeaderMap, HeaderValue};

/// What all content types of gRPC and gRPC-Web begin with.
const FAMILY: &str = "application/grpc";

/// A way to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// gRPC over HTTP/2.
    Grpc,
    /// gRPC-Web, in its form of this content type.
    GrpcWeb(&'static str),
    /// REST, for all that is not of gRPC's family.
    Rest,
    /// A form of gRPC that is not spoken here, such as messages in JSON.
    Unspoken,
}

impl Door {
    /// The door of a request.
    pub fn of(headers: &HeaderMap) -> Self {
        headers.get(CONTENT_TYPE).map_or(Self::Rest, Self::of_type)
    }

    /// The door of a content type. Case and parameters do not matter.
    pub fn of_type(content_type: &HeaderValue) -> Self {
        let content_type = String::from_utf8_lossy(content_type.as_bytes());
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is = |known: &&str| media_type.eq_ignore_ascii_case(known);
        if ["application/grpc", "application/grpc+proto"].iter().any(is) {
            Self::Grpc
        } else if ["application/grpc-web", "application/grpc-web+proto"].iter().any(is) {
            Self::GrpcWeb("application/grpc-web+proto")
        } else if ["application/grpc-web-text", "application/grpc-web-text+proto"].iter().any(is) {
            Self::GrpcWeb("application/grpc-web-text+proto")
        } else if media_type.get(..FAMILY.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(FAMILY)) {
            Self::Unspoken
        } else {
            Self::Rest
        }
    }
}
