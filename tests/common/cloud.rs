//! A server with a frozen clock, and a client that waits for replies, so that tests read from top to bottom.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use mdb_emulator::contract::proto::mdb::emulator::v1::clock_service_client::ClockServiceClient;
use mdb_emulator::contract::proto::mdb::emulator::v1::universe_service_client::UniverseServiceClient;
use mdb_emulator::contract::proto::mdb::emulator::v1::{AdvanceClockRequest, Clock, GetClockRequest};
use mdb_emulator::contract::proto::yandex::cloud::operation::operation_service_client::OperationServiceClient;
use mdb_emulator::contract::proto::yandex::cloud::operation::{
    CancelOperationRequest, GetOperationRequest, Operation, operation,
};
use mdb_emulator::universe::Universe;
use mdb_emulator::worlds::World;
use mdb_emulator::{Emulator, Options};
use prost::Name;
use prost_types::{Duration, Timestamp};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use super::{Machine, Messages, RawCodec, Sample, SampleDatabases};
use mdb_emulator::contract::engine::fields::methods::*;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// Longer than anything takes on a busy machine that is to come at all.
const SOON: std::time::Duration = std::time::Duration::from_mins(1);

/// Puts the control token of a server on calls.
#[derive(Clone)]
pub struct ShowingControlToken(Arc<Emulator>);

impl Interceptor for ShowingControlToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let bearer = format!("Bearer {}", self.0.control_token()).parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    }
}

/// A server of its own, and how one client calls it.
#[derive(Clone)]
pub struct Cloud {
    channel: Channel,
    headers: MetadataMap,
    emulator: Arc<Emulator>,
}

impl Cloud {
    /// An empty server. Its clock is frozen at noon of the last day of January, and operations take no time.
    pub fn start() -> Self {
        Self::start_with(|_| ())
    }

    /// The same, with some options changed.
    pub fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options { clock: Some("2026-01-31T12:00:00Z".parse().unwrap()), ..Options::default() };
        change(&mut options);
        let emulator = Emulator::start_with(&options).unwrap();
        let _inside = RUNTIME.enter();
        let channel = Endpoint::from_shared(format!("http://{}", emulator.address())).unwrap().connect_lazy();
        Self { channel, headers: MetadataMap::new(), emulator: Arc::new(emulator) }
    }

    /// The same server, where each operation takes so many seconds.
    pub fn slow(seconds: i64) -> Self {
        Self::start_with(|options| options.operation_time = format!("{seconds}s").parse().unwrap())
    }

    /// The same server, whose universe's clock goes on with a machine's that the test moves.
    pub fn following(machine: &Machine) -> Self {
        Self::start_with(|options| {
            options.clock = None;
            options.machine = machine.clock();
        })
    }

    /// The same server, by calls that carry a header.
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut cloud = self.clone();
        cloud.headers.insert(name, MetadataValue::try_from(value).unwrap());
        cloud
    }

    /// The same server, in a universe of it.
    pub fn in_universe(&self, id: &str) -> Self {
        self.with_header("x-mdb-universe", id)
    }

    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// The universe that calls go to without the header that chooses one, to look into it without a call.
    pub fn world(&self) -> Arc<World> {
        self.emulator.universes().get(None).unwrap()
    }

    /// What that universe holds, as it was last left.
    pub fn value(&self) -> Universe {
        self.value_of("default")
    }

    /// The same of a universe.
    pub fn value_of(&self, id: &str) -> Universe {
        Universe::clone(&self.emulator.universes().get(Some(id)).unwrap().peek().0)
    }

    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A message on its way, with the headers of this client.
    pub fn request<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        *request.metadata_mut() = self.headers.clone();
        request
    }

    /// Waits for an answer.
    #[allow(clippy::unused_self)]
    pub fn run<T>(&self, answer: impl Future<Output = T>) -> T {
        RUNTIME.block_on(answer)
    }

    /// Begins what is not waited for.
    #[allow(clippy::unused_self)]
    pub fn begin<T: Send + 'static>(&self, answer: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        RUNTIME.spawn(answer)
    }

    /// Waits until something is so, which must be soon.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let looking = async {
            while !is_so() {
                tokio::task::yield_now().await;
            }
        };
        let soon = self.run(async { tokio::time::timeout(SOON, looking).await });
        soon.unwrap_or_else(|_| panic!("it never comes that {what}"));
    }

    /// Waits until so many callers wait for control calls.
    #[track_caller]
    pub fn until_callers(&self, number: usize) {
        self.until(&format!("{number} callers wait"), || self.emulator.universes().callers() == number);
    }

    /// Calls an RPC by its path, with the bytes of a request.
    pub fn call_raw(&self, path: &'static str, body: impl Into<Bytes>) -> Result<Response<Bytes>, Status> {
        let mut client = tonic::client::Grpc::new(self.channel());
        self.run(async {
            client.ready().await.unwrap();
            client.unary(self.request(body.into()), path.parse().unwrap(), RawCodec).await
        })
    }

    /// Shows the control token, whatever else a request carries.
    pub fn clocks(&self) -> ClockServiceClient<InterceptedService<Channel, ShowingControlToken>> {
        ClockServiceClient::with_interceptor(self.channel(), ShowingControlToken(self.emulator.clone()))
    }

    /// The same.
    pub fn universes(&self) -> UniverseServiceClient<InterceptedService<Channel, ShowingControlToken>> {
        UniverseServiceClient::with_interceptor(self.channel(), ShowingControlToken(self.emulator.clone()))
    }

    pub fn clock(&self) -> Clock {
        let request = self.request(GetClockRequest::default());
        self.run(self.clocks().get(request)).unwrap().into_inner()
    }

    pub fn now(&self) -> Timestamp {
        self.clock().now.unwrap()
    }

    /// Lets seconds pass.
    pub fn advance(&self, seconds: i64) {
        let by = Some(Duration { seconds, nanos: 0 });
        let request = self.request(AdvanceClockRequest { universe_id: String::new(), by });
        self.run(self.clocks().advance(request)).unwrap();
    }

    pub fn operation(&self, id: &str) -> Result<Operation, Status> {
        let request = self.request(GetOperationRequest { operation_id: id.into() });
        self.run(OperationServiceClient::new(self.channel()).get(request)).map(Response::into_inner)
    }

    pub fn cancel(&self, id: &str) -> Result<Operation, Status> {
        let request = self.request(CancelOperationRequest { operation_id: id.into() });
        self.run(OperationServiceClient::new(self.channel()).cancel(request)).map(Response::into_inner)
    }

    /// The operation that a call was answered with, once it has succeeded. It may not take time.
    #[track_caller]
    pub fn done(&self, started: Result<Operation, Status>) -> Operation {
        let started = started.expect("the call should have been accepted");
        assert!(!started.done, "a first reply is never done");
        let ended = self.operation(&started.id).unwrap();
        assert!(ended.done, "the operation takes time");
        assert!(matches!(ended.result, Some(operation::Result::Response(_))), "{ended:?}");
        ended
    }
}

