//! Every mutating RPC answers with an operation whose metadata and response are of the types that the contract annotates.

use std::collections::BTreeSet;

use crate::common::*;
use mdb_emulator::contract::Kind;

#[test]
fn every_mutating_rpc_carries_the_annotated_types_at_every_moment() {
    let mut walk = Walk { cloud: Cloud::slow(10), seen: BTreeSet::new() };
    walk.engine::<Redis>();
    walk.managed::<Redis>();
    walk.engine::<Mysql>();
    walk.databases::<Mysql>();
    walk.managed::<Mysql>();
    walk.engine::<SqlServer>();
    walk.databases::<SqlServer>();
    walk.engine::<Spqr>();
    walk.databases::<Spqr>();
    walk.managed::<Spqr>();
    walk.update_hosts::<Redis>();
    walk.update_hosts::<Mysql>();
    walk.update_hosts::<SqlServer>();
    walk.update_hosts::<Spqr>();
    walk.delete_hosts::<Redis>();
    walk.delete_hosts::<Mysql>();
    walk.delete_hosts::<Spqr>();
    walk.failover::<Redis>();
    walk.failover::<Mysql>();
    walk.failover::<SqlServer>();
    walk.slots();
    walk.routers();
    walk.grants::<Mysql>();
    walk.grants::<SqlServer>();
    walk.protection();
    walk.transfers();
    walk.cluster_bindings::<Redis>();
    walk.cluster_bindings::<Mysql>();
    walk.cluster_bindings::<Spqr>();
    walk.neighbours();

    let implemented = |method: &&Method| {
        let outcome = walk.cloud.call_raw(method.path, Vec::new());
        outcome.err().is_none_or(|status| status.code() != Code::Unimplemented)
    };
    let mutating = METHODS.iter().filter(|method| method.kind == Kind::Write && method.operation.is_some());
    let expected: BTreeSet<&str> = mutating.filter(implemented).map(|method| method.path).collect();
    assert_eq!(walk.seen, expected, "the walk goes through every RPC that is implemented");
}

/// A way through the RPCs, and those that it has come through.
pub struct Walk {
    pub cloud: Cloud,
    pub seen: BTreeSet<&'static str>,
}

