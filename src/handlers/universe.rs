//! `mdb.emulator.v1.UniverseService`: the universes of the process.

use prost_types::Timestamp;

use super::clock;
use crate::contract::proto::mdb::emulator::v1::{
    CreateUniverseRequest, DeleteUniverseRequest, ForkUniverseRequest, GetUniverseRequest, ListUniversesRequest,
    ListUniversesResponse, ResetUniverseRequest, SetAside, Universe as View,
};
use crate::refusal::{self, Refusal};
use crate::universe::{Event, Instant, Page, Seed};
use crate::worlds::World;

use super::Control;

/// `UniverseService.Get`.
pub fn get(control: &Control<'_>, request: GetUniverseRequest) -> Result<View, Refusal> {
    view(&*control.universes.get(Some(&request.universe_id))?)
}

/// `UniverseService.List`: by id.
pub fn list(control: &Control<'_>, request: ListUniversesRequest) -> Result<ListUniversesResponse, Refusal> {
    let page = Page::read(Seed::default(), control.method.path.to_owned(), request.page_size, &request.page_token)?;
    let after: String = page.after()?.unwrap_or_default();
    let worlds = control.universes.all_after(&after);
    let (worlds, next_page_token) = page.fill(worlds.iter(), |world| world.id.clone());
    let universes = worlds.into_iter().map(|world| view(world)).collect::<Result<_, _>>()?;
    Ok(ListUniversesResponse { universes, next_page_token })
}

/// `UniverseService.Create`.
pub fn create(control: &Control<'_>, request: CreateUniverseRequest) -> Result<View, Refusal> {
    let frozen_at = exact(request.frozen_at.as_ref())?;
    view(&*control.universes.create(&request.universe_id, Seed(request.seed), frozen_at)?)
}

/// `UniverseService.Fork`.
pub fn fork(control: &Control<'_>, request: ForkUniverseRequest) -> Result<View, Refusal> {
    view(&*control.universes.fork(&request.source_universe_id, &request.universe_id)?)
}

/// `UniverseService.Reset`.
pub fn reset(control: &Control<'_>, request: ResetUniverseRequest) -> Result<View, Refusal> {
    let frozen_at = exact(request.frozen_at.as_ref())?;
    view(&*control.universes.reset(control.caller, &request.universe_id, request.seed.map(Seed), frozen_at)?)
}

/// `UniverseService.Delete`.
pub fn delete(control: &Control<'_>, request: DeleteUniverseRequest) -> Result<(), Refusal> {
    control.universes.delete(&request.universe_id)
}

fn view(world: &World) -> Result<View, Refusal> {
    let (universe, now) = world.read()?;
    let count = |items: usize| i64::try_from(items).unwrap_or(i64::MAX);
    Ok(View {
        id: world.id.clone(),
        seed: universe.seed().0,
        clock: Some(clock::view(&universe, now)),
        cluster_count: count(universe.cluster_count()),
        backup_count: count(universe.backup_count()),
        operation_count: count(universe.operation_count()),
        set_aside: universe.aside().map(set_aside).collect(),
    })
}

fn set_aside((due, event): &(Instant, Event)) -> SetAside {
    SetAside { due: Some((*due).into()), event: format!("{event:?}") }
}

/// A time at which a clock can be frozen.
fn exact(time: Option<&Timestamp>) -> Result<Option<Instant>, Refusal> {
    time.map(|time| Instant::exact(time).ok_or_else(|| refusal::universe::out_of_time("frozen_at"))).transpose()
}
