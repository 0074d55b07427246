//! How the command line says how TLS is spoken.

use std::path::PathBuf;

use clap::Args;

use crate::server::{OwnCertificate, TlsMode, TlsOptions};

/// Arguments of every command that starts a server.
#[derive(Args, Debug)]
pub struct TlsArguments {
    /// "allow" to take TLS and plaintext, "require" to take TLS alone, or "off" to take plaintext alone
    #[arg(long, value_name = "MODE", default_value = "allow", env = "MDB_EMULATOR_TLS")]
    tls: TlsMode,

    /// Another name or address by which clients may call the server, for which the certificate is made that is made at the start; may be
    /// given several times, or with commas [default: none but localhost, host.docker.internal and the address that is listened on]
    #[arg(long, value_name = "NAME", value_delimiter = ',', env = "MDB_EMULATOR_TLS_NAME")]
    tls_name: Vec<String>,

    /// A certificate of your own, in PEM form, with what leads from it to its authority [default: one that is made at the start]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert, in PEM form [default: one that is made at the start]
    #[arg(long, value_name = "FILE", env = "MDB_EMULATOR_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl TlsArguments {
    /// The options that they say.
    ///
    /// # Errors
    ///
    /// If some of them are of no use beside others.
    pub fn options(&self) -> Result<TlsOptions, &'static str> {
        let own = self.tls_cert.clone().zip(self.tls_key.clone());
        if self.tls == TlsMode::Off && own.is_some() {
            return Err("there is no use for a certificate with --tls off");
        }
        let own = own.map(|(certificate, key)| OwnCertificate { certificate, key });
        Ok(TlsOptions { mode: self.tls, names: self.tls_name.clone(), own })
    }
}
