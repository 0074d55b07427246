//! `mdb-emulator env`: what it prints is the same in every format, and clients that have it find and trust the server.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Running, command, control_token, misuse};

type Variables = BTreeMap<String, String>;

/// A value that each format has to quote.
const AWKWARD: &str = r#"-Da='it s' -Db="$HOME" -Dc=\"#;

/// A server that writes its certificate to `ca.pem` in a folder.
fn serve(folder: &Path, arguments: &[&str]) -> Running {
    let ca = folder.join("ca.pem");
    Running::start(&[["--tls-ca-out", ca.to_str().unwrap()].as_slice(), arguments].concat())
}

/// The command, where nothing is known of proxies and certificates.
fn env(arguments: &[&str]) -> Command {
    let mut command = command(&[["env"].as_slice(), arguments].concat());
    for variable in ["no_proxy", "NO_PROXY", "JAVA_TOOL_OPTIONS", "SSL_CERT_FILE"] {
        command.env_remove(variable);
    }
    command
}

/// What a command that must go well prints.
#[track_caller]
fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(command: &mut Command) -> Variables {
    serde_json::from_str(&printed(command.args(["--format", "json"]))).unwrap()
}

/// The variables that a shell has after a script, of those with these names.
fn in_shell(script: &str, printed: &str, names: &Variables) -> Variables {
    let mut shell = Command::new("sh");
    shell.args(["-euc", &format!("{script}; exec env -0"), "sh"]).arg(printed).stdout(Stdio::piped());
    for name in names.keys() {
        shell.env_remove(name);
    }
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let all = String::from_utf8(output.stdout).unwrap();
    let pairs = all.split_terminator('\0').map(|pair| pair.split_once('=').unwrap());
    pairs.filter(|(name, _)| names.contains_key(*name)).map(|(name, value)| (name.into(), value.into())).collect()
}

#[test]
fn every_format_says_the_same() {
    let folder = tempfile::Builder::new().prefix("it's a folder").tempdir().unwrap();
    // At one instant it gives one token.
    let running = serve(folder.path(), &["--clock", "2026-01-31T12:00:00Z"]);
    let ca = folder.path().join("ca.pem");
    let arguments = ["--address", running.address(), "--ca", ca.to_str().unwrap()];
    let awkward = || {
        let mut command = env(&arguments);
        command.env("JAVA_TOOL_OPTIONS", AWKWARD);
        command
    };
    let variables = json(&mut awkward());
    let options = &variables["JAVA_TOOL_OPTIONS"];
    assert!(options.starts_with(&format!("{AWKWARD} -Djavax.net.ssl.trustStore=\"/")), "{options}");

    let shell = printed(&mut awkward());
    assert_eq!(in_shell("eval \"$1\"", &shell, &variables), variables);
    assert_eq!(shell, printed(awkward().args(["--format", "shell"])), "it is the default");
    let dotenv = folder.path().join("env");
    std::fs::write(&dotenv, printed(awkward().args(["--format", "dotenv"]))).unwrap();
    assert_eq!(in_shell("set -a; . \"$1\"", dotenv.to_str().unwrap(), &variables), variables);
}

#[test]
fn what_needs_no_quotes_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve(folder.path(), &[]);
    let dotenv = printed(env(&["--address", running.address()]).args(["--format", "dotenv"]));
    assert!(!dotenv.contains(['\'', '"']), "some readers take quotes for a part of the value: {dotenv}");
    assert!(dotenv.lines().any(|line| line == format!("MDB_EMULATOR_ADDRESS={}", running.address())), "{dotenv}");
}

