//! Clients that keep the server waiting, and how long it does. Time jumps where nothing else would happen, so these tests are quick.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::{Ping, RecvStream};
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use mdb_emulator::Options;
use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;
use mdb_emulator::server::{Server, TlsOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time;

use crate::client::{ANSWERED, Tls, plain};
use crate::grpc_web::framed;

/// How long to look whether something happens.
const LOOK: Duration = Duration::from_millis(100);

/// What a client of HTTP/2 begins with.
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

async fn listen() -> Server {
    let universes = Arc::new(Options::default().universes());
    Server::listen("127.0.0.1:0", &TlsOptions::default(), universes).await.unwrap()
}

/// A server on this test's own runtime, and its authority.
pub async fn start() -> (SocketAddr, String) {
    let server = listen().await;
    let started = (server.address(), server.ca_certificate().unwrap().to_owned());
    tokio::spawn(server.serve(std::future::pending(), Duration::ZERO));
    started
}

/// A server that stops once its stop is dropped, and lets calls end for so long.
async fn start_to_stop(drain: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let server = listen().await;
    let (stop, stopped) = oneshot::channel();
    (server.address(), stop, tokio::spawn(server.serve(async { _ = stopped.await }, drain)))
}

/// Lets seconds pass at once.
pub async fn jump(seconds: u64) {
    time::pause();
    time::advance(Duration::from_secs(seconds)).await;
    time::resume();
}

/// Waits for what must not be long before so many seconds have passed, but must soon after.
pub async fn after<T>(seconds: u64, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    assert!(time::timeout(2 * LOOK, &mut work).await.is_err(), "at once");
    // The server may have begun to count earlier or later than this test, on a busy machine.
    let most = seconds * 3 / 4;
    jump(most).await;
    assert!(time::timeout(LOOK, &mut work).await.is_err(), "before {seconds} s");
    for _ in most..seconds + 5 {
        jump(1).await;
        if let Ok(done) = time::timeout(LOOK / 4, &mut work).await {
            return done;
        }
    }
    time::timeout(ANSWERED, work).await.unwrap_or_else(|_| panic!("not after {seconds} s"))
}

/// Until the server closes. What was sent and not read makes a closed connection a reset one, and one of TLS is cut off.
pub async fn closed(mut stream: impl AsyncRead + Unpin) {
    while !matches!(stream.read(&mut [0; 1024]).await, Ok(0) | Err(_)) {}
}

#[tokio::test]
async fn a_client_that_does_not_begin_is_left_after_10_seconds() {
    let (address, authority) = start().await;
    for beginning in [b"".as_slice(), &[0x16], &[0x16, 3, 1, 2, 0, 1, 0, 1], b"PRI * HTTP/2.0\r\n"] {
        let mut stream = plain(address).await;
        stream.write_all(beginning).await.unwrap();
        after(10, closed(stream)).await;
    }
    for beginning in [b"".as_slice(), b"PRI * HT"] {
        let mut stream = Tls::trusting(&authority).connect(address).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        after(10, closed(stream)).await;
    }
}

#[tokio::test]
async fn the_head_of_a_request_may_take_30_seconds_however_it_drips() {
    let (address, _) = start().await;
    let (reading, mut writing) = tokio::io::split(plain(address).await);
    let dripping = tokio::spawn(async move {
        writing.write_all(b"GET / HTTP/1.1\r\nx-slow: ").await.unwrap();
        // Until the server has closed.
        while writing.write_all(b"x").await.is_ok() {
            time::sleep(LOOK / 4).await;
        }
    });
    after(30, closed(reading)).await;
    dripping.await.unwrap();
}

#[tokio::test]
async fn a_connection_of_http_1_may_be_idle_for_30_seconds() {
    let (address, _) = start().await;
    let mut stream = plain(address).await;
    for _ in 0..3 {
        stream.write_all(b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
        jump(28).await;
    }
    stream.write_all(b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    after(30, closed(stream)).await;
}

/// Reads frames until one of a type comes.
async fn frame(stream: &mut TcpStream, wanted: u8) -> [u8; 8] {
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await.unwrap();
        if head[3] == wanted {
            return payload.try_into().unwrap();
        }
    }
}

#[tokio::test]
async fn an_idle_client_of_http_2_stays_for_as_long_as_it_answers_pings() {
    const PING: u8 = 6;
    let (address, _) = start().await;
    let mut stream = plain(address).await;
    stream.write_all(HTTP_2).await.unwrap();
    for _ in 0..5 {
        let asked = after(60, frame(&mut stream, PING)).await;
        stream.write_all(&[b"\0\0\x08\x06\x01\0\0\0\0".as_slice(), &asked].concat()).await.unwrap();
        // So that the server has taken the answer before time goes on.
        stream.write_all(b"\0\0\x08\x06\0\0\0\0\0mine....").await.unwrap();
        assert_eq!(&frame(&mut stream, PING).await, b"mine....");
    }
    after(60, frame(&mut stream, PING)).await;
    after(20, closed(stream)).await;
}

/// A call whose message is still to come.
pub fn clock() -> Request<()> {
    let request = Request::post("http://localhost/mdb.emulator.v1.ClockService/Get").header("te", "trailers");
    request.header("content-type", "application/grpc").body(()).unwrap()
}

async fn grpc_status(answer: Response<RecvStream>) -> HeaderValue {
    let mut body = answer.into_body();
    while body.data().await.is_some() {}
    body.trailers().await.unwrap().unwrap().remove("grpc-status").unwrap()
}

#[tokio::test]
async fn a_message_may_take_a_minute() {
    let (address, _) = start().await;
    let (mut sender, connection) = h2::client::handshake(plain(address).await).await.unwrap();
    tokio::spawn(connection);
    let (never, mut body) = sender.send_request(clock(), false).unwrap();
    body.send_data(Bytes::from_static(&[0, 0, 0, 1]), false).unwrap();
    let answer = after(60, never).await.unwrap();
    assert_eq!(answer.headers()["grpc-status"], "4");
    assert!(answer.headers()["grpc-message"].to_str().unwrap().contains("within%2060%20seconds"), "{answer:?}");

    let (late, mut body) = sender.send_request(clock(), false).unwrap();
    time::sleep(LOOK).await;
    jump(50).await;
    body.send_data(framed(&GetClockRequest::default()).into(), true).unwrap();
    assert_eq!(grpc_status(late.await.unwrap()).await, "0");
}

#[tokio::test]
async fn a_server_that_stops_takes_no_more_connections_and_lets_calls_end_for_a_while() {
    let (address, stop, serving) = start_to_stop(Duration::from_secs(5)).await;
    let (mut sender, mut connection) = h2::client::handshake(plain(address).await).await.unwrap();
    let mut pings = connection.ping_pong().unwrap();
    tokio::spawn(connection);
    let (late, mut body) = sender.send_request(clock(), false).unwrap();
    let (_never, _body) = sender.send_request(clock(), false).unwrap();
    // By the answer the server has both calls.
    pings.ping(Ping::opaque()).await.unwrap();
    drop(stop);
    // Until the listener is gone, which is soon.
    while TcpStream::connect(address).await.is_ok() {
        time::sleep(LOOK / 10).await;
    }
    body.send_data(framed(&GetClockRequest::default()).into(), true).unwrap();
    assert_eq!(grpc_status(late.await.unwrap()).await, "0");
    after(5, serving).await.unwrap();
}

#[tokio::test]
async fn a_body_of_rest_may_take_a_minute() {
    let (address, _) = start().await;
    let (mut reading, mut writing) = tokio::io::split(plain(address).await);
    let head = b"POST /managed-redis/v1/clusters HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999999\r\n\r\n";
    writing.write_all(head).await.unwrap();
    let dripping = tokio::spawn(async move {
        while writing.write_all(b" ").await.is_ok() {
            time::sleep(LOOK / 4).await;
        }
    });
    let mut answer = [0; 12];
    after(60, reading.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    closed(reading).await;
    dripping.await.unwrap();
}

/// A connection whose client has all of its answer, and is not through with what it has to send.
async fn answered(address: SocketAddr) -> TcpStream {
    let mut stream = plain(address).await;
    let head = b"POST /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 404"), "{answer:?}");
    stream
}

#[tokio::test]
async fn a_client_that_has_its_answer_may_go_on_for_5_seconds_and_64_mebibytes() {
    let (address, _) = start().await;
    let mut slow = answered(address).await;
    after(5, async {
        while slow.write_all(b" ").await.is_ok() {
            time::sleep(LOOK / 4).await;
        }
    })
    .await;
    let mut quick = answered(address).await;
    assert!(quick.write_all(&vec![b' '; 80 << 20]).await.is_err());
}

#[tokio::test]
async fn a_client_that_does_not_close_holds_up_no_stop() {
    let (address, stop, serving) = start_to_stop(Duration::from_hours(1)).await;
    let _lingering = answered(address).await;
    // From here on time passes only if there is nothing to do but to wait for it.
    time::pause();
    let began = time::Instant::now();
    drop(stop);
    serving.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// A connection that soon has no room for what is not read.
async fn narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address).await.unwrap()
}

/// Sends requests and reads no reply, until the server takes no more, and on until it closes.
async fn takes_nothing(mut stream: impl AsyncWrite + Unpin, request: &[u8]) {
    let mut full = false;
    while !full {
        full = time::timeout(10 * LOOK, stream.write_all(request)).await.is_err();
    }
    after(60, async move { while stream.write_all(request).await.is_ok() {} }).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_left_after_a_minute() {
    let (address, authority) = start().await;
    let request = b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n";
    takes_nothing(narrow(address).await, request).await;
    let tls = Tls::trusting(&authority).with_protocols(&["http/1.1"]);
    takes_nothing(tls.connect_on(narrow(address).await).await.unwrap(), request).await;
    let mut stream = narrow(address).await;
    stream.write_all(HTTP_2).await.unwrap();
    takes_nothing(stream, b"\0\0\x08\x06\0\0\0\0\0pinging.").await;
}
