//! A client of one connection, for the commands that speak to a running server.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::Status;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_prost::ProstCodec;

use super::verifier::Verifier;
use crate::contract::proto::mdb::emulator::v1::{ListUniversesRequest, ListUniversesResponse};
use crate::contract::proto::yandex::cloud::iam::v1::create_iam_token_request::Identity;
use crate::contract::proto::yandex::cloud::iam::v1::{CreateIamTokenRequest, CreateIamTokenResponse};
use crate::contract::proto::yandex::cloud::resourcemanager::v1::{ListFoldersRequest, ListFoldersResponse};
use crate::identity::ControlToken;

type Failure = Box<dyn Error + Send + Sync>;

/// How long to wait before a server is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// What a connection is made over.
#[derive(Clone)]
pub enum Security {
    /// As it is.
    Plaintext,
    /// TLS.
    Tls(Arc<ClientConfig>),
}

impl Security {
    /// TLS with a server that one of these certificates, in PEM, vouches for: its own, or that of its authority.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn trusting(certificates: &[u8]) -> Result<Self, Failure> {
        Self::over(Verifier::trusting(certificates)?)
    }

    /// TLS with whoever answers. Nothing may be sent or believed that matters.
    ///
    /// # Errors
    ///
    /// If TLS cannot be spoken at all.
    pub fn trusting_anyone() -> Result<Self, Failure> {
        Self::over(Verifier::trusting_anyone())
    }

    fn over(verifier: Verifier) -> Result<Self, Failure> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let mut config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self::Tls(Arc::new(config)))
    }
}

/// A connection to a server.
///
/// It is opened here rather than by the library: that trusts authorities alone, and these commands may trust a server's own certificate,
/// or whoever answers. And once it has ended, it is not to be opened again behind their backs.
#[derive(Clone)]
pub struct Connection(Channel);

impl Connection {
    /// Opens a connection to `HOST:PORT`.
    ///
    /// # Errors
    ///
    /// If nothing listens there, or what does speaks something else.
    pub async fn open(address: &str, security: &Security) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        match security {
            Security::Plaintext => Self::over(stream, format!("http://{address}")).await,
            Security::Tls(config) => {
                let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
                let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())?;
                let stream = TlsConnector::from(config.clone()).connect(name, stream).await?;
                Self::over(stream, format!("https://{address}")).await
            }
        }
    }

    async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        origin: String,
    ) -> Result<Self, Failure> {
        let mut stream = Some(TokioIo::new(stream));
        let once = tower::service_fn(move |_| {
            let stream = stream.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected));
            std::future::ready(stream)
        });
        Ok(Self(Endpoint::from_shared(origin)?.connect_with_connector(once).await?))
    }

    /// Asks the server whether it serves.
    ///
    /// # Errors
    ///
    /// If it does not say so.
    pub async fn check(&self) -> Result<(), Failure> {
        let mut health = HealthClient::new(self.0.clone());
        match health.check(HealthCheckRequest::default()).await?.into_inner().status() {
            ServingStatus::Serving => Ok(()),
            status => Err(format!("it says {}", status.as_str_name()).into()),
        }
    }

    /// Gets a token for an OAuth token.
    ///
    /// # Errors
    ///
    /// If the server gives none.
    pub async fn token(&self, oauth: &str) -> Result<String, Failure> {
        let identity = Some(Identity::YandexPassportOauthToken(oauth.to_owned()));
        let request = CreateIamTokenRequest { identity };
        let path = "/yandex.cloud.iam.v1.IamTokenService/Create";
        let reply: CreateIamTokenResponse = self.call(path, request, None).await?;
        Ok(reply.iam_token)
    }

    /// The ids of the folders of a cloud: of the first ones, if there are many.
    ///
    /// # Errors
    ///
    /// If the server does not tell.
    pub async fn folders(&self, cloud: &str, token: &str) -> Result<Vec<String>, Failure> {
        let request = ListFoldersRequest { cloud_id: cloud.to_owned(), page_size: 1000, ..Default::default() };
        let path = "/yandex.cloud.resourcemanager.v1.FolderService/List";
        let reply: ListFoldersResponse = self.call(path, request, Some(token)).await?;
        Ok(reply.folders.into_iter().map(|folder| folder.id).collect())
    }

    /// Shows the server a token for its control API.
    ///
    /// # Errors
    ///
    /// If the server does not take it.
    pub async fn show_control_token(&self, token: &ControlToken) -> Result<(), Failure> {
        let path = "/mdb.emulator.v1.UniverseService/List";
        let request = ListUniversesRequest { page_size: 1, ..Default::default() };
        let _: ListUniversesResponse = self.call(path, request, Some(token.as_str())).await?;
        Ok(())
    }

    async fn call<Q, P>(&self, path: &'static str, request: Q, token: Option<&str>) -> Result<P, Status>
    where
        Q: Message + 'static,
        P: Message + Default + 'static,
    {
        let mut client = Grpc::new(self.0.clone());
        client.ready().await.map_err(|error| Status::from_error(error.into()))?;
        let mut request = tonic::Request::new(request);
        if let Some(token) = token {
            let bearer = format!("Bearer {token}").parse();
            request
                .metadata_mut()
                .insert("authorization", bearer.map_err(|_| Status::internal("the token is no header"))?);
        }
        let codec = ProstCodec::default();
        Ok(client.unary(request, PathAndQuery::from_static(path), codec).await?.into_inner())
    }
}

/// The outcome of a question to a server, which has so long to answer.
///
/// # Errors
///
/// If the asking fails, or takes longer.
pub fn within<T>(length: Duration, asking: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async { tokio::time::timeout(length, asking).await });
    // Looking up a name may go on for longer, but the answer is there.
    runtime.shutdown_background();
    answer.unwrap_or_else(|_| Err(format!("no answer within {}", humantime::format_duration(length)).into()))
}

/// Asks a server again and again until it answers well or the time is up. In that case it returns what went wrong last.
///
/// # Errors
///
/// If it never goes well.
pub fn patiently<T>(length: Duration, ask: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut problem = None;
    let asking = async {
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => problem = Some(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    within(length, asking).map_err(|late| problem.unwrap_or(late))
}

/// What went wrong, with its reasons: errors of libraries often keep these to themselves.
pub fn reasons(error: &(dyn Error + 'static)) -> String {
    let mut reasons: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let reason = match error.downcast_ref::<tonic::Status>() {
            Some(status) => status.message().to_owned(),
            None => error.to_string(),
        };
        if !reasons.iter().any(|said| said.contains(&reason)) {
            reasons.push(reason);
        }
        next = error.source();
    }
    reasons.join(": ")
}

/// Whether an attempt found nobody listening: to try another protocol is no use then.
pub fn is_nobody(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}
