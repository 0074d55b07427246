//! Pairs of RSA keys. To make one takes long, so it is done beside the universe, and found when the universe is asked.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};

use crate::universe::Seed;

/// How many pairs wait for whoever has asked for them.
const MOST: usize = 64;

/// A pair of keys.
pub struct Pair {
    /// The private half as PKCS#8 in PEM.
    pub private: String,
    /// The public half as SubjectPublicKeyInfo in PEM.
    pub public: String,
}

/// What decides a pair: the seed of the universe, the id of the key, and its length in bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The seed.
    pub seed: Seed,
    /// The id.
    pub id: String,
    /// The length: 2048 or 4096.
    pub bits: usize,
}

/// The pairs that are being made, and those that were made and nobody has taken.
struct Shop {
    making: Vec<Recipe>,
    made: VecDeque<(Recipe, Pair)>,
}

static SHOP: Mutex<Shop> = Mutex::new(Shop { making: Vec::new(), made: VecDeque::new() });
/// Wakes those that wait for a pair which somebody else makes.
static NEWS: Condvar = Condvar::new();

/// The pair of a recipe, if it was made. Whoever takes it is the only one to have it.
pub fn take(recipe: &Recipe) -> Option<Pair> {
    let mut shop = shop();
    let position = shop.made.iter().position(|(known, _)| known == recipe)?;
    shop.made.remove(position).map(|(_, pair)| pair)
}

/// Makes the pair of a recipe, which takes from a tenth of a second to some seconds, for [`take`]. The same recipe makes the same pair,
/// so of several that ask for it at once one makes it, and the others wait.
pub fn make(recipe: Recipe) {
    let mut shop = shop();
    if shop.making.contains(&recipe) {
        while shop.making.contains(&recipe) {
            shop = NEWS.wait(shop).unwrap_or_else(PoisonError::into_inner);
        }
        return;
    }
    if shop.made.iter().any(|(known, _)| *known == recipe) {
        return;
    }
    shop.making.push(recipe.clone());
    drop(shop);
    let pair = pair(&recipe);
    let mut shop = self::shop();
    shop.making.retain(|known| *known != recipe);
    if shop.made.len() == MOST {
        shop.made.pop_front();
    }
    shop.made.extend(pair.map(|pair| (recipe, pair)));
    NEWS.notify_all();
}

fn shop() -> MutexGuard<'static, Shop> {
    SHOP.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pair(recipe: &Recipe) -> Option<Pair> {
    let half = |number| recipe.seed.bits("rsa", &[&recipe.id], number).to_be_bytes();
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(&half(0));
    seed[16..].copy_from_slice(&half(1));
    let private = RsaPrivateKey::new(&mut ChaCha20Rng::from_seed(seed), recipe.bits).ok()?;
    let public = private.to_public_key().to_public_key_pem(LineEnding::LF).ok()?;
    Some(Pair { private: private.to_pkcs8_pem(LineEnding::LF).ok()?.to_string(), public })
}
