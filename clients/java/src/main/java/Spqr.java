import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.type.TimeOfDay;
import java.util.List;
import java.util.Map;
import yandex.cloud.api.mdb.spqr.v1.BackupOuterClass.Backup;
import yandex.cloud.api.mdb.spqr.v1.ClusterOuterClass.Cluster;
import yandex.cloud.api.mdb.spqr.v1.Config.Resources;
import yandex.cloud.api.mdb.spqr.v1.ClusterServiceGrpc;
import yandex.cloud.api.mdb.spqr.v1.ClusterServiceGrpc.ClusterServiceBlockingStub;
import yandex.cloud.api.mdb.spqr.v1.ClusterServiceOuterClass.*;
import yandex.cloud.api.mdb.spqr.v1.DatabaseOuterClass.DatabaseSpec;
import yandex.cloud.api.mdb.spqr.v1.HostOuterClass.Host;
import yandex.cloud.api.mdb.spqr.v1.HostOuterClass.HostSpec;

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

    @Override
    public void delete(String cluster) {
        session.finish(clusters.delete(DeleteClusterRequest.newBuilder().setClusterId(cluster).build()), Empty.class);
    }
}
