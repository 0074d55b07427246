//! How a server says that it is ready: a line on standard output, and files.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::{fs, io, process};

use serde::Deserialize;

use crate::identity::ControlToken;

/// Prints the one line that tools wait for. Nobody may be reading: that is no error.
pub fn print(address: SocketAddr) {
    let mut out = io::stdout().lock();
    _ = writeln!(out, "mdb-emulator ready on {address}").and_then(|()| out.flush());
}

/// What the ready file says, as JSON: the address, the process, the file of the authority's certificate if one is written, and the
/// control token.
///
/// # Errors
///
/// If that file has a name that is no text.
pub fn json(address: SocketAddr, authority: Option<&Path>, token: &ControlToken) -> serde_json::Result<String> {
    let authority = authority.map(serde_json::to_string).transpose()?;
    let authority = authority.map(|file| format!(", \"tls_ca\": {file}")).unwrap_or_default();
    let (process, token) = (process::id(), serde_json::to_string(token.as_str())?);
    Ok(format!("{{\"address\": \"{address}\", \"pid\": {process}{authority}, \"control_token\": {token}}}\n"))
}

/// What others than the server read in its ready file.
#[derive(Deserialize)]
struct Ready {
    control_token: String,
}

/// The control token in a ready file.
///
/// # Errors
///
/// If the file cannot be read, or has none.
pub fn control_token(file: &Path) -> io::Result<ControlToken> {
    let ready: Ready = serde_json::from_slice(&fs::read(file)?)?;
    ready
        .control_token
        .parse()
        .map_err(|rule| io::Error::new(io::ErrorKind::InvalidData, format!("control_token {rule}")))
}

/// Removes the file of an earlier server.
///
/// # Errors
///
/// If it is there and cannot be removed.
pub fn remove_stale(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
