//! How a server ends that is told to.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use prost::Message;
use redis::v1::cluster_service_client::ClusterServiceClient;
use tokio::sync::oneshot;
use tokio_stream::StreamExt;
use tonic::Request;

use crate::Running;
use crate::common::{FOLDER, RawCodec, redis};

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_flight_are_answered_before_the_end() {
    let running = Running::start(&["--log", "off"]);
    let channel = running.channel();
    let request = redis::v1::ListClustersRequest { folder_id: FOLDER.into(), ..Default::default() };
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let ((begun, has_begun), (message, told)) = (oneshot::channel(), oneshot::channel::<Bytes>());
    let messages = tokio_stream::once((begun, told)).then(|(begun, told)| async move {
        begun.send(()).unwrap();
        told.await.unwrap()
    });
    let path = "/yandex.cloud.mdb.redis.v1.ClusterService/List".parse().unwrap();
    let call = tokio::spawn(async move { client.client_streaming(Request::new(messages), path, RawCodec).await });
    has_begun.await.unwrap();
    // On the same connection, so that the other call has come in when this is answered.
    ClusterServiceClient::new(channel).list(request.clone()).await.unwrap();

    running.signal("-TERM");
    while TcpStream::connect(running.address()).is_ok() {
        tokio::task::yield_now().await;
    }
    // Only now comes the message of the call.
    message.send(request.encode_to_vec().into()).unwrap();
    let reply: Bytes = call.await.unwrap().expect("it is answered").into_inner();
    assert!(reply.is_empty(), "there is no cluster");
    let (code, _, _) = running.end();
    assert_eq!(code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let running = Running::start(&["--log", "off"]);
    // A connection that stays open and says nothing more keeps a server from ending by itself.
    let mut silent = std::net::TcpStream::connect(running.address()).unwrap();
    std::io::Write::write_all(&mut silent, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    running.signal("-TERM");
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.signal("-TERM");
    let (code, _, _) = running.end();
    assert_eq!(code, Some(130));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
