//! `mdb-emulator exec`: the command that it runs has the streams, the signals and the end that it would have by itself, and finds an
//! emulator that it can trust.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedKey, DnType, IsCa, Issuer, KeyPair, SanType,
    date_time_ymd, generate_simple_self_signed,
};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use yasna::Tag;
use yasna::models::ObjectIdentifier;

use super::{Running, command, misuse};

const EMULATOR: &str = env!("CARGO_BIN_EXE_mdb-emulator");

fn exec(flags: &[&str], child: &[&str]) -> Command {
    command(&[["exec"].as_slice(), flags, &["--"], child].concat())
}

/// Runs a script of a shell.
pub fn script(flags: &[&str], script: &str) -> Output {
    exec(flags, &["sh", "-euc", script]).output().unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// The environment of the child.
fn environment(command: &mut Command) -> BTreeMap<String, String> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let all = String::from_utf8(output.stdout).unwrap();
    let pairs = all.split_terminator('\0').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn it_ends_with_what_the_command_ends_with() {
    for (line, wanted) in
        [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
    {
        let output = script(&[], line);
        assert_eq!(output.status.code(), Some(wanted), "{line}");
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{line}: {output:?}");
    }
}

#[test]
fn what_cannot_be_run_is_one_line_and_the_status_of_shells() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    fs::write(&text, "no program").unwrap();
    for (program, status) in [("/no/such/program", 127), ("no-such-program", 127), (text.to_str().unwrap(), 126)] {
        let output = exec(&[], &[program]).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error.matches('\n').count(), 1, "{error}");
        assert!(error.starts_with(&format!("error: cannot run {program}: ")), "{error}");
    }
}

#[test]
fn misuse_is_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (arguments, wanted) in [
        (["exec"].as_slice(), "<COMMAND>"),
        (&["exec", "--"], "<COMMAND>"),
        (&["exec", "true"], "true"),
        (&["exec", "--clock", "yesterday", "--", "true"], "--clock"),
        (&["exec", "--listen", &address, "--", "true"], &address),
        (&["exec", "--tls-cert", "/no/such", "--tls-key", "/no/such", "--", "true"], "/no/such"),
    ] {
        let error = misuse(&command(arguments).output().unwrap());
        assert!(error.contains(wanted), "{arguments:?}: {error}");
    }
}

#[test]
fn the_streams_are_the_commands_own() {
    let mut child = exec(&[], &["sh", "-c", "cat; echo aside >&2"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"in\0and out").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!((&*output.stdout, &*output.stderr), (b"in\0and out".as_slice(), b"aside\n".as_slice()));
}

#[test]
fn calls_are_logged_if_that_is_asked_for() {
    let output = script(&["--log", "info"], &format!("{EMULATOR} check"));
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("IamTokenService/Create"), "{log}");
}

#[test]
fn the_command_finds_the_emulator_and_trusts_it() {
    for flags in [["--tls", "require", "--auth", "token"].as_slice(), &["--tls", "allow"], &["--tls", "off"]] {
        // By the environment alone, over TLS if there is a certificate.
        let output = script(flags, &format!("{EMULATOR} check"));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let other = Running::start(&["--tls", "require"]);
    let output = script(&["--tls", "require"], &format!("{EMULATOR} check --address {}", other.address()));
    assert_eq!(output.status.code(), Some(1), "it trusts nobody else: {output:?}");
}

#[test]
fn the_environment_is_that_of_env() {
    let variables = environment(&mut exec(&["--demo", "--tls", "require"], &["env", "-0"]));
    assert_eq!(variables["YC_FOLDER_ID"], "b1gdemo0000000000000");
    assert_eq!(variables["YC_ENDPOINT"], variables["MDB_EMULATOR_ADDRESS"]);
    assert!(variables["MDB_EMULATOR_ADDRESS"].starts_with("localhost:"), "{variables:?}");
    assert!(variables["YC_TOKEN"].starts_with("t1."), "{variables:?}");
    // At one instant it gives one token.
    let flags = ["--tls", "require", "--clock", "2026-01-31T12:00:00Z"];
    let printed = script(&flags, &format!("{EMULATOR} env --format json; env -0"));
    let printed = String::from_utf8(printed.stdout).unwrap();
    let (json, own) = printed.split_once("}\n").unwrap();
    let told: BTreeMap<String, String> = serde_json::from_str(&format!("{json}}}")).unwrap();
    assert!(own.split('\0').any(|pair| pair.starts_with("MDB_EMULATOR_CONTROL_TOKEN=")), "{own}");
    for (name, value) in &told {
        assert!(own.split('\0').any(|pair| pair == format!("{name}={value}")), "{name} {value}: {own}");
    }
}

#[test]
fn the_command_may_manage_the_universes() {
    let reset = "curl -sS -o /dev/null -w '%{http_code}\\n' -X POST -H \"authorization: Bearer $1\" \
        http://$MDB_EMULATOR_ADDRESS/mdb-emulator/v1/universes/default:reset";
    let both = format!("reset() {{ {reset}; }}; reset \"$MDB_EMULATOR_CONTROL_TOKEN\"; reset \"$YC_TOKEN\"");
    let output = script(&["--auth", "token"], &both);
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), "200\n401\n", "{output:?}");
}

