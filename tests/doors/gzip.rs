//! Messages of gRPC that are compressed.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::Request;
use mdb_emulator::contract::proto::mdb::emulator::v1::GetClockRequest;
use prost::Message;
use redis::v1::cluster_service_client::ClusterServiceClient;
use redis::v1::{ListClustersRequest, ListClustersResponse};
use tonic::codec::CompressionEncoding;

use crate::client::{Answer, http1, http2, plain};
use crate::common::*;
use crate::grpc_web::framed;
use crate::process::Process;

const CLOCK: &str = "/mdb.emulator.v1.ClockService/Get";
const LIST: &str = "/yandex.cloud.mdb.redis.v1.ClusterService/List";
const MEBIBYTE: usize = 1024 * 1024;

fn gzipped(message: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap()
}

/// A message that is compressed, in the frame of gRPC.
fn compressed(message: &[u8]) -> Vec<u8> {
    let message = gzipped(message);
    [&[1], u32::try_from(message.len()).unwrap().to_be_bytes().as_slice(), &message].concat()
}

fn call(path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::post(path).header("content-type", "application/grpc").header("te", "trailers");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body)).unwrap()
}

const GZIP: (&str, &str) = ("grpc-encoding", "gzip");
const ACCEPTS: (&str, &str) = ("grpc-accept-encoding", "identity, deflate, gzip");

/// A universe whose list of clusters is long.
fn cloud() -> Cloud {
    let cloud = Cloud::start();
    for number in 0..10 {
        cloud.created::<Redis>(&format!("cluster-{number}"));
    }
    cloud
}

fn answered(cloud: &Cloud, request: Request<Full<Bytes>>) -> Answer {
    cloud.run(async { http2(plain(cloud.emulator().address()).await, vec![request]).await.unwrap().remove(0) })
}

fn list() -> ListClustersRequest {
    ListClustersRequest { folder_id: FOLDER.into(), ..Default::default() }
}

#[test]
fn a_reply_is_compressed_for_who_compresses_and_takes_it() {
    let cloud = cloud();
    let plainly = answered(&cloud, call(LIST, framed(&list()), &[]));
    assert_eq!((plainly.body[0], plainly.header("grpc-encoding")), (0, None));
    let whole = &plainly.body[5..];
    assert_eq!(ListClustersResponse::decode(whole).unwrap().clusters.len(), 10);

    // One that is not compressed may come in a call that could have been.
    for message in [compressed(&list().encode_to_vec()), framed(&list())] {
        let answer = answered(&cloud, call(LIST, message, &[GZIP, ACCEPTS]));
        assert_eq!((answer.body[0], answer.header("grpc-encoding")), (1, Some("gzip")));
        assert!(answer.body.len() < plainly.body.len() / 2, "{} of {}", answer.body.len(), plainly.body.len());
        let mut message = Vec::new();
        GzDecoder::new(&answer.body[5..]).read_to_end(&mut message).unwrap();
        assert_eq!(message, whole);
        assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
    }
    // Most clients say that they take it, and mean nothing by it.
    for headers in [[ACCEPTS].as_slice(), &[GZIP], &[("grpc-encoding", "identity"), ACCEPTS]] {
        let answer = answered(&cloud, call(LIST, framed(&list()), headers));
        assert_eq!((answer.header("grpc-encoding"), &answer.body[5..]), (None, whole), "{headers:?}");
    }
}

#[test]
fn a_short_reply_is_not_worth_it() {
    let cloud = Cloud::start();
    let answer = answered(&cloud, call(CLOCK, compressed(&[]), &[GZIP, ACCEPTS]));
    assert_eq!(answer.body[0], 0, "{answer:?}");
    assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
}

#[test]
fn a_client_of_tonic_may_compress() {
    let cloud = cloud();
    let client = ClusterServiceClient::new(cloud.channel()).send_compressed(CompressionEncoding::Gzip);
    let mut client = client.accept_compressed(CompressionEncoding::Gzip);
    let reply = cloud.run(client.list(cloud.request(list()))).unwrap();
    assert_eq!(reply.metadata().get("grpc-encoding").unwrap(), "gzip");
    assert_eq!(reply.into_inner().clusters.len(), 10);
    let refused = cloud.run(client.list(cloud.request(ListClustersRequest::default()))).unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.metadata().contains_key("x-request-id"));
}

#[test]
fn a_message_of_grpc_web_may_be_compressed() {
    let cloud = cloud();
    let mut request = call(LIST, compressed(&list().encode_to_vec()), &[GZIP, ("host", "localhost")]);
    request.headers_mut().insert("content-type", "application/grpc-web".parse().unwrap());
    let answer =
        cloud.run(async { http1(plain(cloud.emulator().address()).await, vec![request]).await.unwrap().remove(0) });
    let length = u32::from_be_bytes(answer.body[1..5].try_into().unwrap()) as usize;
    assert_eq!(ListClustersResponse::decode(&answer.body[5..5 + length]).unwrap().clusters.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_as_long_as_what_comes_out_of_it() {
    let server = Process::start().await;
    // All in a field that no message has.
    let of = |size: usize| {
        let mut message = vec![15 << 3 | 2];
        prost::encoding::encode_varint((size - 5) as u64, &mut message);
        message.resize(size, 0);
        compressed(&message)
    };
    let bomb = compressed(&vec![0; 64 * MEBIBYTE]);
    let bodies = [of(4 * MEBIBYTE), of(4 * MEBIBYTE + 1), bomb.clone(), bomb];
    let requests = bodies.into_iter().map(|body| call(CLOCK, body, &[GZIP])).collect();
    let answers = http2(plain(server.address).await, requests).await.unwrap();
    assert_eq!(answers[0].trailers.as_ref().unwrap()["grpc-status"], "0");
    for answer in &answers[1..] {
        assert_eq!(answer.header("grpc-status"), Some("8"), "{answer:?}");
        let told = "The%20message%20of%20a%20request%20must%20have%20at%20most%204194304%20bytes";
        assert_eq!(answer.header("grpc-message"), Some(told));
        assert!(answer.header("x-request-id").is_some());
    }
    // Four messages at once may take twice their length each while they grow; one of the bombs alone would take 64 MiB.
    assert!(server.peak() < 48 * 1024, "{} KiB", server.peak());
    server.is_well().await;
}

#[test]
fn what_cannot_be_decompressed_is_refused() {
    let cloud = Cloud::start();
    let no_gzip = [&[1, 0, 0, 0, 5], b"plain".as_slice()].concat();
    let answer = answered(&cloud, call(CLOCK, no_gzip, &[GZIP]));
    assert_eq!(answer.header("grpc-status"), Some("13"), "{answer:?}");
    assert!(answer.header("x-request-id").is_some());
    let answer = answered(&cloud, call(CLOCK, framed(&GetClockRequest::default()), &[("grpc-encoding", "br")]));
    assert_eq!(answer.header("grpc-status"), Some("12"), "{answer:?}");
    let message = answer.header("grpc-message").unwrap().replace("%20", " ").replace("%3A", ":");
    assert_eq!(message, "The message of the request cannot be read: br is no compression that is understood");
    assert_eq!(answer.header("grpc-accept-encoding"), Some("gzip,identity"));
    assert!(answer.header("x-request-id").is_some());
}
