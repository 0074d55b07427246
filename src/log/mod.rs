//! The log of the command, on standard error. Lines wait in memory, and a thread of its own writes them every few milliseconds, so
//! that no call waits for whoever reads them.
//!
//! A program that runs the emulator inside itself has a logger of its own: unless the log was begun here, events are those of
//! `tracing`, as any others.

mod lines;
mod panics;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::SystemTime;

use tonic::Code;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use lines::Lines;

/// Names the lines of calls in a filter.
const CALL: &str = "mdb_emulator::call";

/// What is logged and not yet written.
static LINES: Lines = Lines::new();

/// Whether the line of a call is put together here: the log was begun, and has no colours.
static BY_HAND: AtomicBool = AtomicBool::new(false);

/// Logs on standard error from now on what the filter lets through, and every panic.
///
/// # Errors
///
/// If the machine has no thread left.
pub fn begin(filter: Targets) -> io::Result<()> {
    thread::Builder::new().name("log".into()).spawn(|| LINES.write_out())?;
    panics::log();
    // Escapes do no good in files and pipes.
    let coloured = io::stderr().is_terminal();
    let formatted = fmt::layer().with_writer(|| Formatted).with_ansi(coloured);
    tracing_subscriber::registry().with(formatted).with(filter).init();
    BY_HAND.store(!coloured, Ordering::Relaxed);
    Ok(())
}

/// Waits until all that was logged so far is written. It waits no longer once standard error has taken nothing for a second.
pub fn flush() {
    LINES.flush();
}

/// Logs a call.
pub fn call(path: &str, code: Code, micros: u128, request_id: &str) {
    if !BY_HAND.load(Ordering::Relaxed) {
        tracing::info!(target: CALL, path, ?code, micros, request_id);
    } else if tracing::enabled!(target: CALL, Level::INFO) {
        // In the form that tracing-subscriber gives it, which takes longer to do so.
        let mut line = begun(Level::INFO, CALL);
        line.push_str("path=");
        quote(&mut line, path);
        // Nothing goes wrong when a string is written to.
        _ = write!(line, " code={code:?} micros={micros} request_id=");
        quote(&mut line, request_id);
        line.push('\n');
        LINES.push(line.as_bytes());
    }
}

/// Writes a text in quotes. Most have nothing that must be escaped.
fn quote(line: &mut String, text: &str) {
    if text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\') {
        line.push('"');
        line.push_str(text);
        line.push('"');
    } else {
        // Nothing goes wrong when a string is written to.
        _ = write!(line, "{text:?}");
    }
}

/// The beginning of a line: when it is logged, how grave it is, and what it is about.
// People who read a log look for the machine's time, whatever the time in a universe.
#[allow(clippy::disallowed_methods)]
fn begun(level: Level, target: &str) -> String {
    let mut line = String::with_capacity(256);
    // Nothing goes wrong when a string is written to.
    _ = write!(line, "{} {level:>5} {target}: ", humantime::format_rfc3339_micros(SystemTime::now()));
    line
}

/// Takes the lines that tracing-subscriber has formatted, one at a time.
struct Formatted;

impl Write for Formatted {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LINES.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
