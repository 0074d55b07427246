//! SPQR: sharded PostgreSQL. A cluster holds routers and coordinators; the shards are PostgreSQL clusters elsewhere.

mod contents;
mod presets;
mod settings;
mod shards;
mod topology;

use super::{Backups, Named, Spqr};
use crate::universe::EngineName;

impl Named for Spqr {
    const NAME: EngineName = EngineName("spqr");
    const TITLE: &'static str = "SPQR";
}

impl Backups for Spqr {
    /// Restore includes the time itself only with `time_inclusive` (documented).
    const RESTORES_THE_TIME_ITSELF: bool = false;
}
