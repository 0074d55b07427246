//! Which running server a command is about.

use std::env;

use clap::Args;

/// The argument that names a running server.
#[derive(Args, Debug)]
pub struct Target {
    /// Where the server is [default: where MDB_EMULATOR_LISTEN says that it listens, or else 127.0.0.1:7300]
    #[arg(long, value_name = "HOST:PORT", env = "MDB_EMULATOR_ADDRESS")]
    address: Option<String>,
}

impl Target {
    /// The address, as `HOST:PORT`, by the name of this machine that clients like best.
    pub fn by_name(&self) -> String {
        self.address("localhost")
    }

    /// The same by number, which a machine without a file of names has too.
    pub fn by_number(&self) -> String {
        self.address("127.0.0.1")
    }

    /// The address, where this machine is called so if the server listens on all of its addresses.
    fn address(&self, this_machine: &str) -> String {
        let listened_on = || env::var("MDB_EMULATOR_LISTEN").ok().filter(|listen| !listen.is_empty());
        match &self.address {
            Some(address) => address.clone(),
            None => reachable(&listened_on().unwrap_or_else(|| super::serve::LISTEN.to_owned()), this_machine),
        }
    }
}

/// Where a server is reached from its own machine that listens on this address.
fn reachable(listen: &str, this_machine: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0" | "[::]", port)) => format!("{this_machine}:{port}"),
        _ => listen.to_owned(),
    }
}
