//! `mdb-emulator check`: it says by its exit status alone that a server serves, and in one line why it does not.

use std::net::TcpListener;
use std::process::Output;

use super::{Running, command, misuse};

fn check(address: &str, arguments: &[&str]) -> Output {
    command(&[["check", "--address", address].as_slice(), arguments].concat()).output().unwrap()
}

#[track_caller]
fn serves(output: &Output) {
    assert_eq!((output.status.code(), &*output.stdout, &*output.stderr), (Some(0), b"".as_slice(), b"".as_slice()));
}

/// The one line with which a check fails.
#[track_caller]
fn fails(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(error.matches('\n').count(), 1, "one line: {error:?}");
    assert!(error.starts_with("error: "), "{error}");
    error
}

#[test]
fn a_server_serves_whatever_it_speaks() {
    for mode in ["allow", "require", "off"] {
        let running = Running::start(&["--tls", mode]);
        serves(&check(running.address(), &[]));
        let port = running.address().rsplit_once(':').unwrap().1;
        serves(&check(&format!("localhost:{port}"), &[]));
    }
}

#[test]
fn a_certificate_of_its_authority_is_checked_if_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let [ca, other] = ["ca.pem", "other.pem"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let running = Running::start(&["--tls", "require", "--tls-ca-out", &ca]);
    let _other = Running::start(&["--tls-ca-out", &other]);
    serves(&check(running.address(), &["--ca", &ca]));
    let error = fails(&check(running.address(), &["--ca", &other]));
    assert!(error.contains("certificate"), "{error}");

    let plaintext = Running::start(&["--tls", "off"]);
    let error = fails(&check(plaintext.address(), &["--ca", &ca]));
    assert!(error.contains(plaintext.address()), "{error}");

    std::fs::write(&other, "no certificate").unwrap();
    let error = fails(&check(running.address(), &["--ca", &other]));
    assert!(error.contains("no certificate in PEM"), "{error}");
}

#[test]
fn nobody_and_silence_are_no_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let error = fails(&check(&address, &["--timeout", "200ms"]));
    assert!(error.contains(&address) && error.contains("no answer within 200ms"), "{error}");
    drop(listener);
    let error = fails(&check(&address, &[]));
    assert!(error.contains(&address) && error.contains("refused"), "{error}");
}

#[test]
fn another_service_is_no_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::io::Write::write_all(&mut stream.unwrap(), b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
        }
    });
    let error = fails(&check(&address, &[]));
    assert!(error.contains(&address), "{error}");
}

#[test]
fn without_an_address_it_asks_where_the_environment_says_that_the_server_listens() {
    let running = Running::from(command(&["serve", "--listen", "0.0.0.0:0"]));
    let listen = running.address().to_owned();
    assert!(listen.starts_with("0.0.0.0:"), "{listen}");
    serves(&command(&["check"]).env("MDB_EMULATOR_LISTEN", &listen).output().unwrap());
    // No name is looked up: an image may have no file of names.
    for everywhere in ["0.0.0.0:1", "[::]:1"] {
        let output = command(&["check"]).env("MDB_EMULATOR_LISTEN", everywhere).output().unwrap();
        assert!(fails(&output).contains("127.0.0.1:1 "), "{output:?}");
    }
    // The address goes first.
    let nowhere = ("MDB_EMULATOR_ADDRESS", "127.0.0.1:1");
    let output = command(&["check"]).env("MDB_EMULATOR_LISTEN", &listen).env(nowhere.0, nowhere.1).output().unwrap();
    assert!(fails(&output).contains("127.0.0.1:1 "), "{output:?}");
}

#[test]
fn misuse_is_one_line() {
    for (arguments, wanted) in [
        (["check", "--timeout", "soon"].as_slice(), "--timeout"),
        (&["check", "--address"], "--address"),
        (&["check", "more"], "more"),
    ] {
        let error = misuse(&command(arguments).output().unwrap());
        assert!(error.contains(wanted), "{error}");
    }
}
