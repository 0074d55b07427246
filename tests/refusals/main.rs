//! What the emulator refuses: a row for each refusal, with its code, message and details. A refused call leaves no trace.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

/// A request with only the cluster set.
macro_rules! of {
    ($request:ident, $cluster:expr) => {{
        let mut request = E::$request::default();
        request.set_cluster_id($cluster.into());
        request
    }};
}

mod backups;
mod clusters;
mod databases;
mod requests;
mod resources;
mod sizes;
mod users;
mod validation;
mod versions;

use common::*;
use mdb_emulator::contract::proto::mdb::emulator::v1::GetUniverseRequest;

/// An id of the right form that nothing has.
const UNKNOWN: &str = "c9q00000000000000000";

const BAD: &str = "BadRequest";
const PRECONDITION: &str = "PreconditionFailure";
const RESOURCE: &str = "ResourceInfo";

/// The rows of a table that are not as they should be.
#[derive(Default)]
struct Table(Vec<String>);

impl Table {
    /// Compares what a call was answered with.
    fn row<T>(
        &mut self,
        call: &str,
        outcome: Result<T, Status>,
        code: Code,
        message: impl Into<String>,
        (details, about): (&str, &[&str]),
    ) {
        let about = about.iter().map(|part| (*part).to_owned()).collect();
        let wanted = Refused { code, message: message.into(), details: details.into(), about };
        match outcome {
            Ok(_) => self.0.push(format!("{call} was not refused")),
            Err(status) => {
                let got = refused::<()>(Err(status));
                if got != wanted {
                    self.0.push(format!("{call}\n  wanted {wanted:?}\n  but got {got:?}"));
                }
            }
        }
    }

    /// A row with one broken field.
    fn bad<T>(&mut self, call: &str, outcome: Result<T, Status>, field: &str, rule: &str) {
        let message = format!("Request validation error:\n- {field}: {rule}");
        self.row(call, outcome, Code::InvalidArgument, message, (BAD, &[field]));
    }

    fn holds(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// All that a universe holds, for comparison.
fn everything(cloud: &Cloud) -> (i64, i64, i64) {
    let request = cloud.request(GetUniverseRequest { universe_id: "default".into() });
    let universe = cloud.run(cloud.universes().get(request)).unwrap().into_inner();
    (universe.cluster_count, universe.backup_count, universe.operation_count)
}
