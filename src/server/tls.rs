//! TLS: a certificate authority of its own at each start, or the user's own certificate.
//!
//! The authority's key signs one certificate and is forgotten, so what trusts the authority trusts this server alone.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use uuid::Uuid;

use crate::universes::machine_now;

/// What every certificate is for, whatever else it is for.
const NAMES: [&str; 3] = ["localhost", "*.localhost", "host.docker.internal"];

/// How long a certificate is good before and after the start of the server. Together they stay under the 825 days that Apple's
/// systems allow; and they are this long because a test may run its client under a clock that is some months off.
const VALID_BEFORE: Duration = Duration::from_hours(400 * 24);
const VALID_AFTER: Duration = Duration::from_hours(424 * 24);

/// Which connections are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS alone; what comes in plaintext is told so.
    Require,
    /// TLS and plaintext.
    #[default]
    Allow,
    /// Plaintext alone; who begins with TLS is hung up on.
    Off,
}

impl FromStr for TlsMode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "require" => Ok(Self::Require),
            "allow" => Ok(Self::Allow),
            "off" => Ok(Self::Off),
            _ => Err("must be require, allow or off"),
        }
    }
}

/// How a server speaks TLS.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// Which connections are taken.
    pub mode: TlsMode,
    /// Names and addresses that the certificate is for, besides the usual ones.
    pub names: Vec<String>,
    /// A certificate to use instead of one that is made at the start.
    pub own: Option<OwnCertificate>,
}

/// A certificate from files.
#[derive(Clone, Debug)]
pub struct OwnCertificate {
    /// The certificate in PEM form, and those that lead from it to its authority.
    pub certificate: PathBuf,
    /// Its private key in PEM form.
    pub key: PathBuf,
}

/// Why a server cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of the user's cannot be used.
    #[error("cannot use the {what} in {path}: {reason}")]
    File {
        /// What should be in it.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The user's certificate and key cannot be used together.
    #[error("cannot use the certificate in {certificate} with the key in {key}: {reason}")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why not.
        reason: String,
    },
    /// No certificate can be for this name.
    #[error("cannot make a certificate for {0:?}: it is neither a host name nor an address")]
    Name(String),
    /// The machine has no randomness left, say.
    #[error("cannot make a certificate: {0}")]
    Made(#[from] rcgen::Error),
    /// The certificate that was made cannot be used.
    #[error("cannot use the certificate that was made: {0}")]
    Unusable(#[from] tokio_rustls::rustls::Error),
}

/// How a server takes its connections.
#[derive(Clone)]
pub struct Tls {
    /// Whether plaintext is taken.
    pub plaintext: bool,
    /// Takes TLS connections, if they are taken.
    pub acceptor: Option<TlsAcceptor>,
    /// The authority's certificate in PEM form, if there is one of this server's own.
    pub ca: Option<String>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("plaintext", &self.plaintext).field("ca", &self.ca).finish_non_exhaustive()
    }
}

impl Tls {
    /// What the options ask for, for a server that listens on `address` and was told to by the name `host`.
    ///
    /// # Errors
    ///
    /// If a file or a name of the options cannot be used.
    pub fn new(options: &TlsOptions, host: &str, address: SocketAddr) -> Result<Self, TlsError> {
        let plaintext = options.mode != TlsMode::Require;
        if options.mode == TlsMode::Off {
            return Ok(Self { plaintext, acceptor: None, ca: None });
        }
        let (config, ca) = match &options.own {
            Some(own) => (from_files(own)?, None),
            None => {
                let Made { ca, chain, key } = made(&names(&options.names, host, address)?)?;
                (config(chain, key)?, Some(ca))
            }
        };
        Ok(Self { plaintext, acceptor: Some(TlsAcceptor::from(Arc::new(config))), ca })
    }
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, tokio_rustls::rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // gRPC clients insist on h2; many HTTP clients have http/1.1 alone.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn from_files(own: &OwnCertificate) -> Result<ServerConfig, TlsError> {
    let unusable = |what, path: &Path, reason: String| TlsError::File { what, path: path.to_owned(), reason };
    let certificate = |reason: String| unusable("certificate", &own.certificate, reason);
    let chain = CertificateDer::pem_file_iter(&own.certificate)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(|error| certificate(error.to_string()))?;
    if chain.is_empty() {
        return Err(certificate("there is none in PEM form".into()));
    }
    let key =
        PrivateKeyDer::from_pem_file(&own.key).map_err(|error| unusable("private key", &own.key, error.to_string()))?;
    config(chain, key).map_err(|error| TlsError::Pair {
        certificate: own.certificate.clone(),
        key: own.key.clone(),
        reason: error.to_string(),
    })
}

/// Everything that the certificate is for.
fn names(asked: &[String], host: &str, address: SocketAddr) -> Result<Vec<SanType>, TlsError> {
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST), address.ip()];
    // What could be listened on need not be a name of the kind that certificates have.
    let own = NAMES.into_iter().chain([host]).filter_map(name_of).chain(addresses.map(SanType::IpAddress));
    let asked = asked.iter().map(|name| name_of(name).ok_or_else(|| TlsError::Name(name.clone())));
    let mut names = Vec::new();
    for name in own.map(Ok).chain(asked) {
        let name = name?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
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

/// What is made at a start.
struct Made {
    ca: String,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Makes an authority, and a certificate by it for these names.
fn made(names: &[SanType]) -> Result<Made, rcgen::Error> {
    let authority_key = KeyPair::generate()?;
    let mut authority = CertificateParams::default();
    // Some stores of certificates tell authorities apart by their names alone.
    authority.distinguished_name = named(&format!("mdb-emulator CA {}", Uuid::new_v4().simple()));
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.not_before = date_time_ymd(2000, 1, 1);
    authority.not_after = date_time_ymd(2049, 12, 31);
    let ca = authority.self_signed(&authority_key)?;

    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name = named("mdb-emulator");
    leaf.subject_alt_names = names.to_vec();
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Strict verifiers, such as Python's since 3.13, ask for it.
    leaf.use_authority_key_identifier_extension = true;
    let now = date_time_ymd(1970, 1, 1) + Duration::from_nanos(u64::try_from(machine_now().nanos()).unwrap_or(0));
    leaf.not_before = now - VALID_BEFORE;
    leaf.not_after = now + VALID_AFTER;
    let leaf = leaf.signed_by(&key, &Issuer::new(authority, authority_key))?;
    Ok(Made { ca: pem(ca.der()), chain: vec![leaf.into()], key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() })
}

fn named(name: &str) -> rcgen::DistinguishedName {
    let mut names = rcgen::DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
