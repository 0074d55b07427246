//! How a server says that it is ready: a line on standard output, and files.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::{fs, io, process};

/// Prints the one line that tools wait for. Nobody may be reading: that is no error.
pub fn print(address: SocketAddr) {
    let mut out = io::stdout().lock();
    _ = writeln!(out, "mdb-emulator ready on {address}").and_then(|()| out.flush());
}

/// What the ready file says, as JSON: the address, the process, and the file of the authority's certificate if one is written.
///
/// # Errors
///
/// If that file has a name that is no text.
pub fn json(address: SocketAddr, authority: Option<&Path>) -> serde_json::Result<String> {
    let authority = authority.map(serde_json::to_string).transpose()?;
    let authority = authority.map(|file| format!(", \"tls_ca\": {file}")).unwrap_or_default();
    Ok(format!("{{\"address\": \"{address}\", \"pid\": {}{authority}}}\n", process::id()))
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
