//! The server inside a test of its own language.

// A test may panic.
#![allow(clippy::unwrap_used)]

use mdb_emulator::Emulator;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::ListClustersRequest;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::cluster_service_client::ClusterServiceClient;

/// On a runtime of one thread, as tests have it by default.
#[tokio::test]
async fn an_asynchronous_test_can_start_call_and_drop_a_server() {
    let emulator = Emulator::start().unwrap();
    let address = emulator.address();
    let mut clusters = ClusterServiceClient::connect(format!("http://{address}")).await.unwrap();
    let request = ListClustersRequest { folder_id: "b1g00000000000000000".into(), ..Default::default() };
    assert!(clusters.list(request.clone()).await.unwrap().into_inner().clusters.is_empty());
    // The client still holds its connection.
    drop(emulator);
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
    assert!(clusters.list(request).await.is_err());
}
