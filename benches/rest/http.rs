//! The load of REST, over HTTP/2 and HTTP/1.1: calls whose answers are read to their end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A call: a verb, the target, and a body or nothing.
#[derive(Clone)]
pub struct Call {
    verb: &'static str,
    target: Arc<str>,
    body: Bytes,
}

impl Call {
    pub fn new(verb: &'static str, target: &str, body: impl Into<Bytes>) -> Self {
        Self { verb, target: target.into(), body: body.into() }
    }
}

/// The call of a number.
pub type Calls = Arc<dyn Fn(usize) -> Call + Send + Sync>;

/// Connections of HTTP/2.
pub struct Http2 {
    address: SocketAddr,
    connections: Vec<SendRequest<Full<Bytes>>>,
}

impl Http2 {
    /// Opens so many.
    pub async fn connect(address: SocketAddr, count: usize) -> Self {
        let mut connections = Vec::new();
        for _ in 0..count {
            let (sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(open(address).await))
                    .await
                    .expect("the server speaks HTTP/2");
            tokio::spawn(connection);
            connections.push(sender);
        }
        Self { address, connections }
    }

    /// As many calls as can be made in a while, so many at once on each connection. Returns how many.
    pub async fn drive(&self, calls: &Calls, first: usize, streams: usize, length: Duration) -> usize {
        let started = Instant::now();
        let next = Arc::new(AtomicUsize::new(first));
        let mut streaming = JoinSet::new();
        for connection in self.connections.iter().flat_map(|connection| std::iter::repeat_n(connection, streams)) {
            let (mut connection, next, calls, address) =
                (connection.clone(), next.clone(), calls.clone(), self.address);
            streaming.spawn(async move {
                while started.elapsed() < length {
                    let call = calls(next.fetch_add(1, Ordering::Relaxed));
                    let request = hyper::Request::builder()
                        .method(call.verb)
                        .uri(format!("http://{address}{}", call.target))
                        .body(Full::from(call.body))
                        .expect("a call is a request");
                    let answer = connection.send_request(request).await.expect("every call is answered");
                    assert_eq!(answer.status(), 200);
                    answer.collect().await.expect("every answer ends");
                }
            });
        }
        while let Some(ended) = streaming.join_next().await {
            ended.expect("every call succeeds");
        }
        next.load(Ordering::Relaxed) - first
    }
}

/// The same over so many connections of HTTP/1.1.
pub async fn drive(address: SocketAddr, calls: &Calls, first: usize, connections: usize, length: Duration) -> usize {
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(open(address).await);
    }
    let started = Instant::now();
    let next = Arc::new(AtomicUsize::new(first));
    let mut driving = JoinSet::new();
    for mut connection in opened {
        let (next, calls) = (next.clone(), calls.clone());
        driving.spawn(async move {
            let mut answer = vec![0; 1 << 20];
            while started.elapsed() < length {
                let call = calls(next.fetch_add(1, Ordering::Relaxed));
                let length = call.body.len();
                let (verb, target) = (call.verb, call.target);
                let head = format!("{verb} {target} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n");
                let request = [head.as_bytes(), &call.body].concat();
                connection.write_all(&request).await.expect("the connection holds");
                let mut length = 0;
                while !is_whole(&answer[..length]) {
                    length += connection.read(&mut answer[length..]).await.expect("every call is answered");
                }
                assert!(answer.starts_with(b"HTTP/1.1 200 "));
            }
        });
    }
    while let Some(ended) = driving.join_next().await {
        ended.expect("every call succeeds");
    }
    next.load(Ordering::Relaxed) - first
}

async fn open(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a socket can be told to");
    stream
}

/// Whether an answer is there with its whole body.
fn is_whole(answer: &[u8]) -> bool {
    const LENGTH: &[u8] = b"content-length: ";
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = &answer[..end];
    let length =
        head.windows(LENGTH.len()).position(|bytes| bytes == LENGTH).map_or(&[][..], |at| &head[at + LENGTH.len()..]);
    let digits = length.iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    answer.len() >= end + 4 + length
}
