//! The engines' messages behind traits: `E::CreateClusterRequest` is the engine's own message, and `request.name()`
//! reads a field that every engine's message of that name may have.
//!
//! All of it is made by `build/engines.rs`; behaviour is in [`crate::engines`].

use super::ContractMessage;

pub use generated::*;

#[allow(clippy::all, clippy::pedantic)]
mod generated {
    use super::ContractMessage;

    include!(concat!(env!("OUT_DIR"), "/engines.rs"));
}
