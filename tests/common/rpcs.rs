//! Every implemented RPC of every engine by one name, through the typed clients: `E::backup(&cloud, request)` is
//! `ClusterService.Backup` of the engine `E`.

use mdb_emulator::contract::engine::{
    DatabaseMessages, ManagedMessages, Messages, Mysql, Redis, RetentionMessages, Spqr, SqlServer,
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
        list_operations = cluster_service_client ClusterServiceClient
            list_operations(ListClusterOperationsRequest) -> ListClusterOperationsResponse;
        list_cluster_backups = cluster_service_client ClusterServiceClient
            list_backups(ListClusterBackupsRequest) -> ListClusterBackupsResponse;
        get_backup = backup_service_client BackupServiceClient get(GetBackupRequest) -> Backup;
        list_backups = backup_service_client BackupServiceClient list(ListBackupsRequest) -> ListBackupsResponse;
        create_user = user_service_client UserServiceClient create(CreateUserRequest) -> Operation;
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
        delete_backup = backup_service_client BackupServiceClient delete(DeleteBackupRequest) -> Operation;
    }
}

rpcs! {
    /// What the engines answer that list their versions.
    VersionRpcs of RetentionMessages in [Redis redis, Mysql mysql] {
        list_versions = versions_service_client VersionsServiceClient list(ListVersionsRequest) -> ListVersionsResponse;
    }
}
