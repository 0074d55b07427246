//! Clients of HTTP/2 that do not let the server send what it has for them.

use std::time::Duration;

use bytes::Bytes;
use h2::RecvStream;
use h2::client::{ResponseFuture, SendRequest};
use hyper::{Request, Response};
use redis::v1::ListClustersRequest;
use redis::v1::cluster_service_client::ClusterServiceClient;
use tokio::time::timeout;

use crate::client::{channel, plain, serves};
use crate::common::*;
use crate::grpc_web::framed;
use crate::process::Process;
use crate::slow::{after, clock, start};

/// How many clusters there are, with so many labels that a list of them is some 200 KiB.
const CLUSTERS: usize = 25;

/// As many calls as a connection may have in flight.
const CALLS: usize = 200;

/// A server with many clusters.
async fn server() -> Process {
    let server = Process::start().await;
    let mut client = ClusterServiceClient::new(channel(plain(server.address).await).await);
    for number in 0..CLUSTERS {
        let label = |label| (format!("{label:a>63}"), "x".repeat(63));
        let labels = (0..64).map(label).collect();
        let cluster = redis::v1::CreateClusterRequest { labels, ..Redis::new_cluster(&format!("cluster-{number}")) };
        client.create(cluster).await.unwrap();
    }
    server
}

/// Calls for all clusters, again and again. What is given are the answers that are to come.
fn calls(sender: &mut SendRequest<Bytes>, number: usize) -> Vec<ResponseFuture> {
    let message: Bytes =
        framed(&ListClustersRequest { folder_id: FOLDER.into(), page_size: 1000, ..Default::default() }).into();
    let path = "http://localhost/yandex.cloud.mdb.redis.v1.ClusterService/List";
    let calls = (0..number).map(|_| {
        let request = Request::post(path).header("te", "trailers").header("content-type", "application/grpc");
        let (answer, mut body) = sender.send_request(request.body(()).unwrap(), false).unwrap();
        body.send_data(message.clone(), true).unwrap();
        answer
    });
    calls.collect()
}

/// Leaves those calls that have no answer yet, and gives the others' answers. (To drop one would take the call back.)
async fn answered(calls: &mut Vec<ResponseFuture>) -> Vec<Response<RecvStream>> {
    let mut answered = Vec::new();
    for mut call in std::mem::take(calls) {
        match timeout(Duration::ZERO, &mut call).await {
            Ok(answer) => answered.push(answer.unwrap()),
            Err(_) => calls.push(call),
        }
    }
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_grant_no_window_take_little_memory() {
    let server = server().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut builder = h2::client::Builder::new();
        let (sender, mut connection) =
            builder.initial_window_size(0).handshake(plain(server.address).await).await.unwrap();
        let mut pings = connection.ping_pong().unwrap();
        let connection = tokio::spawn(connection);
        // By the answer the server knows the window.
        pings.ping(h2::Ping::opaque()).await.unwrap();
        let mut sender = sender.ready().await.unwrap();
        let answers = calls(&mut sender, CALLS);
        clients.push((sender, connection, pings, answers));
    }
    let mut answers = Vec::new();
    for (_, _, _, calls) in &mut clients {
        while CALLS - calls.len() < 5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            answers.extend(answered(calls).await);
        }
    }
    // Time enough to answer many more.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for (_, _, _, calls) in &mut clients {
        answers.extend(answered(calls).await);
        assert!(CALLS - calls.len() < 10, "{} calls are answered, and nothing is taken", CALLS - calls.len());
    }
    // Half of them are taken back, and others come in their place.
    answers.truncate(answers.len() / 2);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(server.peak() < 64 * 1024, "{} KiB", server.peak());
    serves(server.address).await;
    drop(clients);
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_gets_all_replies_however_narrow_its_window() {
    let server = server().await;
    for window in [1024, 4 << 20] {
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(window);
        let (sender, connection) = builder.handshake(plain(server.address).await).await.unwrap();
        tokio::spawn(connection);
        let answers = calls(&mut sender.ready().await.unwrap(), 40);
        let reading = answers.into_iter().map(|answer| tokio::spawn(length(answer))).collect::<Vec<_>>();
        let mut lengths = Vec::new();
        for length in reading {
            lengths.push(length.await.unwrap());
        }
        assert!(lengths.iter().all(|length| *length == lengths[0] && *length > 100_000), "{lengths:?}");
    }
    server.is_well().await;
}

/// Reads a reply, and gives its length.
async fn length(answer: ResponseFuture) -> usize {
    let mut body = answer.await.unwrap().into_body();
    let mut length = 0;
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        length += data.len();
        body.flow_control().release_capacity(data.len()).unwrap();
    }
    assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "0");
    length
}

#[tokio::test]
async fn who_takes_nothing_of_a_reply_is_left_after_a_minute() {
    let (address, _) = start().await;
    let mut builder = h2::client::Builder::new();
    let (sender, connection) = builder.initial_window_size(0).handshake(plain(address).await).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut sender: SendRequest<Bytes> = sender.ready().await.unwrap();
    let (answer, mut body) = sender.send_request(clock(), false).unwrap();
    body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
    let _reply = answer.await.unwrap();
    // Pings are answered meanwhile.
    _ = after(60, connection).await.unwrap();
}
