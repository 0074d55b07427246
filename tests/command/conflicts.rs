//! `--conflicts`, which the environment can say too.

use mdb_emulator::contract::proto::mdb::emulator::v1::AdvanceClockRequest;

use crate::*;

#[tokio::test(flavor = "multi_thread")]
async fn calls_wait_where_the_environment_says_so() {
    let mut command =
        command(&["serve", "--listen", "127.0.0.1:0", "--clock", "2026-01-31T12:00:00Z", "--operation-time", "10s"]);
    command.env("MDB_EMULATOR_CONFLICTS", "wait");
    let running = Running::from(command);
    let channel = running.channel();
    let (mut clusters, mut clocks) = (ClusterServiceClient::new(channel.clone()), ClockServiceClient::new(channel));
    let created = clusters.create(Redis::new_cluster("main")).await.unwrap().into_inner();
    let metadata: redis::v1::CreateClusterMetadata = created.metadata.unwrap().to_msg().unwrap();
    let request = redis::v1::DeleteClusterRequest { cluster_id: metadata.cluster_id };
    let mut deletion = std::pin::pin!(clusters.delete(request));
    // Both go by one connection, so a refusal would come before the time.
    tokio::select! {
        biased;
        outcome = &mut deletion => panic!("it should wait: {outcome:?}"),
        clock = clocks.get(GetClockRequest::default()) => drop(clock.unwrap()),
    }
    let by = Some(prost_types::Duration { seconds: 10, nanos: 0 });
    clocks.advance(AdvanceClockRequest { by, ..Default::default() }).await.unwrap();
    assert_eq!(deletion.await.unwrap().into_inner().description, "Delete Valkey cluster");
}
