//! The server inside a Rust program, for tests.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::identity::ControlToken;
use crate::options::Options;
use crate::server::ServerError;
use crate::worlds::Universes;

/// A running server on a port of its own. Dropping it stops it.
///
/// ```
/// let emulator = mdb_emulator::Emulator::start()?;
/// println!("grpcurl -plaintext {} list", emulator.address());
/// # Ok::<(), mdb_emulator::StartError>(())
/// ```
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    ca_certificate: Option<String>,
    control_token: ControlToken,
    universes: Arc<Universes>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It could not listen.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It could not get threads.
    #[error("cannot start the server's threads: {0}")]
    Threads(#[from] std::io::Error),
    /// It ended before it listened.
    #[error("the server ended before it listened")]
    Ended,
}

impl Emulator {
    /// Starts an empty emulator on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// If the machine has no port or threads left.
    pub fn start() -> Result<Self, StartError> {
        Self::start_with(&Options::default())
    }

    /// Starts an emulator with options. When this returns, calls are answered.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on, or the machine has no threads left.
    pub fn start_with(options: &Options) -> Result<Self, StartError> {
        let universes = Arc::new(options.universes());
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let control_token = options.control_token.clone();
        let (options, served) = (options.clone(), universes.clone());
        // All of it on a thread of its own: whoever calls may be inside a runtime already.
        let thread = std::thread::Builder::new().name("mdb-emulator".into()).spawn(move || {
            let outcome = run(&options, served, &started, stopped);
            if let Err(error) = outcome {
                // Nobody waits any more if it had started.
                _ = started.send(Err(error));
            }
        })?;
        let (address, ca_certificate) = starting.recv().unwrap_or(Err(StartError::Ended))?;
        Ok(Self { address, ca_certificate, control_token, universes, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate that TLS clients need to trust this server, in PEM form: that of the authority that it made for itself at
    /// its start. None if the options turn TLS off or bring a certificate of their own.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca_certificate.as_deref()
    }

    /// The token that calls of the control API need, in the header `authorization: Bearer <token>`, if the options ask for tokens. It
    /// never expires, and is good for nothing else.
    pub fn control_token(&self) -> &str {
        self.control_token.as_str()
    }

    /// Its universes, to look into them or change them without a call.
    pub fn universes(&self) -> &Arc<Universes> {
        &self.universes
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself.
            _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// Where a server listens, and the certificate of its authority.
type Started = (SocketAddr, Option<String>);

/// Serves on a runtime of its own until told to stop; says where as soon as it listens.
fn run(
    options: &Options,
    universes: Arc<Universes>,
    started: &mpsc::Sender<Result<Started, StartError>>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let served = runtime.block_on(async {
        let server = options.server(universes).await?;
        // The other side waits for this.
        _ = started.send(Ok((server.address(), server.ca_certificate().map(str::to_owned))));
        let stop = async {
            // Also when the emulator is gone without a word.
            _ = stopped.await;
        };
        // A client of the same test may not get to close its connection before this has ended.
        server.serve(stop, Duration::ZERO).await;
        Ok(())
    });
    runtime.shutdown_background();
    served
}
