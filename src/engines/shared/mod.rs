//! What the engines share, written once for every [`Engine`](super::Engine).
//!
//! - [`defaults`]: what a request leaves open; [`items`]: users and databases as they are kept;
//! - [`rules`]: what is checked of a request, [`users`]: of users, and [`changes`]: of an update or a restore;
//! - [`presets`]: classes of hosts, and [`disks`]: what disks they can have; [`versions`]: what versions there are;
//! - [`hosts`]: who leads; [`spec`]: what the simulation reads of a request;
//! - [`references`]: the networks, groups, keys and accounts that a request names; [`view`]: what the API shows.

pub mod changes;
pub mod defaults;
pub mod disks;
pub mod hosts;
pub mod items;
pub mod presets;
pub mod references;
pub mod rules;
pub mod spec;
pub mod users;
pub mod versions;
pub mod view;