#[test]
fn what_the_environment_had_is_there_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let corporate = folder.path().join("corporate.pem");
    let CertifiedKey { cert, .. } = generate_simple_self_signed(["corp.example".to_owned()]).unwrap();
    fs::write(&corporate, pem("CERTIFICATE", cert.der())).unwrap();
    let show = "cat \"$MDB_EMULATOR_CA\"; echo; cat \"$SSL_CERT_FILE\"; echo; echo \"$JAVA_TOOL_OPTIONS $NO_PROXY\"";
    let output = exec(&[], &["sh", "-c", show])
        .env("REQUESTS_CA_BUNDLE", &corporate)
        .env("JAVA_TOOL_OPTIONS", "-Xmx64m")
        .env("NO_PROXY", "corp.example")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("-Xmx64m -Djavax.net.ssl.trustStore=/"), "{text}");
    assert!(text.contains("corp.example,localhost"), "{text}");
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes()).map(Result::unwrap).collect();
    assert_eq!(certificates[0], certificates[1], "the emulator's comes first");
    assert!(certificates[2..].contains(cert.der()), "and the corporation's behind it");
}

/// The official Terraform provider does not start where it is set.
#[test]
fn the_bundle_of_aws_is_taken_away_and_trusted_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let corporate = folder.path().join("corporate.pem");
    let CertifiedKey { cert, .. } = generate_simple_self_signed(["corp.example".to_owned()]).unwrap();
    fs::write(&corporate, pem("CERTIFICATE", cert.der())).unwrap();
    let mut command = exec(&[], &["sh", "-c", "echo \"${AWS_CA_BUNDLE-unset}\"; cat \"$SSL_CERT_FILE\""]);
    let output = command.env("AWS_CA_BUNDLE", &corporate).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("unset\n"), "{text}");
    let trusted: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes()).map(Result::unwrap).collect();
    assert!(trusted.contains(cert.der()));
    for flags in [["--tls", "off"], ["--tls", "require"]] {
        let variables = environment(exec(&flags, &["env", "-0"]).env("AWS_CA_BUNDLE", &corporate));
        assert!(!variables.contains_key("AWS_CA_BUNDLE"), "{variables:?}");
    }
}

#[test]
fn an_emulator_around_it_is_out_of_the_way() {
    let output = script(&[], &format!("{EMULATOR} exec --tls off -- {EMULATOR} check"));
    assert!(output.status.success(), "its certificate vouches for nobody here: {output:?}");

    let folder = tempfile::Builder::new().prefix("two words").tempdir().unwrap();
    let show = "echo \"$JAVA_TOOL_OPTIONS\"; dirname \"$MDB_EMULATOR_CA\"";
    let mut nested = exec(&[], &[EMULATOR, "exec", "--", "sh", "-c", show]);
    let output = nested.env("TMPDIR", folder.path()).env("JAVA_TOOL_OPTIONS", "-Xmx64m  -Da=b").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (options, inner) = text.trim().split_once('\n').unwrap();
    assert_eq!(options, format!("-Xmx64m  -Da=b -Djavax.net.ssl.trustStore=\"{inner}/ca.p12\""));
}

