package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/spqr/v1"
	"google.golang.org/genproto/googleapis/type/timeofday"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

type spqrEngine struct {
	session
	clusters spqr.ClusterServiceClient
}

func newSpqr(s session) engine {
	connection := s.connection("yandex.cloud.mdb.spqr.v1.ClusterService.Create")
	return spqrEngine{s, spqr.NewClusterServiceClient(connection)}
}

func (spqrEngine) config() *spqr.ConfigSpec {
	return &spqr.ConfigSpec{SpqrSpec: &spqr.SpqrSpec{Infra: &spqr.SpqrSpec_Infra{
		Resources: &spqr.Resources{ResourcePresetId: "s3-c2-m8", DiskSize: 10 << 30},
	}}}
}

func (spqrEngine) hosts() []*spqr.HostSpec {
	return []*spqr.HostSpec{{ZoneId: "ru-central1-a", Type: spqr.Host_INFRA}}
}

func (e spqrEngine) create(folder string) string {
	metadata, cluster := finished[*spqr.CreateClusterMetadata, *spqr.Cluster](e.session)(
		e.clusters.Create(e.ctx, &spqr.CreateClusterRequest{
			FolderId:    folder,
			Name:        "journey",
			Environment: spqr.Cluster_PRODUCTION,
			ConfigSpec:  e.config(),
			HostSpecs:   e.hosts(),
			NetworkId:   "enpjourney0000000000",

			DatabaseSpecs: []*spqr.DatabaseSpec{{Name: "orders"}},
		}))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, spqr.Cluster_RUNNING)
	return cluster.Id
}

func (e spqrEngine) backUp(cluster string) {
	finished[*spqr.BackupClusterMetadata, *spqr.Cluster](e.session)(
		e.clusters.Backup(e.ctx, &spqr.BackupClusterRequest{ClusterId: cluster}))
}

func (e spqrEngine) backups(cluster, pageToken string) (ids []string, nextPageToken string) {
	page := must(e.clusters.ListBackups(e.ctx, &spqr.ListClusterBackupsRequest{
		ClusterId: cluster, PageSize: 2, PageToken: pageToken,
	}))
	for _, backup := range page.Backups {
		ids = append(ids, backup.Id)
	}
	return ids, page.NextPageToken
}

func (e spqrEngine) moveWindow(cluster string, to *timeofday.TimeOfDay) error {
	_, _, err := finish[*spqr.UpdateClusterMetadata, *spqr.Cluster](e.session)(
		e.clusters.Update(e.ctx, &spqr.UpdateClusterRequest{
			ClusterId:  cluster,
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"config_spec.backup_window_start"}},
			ConfigSpec: &spqr.ConfigSpec{BackupWindowStart: to},
		}))
	return err
}

func (e spqrEngine) window(cluster string) (*timeofday.TimeOfDay, error) {
	shown, err := e.clusters.Get(e.ctx, &spqr.GetClusterRequest{ClusterId: cluster})
	return shown.GetConfig().GetBackupWindowStart(), err
}

func (e spqrEngine) restore(backup, folder string) string {
	metadata, cluster := finished[*spqr.RestoreClusterMetadata, *spqr.Cluster](e.session)(
		e.clusters.Restore(e.ctx, &spqr.RestoreClusterRequest{
			BackupId:    backup,
			FolderId:    folder,
			Name:        "restored",
			Environment: spqr.Cluster_PRODUCTION,
			ConfigSpec:  e.config(),
			HostSpecs:   e.hosts(),
			NetworkId:   "enpjourney0000000000",
		}))
	expect(metadata.BackupId, backup)
	return cluster.Id
}

func (e spqrEngine) remove(cluster string) {
	finished[*spqr.DeleteClusterMetadata, *emptypb.Empty](e.session)(
		e.clusters.Delete(e.ctx, &spqr.DeleteClusterRequest{ClusterId: cluster}))
}
