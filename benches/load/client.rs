//! The load: calls whose messages are bytes on both sides.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, Bytes};
use prost::Message;
use tokio::task::JoinSet;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// A call of an RPC.
#[derive(Clone)]
pub struct Call {
    path: PathAndQuery,
    body: Bytes,
}

impl Call {
    /// A call of a Redis cluster's RPC with this message.
    pub fn new(rpc: &str, message: &impl Message) -> Self {
        let path = format!("/yandex.cloud.mdb.redis.v1.ClusterService/{rpc}");
        Self { path: path.parse().expect("an RPC's name makes a path"), body: message.encode_to_vec().into() }
    }
}

/// The call of a number.
pub type Calls = Arc<dyn Fn(usize) -> Call + Send + Sync>;

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
    pub async fn call(&self, call: Call) -> Bytes {
        made(&mut self.connections[0].clone(), call).await
    }

    /// The calls of all numbers below `end`, so many at once on each connection.
    pub async fn make(&self, calls: &Calls, end: usize, streams: usize) {
        self.run(calls, 0, streams, move |number| number < end).await;
    }

    /// As many calls as can be made in a while, so many at once on each connection, of the numbers from `first` on.
    /// Returns how many were made, and how long they took.
    pub async fn drive(&self, calls: &Calls, first: usize, streams: usize, length: Duration) -> (usize, Duration) {
        let started = Instant::now();
        let end = self.run(calls, first, streams, move |_| started.elapsed() < length).await;
        (end - first, started.elapsed())
    }

    /// Calls for as long as `goes_on` says, and returns the first number that was not taken.
    async fn run(
        &self,
        calls: &Calls,
        first: usize,
        streams: usize,
        goes_on: impl Fn(usize) -> bool + Copy + Send + 'static,
    ) -> usize {
        let next = Arc::new(AtomicUsize::new(first));
        let mut streaming = JoinSet::new();
        for connection in self.connections.iter().flat_map(|connection| std::iter::repeat_n(connection, streams)) {
            let (mut connection, next, calls) = (connection.clone(), next.clone(), calls.clone());
            streaming.spawn(async move {
                while goes_on(next.load(Ordering::Relaxed)) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    made(&mut connection, calls(number)).await;
                }
            });
        }
        while let Some(ended) = streaming.join_next().await {
            ended.expect("every call succeeds");
        }
        next.load(Ordering::Relaxed)
    }
}

async fn made(connection: &mut Grpc<Channel>, call: Call) -> Bytes {
    connection.ready().await.expect("the connection holds");
    let reply = connection.unary(Request::new(call.body), call.path, BytesCodec).await;
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