/// Steps that many tests take: each is carried out, and has succeeded when it returns.
impl Cloud {
    /// A new cluster of an engine; its id.
    #[track_caller]
    pub fn created<E: Sample>(&self, name: &str) -> String {
        self.created_by::<E>(E::new_cluster(name))
    }

    #[track_caller]
    pub fn created_by<E: Sample>(&self, request: E::CreateClusterRequest) -> String {
        response::<E::Cluster>(&self.done(E::create(self, request))).id().to_owned()
    }

    #[track_caller]
    pub fn cluster<E: Sample>(&self, id: &str) -> E::Cluster {
        E::get(self, of_cluster::<E>(id)).unwrap()
    }

    /// A manual backup of a cluster.
    #[track_caller]
    pub fn backed_up<E: Sample>(&self, cluster: &str) -> E::Backup {
        let mut request = E::BackupClusterRequest::default();
        request.set_cluster_id(cluster.into());
        self.done(E::backup(self, request));
        self.backups::<E>(cluster).swap_remove(0)
    }

    /// The newest hundred backups of a cluster.
    #[track_caller]
    pub fn backups<E: Sample>(&self, cluster: &str) -> Vec<E::Backup> {
        let mut request = E::ListClusterBackupsRequest::default();
        request.set_cluster_id(cluster.into());
        E::list_cluster_backups(self, request).unwrap().backups().to_vec()
    }

    /// The newest hundred backups of a folder.
    #[track_caller]
    pub fn backups_in<E: Sample>(&self, folder: &str) -> Vec<E::Backup> {
        let mut request = E::ListBackupsRequest::default();
        request.set_folder_id(folder.into());
        E::list_backups(self, request).unwrap().backups().to_vec()
    }

    /// A cluster restored from a backup; its id.
    #[track_caller]
    pub fn restored<E: Sample>(&self, request: E::RestoreClusterRequest) -> String {
        response::<E::Cluster>(&self.done(E::restore(self, request))).id().to_owned()
    }

    #[track_caller]
    pub fn stop<E: Sample>(&self, cluster: &str) {
        let mut request = E::StopClusterRequest::default();
        request.set_cluster_id(cluster.into());
        self.done(E::stop(self, request));
    }

