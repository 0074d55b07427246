//! The socket: opening it, taking connections on it, and letting go of it. One connection's way is in [`super::connection`].

use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::connection::Connections;
use super::front::Fronts;
use super::limits;
use super::origin::AllowedOrigin;
use super::tls::{Tls, TlsError, TlsOptions};
use crate::identity::ControlToken;
use crate::worlds::Universes;

/// How many of the process's open files are reserved for other things than connections.
const OTHER_FILES: u64 = 64;

/// How long to wait after accepting a connection has failed, so that the machine can recover.
const RECOVERY: Duration = Duration::from_millis(100);

/// One of so many connections that are not served is logged.
const LOGGED: u64 = 1000;

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// It cannot speak TLS as it is told to.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A server that listens, and has yet to serve.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Tls,
    universes: Arc<Universes>,
    control_token: Option<ControlToken>,
    allowed_origins: Vec<AllowedOrigin>,
}

impl Server {
    /// Listens on an address, such as `127.0.0.1:7300`; port 0 finds a free one.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on (the port is taken, or there is no such host), or TLS cannot be spoken as the options ask.
    pub async fn listen(address: &str, tls: &TlsOptions, universes: Arc<Universes>) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Listen { address: address.to_owned(), source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host.trim_matches(['[', ']']));
        let address = listener.local_addr().map_err(failed)?;
        let tls = Tls::new(tls, host, address)?;
        Ok(Self { listener, address, tls, universes, control_token: None, allowed_origins: Vec::new() })
    }

    /// The same server, whose control API needs this token. Otherwise it needs none.
    #[must_use]
    pub fn with_control_token(self, token: ControlToken) -> Self {
        Self { control_token: Some(token), ..self }
    }

    /// The same server, which pages of these origins may call. Otherwise those of its own origin may alone.
    #[must_use]
    pub fn with_allowed_origins(self, origins: &[AllowedOrigin]) -> Self {
        Self { allowed_origins: origins.to_owned(), ..self }
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the authority that this server made for itself, in PEM form; none without TLS and with the user's own
    /// certificate.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.tls.ca.as_deref()
    }

    /// Serves until `stop` comes true, then lets the calls in flight end, for the time of `drain` at most.
    pub async fn serve(self, stop: impl Future<Output = ()>, drain: Duration) {
        let fronts =
            Fronts::new(self.universes.clone(), self.control_token, &self.tls.names, &self.allowed_origins).await;
        let (stopping, stopped) = watch::channel(());
        let connections = Arc::new(Connections::new(fronts, self.tls, stopped));
        let most = most_connections();
        let places = Arc::new(Semaphore::new(most as usize));
        tokio::select! {
            () = accept(self.listener, connections, places.clone(), most) => {}
            () = stop => {}
        }
        drop(stopping);
        self.universes.stop();
        // What has not ended by then is given up. The semaphore is never closed.
        _ = timeout(drain, places.acquire_many(most)).await;
    }
}

/// How many connections there may be at once.
fn most_connections() -> u32 {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    u32::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(u32::MAX).clamp(1, limits::MOST_CONNECTIONS)
}

/// Takes connections, for as long as it is let.
async fn accept(listener: TcpListener, connections: Arc<Connections>, places: Arc<Semaphore>, most: u32) {
    let (mut failures, mut turned_away) = (Tally(0), Tally(0));
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            // The client has closed it already.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => continue,
            Err(error) => {
                failures.count(|number| tracing::warn!("cannot take a connection, for the {number}. time: {error}"));
                sleep(RECOVERY).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            turned_away.count(|number| {
                tracing::warn!("{most} connections are open, which is the most; closed at once so far: {number}");
            });
            continue;
        };
        let connections = connections.clone();
        tokio::spawn(async move {
            connections.serve(socket).await;
            drop(place);
        });
    }
}

/// Counts something that may happen too often to be logged each time.
struct Tally(u64);

impl Tally {
    fn count(&mut self, log: impl FnOnce(u64)) {
        if self.0.is_multiple_of(LOGGED) {
            log(self.0 + 1);
        }
        self.0 += 1;
    }
}
