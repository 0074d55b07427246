//! What the API shows of clusters, hosts, backups, users, databases and shards. It is derived from what the simulation holds, in the same way
//! for every engine.

use std::sync::Arc;

use crate::contract::ContractMessage;
use crate::contract::engine::fields::methods::*;
use crate::contract::joined::Joined;
use crate::contract::projection::{CopyInto, projected};
use crate::contract::proto::yandex::cloud::mdb::{mysql::v1 as mysql, redis::v1 as redis, spqr::v1 as spqr};
use crate::engines::{DatabaseEngine, Engine, ShardEngine};
use crate::universe::cluster::{Cluster, Host};
use crate::universe::{BackupEntry, Id, Item, Keeper, Opaque, Source, Status};

// Each of these enums has the same numbers in every engine that has it.

/// The health of a cluster that runs, and of its hosts.
const ALIVE: i32 = redis::cluster::Health::Alive as i32;
/// The health of a cluster that does not run, and of its hosts (our choice).
const UNKNOWN: i32 = redis::cluster::Health::Unknown as i32;
const AUTOMATED: i32 = redis::backup::BackupType::Automated as i32;
const MANUAL: i32 = redis::backup::BackupType::Manual as i32;
/// The status of every backup: a backup is shown once it is finished (our choice).
const DONE: i32 = mysql::backup::BackupStatus::Done as i32;
/// The method of every backup: each is a full backup (our choice).
const BASE: i32 = spqr::backup::BackupMethod::Base as i32;

/// Where the service's console is, which shows the charts of clusters.
const CONSOLE: &str = "https://console.yandex.cloud";

/// A cluster.
pub fn cluster<E: Engine>(cluster: &Cluster) -> E::Cluster {
    let request: &E::CreateClusterRequest = cluster.spec.request.open();
    let mut view = E::Cluster::default();
    request.copy_into(&mut view);
    view.set_id(cluster.id.to_string());
    view.set_folder_id(cluster.spec.folder.to_string());
    view.set_name(cluster.spec.name.to_string());
    view.set_created_at(Some(cluster.created_at.into()));
    view.set_config(Some(E::config(request)));
    view.set_status(cluster.status as i32);
    view.set_health(health(cluster.status));
    view.set_is_ha(cluster.hosts.len() > 1);
    view.set_monitoring(vec![monitoring::<E>(cluster)]);
    view
}

/// Where the charts of a cluster would be, if the service had it (the words and the path are our choice).
fn monitoring<E: Engine>(cluster: &Cluster) -> E::Monitoring {
    let (folder, engine, id) = (&cluster.spec.folder, E::NAME.0, cluster.id);
    let mut view = E::Monitoring::default();
    view.set_name("Console".into());
    view.set_description("Console charts".into());
    view.set_link(format!("{CONSOLE}/folders/{folder}/managed-{engine}/cluster/{id}/monitoring"));
    view
}

/// A host of a cluster.
pub fn host<E: Engine>(cluster: &Cluster, host: &Host) -> E::Host {
    let request: &E::CreateClusterRequest = cluster.spec.request.open();
    let spec: &E::HostSpec = host.spec.open();
    let mut view: E::Host = projected(spec);
    view.set_name(host.name.to_string());
    view.set_cluster_id(cluster.id.to_string());
    view.set_resources(E::resources(request, spec).cloned());
    view.set_role(host.role);
    view.set_health(health(cluster.status));
    let services = E::services(request, spec).into_iter().map(|service_type| {
        let mut service = E::Service::default();
        service.set_type(service_type);
        service.set_health(health(cluster.status));
        service
    });
    view.set_services(services.collect());
    view
}

/// A backup.
pub fn backup<E: Engine>(entry: &BackupEntry<'_>) -> E::Backup {
    let mut view = BackupView::<E>::default();
    view.show(entry);
    view.message
}

/// A page of backups.
pub fn backups<E: Engine, P: ContractMessage + Default>(entries: &[BackupEntry<'_>], token: &str) -> Joined<P> {
    let (mut view, mut page) = (BackupView::<E>::default(), Joined::default());
    for entry in entries {
        page.push(view.show(entry));
    }
    page.before_page(token)
}

/// Shows one backup after the other in the same message: most of what backups of one cluster show is the same.
struct BackupView<'a, E: Engine> {
    message: E::Backup,
    /// What the backup brings back that is shown.
    source: Option<&'a Arc<Source>>,
}

impl<E: Engine> Default for BackupView<'_, E> {
    fn default() -> Self {
        Self { message: E::Backup::default(), source: None }
    }
}

impl<'a, E: Engine> BackupView<'a, E> {
    fn show(&mut self, entry: &BackupEntry<'a>) -> &E::Backup {
        let (backup, view) = (entry.backup, &mut self.message);
        if !self.source.is_some_and(|source| Arc::ptr_eq(source, &backup.source)) {
            let source = &backup.source;
            view.set_folder_id(String::from(&*source.spec.folder));
            view.set_source_cluster_id(entry.record.cluster.as_str().to_owned());
            view.set_databases(source.contents.all(Item::Database).keys().cloned().collect());
            view.set_source_shard_names(source.contents.all(Item::Shard).keys().cloned().collect());
            view.set_status(DONE);
            view.set_method(BASE);
            self.source = Some(source);
        }
        view.set_id(entry.id().as_str().to_owned());
        view.set_started_at(Some(backup.started_at.into()));
        view.set_created_at(Some(backup.created_at.into()));
        view.set_type(match entry.keeper {
            Keeper::Automatic | Keeper::Policy(_) => AUTOMATED,
            Keeper::Manual => MANUAL,
        });
        view.set_size(backup.size.cast_signed());
        view.set_journal_size((backup.size / 16).cast_signed());
        view
    }
}

/// A user of a cluster.
pub fn user<E: Engine>(cluster: Id, name: &str, spec: &Opaque) -> E::User {
    let spec: &E::UserSpec = spec.open();
    let mut view: E::User = projected(spec);
    view.set_name(name.to_owned());
    view.set_cluster_id(cluster.to_string());
    E::show_user(cluster, spec, &mut view);
    view
}

/// A shard of a cluster, some of whose hosts are in it.
pub fn shard<E: ShardEngine>(cluster: Id, hosts: &[Host], name: &str, spec: &Opaque) -> E::Shard {
    let own = hosts.iter().filter(|host| host.spec.open::<E::HostSpec>().shard_name() == name);
    let mut view = E::Shard::default();
    view.set_name(name.to_owned());
    view.set_cluster_id(E::cluster_of_shard(cluster, spec));
    view.set_is_ha(own.count() > 1);
    view
}

/// A database of a cluster.
pub fn database<E: DatabaseEngine>(cluster: Id, name: &str, spec: &Opaque) -> E::Database {
    let mut view: E::Database = projected(spec.open::<E::DatabaseSpec>());
    view.set_name(name.to_owned());
    view.set_cluster_id(cluster.to_string());
    view
}

fn health(status: Status) -> i32 {
    if status.is_up() { ALIVE } else { UNKNOWN }
}
