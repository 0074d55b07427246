//! Messages as canonical JSON, both ways, between the bytes of the wire and the text, by the tables of
//! [`schema`](super::schema).
//!
//! - [`write()`]: a message's bytes as JSON; no message is built on the way;
//! - [`read`]: an object as a message's bytes; [`Draft`] puts a message together of more than an object;
//! - `value`: single values from JSON; `any`: messages that name their type; `number`: whole numbers; `time` and `mask`: what JSON has as text; `wire`: keys,
//!   lengths and numbers.
//!
//! Written: names such as `clusterId`, numbers of 64 bits as text, enums by name, times as RFC 3339 has them, `Any` opened by its
//! `@type`. Fields by their numbers, maps by their keys; what is unset is left out. Read besides: names such as `cluster_id`, numbers
//! and text alike, enums by number, and null for what is unset.

mod any;
mod draft;
mod mask;
mod number;
mod read;
mod time;
mod value;
mod wire;
mod write;

pub use draft::Draft;
pub use read::{Problem, read};
pub use write::{Unwritable, write, write_text};
