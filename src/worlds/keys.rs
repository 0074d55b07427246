//! Idempotency keys of the control API: a call that comes again with its key gets the reply of the first one, and nothing
//! happens twice. They are kept beside the universes, for a day of the machine's time (our choice), since a call may remove the very
//! universe that it is about.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::MachineClock;
use crate::refusal::{self, Refusal};
use crate::universe::Instant;
use crate::universe::instant::DAY;

/// How long a key is remembered, in nanoseconds.
const REMEMBERED_FOR: i64 = DAY;

/// How many keys are remembered; beyond that the oldest is forgotten.
const MOST: usize = 65_536;

/// A key with all that it belongs to: the method, the universe that the call chose, and the key itself.
pub type Key = (&'static str, String, String);

/// The calls that came with a key.
#[derive(Debug, Default)]
pub struct Keys {
    all: Mutex<Remembered>,
}

#[derive(Debug, Default)]
struct Remembered {
    calls: BTreeMap<Key, Arc<Mutex<Call>>>,
    /// The keys in the order in which they came, with the instants at which they are forgotten.
    order: VecDeque<(Instant, Key)>,
}

/// The hash of a call's request, and its reply; nothing while no such call has succeeded.
type Call = Option<(u128, Bytes)>;

impl Keys {
    /// The reply of the call that came with this key before, or what `answer` replies now. Of two calls with one key at the same
    /// time the second waits for the first.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if the key came with another request; what `answer` refuses, which leaves the key unused.
    pub fn once(
        &self,
        key: Key,
        hash: u128,
        clock: &MachineClock,
        answer: impl FnOnce() -> Result<Bytes, Refusal>,
    ) -> Result<Bytes, Refusal> {
        let call = self.call(key, clock.now());
        // A panic leaves the call unanswered, as it was.
        let mut call = call.lock().unwrap_or_else(PoisonError::into_inner);
        match &*call {
            Some((known, reply)) if *known == hash => Ok(reply.clone()),
            Some(_) => Err(refusal::request::idempotency_key_reused()),
            None => {
                let reply = answer()?;
                *call = Some((hash, reply.clone()));
                Ok(reply)
            }
        }
    }

    fn call(&self, key: Key, now: Instant) -> Arc<Mutex<Call>> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((forgotten_at, _)) = all.order.front()
            && (*forgotten_at <= now || all.order.len() >= MOST)
        {
            if let Some((_, forgotten)) = all.order.pop_front() {
                all.calls.remove(&forgotten);
            }
        }
        if let Some(call) = all.calls.get(&key) {
            return call.clone();
        }
        let call = Arc::new(Mutex::new(None));
        all.calls.insert(key.clone(), call.clone());
        all.order.push_back((now.plus(REMEMBERED_FOR), key));
        call
    }
}
