//! Pages of lists. A token names a position in the list's order, not a count: pages stay right while the list changes,
//! and a late page costs what the first costs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::identifier::Seed;
use crate::refusal::{self, Refusal};

/// The size of a page that does not say (documented).
const DEFAULT_SIZE: usize = 100;
/// The largest page (documented).
const MAXIMUM_SIZE: i64 = 1000;
/// Bytes of a token that prove that we made it.
const PROOF: usize = 8;

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    seed: Seed,
    list: String,
    size: usize,
    after: Option<Vec<u8>>,
}

/// A place in the order of a list.
pub trait Position: Sized {
    /// The place as bytes: at most 64.
    fn to_bytes(&self) -> Vec<u8>;
    /// The place that the bytes name.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl Position for u64 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl Position for String {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_utf8(bytes.to_vec()).ok()
    }
}

impl Page {
    /// Reads `page_size` and `page_token` of a request for a list.
    ///
    /// `list` says which list it is, with all that selects it: a token of another list is refused, and so is one that was
    /// not made here.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT for a size below 0 or over 1,000, and for a token that is not ours.
    pub fn read(seed: Seed, list: String, page_size: i64, page_token: &str) -> Result<Self, Refusal> {
        let size = match page_size {
            0 => DEFAULT_SIZE,
            1..=MAXIMUM_SIZE => usize::try_from(page_size).unwrap_or(DEFAULT_SIZE),
            _ => return Err(refusal::request::page_size(page_size)),
        };
        let after = match page_token {
            "" => None,
            token => Some(opened(seed, &list, token).ok_or_else(refusal::request::page_token)?),
        };
        Ok(Self { seed, list, size, after })
    }

    /// Where the page begins: behind this position, or at the beginning of the list.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT for a token that names no such position.
    pub fn after<P: Position>(&self) -> Result<Option<P>, Refusal> {
        let read = |bytes: &Vec<u8>| P::from_bytes(bytes).ok_or_else(refusal::request::page_token);
        self.after.as_ref().map(read).transpose()
    }

    /// Fills the page from what follows its beginning; returns the token of the next page too, empty at the end.
    pub fn fill<T, P: Position>(
        &self,
        entries: impl Iterator<Item = T>,
        position: impl Fn(&T) -> P,
    ) -> (Vec<T>, String) {
        let mut entries = entries.peekable();
        let page: Vec<T> = entries.by_ref().take(self.size).collect();
        let token = match (page.last(), entries.peek()) {
            (Some(last), Some(_)) => self.token(&position(last).to_bytes()),
            _ => String::new(),
        };
        (page, token)
    }

    /// Fills the page from a list that never changes, by the places of its entries.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT for a token that names no place.
    pub fn fill_in_order<T>(&self, entries: impl Iterator<Item = T>) -> Result<(Vec<T>, String), Refusal> {
        let after: Option<u64> = self.after()?;
        let rest = (0_u64..).zip(entries).filter(|(place, _)| after.is_none_or(|after| *place > after));
        let (page, token) = self.fill(rest, |(place, _)| *place);
        Ok((page.into_iter().map(|(_, entry)| entry).collect(), token))
    }

    fn token(&self, position: &[u8]) -> String {
        let mut bytes = proof(self.seed, &self.list, position).to_vec();
        bytes.extend_from_slice(position);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn opened(seed: Seed, list: &str, token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (given, position) = bytes.split_at_checked(PROOF)?;
    (given == proof(seed, list, position)).then(|| position.to_vec())
}

fn proof(seed: Seed, list: &str, position: &[u8]) -> [u8; PROOF] {
    let position = URL_SAFE_NO_PAD.encode(position);
    seed.word("page", &[list, &position], 0).to_be_bytes()
}
