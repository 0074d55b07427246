//! The store of tokens, and who may call a universe, and as whom.
//!
//! A token says whose it is and until when, with a proof that only the universe's seed can make. So nothing is kept of those that
//! are issued, a fork knows the tokens of its origin, and the same call at the same instant gives the same token. Only
//! revoked ones are kept, until they would have expired.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imbl::OrdMap;

use super::cluster::Text;
use super::instant::SECOND;
use super::{Instant, Seed};

/// How long a token is good, in nanoseconds: 12 hours (documented as the most).
pub const TOKEN_LIFE: i64 = 12 * 3600 * SECOND;

/// What every token begins with; clients tell it from an OAuth token by that and by its two dots.
const PREFIX: &str = "t1.";

/// Whether calls need a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// Any token is as good as none.
    #[default]
    Off,
    /// Only a live token of the universe is good.
    Token,
}

impl FromStr for Auth {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "token" => Ok(Self::Token),
            _ => Err("must be off or token"),
        }
    }
}

/// The public half of a service account's key, which tells whether the account signed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccountKey {
    /// The key's id, by which a signed message names it.
    pub id: String,
    /// The id of the service account.
    pub service_account_id: String,
    /// The public key in DER, as X.509 has it (SubjectPublicKeyInfo).
    pub(crate) public_key: Vec<u8>,
}

/// How the callers of a universe are told apart. An empty or forked universe has it from the one before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// Whether calls need a token.
    pub auth: Auth,
    keys: OrdMap<Text, Arc<ServiceAccountKey>>,
}

impl Access {
    /// These rules and keys.
    pub fn new(auth: Auth, keys: &[ServiceAccountKey]) -> Self {
        let keys = keys.iter().map(|key| (Text::from(&*key.id), Arc::new(key.clone()))).collect();
        Self { auth, keys }
    }

    /// The key of an id.
    pub fn key(&self, id: &str) -> Option<&ServiceAccountKey> {
        self.keys.get(id).map(|key| &**key)
    }

    /// Whether there is any key. If not, there is nothing by which to check a signature.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }
}

/// What is kept of the tokens of a universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tokens {
    /// Those that were revoked, by when they expire and what they say.
    revoked: OrdMap<(Instant, Text), ()>,
    /// How many were ever revoked.
    revocations: u32,
}

/// What a token says that the universe has issued.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose it is.
    pub subject: String,
    /// When it ceases to be good.
    pub expires_at: Instant,
    payload: Text,
}

/// Only whose it is: the rest would let somebody call.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(&self.subject).finish()
    }
}

impl Tokens {
    /// A token of a subject for the next 12 hours, and when they end.
    pub fn issue(&self, seed: Seed, subject: &str, now: Instant) -> (String, Instant) {
        let expires_at = now.plus(TOKEN_LIFE);
        let mut payload = expires_at.nanos().to_be_bytes().to_vec();
        // Tells it from a token of the same subject and instant that has been revoked.
        payload.extend(self.revocations.to_be_bytes());
        payload.extend(subject.as_bytes());
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let proof = proof(seed, &payload);
        (format!("{PREFIX}{payload}.{proof}"), expires_at)
    }

    /// Whether a token of the universe is good at an instant.
    pub fn is_live(&self, token: &Token, now: Instant) -> bool {
        now < token.expires_at && !self.revoked.contains_key(&(token.expires_at, token.payload.clone()))
    }

    /// Makes a token good for nothing.
    pub fn revoke(&mut self, token: &Token, now: Instant) {
        while let Some(((expires_at, _), ())) = self.revoked.get_min()
            && *expires_at <= now
        {
            self.revoked = self.revoked.without_min().1;
        }
        self.revocations = self.revocations.wrapping_add(1);
        self.revoked.insert((token.expires_at, token.payload.clone()), ());
    }
}

impl Token {
    /// What a text says that a universe of this seed has issued, live or not; nothing if it has not.
    pub(super) fn read(seed: Seed, text: &str) -> Option<Self> {
        let (payload, given) = text.strip_prefix(PREFIX)?.split_once('.')?;
        if given != proof(seed, payload) {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let (expires_at, rest) = bytes.split_first_chunk()?;
        let (_, subject) = rest.split_first_chunk::<4>()?;
        Some(Self {
            subject: String::from_utf8(subject.to_vec()).ok()?,
            expires_at: Instant::from_nanos(i64::from_be_bytes(*expires_at)),
            payload: payload.into(),
        })
    }
}

fn proof(seed: Seed, payload: &str) -> String {
    URL_SAFE_NO_PAD.encode(seed.bits("token", &[payload], 0).to_be_bytes())
}