    #[track_caller]
    pub fn start_again<E: Sample>(&self, cluster: &str) {
        let mut request = E::StartClusterRequest::default();
        request.set_cluster_id(cluster.into());
        self.done(E::start(self, request));
    }

    #[track_caller]
    pub fn delete<E: Sample>(&self, cluster: &str) {
        let mut request = E::DeleteClusterRequest::default();
        request.set_cluster_id(cluster.into());
        self.done(E::delete(self, request));
    }

    /// The hosts of a cluster, in the order in which they were made.
    #[track_caller]
    pub fn hosts<E: Sample>(&self, cluster: &str) -> Vec<E::Host> {
        let mut request = E::ListClusterHostsRequest::default();
        request.set_cluster_id(cluster.into());
        E::list_hosts(self, request).unwrap().hosts().to_vec()
    }

    /// The names of a cluster's users.
    #[track_caller]
    pub fn users<E: Sample>(&self, cluster: &str) -> Vec<String> {
        let mut request = E::ListUsersRequest::default();
        request.set_cluster_id(cluster.into());
        let users = E::list_users(self, request).unwrap();
        users.users().iter().map(|user| user.name().to_owned()).collect()
    }

    #[track_caller]
    pub fn create_user<E: Sample>(&self, cluster: &str, name: &str) {
        let mut request = E::CreateUserRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_user_spec(Some(E::new_user(name)));
        self.done(E::create_user(self, request));
    }

    #[track_caller]
    pub fn user<E: Sample>(&self, cluster: &str, name: &str) -> E::User {
        let mut request = E::GetUserRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_user_name(name.into());
        E::get_user(self, request).unwrap()
    }

    /// A user after an update of it.
    #[track_caller]
    pub fn updated_user<E: Sample>(&self, request: E::UpdateUserRequest) -> E::User {
        let (cluster, name) = (request.cluster_id().to_owned(), request.user_name().to_owned());
        let shown: E::User = response(&self.done(E::update_user(self, request)));
        assert_eq!(shown, self.user::<E>(&cluster, &name));
        shown
    }

    #[track_caller]
    pub fn delete_user<E: Sample>(&self, cluster: &str, name: &str) {
        let mut request = E::DeleteUserRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_user_name(name.into());
        self.done(E::delete_user(self, request));
    }

    /// The names of a cluster's databases.
    #[track_caller]
    pub fn databases<E: SampleDatabases>(&self, cluster: &str) -> Vec<String> {
        let mut request = E::ListDatabasesRequest::default();
        request.set_cluster_id(cluster.into());
        let databases = E::list_databases(self, request).unwrap();
        databases.databases().iter().map(|database| database.name().to_owned()).collect()
    }

    #[track_caller]
    pub fn create_database<E: SampleDatabases>(&self, cluster: &str, name: &str) {
        let mut request = E::CreateDatabaseRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_database_spec(Some(E::new_database(name)));
        self.done(E::create_database(self, request));
    }

    #[track_caller]
    pub fn drop_database<E: SampleDatabases>(&self, cluster: &str, name: &str) {
        let mut request = E::DeleteDatabaseRequest::default();
        request.set_cluster_id(cluster.into());
        request.set_database_name(name.into());
        self.done(E::delete_database(self, request));
    }

    /// The operations of a cluster, newest first.
    #[track_caller]
    pub fn operations<E: Sample>(&self, cluster: &str) -> Vec<Operation> {
        let mut request = E::ListClusterOperationsRequest::default();
        request.set_cluster_id(cluster.into());
        E::list_operations(self, request).unwrap().operations().to_vec()
    }
}

fn of_cluster<E: Messages>(id: &str) -> E::GetClusterRequest {
    let mut request = E::GetClusterRequest::default();
    request.set_cluster_id(id.into());
    request
}

/// So many seconds after an instant.
pub fn after(instant: &Timestamp, seconds: i64) -> Timestamp {
    Timestamp { seconds: instant.seconds + seconds, nanos: instant.nanos }
}

/// What an operation that has succeeded shows.
#[track_caller]
pub fn response<T: prost::Message + Name + Default>(operation: &Operation) -> T {
    match &operation.result {
        Some(operation::Result::Response(any)) => any.to_msg().expect("a response of the type that is expected"),
        other => panic!("the operation has not succeeded: {other:?}"),
    }
}

/// The code and message with which an operation has ended that did not succeed.
#[track_caller]
pub fn error_of(operation: &Operation) -> (i32, &str) {
    match &operation.result {
        Some(operation::Result::Error(error)) => (error.code, &error.message),
        other => panic!("the operation has not failed: {other:?}"),
    }
}
