import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.type.TimeOfDay;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import yandex.cloud.api.mdb.sqlserver.v1.PSB.Backup;
import yandex.cloud.api.mdb.sqlserver.v1.PSC.Cluster;
import yandex.cloud.api.mdb.sqlserver.v1.PSC.Resources;
import yandex.cloud.api.mdb.sqlserver.v1.ClusterServiceGrpc;
import yandex.cloud.api.mdb.sqlserver.v1.ClusterServiceGrpc.ClusterServiceBlockingStub;
import yandex.cloud.api.mdb.sqlserver.v1.PSCS.*;
import yandex.cloud.api.mdb.sqlserver.v1.PSD.DatabaseSpec;

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

    @Override
    public void delete(String cluster) {
        session.finish(clusters.delete(DeleteClusterRequest.newBuilder().setClusterId(cluster).build()), Empty.class);
    }
}
