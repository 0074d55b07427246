//! Service accounts that sign. Their keys were made for these tests alone, and open nothing.

// Each test uses a part of it.
#![allow(dead_code)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mdb_emulator::universe::ServiceAccountKey;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

/// Where the file of the first robot's key is.
pub const KEY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discovery/key.json");
const OTHER_KEY_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discovery/other_key.json");

/// A service account with a key.
pub struct Robot {
    pub id: String,
    pub key_id: String,
    pub key: ServiceAccountKey,
    pair: KeyPair,
}

impl Robot {
    pub fn new() -> Self {
        Self::of(KEY_FILE)
    }

    pub fn other() -> Self {
        Self::of(OTHER_KEY_FILE)
    }

    fn of(file: &str) -> Self {
        Self::from_json(&serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap())
    }

    /// A robot whose key file has these contents.
    pub fn from_json(json: &Value) -> Self {
        let text = |field: &str| json[field].as_str().unwrap().to_owned();
        let private_key = PrivatePkcs8KeyDer::from_pem_slice(text("private_key").as_bytes()).unwrap();
        Self {
            id: text("service_account_id"),
            key_id: text("id"),
            key: ServiceAccountKey::from_json(json.to_string().as_bytes()).unwrap(),
            pair: KeyPair::from_pkcs8(private_key.secret_pkcs8_der()).unwrap(),
        }
    }

    /// What an SDK sends at a time.
    pub fn jwt(&self, now: i64) -> String {
        self.signed(&self.header(), &self.claims(now))
    }

    pub fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": "PS256", "kid": self.key_id})
    }

    pub fn claims(&self, now: i64) -> Value {
        json!({
            "iss": self.id,
            "aud": "https://iam.api.cloud.yandex.net/iam/v1/tokens",
            "iat": now,
            "exp": now + 3600,
        })
    }

    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
