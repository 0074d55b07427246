//! Which running server a command is about.

use std::env;

use clap::Args;

/// The argument that names a running server.
#[derive(Args, Debug)]
pub struct Target {
    /// Where the server is; without it, where MDB_EMULATOR_LISTEN says that it listens, or else 127.0.0.1:7300
    #[arg(long, value_name = "HOST:PORT", env = "MDB_EMULATOR_ADDRESS")]
    address: Option<String>,
}

impl Target {
    /// The address, as `HOST:PORT`.
    pub fn address(&self) -> String {
        let listened_on = || env::var("MDB_EMULATOR_LISTEN").ok().filter(|listen| !listen.is_empty());
        match &self.address {
            Some(address) => address.clone(),
            None => reachable(&listened_on().unwrap_or_else(|| super::serve::LISTEN.to_owned())),
        }
    }
}

/// Where a server is reached from its own machine that listens on this address: every address is also the loopback's.
fn reachable(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0" | "[::]" | "", port)) => format!("localhost:{port}"),
        _ => listen.to_owned(),
    }
}
