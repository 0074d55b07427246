//! Keys of service accounts: the file that `yc iam key create` writes, and what the public half in it says of a signature.

use std::path::Path;

use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY as RSA_PSS_SHA256;
use webpki::{Error, RawPublicKeyEntity};

use crate::contract::proto::yandex::cloud::iam::v1::Key;
use crate::contract::proto::yandex::cloud::iam::v1::key::Subject;
use crate::universe::{Id, KindName, ServiceAccountKey, Universe};

/// Why a file is no key of a service account.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not JSON, or lacks something.
    #[error("it must be JSON with id, service_account_id and public_key, as \"yc iam key create\" writes it: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Its public key is not what a PS256 signature needs.
    #[error("its public_key must be the PEM of an RSA key")]
    PublicKey,
}

/// What is used of the file. The private key is the client's business.
#[derive(Deserialize)]
struct File {
    id: String,
    service_account_id: String,
    public_key: String,
}

impl ServiceAccountKey {
    /// The key in a file that `yc iam key create` has written.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is no such file.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        Self::from_json(&std::fs::read(path)?)
    }

    /// The key in such a file's contents.
    ///
    /// # Errors
    ///
    /// If it is no such JSON, or has no RSA key.
    pub fn from_json(json: &[u8]) -> Result<Self, KeyError> {
        let File { id, service_account_id, public_key } = serde_json::from_slice(json)?;
        let public_key =
            SubjectPublicKeyInfoDer::from_pem_slice(public_key.as_bytes()).map_err(|_| KeyError::PublicKey)?;
        let key = Self { id, service_account_id, public_key: public_key.to_vec() };
        // A key that can check a signature finds this one wrong.
        match key.check(b"", &[]) {
            Err(Error::InvalidSignatureForPublicKey) => Ok(key),
            _ => Err(KeyError::PublicKey),
        }
    }

    /// The key of an id that the universe has made, if it has.
    pub fn made(universe: &Universe, id: &str) -> Option<Self> {
        let key = universe.resource(KindName::Key, Id::parse(id)?)?;
        let key: &Key = key.message.open();
        let Some(Subject::ServiceAccountId(service_account_id)) = key.subject.clone() else { return None };
        let public_key = SubjectPublicKeyInfoDer::from_pem_slice(key.public_key.as_bytes()).ok()?;
        Some(Self { id: key.id.clone(), service_account_id, public_key: public_key.to_vec() })
    }

    /// Whether the private half of the key has signed a message: RSASSA-PSS with SHA-256, which JWT calls PS256.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.check(message, signature).is_ok()
    }

    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let public_key = SubjectPublicKeyInfoDer::from(&*self.public_key);
        RawPublicKeyEntity::try_from(&public_key)?.verify_signature(RSA_PSS_SHA256, message, signature)
    }
}
