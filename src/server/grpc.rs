//! The gRPC door: tonic frames the messages, and the dispatcher answers them.

use std::convert::Infallible;

use bytes::Bytes;
use prost::Message;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http};
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, UnaryService};
use tonic::{Request, Response, Status};

use super::codec::BytesCodec;
use super::dispatch::{Dispatcher, Envelope, Row};
use super::headers;
use crate::contract::proto::google::rpc;
use crate::refusal::Refusal;

/// Answers a gRPC call whose path is that of the row, or of no RPC at all.
pub fn answer(
    dispatcher: &Dispatcher,
    row: Option<&'static Row>,
    request: http::Request<Body>,
) -> BoxFuture<http::Response<Body>, Infallible> {
    let path = row.map_or_else(|| request.uri().path().to_owned(), |_| String::new());
    let authority = headers::authority(&request);
    let request_id = headers::request_id(request.headers());
    let call = GrpcCall { dispatcher: dispatcher.clone(), row, path, authority };
    Box::pin(async move {
        let mut response = Grpc::new(BytesCodec).unary(call, request).await;
        // What tonic refuses by itself, such as a message that is too large, has not been to the dispatcher.
        if !response.headers().contains_key(headers::REQUEST_ID) {
            headers::put(response.headers_mut(), &request_id, None);
        }
        Ok(response)
    })
}

struct GrpcCall {
    dispatcher: Dispatcher,
    row: Option<&'static Row>,
    path: String,
    authority: String,
}

impl UnaryService<Bytes> for GrpcCall {
    type Response = Bytes;
    type Future = BoxFuture<Response<Bytes>, Status>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (metadata, _, body) = request.into_parts();
        let (path, authority) = (std::mem::take(&mut self.path), std::mem::take(&mut self.authority));
        let envelope = Envelope { row: self.row, path, authority, headers: metadata.into_headers() };
        let dispatcher = self.dispatcher.clone();
        Box::pin(async move {
            let reply = dispatcher.call(envelope, Ok(body)).await;
            let mut headers = http::HeaderMap::new();
            headers::put(&mut headers, &reply.request_id, reply.seconds_left);
            let headers = MetadataMap::from_headers(headers);
            match reply.outcome {
                Ok(body) => Ok(Response::from_parts(headers, body, http::Extensions::new())),
                Err(refusal) => Err(status(refusal, headers)),
            }
        })
    }
}

/// A refusal as a gRPC status.
pub fn status(refusal: Refusal, headers: MetadataMap) -> Status {
    let whole = rpc::Status { code: refusal.code as i32, message: refusal.message, details: refusal.details };
    let details = if whole.details.is_empty() { Vec::new() } else { whole.encode_to_vec() };
    Status::with_details_and_metadata(refusal.code, whole.message, details.into(), headers)
}
