//! What stands beside clusters: networks and what is in them, folders and clouds, keys, accounts, and who may what.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod access;
mod accounts;
mod addresses;
mod clusters;
mod folders;
mod in_flight;
mod keys;
mod networks;
mod security_groups;
mod strict;
mod subnets;

use common::neighbours::*;
use common::*;

/// An id that nobody made.
const UNKNOWN: &str = "enp00000000000000000";

/// Checks that a call is refused with a code and a message.
#[track_caller]
fn is_refused<T>(outcome: Result<T, Status>, code: Code, message: &str) {
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.message.as_str()), (code, message));
}

/// Checks that a call is refused because of one field.
#[track_caller]
fn breaks<T>(outcome: Result<T, Status>, field: &str) {
    let refusal = refused(outcome);
    assert_eq!((refusal.code, refusal.about), (Code::InvalidArgument, vec![field.to_owned()]), "{}", refusal.message);
}
