//! The life of a cluster of each engine, by clients that tonic makes of `proto/`, over TLS with the system's certificates.
//!
//! ```sh
//! mdb-emulator exec -- clients/rust/run
//! ```
//!
//! Discovery and a token come first; then each journey goes: look up presets and versions, create, find by a filter, back up,
//! list the backups over two pages, update by mask, be refused, restore, change hosts, shards, users and databases, delete. What
//! comes back is compared with what should; the first difference ends it with a panic.

// A client goes by its machine's clock.
#![allow(clippy::disallowed_methods)]

mod changes;
mod clusters;
mod session;

/// What tonic makes of `proto/`.
#[allow(clippy::all, clippy::pedantic, dead_code, deprecated, missing_docs)]
mod proto {
    include!(concat!(env!("OUT_DIR"), "/proto.rs"));
    pub use yandex::cloud::*;
}

use std::error::Error;

use session::Session;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::var("MDB_EMULATOR_ADDRESS").unwrap_or_else(|_| "localhost:7300".into());
    let session = Session::begin(&address).await?;
    for (engine, journey) in [
        ("Redis", clusters::redis(&session).await?),
        ("MySQL", clusters::mysql(&session).await?),
        ("SQL Server", clusters::sqlserver(&session).await?),
        ("SPQR", clusters::spqr(&session).await?),
    ] {
        println!("{engine}: {journey}");
    }
    Ok(())
}
