//! The one port: what is spoken on it, what is trusted, what is refused, and what cannot hurt it.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
#[macro_use]
mod common;

mod addresses;
mod client;
mod crowds;
mod deadlines;
mod forms;
mod grpc_web;
mod gzip;
mod hostile;
mod identified;
mod keep_alive;
mod limits;
mod noise;
mod origins;
mod process;
mod slow;
mod spoken;
mod stopping;
mod trust;
mod windows;
