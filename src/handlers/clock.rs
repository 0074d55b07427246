//! `mdb.emulator.v1.ClockService`: the time of one universe.

use std::sync::Arc;

use prost_types::Duration;

use super::Control;
use crate::contract::proto::mdb::emulator::v1::{
    AdvanceClockRequest, Clock as View, FreezeClockRequest, GetClockRequest, ResumeClockRequest, SetClockRequest,
};
use crate::refusal::{self, Refusal};
use crate::universe::clock::Rate;
use crate::universe::instant::{DAY, SECOND};
use crate::universe::{Clock, Instant, Universe};
use crate::worlds::World;

/// The furthest that a clock is moved at once, in nanoseconds.
const LONGEST_MOVE: i64 = 3653 * DAY;

/// `ClockService.Get`.
pub fn get(control: &Control<'_>, request: GetClockRequest) -> Result<View, Refusal> {
    shown(&*world(control, &request.universe_id)?)
}

/// `ClockService.Freeze`.
pub fn freeze(control: &Control<'_>, request: FreezeClockRequest) -> Result<View, Refusal> {
    let world = world(control, &request.universe_id)?;
    world.freeze(control.caller)?;
    shown(&world)
}

/// `ClockService.Resume`.
pub fn resume(control: &Control<'_>, request: ResumeClockRequest) -> Result<View, Refusal> {
    let bad_rate = || refusal::universe::bad_rate(Rate::SLOWEST, Rate::FASTEST);
    let rate = request.rate.map(|rate| Rate::new(rate).ok_or_else(bad_rate)).transpose()?;
    let world = world(control, &request.universe_id)?;
    world.resume(control.caller, rate)?;
    shown(&world)
}

/// `ClockService.Set`.
pub fn set(control: &Control<'_>, request: SetClockRequest) -> Result<View, Refusal> {
    let wanted = request.now.as_ref().ok_or_else(|| refusal::request::field("now", "is required"))?;
    let wanted = Instant::exact(wanted).ok_or_else(|| refusal::universe::out_of_time("now"))?;
    let world = world(control, &request.universe_id)?;
    let universe = world.move_clock(control.caller, |universe| match wanted.since(universe.now()) {
        0..=LONGEST_MOVE => Ok(wanted),
        i64::MIN..0 => Err(refusal::universe::not_back(wanted, universe.now())),
        _ => Err(refusal::universe::bad_step("now")),
    })?;
    Ok(arrived(&world, &universe))
}

/// `ClockService.Advance`.
pub fn advance(control: &Control<'_>, request: AdvanceClockRequest) -> Result<View, Refusal> {
    let nanos = length(request.by.as_ref())?;
    let world = world(control, &request.universe_id)?;
    let universe = world.move_clock(control.caller, |universe| {
        universe.now().checked_plus(nanos).ok_or_else(|| refusal::universe::past_the_end("by", Instant::LAST))
    })?;
    Ok(arrived(&world, &universe))
}

/// The clock of a universe that it was moved with. One that runs has gone on meanwhile.
fn arrived(world: &World, universe: &Universe) -> View {
    view(universe, universe.instant(world.machine().now()))
}

/// By how many nanoseconds a clock shall be moved.
fn length(by: Option<&Duration>) -> Result<i64, Refusal> {
    let by = by.ok_or_else(|| refusal::request::field("by", "is required"))?;
    let nanos = i64::from(by.nanos);
    if nanos.abs() >= SECOND || by.seconds.signum() * nanos.signum() < 0 {
        return Err(refusal::universe::no_duration("by"));
    }
    match by.seconds.saturating_mul(SECOND).saturating_add(nanos) {
        length @ 0..=LONGEST_MOVE => Ok(length),
        _ => Err(refusal::universe::bad_step("by")),
    }
}

fn shown(world: &World) -> Result<View, Refusal> {
    let (universe, now) = world.read()?;
    Ok(view(&universe, now))
}

/// A clock as the API shows it.
pub fn view(universe: &Universe, now: Instant) -> View {
    View {
        now: Some(now.into()),
        frozen: universe.clock() == Clock::Frozen,
        next_due: universe.next_due().map(Into::into),
        rate: match universe.clock() {
            Clock::Frozen => 0.0,
            Clock::Running { rate, .. } => rate.seconds(),
        },
    }
}

fn world(control: &Control<'_>, id: &str) -> Result<Arc<World>, Refusal> {
    if id.is_empty() { control.universes.get(control.chosen) } else { control.universes.get(Some(id)) }
}
