//! The RPCs of the contract's services, each with its handler, by their paths. All of it is made by `build/services.rs`.

use super::dispatch::{Answer, Row, change, control, read, write};
use crate::contract::engine::{Mysql, Redis, Spqr, SqlServer};
use crate::contract::{METHODS, kinds};
use crate::handlers;

/// The row of a path, if it is one of ours.
pub fn row(path: &str) -> Option<&'static Row> {
    let index = BY_PATH.binary_search_by(|(known, _)| (*known).cmp(path)).ok()?;
    Some(BY_PATH[index].1)
}

include!(concat!(env!("OUT_DIR"), "/services.rs"));
