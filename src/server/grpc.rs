//! The gRPC door: tonic frames the messages, and the dispatcher answers them.

use std::convert::Infallible;

use bytes::Bytes;
use prost::Message;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, http};
use tonic::metadata::MetadataMap;
use tonic::server::{ClientStreamingService, Grpc};
use tonic::{Code, Request, Response, Status, Streaming};

use super::codec::BytesCodec;
use super::dispatch::{Dispatcher, Envelope, Row};
use super::{headers, limits};
use crate::contract::proto::google::rpc;
use crate::refusal::{self, Refusal};

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
        // As a stream, so that what is wrong with a message goes the way of every refusal: tonic would answer it by itself.
        let mut grpc = Grpc::new(BytesCodec).max_decoding_message_size(limits::LONGEST_MESSAGE);
        let mut response = grpc.client_streaming(call, request).await;
        // What tonic refuses nevertheless, such as a compression that it does not know, has not been to the dispatcher.
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

impl ClientStreamingService<Bytes> for GrpcCall {
    type Response = Bytes;
    type Future = BoxFuture<Response<Bytes>, Status>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let (metadata, _, messages) = request.into_parts();
        let (path, authority) = (std::mem::take(&mut self.path), std::mem::take(&mut self.authority));
        let envelope = Envelope { row: self.row, path, authority, headers: metadata.into_headers() };
        let dispatcher = self.dispatcher.clone();
        Box::pin(async move {
            let request = message(messages).await;
            let reply = dispatcher.call(envelope, request).await;
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

/// The one message of a call, if it is one and comes in time.
async fn message(mut messages: Streaming<Bytes>) -> Result<Bytes, Refusal> {
    let only = async {
        let message = messages.message().await?;
        let more = messages.message().await?;
        Ok(message.filter(|_| more.is_none()))
    };
    match tokio::time::timeout(limits::MESSAGE, only).await {
        Ok(Ok(Some(message))) => Ok(message),
        Ok(Ok(None)) => Err(refusal::request::not_one_message()),
        Ok(Err(status)) => Err(unframed(&status)),
        Err(_) => Err(refusal::request::slow_message(limits::MESSAGE)),
    }
}

/// What tonic finds wrong with how a message is framed.
fn unframed(status: &Status) -> Refusal {
    match status.code() {
        Code::OutOfRange => refusal::request::long_message(limits::LONGEST_MESSAGE),
        code => refusal::request::unframed(code, status.message()),
    }
}

/// A refusal as a gRPC status.
pub fn status(refusal: Refusal, headers: MetadataMap) -> Status {
    let whole = rpc::Status { code: refusal.code as i32, message: refusal.message, details: refusal.details };
    let details = if whole.details.is_empty() { Vec::new() } else { whole.encode_to_vec() };
    Status::with_details_and_metadata(refusal.code, whole.message, details.into(), headers)
}
