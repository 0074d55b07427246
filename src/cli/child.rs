//! The command that `exec` runs: starting it, passing signals on to it, and what it ended with.

use std::ffi::c_int;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::{fs, io};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;
use signal_hook::low_level::siginfo::Cause;

/// The signals that are for the child.
const PASSED_ON: [c_int; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// The signals that this process gets from now on. They no longer end it: they wait to be passed on to a child.
pub struct Signals(SignalsInfo<WithOrigin>);

impl Signals {
    /// Catches the signals that a child shall get, but for those that this process was told to ignore: then the child
    /// ignores them too, as under `nohup`.
    ///
    /// # Errors
    ///
    /// If the machine does not let them be caught.
    pub fn catch() -> io::Result<Self> {
        let ignored = ignored();
        let caught = PASSED_ON.into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
        SignalsInfo::new(caught.chain([SIGCHLD])).map(Self)
    }

    /// Runs a command until it ends, and passes signals on to it meanwhile.
    ///
    /// # Errors
    ///
    /// If the command cannot be started.
    pub fn run(mut self, mut command: Command) -> io::Result<ExitStatus> {
        let mut child = command.spawn()?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            for received in self.0.wait() {
                if received.signal != SIGCHLD && !is_known_to_the_child(&received) {
                    pass_on(received.signal, Pid::from_child(&child));
                }
            }
        }
    }
}

/// What a shell would say that a command ended with: its exit status, or 128 and the number of the signal that ended it.
pub fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    // Both are below 256.
    u8::try_from(code).unwrap_or(u8::MAX)
}

/// The keys of a terminal signal all that runs in its foreground, so the child has had these. Some commands take the
/// second Ctrl-C for an order to drop everything.
fn is_known_to_the_child(received: &Origin) -> bool {
    matches!(received.signal, SIGINT | SIGQUIT) && matches!(received.cause, Cause::Kernel)
}

fn pass_on(signal: c_int, child: Pid) {
    if let Some(signal) = Signal::from_named_raw(signal) {
        // It may have ended at this very moment, which shows next.
        _ = kill_process(child, signal);
    }
}

/// The set of signals that this process was started to ignore, as bits. Empty where the system does not tell.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or_default()
}
