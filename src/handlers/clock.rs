//! `mdb.emulator.v1.ClockService`: the time of one universe.

use std::sync::Arc;

use super::Control;
use crate::contract::proto::mdb::emulator::v1::{
    AdvanceClockRequest, Clock as View, FreezeClockRequest, GetClockRequest, SetClockRequest,
};
use crate::refusal::{self, Refusal};
use crate::universe::instant::{DAY, SECOND};
use crate::universe::{Clock, Instant, Universe};
use crate::universes::World;

/// The furthest that a clock is moved at once, in nanoseconds.
const LONGEST_MOVE: i64 = 3653 * DAY;

/// `ClockService.Get`.
pub fn get(control: &Control<'_>, request: GetClockRequest) -> Result<View, Refusal> {
    let world = world(control, &request.universe_id)?;
    let (universe, now) = world.read();
    Ok(view(&universe, now))
}

/// `ClockService.Freeze`.
pub fn freeze(control: &Control<'_>, request: FreezeClockRequest) -> Result<View, Refusal> {
    let world = world(control, &request.universe_id)?;
    world.freeze();
    let (universe, now) = world.read();
    Ok(view(&universe, now))
}

/// `ClockService.Set`.
pub fn set(control: &Control<'_>, request: SetClockRequest) -> Result<View, Refusal> {
    let wanted = request.now.as_ref().ok_or_else(|| refusal::request::field("now", "is required"))?;
    let wanted = Instant::exact(wanted).ok_or_else(|| refusal::universe::out_of_time("now"))?;
    let world = world(control, &request.universe_id)?;
    let universe = world.move_clock(|universe| match wanted.since(universe.now()) {
        0..=LONGEST_MOVE => Ok(wanted),
        i64::MIN..0 => Err(refusal::universe::not_back(wanted, universe.now())),
        _ => Err(refusal::universe::bad_step("now")),
    })?;
    Ok(view(&universe, universe.now()))
}

/// `ClockService.Advance`.
pub fn advance(control: &Control<'_>, request: AdvanceClockRequest) -> Result<View, Refusal> {
    let by = request.by.ok_or_else(|| refusal::request::field("by", "is required"))?;
    let nanos = by.seconds.saturating_mul(SECOND).saturating_add(i64::from(by.nanos));
    let world = world(control, &request.universe_id)?;
    let universe = world.move_clock(|universe| match nanos {
        0..=LONGEST_MOVE => Ok(universe.now().plus(nanos)),
        _ => Err(refusal::universe::bad_step("by")),
    })?;
    Ok(view(&universe, universe.now()))
}

/// A clock as the API shows it.
pub fn view(universe: &Universe, now: Instant) -> View {
    View {
        now: Some(now.into()),
        frozen: universe.clock() == Clock::Frozen,
        next_due: universe.next_due().map(Into::into),
    }
}

fn world(control: &Control<'_>, id: &str) -> Result<Arc<World>, Refusal> {
    if id.is_empty() { control.universes.get(control.chosen) } else { control.universes.get(Some(id)) }
}
