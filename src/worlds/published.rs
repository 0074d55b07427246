//! A universe as everybody sees it, with the replies that were made of it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;
use bytes::Bytes;

use crate::contract::Method;
use crate::universe::{Universe, body_hash};

/// How many replies are kept of one value.
const REPLIES: usize = 32;

/// The longest request and reply that are kept, in bytes.
const LONGEST_REQUEST: usize = 1024;
const LONGEST_REPLY: usize = 32 * 1024;

/// A universe that nobody changes any more.
///
/// What is asked of it again is answered by the bytes of the first reply. These go with the value, so no reply outlives what it
/// shows: a write publishes another value, which has none yet.
#[derive(Debug)]
pub struct Published {
    universe: Universe,
    replies: OnceLock<Box<[ArcSwapOption<Kept>]>>,
}

/// A reply, and what it answers.
#[derive(Debug)]
struct Kept {
    method: &'static Method,
    request: Bytes,
    reply: Bytes,
    /// Seconds to the end of the operation that is the reply, if it is one.
    seconds_left: Option<i64>,
}

impl Published {
    pub(super) fn new(universe: Universe) -> Self {
        Self { universe, replies: OnceLock::new() }
    }

    /// The reply that was made for the same request, if it is kept, with the seconds to the end of the operation that it is.
    pub fn reply(&self, method: &'static Method, request: &Bytes) -> Option<(Bytes, Option<i64>)> {
        let kept = self.replies.get()?[slot(method, request)].load();
        let kept = kept.as_ref().filter(|kept| kept.method == method && kept.request == *request)?;
        Some((kept.reply.clone(), kept.seconds_left))
    }

    /// Keeps a reply that whoever asks would get, at whatever instant.
    pub fn keep_reply(&self, method: &'static Method, request: Bytes, reply: Bytes, seconds_left: Option<i64>) {
        if request.len() > LONGEST_REQUEST || reply.len() > LONGEST_REPLY {
            return;
        }
        let replies = self.replies.get_or_init(|| (0..REPLIES).map(|_| ArcSwapOption::empty()).collect());
        let slot = slot(method, &request);
        replies[slot].store(Some(Arc::new(Kept { method, request, reply, seconds_left })));
    }
}

/// Where the reply to a request is kept: others may have the same slot, and then the later one is kept.
fn slot(method: &'static Method, request: &Bytes) -> usize {
    let hash = body_hash(request) ^ (method.path.len() as u128);
    usize::try_from(hash % REPLIES as u128).unwrap_or_default()
}

impl Deref for Published {
    type Target = Universe;

    fn deref(&self) -> &Universe {
        &self.universe
    }
}
