//! A server that is told to end while it moves a clock.

use std::time::Duration;

use mdb_emulator::contract::proto::mdb::emulator::v1::AdvanceClockRequest;
use mdb_emulator::contract::proto::mdb::emulator::v1::clock_service_client::ClockServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::cluster_service_client::ClusterServiceClient;
use tonic::Code;

use crate::client::{channel, plain};
use crate::common::{DAY, Redis, Sample, refused};
use crate::process::Process;

/// So many that ten years of their backups take minutes.
const CLUSTERS: usize = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_gives_up_a_long_move_and_tells_its_caller() {
    let mut server = Process::start().await;
    let channel = channel(plain(server.address).await).await;
    for number in 0..CLUSTERS {
        let request = Redis::new_cluster(&format!("cluster-{number}"));
        ClusterServiceClient::new(channel.clone()).create(request).await.unwrap();
    }
    let by = Some(prost_types::Duration { seconds: 3650 * DAY, nanos: 0 });
    let request = AdvanceClockRequest { universe_id: String::new(), by };
    let moving = tokio::spawn(async move { ClockServiceClient::new(channel).advance(request).await });
    // Nothing else keeps it busy: the clock is on its way.
    server.works(Duration::from_millis(500)).await;
    assert!(!moving.is_finished());
    server.terminate();
    let refusal = refused(moving.await.unwrap());
    let message = "The emulator is stopping: the call was given up, and has changed nothing";
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unavailable, message));
    assert_eq!(server.ends().await.code(), Some(0));
}
