//! `mdb-emulator env`: the environment in which clients find a server that runs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Failure;
use super::client;
use super::client_variables::{self, Environment, PATIENCE, Told};
use super::ready;
use super::target::Target;
use super::trust::{self, Trust};
use crate::identity::ControlToken;

const AFTER_HELP: &str = "\
It waits up to five seconds for the server and its files.
The shell unsets AWS_CA_BUNDLE, with which the official Terraform provider does not start; a .env file and JSON cannot
unset it, so this says on standard error if it has to be done.
To let the clients in a shell find a server, and trust it over TLS:
  mdb-emulator serve --tls-ca-out ca.pem &
  eval \"$(mdb-emulator env --ca ca.pem)\"";

/// Arguments of `env`.
#[derive(Args, Debug)]
#[command(next_line_help = true, after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,

    /// The certificate of the server's authority, which "serve --tls-ca-out" wrote; what clients need of it is written beside it
    /// [default: none, for clients that speak plaintext]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_CA")]
    ca: Option<PathBuf>,

    /// The file that "serve --ready-file" wrote, for the control token in it [default: none, and no control token is printed]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_READY_FILE")]
    ready_file: Option<PathBuf>,

    /// How to print: "shell" for a shell's eval, "dotenv" for a .env file, or "json"
    #[arg(long, value_name = "FORMAT", default_value = "shell", hide_possible_values = true)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Shell,
    Dotenv,
    Json,
}

/// Prints the variables, once the server is there: it may have been started a moment ago.
///
/// # Errors
///
/// If the server does not answer, or a file cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let address = arguments.target.by_name();
    let ca = arguments.ca.as_deref();
    let ready_file = arguments.ready_file.as_deref();
    let asking = async || ask(&address, ca, ready_file).await;
    let (files, told) = client::patiently(PATIENCE, asking).map_err(|error| {
        let hint = if ca.is_none() { " (it was asked in plaintext, for want of --ca)" } else { "" };
        client_variables::untold(&address, error.as_ref()) + hint
    })?;
    let trust = ca.zip(files.certificate).map(|(file, certificate)| trusting(file, &certificate)).transpose()?;
    let variables = client_variables::of(&address, &told, trust.as_ref(), files.control_token.as_ref())?;
    io::stdout().write_all(arguments.format.write(&variables)?.as_bytes())?;
    if !arguments.format.unsets() && env::var_os(trust::UNSET).is_some() {
        eprintln!("warning: unset {}, with which the official Terraform provider does not start", trust::UNSET);
    }
    Ok(())
}

/// What the files of a server say.
struct Files {
    certificate: Option<Vec<u8>>,
    control_token: Option<ControlToken>,
}

/// Asks the server, by its files as they are now: a server that has just been started writes them anew.
async fn ask(
    address: &str,
    ca: Option<&Path>,
    ready_file: Option<&Path>,
) -> Result<(Files, Told), Box<dyn Error + Send + Sync>> {
    let certificate = ca.map(|file| trust::read(file).map_err(|error| unusable(file, &error))).transpose()?;
    let token = |file| ready::control_token(file).map_err(|error| unusable(file, &error));
    let control_token = ready_file.map(token).transpose()?;
    let told = client_variables::ask(address, certificate.as_deref(), control_token.as_ref()).await?;
    Ok((Files { certificate, control_token }, told))
}

/// What makes clients trust the server, written beside the file.
fn trusting(file: &Path, certificate: &[u8]) -> Result<Trust, String> {
    let written = file.canonicalize().and_then(|file| {
        let trust = Trust::beside(&file);
        trust.write(certificate).map(|()| trust)
    });
    written.map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &io::Error) -> String {
    format!("cannot use {}: {error}", file.display())
}

impl Format {
    /// Whether it can say that a variable is not to be set.
    fn unsets(self) -> bool {
        matches!(self, Self::Shell)
    }

    fn write(self, variables: &Environment) -> serde_json::Result<String> {
        let each = |write: fn(&str, &str) -> String| variables.iter().map(move |(name, value)| write(name, value));
        match self {
            Self::Shell => {
                let set: String = each(|name, value| format!("export {name}={}\n", quoted_for_shells(value))).collect();
                Ok(format!("{set}unset {}\n", trust::UNSET))
            }
            // An empty value would not do in place of none: some clients of AWS take it for an order to verify nothing.
            Self::Dotenv => {
                let set: String = each(|name, value| format!("{name}={}\n", quoted_for_dotenv(value))).collect();
                Ok(format!("{set}# {} must not be set: the Terraform provider does not start with it\n", trust::UNSET))
            }
            Self::Json => {
                let variables: BTreeMap<_, _> = variables.iter().map(|(name, value)| (name, value)).collect();
                Ok(serde_json::to_string_pretty(&variables)? + "\n")
            }
        }
    }
}

/// A value as every POSIX shell reads it.
fn quoted_for_shells(value: &str) -> Cow<'_, str> {
    if is_plain(value) { value.into() } else { format!("'{}'", value.replace('\'', r"'\''")).into() }
}

/// A value as the readers of .env files agree on: plain without quotes, since some take these for a part of it; quoted otherwise.
fn quoted_for_dotenv(value: &str) -> Cow<'_, str> {
    match value {
        value if is_plain(value) => value.into(),
        value if !value.contains('\'') => format!("'{value}'").into(),
        value => format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\"").replace('$', r"\$")).into(),
    }
}

/// Whether no reader takes any of it for something else.
fn is_plain(value: &str) -> bool {
    value.chars().all(|character| character.is_ascii_alphanumeric() || "-_./:,=+@%".contains(character))
}
