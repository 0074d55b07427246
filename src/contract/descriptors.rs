//! The descriptors of everything that is served, in two encodings made by `build.rs`.
//!
//! Decoding one takes some 10 ms and megabytes, so neither happens before somebody needs it.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

/// The encoded descriptor set with comments and custom options, as reflection serves it.
pub const REFLECTION: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/reflection.binpb"));

/// The descriptors without comments, for work by reflection. Decoded on first use.
///
/// # Panics
///
/// Never: the set is made and checked when the crate is built.
pub fn pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        let encoded: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pool.binpb"));
        DescriptorPool::decode(encoded).expect("build.rs wrote a valid descriptor set")
    });
    &POOL
}
