//! Operations: how they begin, what they carry, how they conflict and are cancelled, and what comes with every answer.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod annotations;
mod cancelling;
mod headers;
mod hosts;
mod idempotency;
mod in_flight;
mod neighbours;
mod repeating;
mod secrets;
mod waiting;
