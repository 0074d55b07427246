//! Idempotency keys: a mutating call that comes again with its key gets the operation that it started the first time.

use siphasher::sip128::SipHasher13;

use super::cluster::Text;
use super::instant::DAY;
use super::{Event, Id, Universe};
use crate::refusal::{self, Refusal};

/// How long a key is remembered (our choice: no source says).
const REMEMBERED_FOR: i64 = DAY;

/// The call that a key stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Remembered {
    body: u128,
    operation: Id,
}

/// A hash of a request's bytes, to tell whether a key comes with the same request again.
pub fn body_hash(body: &[u8]) -> u128 {
    SipHasher13::new_with_keys(0, 0).hash(body).as_u128()
}

impl Universe {
    /// The operation that a call of this method started under this key.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT if the key was used for another request.
    pub fn recall(&self, method: &'static str, key: &str, body: u128) -> Result<Option<Id>, Refusal> {
        match self.idempotency.get(&(method, key.into())) {
            Some(remembered) if remembered.body == body => Ok(Some(remembered.operation)),
            Some(_) => Err(refusal::request::idempotency_key_reused()),
            None => Ok(None),
        }
    }

    /// Remembers for a day which operation a call started under its key.
    pub fn remember(&mut self, method: &'static str, key: &str, body: u128, operation: Id) {
        let key: Text = key.into();
        self.idempotency.insert((method, key.clone()), Remembered { body, operation });
        self.agenda.add(self.now.plus(REMEMBERED_FOR), Event::ForgetKey { method, key });
    }

    pub(super) fn forget_key(&mut self, method: &'static str, key: Text) {
        self.idempotency.remove(&(method, key));
    }
}
