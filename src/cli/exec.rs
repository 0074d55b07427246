//! `mdb-emulator exec`: runs a command with an emulator of its own, which its clients find and trust by the environment.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use clap::Args;

use super::Failure;
use super::child::{self, Signals};
use super::client;
use super::client_variables;
use super::serve::{LogArgument, ServerArguments};
use super::trust::{self, Trust};
use crate::emulator::Emulator;

/// The exit status of a shell that finds a command, but cannot run it.
const CANNOT_RUN: u8 = 126;

/// The exit status of a shell that finds no such command.
const NOT_FOUND: u8 = 127;

const AFTER_HELP: &str = "\
The command finds the emulator by YC_ENDPOINT, has a token in YC_TOKEN and a folder in YC_FOLDER_ID, and trusts
the emulator by SSL_CERT_FILE and its like; \"mdb-emulator exec -- env\" shows all of these variables.
It does not have AWS_CA_BUNDLE, with which the official Terraform provider does not start; what the file of that
variable trusts is in SSL_CERT_FILE too. Nor has it the MDB_EMULATOR_CA of an emulator around this one.
The emulator stops when the command ends, and exec ends with the command's exit status.";

/// Arguments of `exec`.
#[derive(Args, Debug)]
#[command(next_line_help = true, after_help = AFTER_HELP)]
pub struct Arguments {
    /// Where to listen; port 0 finds a free one. No variable says it, so that many commands can run at once
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    listen: String,

    #[command(flatten)]
    server: ServerArguments,

    /// What the emulator logs on standard error: "off", "warn", "info" for a line a call, or levels by target, such as
    /// "info,mdb_emulator::call=off"
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "MDB_EMULATOR_LOG")]
    log: LogArgument,

    /// The command to run, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Starts an emulator, runs the command and stops the emulator; returns what the command ended with.
///
/// # Errors
///
/// If the emulator or the command cannot be started.
pub fn run(arguments: &Arguments) -> Result<u8, Failure> {
    arguments.log.begin()?;
    // Before all else, so that no signal ends this process and leaves its files behind.
    let signals = Signals::catch()?;
    let options = arguments.server.options(&arguments.listen)?;
    let emulator = Emulator::start_with(&options)?;
    let folder =
        tempfile::Builder::new().prefix("mdb-emulator-").permissions(Permissions::from_mode(0o700)).tempdir().map_err(
            |error| format!("cannot make a folder for temporary files: {error}; TMPDIR may name another place"),
        )?;
    let authority = match (emulator.ca_certificate(), &options.tls.own) {
        (Some(certificate), _) => Some(certificate.as_bytes().to_vec()),
        // Whoever vouches for it comes behind it in its file, or it vouches for itself.
        (None, Some(own)) => Some(fs::read(&own.certificate)?),
        (None, None) => None,
    };
    let address = local(emulator.address());
    let asking = client_variables::ask(&address, authority.as_deref(), None);
    let told = client::within(client_variables::PATIENCE, asking)
        .map_err(|error| client_variables::untold(&address, error.as_ref()))?;
    let trust = authority.map(|authority| trusting(folder.path(), &authority)).transpose()?;
    let environment = client_variables::of(&address, &told, trust.as_ref(), Some(&options.control_token))?;
    let (program, parameters) = arguments.command.split_first().ok_or("there is no command to run")?;
    let mut command = Command::new(program);
    // That of another emulator around this one does not vouch for this one.
    command.args(parameters).env_remove(client_variables::CA).env_remove(trust::UNSET).envs(environment);
    match signals.run(command) {
        Ok(status) => Ok(child::code(status)),
        Err(error) => {
            let status = if error.kind() == ErrorKind::NotFound { NOT_FOUND } else { CANNOT_RUN };
            Err(Failure::new(status, format!("cannot run {}: {error}", program.display())))
        }
    }
}

fn trusting(folder: &Path, authority: &[u8]) -> Result<Trust, Failure> {
    let trust = Trust::beside(&folder.join("ca.pem"));
    let written = fs::write(&trust.authority, authority).and_then(|()| trust.write(authority));
    written.map(|()| trust).map_err(|error| format!("cannot write to {}: {error}", folder.display()).into())
}

/// An address of this machine, by the name that certificates are for and clients like best. Many machines know ::1 by another name.
fn local(address: SocketAddr) -> String {
    let ip = address.ip();
    if ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}
