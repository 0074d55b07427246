//! `mdb-emulator env`: the environment in which clients find a server that runs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use super::environment::{self, Environment};
use super::target::Target;
use super::trust::Trust;

const AFTER_HELP: &str = "\
To let the clients in a shell find a server, and trust it over TLS:
  mdb-emulator serve --tls-ca-out ca.pem &
  eval \"$(mdb-emulator env --ca ca.pem)\"";

/// Arguments of `env`.
#[derive(Args, Debug)]
#[command(next_line_help = true, mut_args(|argument| argument.hide_env_values(true)), after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    target: Target,

    /// The certificate of the server's authority, which "serve --tls-ca-out" wrote; what clients need of it is written beside it
    /// [default: none, for clients that speak plaintext]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_CA")]
    ca: Option<PathBuf>,

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

/// Prints the variables.
///
/// # Errors
///
/// If the server does not answer, or a file cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let trust = match &arguments.ca {
        Some(file) => {
            let file = file.canonicalize().map_err(|error| format!("cannot use {}: {error}", file.display()))?;
            Some(Trust::beside(&file).map_err(|error| format!("cannot use {}: {error}", file.display()))?)
        }
        None => None,
    };
    let variables = environment::of(&arguments.target.by_name(), trust.as_ref()).map_err(|error| match trust {
        Some(_) => error,
        None => format!("{error} (it was asked in plaintext, for want of --ca)"),
    })?;
    print!("{}", arguments.format.write(&variables)?);
    Ok(())
}

impl Format {
    fn write(self, variables: &Environment) -> serde_json::Result<String> {
        let each = |write: fn(&str, &str) -> String| variables.iter().map(move |(name, value)| write(name, value));
        match self {
            Self::Shell => Ok(each(|name, value| format!("export {name}={}\n", quoted_for_shells(value))).collect()),
            Self::Dotenv => Ok(each(|name, value| format!("{name}={}\n", quoted_for_dotenv(value))).collect()),
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
