//! More clients than there is room for, and as many as there is.

use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::client::{Tls, call, channel, plain, serves, to_the_end};
use crate::process::Process;

/// What a client of HTTP/2 begins with, and a ping.
const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x08\x06\0\0\0\0\0pinging.";

/// The most connections that a server has, if the machine lets a process have so many.
const MOST: u64 = 16_384;

/// Files of this process that are no connections of the crowd, with much room.
const OTHERS: u64 = 500;

/// Whether a client of HTTP/2 is served on this connection.
async fn begins(stream: &mut TcpStream) -> bool {
    let mut received = Vec::new();
    if stream.write_all(BEGINNING).await.is_err() {
        return false;
    }
    while !received.windows(8).any(|window| window == b"pinging.") {
        if !matches!(stream.read_buf(&mut received).await, Ok(length) if length > 0) {
            return false;
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_thousand_idle_connections_take_a_few_kibibytes_each_and_are_the_most() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let crowd = limit.maximum.map_or(MOST, |most| MOST.min(most.saturating_sub(OTHERS)));
    let server = Process::start().await;
    let mut idle = Vec::new();
    // The other half, which says nothing at all, comes last: it is not let stay for long.
    for number in 0..crowd / 2 {
        let mut stream = plain(server.address).await;
        assert!(begins(&mut stream).await, "number {number}");
        idle.push(stream);
    }
    for _ in idle.len() as u64..crowd - 1 {
        idle.push(plain(server.address).await);
    }
    serves(server.address).await;
    let each = server.peak() / crowd;
    assert!(each < 32, "{each} KiB for each of {crowd}");
    assert!(server.files() >= idle.len());
    if crowd == MOST {
        let mut last = plain(server.address).await;
        while !begins(&mut last).await {
            // That one has been served may not be over yet.
            last = plain(server.address).await;
        }
        let turned_away = plain(server.address).await;
        assert!(to_the_end(turned_away).await.is_empty());
        // The log is written beside what it tells of.
        while !server.log().contains("16384 connections are open, which is the most") {
            sleep(Duration::from_millis(10)).await;
        }
    } else {
        println!("this machine lets a process have no more than {crowd} connections, so the crowd is smaller");
        assert_eq!(server.log(), "");
    }
    drop(idle);
    // What it keeps of the memory is the allocator's affair; of the connections it keeps nothing.
    while server.files() > 100 {
        sleep(Duration::from_millis(10)).await;
    }
    serves(server.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_of_tls_take_little_more() {
    let (server, authority) = Process::with_authority().await;
    let tls = Tls::trusting(&authority);
    let mut idle = Vec::new();
    for _ in 0..300 {
        let channel = channel(tls.connect(server.address).await.unwrap()).await;
        call(channel.clone()).await.unwrap();
        idle.push(channel);
    }
    let each = server.peak() / 300;
    assert!(each < 96, "{each} KiB for each");
    drop(idle);
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_beyond_the_most_are_closed_at_once_and_counted() {
    // 64 of the files are kept for other things.
    let server = Process::with_files(64 + 50).await;
    let mut inside: Vec<TcpStream> = Vec::new();
    while inside.len() < 50 {
        // The first ones may come while those that saw to it that the server had started are still there.
        let mut stream = plain(server.address).await;
        if begins(&mut stream).await {
            inside.push(stream);
        }
    }
    for _ in 0..1100 {
        assert!(to_the_end(plain(server.address).await).await.is_empty());
    }
    let log = server.log();
    // Not a line for each; and those that came while the 50 did are counted as well.
    assert_eq!(log.matches("50 connections are open, which is the most").count(), 2, "{log}");
    for count in ["closed at once so far: 1\n", "closed at once so far: 1001\n"] {
        assert!(log.contains(count), "{log}");
    }
    for stream in &mut inside {
        stream.write_all(&BEGINNING[BEGINNING.len() - 17..]).await.unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).await.unwrap(), 0, "who is inside stays");
    }
    drop(inside);
    until_it_serves(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_out_of_files_ends_nothing() {
    let server = Process::start().await;
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap());
    let before = getrlimit(Resource::Nofile);
    prlimit(pid, Resource::Nofile, Rlimit { current: Some(server.files() as u64 + 5), ..before }).unwrap();
    let mut crowd = Vec::new();
    for _ in 0..30 {
        crowd.push(plain(server.address).await);
    }
    let worked = server.worked();
    sleep(Duration::from_secs(1)).await;
    assert!(
        server.worked().saturating_sub(worked) < Duration::from_millis(500),
        "it waits rather than to try at once again"
    );
    assert_eq!(server.log().matches("cannot take a connection").count(), 1, "{}", server.log());
    drop(crowd);
    until_it_serves(&server).await;
    prlimit(pid, Resource::Nofile, before).unwrap();
    server.is_well().await;
}

/// Waits until what was closed on this side is closed on the server's.
async fn until_it_serves(server: &Process) {
    for _ in 0..100 {
        if begins(&mut plain(server.address).await).await {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("it serves nobody any more");
}
