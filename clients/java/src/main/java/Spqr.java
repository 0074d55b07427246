import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Int64Value;
import com.google.type.TimeOfDay;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import yandex.cloud.api.mdb.spqr.v1.BackupOuterClass.Backup;
import yandex.cloud.api.mdb.spqr.v1.ClusterOuterClass.Cluster;
import yandex.cloud.api.mdb.spqr.v1.ClusterServiceGrpc;
import yandex.cloud.api.mdb.spqr.v1.ClusterServiceGrpc.ClusterServiceBlockingStub;
import yandex.cloud.api.mdb.spqr.v1.ClusterServiceOuterClass.*;
import yandex.cloud.api.mdb.spqr.v1.Config.MDBPostgreSQL;
import yandex.cloud.api.mdb.spqr.v1.Config.Resources;
import yandex.cloud.api.mdb.spqr.v1.DatabaseOuterClass.Database;
import yandex.cloud.api.mdb.spqr.v1.DatabaseOuterClass.DatabaseSpec;
import yandex.cloud.api.mdb.spqr.v1.DatabaseServiceGrpc;
import yandex.cloud.api.mdb.spqr.v1.DatabaseServiceOuterClass.*;
import yandex.cloud.api.mdb.spqr.v1.HostOuterClass.Host;
import yandex.cloud.api.mdb.spqr.v1.HostOuterClass.HostSpec;
import yandex.cloud.api.mdb.spqr.v1.ResourcePresetServiceGrpc;
import yandex.cloud.api.mdb.spqr.v1.ResourcePresetServiceOuterClass.*;
import yandex.cloud.api.mdb.spqr.v1.ShardOuterClass.Shard;
import yandex.cloud.api.mdb.spqr.v1.ShardOuterClass.ShardSpec;
import yandex.cloud.api.mdb.spqr.v1.UserOuterClass.Permission;
import yandex.cloud.api.mdb.spqr.v1.UserOuterClass.User;
import yandex.cloud.api.mdb.spqr.v1.UserOuterClass.UserSettings;
import yandex.cloud.api.mdb.spqr.v1.UserOuterClass.UserSpec;
import yandex.cloud.api.mdb.spqr.v1.UserServiceGrpc;
import yandex.cloud.api.mdb.spqr.v1.UserServiceOuterClass.*;

final class Spqr implements Journey.Engine {
    private final Session session;
    private final ClusterServiceBlockingStub clusters;

    Spqr(Session session) {
        this.session = session;
        clusters = session.client("managed-spqr", ClusterServiceGrpc::newBlockingStub);
    }

    private static ConfigSpec config() {
        var resources = Resources.newBuilder().setResourcePresetId("s3-c2-m8").setDiskSize(10L << 30);
        var infra = SpqrSpec.Infra.newBuilder().setResources(resources);
        return ConfigSpec.newBuilder().setSpqrSpec(SpqrSpec.newBuilder().setInfra(infra)).build();
    }

    private static List<HostSpec> hosts() {
        return List.of(HostSpec.newBuilder().setZoneId("ru-central1-a").setType(Host.Type.INFRA).build());
    }