#[test]
fn it_names_the_server_and_what_vouches_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve(folder.path(), &["--tls", "require", "--auth", "token", "--demo"]);
    let ca = folder.path().canonicalize().unwrap().join("ca.pem");
    let variables = json(&mut env(&["--address", running.address(), "--ca", ca.to_str().unwrap()]));
    let beside = |extension| ca.with_extension(extension).to_str().unwrap().to_owned();
    for (name, wanted) in [
        ("MDB_EMULATOR_ADDRESS", running.address()),
        ("MDB_EMULATOR_CA", &beside("pem")),
        ("YC_ENDPOINT", running.address()),
        ("YC_FOLDER_ID", "b1gdemo0000000000000"),
        ("YC_CLOUD_ID", "b1gcloud000000000000"),
        ("YC_ZONE", "ru-central1-a"),
        ("YC_TERRAFORM_INITIALIZATION_SILENCE", "true"),
        ("SSL_CERT_FILE", &beside("bundle.pem")),
        ("REQUESTS_CA_BUNDLE", &beside("bundle.pem")),
        ("CURL_CA_BUNDLE", &beside("bundle.pem")),
        ("NODE_EXTRA_CA_CERTS", &beside("bundle.pem")),
        ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", &beside("bundle.pem")),
        ("JAVA_TOOL_OPTIONS", &format!("-Djavax.net.ssl.trustStore={}", beside("p12"))),
        ("no_proxy", "localhost,127.0.0.1,::1"),
        ("NO_PROXY", "localhost,127.0.0.1,::1"),
    ] {
        assert_eq!(variables[name], wanted, "{name}");
    }
    assert!(variables["YC_TOKEN"].starts_with("t1."), "{variables:?}");
    assert_eq!(variables["YC_IAM_TOKEN"], variables["YC_TOKEN"]);
    assert_eq!(variables.len(), 17, "nothing else: {variables:?}");
    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["ca.bundle.pem", "ca.p12", "ca.pem"]);
    // The same again, where it has all of that already.
    let bundle = std::fs::read(&variables["SSL_CERT_FILE"]).unwrap();
    let again = json(env(&["--ca", ca.to_str().unwrap()]).envs(&variables));
    assert_eq!(std::fs::read(&again["SSL_CERT_FILE"]).unwrap(), bundle);
    for name in ["NO_PROXY", "MDB_EMULATOR_ADDRESS", "JAVA_TOOL_OPTIONS"] {
        assert_eq!(again[name], variables[name]);
    }
}

#[test]
fn in_plaintext_there_is_nothing_to_trust() {
    let running = Running::start(&["--tls", "off"]);
    let variables = json(&mut env(&["--address", running.address()]));
    assert!(!variables.keys().any(|name| name.contains("CA") || name.contains("SSL") || name.contains("JAVA")));
    assert_eq!(variables["YC_FOLDER_ID"], "b1gdefault0000000000");
}

#[test]
fn a_server_on_every_address_is_at_this_machines_name() {
    let running = Running::from(command(&["serve", "--listen", "0.0.0.0:0"]));
    let variables = json(env(&[]).env("MDB_EMULATOR_LISTEN", running.address()));
    assert_eq!(variables["YC_ENDPOINT"], running.address().replace("0.0.0.0", "localhost"));
}

#[test]
fn proxies_are_asked_for_nothing_here() {
    let running = Running::start(&["--tls", "off"]);
    for (given, wanted) in [
        (("NO_PROXY", "corp.example"), "corp.example,localhost,127.0.0.1,::1"),
        (("no_proxy", "localhost, corp.example,"), "localhost,corp.example,127.0.0.1,::1"),
        (("no_proxy", "*"), "*"),
    ] {
        let variables = json(env(&["--address", running.address()]).env(given.0, given.1));
        assert_eq!((&*variables["no_proxy"], &*variables["NO_PROXY"]), (wanted, wanted), "{given:?}");
    }
}

