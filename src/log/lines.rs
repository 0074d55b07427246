//! Lines that wait to be written, and the thread that writes them.

use std::io::{self, ErrorKind, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::Level;

/// The most bytes that wait. Further lines are dropped, so that a server goes on serving while nobody reads its log.
const BOUND: usize = 8 << 20;

/// How long lines gather before they are written at once.
const PAUSE: Duration = Duration::from_millis(5);

/// How long standard error may take nothing while somebody waits for the last line.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many bytes are written at once: as many as a pipe of Linux holds.
const CHUNK: usize = 64 << 10;

/// Lines that wait to be written, in their order.
pub struct Lines {
    state: Mutex<State>,
    /// Tells the thread that writes that there is something to write, or that somebody waits for it.
    wanted: Condvar,
    /// Tells whoever waits that more has been written.
    progress: Condvar,
}

struct State {
    waiting: Vec<u8>,
    /// Bytes that were taken in so far, and how many of them have been written.
    accepted: usize,
    written: usize,
    /// Lines that were dropped, and nobody has been told.
    dropped: usize,
    /// Whether somebody waits until all is written.
    hurry: bool,
}

impl Lines {
    pub const fn new() -> Self {
        let state = State { waiting: Vec::new(), accepted: 0, written: 0, dropped: 0, hurry: false };
        Self { state: Mutex::new(state), wanted: Condvar::new(), progress: Condvar::new() }
    }

    /// Adds a line, or counts it as dropped if too much waits already.
    pub fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.accepted - state.written + line.len() > BOUND {
            state.dropped += 1;
            return;
        }
        let first = state.waiting.is_empty();
        state.tell_of_dropped();
        state.push(line);
        drop(state);
        if first {
            self.wanted.notify_one();
        }
    }

    /// Waits until all lines so far are written, or none is for too long.
    pub fn flush(&self) {
        let mut state = self.lock();
        state.tell_of_dropped();
        state.hurry = true;
        self.wanted.notify_one();
        let last = state.accepted;
        while state.written < last {
            let before = state.written;
            state = self.progress.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
            if state.written == before {
                return;
            }
        }
    }

    /// Writes lines to standard error as they come, for as long as the process lives.
    pub fn write_out(&self) {
        let mut taken = Vec::new();
        loop {
            self.take(&mut taken);
            for chunk in taken.chunks(CHUNK) {
                write(chunk);
                self.lock().written += chunk.len();
                self.progress.notify_all();
            }
            taken.clear();
            // The memory of a burst is given back.
            taken.shrink_to(CHUNK);
        }
    }

    /// Waits for lines, lets more gather unless somebody waits, and takes them all.
    fn take(&self, taken: &mut Vec<u8>) {
        let idle = |state: &mut State| state.waiting.is_empty() && state.dropped == 0;
        let state = self.wanted.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let gathering = self.wanted.wait_timeout_while(state, PAUSE, |state| !state.hurry);
        let (mut state, _) = gathering.unwrap_or_else(PoisonError::into_inner);
        state.hurry = false;
        state.tell_of_dropped();
        std::mem::swap(&mut state.waiting, taken);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere is no reason to stop logging: it is one more thing to log.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, line: &[u8]) {
        self.waiting.extend_from_slice(line);
        self.accepted += line.len();
    }

    /// Says how many lines are missing at this place, if any are.
    fn tell_of_dropped(&mut self) {
        let line = match std::mem::take(&mut self.dropped) {
            0 => return,
            1 => "1 line of log was dropped\n".to_owned(),
            number => format!("{number} lines of log were dropped\n"),
        };
        self.push((super::begun(Level::WARN, "mdb_emulator::log") + &line).as_bytes());
    }
}

/// Writes to standard error, for as long as it takes.
fn write(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match io::stderr().write(bytes) {
            // Nobody is there to read it, or to be told.
            Ok(0) => return,
            Ok(length) => bytes = &bytes[length..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Another process that shares it may have made it so that it does not wait.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Err(_) => return,
        }
    }
}
