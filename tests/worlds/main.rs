//! Universes as they are published inside a process: who looks, who changes, and who moves a clock at the same time; and what
//! becomes of what cannot happen.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

#[path = "../rest/client.rs"]
#[allow(dead_code)]
mod client;
mod expiries;
mod following;
mod history;
mod panics;
mod replies;
mod resets;
mod together;
mod tokens;
mod writes;

use common::*;

/// Nanoseconds of a second.
const NANOS: i64 = 1_000_000_000;
