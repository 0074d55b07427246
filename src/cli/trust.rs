//! What makes a client trust the emulator: files of certificates, in the forms that clients read.
//!
//! Most clients take one file for all that they trust, so these hold the emulator's authority beside the authorities that the
//! client would have trusted anyway: under `exec` a package registry can still be reached.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use yasna::Tag;
use yasna::models::ObjectIdentifier;

use super::files::{self, FOR_EVERYBODY};
use crate::server::pem;

/// The variables that name what a client trusts, as one file of certificates in PEM.
pub const VARIABLES: [&str; 5] = [
    "SSL_CERT_FILE",                    // OpenSSL, Go, curl, Python's ssl, Ruby, .NET, rustls
    "REQUESTS_CA_BUNDLE",               // Python's requests, pip
    "CURL_CA_BUNDLE",                   // curl, requests
    "NODE_EXTRA_CA_CERTS",              // Node, beside those that it brings
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", // gRPC for Python, Ruby, PHP and C++, and for Node
];

/// A variable of the same kind that is taken away from clients. The official Terraform provider gives a transport of its own to an AWS
/// client, and that client cannot put the certificates of this variable into it: the provider would not start.
pub const UNSET: &str = "AWS_CA_BUNDLE";

/// Where systems keep the authorities that they trust: Debian, Fedora, openSUSE, Alpine and macOS, old Red Hat.
const OF_SYSTEMS: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// The files.
#[derive(Debug)]
pub struct Trust {
    /// The emulator's authority alone, in PEM.
    pub authority: PathBuf,
    /// All authorities, in PEM.
    pub bundle: PathBuf,
    /// All authorities, as a PKCS #12 trust store without a password.
    pub jvm: PathBuf,
}

impl Trust {
    /// The files beside that of the emulator's authority: `ca.bundle.pem` and `ca.p12` beside `ca.pem`.
    pub fn beside(authority: &Path) -> Self {
        Self {
            authority: authority.to_owned(),
            bundle: authority.with_extension("bundle.pem"),
            jvm: authority.with_extension("p12"),
        }
    }

    /// Writes them, for an authority with this certificate.
    ///
    /// # Errors
    ///
    /// If their folder cannot be written to.
    pub fn write(&self, authority: &[u8]) -> io::Result<()> {
        let mut all = certificates(authority)?;
        for file in trusted_anyway() {
            match read(&file).and_then(|pem| certificates(&pem)) {
                Ok(more) => all.extend(more),
                Err(error) => tracing::warn!("what clients trust leaves out {}: {error}", file.display()),
            }
        }
        // Files may hold the same ones: those that an emulator wrote before hold the system's.
        let mut seen = HashSet::new();
        all.retain(|certificate| seen.insert(certificate.clone()));
        let bundle: String = all.iter().map(|certificate| pem(certificate)).collect();
        files::write(&self.bundle, bundle.as_bytes(), FOR_EVERYBODY)?;
        files::write(&self.jvm, &pkcs12(&all), FOR_EVERYBODY)
    }
}

/// The files that clients would trust without us: those that the environment names, and the system's.
fn trusted_anyway() -> Vec<PathBuf> {
    let named =
        VARIABLES.iter().chain([&UNSET]).filter_map(env::var_os).filter(|name| !name.is_empty()).map(PathBuf::from);
    let system = OF_SYSTEMS.iter().map(PathBuf::from).find(|file| file.exists());
    if system.is_none() {
        tracing::warn!("this system's certificates are not where they are looked for: clients will not trust them");
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for file in named.chain(system) {
        // Several names may lead to one file.
        let file = file.canonicalize().unwrap_or(file);
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// Reads a file of certificates whole.
///
/// # Errors
///
/// If it cannot be read, or has none.
pub fn read(file: &Path) -> io::Result<Vec<u8>> {
    let pem = fs::read(file)?;
    if certificates(&pem)?.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has no certificate in PEM"));
    }
    Ok(pem)
}

fn certificates(pem: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    let certificates: Result<_, _> = CertificateDer::pem_slice_iter(pem).collect();
    certificates.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
}

/// A PKCS #12 store (RFC 7292) of trusted certificates, neither encrypted nor sealed: nothing in it is secret, and so the JVM needs no
/// password to read it.
fn pkcs12(certificates: &[CertificateDer<'_>]) -> Vec<u8> {
    let bags = yasna::construct_der(|writer| {
        writer.write_sequence_of(|writer| {
            for certificate in certificates {
                bag(writer.next(), certificate);
            }
        });
    });
    let safe = yasna::construct_der(|writer| writer.write_sequence_of(|writer| data(writer.next(), &bags)));
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_u8(3);
            data(writer.next(), &safe);
        });
    })
}

/// A `ContentInfo` of plain data.
fn data(writer: yasna::DERWriter<'_>, content: &[u8]) {
    typed(writer, &[1, 2, 840, 113_549, 1, 7, 1], content);
}

/// A type and, as its content, bytes: the form of both `ContentInfo` and `CertBag`.
fn typed(writer: yasna::DERWriter<'_>, kind: &[u64], content: &[u8]) {
    writer.write_sequence(|writer| {
        writer.next().write_oid(&ObjectIdentifier::from_slice(kind));
        writer.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(content));
    });
}

/// A `SafeBag` of one certificate. The JVM trusts only what bears its own attribute: trusted, here for any use.
fn bag(writer: yasna::DERWriter<'_>, certificate: &[u8]) {
    const CERTIFICATE_BAG: [u64; 9] = [1, 2, 840, 113_549, 1, 12, 10, 1, 3];
    const X509: [u64; 8] = [1, 2, 840, 113_549, 1, 9, 22, 1];
    const TRUSTED_KEY_USAGE: [u64; 8] = [2, 16, 840, 1, 113_894, 746_875, 1, 1];
    const ANY_USE: [u64; 5] = [2, 5, 29, 37, 0];
    writer.write_sequence(|writer| {
        writer.next().write_oid(&ObjectIdentifier::from_slice(&CERTIFICATE_BAG));
        writer.next().write_tagged(Tag::context(0), |writer| typed(writer, &X509, certificate));
        writer.next().write_set_of(|writer| {
            writer.next().write_sequence(|writer| {
                writer.next().write_oid(&ObjectIdentifier::from_slice(&TRUSTED_KEY_USAGE));
                writer.next().write_set_of(|writer| writer.next().write_oid(&ObjectIdentifier::from_slice(&ANY_USE)));
            });
        });
    });
}
