//! TLS and plaintext, HTTP/2 and HTTP/1.1, gRPC and others, on the one port.

use hyper::{Method, Version};
use mdb_emulator::Emulator;
use redis::v1::GetClusterRequest;
use redis::v1::cluster_service_client::ClusterServiceClient;
use tokio::io::AsyncWriteExt;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::client::{Tls, call, channel, get, http1, http2, plain, to_the_end};
use crate::common::*;
use mdb_emulator::Options;
use mdb_emulator::server::{TlsMode, TlsOptions};

pub fn with_tls(mode: TlsMode) -> Emulator {
    Emulator::start_with(&Options { tls: TlsOptions { mode, ..TlsOptions::default() }, ..Options::default() }).unwrap()
}

#[tokio::test]
async fn grpc_reaches_the_same_clusters_in_tls_and_in_plaintext() {
    let emulator = Emulator::start().unwrap();
    let tls = Tls::trusting(emulator.ca_certificate().unwrap()).connect(emulator.address()).await.unwrap();
    let mut safe = ClusterServiceClient::new(channel(tls).await);
    let mut open = ClusterServiceClient::new(channel(plain(emulator.address()).await).await);
    safe.create(Redis::new_cluster("main")).await.unwrap();
    let listed = open.list(redis::v1::ListClustersRequest { folder_id: FOLDER.into(), ..Default::default() }).await;
    let cluster_id = listed.unwrap().into_inner().clusters[0].id.clone();
    let request = GetClusterRequest { cluster_id };
    let clusters = (safe.get(request.clone()).await.unwrap(), open.get(request).await.unwrap());
    assert_eq!(clusters.0.get_ref().name, "main");
    assert_eq!(clusters.0.into_inner(), clusters.1.into_inner());
}

#[tokio::test]
async fn tls_agrees_on_the_protocol_that_the_client_offers() {
    let emulator = Emulator::start().unwrap();
    let client = || Tls::trusting(emulator.ca_certificate().unwrap());
    for (offered, agreed) in [
        (["h2", "http/1.1"].as_slice(), Some("h2")),
        (&["http/1.1", "h2"], Some("h2")),
        (&["h2"], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&["http/1.0", "http/1.1"], Some("http/1.1")),
        (&[], None),
    ] {
        let stream = client().with_protocols(offered).connect(emulator.address()).await.unwrap();
        let protocol = stream.get_ref().1.alpn_protocol().map(|name| str::from_utf8(name).unwrap().to_owned());
        assert_eq!(protocol.as_deref(), agreed, "{offered:?}");
    }
    let refused = client().with_protocols(&["spdy/3"]).connect(emulator.address()).await.unwrap_err();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}

#[tokio::test]
async fn tls_may_be_of_version_1_2_or_1_3() {
    let emulator = Emulator::start().unwrap();
    for version in [&TLS12, &TLS13] {
        let client = Tls { versions: &[version], ..Tls::trusting(emulator.ca_certificate().unwrap()) };
        let stream = client.connect(emulator.address()).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        call(channel(stream).await).await.unwrap();
    }
}

#[tokio::test]
async fn http_is_answered_in_both_versions_in_tls_and_in_plaintext() {
    let emulator = Emulator::start().unwrap();
    let address = emulator.address();
    let tls = |protocols: &'static [&'static str]| {
        let authority = emulator.ca_certificate().unwrap();
        async move { Tls::trusting(authority).with_protocols(protocols).connect(address).await.unwrap() }
    };
    // Two on each connection, so that it stays open after the first.
    let requests = || vec![get("/nothing/is/here"), get("/nothing/is/here")];
    for (version, answers) in [
        (Version::HTTP_11, http1(plain(address).await, requests()).await),
        (Version::HTTP_11, http1(tls(&["http/1.1"]).await, requests()).await),
        (Version::HTTP_11, http1(tls(&[]).await, requests()).await),
        (Version::HTTP_2, http2(plain(address).await, requests()).await),
        (Version::HTTP_2, http2(tls(&["h2"]).await, requests()).await),
        (Version::HTTP_2, http2(tls(&[]).await, requests()).await),
    ] {
        let answers = answers.unwrap();
        assert_eq!(answers.len(), 2);
        for answer in answers {
            assert_eq!((answer.version, answer.status.as_u16()), (version, 404), "{answer:?}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert!(answer.text().starts_with("{\"code\":5,\"message\":\""), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_head_is_all_of_the_answer_to_head_in_both_versions() {
    let emulator = Emulator::start().unwrap();
    let address = emulator.address();
    let requests = || {
        let mut head = get("/endpoints/managed-redis");
        *head.method_mut() = Method::HEAD;
        vec![head, get("/endpoints/managed-redis")]
    };
    for answers in [http1(plain(address).await, requests()).await, http2(plain(address).await, requests()).await] {
        let answers = answers.unwrap();
        assert_eq!((answers[0].status.as_u16(), answers[0].text()), (200, ""));
        assert_eq!(answers[0].header("content-type"), answers[1].header("content-type"));
        assert_eq!(answers[0].header("content-length"), Some(answers[1].body.len().to_string().as_str()));
    }
}

#[tokio::test]
async fn a_server_that_requires_tls_tells_clients_in_plaintext_so() {
    let emulator = with_tls(TlsMode::Require);
    let address = emulator.address();
    let wanted = "This server requires TLS";
    let status = call(channel(plain(address).await).await).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().starts_with(wanted), "{status}");
    assert!(status.metadata().contains_key("x-request-id"));
    for answers in
        [http1(plain(address).await, vec![get("/")]).await, http2(plain(address).await, vec![get("/")]).await]
    {
        let answer = &answers.unwrap()[0];
        assert_eq!(answer.status.as_u16(), 400);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(answer.text().starts_with(wanted), "{answer:?}");
        assert!(answer.header("x-request-id").is_some());
    }
    let tls = Tls::trusting(emulator.ca_certificate().unwrap()).connect(address).await.unwrap();
    call(channel(tls).await).await.unwrap();
}

#[tokio::test]
async fn a_server_without_tls_hangs_up_on_it() {
    let emulator = with_tls(TlsMode::Off);
    assert_eq!(emulator.ca_certificate(), None);
    let mut stream = plain(emulator.address()).await;
    // The head of a ClientHello's record.
    stream.write_all(&[0x16, 3, 1, 2, 0]).await.unwrap();
    assert!(to_the_end(stream).await.is_empty());
    call(channel(plain(emulator.address()).await).await).await.unwrap();
}