impl Walk {
    fn engine<E: Sample>(&mut self) {
        let cloud = self.cloud.clone();
        let created = self.follow::<E>("ClusterService/Create", E::create(&cloud, E::new_cluster("main")));
        let cluster = response::<E::Cluster>(&created).id().to_owned();
        assert_eq!(self.cloud.cluster::<E>(&cluster).status(), RUNNING);

        let mut request = E::CreateUserRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_user_spec(Some(E::new_user("another")));
        self.follow::<E>("UserService/Create", E::create_user(&cloud, request));
        let request = E::new_password(&cluster, "another");
        self.follow::<E>("UserService/Update", E::update_user(&cloud, request));
        let mut request = E::DeleteUserRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_user_name("another".into());
        self.follow::<E>("UserService/Delete", E::delete_user(&cloud, request));

        let mut request = E::BackupClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        self.follow::<E>("ClusterService/Backup", E::backup(&cloud, request));
        let backup = cloud.backups::<E>(&cluster).swap_remove(0);
        cloud.advance(MINUTE);
        let request = E::restore_of(&backup, "restored");
        let restored = self.follow::<E>("ClusterService/Restore", E::restore(&cloud, request));
        assert_ne!(response::<E::Cluster>(&restored).id(), cluster);

        let mut request = E::UpdateClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_description("changed".into());
        request.set_update_mask(mask(&["description"]));
        self.follow::<E>("ClusterService/Update", E::update(&cloud, request));
        let mut request = E::StopClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        self.follow::<E>("ClusterService/Stop", E::stop(&cloud, request));
        let mut request = E::StartClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        self.follow::<E>("ClusterService/Start", E::start(&cloud, request));
        let mut request = E::MoveClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_destination_folder_id("b1gother".into());
        self.follow::<E>("ClusterService/Move", E::r#move(&cloud, request));
        let mut request = E::DeleteClusterRequest::default();
        request.set_cluster_id(cluster);
        self.follow::<E>("ClusterService/Delete", E::delete(&cloud, request));
    }

    fn databases<E: SampleDatabases>(&mut self) {
        let cloud = self.cloud.clone();
        let cluster = self.new_cluster::<E>("with-databases");
        let mut request = E::CreateDatabaseRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_database_spec(Some(E::new_database("another")));
        self.follow::<E>("DatabaseService/Create", E::create_database(&cloud, request));
        let mut request = E::DeleteDatabaseRequest::default();
        request.set_cluster_id(cluster);
        request.set_database_name("another".into());
        self.follow::<E>("DatabaseService/Delete", E::delete_database(&cloud, request));
    }

    fn grants<E: SampleGrants>(&mut self) {
        let cloud = self.cloud.clone();
        let cluster = self.new_cluster::<E>("with-grants");
        let granted = E::grant(&cluster, "shop", E::permission("orders", &[1, 2]));
        self.follow::<E>("UserService/GrantPermission", E::grant_permission(&cloud, granted));
        let revoked = E::revoke(&cluster, "shop", E::permission("orders", &[1]));
        self.follow::<E>("UserService/RevokePermission", E::revoke_permission(&cloud, revoked));
    }

    fn protection(&mut self) {
        let cloud = self.cloud.clone();
        let request = mysql::v1::UpdateDatabaseRequest {
            cluster_id: self.new_cluster::<Mysql>("protected"),
            database_name: "orders".into(),
            update_mask: None,
            deletion_protection_mode: mysql::v1::DeletionProtectionMode::Enabled as i32,
        };
        self.follow::<Mysql>("DatabaseService/Update", Mysql::update_database(&cloud, request));
    }

    fn transfers(&mut self) {
        let cloud = self.cloud.clone();
        let new = sqlserver::v1::CreateClusterRequest {
            service_account_id: "ajerobot000000000001".into(),
            ..SqlServer::new_cluster("with-buckets")
        };
        let created = self.follow::<SqlServer>("ClusterService/Create", SqlServer::create(&cloud, new));
        let cluster = response::<sqlserver::v1::Cluster>(&created).id;
        let request = sqlserver::v1::BackupClusterRequest { cluster_id: cluster.clone() };
        SqlServer::backup(&cloud, request).unwrap();
        cloud.advance(MINUTE);
        let backup = cloud.backups::<SqlServer>(&cluster).swap_remove(0);
        let restore = SqlServer::restore_into(&cluster, &backup, "restored");
        self.follow::<SqlServer>("DatabaseService/Restore", SqlServer::restore_database(&cloud, restore));
        let import = SqlServer::import_of(&cluster, "imported");
        self.follow::<SqlServer>("DatabaseService/ImportBackup", SqlServer::import_backup(&cloud, import));
        let export = SqlServer::export_of(&cluster, "orders");
        self.follow::<SqlServer>("DatabaseService/ExportBackup", SqlServer::export_backup(&cloud, export));
    }

    fn managed<E: Sample + ManagedRpcs>(&mut self) {
        let cloud = self.cloud.clone();
        let cluster = self.new_cluster::<E>("managed");
        let mut request = E::BackupClusterRequest::default();
        request.set_cluster_id(cluster.clone());
        E::backup(&cloud, request).unwrap();
        cloud.advance(10);
        let mut request = E::AddClusterHostsRequest::default();
        request.set_cluster_id(cluster.clone());
        request.set_host_specs(E::new_cluster("any").host_specs()[..1].to_vec());
        self.follow::<E>("ClusterService/AddHosts", E::add_hosts(&cloud, request));
        let mut request = E::DeleteBackupRequest::default();
        request.set_backup_id(cloud.backups::<E>(&cluster)[0].id().into());
        self.follow::<E>("BackupService/Delete", E::delete_backup(&cloud, request));
    }

    pub fn new_cluster<E: Sample>(&mut self, name: &str) -> String {
        let created = self.follow::<E>("ClusterService/Create", E::create(&self.cloud, E::new_cluster(name)));
        response::<E::Cluster>(&created).id().to_owned()
    }

    /// Looks at an operation at its beginning, on its way and at its end.
    #[track_caller]
    pub fn follow<E: Sample>(&mut self, rpc: &str, started: Result<Operation, Status>) -> Operation {
        let path = format!("/yandex.cloud.mdb.{}.v1.{rpc}", E::PACKAGE);
        let method = METHODS.iter().find(|method| method.path == path).expect("a path of the contract");
        self.seen.insert(method.path);
        let types = method.operation.as_ref().expect("an annotated RPC");
        let metadata_type = format!("type.googleapis.com/{}", types.metadata);

        let started = started.unwrap_or_else(|status| panic!("{path}: {status}"));
        assert!(!started.description.is_empty() && started.description.len() <= 256);
        assert_eq!(started.created_at, Some(self.cloud.now()));
        assert_eq!(started.modified_at, Some(self.cloud.now()));
        assert!(!started.created_by.is_empty());
        for seconds in [0, 1, 8] {
            self.cloud.advance(seconds);
            let running = self.cloud.operation(&started.id).unwrap();
            assert!(!running.done && running.result.is_none(), "{path} after {seconds} s more");
            assert_eq!(running.metadata, started.metadata, "{path}: complete from the beginning");
        }
        assert_eq!(started.metadata.as_ref().unwrap().type_url, metadata_type, "{path}");
        self.cloud.advance(1);
        let ended = self.cloud.operation(&started.id).unwrap();
        assert!(ended.done, "{path}");
        assert_eq!(ended.metadata, started.metadata, "{path}");
        assert_eq!(ended.modified_at, Some(self.cloud.now()));
        let Some(operation::Result::Response(shown)) = &ended.result else { panic!("{path}: {ended:?}") };
        assert_eq!(shown.type_url, format!("type.googleapis.com/{}", types.response), "{path}");
        ended
    }
}
