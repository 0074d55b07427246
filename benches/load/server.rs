//! The two servers, each in a process of its own: ours as its command runs it, the bare one as this program run once more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;

use crate::bare;

/// An argument with which this program is the bare server.
const BARE: &str = "--serve-bare";

/// Ticks a second of the processor times that Linux shows.
const TICKS: f64 = 100.0;

/// A server in a process of its own, which ends with this one.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Our server, as `serve` runs by default, with a line of log for each call, which it writes into a pipe; they are read, and
    /// nobody keeps them.
    pub fn ours() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mdb-emulator"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut server = Self::start(&mut command, &[]);
        let mut log = server.process.stderr.take().expect("it was piped");
        let mut read = vec![0; 1 << 16];
        thread::spawn(move || while log.read(&mut read).is_ok_and(|length| length > 0) {});
        server
    }

    /// The bare one, with its replies.
    pub fn bare(replies: &[Bytes]) -> Self {
        let program = std::env::current_exe().expect("a program knows where it is");
        Self::start(Command::new(program).arg(BARE).stdin(Stdio::piped()), replies)
    }

    fn start(command: &mut Command, input: &[Bytes]) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program was built");
        for part in input {
            let stdin = process.stdin.as_mut().expect("it was piped");
            let length = u32::try_from(part.len()).expect("replies are short");
            stdin.write_all(&length.to_be_bytes()).and_then(|()| stdin.write_all(part)).expect("the server listens");
        }
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut line).expect("the server says its address");
        // Ours says more than the address, which is the last word.
        let address = line.split_whitespace().last().and_then(|word| word.parse().ok());
        Self { process, address: address.expect("the server says its address") }
    }

    /// The processor time that the server has used so far.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).expect("the server runs");
        // The program's name comes second, in parentheses, and may hold anything.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: f64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        Duration::from_secs_f64(ticks / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Serves until standard input ends, if this process was started to be the bare server.
pub fn serve_if_told() -> bool {
    let told = std::env::args().nth(1).is_some_and(|argument| argument == BARE);
    if told {
        serve_bare();
    }
    told
}

fn serve_bare() {
    let replies = [(); 4].map(|()| read_part());
    // As many threads as ours has.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("the machine has threads");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("the machine has a free port");
    println!("{}", listener.local_addr().expect("a listener has an address"));
    runtime.spawn(async move { bare::serve(listener, &replies).await });
    until_input_ends();
}

fn read_part() -> Vec<u8> {
    let mut length = [0; 4];
    let mut input = std::io::stdin().lock();
    input.read_exact(&mut length).expect("the replies come first");
    let mut part = vec![0; u32::from_be_bytes(length) as usize];
    input.read_exact(&mut part).expect("the replies come first");
    part
}

fn until_input_ends() {
    // Whether it ends well or badly, this process has nobody left to serve.
    _ = std::io::stdin().read_to_end(&mut Vec::new());
}
