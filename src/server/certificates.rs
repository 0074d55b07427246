//! A certificate authority of its own at each start, in memory alone, and the certificates that it gives to this server.
//!
//! Nothing but this server is ever certified by it, and its key is gone with the process.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::ring::sign::any_ecdsa_type;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};
use uuid::Uuid;

use crate::worlds::MachineClock;

/// What every certificate is for, whatever else it is for.
const NAMES: [&str; 3] = ["localhost", "*.localhost", "host.docker.internal"];

/// The end of the names that are all of this machine. Most clients do not take the certificate's star for them, so each that is asked
/// for gets a certificate that names it.
const LOCAL: &str = ".localhost";

/// How many of those certificates are kept.
const KEPT: usize = 256;

/// How long a certificate is good before and after the start of the server. Together they stay under the 825 days that Apple's
/// systems allow; and they are this long because a test may run its client under a clock that is some months off.
const VALID_BEFORE: Duration = Duration::from_hours(400 * 24);
const VALID_AFTER: Duration = Duration::from_hours(424 * 24);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// None can be for this name.
    #[error("the server cannot go by {0:?}: it is neither a host name nor an address")]
    Name(String),
    /// The machine has no randomness left, say.
    #[error("cannot make a certificate: {0}")]
    Made(#[from] rcgen::Error),
    /// The one that was made cannot be used.
    #[error("cannot use the certificate that was made: {0}")]
    Unusable(#[from] rustls::Error),
}

/// An authority, and the one server that it certifies.
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    names: Vec<SanType>,
    usual: Arc<CertifiedKey>,
    local: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority, for a server that was told to listen on `host`, does so on `address`, and is to have these names besides.
    ///
    /// # Errors
    ///
    /// If a name is none that a certificate can be for.
    pub fn new(asked: &[String], host: &str, address: SocketAddr) -> Result<Self, CertificateError> {
        let names = names(asked, host, address)?;
        let authority_key = KeyPair::generate()?;
        let params = authority_params();
        let certificate = pem(params.self_signed(&authority_key)?.der());
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate()?;
        let signing = any_ecdsa_type(&PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        let usual = certified(&issuer, &key, &signing, names.clone())?;
        Ok(Self { certificate, issuer, key, signing, names, usual, local: Mutex::default() })
    }

    /// Its certificate in PEM form.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The server's certificate for a name under `localhost`.
    fn local(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certified) = local.get(name) {
            return Some(certified.clone());
        }
        let names = self.names.iter().cloned().chain(name_of(name)).collect();
        let certified = certified(&self.issuer, &self.key, &self.signing, names).ok()?;
        if local.len() < KEPT {
            local.insert(name.to_owned(), certified.clone());
        }
        Some(certified)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase).filter(|name| name.ends_with(LOCAL));
        name.map_or_else(|| Some(self.usual.clone()), |name| self.local(&name))
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    // Some stores of certificates tell authorities apart by their names alone.
    params.distinguished_name = named(&format!("mdb-emulator CA {}", Uuid::new_v4().simple()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
    params
}

/// A certificate for these names, with the key that it is of.
fn certified(
    issuer: &Issuer<'static, KeyPair>,
    key: &KeyPair,
    signing: &Arc<dyn SigningKey>,
    names: Vec<SanType>,
) -> Result<Arc<CertifiedKey>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("mdb-emulator");
    params.subject_alt_names = names;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict verifiers, such as Python's since 3.13, ask for it.
    params.use_authority_key_identifier_extension = true;
    // Some clients remember an authority's certificates by their serial numbers, and the key's, which is the default, is that of several.
    params.serial_number = Some(Uuid::new_v4().as_bytes().to_vec().into());
    let now = date_time_ymd(1970, 1, 1)
        + Duration::from_nanos(u64::try_from(MachineClock::of_the_machine().now().nanos()).unwrap_or(0));
    params.not_before = now - VALID_BEFORE;
    params.not_after = now + VALID_AFTER;
    let certificate = params.signed_by(key, issuer)?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate.into()], signing.clone())))
}

/// Everything that the certificate is for.
fn names(asked: &[String], host: &str, address: SocketAddr) -> Result<Vec<SanType>, CertificateError> {
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST), address.ip()];
    // What could be listened on need not be a name of the kind that certificates have.
    let own = NAMES.into_iter().chain([host]).filter_map(name_of).chain(addresses.map(SanType::IpAddress));
    let asked = asked.iter().map(|name| name_of(name).ok_or_else(|| CertificateError::Name(name.clone())));
    let mut names = Vec::new();
    for name in own.map(Ok).chain(asked) {
        let name = name?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The names that a server goes by that was told to listen on `host` and is to have these names besides.
///
/// # Errors
///
/// If a name is none that a certificate can be for.
pub fn host_names(asked: &[String], host: &str) -> Result<Vec<String>, CertificateError> {
    if let Some(name) = asked.iter().find(|name| name_of(name).is_none()) {
        return Err(CertificateError::Name(name.clone()));
    }
    Ok(NAMES.into_iter().chain([host]).chain(asked.iter().map(String::as_str)).map(str::to_owned).collect())
}

/// A host name, with a star in place of its first label perhaps, or an address.
fn name_of(text: &str) -> Option<SanType> {
    if let Ok(address) = text.parse() {
        return Some(SanType::IpAddress(address));
    }
    let of_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let labels = text.strip_prefix("*.").unwrap_or(text);
    let host_name = labels.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(of_label));
    if host_name { text.try_into().ok().map(SanType::DnsName) } else { None }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// A certificate in PEM form.
pub fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