/// The official Terraform provider does not start where it is set.
#[test]
fn the_bundle_of_aws_is_unset_by_a_shell_and_pointed_out_otherwise() {
    let running = Running::start(&["--tls", "off"]);
    let told = |format: &str, set: bool| {
        let mut command = env(&["--address", running.address(), "--format", format]);
        let command =
            if set { command.env("AWS_CA_BUNDLE", "/no/such.pem") } else { command.env_remove("AWS_CA_BUNDLE") };
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for set in [false, true] {
        let (shell, aside) = told("shell", set);
        assert_eq!(aside, "");
        let script = "export AWS_CA_BUNDLE=/no/such.pem; eval \"$1\"; echo \"${AWS_CA_BUNDLE-unset}\"";
        let output = Command::new("sh").args(["-euc", script, "sh", &shell]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "unset\n");

        let warning = "warning: unset AWS_CA_BUNDLE, with which the official Terraform provider does not start\n";
        let warning = if set { warning } else { "" };
        let (dotenv, aside) = told("dotenv", set);
        let about: Vec<_> = dotenv.lines().filter(|line| line.contains("AWS_CA_BUNDLE")).collect();
        assert_eq!(about, ["# AWS_CA_BUNDLE must not be set: the Terraform provider does not start with it"]);
        assert_eq!(aside, warning);
        let (json, aside) = told("json", set);
        assert_eq!((json.contains("AWS_CA_BUNDLE"), aside.as_str()), (false, warning));
    }
}

#[test]
fn it_has_the_control_token_from_the_ready_file_of_the_server_that_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, others) = (folder.path().join("ready.json"), folder.path().join("other.json"));
    let guarded = |file: &Path| Running::start(&["--auth", "token", "--ready-file", file.to_str().unwrap()]);
    let (running, _other) = (guarded(&mine), guarded(&others));
    let asking = |file: &Path| env(&["--address", running.address(), "--ready-file", file.to_str().unwrap()]);
    assert_eq!(json(&mut asking(&mine))["MDB_EMULATOR_CONTROL_TOKEN"], control_token(&mine));
    let in_variable = json(env(&["--address", running.address()]).env("MDB_EMULATOR_READY_FILE", &mine));
    assert_eq!(in_variable["MDB_EMULATOR_CONTROL_TOKEN"], control_token(&mine));
    assert!(!json(&mut env(&["--address", running.address()])).contains_key("MDB_EMULATOR_CONTROL_TOKEN"));

    let without = folder.path().join("without.json");
    std::fs::write(&without, "{}").unwrap();
    for (file, wanted) in [
        (others.as_path(), "the control API takes the process's control token"),
        (&without, "without.json: missing field `control_token`"),
        (Path::new("/no/such.json"), "cannot use /no/such.json"),
    ] {
        let error = misuse(&asking(file).output().unwrap());
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn what_cannot_be_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let running = serve(folder.path(), &["--tls", "require"]);
    let (mine, other) = (folder.path().join("ca.pem"), folder.path().join("other.pem"));
    let _other = Running::start(&["--tls-ca-out", other.to_str().unwrap()]);
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let here = running.address();
    let silence = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silence.local_addr().unwrap().to_string();
    // All at once, since each waits for a while.
    for (arguments, wanted, asking) in [
        (["--address", here].as_slice(), "--ca"),
        (&["--address", here, "--ca", other.to_str().unwrap()], "certificate"),
        (&["--address", here, "--ca", empty.to_str().unwrap()], "empty.pem: it has no certificate in PEM"),
        (&["--address", here, "--ca", "/no/such.pem"], "/no/such.pem"),
        (&["--address", "127.0.0.1:1", "--ca", mine.to_str().unwrap()], "127.0.0.1:1: Connection refused"),
        (&["--address", &silent], "no answer within 5s"),
        (&["--format", "toml"], "toml"),
    ]
    .map(|(arguments, wanted)| (arguments, wanted, env(arguments).spawn().unwrap()))
    {
        let error = misuse(&asking.wait_with_output().unwrap());
        assert!(error.contains(wanted), "{arguments:?}: {error}");
    }
}

/// An address of this machine on which nobody listens.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn it_waits_for_a_server_that_was_just_started() {
    let folder = tempfile::tempdir().unwrap();
    let quick_start = "mdb-emulator serve --log warn --tls require --tls-ca-out ca.pem >&2 &
        eval \"$(mdb-emulator env --ca ca.pem)\"
        status=0; mdb-emulator check || status=$?
        kill $!; wait; exit $status";
    let commands = Path::new(env!("CARGO_BIN_EXE_mdb-emulator")).parent().unwrap().to_str().unwrap();
    let address = free_address();
    // The second time the certificate of the first server is there.
    for time in ["first", "second"] {
        let mut shell = Command::new("sh");
        shell.args(["-uc", quick_start]).current_dir(&folder);
        shell.env("PATH", format!("{commands}:{}", std::env::var("PATH").unwrap()));
        shell.env("MDB_EMULATOR_LISTEN", &address).env_remove("MDB_EMULATOR_ADDRESS").env_remove("MDB_EMULATOR_CA");
        let output = shell.output().unwrap();
        assert!(output.status.success() && output.stderr.starts_with(b"mdb-emulator ready"), "{time}: {output:?}");
    }
}

#[test]
fn it_goes_by_the_file_of_the_server_that_answers() {
    let folder = tempfile::tempdir().unwrap();
    drop(serve(folder.path(), &[]));
    let ca = folder.path().join("ca.pem");
    let earlier = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = earlier.local_addr().unwrap().to_string();
    let arguments = ["--address", &address, "--ca", ca.to_str().unwrap(), "--format", "json"];
    let asking = env(&arguments).spawn().unwrap();
    // It has read the file of the server before, and asks.
    drop(earlier.accept().unwrap());
    drop(earlier);
    let listen = ["serve", "--listen", &address, "--tls-ca-out", ca.to_str().unwrap()];
    let _running = Running::from(command(&listen));
    let output = asking.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let variables: Variables = serde_json::from_slice(&output.stdout).unwrap();
    let bundle = std::fs::read(&variables["SSL_CERT_FILE"]).unwrap();
    assert!(bundle.starts_with(&std::fs::read(ca).unwrap()), "it begins with the server's authority");
}
