//! The JWT by which a service account asks for a token: what it must say, and who must have signed it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::is_account_id;
use crate::refusal::iam::ACCOUNT_ID;
use crate::refusal::{self, Refusal};
use crate::universe::instant::SECOND;
use crate::universe::{Instant, ServiceAccountKey, Universe};

/// The longest that a JWT may be good (documented).
const LONGEST_LIFE: i64 = 3600 * SECOND;
/// How far a client's clock may be ahead (our choice).
const LEEWAY: i64 = 60 * SECOND;
/// What the address that a JWT is meant for ends with. Clients begin it with the service's own host, or the emulator's.
const AUDIENCE: &str = "/iam/v1/tokens";

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: f64,
    exp: f64,
}

/// The claim may be one text or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The service account that a JWT is of.
///
/// Clients sign by the machine's clock, whatever the universe's shows, so it is enough if the JWT is good by one of the `clocks` (our
/// choice). Its signature is checked if the universe has made the key. Any other key must be one that the emulator was given, if it was
/// given some; without any, everybody is who they say they are, unless the universe is strict.
///
/// # Errors
///
/// UNAUTHENTICATED if it is not of a service account, not of now, or not signed by the account's key.
pub fn subject(jwt: &str, universe: &Universe, clocks: [Instant; 2]) -> Result<String, Refusal> {
    read(jwt, universe, clocks).map_err(|problem| refusal::iam::bad_jwt(&problem))
}

fn read(jwt: &str, universe: &Universe, clocks: [Instant; 2]) -> Result<String, String> {
    const SHAPE: &str = "it must be a header, claims and a signature, each in base64url, with dots between them";
    let (signed, signature) = jwt.rsplit_once('.').ok_or(SHAPE)?;
    let (header, claims) = signed.split_once('.').ok_or(SHAPE)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SHAPE)?;
    let header: Header = json(header).ok_or("its header must be JSON with alg and kid")?;
    let claims: Claims = json(claims).ok_or("its claims must be JSON with iss, aud, iat and exp")?;

    if header.alg != "PS256" {
        return Err("alg must be PS256".into());
    }
    let key_id = header.kid.filter(|id| !id.is_empty()).ok_or("kid must be the id of a key")?;
    if !is_account_id(&claims.iss) {
        return Err(format!("iss must be the id of a service account, {ACCOUNT_ID}"));
    }
    if !claims.aud.any(|audience| audience.ends_with(AUDIENCE)) {
        return Err(format!("aud must be an address that ends with {AUDIENCE}"));
    }
    let (issued_at, expires_at) =
        instant(claims.iat).zip(instant(claims.exp)).ok_or("iat and exp must be seconds since 1970")?;
    if !(1..=LONGEST_LIFE).contains(&expires_at.since(issued_at)) {
        return Err("exp must be after iat, by an hour at most".into());
    }
    if !clocks.iter().any(|now| issued_at <= now.plus(LEEWAY) && *now < expires_at) {
        return Err(format!("it is good from {issued_at} to {expires_at}, which is not now"));
    }
    let made = ServiceAccountKey::made(universe, &key_id);
    let access = universe.access();
    if made.is_some() || access.has_keys() || universe.is_strict() {
        let key = made.as_ref().or_else(|| access.key(&key_id));
        let key = key.ok_or("its key is none that the emulator was given or has made")?;
        if key.service_account_id != claims.iss {
            return Err("its key is of another service account".into());
        }
        if !key.has_signed(signed.as_bytes(), &signature) {
            return Err("its signature is wrong".into());
        }
    }
    Ok(claims.iss)
}

impl Audience {
    fn any(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(one) => is_meant(one),
            Self::Many(many) => many.iter().any(|one| is_meant(one)),
        }
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The instant of a JWT's NumericDate, which may have a fraction.
fn instant(seconds: f64) -> Option<Instant> {
    let since_1970 = Duration::try_from_secs_f64(seconds).ok()?;
    i64::try_from(since_1970.as_nanos()).ok().map(Instant::from_nanos)
}
