//! Journeys through the real server, the same for every engine as far as the engines are the same.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;

mod adding_hosts;
mod backups;
mod clusters;
mod daily_backups;
mod databases;
mod deleting_hosts;
mod failover;
mod points_in_time;
mod presets;
mod shards;
mod subclusters;
mod topologies;
mod updating_hosts;
mod users;
mod versions;
