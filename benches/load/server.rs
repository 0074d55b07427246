//! The two servers, each as this program run once more with another argument.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use mdb_emulator::{Emulator, Options};
use tokio::net::TcpListener;

use crate::bare;

const OURS: &str = "--serve-ours";
const BARE: &str = "--serve-bare";

/// Ticks a second of the processor times that Linux shows.
const TICKS: f64 = 100.0;

/// A server in a process of its own, which ends with this one.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Our server.
    pub fn ours() -> Self {
        Self::start(OURS, &[])
    }

    /// The bare one, with its replies.
    pub fn bare(replies: &[Bytes]) -> Self {
        Self::start(BARE, replies)
    }

    fn start(argument: &str, input: &[Bytes]) -> Self {
        let program = std::env::current_exe().expect("a program knows where it is");
        let process = Command::new(program).arg(argument).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.expect("a program can be run twice");
        let stdin = process.stdin.as_mut().expect("it was piped");
        for part in input {
            let length = u32::try_from(part.len()).expect("replies are short");
            stdin.write_all(&length.to_be_bytes()).and_then(|()| stdin.write_all(part)).expect("the server listens");
        }
        stdin.flush().expect("the server listens");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut line).expect("the server says its address");
        let address = line.trim().parse().expect("the server says its address");
        Self { process, address }
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

/// Serves until standard input ends, if this process was started to be a server.
pub fn serve_if_told() -> bool {
    let argument = std::env::args().nth(1);
    match argument.as_deref() {
        Some(OURS) => serve_ours(),
        Some(BARE) => serve_bare(),
        _ => return false,
    }
    true
}

fn serve_ours() {
    let emulator = Emulator::start_with(&Options::default()).expect("the machine has a free port");
    println!("{}", emulator.address());
    until_input_ends();
}

fn serve_bare() {
    let replies = [(); 4].map(|()| read_part());
    // As many threads as ours.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
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
