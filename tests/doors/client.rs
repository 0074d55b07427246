//! Clients of every kind that the port takes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore, SupportedProtocolVersion};
use tonic::transport::{Channel, Endpoint};

use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;
use mdb_emulator::contract::proto::mdb::emulator::v1::clock_service_client::ClockServiceClient;

/// Longer than any answer takes on a busy machine.
pub const ANSWERED: Duration = Duration::from_secs(20);

pub async fn plain(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// What a client offers in its TLS handshake, and what it trusts.
pub struct Tls<'a> {
    pub authority: &'a str,
    pub name: &'a str,
    pub protocols: &'a [&'a str],
    pub versions: &'a [&'static SupportedProtocolVersion],
}

impl<'a> Tls<'a> {
    /// A client that trusts an authority.
    pub fn trusting(authority: &'a str) -> Self {
        Self { authority, name: "localhost", protocols: &["h2"], versions: ALL_VERSIONS }
    }

    pub fn of_name(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

    pub fn with_protocols(self, protocols: &'a [&'a str]) -> Self {
        Self { protocols, ..self }
    }

    pub async fn connect(&self, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        self.connect_on(plain(address).await).await
    }

    pub async fn connect_on(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = self.protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let name = ServerName::try_from(self.name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

/// A gRPC channel on one connection.
pub async fn channel<S>(stream: S) -> Channel
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stream = Some(stream);
    let connector = tower::service_fn(move |_| {
        let stream = stream.take().map(TokioIo::new);
        async move { stream.ok_or_else(|| io::Error::other("the connection is gone")) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await.unwrap()
}

/// Calls an RPC that every server answers.
pub async fn call(channel: Channel) -> Result<(), tonic::Status> {
    ClockServiceClient::new(channel).get(GetClockRequest::default()).await.map(|_| ())
}

/// Whether a server serves a client that comes anew.
pub async fn serves(address: SocketAddr) {
    let called = async { call(channel(plain(address).await).await).await };
    tokio::time::timeout(ANSWERED, called).await.expect("no answer").unwrap();
}

/// What HTTP answers.
#[derive(Debug)]
pub struct Answer {
    pub version: Version,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trailers: Option<HeaderMap>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    async fn of(response: hyper::Response<hyper::body::Incoming>) -> hyper::Result<Self> {
        let (head, body) = response.into_parts();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned();
        Ok(Self { version: head.version, status: head.status, headers: head.headers, body: body.to_bytes(), trailers })
    }
}

pub fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).header("host", "localhost").body(Full::default()).unwrap()
}

/// Sends requests one after the other on one connection of HTTP/1.1.
pub async fn http1<S>(stream: S, requests: Vec<Request<Full<Bytes>>>) -> hyper::Result<Vec<Answer>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut answers = Vec::new();
    for request in requests {
        sender.ready().await?;
        answers.push(Answer::of(sender.send_request(request).await?).await?);
    }
    Ok(answers)
}

/// The same of HTTP/2; paths become URIs.
pub async fn http2<S>(stream: S, requests: Vec<Request<Full<Bytes>>>) -> hyper::Result<Vec<Answer>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut answers = Vec::new();
    for mut request in requests {
        request.headers_mut().remove("host");
        *request.uri_mut() = format!("http://localhost{}", request.uri()).parse().unwrap();
        sender.ready().await?;
        answers.push(Answer::of(sender.send_request(request).await?).await?);
    }
    Ok(answers)
}

/// Everything that comes until the other side closes, which it must do soon.
pub async fn to_the_end(mut stream: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut received = Vec::new();
    let reading = stream.read_to_end(&mut received);
    match tokio::time::timeout(ANSWERED, reading).await.expect("it stays open") {
        // What was sent and not read makes a closed connection a reset one.
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => panic!("{error}"),
        _ => received,
    }
}
