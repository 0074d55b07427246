import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.type.TimeOfDay;
import io.grpc.Status;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import yandex.cloud.api.mdb.sqlserver.v1.ClusterServiceGrpc;
import yandex.cloud.api.mdb.sqlserver.v1.ClusterServiceGrpc.ClusterServiceBlockingStub;
import yandex.cloud.api.mdb.sqlserver.v1.DatabaseServiceGrpc;
import yandex.cloud.api.mdb.sqlserver.v1.PSB.Backup;
import yandex.cloud.api.mdb.sqlserver.v1.PSC.Cluster;
import yandex.cloud.api.mdb.sqlserver.v1.PSC.Host;
import yandex.cloud.api.mdb.sqlserver.v1.PSC.Resources;
import yandex.cloud.api.mdb.sqlserver.v1.PSCS.*;
import yandex.cloud.api.mdb.sqlserver.v1.PSD.Database;
import yandex.cloud.api.mdb.sqlserver.v1.PSD.DatabaseSpec;
import yandex.cloud.api.mdb.sqlserver.v1.PSDS.*;
import yandex.cloud.api.mdb.sqlserver.v1.PSRS.*;
import yandex.cloud.api.mdb.sqlserver.v1.PSU.Permission;
import yandex.cloud.api.mdb.sqlserver.v1.PSU.ServerRole;
import yandex.cloud.api.mdb.sqlserver.v1.PSU.User;
import yandex.cloud.api.mdb.sqlserver.v1.PSU.UserSpec;
import yandex.cloud.api.mdb.sqlserver.v1.PSUS.*;
import yandex.cloud.api.mdb.sqlserver.v1.ResourcePresetServiceGrpc;
import yandex.cloud.api.mdb.sqlserver.v1.UserServiceGrpc;

final class SqlServer implements Journey.Engine {
    private final Session session;
    private final ClusterServiceBlockingStub clusters;

    SqlServer(Session session) {
        this.session = session;
        clusters = session.client("managed-sqlserver", ClusterServiceGrpc::newBlockingStub);
    }

    private static ConfigSpec config() {
        return ConfigSpec.newBuilder()
                .setVersion("2019ent")
                .setResources(Resources.newBuilder().setResourcePresetId("s2.small").setDiskSize(20L << 30))
                .build();
    }

    private static List<HostSpec> hosts() {
        return Stream.of("a", "b", "d")
                .map(zone -> HostSpec.newBuilder().setZoneId("ru-central1-" + zone).build())
                .toList();
    }

    @Override
    public void choose() {
        var presets = session.client("managed-sqlserver", ResourcePresetServiceGrpc::newBlockingStub);
        var shown = presets.get(GetResourcePresetRequest.newBuilder().setResourcePresetId("s2.small").build());
        Journey.expect(List.of(shown.getCores(), shown.getMemory()), List.of(4L, 16L << 30));
        var first = presets.list(ListResourcePresetsRequest.newBuilder().setPageSize(2).build());
        var second = presets.list(ListResourcePresetsRequest.newBuilder()
                .setPageSize(1000)
                .setPageToken(first.getNextPageToken())
                .build());
        Journey.expect(first.getResourcePresetsCount(), 2);
        Journey.expect(
                first.getResourcePresetsList().contains(shown) || second.getResourcePresetsList().contains(shown), true);
    }

    @Override
    public String create(String folder) {
        var operation = clusters.create(CreateClusterRequest.newBuilder()
                .setFolderId(folder)
                .setName("journey")
                .setEnvironment(Cluster.Environment.PRODUCTION)
                .setConfigSpec(config())
                .addAllHostSpecs(hosts())
                .addDatabaseSpecs(DatabaseSpec.newBuilder().setName("orders"))
                .build());
        var metadata = Session.unpack(operation.getMetadata(), CreateClusterMetadata.class);
        var cluster = session.finish(operation, Cluster.class);
        Journey.expect(cluster.getId(), metadata.getClusterId());
        Journey.expect(cluster.getStatus(), Cluster.Status.RUNNING);
        return cluster.getId();
    }

    @Override
    public List<String> found(String folder, String filter) {
        var request = ListClustersRequest.newBuilder().setFolderId(folder).setFilter(filter).build();
        return clusters.list(request).getClustersList().stream().map(Cluster::getId).toList();
    }

    @Override
    public void createLabelled(Map<String, String> labels) {
        clusters.create(CreateClusterRequest.newBuilder().putAllLabels(labels).build());
    }

    @Override
    public void backUp(String cluster) {
        session.finish(
                clusters.backup(BackupClusterRequest.newBuilder().setClusterId(cluster).build()), Cluster.class);
    }

    @Override
    public Journey.Page backups(String cluster, String pageToken) {
        var page = clusters.listBackups(ListClusterBackupsRequest.newBuilder()
                .setClusterId(cluster)
                .setPageSize(2)
                .setPageToken(pageToken)
                .build());
        return new Journey.Page(page.getBackupsList().stream().map(Backup::getId).toList(), page.getNextPageToken());
    }

    @Override
    public void moveWindow(String cluster, TimeOfDay to) {
        session.finish(
                clusters.update(UpdateClusterRequest.newBuilder()
                        .setClusterId(cluster)
                        .setUpdateMask(FieldMask.newBuilder().addPaths("config_spec.backup_window_start"))
                        .setConfigSpec(ConfigSpec.newBuilder().setBackupWindowStart(to))
                        .build()),
                Cluster.class);
    }