#[test]
fn the_command_reaches_it_wherever_it_listens() {
    for (listen, name) in
        [("127.0.0.1", "localhost"), ("0.0.0.0", "localhost"), ("[::]", "localhost"), ("[::1]", "[::1]")]
    {
        let script = format!("echo \"$YC_ENDPOINT\"; exec {EMULATOR} check");
        let output = exec(&["--listen", &format!("{listen}:0")], &["sh", "-c", &script]).output().unwrap();
        assert!(output.status.success(), "{listen}: {output:?}");
        assert!(output.stdout.starts_with(format!("{name}:").as_bytes()), "{listen}: {output:?}");
    }
}

#[test]
fn a_file_without_certificates_is_left_out_with_a_warning() {
    let output = exec(&[], &["true"]).env("REQUESTS_CA_BUNDLE", "/no/such.pem").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("WARN") && log.contains("/no/such.pem"), "{log}");
}

/// The certificates in a PKCS #12 store of the kind that the JVM reads without a password.
fn stored(store: &[u8]) -> Vec<Vec<u8>> {
    let data = |reader: yasna::BERReader<'_, '_>| {
        reader.read_sequence(|reader| {
            let kind = reader.next().read_oid()?;
            let content = reader.next().read_tagged(Tag::context(0), |reader| reader.read_bytes())?;
            Ok((kind, content))
        })
    };
    let (safes, ()) = yasna::parse_der(store, |reader| {
        reader.read_sequence(|reader| {
            assert_eq!(reader.next().read_u8()?, 3);
            Ok((data(reader.next())?.1, ()))
        })
    })
    .unwrap();
    let contents = yasna::parse_der(&safes, |reader| reader.collect_sequence_of(data)).unwrap();
    let bag = |reader: yasna::BERReader<'_, '_>| {
        reader.read_sequence(|reader| {
            reader.next().read_oid()?;
            let (kind, certificate) = reader.next().read_tagged(Tag::context(0), data)?;
            assert_eq!(kind, ObjectIdentifier::from_slice(&[1, 2, 840, 113_549, 1, 9, 22, 1]), "X.509");
            reader.next().read_der()?;
            Ok(certificate)
        })
    };
    yasna::parse_der(&contents[0].1, |reader| reader.collect_sequence_of(bag)).unwrap()
}

#[test]
fn the_jvms_store_has_the_same_certificates_as_the_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let copy = format!("cp \"$SSL_CERT_FILE\" \"${{MDB_EMULATOR_CA%.pem}}.p12\" {}", folder.path().display());
    assert!(script(&[], &copy).status.success());
    let bundle = fs::read(folder.path().join("ca.bundle.pem")).unwrap();
    let bundle: Vec<_> = CertificateDer::pem_slice_iter(&bundle).map(|one| one.unwrap().to_vec()).collect();
    assert!(!bundle.is_empty());
    assert_eq!(stored(&fs::read(folder.path().join("ca.p12")).unwrap()), bundle);
}

/// A certificate for localhost that calls itself an authority, as the usual tools make it for a server.
fn ordinary() -> CertificateParams {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// The flags for a certificate and its key, which are written to a folder, and the certificate in PEM.
fn own(folder: &Path, certificate: &Certificate, key: &KeyPair) -> ([String; 6], String) {
    let [certificate_file, key_file] =
        ["own.pem", "own.key"].map(|name| folder.join(name).to_str().unwrap().to_owned());
    let pem_of_certificate = pem("CERTIFICATE", certificate.der());
    fs::write(&certificate_file, &pem_of_certificate).unwrap();
    fs::write(&key_file, pem("PRIVATE KEY", &key.serialize_der())).unwrap();
    let [cert, tls, require, key] = ["--tls-cert", "--tls", "require", "--tls-key"].map(str::to_owned);
    ([tls, require, cert, certificate_file, key, key_file], pem_of_certificate)
}

#[test]
fn a_certificate_of_the_users_own_is_trusted_too() {
    let key = KeyPair::generate().unwrap();
    let no_authority = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let mut unknown = CertificateParams::default();
    unknown.distinguished_name.push(DnType::CommonName, "an authority");
    let issuer = Issuer::new(unknown, KeyPair::generate().unwrap());
    for certificate in [
        no_authority.self_signed(&key).unwrap(),
        ordinary().self_signed(&key).unwrap(),
        // Its authority is in no file.
        no_authority.signed_by(&key, &issuer).unwrap(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (flags, pem) = own(folder.path(), &certificate, &key);
        let output =
            script(&flags.each_ref().map(String::as_str), &format!("{EMULATOR} check; cat \"$MDB_EMULATOR_CA\""));
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), pem);
    }
}

