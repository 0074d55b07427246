//! Every implemented RPC of every engine by one name, through the typed clients: `E::backup(&cloud, request)` is
//! `ClusterService.Backup` of the engine `E`.

use mdb_emulator::contract::engine::{
    DatabaseMessages, FailoverMessages, GrantMessages, ManagedMessages, Messages, Mysql, ProtectionMessages, Redis,
    RetentionMessages, ShardMessages, SlotMessages, Spqr, SqlServer, SubclusterMessages, TransferMessages,
};
use mdb_emulator::contract::proto::yandex::cloud::mdb;
use mdb_emulator::contract::proto::yandex::cloud::operation::Operation;
use tonic::{Response, Status};

use super::Cloud;

macro_rules! rpcs {
    ($(#[$doc:meta])* $trait:ident of $messages:ident in [$($engine:ident $module:ident),*] $rpcs:tt) => {
        rpcs!(@trait [$(#[$doc])*] $trait $messages $rpcs);
        $(rpcs!(@engine $trait $messages $engine $module $rpcs);)*
    };
    (@trait [$(#[$doc:meta])*] $trait:ident $messages:ident {
        $($name:ident = $client_module:ident $client:ident $method:ident($request:ident) -> $reply:tt;)*
    }) => {
        $(#[$doc])*
        pub trait $trait: $messages {
            $(fn $name(
                cloud: &Cloud,
                request: <Self as $messages>::$request,
            ) -> Result<rpcs!(@reply $messages $reply), Status>;)*
        }
    };
    (@engine $trait:ident $messages:ident $engine:ident $module:ident {
        $($name:ident = $client_module:ident $client:ident $method:ident($request:ident) -> $reply:tt;)*
    }) => {
        impl $trait for $engine {
            $(fn $name(
                cloud: &Cloud,
                request: <Self as $messages>::$request,
            ) -> Result<rpcs!(@reply $messages $reply), Status> {
                let mut client = mdb::$module::v1::$client_module::$client::new(cloud.channel());
                cloud.run(client.$method(cloud.request(request))).map(Response::into_inner)
            })*
        }
    };
    (@reply $messages:ident Operation) => { Operation };
    (@reply $messages:ident $reply:ident) => { <Self as $messages>::$reply };
}

rpcs! {
    /// What every engine answers.
    Rpcs of Messages in [Redis redis, Mysql mysql, SqlServer sqlserver, Spqr spqr] {
        create = cluster_service_client ClusterServiceClient create(CreateClusterRequest) -> Operation;
        update = cluster_service_client ClusterServiceClient update(UpdateClusterRequest) -> Operation;
        delete = cluster_service_client ClusterServiceClient delete(DeleteClusterRequest) -> Operation;
        start = cluster_service_client ClusterServiceClient start(StartClusterRequest) -> Operation;
        stop = cluster_service_client ClusterServiceClient stop(StopClusterRequest) -> Operation;
        r#move = cluster_service_client ClusterServiceClient r#move(MoveClusterRequest) -> Operation;
        backup = cluster_service_client ClusterServiceClient backup(BackupClusterRequest) -> Operation;
        restore = cluster_service_client ClusterServiceClient restore(RestoreClusterRequest) -> Operation;
        get = cluster_service_client ClusterServiceClient get(GetClusterRequest) -> Cluster;
        list = cluster_service_client ClusterServiceClient list(ListClustersRequest) -> ListClustersResponse;
        list_hosts = cluster_service_client ClusterServiceClient
            list_hosts(ListClusterHostsRequest) -> ListClusterHostsResponse;
        update_hosts = cluster_service_client ClusterServiceClient update_hosts(UpdateClusterHostsRequest) -> Operation;
        list_operations = cluster_service_client ClusterServiceClient
            list_operations(ListClusterOperationsRequest) -> ListClusterOperationsResponse;
        list_cluster_backups = cluster_service_client ClusterServiceClient
            list_backups(ListClusterBackupsRequest) -> ListClusterBackupsResponse;
        get_backup = backup_service_client BackupServiceClient get(GetBackupRequest) -> Backup;
        list_backups = backup_service_client BackupServiceClient list(ListBackupsRequest) -> ListBackupsResponse;
        create_user = user_service_client UserServiceClient create(CreateUserRequest) -> Operation;
        update_user = user_service_client UserServiceClient update(UpdateUserRequest) -> Operation;
        delete_user = user_service_client UserServiceClient delete(DeleteUserRequest) -> Operation;
        get_user = user_service_client UserServiceClient get(GetUserRequest) -> User;
        list_users = user_service_client UserServiceClient list(ListUsersRequest) -> ListUsersResponse;
        get_preset = resource_preset_service_client ResourcePresetServiceClient
            get(GetResourcePresetRequest) -> ResourcePreset;
        list_presets = resource_preset_service_client ResourcePresetServiceClient
            list(ListResourcePresetsRequest) -> ListResourcePresetsResponse;
    }
}

rpcs! {
    /// What the engines with databases answer besides.
    DatabaseRpcs of DatabaseMessages in [Mysql mysql, SqlServer sqlserver, Spqr spqr] {
        create_database = database_service_client DatabaseServiceClient create(CreateDatabaseRequest) -> Operation;
        delete_database = database_service_client DatabaseServiceClient delete(DeleteDatabaseRequest) -> Operation;
        get_database = database_service_client DatabaseServiceClient get(GetDatabaseRequest) -> Database;
        list_databases = database_service_client DatabaseServiceClient
            list(ListDatabasesRequest) -> ListDatabasesResponse;
    }
}

rpcs! {
    /// What the engines answer whose hosts and backups are managed.
    ManagedRpcs of ManagedMessages in [Redis redis, Mysql mysql, Spqr spqr] {
        add_hosts = cluster_service_client ClusterServiceClient add_hosts(AddClusterHostsRequest) -> Operation;
        delete_hosts = cluster_service_client ClusterServiceClient delete_hosts(DeleteClusterHostsRequest) -> Operation;
        delete_backup = backup_service_client BackupServiceClient delete(DeleteBackupRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer whose leaders are replaced on demand.
    FailoverRpcs of FailoverMessages in [Redis redis, Mysql mysql, SqlServer sqlserver] {
        start_failover = cluster_service_client ClusterServiceClient
            start_failover(StartClusterFailoverRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer that grant permissions one at a time.
    GrantRpcs of GrantMessages in [Mysql mysql, SqlServer sqlserver] {
        grant_permission = user_service_client UserServiceClient
            grant_permission(GrantUserPermissionRequest) -> Operation;
        revoke_permission = user_service_client UserServiceClient
            revoke_permission(RevokeUserPermissionRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer whose clusters have shards.
    ShardRpcs of ShardMessages in [Redis redis, Spqr spqr] {
        get_shard = cluster_service_client ClusterServiceClient get_shard(GetClusterShardRequest) -> Shard;
        list_shards = cluster_service_client ClusterServiceClient
            list_shards(ListClusterShardsRequest) -> ListClusterShardsResponse;
        add_shard = cluster_service_client ClusterServiceClient add_shard(AddClusterShardRequest) -> Operation;
        delete_shard = cluster_service_client ClusterServiceClient delete_shard(DeleteClusterShardRequest) -> Operation;
    }
}

rpcs! {
    /// What the engine answers whose databases can be changed.
    ProtectionRpcs of ProtectionMessages in [Mysql mysql] {
        update_database = database_service_client DatabaseServiceClient update(UpdateDatabaseRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer that spread keys over slots.
    SlotRpcs of SlotMessages in [Redis redis] {
        rebalance = cluster_service_client ClusterServiceClient rebalance(RebalanceClusterRequest) -> Operation;
        enable_sharding = cluster_service_client ClusterServiceClient
            enable_sharding(EnableShardingClusterRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer whose hosts are of several types.
    SubclusterRpcs of SubclusterMessages in [Spqr spqr] {
        add_subcluster = cluster_service_client ClusterServiceClient add_subcluster(AddSubclusterRequest) -> Operation;
        resetup_hosts = cluster_service_client ClusterServiceClient resetup_hosts(ResetupHostsRequest) -> Operation;
    }
}

rpcs! {
    /// What the engine answers that restores, imports and exports a single database.
    TransferRpcs of TransferMessages in [SqlServer sqlserver] {
        restore_database = database_service_client DatabaseServiceClient restore(RestoreDatabaseRequest) -> Operation;
        import_backup = database_service_client DatabaseServiceClient
            import_backup(ImportDatabaseBackupRequest) -> Operation;
        export_backup = database_service_client DatabaseServiceClient
            export_backup(ExportDatabaseBackupRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer that list their versions.
    VersionRpcs of RetentionMessages in [Redis redis, Mysql mysql] {
        list_versions = versions_service_client VersionsServiceClient list(ListVersionsRequest) -> ListVersionsResponse;
    }
}
