//! The command: how it says that it is ready, what it refuses, and how it ends; and what brings clients to a server.

// A test may panic.
#![allow(clippy::unwrap_used)]

#[macro_use]
#[path = "../common/mod.rs"]
mod common;
#[path = "../discovery/signing.rs"]
mod signing;

mod check;
mod conflicts;
mod ending;
mod env;
mod exec;
mod log;

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use common::*;
use mdb_emulator::contract::proto::mdb::emulator::v1::clock_service_client::ClockServiceClient;
use mdb_emulator::contract::proto::mdb::emulator::v1::universe_service_client::UniverseServiceClient;
use mdb_emulator::contract::proto::mdb::emulator::v1::{Clock, GetClockRequest, GetUniverseRequest};
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::CreateIamTokenRequest;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::create_iam_token_request::Identity;
use mdb_emulator::contract::proto::yandex::cloud::iam::v1::iam_token_service_client::IamTokenServiceClient;
use mdb_emulator::demo;
use redis::v1::cluster_service_client::ClusterServiceClient;
use signing::{KEY_FILE, Robot};
use tonic::transport::{Channel, Endpoint};

const VARIABLES: [&str; 18] = [
    "LISTEN",
    "DEMO",
    "SEED",
    "CLOCK",
    "OPERATION_TIME",
    "CONFLICTS",
    "STRICT",
    "ALLOW_ORIGIN",
    "AUTH",
    "CONTROL_TOKEN",
    "SERVICE_ACCOUNT_KEY",
    "TLS",
    "TLS_NAME",
    "TLS_CERT",
    "TLS_KEY",
    "LOG",
    "TLS_CA_OUT",
    "READY_FILE",
];

/// The command, without what the environment of the tests may say to it.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mdb-emulator"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in VARIABLES.into_iter().chain(["ADDRESS", "CA"]) {
        command.env_remove(format!("MDB_EMULATOR_{variable}"));
    }
    command
}

/// A server that runs, until it is dropped.
struct Running {
    process: Child,
    out: BufReader<std::process::ChildStdout>,
    ready_line: String,
}

impl Running {
    /// Serves on a free port, with these arguments besides.
    fn start(arguments: &[&str]) -> Self {
        Self::from(command(&[["serve", "--listen", "127.0.0.1:0"].as_slice(), arguments].concat()))
    }

    fn from(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut ready_line = String::new();
        out.read_line(&mut ready_line).unwrap();
        Self { process, out, ready_line }
    }

    fn address(&self) -> &str {
        let address = self.ready_line.strip_prefix("mdb-emulator ready on ").expect(&self.ready_line);
        address.strip_suffix('\n').unwrap()
    }

    fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address())).unwrap().connect_lazy()
    }

    async fn clock(&self) -> Clock {
        self.clock_shown("").await.unwrap()
    }

    /// What the control API answers to a token.
    async fn clock_shown(&self, token: &str) -> Result<Clock, Status> {
        let mut request = tonic::Request::new(GetClockRequest::default());
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        ClockServiceClient::new(self.channel()).get(request).await.map(tonic::Response::into_inner)
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end: the exit code, what else came on standard output, and what came on standard error.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut out, mut error) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        (self.process.wait().unwrap().code(), out, error)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// The one line with which a command refuses to run.
#[track_caller]
fn misuse(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(error.matches('\n').count(), 1, "one line: {error:?}");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_call_after_the_ready_line_is_answered() {
    let running = Running::start(&[]);
    assert!(!running.address().ends_with(":0"), "{}", running.address());
    assert!(!running.clock().await.frozen, "the clock follows the machine's");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ready_file_is_whole_as_soon_as_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    std::fs::write(&file, "of an earlier server").unwrap();
    let running = Running::start(&["--ready-file", file.to_str().unwrap()]);
    let pid = running.process.id();
    let said = std::fs::read_to_string(&file).unwrap();
    let token = control_token(&file);
    let expected =
        format!("{{\"address\": \"{}\", \"pid\": {pid}, \"control_token\": \"{token}\"}}\n", running.address());
    assert_eq!(said, expected);
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["ready.json"], "nothing unfinished is left beside it");
}

