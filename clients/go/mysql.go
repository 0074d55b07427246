package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/mysql/v1"
	"github.com/yandex-cloud/go-sdk/services/mdb/mysql/v1"
	"google.golang.org/genproto/googleapis/type/timeofday"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// mysqlEngine uses the SDK's own package of MySQL clients, whose operations wait by themselves.
type mysqlEngine struct {
	session
	clusters mysqlsdk.ClusterClient
}

func newMysql(s session) engine {
	return mysqlEngine{s, mysqlsdk.NewClusterClient(s.sdk)}
}

func (mysqlEngine) config() *mysql.ConfigSpec {
	return &mysql.ConfigSpec{
		Version:   "8.0",
		Resources: &mysql.Resources{ResourcePresetId: "s3-c2-m8", DiskSize: 20 << 30},
	}
}

func (mysqlEngine) hosts() []*mysql.HostSpec {
	return []*mysql.HostSpec{{ZoneId: "ru-central1-a"}}
}

func (e mysqlEngine) create(folder string) string {
	operation := must(e.clusters.Create(e.ctx, &mysql.CreateClusterRequest{
		FolderId:      folder,
		Name:          "journey",
		Environment:   mysql.Cluster_PRODUCTION,
		ConfigSpec:    e.config(),
		HostSpecs:     e.hosts(),
		DatabaseSpecs: []*mysql.DatabaseSpec{{Name: "orders"}},
		UserSpecs:     []*mysql.UserSpec{{Name: "shop", Password: "a-long-password"}},
	}))
	cluster := must(operation.Wait(e.ctx))
	expect(cluster.Id, operation.ResourceID())
	expect(cluster.Status, mysql.Cluster_RUNNING)
	return cluster.Id
}

func (e mysqlEngine) backUp(cluster string) {
	operation := must(e.clusters.Backup(e.ctx, &mysql.BackupClusterRequest{ClusterId: cluster}))
	must(operation.Wait(e.ctx))
}

func (e mysqlEngine) backups(cluster, pageToken string) (ids []string, nextPageToken string) {
	page := must(e.clusters.ListBackups(e.ctx, &mysql.ListClusterBackupsRequest{
		ClusterId: cluster, PageSize: 2, PageToken: pageToken,
	}))
	for _, backup := range page.Backups {
		ids = append(ids, backup.Id)
	}
	return ids, page.NextPageToken
}

func (e mysqlEngine) moveWindow(cluster string, to *timeofday.TimeOfDay) error {
	operation, err := e.clusters.Update(e.ctx, &mysql.UpdateClusterRequest{
		ClusterId:  cluster,
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"config_spec.backup_window_start"}},
		ConfigSpec: &mysql.ConfigSpec{BackupWindowStart: to},
	})
	if err != nil {
		return err
	}
	_, err = operation.Wait(e.ctx)
	return err
}

func (e mysqlEngine) window(cluster string) (*timeofday.TimeOfDay, error) {
	shown, err := e.clusters.Get(e.ctx, &mysql.GetClusterRequest{ClusterId: cluster})
	return shown.GetConfig().GetBackupWindowStart(), err
}

func (e mysqlEngine) restore(backup, folder string) string {
	operation := must(e.clusters.Restore(e.ctx, &mysql.RestoreClusterRequest{
		BackupId:    backup,
		Time:        timestamppb.Now(),
		FolderId:    folder,
		Name:        "restored",
		Environment: mysql.Cluster_PRODUCTION,
		ConfigSpec:  e.config(),
		HostSpecs:   e.hosts(),
	}))
	expect(operation.Metadata().BackupId, backup)
	return must(operation.Wait(e.ctx)).Id
}

func (e mysqlEngine) remove(cluster string) {
	operation := must(e.clusters.Delete(e.ctx, &mysql.DeleteClusterRequest{ClusterId: cluster}))
	must(operation.Wait(e.ctx))
}
