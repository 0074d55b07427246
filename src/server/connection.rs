//! One connection: telling TLS from plaintext, speaking HTTP/2 or HTTP/1.1 on it, and ending it.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::sync::Arc;

use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::body::Body;
use tonic::codegen::BoxFuture;
use tonic::codegen::http::{Request, Response};

use super::budget::{Budget, Counting};
use super::front::{Fronts, TlsRequired};
use super::limits;
use super::prompt::Prompt;
use super::tls::Tls;
use super::unread::{Draining, Lent};
use super::wire::{Stream, Wire};
use crate::handlers::Connection;

/// What a connection of TLS begins with: the type of a handshake's record.
const TLS_HANDSHAKE: u8 = 0x16;

/// How connections are served.
pub struct Connections {
    fronts: Fronts,
    tls: Tls,
    stopped: watch::Receiver<()>,
}

impl Connections {
    /// Connections that are served until the sender of `stopped` is gone.
    pub fn new(fronts: Fronts, tls: Tls, stopped: watch::Receiver<()>) -> Self {
        Self { fronts, tls, stopped }
    }

    /// Serves one connection to its end.
    pub async fn serve(&self, socket: TcpStream) {
        // Without it the first reply of a connection may wait 40 ms for an acknowledgement. A connection that is gone already
        // shows that in what follows.
        _ = socket.set_nodelay(true);
        let Ok(address) = socket.local_addr() else { return };
        let Some(wire) = self.unless_stopped(self.wire(socket)).await.flatten() else { return };
        match wire {
            Wire::Plain(_) if !self.tls.plaintext => self.speak(wire, |_| TlsRequired).await,
            wire => {
                let connection = Connection { secure: matches!(wire, Wire::Tls(_)), address };
                self.speak(wire, |budget| self.fronts.of(connection, budget)).await;
            }
        }
    }

    /// Finds out whether the client speaks TLS, and shakes hands if it does. None if the connection is of no use.
    async fn wire(&self, socket: TcpStream) -> Option<Wire> {
        let mut first = [0];
        let length = timeout(limits::BEGINNING, socket.peek(&mut first)).await.ok()?.ok()?;
        if length == 0 {
            return None;
        }
        if first != [TLS_HANDSHAKE] {
            return Some(Wire::Plain(socket));
        }
        let handshake = self.tls.acceptor.as_ref()?.accept(socket);
        let stream = match timeout(limits::BEGINNING, handshake).await.ok()? {
            Ok(stream) => stream,
            Err(error) => {
                // Most often a client that does not trust the certificate, whose user wonders why.
                tracing::debug!("a TLS handshake failed: {error}");
                return None;
            }
        };
        Some(Wire::Tls(Box::new(stream)))
    }

    /// Speaks HTTP until either side has had enough; once stopped, until the calls in flight have ended.
    async fn speak<S>(&self, wire: Wire, service: impl FnOnce(&Arc<Budget>) -> S)
    where
        S: Service<
                Request<Lent>,
                Response = Response<Body>,
                Error = Infallible,
                Future = BoxFuture<Response<Body>, Infallible>,
            >,
    {
        let stream = TokioIo::new(Stream::new(wire, self.stopped.clone()));
        let budget = Arc::new(Budget::default());
        let service = Counting::new(Draining(service(&budget)), budget.clone());
        let prompt = Prompt::default();
        let http = http(prompt.clone());
        let mut connection = std::pin::pin!(http.serve_connection(stream, service));
        let spoken = async {
            match self.unless_stopped(poll_fn(|context| prompt.poll(&mut connection, context))).await {
                Some(ended) => ended,
                None => {
                    connection.as_mut().graceful_shutdown();
                    poll_fn(|context| prompt.poll(&mut connection, context)).await
                }
            }
        };
        tokio::select! {
            ended = spoken => {
                if let Err(error) = ended {
                    tracing::debug!("a connection ended: {error}");
                }
            }
            () = budget.stalled() => tracing::debug!("a connection ended: nothing of what is owed is taken"),
        }
    }

    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            done = work => Some(done),
            // Nothing is ever sent here: the channel only ends.
            _ = stopped.changed() => None,
        }
    }
}

/// The settings of HTTP, for a connection whose calls are carried out by `prompt`.
fn http(prompt: Prompt) -> auto::Builder<Prompt> {
    let mut http = auto::Builder::new(prompt);
    http.http1().timer(TokioTimer::new()).header_read_timeout(limits::HEAD).max_buf_size(limits::LARGEST_HEAD as usize);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits::PING)
        .keep_alive_timeout(limits::PONG)
        .max_concurrent_streams(limits::MOST_CALLS)
        .max_header_list_size(limits::LARGEST_HEAD);
    http
}
