//! `mdb-emulator serve`.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{ParseError, Targets};
use uuid::Uuid;

use super::files::{self, FOR_EVERYBODY, FOR_THE_OWNER};
use super::ready;
use super::tls::TlsArguments;
use crate::identity::ControlToken;
use crate::log;
use crate::options::Options;
use crate::server::AllowedOrigin;
use crate::universe::{Auth, Instant, OperationTime, Seed, ServiceAccountKey};
use crate::worlds::{Conflicts, MachineClock};

/// What a process ends with that is told to stop a second time: 128 and the number of SIGINT, as shells have it.
const INTERRUPTED: i32 = 130;

/// How long calls in flight have to end once the process shall.
const DRAIN: Duration = Duration::from_secs(5);

/// Where a server listens if nothing else is said.
pub const LISTEN: &str = "127.0.0.1:7300";

const AFTER_HELP: &str = "\
It says \"mdb-emulator ready on HOST:PORT\" once it serves.
For the environment in which clients find and trust it, see \"mdb-emulator env --help\".";

/// Arguments of `serve`.
#[derive(Args, Debug)]
#[command(next_line_help = true, after_help = AFTER_HELP)]
pub struct Arguments {
    /// Where to listen; port 0 finds a free one
    #[arg(long, value_name = "HOST:PORT", default_value = LISTEN, env = "MDB_EMULATOR_LISTEN")]
    listen: String,

    #[command(flatten)]
    server: ServerArguments,

    /// Write the certificate of the authority that TLS clients are to trust to this file, in PEM form, when ready [default: nowhere]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_TLS_CA_OUT", conflicts_with = "tls_cert")]
    tls_ca_out: Option<PathBuf>,

    /// Write the address, the process id and the control token to this file, as JSON, when ready; none but you may read it
    /// [default: nowhere]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_READY_FILE")]
    ready_file: Option<PathBuf>,

    /// What to log on standard error: "off", "warn", "info" for a line a call, or levels by target, such as
    /// "info,mdb_emulator::call=off"
    #[arg(long, value_name = "FILTER", default_value = "info", env = "MDB_EMULATOR_LOG")]
    log: LogArgument,
}

/// Arguments of every command that starts a server.
#[derive(Args, Debug)]
pub struct ServerArguments {
    /// Begin with a folder that has a cluster of each engine and a week of backups [default: with no clusters]
    #[arg(long, env = "MDB_EMULATOR_DEMO", value_parser = BoolishValueParser::new())]
    demo: bool,

    /// What decides identifiers and delays: a number, or "random"
    #[arg(long, value_name = "SEED", default_value = "0", env = "MDB_EMULATOR_SEED")]
    seed: SeedArgument,

    /// "machine" to follow the machine's clock, or a time at which to freeze it, such as 2026-01-31T21:59:00Z
    #[arg(long, value_name = "TIME", default_value = "machine", env = "MDB_EMULATOR_CLOCK")]
    clock: ClockArgument,

    /// How long operations take: "none", "realistic", or a length such as 500ms or 5s
    #[arg(long, value_name = "LENGTH", default_value = "none", env = "MDB_EMULATOR_OPERATION_TIME")]
    operation_time: OperationTime,

    /// What becomes of a call while another operation is in flight on its target: "refuse", or "wait" for that to end
    #[arg(long, value_name = "RULE", default_value = "refuse", env = "MDB_EMULATOR_CONFLICTS")]
    conflicts: Conflicts,

    /// Refuse ids of networks, subnets, security groups, keys, accounts and folders that nobody made [default: take them as given]
    #[arg(long, env = "MDB_EMULATOR_STRICT", value_parser = BoolishValueParser::new())]
    strict: bool,

    #[command(flatten)]
    tls: TlsArguments,

    /// Let pages of this origin call from a browser, such as http://localhost:5173, or of any by "*"; may be given several times, or with
    /// commas [default: only pages of the server's own origin]
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_delimiter = ',', env = "MDB_EMULATOR_ALLOW_ORIGIN")]
    allowed_origins: Vec<AllowedOrigin>,

    /// Whether calls need a token: "off" if any or none will do, "token" for a live one that the emulator has issued
    #[arg(long, value_name = "RULE", default_value = "off", env = "MDB_EMULATOR_AUTH")]
    auth: Auth,

    /// The token that the control API takes with --auth token, as "authorization: Bearer TOKEN", and that nothing else takes; better
    /// given by the variable, since other users of the machine see command lines [default: a random one]
    #[arg(long, value_name = "TOKEN", env = "MDB_EMULATOR_CONTROL_TOKEN")]
    control_token: Option<ControlToken>,

    /// Trade a JWT for a token only if it is signed by the key of a service account in this file, or in another such file: it may be
    /// given several times, and "yc iam key create" writes them. OAuth tokens are traded in any case [default: trade any JWT]
    #[arg(long = "service-account-key", value_name = "FILE", env = "MDB_EMULATOR_SERVICE_ACCOUNT_KEY")]
    service_account_keys: Vec<PathBuf>,
}

