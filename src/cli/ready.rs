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
pub fn json(address: SocketAddr, authority: Option<&Path>) -> String {
    let authority = authority.map(|file| format!(", \"tls_ca\": \"{}\"", escaped(&file.to_string_lossy())));
    let authority = authority.unwrap_or_default();
    format!("{{\"address\": \"{address}\", \"pid\": {}{authority}}}\n", process::id())
}

/// The inside of a string of JSON.
fn escaped(text: &str) -> String {
    let escape = |character| match character {
        '"' | '\\' => format!("\\{character}"),
        '\0'..='\x1f' => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    };
    text.chars().map(escape).collect()
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

/// Writes the file whole: it is there with all that it says, or not there.
///
/// # Errors
///
/// If its folder cannot be written to.
pub fn write(file: &Path, content: &str) -> io::Result<()> {
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(format!(".{}", process::id()));
    fs::write(&unfinished, content)?;
    fs::rename(&unfinished, file)
}
