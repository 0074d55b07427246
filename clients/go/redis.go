package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1"
	config "github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1/config"
	"google.golang.org/genproto/googleapis/type/timeofday"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

type redisEngine struct {
	session
	clusters redis.ClusterServiceClient
}

func newRedis(s session) engine {
	connection := s.connection("yandex.cloud.mdb.redis.v1.ClusterService.Create")
	return redisEngine{s, redis.NewClusterServiceClient(connection)}
}

func (redisEngine) config() *redis.ConfigSpec {
	return &redis.ConfigSpec{
		Version:   "8.1-valkey",
		Resources: &redis.Resources{ResourcePresetId: "hm3-c2-m8", DiskSize: 16 << 30},
		Redis:     &config.RedisConfig{Password: "a-long-password"},
	}
}

func (redisEngine) hosts() []*redis.HostSpec {
	return []*redis.HostSpec{{ZoneId: "ru-central1-a"}}
}

func (e redisEngine) create(folder string) string {
	metadata, cluster := finished[*redis.CreateClusterMetadata, *redis.Cluster](e.session)(
		e.clusters.Create(e.ctx, &redis.CreateClusterRequest{
			FolderId:    folder,
			Name:        "journey",
			Environment: redis.Cluster_PRODUCTION,
			ConfigSpec:  e.config(),
			HostSpecs:   e.hosts(),
		}))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, redis.Cluster_RUNNING)
	return cluster.Id
}

func (e redisEngine) backUp(cluster string) {
	finished[*redis.BackupClusterMetadata, *redis.Cluster](e.session)(
		e.clusters.Backup(e.ctx, &redis.BackupClusterRequest{ClusterId: cluster}))
}

func (e redisEngine) backups(cluster, pageToken string) (ids []string, nextPageToken string) {
	page := must(e.clusters.ListBackups(e.ctx, &redis.ListClusterBackupsRequest{
		ClusterId: cluster, PageSize: 2, PageToken: pageToken,
	}))
	for _, backup := range page.Backups {
		ids = append(ids, backup.Id)
	}
	return ids, page.NextPageToken
}

func (e redisEngine) moveWindow(cluster string, to *timeofday.TimeOfDay) error {
	_, _, err := finish[*redis.UpdateClusterMetadata, *redis.Cluster](e.session)(
		e.clusters.Update(e.ctx, &redis.UpdateClusterRequest{
			ClusterId:  cluster,
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"config_spec.backup_window_start"}},
			ConfigSpec: &redis.ConfigSpec{BackupWindowStart: to},
		}))
	return err
}

func (e redisEngine) window(cluster string) (*timeofday.TimeOfDay, error) {
	shown, err := e.clusters.Get(e.ctx, &redis.GetClusterRequest{ClusterId: cluster})
	return shown.GetConfig().GetBackupWindowStart(), err
}

func (e redisEngine) restore(backup, folder string) string {
	metadata, cluster := finished[*redis.RestoreClusterMetadata, *redis.Cluster](e.session)(
		e.clusters.Restore(e.ctx, &redis.RestoreClusterRequest{
			BackupId:    backup,
			FolderId:    folder,
			Name:        "restored",
			Environment: redis.Cluster_PRODUCTION,
			ConfigSpec:  e.config(),
			HostSpecs:   e.hosts(),
		}))
	expect(metadata.BackupId, backup)
	return cluster.Id
}

func (e redisEngine) remove(cluster string) {
	finished[*redis.DeleteClusterMetadata, *emptypb.Empty](e.session)(
		e.clusters.Delete(e.ctx, &redis.DeleteClusterRequest{ClusterId: cluster}))
}
