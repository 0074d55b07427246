//! The bare server: what tonic generates for one service, with constant replies.

use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::cluster_service_server::{
    ClusterService, ClusterServiceServer,
};
use mdb_emulator::contract::proto::yandex::cloud::mdb::redis::v1::{
    BackupClusterRequest, Cluster, CreateClusterRequest, GetClusterRequest, ListClusterBackupsRequest,
    ListClusterBackupsResponse,
};
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use prost::Message;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// The reply to each RPC that is compared.
struct Constant {
    get: Cluster,
    list_backups: ListClusterBackupsResponse,
    backup: Operation,
    create: Operation,
}

/// What the generated server answers with.
type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl ClusterService for Constant {
    async fn get(&self, _: Request<GetClusterRequest>) -> Reply<Cluster> {
        Ok(Response::new(self.get.clone()))
    }

    async fn list_backups(&self, _: Request<ListClusterBackupsRequest>) -> Reply<ListClusterBackupsResponse> {
        Ok(Response::new(self.list_backups.clone()))
    }

    async fn backup(&self, _: Request<BackupClusterRequest>) -> Reply<Operation> {
        Ok(Response::new(self.backup.clone()))
    }

    async fn create(&self, _: Request<CreateClusterRequest>) -> Reply<Operation> {
        Ok(Response::new(self.create.clone()))
    }
}

/// Serves for as long as the process lives, with the replies to Get, ListBackups, Backup and Create.
pub async fn serve(listener: TcpListener, replies: &[Vec<u8>; 4]) {
    let [get, list_backups, backup, create] = replies.each_ref().map(Vec::as_slice);
    let service = Constant {
        get: Cluster::decode(get).expect("Get's reply"),
        list_backups: ListClusterBackupsResponse::decode(list_backups).expect("ListBackups' reply"),
        backup: Operation::decode(backup).expect("Backup's reply"),
        create: Operation::decode(create).expect("Create's reply"),
    };
    tonic::transport::Server::builder()
        .add_service(ClusterServiceServer::new(service))
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await
        .expect("the bare server serves");
}
