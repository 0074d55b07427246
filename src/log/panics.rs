//! Panics, as the log tells of them.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::panic::{self, PanicHookInfo};
use std::thread;

use super::LINES;

/// Logs panics from now on, in the words of the standard library. Its own hook writes at once: ahead of the lines that came
/// before, and waiting for whoever reads them.
pub fn log() {
    panic::set_hook(Box::new(|panic| {
        LINES.push(told(panic).as_bytes());
        // The process may end of it.
        LINES.flush();
    }));
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let thread = thread::current();
    let mut told = format!("\nthread '{}' {panic}\n", thread.name().unwrap_or("<unnamed>"));
    // Captured only if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        // Nothing goes wrong when a string is written to.
        _ = write!(told, "stack backtrace:\n{backtrace}");
    }
    told
}
