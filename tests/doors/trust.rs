//! What the server's certificate is for, and whom one trusts with it.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mdb_emulator::server::{OwnCertificate, TlsOptions};
use mdb_emulator::{Emulator, Options};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};

use crate::client::{Tls, call, channel};
use crate::process::Process;

fn start(tls: TlsOptions) -> Emulator {
    Emulator::start_with(&Options { tls, ..Options::default() }).unwrap()
}

/// Whether a client that looks for this name trusts the server.
async fn trusted(emulator: &Emulator, authority: &str, name: &str) -> Result<(), String> {
    let connected = Tls::trusting(authority).of_name(name).connect(emulator.address()).await;
    connected.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_certificate_is_for_this_machine_and_the_names_that_are_asked_for() {
    let names = ["db.example".to_owned(), "*.db.example".to_owned(), "10.1.2.3".to_owned(), "my_service".to_owned()];
    let emulator = start(TlsOptions { names: names.into(), ..TlsOptions::default() });
    let authority = emulator.ca_certificate().unwrap();
    for name in [
        "localhost",
        "team-a.localhost",
        "Team-B.localhost",
        "a.b.localhost",
        "127.0.0.1",
        "::1",
        "host.docker.internal",
        "db.example",
        "a.db.example",
        "10.1.2.3",
        "my_service",
    ] {
        assert_eq!(trusted(&emulator, authority, name).await, Ok(()), "{name}");
    }
    for name in ["example", "10.1.2.4", "other.example"] {
        let refused = trusted(&emulator, authority, name).await.unwrap_err();
        assert!(refused.contains("not valid for name"), "{name}: {refused}");
    }
}

#[tokio::test]
async fn the_certificate_is_for_the_address_that_is_listened_on() {
    let options = Options { listen: "127.0.0.2:0".into(), ..Options::default() };
    let emulator = Emulator::start_with(&options).unwrap();
    assert_eq!(trusted(&emulator, emulator.ca_certificate().unwrap(), "127.0.0.2").await, Ok(()));
}

#[tokio::test]
async fn each_server_has_an_authority_of_its_own() {
    let (one, other) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let refused = trusted(&one, other.ca_certificate().unwrap(), "localhost").await.unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
}

/// Writes a certificate for `own.example` that is its own authority, and its key.
pub fn own_certificate(folder: &Path) -> (OwnCertificate, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["own.example".to_owned()]).unwrap();
    let own = OwnCertificate { certificate: folder.join("own.pem"), key: folder.join("own.key") };
    let certificate = pem("CERTIFICATE", cert.der());
    fs::write(&own.certificate, &certificate).unwrap();
    fs::write(&own.key, pem("PRIVATE KEY", signing_key.serialized_der())).unwrap();
    (own, certificate)
}

fn pem(kind: &str, bytes: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(bytes))
}

#[tokio::test]
async fn a_server_may_have_a_certificate_of_the_users() {
    let folder = tempfile::tempdir().unwrap();
    let (own, certificate) = own_certificate(folder.path());
    let emulator = start(TlsOptions { own: Some(own.clone()), ..TlsOptions::default() });
    assert_eq!(emulator.ca_certificate(), None, "there is no other");
    let stream = Tls::trusting(&certificate).of_name("own.example").connect(emulator.address()).await.unwrap();
    call(channel(stream).await).await.unwrap();

    // With another's key.
    fs::write(&own.key, pem("PRIVATE KEY", KeyPair::generate().unwrap().serialized_der())).unwrap();
    let options = Options { tls: TlsOptions { own: Some(own), ..TlsOptions::default() }, ..Options::default() };
    let error = Emulator::start_with(&options).unwrap_err().to_string();
    assert!(error.contains("own.pem") && error.contains("own.key"), "{error}");
}

#[tokio::test]
async fn the_environment_can_say_names_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    let server = Process::with_environment(&[
        ("MDB_EMULATOR_TLS_NAME", Path::new("one.example,two.example")),
        ("MDB_EMULATOR_TLS_CA_OUT", &authority),
    ])
    .await;
    let authority = fs::read_to_string(authority).unwrap();
    for name in ["one.example", "two.example"] {
        Tls::trusting(&authority).of_name(name).connect(server.address).await.unwrap();
    }

    let (own, certificate) = own_certificate(folder.path());
    let variables: [(&str, &Path); 2] =
        [("MDB_EMULATOR_TLS_CERT", &own.certificate), ("MDB_EMULATOR_TLS_KEY", &own.key)];
    let server = Process::with_environment(&variables).await;
    Tls::trusting(&certificate).of_name("own.example").connect(server.address).await.unwrap();
}
