//! The universes of one process, and the machine's time that they follow.
//!
//! - [`Universes`]: all of them by id, and making, forking, emptying and removing one;
//! - [`World`]: one universe as it is published: who reads takes no lock, who writes makes the next value under a lock of that
//!   universe alone;
//! - [`MachineClock`]: the machine's time of day, which nothing else in the emulator asks for;
//! - [`Conflicts`] and [`Waiting`]: calls that wait for an operation in flight;
//! - [`Caller`]: whether the one who waits for a long step is still there.

mod caller;
mod keys;
mod machine_clock;
mod published;
mod registry;
mod staged;
mod world;

pub use caller::{Caller, Presence};
pub use keys::Keys;
pub use machine_clock::MachineClock;
pub use published::Published;
pub use registry::{DEFAULT, Universes};
pub use world::{Conflicts, Look, Turn, Waiting, World};