#[test]
fn a_certificate_of_the_users_own_must_be_good_for_this_server_now() {
    let key = KeyPair::generate().unwrap();
    let (mut late, mut elsewhere) = (ordinary(), ordinary());
    late.not_after = date_time_ymd(2020, 1, 1);
    elsewhere.subject_alt_names = vec![SanType::DnsName("corp.example".try_into().unwrap())];
    for (params, wanted) in [(late, "expired"), (elsewhere, "not valid for name")] {
        let folder = tempfile::tempdir().unwrap();
        let (flags, _) = own(folder.path(), &params.self_signed(&key).unwrap(), &key);
        let error = misuse(&script(&flags.each_ref().map(String::as_str), "true"));
        assert!(error.contains(wanted), "{error}");
    }
    // One that looks the same but is another is nobody's.
    let folder = tempfile::tempdir().unwrap();
    let (flags, _) = own(folder.path(), &ordinary().self_signed(&key).unwrap(), &key);
    let other = folder.path().join("other.pem");
    let others_key = KeyPair::generate().unwrap();
    fs::write(&other, pem("CERTIFICATE", ordinary().self_signed(&others_key).unwrap().der())).unwrap();
    let output = script(&flags.each_ref().map(String::as_str), &format!("{EMULATOR} check --ca {}", other.display()));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn its_files_are_private_and_gone_in_the_end_and_so_is_the_server() {
    let output = script(
        &[],
        "folder=$(dirname \"$MDB_EMULATOR_CA\"); stat -c %a \"$folder\"; echo \"$folder\"; echo \"$YC_ENDPOINT\"",
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "700");
    assert!(lines[1].starts_with('/') && !Path::new(lines[1]).exists(), "{text}");
    assert!(TcpStream::connect(lines[2]).is_err(), "nobody listens any more");
}

/// A command that says when it is ready for a signal, and by its end that it has had it; it does not wait for ever.
fn waiting_for(signal: &str) -> String {
    format!("trap 'exit 41' {signal}; echo ready; for _ in $(seq 200); do sleep 0.05; done")
}

fn waiting(signal: &str) -> Running {
    Running::from(exec(&[], &["sh", "-c", &waiting_for(signal)]))
}

#[test]
fn signals_are_passed_on() {
    for signal in ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"] {
        let running = waiting(signal);
        assert_eq!(running.ready_line, "ready\n");
        running.signal(&format!("-{signal}"));
        let (code, _, error) = running.end();
        assert_eq!((code, error.as_str()), (Some(41), ""), "{signal}");
    }
    let running = waiting("USR1");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(143), "one that it has no answer to ends it");
}

#[test]
fn what_is_ignored_is_ignored_by_the_command_too() {
    let line = format!("trap '' HUP; exec {EMULATOR} exec -- sh -c 'kill -HUP $$; kill -HUP $PPID; exit 7'");
    assert_eq!(Command::new("sh").args(["-c", &line]).status().unwrap().code(), Some(7));
}

/// Runs a command in a terminal, presses Ctrl-C as soon as it says that it is ready, and returns its end and what it showed.
fn interrupted(child: &str) -> (Option<i32>, String) {
    let line = format!("exec {EMULATOR} exec -- {child}");
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keys, mut shown) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("ready") {
        let mut buffer = [0; 64];
        let length = shown.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "it has ended: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    keys.write_all(b"\x03").unwrap();
    shown.read_to_string(&mut text).unwrap();
    (terminal.wait().unwrap().code(), text)
}

/// The keys of a terminal reach the command by themselves, so it shall not have them from us as well.
#[test]
fn an_interrupt_from_the_terminal_is_left_to_the_terminal() {
    let (code, text) = interrupted(&format!("sh -c \"{}\"", waiting_for("INT").replace('$', "\\$")));
    assert_eq!(code, Some(41), "{text}");
    // One that the terminal does not reach, since it is in a session of its own, goes on.
    let away = "trap 'exit 41' INT; echo ready; sleep 0.5; exit 7";
    let (code, text) = interrupted(&format!("setsid --wait sh -c \"{away}\""));
    assert_eq!(code, Some(7), "{text}");
}
