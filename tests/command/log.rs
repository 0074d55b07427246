//! The log on standard error: its lines, that none is lost however the process ends, and that nobody waits for who reads them.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mdb_emulator::{Emulator, log};
use regex_lite::Regex;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use crate::common::{FOLDER, RawCodec, redis};
use crate::{Running, command, exec};
use redis::v1::cluster_service_client::ClusterServiceClient;

/// Makes this program the one that panics.
const PANICS: &str = "MDB_EMULATOR_TEST_PANICS";

/// How long a call, or an end, may take at the most.
const ANSWERED: Duration = Duration::from_secs(20);

/// Lists clusters, by a call of this id.
async fn list(channel: &Channel, folder: &str, request_id: &str) -> Result<(), Status> {
    let message = redis::v1::ListClustersRequest { folder_id: folder.into(), ..Default::default() };
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-request-id", request_id.parse().unwrap());
    ClusterServiceClient::new(channel.clone()).list(request).await.map(drop)
}

/// Calls no RPC that there is.
async fn call_nothing(channel: &Channel, path: &str, request_id: &str) -> Status {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut request = Request::new(Bytes::new());
    request.metadata_mut().insert("x-request-id", request_id.parse().unwrap());
    let call = client.unary(request, path.parse().unwrap(), RawCodec);
    tokio::time::timeout(ANSWERED, call).await.expect("it is answered").unwrap_err()
}

/// The ids of the calls of these lines, in their order.
fn request_ids(log: &str) -> Vec<&str> {
    log.lines().filter_map(|line| line.split_once("request_id=\"")?.1.strip_suffix('"')).collect()
}

/// Calls of every kind that a line shows differently.
async fn all_kinds(channel: &Channel) {
    list(channel, FOLDER, "kind-1").await.unwrap();
    assert_eq!(list(channel, "", "kind-2").await.unwrap_err().code(), Code::InvalidArgument);
    list(channel, FOLDER, "kind-\"3\\").await.unwrap();
    assert_eq!(call_nothing(channel, "/a/%22b%22'", "kind-4").await.code(), Code::Unimplemented);
}

