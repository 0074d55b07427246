//! Identifiers, and all other randomness of a universe: a hash of its seed, a purpose, a resource and a number. There is
//! no running stream, so a call shifts nothing for the calls that have nothing to do with it.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;

use siphasher::sip128::{Hasher128, SipHasher13};

/// Text that many values share, such as ids and names that users choose.
pub type Text = Arc<str>;

/// Letters of the service's identifiers, as observed: `[0-9a-v]`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// What decides every identifier and delay of a universe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// 128 bits that only the seed, the purpose, the resource and the number decide.
    pub fn bits(self, purpose: &str, resource: &[&str], number: u64) -> u128 {
        let mut hasher = SipHasher13::new_with_keys(self.0, 0x6d64_622d_656d_756c);
        for part in std::iter::once(&purpose).chain(resource) {
            hasher.write_u64(u64::try_from(part.len()).unwrap_or(u64::MAX));
            hasher.write(part.as_bytes());
        }
        hasher.write_u64(number);
        hasher.finish128().as_u128()
    }

    /// 64 of those bits.
    pub fn word(self, purpose: &str, resource: &[&str], number: u64) -> u64 {
        low(self.bits(purpose, resource, number))
    }

    /// An identifier that begins with three letters of its kind.
    pub fn id(self, prefix: &[u8; 3], purpose: &str, resource: &[&str], number: u64) -> Id {
        let mut text = [b'0'; 20];
        text[..3].copy_from_slice(prefix);
        letters(self.bits(purpose, resource, number), &mut text[3..]);
        Id(text)
    }
}

/// Writes as many letters as there is room for, five bits each.
pub fn letters(mut bits: u128, text: &mut [u8]) {
    for letter in text {
        *letter = ALPHABET[usize::try_from(bits & 31).unwrap_or_default()];
        bits >>= 5;
    }
}

/// The number that [`letters`] wrote, or nothing if some letter is none of ours.
pub fn number(text: &[u8]) -> Option<u128> {
    let digit = |letter| ALPHABET.iter().position(|known| known == letter);
    text.iter().rev().try_fold(0_u128, |bits, letter| Some((bits << 5) | digit(letter)? as u128))
}

/// The low half.
pub fn low(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default()
}

/// An identifier made by the service: 20 letters and digits, the first three of which tell the kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id([u8; 20]);

/// In the order of their letters, by a few words at a time: maps of ids are searched at every call.
impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        self.words().cmp(&other.words())
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Id {
    fn words(&self) -> [u32; 5] {
        let (words, _) = self.0.as_chunks::<4>();
        [0, 1, 2, 3, 4].map(|index| u32::from_be_bytes(words[index]))
    }

    /// The identifier that this text spells, if it can be one at all.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 20] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(Self(bytes))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in, by `parse` and by `Seed::id`.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A keyed permutation of the 64-bit numbers: it makes a number into what looks like no number, and back. So an
/// identifier can hold the place of what it names, and needs no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation(u64);

impl Permutation {
    const ROUNDS: u64 = 4;

    /// The permutation of one key.
    pub const fn new(key: u64) -> Self {
        Self(key)
    }

    /// Hides a number.
    pub fn apply(self, number: u64) -> u64 {
        let (left, right) =
            (0..Self::ROUNDS).fold(halves(number), |(left, right), round| (right, left ^ self.mix(round, right)));
        joined(left, right)
    }

    /// Finds the number again.
    pub fn invert(self, hidden: u64) -> u64 {
        let (left, right) =
            (0..Self::ROUNDS).rev().fold(halves(hidden), |(left, right), round| (right ^ self.mix(round, left), left));
        joined(left, right)
    }

    /// 20 bits that tell a number hidden under this key from a made-up one.
    pub fn check(self, number: u64) -> u64 {
        scrambled(self.0.rotate_left(32) ^ scrambled(number)) & 0xf_ffff
    }

    fn mix(self, round: u64, half: u32) -> u32 {
        halves(scrambled(self.0 ^ scrambled((round << 32) | u64::from(half)))).1
    }
}

/// SplitMix64's finalizer: it lets every bit depend on every other. A page of backups needs a thousand of these.
const fn scrambled(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn halves(number: u64) -> (u32, u32) {
    let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or_default();
    (half(number >> 32), half(number))
}

fn joined(left: u32, right: u32) -> u64 {
    (u64::from(left) << 32) | u64::from(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_is_undone_by_its_inverse() {
        let permutation = Permutation::new(7);
        for number in (0..10_000).chain([u64::MAX, u64::MAX / 2]) {
            assert_eq!(permutation.invert(permutation.apply(number)), number);
        }
    }

    #[test]
    fn an_identifier_keeps_its_prefix_and_alphabet() {
        let id = Seed(0).id(b"c9q", "cluster", &["folder", "name"], 0);
        assert!(id.as_str().starts_with("c9q"));
        assert_eq!(Id::parse(id.as_str()), Some(id));
        assert!(number(&id.as_str().as_bytes()[3..]).is_some());
    }
}
