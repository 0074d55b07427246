//! `mdb-emulator check`: whether a server serves, for the health checks of containers.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Failure;
use super::client::{self, Connection, Security};
use super::target::Target;
use super::trust;

/// What `check` ends with if the server does not serve.
const NOT_SERVING: u8 = 1;

/// Arguments of `check`.
#[derive(Args, Debug)]
#[command(next_line_help = true)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,

    /// Ask over TLS, and trust none but the authority whose certificate is in this file [default: ask in plaintext or over TLS, as
    /// the server likes, and trust anybody]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_CA")]
    ca: Option<PathBuf>,

    /// How long the server has to answer
    #[arg(long, value_name = "LENGTH", default_value = "3s", value_parser = humantime::parse_duration)]
    timeout: Duration,
}

/// Asks the server.
///
/// # Errors
///
/// If it does not say that it serves.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let address = arguments.target.by_number();
    client::within(arguments.timeout, ask(&address, arguments)).map_err(|error| {
        Failure::new(NOT_SERVING, format!("{address} does not serve: {}", client::reasons(error.as_ref())))
    })
}

/// Asks over TLS if that is what is wanted; otherwise in plaintext, and over TLS if the server does not speak plaintext.
async fn ask(address: &str, arguments: &Arguments) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if let Some(file) = &arguments.ca {
        let security = Security::trusting(&trust::read(file)?)?;
        return Connection::open(address, &security).await?.check().await;
    }
    let in_plaintext = async { Connection::open(address, &Security::Plaintext).await?.check().await }.await;
    match in_plaintext {
        Err(error) if !client::is_nobody(error.as_ref()) => {
            Connection::open(address, &Security::trusting_anyone()?).await?.check().await
        }
        answered => answered,
    }
}
