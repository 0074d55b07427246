//! The REST door: what it takes, what it answers, and that it is the same service as over gRPC.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod client;
mod contents;
mod control;
mod generated;
mod headers;
mod hostile;
mod hosts;
mod json;
mod masks;
mod offers;
mod parity;
mod refusals;
mod routes;
mod secrets;
mod shapes;
mod statuses;
mod things;
