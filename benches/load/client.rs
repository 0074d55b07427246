//! The load: calls whose messages are bytes on both sides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, Bytes};
use tokio::task::JoinSet;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// The request of the call of a number.
pub type Body = Arc<dyn Fn(usize) -> Bytes + Send + Sync>;

/// Connections to one server.
pub struct Client {
    connections: Vec<Grpc<Channel>>,
}

impl Client {
    /// Opens so many connections.
    pub async fn connect(address: SocketAddr, count: usize) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address makes a URI");
        let mut connections = Vec::new();
        for _ in 0..count {
            let channel = endpoint.clone().tcp_nodelay(true).connect().await;
            connections.push(Grpc::new(channel.expect("the server listens")));
        }
        Self { connections }
    }

    /// One call, which must succeed.
    pub async fn call(&self, rpc: &str, body: Bytes) -> Bytes {
        call(&mut self.connections[0].clone(), path(rpc), body).await
    }

    /// As many calls as can be made in a while, so many at once on each connection, with the requests of the numbers
    /// from `first` on. Returns how many were made, and how long they took.
    pub async fn drive(
        &self,
        rpc: &str,
        body: &Body,
        first: usize,
        streams: usize,
        length: Duration,
    ) -> (usize, Duration) {
        let started = Instant::now();
        let next = Arc::new(AtomicUsize::new(first));
        let mut streaming = JoinSet::new();
        for connection in self.connections.iter().flat_map(|connection| std::iter::repeat_n(connection, streams)) {
            let (mut connection, next, path, body) = (connection.clone(), next.clone(), path(rpc), body.clone());
            streaming.spawn(async move {
                while started.elapsed() < length {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    call(&mut connection, path.clone(), body(number)).await;
                }
            });
        }
        while let Some(ended) = streaming.join_next().await {
            ended.expect("every call succeeds");
        }
        (next.load(Ordering::Relaxed) - first, started.elapsed())
    }
}

fn path(rpc: &str) -> PathAndQuery {
    format!("/yandex.cloud.mdb.redis.v1.ClusterService/{rpc}").parse().expect("an RPC's name makes a path")
}

async fn call(connection: &mut Grpc<Channel>, path: PathAndQuery, body: Bytes) -> Bytes {
    connection.ready().await.expect("the connection holds");
    let reply = connection.unary(Request::new(body), path, BytesCodec).await;
    reply.expect("every call succeeds").into_inner()
}

/// Leaves messages as they are on the wire.
#[derive(Clone, Copy)]
struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put(item);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(source.copy_to_bytes(source.remaining())))
    }
}
