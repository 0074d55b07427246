//! The socket: opening it, serving on it, and letting go of it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;

use super::dispatch::Dispatcher;
use super::reflection::{ReflectionV1, ReflectionV1Alpha};
use super::services::{NoService, mount};
use crate::contract::METHODS;
use crate::universes::Universes;

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
    /// Serving came to an end by itself.
    #[error("cannot go on serving: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// A server that listens, and has yet to serve.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    universes: Arc<Universes>,
}

impl Server {
    /// Listens on an address, such as `127.0.0.1:7300`; port 0 finds a free one.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on: the port is taken, or there is no such host.
    pub async fn listen(address: &str, universes: Arc<Universes>) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Listen { address: address.to_owned(), source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, universes })
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` comes true, then lets the calls in flight end, for the time of `drain` at most.
    ///
    /// # Errors
    ///
    /// If serving comes to an end by itself.
    pub async fn serve(self, stop: impl Future<Output = ()>, drain: Duration) -> Result<(), ServerError> {
        let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
        let routes = routes(Dispatcher::new(self.universes)).await;
        // Set on the sockets themselves: tonic's builder sets it only on sockets of a listener that it opens. Without it
        // the first reply of a connection may wait 40 ms for an acknowledgement.
        let incoming = TcpIncoming::from(self.listener).with_nodelay(Some(true));
        let serving =
            tonic::transport::Server::builder().add_routes(routes).serve_with_incoming_shutdown(incoming, async {
                // Also when the sender is gone.
                _ = stopped.await;
            });
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = stop => {}
        }
        // The receiver may be gone if serving ended at this very moment.
        _ = stopping.send(());
        match tokio::time::timeout(drain, serving).await {
            Ok(ended) => Ok(ended?),
            // What has not ended by then is given up.
            Err(_) => Ok(()),
        }
    }
}

/// Every service on one set of routes, healthy from the start.
async fn routes(dispatcher: Dispatcher) -> Routes {
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut services: Vec<&str> = METHODS.iter().map(|method| method.service).collect();
    services.dedup();
    for service in services {
        reporter.set_service_status(service, ServingStatus::Serving).await;
    }
    let routes = Routes::new(health).add_service(ReflectionV1).add_service(ReflectionV1Alpha);
    let routes = mount(routes, dispatcher.clone());
    routes.into_axum_router().fallback_service(NoService(dispatcher)).into()
}
