//! What the server's certificate is for, and whom one trusts with it.

use std::fs;

use mdb_emulator::server::{OwnCertificate, TlsOptions};
use mdb_emulator::{Emulator, Options};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::client::{Tls, call, channel};

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

#[tokio::test]
async fn a_server_may_have_a_certificate_of_the_users() {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["own.example".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let own = OwnCertificate { certificate: folder.path().join("own.pem"), key: folder.path().join("own.key") };
    let pem = |kind: &str, bytes: &[u8]| {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
    };
    let certificate = pem("CERTIFICATE", cert.der());
    fs::write(&own.certificate, &certificate).unwrap();
    fs::write(&own.key, pem("PRIVATE KEY", signing_key.serialized_der())).unwrap();

    let emulator = start(TlsOptions { own: Some(own.clone()), ..TlsOptions::default() });
    assert_eq!(emulator.ca_certificate(), None, "there is no other");
    let stream = Tls::trusting(&certificate).of_name("own.example").connect(emulator.address()).await.unwrap();
    call(channel(stream).await).await.unwrap();

    // With another's key.
    let other = rcgen::KeyPair::generate().unwrap();
    fs::write(&own.key, pem("PRIVATE KEY", other.serialized_der())).unwrap();
    let options = Options { tls: TlsOptions { own: Some(own), ..TlsOptions::default() }, ..Options::default() };
    let error = Emulator::start_with(&options).unwrap_err().to_string();
    assert!(error.contains("own.pem") && error.contains("own.key"), "{error}");
}
