//! An emulator of the Yandex Cloud Managed Databases API: Redis (Valkey), MySQL, SQL Server and SPQR clusters, their
//! backups and long-running operations, behind the same gRPC services.
//!
//! In a Rust test, [`Emulator::start`] is the whole of it. For the simulation alone, see [`universe`].
//!
//! The house, in the order in which a call meets it:
//! - [`server`]: the socket, and the one way that every call goes;
//! - [`handlers`]: a function for each shape of an RPC, found by its name;
//! - [`identity`]: who calls: keys, signatures and tokens;
//! - [`engines`]: what differs between the engines, a file each, and what the API shows;
//! - [`neighbours`]: what differs between the kinds of resources beside clusters, a file each;
//! - [`worlds`]: the universes of a process, published by pointer;
//! - [`universe`]: the simulation: clusters, backups, operations and time;
//! - [`refusal`]: every refusal, with its code, wording and details;
//! - [`contract`]: what is made of `proto/`;
//! - [`log`]: the lines of the command's log, which no call waits for.
//!
//! Imports go that way only.

// The contract has deprecated parts, and its emulator serves them.
#![allow(deprecated)]

pub mod cli;
pub mod contract;
pub mod demo;
pub mod engines;
pub mod handlers;
pub mod identity;
pub mod log;
pub mod neighbours;
pub mod refusal;
pub mod server;
pub mod universe;
pub mod worlds;

mod emulator;
mod options;

pub use emulator::{Emulator, StartError};
pub use identity::keys::KeyError;
pub use options::Options;
