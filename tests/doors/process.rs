//! A server in a process of its own, whose memory can be looked at.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::NamedTempFile;
use tokio::time;

use crate::client::{ANSWERED, serves};

/// How much memory a server may keep of all that a test does to it, in KiB: what allocators and caches hold on to.
const KEPT: u64 = 48 * 1024;

/// How often to look whether something has come that must come.
const LOOK: Duration = Duration::from_millis(10);

/// A server that runs, until it is dropped.
pub struct Process {
    child: Child,
    log: NamedTempFile,
    pub address: SocketAddr,
    memory: u64,
}

impl Process {
    /// Serves on a free port, and logs warnings.
    pub async fn start() -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_mdb-emulator"))).await
    }

    /// The same, as these variables of the environment say.
    pub async fn with_environment(variables: &[(&str, &Path)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mdb-emulator"));
        command.envs(variables.iter().copied());
        Self::of(command).await
    }

    /// The same, with the certificate of the server's authority.
    pub async fn with_authority() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let process = Self::with_environment(&[("MDB_EMULATOR_TLS_CA_OUT", &file)]).await;
        (process, fs::read_to_string(&file).unwrap())
    }

    /// The same, where a process may have so many files open.
    pub async fn with_files(most: u32) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {most} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_mdb-emulator")]);
        Self::of(shell).await
    }

    async fn of(mut command: Command) -> Self {
        let log = NamedTempFile::new().unwrap();
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log.reopen().unwrap()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("mdb-emulator ready on ").expect(&line).parse().unwrap();
        let mut process = Self { child, log, address, memory: 0 };
        // What the first call makes is not of the test's doing.
        serves(address).await;
        process.memory = process.kibibytes("VmRSS");
        process
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to end.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// How it has ended, which it must soon.
    pub async fn ends(&mut self) -> ExitStatus {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    break status;
                }
                time::sleep(LOOK).await;
            }
        };
        time::timeout(ANSWERED, ended).await.expect("it does not end")
    }

    /// Waits until it has used so much more processor time.
    pub async fn works(&self, longer: Duration) {
        let until = self.worked() + longer;
        let works = async {
            while self.worked() < until {
                time::sleep(LOOK).await;
            }
        };
        time::timeout(ANSWERED, works).await.expect("it does nothing");
    }

    /// How many files and connections it has open.
    pub fn files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }

    /// The processor time that it has used so far.
    pub fn worked(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // There are 100 ticks to a second wherever Rust runs on Linux.
        Duration::from_millis(10 * ticks)
    }

    /// A line of the process's status, such as its resident memory.
    pub fn kibibytes(&self, what: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// How much more memory it has taken than it had, at the most, in KiB.
    pub fn peak(&self) -> u64 {
        self.kibibytes("VmHWM").saturating_sub(self.memory)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).unwrap()
    }

    /// It goes on serving, and has not kept much of what was done to it.
    #[track_caller]
    pub fn is_well(&self) -> impl Future<Output = ()> {
        let kept = self.kibibytes("VmRSS").saturating_sub(self.memory);
        assert!(kept < KEPT, "{kept} KiB more than before");
        serves(self.address)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended, which the test has told by then.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
