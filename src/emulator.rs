//! The server inside a Rust program, for tests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::options::Options;
use crate::server::{Server, ServerError};
use crate::universes::Universes;

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
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let server = runtime.block_on(Server::listen(&options.listen, universes.clone()))?;
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("mdb-emulator".into()).spawn(move || {
            let stop = async {
                // Also when the emulator is gone without a word.
                _ = stopped.await;
            };
            if let Err(error) = runtime.block_on(server.serve(stop)) {
                tracing::error!("{error}");
            }
            runtime.shutdown_background();
        })?;
        Ok(Self { address, universes, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
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
