//! The store of idempotency keys: a mutating call that comes again with its key gets the operation that it started the
//! first time, or what it made.

use imbl::OrdMap;
use siphasher::sip128::SipHasher13;

use super::cluster::Text;
use super::core::Core;
use super::instant::DAY;
use super::{KeyEvent, Left};
use crate::refusal::{self, Refusal};

/// How long a key is remembered (our choice: no source says). Operations are kept for longer.
const REMEMBERED_FOR: i64 = DAY;

/// A key, as a call gives it, with a hash of the request that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The path of the method.
    pub method: &'static str,
    /// The key.
    pub key: Text,
    /// The hash of the request.
    pub body: u128,
}

/// The idempotency keys of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Keys {
    calls: OrdMap<(&'static str, Text), Call>,
    /// The keys in the order in which they were used.
    order: OrdMap<u64, (&'static str, Text)>,
    used: u64,
}

/// The call that a key stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Call {
    body: u128,
    left: Left,
}

/// A hash of a request's bytes, to tell whether a key comes with the same request again.
pub fn body_hash(body: &[u8]) -> u128 {
    SipHasher13::new_with_keys(0, 0).hash(body).as_u128()
}

impl Keys {
    /// What a call left under this key before.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if the key was used for another request.
    pub fn recall(&self, key: &Key) -> Result<Option<Left>, Refusal> {
        match self.calls.get(&(key.method, key.key.clone())) {
            Some(call) if call.body == key.body => Ok(Some(call.left)),
            Some(_) => Err(refusal::request::idempotency_key_reused()),
            None => Ok(None),
        }
    }

    /// Remembers for a day what a call left under its key.
    pub fn remember(&mut self, core: &mut Core, key: &Key, left: Left) {
        self.used += 1;
        let name = (key.method, key.key.clone());
        self.calls.insert(name.clone(), Call { body: key.body, left });
        self.order.insert(self.used, name);
        core.add_after(REMEMBERED_FOR, KeyEvent::Forget { number: self.used });
    }

    pub fn forget(&mut self, number: u64) {
        if let Some(key) = self.order.remove(&number) {
            self.calls.remove(&key);
        }
    }
}