    @Override
    public TimeOfDay window(String cluster) {
        var shown = clusters.get(GetClusterRequest.newBuilder().setClusterId(cluster).build());
        return shown.getConfig().getBackupWindowStart();
    }

    @Override
    public String restore(String backup, String folder) {
        var operation = clusters.restore(RestoreClusterRequest.newBuilder()
                .setBackupId(backup)
                .setFolderId(folder)
                .setName("restored")
                .setEnvironment(Cluster.Environment.PRODUCTION)
                .setConfigSpec(config())
                .addAllHostSpecs(hosts())
                .setTime(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                .build());
        var metadata = Session.unpack(operation.getMetadata(), RestoreClusterMetadata.class);
        Journey.expect(metadata.getBackupId(), backup);
        return session.finish(operation, Cluster.class).getId();
    }

    /** Neither adds nor deletes: a cluster keeps as many as it has. */
    @Override
    public void changeHosts(String cluster) {
        var names = listHosts(cluster).stream().map(Host::getName).toList();
        updateHost(
                cluster,
                UpdateHostSpec.newBuilder()
                        .setHostName(names.get(0))
                        .setUpdateMask(FieldMask.newBuilder().addPaths("assign_public_ip"))
                        .setAssignPublicIp(true)
                        .build());
        Journey.expect(listHosts(cluster).get(0).getAssignPublicIp(), true);
        var failover = StartClusterFailoverRequest.newBuilder()
                .setClusterId(cluster)
                .setHostName(names.get(2))
                .build();
        session.finish(clusters.startFailover(failover), Cluster.class);
        Journey.expect(listHosts(cluster).get(2).getRole(), Host.Role.MASTER);
        Journey.refused(Status.Code.FAILED_PRECONDITION, () -> clusters.startFailover(failover));
    }

    private void updateHost(String cluster, UpdateHostSpec spec) {
        var request =
                UpdateClusterHostsRequest.newBuilder().setClusterId(cluster).addUpdateHostSpecs(spec).build();
        session.finish(clusters.updateHosts(request), Empty.class);
        Journey.refused(Status.Code.FAILED_PRECONDITION, () -> clusters.updateHosts(request));
    }

    private List<Host> listHosts(String cluster) {
        return clusters.listHosts(ListClusterHostsRequest.newBuilder().setClusterId(cluster).build()).getHostsList();
    }

    @Override
    public void changeContents(String cluster, String backup) {
        changeDatabases(cluster, backup);
        var users = session.client("managed-sqlserver", UserServiceGrpc::newBlockingStub);
        var spec = UserSpec.newBuilder().setName("late").setPassword("a-long-password");
        session.finish(
                users.create(CreateUserRequest.newBuilder().setClusterId(cluster).setUserSpec(spec).build()), User.class);
        var update = UpdateUserRequest.newBuilder()
                .setClusterId(cluster)
                .setUserName("late")
                .setUpdateMask(FieldMask.newBuilder().addPaths("server_roles"))
                .addServerRoles(ServerRole.MDB_MONITOR)
                .build();
        var updated = session.finish(users.update(update), User.class);
        Journey.expect(updated.getServerRolesList(), List.of(ServerRole.MDB_MONITOR));
        var permission = Permission.newBuilder()
                .setDatabaseName("orders")
                .addRoles(Permission.Role.DB_OWNER)
                .build();
        var grant = GrantUserPermissionRequest.newBuilder()
                .setClusterId(cluster)
                .setUserName("late")
                .setPermission(permission)
                .build();
        var granted = session.finish(users.grantPermission(grant), User.class);
        Journey.expect(granted.getPermissionsList(), List.of(permission));
        var revoke = RevokeUserPermissionRequest.newBuilder()
                .setClusterId(cluster)
                .setUserName("late")
                .setPermission(permission)
                .build();
        Journey.expect(session.finish(users.revokePermission(revoke), User.class).getPermissionsCount(), 0);
        Journey.refused(Status.Code.FAILED_PRECONDITION, () -> users.revokePermission(revoke));
        session.finish(
                users.delete(DeleteUserRequest.newBuilder().setClusterId(cluster).setUserName("late").build()), Empty.class);
        var get = GetUserRequest.newBuilder().setClusterId(cluster).setUserName("late").build();
        Journey.refused(Status.Code.NOT_FOUND, () -> users.get(get));
    }

    /** Brings back what a backup has of a database, under another name. */
    private void changeDatabases(String cluster, String backup) {
        var databases = session.client("managed-sqlserver", DatabaseServiceGrpc::newBlockingStub);
        var restore = RestoreDatabaseRequest.newBuilder()
                .setClusterId(cluster)
                .setDatabaseName("late")
                .setFromDatabase("orders")
                .setBackupId(backup)
                .setTime(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                .build();
        Journey.expect(session.finish(databases.restore(restore), Database.class).getName(), "late");
        var delete = DeleteDatabaseRequest.newBuilder().setClusterId(cluster).setDatabaseName("late").build();
        session.finish(databases.delete(delete), Empty.class);
        Journey.refused(Status.Code.NOT_FOUND, () -> databases.delete(delete));
    }

    @Override
    public void delete(String cluster) {
        session.finish(clusters.delete(DeleteClusterRequest.newBuilder().setClusterId(cluster).build()), Empty.class);
    }
}