    @Override
    public void choose() {
        var presets = session.client("managed-spqr", ResourcePresetServiceGrpc::newBlockingStub);
        var shown = presets.get(GetResourcePresetRequest.newBuilder().setResourcePresetId("s3-c2-m8").build());
        Journey.expect(List.of(shown.getCores(), shown.getMemory()), List.of(2L, 8L << 30));
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
                .setNetworkId("enpjourney0000000000")
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
                .setNetworkId("enpjourney0000000000")
                .build());
        var metadata = Session.unpack(operation.getMetadata(), RestoreClusterMetadata.class);
        Journey.expect(metadata.getBackupId(), backup);
        return session.finish(operation, Cluster.class).getId();
    }

    /** Knows no failover; a host is made anew instead. */
    @Override
    public void changeHosts(String cluster) {
        var first = namesOfHosts(cluster).get(0);
        var second = addHost(
                cluster, HostSpec.newBuilder().setZoneId("ru-central1-b").setType(Host.Type.INFRA).build());
        Journey.expect(namesOfHosts(cluster), List.of(first, second));
        updateHost(
                cluster,
                UpdateHostSpec.newBuilder()
                        .setHostName(second)
                        .setUpdateMask(FieldMask.newBuilder().addPaths("assign_public_ip"))
                        .setAssignPublicIp(true)
                        .build());
        Journey.expect(listHosts(cluster).get(1).getAssignPublicIp(), true);
        session.finish(
                clusters.resetupHosts(
                        ResetupHostsRequest.newBuilder().setClusterId(cluster).addHostNames(second).build()),
                Empty.class);
        deleteHost(cluster, first);
        Journey.expect(namesOfHosts(cluster), List.of(second));
        var postgresql = MDBPostgreSQL.newBuilder().setClusterId("c9qpostgresql0000000");
        changeShards(
                cluster,
                AddClusterShardRequest.newBuilder()
                        .setClusterId(cluster)
                        .setShardSpec(ShardSpec.newBuilder().setShardName("late").setMdbPostgresql(postgresql))
                        .build());
    }

    private void updateHost(String cluster, UpdateHostSpec spec) {
        var request =
                UpdateClusterHostsRequest.newBuilder().setClusterId(cluster).addUpdateHostSpecs(spec).build();
        session.finish(clusters.updateHosts(request), Empty.class);
        Journey.refused(Status.Code.FAILED_PRECONDITION, () -> clusters.updateHosts(request));
    }

    /** Adds a host; returns its name. */
    private String addHost(String cluster, HostSpec spec) {
        var operation = clusters.addHosts(
                AddClusterHostsRequest.newBuilder().setClusterId(cluster).addHostSpecs(spec).build());
        session.finish(operation, Empty.class);
        return Session.unpack(operation.getMetadata(), AddClusterHostsMetadata.class).getHostNames(0);
    }

    private void deleteHost(String cluster, String name) {
        var request = DeleteClusterHostsRequest.newBuilder().setClusterId(cluster).addHostNames(name).build();
        session.finish(clusters.deleteHosts(request), Empty.class);
        Journey.refused(Status.Code.NOT_FOUND, () -> clusters.deleteHosts(request));
    }

    private List<Host> listHosts(String cluster) {
        return clusters.listHosts(ListClusterHostsRequest.newBuilder().setClusterId(cluster).build()).getHostsList();
    }

    private List<String> namesOfHosts(String cluster) {
        return listHosts(cluster).stream().map(Host::getName).toList();
    }

    private void changeShards(String cluster, AddClusterShardRequest add) {
        var before = namesOfShards(cluster);
        var shard = session.finish(clusters.addShard(add), Shard.class);
        var get = GetClusterShardRequest.newBuilder().setClusterId(cluster).setShardName("late").build();
        Journey.expect(clusters.getShard(get), shard);
        Journey.expect(namesOfShards(cluster).size(), before.size() + 1);
        Journey.refused(Status.Code.ALREADY_EXISTS, () -> clusters.addShard(add));
        session.finish(
                clusters.deleteShard(DeleteClusterShardRequest.newBuilder()
                        .setClusterId(cluster)
                        .setShardName("late")
                        .build()),
                Empty.class);
        Journey.expect(namesOfShards(cluster), before);
        Journey.refused(Status.Code.NOT_FOUND, () -> clusters.getShard(get));
    }

    private List<String> namesOfShards(String cluster) {
        var request = ListClusterShardsRequest.newBuilder().setClusterId(cluster).build();
        return clusters.listShards(request).getShardsList().stream().map(Shard::getName).toList();
    }

    @Override
    public void changeContents(String cluster, String backup) {
        changeDatabases(cluster);
        var users = session.client("managed-spqr", UserServiceGrpc::newBlockingStub);
        var spec = UserSpec.newBuilder()
                .setName("late")
                .setPassword("a-long-password")
                .addPermissions(Permission.newBuilder().setDatabaseName("orders"));
        session.finish(
                users.create(CreateUserRequest.newBuilder().setClusterId(cluster).setUserSpec(spec).build()), User.class);
        var update = UpdateUserRequest.newBuilder()
                .setClusterId(cluster)
                .setUserName("late")
                .setUpdateMask(FieldMask.newBuilder().addPaths("settings.connection_limit").addPaths("grants"))
                .setSettings(UserSettings.newBuilder().setConnectionLimit(Int64Value.of(20)))
                .addGrants("reader")
                .build();
        var updated = session.finish(users.update(update), User.class);
        Journey.expect(updated.getSettings().getConnectionLimit().getValue(), 20L);
        Journey.expect(updated.getPermissions(0).getDatabaseName(), "orders");
        Journey.refused(Status.Code.FAILED_PRECONDITION, () -> users.update(update));
        session.finish(
                users.delete(DeleteUserRequest.newBuilder().setClusterId(cluster).setUserName("late").build()), Empty.class);
        var get = GetUserRequest.newBuilder().setClusterId(cluster).setUserName("late").build();
        Journey.refused(Status.Code.NOT_FOUND, () -> users.get(get));
    }

    private void changeDatabases(String cluster) {
        var databases = session.client("managed-spqr", DatabaseServiceGrpc::newBlockingStub);
        var spec = DatabaseSpec.newBuilder().setName("late");
        session.finish(
                databases.create(
                        CreateDatabaseRequest.newBuilder().setClusterId(cluster).setDatabaseSpec(spec).build()),
                Database.class);
        var delete = DeleteDatabaseRequest.newBuilder().setClusterId(cluster).setDatabaseName("late").build();
        session.finish(databases.delete(delete), Empty.class);
        Journey.refused(Status.Code.NOT_FOUND, () -> databases.delete(delete));
    }

    @Override
    public void delete(String cluster) {
        session.finish(clusters.delete(DeleteClusterRequest.newBuilder().setClusterId(cluster).build()), Empty.class);
    }
}
