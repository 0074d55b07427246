//! The handlers, as one door for all engines: requests of `request.rs` go in, encoded replies come out.

use std::collections::HashMap;
use std::sync::LazyLock;

use mdb_emulator::contract::engine::fields::methods::*;
use mdb_emulator::contract::proto::yandex::cloud::operation::{CancelOperationRequest, GetOperationRequest, Operation};
use mdb_emulator::contract::{METHODS, Method};
use mdb_emulator::engines::{self, Mysql, Redis, Spqr, SqlServer};
use mdb_emulator::handlers::{Call, backup, cluster, operation, user};
use mdb_emulator::refusal::Refusal;
use mdb_emulator::universe::{Decision, Instant, Keeper, Plan, Status, Universe};
use prost::Message;

use crate::driven::Driven;
use crate::messages::{create_request, restore_request, update_request, user_spec};
use crate::request::{BackupView, Change, ClusterView, Engine, Item, Request};

/// A list of the API.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// Of a folder.
    Clusters(&'a str),
    /// Of a folder, filtered by name.
    Named(&'a str, &'a str),
    /// Of a folder.
    Backups(&'a str),
    /// Of a cluster, as are the rest.
    BackupsOf(&'a str),
    Hosts(&'a str),
    Operations(&'a str),
    Things(Item, &'a str),
}

/// Something listed: how it is got by itself, and its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub key: String,
    pub bytes: Vec<u8>,
}

/// A page, and the token of the next one.
pub type Page = (Vec<Listed>, String);

/// All services of one engine.
pub trait Service: Sync {
    /// Carries out a call that changes the universe.
    fn write(&self, universe: &mut Universe, request: &Request) -> Result<Operation, Refusal>;
    /// A page of a list.
    fn list(&self, universe: &Universe, list: List<'_>, size: i64, token: &str) -> Result<Page, Refusal>;
    /// One thing of a list, encoded.
    fn get(&self, universe: &Universe, list: List<'_>, key: &str) -> Result<Vec<u8>, Refusal>;
    /// What an encoded cluster says.
    fn cluster(&self, bytes: &[u8]) -> ClusterView;
    /// What an encoded backup says.
    fn backup(&self, universe: &Universe, bytes: &[u8]) -> BackupView;
    /// The types of the metadata and the response that the contract annotates for a call.
    fn operation_types(&self, request: &Request) -> (&'static str, &'static str);
}

impl Engine {
    /// The services of the engine.
    pub fn service(self) -> &'static dyn Service {
        match self {
            Self::Redis => &Of::<Redis>(std::marker::PhantomData),
            Self::Mysql => &Of::<Mysql>(std::marker::PhantomData),
            Self::SqlServer => &Of::<SqlServer>(std::marker::PhantomData),
            Self::Spqr => &Of::<Spqr>(std::marker::PhantomData),
        }
    }
}

struct Of<E>(std::marker::PhantomData<fn() -> E>);

impl<E: Driven> Service for Of<E> {
    fn write(&self, universe: &mut Universe, request: &Request) -> Result<Operation, Refusal> {
        let (service, name) = rpc(request);
        let call = &call::<E>(universe, service, name);
        let decision = decide::<E>(call, universe, request)?;
        operation::carried_out(call, universe, decision)
    }

    fn list(&self, universe: &Universe, list: List<'_>, size: i64, token: &str) -> Result<Page, Refusal> {
        match list {
            List::Clusters(folder) | List::Named(folder, _) => {
                let mut request = E::ListClustersRequest::default();
                request.set_folder_id(folder.into());
                if let List::Named(_, name) = list {
                    request.set_filter(format!("name=\"{name}\""));
                }
                request.set_page_size(size);
                request.set_page_token(token.into());
                let reply = cluster::list::<E>(&call::<E>(universe, "ClusterService", "List"), universe, request)?;
                Ok((listed(reply.clusters(), |cluster| cluster.id()), reply.next_page_token().to_owned()))
            }
            List::Backups(folder) => {
                let mut request = E::ListBackupsRequest::default();
                request.set_folder_id(folder.into());
                request.set_page_size(size);
                request.set_page_token(token.into());
                let reply =
                    backup::list::<E>(&call::<E>(universe, "BackupService", "List"), universe, request)?.message();
                Ok((listed(reply.backups(), |backup| backup.id()), reply.next_page_token().to_owned()))
            }
            List::BackupsOf(cluster) => {
                let mut request = E::ListClusterBackupsRequest::default();
                request.set_cluster_id(cluster.into());
                request.set_page_size(size);
                request.set_page_token(token.into());
                let call = call::<E>(universe, "ClusterService", "ListBackups");
                let reply = cluster::list_backups::<E>(&call, universe, request)?.message();
                Ok((listed(reply.backups(), |backup| backup.id()), reply.next_page_token().to_owned()))
            }
            List::Hosts(cluster) => {
                let mut request = E::ListClusterHostsRequest::default();
                request.set_cluster_id(cluster.into());
                request.set_page_size(size);
                request.set_page_token(token.into());
                let call = call::<E>(universe, "ClusterService", "ListHosts");
                let reply = cluster::list_hosts::<E>(&call, universe, request)?;
                Ok((listed(reply.hosts(), |host| host.name()), reply.next_page_token().to_owned()))
            }
            List::Operations(cluster) => {
                let mut request = E::ListClusterOperationsRequest::default();
                request.set_cluster_id(cluster.into());
                request.set_page_size(size);
                request.set_page_token(token.into());
                let call = call::<E>(universe, "ClusterService", "ListOperations");
                let reply = cluster::list_operations::<E>(&call, universe, request)?;
                Ok((listed(reply.operations(), |operation| &operation.id), reply.next_page_token().to_owned()))
            }
            List::Things(Item::User, cluster) => {
                let mut request = E::ListUsersRequest::default();
                request.set_cluster_id(cluster.into());
                request.set_page_size(size);
                request.set_page_token(token.into());
                let reply = user::list::<E>(&call::<E>(universe, "UserService", "List"), universe, request)?;
                Ok((listed(reply.users(), |user| user.name()), reply.next_page_token().to_owned()))
            }
            List::Things(Item::Database, cluster) => {
                E::list_databases(&call::<E>(universe, "DatabaseService", "List"), universe, cluster, size, token)
            }
        }
    }

    fn get(&self, universe: &Universe, list: List<'_>, key: &str) -> Result<Vec<u8>, Refusal> {
        match list {
            List::Clusters(_) | List::Named(..) | List::Hosts(_) => {
                // A host is not got by itself, but its cluster is.
                let id = if let List::Hosts(cluster) = list { cluster } else { key };
                let mut request = E::GetClusterRequest::default();
                request.set_cluster_id(id.into());
                let call = call::<E>(universe, "ClusterService", "Get");
                cluster::get::<E>(&call, universe, request).map(|found| found.encode_to_vec())
            }
            List::Backups(_) | List::BackupsOf(_) => {
                let mut request = E::GetBackupRequest::default();
                request.set_backup_id(key.into());
                let call = call::<E>(universe, "BackupService", "Get");
                backup::get::<E>(&call, universe, request).map(|found| found.encode_to_vec())
            }
            List::Operations(_) => get_operation(universe, key).map(|found| found.encode_to_vec()),
            List::Things(Item::User, cluster) => {
                let mut request = E::GetUserRequest::default();
                request.set_cluster_id(cluster.into());
                request.set_user_name(key.into());
                let call = call::<E>(universe, "UserService", "Get");
                user::get::<E>(&call, universe, request).map(|found| found.encode_to_vec())
            }
            List::Things(Item::Database, cluster) => {
                E::get_database(&call::<E>(universe, "DatabaseService", "Get"), universe, cluster, key)
            }
        }
    }

    fn cluster(&self, bytes: &[u8]) -> ClusterView {
        let cluster = E::Cluster::decode(bytes).expect("a cluster of this engine");
        let config = cluster.config().expect("a cluster shows its configuration");
        let window = config.backup_window_start().expect("a cluster shows its window");
        let status = [
            Status::Creating,
            Status::Running,
            Status::Error,
            Status::Updating,
            Status::Stopping,
            Status::Stopped,
            Status::Starting,
        ];
        let status = status.into_iter().find(|status| *status as i32 == cluster.status());
        ClusterView {
            id: cluster.id().into(),
            folder: cluster.folder_id().into(),
            name: cluster.name().into(),
            created_at: cluster.created_at().expect("a cluster shows when it was created").into(),
            status: status.expect("a status that is known"),
            window: (i64::from(window.hours) * 60 + i64::from(window.minutes)) * 60_000_000_000,
            retention_days: config.backup_retain_period_days(),
            protected: cluster.deletion_protection(),
        }
    }

    fn backup(&self, universe: &Universe, bytes: &[u8]) -> BackupView {
        let backup = E::Backup::decode(bytes).expect("a backup of this engine");
        let (_, entry) = universe.backup(backup.id()).expect("a listed backup exists");
        BackupView {
            id: backup.id().into(),
            cluster: backup.source_cluster_id().into(),
            folder: backup.folder_id().into(),
            // Not every engine's contract shows it.
            automatic: entry.keeper == Keeper::Automatic,
            started_at: backup.started_at().expect("a backup shows when it was begun").into(),
            created_at: backup.created_at().expect("a backup shows when it was finished").into(),
        }
    }

    fn operation_types(&self, request: &Request) -> (&'static str, &'static str) {
        let (service, name) = rpc(request);
        let types = method::<E>(service, name).operation.as_ref().expect("the call returns an operation");
        (types.metadata, types.response)
    }
}

/// `OperationService.Get`.
pub fn get_operation(universe: &Universe, id: &str) -> Result<Operation, Refusal> {
    // Operations of all engines have one service.
    let call = call_of(method_at("/yandex.cloud.operation.OperationService/Get"), universe.now());
    operation::get(&call, universe, GetOperationRequest { operation_id: id.to_owned() })
}

fn rpc(request: &Request) -> (&'static str, &'static str) {
    match request {
        Request::Create { .. } => ("ClusterService", "Create"),
        Request::Restore { .. } => ("ClusterService", "Restore"),
        Request::DeleteBackup { .. } => ("BackupService", "Delete"),
        Request::Cancel { .. } => ("OperationService", "Cancel"),
        Request::OfCluster { change, .. } => match change {
            Change::Delete => ("ClusterService", "Delete"),
            Change::Start => ("ClusterService", "Start"),
            Change::Stop => ("ClusterService", "Stop"),
            Change::Backup => ("ClusterService", "Backup"),
            Change::AddHost => ("ClusterService", "AddHosts"),
            Change::Move { .. } => ("ClusterService", "Move"),
            Change::Rename { .. } | Change::Protect { .. } | Change::SetWindow { .. } | Change::SetRetention { .. } => {
                ("ClusterService", "Update")
            }
            Change::Add { item: Item::Database, .. } => ("DatabaseService", "Create"),
            Change::Add { item: Item::User, .. } => ("UserService", "Create"),
            Change::Remove { item: Item::Database, .. } => ("DatabaseService", "Delete"),
            Change::Remove { item: Item::User, .. } => ("UserService", "Delete"),
        },
    }
}

fn method<E: engines::Engine>(service: &str, name: &str) -> &'static Method {
    match service {
        "OperationService" => method_at(&format!("/yandex.cloud.operation.{service}/{name}")),
        _ => method_at(&format!("/yandex.cloud.mdb.{}.v1.{service}/{name}", E::NAME.0)),
    }
}

fn method_at(path: &str) -> &'static Method {
    static BY_PATH: LazyLock<HashMap<&str, &Method>> =
        LazyLock::new(|| METHODS.iter().map(|method| (method.path, method)).collect());
    BY_PATH.get(path).unwrap_or_else(|| panic!("there is no {path}"))
}

fn call<E: engines::Engine>(universe: &Universe, service: &str, name: &str) -> Call<'static> {
    call_of(method::<E>(service, name), universe.now())
}

fn call_of(method: &'static Method, now: Instant) -> Call<'static> {
    Call::inside(method, now, "tester")
}

fn decide<E: Driven>(call: &Call, universe: &Universe, request: &Request) -> Result<Decision, Refusal> {
    let plan = match request {
        Request::Create { settings } => cluster::create::<E>(call, universe, create_request::<E>(settings)),
        Request::Restore { source, settings } => {
            cluster::restore::<E>(call, universe, restore_request::<E>(source, settings))
        }
        Request::OfCluster { cluster, change } => change_cluster::<E>(call, universe, cluster, change),
        Request::DeleteBackup { backup } => E::delete_backup(call, universe, backup),
        Request::Cancel { operation } => {
            let request = CancelOperationRequest { operation_id: operation.clone() };
            return operation::cancel(call, universe, request);
        }
    };
    plan.map(Decision::from)
}

fn change_cluster<E: Driven>(call: &Call, universe: &Universe, id: &str, change: &Change) -> Result<Plan, Refusal> {
    let id = id.to_owned();
    match change {
        Change::Delete => {
            let mut request = E::DeleteClusterRequest::default();
            request.set_cluster_id(id);
            cluster::delete::<E>(call, universe, request)
        }
        Change::Start => {
            let mut request = E::StartClusterRequest::default();
            request.set_cluster_id(id);
            cluster::start::<E>(call, universe, request)
        }
        Change::Stop => {
            let mut request = E::StopClusterRequest::default();
            request.set_cluster_id(id);
            cluster::stop::<E>(call, universe, request)
        }
        Change::Backup => {
            let mut request = E::BackupClusterRequest::default();
            request.set_cluster_id(id);
            cluster::backup::<E>(call, universe, request)
        }
        Change::AddHost => E::add_host(call, universe, &id),
        Change::Move { folder } => {
            let mut request = E::MoveClusterRequest::default();
            request.set_cluster_id(id);
            request.set_destination_folder_id(folder.clone());
            cluster::r#move::<E>(call, universe, request)
        }
        Change::Rename { .. } | Change::Protect { .. } | Change::SetWindow { .. } | Change::SetRetention { .. } => {
            cluster::update::<E>(call, universe, update_request::<E>(id, change))
        }
        Change::Add { item: Item::Database, name } => E::create_database(call, universe, &id, name),
        Change::Remove { item: Item::Database, name } => E::delete_database(call, universe, &id, name),
        Change::Add { item: Item::User, name } => {
            let mut request = E::CreateUserRequest::default();
            request.set_cluster_id(id);
            request.set_user_spec(Some(user_spec::<E>(name)));
            user::create::<E>(call, universe, request)
        }
        Change::Remove { item: Item::User, name } => {
            let mut request = E::DeleteUserRequest::default();
            request.set_cluster_id(id);
            request.set_user_name(name.clone());
            user::delete::<E>(call, universe, request)
        }
    }
}

/// Things of a list.
pub fn listed<T: Message>(things: &[T], key: impl Fn(&T) -> &str) -> Vec<Listed> {
    things.iter().map(|thing| Listed { key: key(thing).to_owned(), bytes: thing.encode_to_vec() }).collect()
}
