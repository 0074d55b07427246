package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/sqlserver/v1"
	"github.com/yandex-cloud/go-sdk/v2/pkg/endpoints"
	"google.golang.org/genproto/googleapis/type/timeofday"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

type sqlserverEngine struct {
	session
	clusters sqlserver.ClusterServiceClient
}

// newSqlserver names the service's address: this SDK has no id of SQL Server's to look it up by.
func newSqlserver(s session, address string) engine {
	s.sdk = s.sdk.WithEndpoint("yandex.cloud.mdb.sqlserver.v1", endpoints.NewEndpointParams(address))
	connection := s.connection("yandex.cloud.mdb.sqlserver.v1.ClusterService.Create")
	return sqlserverEngine{s, sqlserver.NewClusterServiceClient(connection)}
}

func (sqlserverEngine) config() *sqlserver.ConfigSpec {
	return &sqlserver.ConfigSpec{
		Version:   "2019ent",
		Resources: &sqlserver.Resources{ResourcePresetId: "s2.small", DiskSize: 20 << 30},
	}
}

func (sqlserverEngine) hosts() []*sqlserver.HostSpec {
	return []*sqlserver.HostSpec{{ZoneId: "ru-central1-a"}, {ZoneId: "ru-central1-b"}, {ZoneId: "ru-central1-d"}}
}

func (e sqlserverEngine) create(folder string) string {
	metadata, cluster := finished[*sqlserver.CreateClusterMetadata, *sqlserver.Cluster](e.session)(
		e.clusters.Create(e.ctx, &sqlserver.CreateClusterRequest{
			FolderId:    folder,
			Name:        "journey",
			Environment: sqlserver.Cluster_PRODUCTION,
			ConfigSpec:  e.config(),
			HostSpecs:   e.hosts(),

			DatabaseSpecs: []*sqlserver.DatabaseSpec{{Name: "orders"}},
		}))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, sqlserver.Cluster_RUNNING)
	return cluster.Id
}

func (e sqlserverEngine) backUp(cluster string) {
	finished[*sqlserver.BackupClusterMetadata, *sqlserver.Cluster](e.session)(
		e.clusters.Backup(e.ctx, &sqlserver.BackupClusterRequest{ClusterId: cluster}))
}

func (e sqlserverEngine) backups(cluster, pageToken string) (ids []string, nextPageToken string) {
	page := must(e.clusters.ListBackups(e.ctx, &sqlserver.ListClusterBackupsRequest{
		ClusterId: cluster, PageSize: 2, PageToken: pageToken,
	}))
	for _, backup := range page.Backups {
		ids = append(ids, backup.Id)
	}
	return ids, page.NextPageToken
}

func (e sqlserverEngine) moveWindow(cluster string, to *timeofday.TimeOfDay) error {
	_, _, err := finish[*sqlserver.UpdateClusterMetadata, *sqlserver.Cluster](e.session)(
		e.clusters.Update(e.ctx, &sqlserver.UpdateClusterRequest{
			ClusterId:  cluster,
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"config_spec.backup_window_start"}},
			ConfigSpec: &sqlserver.ConfigSpec{BackupWindowStart: to},
		}))
	return err
}

func (e sqlserverEngine) window(cluster string) (*timeofday.TimeOfDay, error) {
	shown, err := e.clusters.Get(e.ctx, &sqlserver.GetClusterRequest{ClusterId: cluster})
	return shown.GetConfig().GetBackupWindowStart(), err
}

func (e sqlserverEngine) restore(backup, folder string) string {
	metadata, cluster := finished[*sqlserver.RestoreClusterMetadata, *sqlserver.Cluster](e.session)(
		e.clusters.Restore(e.ctx, &sqlserver.RestoreClusterRequest{
			BackupId:    backup,
			FolderId:    folder,
			Name:        "restored",
			Environment: sqlserver.Cluster_PRODUCTION,
			ConfigSpec:  e.config(),
			HostSpecs:   e.hosts(),
			Time:        timestamppb.Now(),
		}))
	expect(metadata.BackupId, backup)
	return cluster.Id
}

func (e sqlserverEngine) remove(cluster string) {
	finished[*sqlserver.DeleteClusterMetadata, *emptypb.Empty](e.session)(
		e.clusters.Delete(e.ctx, &sqlserver.DeleteClusterRequest{ClusterId: cluster}))
}