/// The control token in a ready file, which nobody else may read.
#[track_caller]
fn control_token(ready_file: &Path) -> String {
    assert_eq!(std::fs::metadata(ready_file).unwrap().permissions().mode() & 0o777, 0o600);
    let said: serde_json::Value = serde_json::from_slice(&std::fs::read(ready_file).unwrap()).unwrap();
    said["control_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_token_is_each_processs_own_unless_it_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut tokens = Vec::new();
    for (number, arguments) in [[].as_slice(), &[], &["--control-token", "mine.for-ever"]].into_iter().enumerate() {
        let file = folder.path().join(number.to_string());
        let running =
            Running::start(&[&["--auth", "token", "--ready-file", file.to_str().unwrap()], arguments].concat());
        tokens.push(control_token(&file));
        running.clock_shown(&tokens[number]).await.unwrap();
        let refused = running.clock_shown(&format!("{}x", tokens[number])).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert!(refused.message().contains("--ready-file"), "{refused}");
    }
    assert_eq!(tokens[2], "mine.for-ever");
    assert_ne!(tokens[0], tokens[1]);
}

#[test]
fn stale_files_are_gone_even_if_the_server_cannot_start() {
    let folder = tempfile::tempdir().unwrap();
    let (ready, authority) = (folder.path().join("ready.json"), folder.path().join("ca.pem"));
    for file in [&ready, &authority] {
        std::fs::write(file, "of an earlier server").unwrap();
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = command(&["serve", "--listen", &address]);
    let output = command.arg("--ready-file").arg(&ready).arg("--tls-ca-out").arg(&authority).output().unwrap();
    let error = misuse(&output);
    assert!(error.contains(&address), "it says which port is taken: {error}");
    assert!(!ready.exists() && !authority.exists());
}

#[test]
fn the_ready_file_says_where_the_authoritys_certificate_is() {
    let folder = tempfile::tempdir().unwrap();
    let (ready, authority) = (folder.path().join("ready.json"), folder.path().join("the \"CA\".pem"));
    std::fs::write(&authority, "of an earlier server").unwrap();
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--ready-file", "ready.json", "--tls-ca-out"]);
    // As seen from the server's folder, which need not be that of who reads the file.
    command.arg("the \"CA\".pem").current_dir(&folder);
    let _running = Running::from(command);
    let said: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(ready).unwrap()).unwrap();
    assert_eq!(said["tls_ca"].as_str().map(Path::new), Some(authority.as_path()));
    let certificate = std::fs::read_to_string(&authority).unwrap();
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----\n"), "{certificate}");
    assert!(certificate.ends_with("\n-----END CERTIFICATE-----\n"), "{certificate}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing unfinished is left beside them");
}

#[test]
fn misuse_is_one_clear_line_and_exit_2() {
    for (arguments, wanted) in [
        (["serve", "--fly"].as_slice(), "--fly"),
        (&["fly"], "fly"),
        (&["serve", "--clock", "yesterday"], "must be a time such as 2026-01-31T21:59:00Z"),
        (&["serve", "--clock", "0001-01-01T00:00:00Z"], "must be from the year 1678 to 2261"),
        (&["serve", "--seed=-1"], "--seed"),
        (&["serve", "--seed", "lucky"], "must be a number from 0 to 2^64-1, or random"),
        (&["serve", "--operation-time", "long"], "must be none, realistic, or a length such as 500ms, 5s or 2m"),
        (&["serve", "--conflicts", "fight"], "must be wait or refuse"),
        (&["serve", "--auth", "maybe"], "must be off or token"),
        (&["serve", "--allow-origin", "localhost:5173"], "must be SCHEME://HOST or SCHEME://HOST:PORT"),
        (&["serve", "--allow-origin", "http://localhost:5173/"], "without a path, as browsers send it, or * for all"),
        (&["serve", "--allow-origin", "http://a,null"], "'null'"),
        (&["serve", "--allow-origin", "http://user@a"], "must be SCHEME://HOST"),
        (&["serve", "--allow-origin", "http://*.example/*"], "must be SCHEME://HOST"),
        (&["serve", "--control-token", "two words"], "must be of 1 to 512 ASCII letters, digits and -._~+/="),
        (&["serve", "--service-account-key", "/no/such/key.json"], "/no/such/key.json"),
        (
            &["serve", "--service-account-key", "Cargo.toml"],
            "it must be JSON with id, service_account_id and public_key",
        ),
        (&["serve", "--tls", "maybe"], "must be require, allow or off"),
        (&["serve", "--tls-name", "two words"], "\"two words\": it is neither a host name nor an address"),
        (&["serve", "--tls-cert", "one.pem"], "--tls-key"),
        (&["serve", "--tls-key", "one.pem"], "--tls-cert"),
        (&["serve", "--tls-cert", "/no/such.pem", "--tls-key", "/no/such.key"], "the certificate in /no/such.pem"),
        (&["serve", "--tls-cert", "Cargo.toml", "--tls-key", "Cargo.toml"], "there is none in PEM form"),
        (&["serve", "--tls-cert", "a", "--tls-key", "b", "--tls-ca-out", "c"], "--tls-ca-out"),
        (
            &["serve", "--tls", "off", "--tls-name", "two words"],
            "\"two words\": it is neither a host name nor an address",
        ),
        (&["serve", "--tls", "off", "--tls-cert", "a", "--tls-key", "b"], "no use for a certificate"),
        (&["serve", "--tls", "off", "--tls-ca-out", "c", "--listen", "127.0.0.1:0"], "no certificate for --tls-ca-out"),
        (&["serve", "--listen", "127.0.0.1:0", "--tls-ca-out", "/no/such/folder/ca.pem"], "/no/such/folder/ca.pem"),
        (&["serve", "--log", "=!"], "--log"),
        (&["serve", "--log", "[span]=debug"], "levels by target"),
        (&["serve", "--listen", "nowhere"], "nowhere"),
        (&["serve", "--listen", "127.0.0.1:99999"], "127.0.0.1:99999"),
        (&["serve", "--listen", "127.0.0.1:0", "--ready-file", "/no/such/folder/ready.json"], "/no/such/folder"),
    ] {
        let error = misuse(&command(arguments).output().unwrap());
        assert!(error.contains(wanted), "{arguments:?}: {error}");
        assert!(error.starts_with("error: "), "{arguments:?}: {error}");
    }
}

#[test]
fn the_version_is_told() {
    let output = command(&["--version"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), concat!("mdb-emulator ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(command(&[]).output().unwrap().status.code(), Some(2), "there is nothing to do");
}

#[test]
fn who_stops_reading_is_spared_a_panic() {
    let running = Running::start(&[]);
    let unread = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command(arguments).stdout(writer).output().unwrap()
    };
    let output = unread(&["serve", "--help"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let error = misuse(&unread(&["env", "--address", running.address()]));
    assert!(error.contains("Broken pipe"), "{error}");
}

#[test]
fn the_help_tells_the_default_and_the_variable_of_each_flag() {
    let without_variable = ["exec --listen", "env --format", "check --timeout"];
    for (name, variables) in [
        ("serve", VARIABLES.as_slice()),
        // It has no file to write, and each that runs has an address of its own.
        ("exec", &VARIABLES[1..16]),
        ("env", &["ADDRESS", "CA", "READY_FILE"]),
        ("check", &["ADDRESS", "CA"]),
    ] {
        let output = command(&[name, "--help"]).output().unwrap();
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        let mut told = Vec::new();
        for flag in help.split("\n      --").skip(1) {
            let (flag, told_of) = flag.split_once('\n').unwrap();
            let text = told_of.lines().next().unwrap();
            assert!(text.contains("[default: "), "{name} --{flag}: {text}");
            let flag = flag.split(' ').next().unwrap();
            let variable = flag.to_uppercase().replace('-', "_");
            if text.contains(&format!("[env: MDB_EMULATOR_{variable}]")) {
                told.push(variable);
            } else {
                assert!(without_variable.contains(&&*format!("{name} --{flag}")), "{name} --{flag}: {text}");
            }
        }
        let mut wanted = variables.to_vec();
        told.sort();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "{name}");
    }
}

#[test]
fn a_signal_ends_it_well() {
    for signal in ["-TERM", "-INT"] {
        let running = Running::start(&["--log", "warn"]);
        running.signal(signal);
        let (code, out, error) = running.end();
        assert_eq!((code, out.as_str(), error.as_str()), (Some(0), "", ""), "{signal}");
    }
}

/// Lets ten years pass, which takes a while on a server with clusters.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_flags_say_the_environment_can_say_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    let mut command = command(&["serve"]);
    command
        .env("MDB_EMULATOR_LISTEN", "127.0.0.1:0")
        .env("MDB_EMULATOR_SEED", "41")
        .env("MDB_EMULATOR_CLOCK", "2026-01-31T21:59:00Z")
        .env("MDB_EMULATOR_OPERATION_TIME", "30s")
        .env("MDB_EMULATOR_DEMO", "true")
        .env("MDB_EMULATOR_LOG", "off")
        .env("MDB_EMULATOR_AUTH", "off")
        .env("MDB_EMULATOR_CONTROL_TOKEN", "mine")
        .env("MDB_EMULATOR_TLS", "off")
        .env("MDB_EMULATOR_SERVICE_ACCOUNT_KEY", KEY_FILE)
        .env("MDB_EMULATOR_READY_FILE", &file);
    let running = Running::from(command);
    assert_eq!(control_token(&file), "mine");
    let mut tls = std::net::TcpStream::connect(running.address()).unwrap();
    std::io::Write::write_all(&mut tls, &[0x16, 3, 1, 2, 0]).unwrap();
    assert!(matches!(tls.read(&mut [0]), Ok(0) | Err(_)), "there is no TLS");
    let clock = running.clock().await;
    assert_eq!((clock.now.unwrap().to_string().as_str(), clock.frozen), ("2026-01-31T21:59:00Z", true));
    let request = GetUniverseRequest { universe_id: "default".into() };
    let universe = UniverseServiceClient::new(running.channel()).get(request).await.unwrap().into_inner();
    assert_eq!((universe.seed, universe.cluster_count), (41, 4));
    let reply = ClusterServiceClient::new(running.channel()).create(Redis::new_cluster("main")).await.unwrap();
    assert_eq!(reply.metadata().get("x-operation-poll-interval").unwrap(), "30");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_says_nothing() {
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.envs(VARIABLES.map(|name| (format!("MDB_EMULATOR_{name}"), "")));
    let running = Running::from(serve);
    assert!(!running.clock().await.frozen);
    for client in [["check"].as_slice(), &["env"]] {
        let mut asking = command(client);
        asking.env("MDB_EMULATOR_ADDRESS", "").env("MDB_EMULATOR_CA", "").env("MDB_EMULATOR_LISTEN", running.address());
        let output = asking.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    running.signal("-TERM");
    let (_, _, log) = running.end();
    assert!(log.contains("IamTokenService/Create"), "calls are logged by default: {log}");
    // What is said on the command line is meant.
    misuse(&command(&["serve", "--listen", "127.0.0.1:0", "--clock", ""]).output().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_a_line_a_call_and_no_secrets() {
    let running = Running::start(&["--log", "off, mdb_emulator=trace,"]);
    let mut client = ClusterServiceClient::new(running.channel());
    client.create(Redis::new_cluster("main")).await.unwrap();
    client.create(Redis::new_cluster("main")).await.unwrap_err();
    running.signal("-TERM");
    let (_, out, log) = running.end();
    assert_eq!(out, "", "standard output has the ready line alone");
    let calls: Vec<&str> = log.lines().filter(|line| line.contains("redis.v1.ClusterService/Create")).collect();
    assert_eq!(calls.len(), 2, "{log}");
    assert!(calls[0].contains("Ok") && calls[1].contains("AlreadyExists"), "{log}");
    assert!(!log.contains(SECRET), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_asked_for_by_an_option_and_are_in_no_log() {
    let (robot, other) = (Robot::new(), Robot::other());
    // All there is to log is more than a pipe holds.
    let log = tempfile::NamedTempFile::new().unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--auth", "token", "--service-account-key", KEY_FILE, "--log", "trace"];
    let managing = "manages-the-universes";
    let mut command = command(&[["serve"].as_slice(), &arguments, &["--control-token", managing]].concat());
    command.stderr(log.reopen().unwrap());
    let mut running = Running::from(command);
    let mut clusters = ClusterServiceClient::new(running.channel());
    let refused = clusters.create(Redis::new_cluster("main")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);

    let mut iam = IamTokenServiceClient::new(running.channel());
    let now = running.clock_shown(managing).await.unwrap().now.unwrap().seconds;
    let (oauth, jwt, others_jwt) = ("y0_not-for-your-eyes", robot.jwt(now), other.jwt(now));
    let trade = |identity| CreateIamTokenRequest { identity: Some(identity) };
    iam.create(trade(Identity::YandexPassportOauthToken(oauth.into()))).await.unwrap();
    iam.create(trade(Identity::Jwt(others_jwt.clone()))).await.unwrap_err();
    let token = iam.create(trade(Identity::Jwt(jwt.clone()))).await.unwrap().into_inner().iam_token;
    let mut request = tonic::Request::new(Redis::new_cluster("main"));
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    assert_eq!(clusters.create(request).await.unwrap().into_inner().created_by, robot.id);

    running.signal("-TERM");
    assert!(running.process.wait().unwrap().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("iam.v1.IamTokenService/Create"), "{log}");
    for secret in [oauth, &jwt, &others_jwt, &token, managing] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_random_seed_is_logged() {
    let running = Running::start(&["--seed", "random"]);
    let request = GetUniverseRequest { universe_id: "default".into() };
    let universe = UniverseServiceClient::new(running.channel()).get(request).await.unwrap().into_inner();
    running.signal("-TERM");
    let (_, _, log) = running.end();
    assert!(log.contains(&format!("the seed is {}", universe.seed)), "{log}");
}

/// The ids of the demonstration's clusters, which README may name.
const DEMO: [(&str, &str); 4] = [
    ("redis", "c9qivsg66jom2o0rh113"),
    ("mysql", "c9qb97cdaor2bok35q5e"),
    ("sqlserver", "c9qnggmfh8n8avet2uq2"),
    ("spqr", "c9qinbmb2mp4jliqkacg"),
];

/// The cluster of an engine in the demonstration, and how many backups it has.
fn demonstrated<E: Sample>(cloud: &Cloud) -> (&'static str, String, Vec<E::Backup>) {
    let mut request = E::ListClustersRequest::default();
    request.set_folder_id(demo::FOLDER.into());
    let clusters = E::list(cloud, request).unwrap().clusters().to_vec();
    assert_eq!(clusters.len(), 1);
    assert_eq!(clusters[0].status(), RUNNING);
    let id = clusters[0].id().to_owned();
    let backups = cloud.backups::<E>(&id);
    assert_eq!(backups, cloud.backups_in::<E>(demo::FOLDER));
    (E::PACKAGE, id, backups)
}

fn week<E: Sample>(cloud: &Cloud) -> (&'static str, String) {
    let (package, id, backups) = demonstrated::<E>(cloud);
    assert_eq!(backups.len(), 7, "{package}");
    let now = cloud.now().seconds;
    for (day, backup) in (0..).zip(&backups) {
        let age = now - backup.created_at().unwrap().seconds;
        assert!((day * DAY..(day + 1) * DAY).contains(&age), "{package}: {age} s on day {day}");
    }
    (package, id)
}

#[test]
fn the_demonstration_has_the_same_ids_whatever_the_clock_and_seed_and_a_week_of_backups() {
    for (time, seed) in [("2026-01-31T12:00:00Z", 0), ("2031-07-01T07:00:00Z", 99)] {
        let cloud = Cloud::start_with(|options| {
            options.demo = true;
            options.clock = Some(time.parse().unwrap());
            options.seed = mdb_emulator::universe::Seed(seed);
        });
        let ids = [week::<Redis>(&cloud), week::<Mysql>(&cloud), week::<SqlServer>(&cloud), week::<Spqr>(&cloud)];
        let ids: Vec<(&str, &str)> = ids.iter().map(|(package, id)| (*package, id.as_str())).collect();
        assert_eq!(ids, DEMO);
    }
}