/// The lines of calls, but for the time and how long each took.
fn timeless(log: &str) -> Vec<String> {
    let time = Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z ").unwrap();
    let micros = Regex::new(r" micros=\d+ ").unwrap();
    let of_kinds = log.lines().filter(|line| line.contains("request_id=\"kind-"));
    of_kinds.map(|line| micros.replace(&time.replace(line, "TIME "), " micros=N ").into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_call_is_the_one_that_tracing_writes_inside_a_program() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let writer = Arc::new(file.reopen().unwrap());
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let emulator = Emulator::start().unwrap();
    let address = format!("http://{}", emulator.address());
    all_kinds(&Endpoint::from_shared(address).unwrap().connect().await.unwrap()).await;
    let inside = timeless(&std::fs::read_to_string(file.path()).unwrap());

    let running = Running::start(&[]);
    all_kinds(&running.channel()).await;
    running.signal("-TERM");
    let (code, _, error) = running.end();
    assert_eq!(code, Some(0));
    let path = "path=\"/yandex.cloud.mdb.redis.v1.ClusterService/List\"";
    let expected = [
        format!("TIME  INFO mdb_emulator::call: {path} code=Ok micros=N request_id=\"kind-1\""),
        format!("TIME  INFO mdb_emulator::call: {path} code=InvalidArgument micros=N request_id=\"kind-2\""),
        format!("TIME  INFO mdb_emulator::call: {path} code=Ok micros=N request_id=\"kind-\\\"3\\\\\""),
        "TIME  INFO mdb_emulator::call: path=\"/a/%22b%22'\" code=Unimplemented micros=N request_id=\"kind-4\"".into(),
    ];
    assert_eq!(timeless(&error), expected);
    assert_eq!(inside, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_made_only_if_the_filter_lets_it_through() {
    for (filter, calls) in
        [("info", 1), ("warn", 0), ("info,mdb_emulator::call=off", 0), ("mdb_emulator::call=info", 1)]
    {
        let running = Running::start(&["--log", filter]);
        list(&running.channel(), FOLDER, "one").await.unwrap();
        running.signal("-TERM");
        let (_, _, error) = running.end();
        assert_eq!(request_ids(&error).len(), calls, "{filter}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_before_a_signal_has_its_line_in_order() {
    for signal in ["-TERM", "-INT"] {
        let running = Running::start(&[]);
        let channel = running.channel();
        let ids: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        for id in &ids {
            list(&channel, FOLDER, id).await.unwrap();
        }
        running.signal(signal);
        let (code, _, error) = running.end();
        assert_eq!(code, Some(0));
        assert_eq!(request_ids(&error), ids, "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_has_its_line_without_any_other_and_without_an_end() {
    let mut running = Running::start(&[]);
    list(&running.channel(), FOLDER, "alone").await.unwrap();
    let mut line = String::new();
    let error = running.process.stderr.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(error), &mut line).unwrap();
    assert_eq!(request_ids(&line), ["alone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_loses_no_line() {
    let running = Running::start(&[]);
    let (channel, address) = (running.channel(), running.address().to_owned());
    list(&channel, FOLDER, "before").await.unwrap();
    // It keeps the server from ending by itself: its call has begun, and waits for a body that never comes.
    let mut unfinished = TcpStream::connect(&address).unwrap();
    let head = "POST /managed-redis/v1/clusters HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
    unfinished.write_all(head.as_bytes()).unwrap();
    let mut asked_for = [0; 12];
    unfinished.read_exact(&mut asked_for).unwrap();
    assert_eq!(asked_for, *b"HTTP/1.1 100");
    list(&channel, FOLDER, "meanwhile").await.unwrap();
    running.signal("-TERM");
    while TcpStream::connect(&address).is_ok() {
        tokio::task::yield_now().await;
    }
    running.signal("-INT");
    let (code, _, error) = running.end();
    assert_eq!(code, Some(130));
    assert_eq!(request_ids(&error), ["before", "meanwhile"], "{error}");
}

#[test]
fn what_went_wrong_comes_after_the_log() {
    let output = command(&["serve", "--seed", "random", "--listen", "nowhere"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = error.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("the seed is ") && lines[1].starts_with("error: "), "{error}");
}

#[test]
fn the_log_of_exec_is_whole_when_it_ends() {
    let output = exec::script(&["--log", "info", "--seed", "random"], "exit 7");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(7), "{error}");
    assert!(error.contains("the seed is "), "{error}");
    assert!(error.contains("IamTokenService/Create\" code=Ok"), "what exec asked for itself: {error}");
}

#[test]
fn a_panic_is_told_after_what_came_before_it_even_if_the_process_ends() {
    if std::env::var_os(PANICS).is_some() {
        log::begin("info".parse().unwrap()).unwrap();
        tracing::warn!("all is well");
        let thread = std::thread::Builder::new().name("doomed".into()).spawn(|| panic!("out of luck")).unwrap();
        assert!(thread.join().is_err());
        std::process::abort();
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "log::a_panic_is_told_after_what_came_before_it_even_if_the_process_ends"]);
    let output = again.env(PANICS, "1").env_remove("RUST_BACKTRACE").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = error.lines().collect();
    let [before, "", place, "out of luck"] = lines[..] else { panic!("{error}") };
    assert!(before.ends_with("all is well"), "{error}");
    assert!(place.starts_with("thread 'doomed' panicked at tests/command/log.rs:"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_nobody_reads_goes_on_serving_and_counts_what_it_drops() {
    let mut running = Running::start(&[]);
    let mut unread = running.process.stderr.take().unwrap();
    let channel = running.channel();
    // Long lines, so that fewer make more than wait: 8 MiB, and what the pipe holds.
    let path = format!("/{}", "long/".repeat(12_000));
    let calls = 3 * (4 << 20) / path.len();
    for number in 0..calls {
        let refused = call_nothing(&channel, &path, &number.to_string()).await;
        assert_eq!(refused.code(), Code::Unimplemented);
    }

    let reading = std::thread::spawn(move || {
        let mut log = String::new();
        unread.read_to_string(&mut log).map(|_| log).unwrap()
    });
    running.signal("-TERM");
    assert_eq!(running.process.wait().unwrap().code(), Some(0));
    let log = reading.join().unwrap();
    let told = Regex::new(r"(?m)^\S+  WARN mdb_emulator::log: (\d+) lines? of log (?:was|were) dropped$").unwrap();
    let dropped: usize = told.captures_iter(&log).map(|told| told[1].parse::<usize>().unwrap()).sum();
    let numbers: Vec<usize> = request_ids(&log).into_iter().map(|id| id.parse().unwrap()).collect();
    assert!(dropped > calls / 4, "{dropped} of {calls}");
    assert_eq!(numbers.len() + dropped, calls);
    assert!(numbers.is_sorted());
    let kept = numbers.iter().zip(0..).take_while(|(number, place)| *number == place).count();
    assert!(log.lines().nth(kept).is_some_and(|line| told.is_match(line)), "the gap is where the lines are missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_nobody_reads_ends_when_it_is_told_to() {
    let mut running = Running::start(&[]);
    let _unread = running.process.stderr.take().unwrap();
    let channel = running.channel();
    let path = format!("/{}", "long/".repeat(12_000));
    // More than the pipe holds.
    for number in 0..20 {
        call_nothing(&channel, &path, &number.to_string()).await;
    }
    running.signal("-TERM");
    let ended = tokio::task::spawn_blocking(move || running.process.wait().unwrap());
    let status = tokio::time::timeout(ANSWERED, ended).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_log_cannot_be_written_goes_on_serving() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for log in [Stdio::from(writer), Stdio::from(File::options().write(true).open("/dev/full").unwrap())] {
        let mut command = command(&["serve", "--listen", "127.0.0.1:0"]);
        command.stderr(log);
        let running = Running::from(command);
        let channel = running.channel();
        for number in 0..10 {
            list(&channel, FOLDER, &number.to_string()).await.unwrap();
        }
    }
}
