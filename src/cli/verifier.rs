//! Which servers a client over TLS takes for whom they say they are.

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

/// Takes a server that is trusted, or any; always one that has the key of its certificate.
#[derive(Debug)]
pub struct Verifier {
    trusted: Option<Trusted>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// What vouches for a server: an authority, or the server's own certificate, which need not be one of an authority.
#[derive(Debug)]
struct Trusted {
    authorities: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// Takes servers that one of these certificates, in PEM, vouches for.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn trusting(pem: &[u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
        if certificates.is_empty() {
            return Err("there is no certificate in PEM".into());
        }
        let mut authorities = RootCertStore::empty();
        for certificate in &certificates {
            authorities.add(certificate.clone())?;
        }
        Ok(Self { trusted: Some(Trusted { authorities, certificates }), ..Self::trusting_anyone() })
    }

    /// Takes every server.
    pub fn trusting_anyone() -> Self {
        Self { trusted: None, algorithms: ring::default_provider().signature_verification_algorithms }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        presented: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(Trusted { authorities, certificates }) = &self.trusted {
            let certificate = ParsedCertificate::try_from(presented)?;
            let algorithms = self.algorithms.all;
            match verify_server_cert_signed_by_trust_anchor(&certificate, authorities, intermediates, now, algorithms) {
                Err(error) if lacks_authority_alone(&error) && certificates.iter().any(|one| one == presented) => {}
                verified => verified?,
            }
            verify_server_name(&certificate, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether nothing is wrong with a certificate but that no authority signed it. Its dates come first, so they are good then.
fn lacks_authority_alone(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        // What signs itself may call itself an authority: many tools have it so.
        Error::InvalidCertificate(CertificateError::Other(OtherError(other))) => {
            matches!(other.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
    }
}