impl ServerArguments {
    /// The options of a server that listens here.
    ///
    /// # Errors
    ///
    /// If some of the arguments are of no use beside others, or a file cannot be used.
    pub fn options(&self, listen: &str) -> Result<Options, Box<dyn std::error::Error>> {
        let seed = match self.seed {
            SeedArgument::Fixed(seed) => Seed(seed),
            SeedArgument::Random => {
                let seed = Uuid::new_v4().as_u64_pair().1;
                tracing::info!("the seed is {seed}");
                Seed(seed)
            }
        };
        Ok(Options {
            listen: listen.to_owned(),
            demo: self.demo,
            strict: self.strict,
            seed,
            clock: self.clock.0,
            operation_time: self.operation_time,
            conflicts: self.conflicts,
            tls: self.tls.options()?,
            allowed_origins: self.allowed_origins.clone(),
            auth: self.auth,
            control_token: self.control_token.clone().unwrap_or_else(ControlToken::random),
            service_account_keys: keys(&self.service_account_keys)?,
            machine: MachineClock::of_the_machine(),
        })
    }
}

#[derive(Clone, Copy, Debug)]
enum SeedArgument {
    Random,
    Fixed(u64),
}

impl FromStr for SeedArgument {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "random" => Ok(Self::Random),
            number => number.parse().map(Self::Fixed).map_err(|_| "must be a number from 0 to 2^64-1, or random"),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct ClockArgument(Option<Instant>);

impl FromStr for ClockArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "machine" => Ok(Self(None)),
            time => time.parse().map(Some).map(Self),
        }
    }
}

/// What is logged.
#[derive(Clone, Debug)]
pub struct LogArgument(Targets);

impl LogArgument {
    /// Logs on standard error from now on.
    ///
    /// # Errors
    ///
    /// If the machine has no thread left.
    pub fn begin(&self) -> std::io::Result<()> {
        log::begin(self.0.clone())
    }
}

impl FromStr for LogArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A choice by spans or fields would pass for the name of a target that there is not.
        if text.contains(['[', '{']) {
            return Err("must be a level, or levels by target, such as info,mdb_emulator::call=off".into());
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        parts.join(",").parse().map(Self).map_err(|error: ParseError| error.to_string())
    }
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
///
/// If the server cannot start, or comes to an end by itself.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    arguments.log.begin()?;
    let options = arguments.server.options(&arguments.listen)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(
        &options,
        arguments.tls_ca_out.as_deref(),
        arguments.ready_file.as_deref(),
    ))
}

/// The keys in some files.
fn keys(files: &[PathBuf]) -> Result<Vec<ServiceAccountKey>, Box<dyn std::error::Error>> {
    let unusable = |file: &Path, error| format!("cannot use the service account key {}: {error}", file.display());
    let key = |file: &PathBuf| ServiceAccountKey::from_file(file).map_err(|error| unusable(file, error).into());
    files.iter().map(key).collect()
}

async fn serve(
    options: &Options,
    authority_file: Option<&Path>,
    ready_file: Option<&Path>,
) -> Result<(), Box<dyn std::error::Error>> {
    let unusable = |file: &Path, error| format!("cannot use the file {}: {error}", file.display());
    for file in [authority_file, ready_file].into_iter().flatten() {
        ready::remove_stale(file).map_err(|error| unusable(file, error))?;
    }
    let stop = stop_signal()?;
    let server = options.server(Arc::new(options.universes())).await?;
    let address = server.address();
    // Before the ready file, which names it.
    if let Some(file) = authority_file {
        let certificate = server.ca_certificate().ok_or("there is no certificate for --tls-ca-out with --tls off")?;
        files::write(file, certificate.as_bytes(), FOR_EVERYBODY).map_err(|error| unusable(file, error))?;
    }
    if let Some(file) = ready_file {
        // Whoever reads it may be in another folder.
        let authority_file = authority_file.map(std::path::absolute).transpose()?;
        let content = ready::json(address, authority_file.as_deref(), &options.control_token)?;
        files::write(file, content.as_bytes(), FOR_THE_OWNER).map_err(|error| unusable(file, error))?;
    }
    ready::print(address);
    server.serve(stop, DRAIN).await;
    Ok(())
}

/// Comes true at the first SIGINT or SIGTERM; a second one ends the process at once.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (first, stop) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut next = async || tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} };
        next().await;
        // The server may have ended already.
        _ = first.send(());
        next().await;
        log::flush();
        std::process::exit(INTERRUPTED);
    });
    Ok(async {
        // Also when the task is gone.
        _ = stop.await;
    })
}
