//! The command line: `mdb-emulator serve`, and what brings clients to a server: `exec`, `env` and `check`.

mod check;
mod child;
mod client;
mod client_variables;
mod env;
mod exec;
mod files;
mod ready;
mod serve;
mod target;
mod tls;
mod trust;
mod verifier;

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::log;

/// What a command ends with that was called wrongly, or cannot do what it is asked.
const MISUSE: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  mdb-emulator serve --demo           Serve on 127.0.0.1:7300, with clusters and backups to look at
  mdb-emulator exec --demo -- pytest  Run tests with an emulator of their own
  eval \"$(mdb-emulator env)\"          Let the clients in this shell find a server that runs";

/// An emulator of the Yandex Cloud Managed Databases API.
#[derive(Debug, Parser)]
#[command(name = "mdb-emulator", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until SIGINT (Ctrl-C) or SIGTERM
    Serve(serve::Arguments),

    /// Run a command with an emulator of its own, which the command's clients find and trust
    Exec(exec::Arguments),

    /// Print the environment in which clients find, and trust, a server that runs
    Env(env::Arguments),

    /// Ask a server whether it serves, and exit with 0 if it says so, with 1 if not
    Check(check::Arguments),
}

/// Why a command ends without success, and the exit status that says so.
#[derive(Debug)]
struct Failure {
    status: u8,
    reason: String,
}

impl Failure {
    fn new(status: u8, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }
}

impl<E: Into<Box<dyn std::error::Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(MISUSE, error.into().to_string())
    }
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error),
    };
    let outcome = match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments).map(|()| 0).map_err(Failure::from),
        Command::Exec(arguments) => exec::run(&arguments),
        Command::Env(arguments) => env::run(&arguments).map(|()| 0),
        Command::Check(arguments) => check::run(&arguments).map(|()| 0),
    };
    // What went wrong comes after what led to it.
    log::flush();
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            eprintln!("error: {}", failure.reason);
            ExitCode::from(failure.status)
        }
    }
}

/// Reads the command line and the environment, whose values help does not show.
fn parse() -> Result<Arguments, clap::Error> {
    let prepared = |argument: Arg| without_empty(argument.hide_env_values(true));
    let mut command = Arguments::command().mut_subcommands(|command| command.mut_args(prepared));
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// An empty variable is as good as none: where files of variables are filled in, those that are not wanted come out empty.
fn without_empty(argument: Arg) -> Arg {
    match argument.get_env().and_then(std::env::var_os) {
        Some(value) if value.is_empty() => argument.env(None::<&str>),
        _ => argument,
    }
}

/// Prints help as it is, and an error as one line.
fn explain(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Nobody may be reading to the end: that is no error.
            _ = write!(std::io::stdout(), "{}", error.render());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprint!("{}", error.render());
            ExitCode::from(MISUSE)
        }
        _ => {
            let text = error.render().to_string();
            let line: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
            eprintln!("{}", line.join(" "));
            ExitCode::from(MISUSE)
        }
    }
}
