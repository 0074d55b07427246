//! TLS: which connections are taken, and with which certificate: one by an [`Authority`] of this server's own, or the user's.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WantsServerCert;
use tokio_rustls::rustls::{ConfigBuilder, Error, ServerConfig};
use webpki::EndEntityCert;

use super::certificates::{self, Authority, CertificateError};

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
    /// Names and addresses that the server goes by besides the usual ones, and that a certificate is for which is made at the start.
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
    /// There is no certificate of the server's own.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The cryptography at hand does not do for TLS.
    #[error("cannot speak TLS: {0}")]
    Cryptography(#[from] Error),
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
    /// The names that the server goes by: all those that its certificate is for or would be for, and the user's.
    pub names: Vec<String>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("plaintext", &self.plaintext).field("ca", &self.ca).finish_non_exhaustive()
    }
}

impl Tls {
    /// What the options ask for, for a server that was told to listen on `host` and does so on `address`.
    ///
    /// # Errors
    ///
    /// If a file or a name of the options cannot be used.
    pub fn new(options: &TlsOptions, host: &str, address: SocketAddr) -> Result<Self, TlsError> {
        let plaintext = options.mode != TlsMode::Require;
        let mut names = certificates::host_names(&options.names, host)?;
        if options.mode == TlsMode::Off {
            return Ok(Self { plaintext, acceptor: None, ca: None, names });
        }
        let (mut config, ca) = match &options.own {
            Some(own) => {
                let (config, certified) = from_files(own)?;
                names.extend(certified);
                (config, None)
            }
            None => {
                let authority = Authority::new(&options.names, host, address)?;
                let certificate = authority.certificate().to_owned();
                (builder()?.with_cert_resolver(Arc::new(authority)), Some(certificate))
            }
        };
        // gRPC clients insist on h2; many HTTP clients have http/1.1 alone.
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { plaintext, acceptor: Some(TlsAcceptor::from(Arc::new(config))), ca, names })
    }
}

fn builder() -> Result<ConfigBuilder<ServerConfig, WantsServerCert>, Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_no_client_auth())
}

/// How to speak TLS by the user's files, and the names that the certificate in them is for.
fn from_files(own: &OwnCertificate) -> Result<(ServerConfig, Vec<String>), TlsError> {
    let unusable = |what, path: &Path, reason: String| TlsError::File { what, path: path.to_owned(), reason };
    let certificate = |reason: String| unusable("certificate", &own.certificate, reason);
    let chain = CertificateDer::pem_file_iter(&own.certificate)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(|error| certificate(error.to_string()))?;
    let first = chain.first().ok_or_else(|| certificate("there is none in PEM form".into()))?;
    let parsed = EndEntityCert::try_from(first).map_err(|error| certificate(error.to_string()))?;
    let names = parsed.valid_dns_names().map(str::to_owned).collect();
    let key =
        PrivateKeyDer::from_pem_file(&own.key).map_err(|error| unusable("private key", &own.key, error.to_string()))?;
    let config = builder()?.with_single_cert(chain, key).map_err(|error| TlsError::Pair {
        certificate: own.certificate.clone(),
        key: own.key.clone(),
        reason: error.to_string(),
    })?;
    Ok((config, names))
}
