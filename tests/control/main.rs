//! The control API: universes beside each other, and their clocks.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod advancing;
mod callers;
#[path = "../rest/client.rs"]
#[allow(dead_code)]
mod client;
mod clocks;
mod keys;
mod moves;
mod resuming;
mod universes;

use common::*;
use mdb_emulator::contract::proto::mdb::emulator::v1::{
    AdvanceClockRequest, Clock, CreateUniverseRequest, DeleteUniverseRequest, ForkUniverseRequest, FreezeClockRequest,
    GetUniverseRequest, ResetUniverseRequest, SetClockRequest, Universe,
};
use prost_types::Duration;
use tokio::task::JoinHandle;
use tonic::Response;

/// Nanoseconds of a second.
const NANOS: i64 = 1_000_000_000;

fn create(cloud: &Cloud, id: &str, seed: u64, frozen_at: Option<Timestamp>) -> Universe {
    let request = cloud.request(CreateUniverseRequest { universe_id: id.into(), seed, frozen_at });
    cloud.run(cloud.universes().create(request)).unwrap().into_inner()
}

fn fork(cloud: &Cloud, source: &str, id: &str) -> Universe {
    let request = cloud.request(ForkUniverseRequest { source_universe_id: source.into(), universe_id: id.into() });
    cloud.run(cloud.universes().fork(request)).unwrap().into_inner()
}

fn get(cloud: &Cloud, id: &str) -> Universe {
    let request = cloud.request(GetUniverseRequest { universe_id: id.into() });
    cloud.run(cloud.universes().get(request)).unwrap().into_inner()
}

fn delete(cloud: &Cloud, id: &str) {
    let request = cloud.request(DeleteUniverseRequest { universe_id: id.into() });
    cloud.run(cloud.universes().delete(request)).unwrap();
}

fn reset(cloud: &Cloud, id: &str, seed: Option<u64>, frozen_at: Option<Timestamp>) -> Universe {
    let request = cloud.request(ResetUniverseRequest { universe_id: id.into(), seed, frozen_at });
    cloud.run(cloud.universes().reset(request)).unwrap().into_inner()
}

/// What asks to move the clock of the call's universe.
fn advance_request(seconds: i64, nanos: i32) -> AdvanceClockRequest {
    AdvanceClockRequest { by: Some(Duration { seconds, nanos }), ..AdvanceClockRequest::default() }
}

fn advance(cloud: &Cloud, seconds: i64, nanos: i32) -> Result<Clock, Status> {
    let request = cloud.request(advance_request(seconds, nanos));
    cloud.run(cloud.clocks().advance(request)).map(Response::into_inner)
}

/// The same, not waited for.
fn begin_to_advance(cloud: &Cloud, seconds: i64) -> JoinHandle<Result<Clock, Status>> {
    let request = cloud.request(advance_request(seconds, 0));
    let mut clocks = cloud.clocks();
    cloud.begin(async move { clocks.advance(request).await.map(Response::into_inner) })
}

fn set(cloud: &Cloud, now: Timestamp) -> Result<Clock, Status> {
    let request = cloud.request(SetClockRequest { now: Some(now), ..SetClockRequest::default() });
    cloud.run(cloud.clocks().set(request)).map(Response::into_inner)
}

fn freeze(cloud: &Cloud) -> Clock {
    let request = cloud.request(FreezeClockRequest::default());
    cloud.run(cloud.clocks().freeze(request)).unwrap().into_inner()
}
