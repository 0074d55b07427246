//! What a reply costs to write as JSON: by us, and by reflection on its descriptors.

use std::time::Instant;

use mdb_emulator::contract::json::write;
use mdb_emulator::contract::{METHODS, descriptors, schema};
use prost::{Message, Name};
use prost_reflect::DynamicMessage;

use crate::support::measuring;

/// A request as the body of a call.
pub fn object<M: Message + Name>(request: &M) -> Vec<u8> {
    let message = schema::message(&M::full_name()).expect("build.rs knows the messages of every RPC");
    let mut body = Vec::new();
    write(message, &request.encode_to_vec(), &mut body).expect("a request can be written");
    body
}

/// Prints how long a reply of an RPC takes to write.
pub fn compare(name: &str, rpc: &str, reply: &[u8]) {
    let path = format!("/yandex.cloud.mdb.redis.v1.ClusterService/{rpc}");
    let method = METHODS.iter().find(|method| method.path == path).expect("the contract has this RPC");
    let message = schema::message(method.response).expect("build.rs knows the messages of every RPC");
    let descriptor = descriptors::pool().get_message_by_name(method.response).expect("the pool has them too");
    let ours = micros(|| {
        let mut out = Vec::with_capacity(reply.len() * 3);
        write(message, reply, &mut out).expect("a reply can be written");
        out.len()
    });
    let reflected = micros(|| {
        let message = DynamicMessage::decode(descriptor.clone(), reply).expect("a reply can be read");
        serde_json::to_vec(&message).expect("a reply can be written").len()
    });
    println!("    {name} as JSON: {} bytes of {ours:.1} µs, by reflection {reflected:.1} µs", reply.len());
}

#[allow(clippy::cast_precision_loss)]
fn micros(work: impl Fn() -> usize) -> f64 {
    let times = if measuring() { 2_000 } else { 1 };
    let best = (0..5).map(|_| {
        let started = Instant::now();
        for _ in 0..times {
            std::hint::black_box(work());
        }
        started.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    });
    best.fold(f64::INFINITY, f64::min)
}
