package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/spqr/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func (e spqrEngine) choose() {
	presets := spqr.NewResourcePresetServiceClient(e.connection("yandex.cloud.mdb.spqr.v1.ResourcePresetService.Get"))
	shown := must(presets.Get(e.ctx, &spqr.GetResourcePresetRequest{ResourcePresetId: "s3-c2-m8"}))
	first := must(presets.List(e.ctx, &spqr.ListResourcePresetsRequest{PageSize: 2}))
	second := must(presets.List(e.ctx, &spqr.ListResourcePresetsRequest{PageSize: 1000, PageToken: first.NextPageToken}))
	expectPreset(shown, 2, 8, first.ResourcePresets, second.ResourcePresets)
}

func (e spqrEngine) found(folder, filter string) []string {
	return ids(must(e.clusters.List(e.ctx, &spqr.ListClustersRequest{FolderId: folder, Filter: filter})).Clusters)
}

func (e spqrEngine) listHosts(cluster string) []*spqr.Host {
	return must(e.clusters.ListHosts(e.ctx, &spqr.ListClusterHostsRequest{ClusterId: cluster})).Hosts
}

// changeHosts knows no failover; hosts are made anew instead.
func (e spqrEngine) changeHosts(cluster string) {
	first := e.listHosts(cluster)[0].Name
	added, _ := finished[*spqr.AddClusterHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.AddHosts(e.ctx, &spqr.AddClusterHostsRequest{
			ClusterId: cluster,
			HostSpecs: []*spqr.HostSpec{{ZoneId: "ru-central1-b", Type: spqr.Host_INFRA}},
		}))
	second := added.HostNames[0]
	expectAll(names(e.listHosts(cluster)), first, second)
	finished[*spqr.UpdateClusterHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.UpdateHosts(e.ctx, &spqr.UpdateClusterHostsRequest{
			ClusterId: cluster,
			UpdateHostSpecs: []*spqr.UpdateHostSpec{{
				HostName:       second,
				AssignPublicIp: true,
				UpdateMask:     &fieldmaskpb.FieldMask{Paths: []string{"assign_public_ip"}},
			}},
		}))
	expect(e.listHosts(cluster)[1].AssignPublicIp, true)
	anew, _ := finished[*spqr.ResetupHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.ResetupHosts(e.ctx, &spqr.ResetupHostsRequest{ClusterId: cluster, HostNames: []string{second}}))
	expectAll(anew.HostNames, second)
	remove := &spqr.DeleteClusterHostsRequest{ClusterId: cluster, HostNames: []string{first}}
	finished[*spqr.DeleteClusterHostsMetadata, *emptypb.Empty](e.session)(e.clusters.DeleteHosts(e.ctx, remove))
	expectAll(names(e.listHosts(cluster)), second)
	remove.HostNames = []string{second}
	refusedWith[*operation.Operation](codes.FailedPrecondition)(e.clusters.DeleteHosts(e.ctx, remove))
	e.changeShards(cluster)
}

func (e spqrEngine) changeShards(cluster string) {
	add := &spqr.AddClusterShardRequest{
		ClusterId: cluster,
		ShardSpec: &spqr.ShardSpec{
			ShardName: "late",
			Spec:      &spqr.ShardSpec_MdbPostgresql{MdbPostgresql: &spqr.MDBPostgreSQL{ClusterId: "c9qpostgresql0000000"}},
		},
	}
	metadata, shard := finished[*spqr.AddClusterShardMetadata, *spqr.Shard](e.session)(e.clusters.AddShard(e.ctx, add))
	expect(metadata.ShardName, shard.Name)
	shown := must(e.clusters.GetShard(e.ctx, &spqr.GetClusterShardRequest{ClusterId: cluster, ShardName: "late"}))
	expect(shown.ClusterId, "c9qpostgresql0000000")
	refusedWith[*operation.Operation](codes.AlreadyExists)(e.clusters.AddShard(e.ctx, add))
	list := &spqr.ListClusterShardsRequest{ClusterId: cluster}
	expectAll(names(must(e.clusters.ListShards(e.ctx, list)).Shards), "late")
	finished[*spqr.DeleteClusterShardMetadata, *emptypb.Empty](e.session)(
		e.clusters.DeleteShard(e.ctx, &spqr.DeleteClusterShardRequest{ClusterId: cluster, ShardName: "late"}))
	expectAll(names(must(e.clusters.ListShards(e.ctx, list)).Shards))
}

func (e spqrEngine) changeContents(cluster, _ string) {
	users := spqr.NewUserServiceClient(e.connection("yandex.cloud.mdb.spqr.v1.UserService.Create"))
	_, user := finished[*spqr.CreateUserMetadata, *spqr.User](e.session)(
		users.Create(e.ctx, &spqr.CreateUserRequest{
			ClusterId: cluster,
			UserSpec: &spqr.UserSpec{
				Name: "late", Password: password, Permissions: []*spqr.Permission{{DatabaseName: "orders"}},
			},
		}))
	update := &spqr.UpdateUserRequest{
		ClusterId:  cluster,
		UserName:   user.Name,
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"settings.connection_limit", "grants"}},
		Settings:   &spqr.UserSettings{ConnectionLimit: wrapperspb.Int64(20)},
		Grants:     []string{"reader"},
	}
	_, changed := finished[*spqr.UpdateUserMetadata, *spqr.User](e.session)(users.Update(e.ctx, update))
	expect(changed.Settings.ConnectionLimit.GetValue(), 20)
	expectAll(changed.Grants, "reader")
	expect(changed.Permissions[0].DatabaseName, "orders")
	refusedWith[*operation.Operation](codes.FailedPrecondition)(users.Update(e.ctx, update))
	finished[*spqr.DeleteUserMetadata, *emptypb.Empty](e.session)(
		users.Delete(e.ctx, &spqr.DeleteUserRequest{ClusterId: cluster, UserName: user.Name}))
	expectAll(names(must(users.List(e.ctx, &spqr.ListUsersRequest{ClusterId: cluster})).Users))

	databases := spqr.NewDatabaseServiceClient(e.connection("yandex.cloud.mdb.spqr.v1.DatabaseService.Create"))
	_, database := finished[*spqr.CreateDatabaseMetadata, *spqr.Database](e.session)(
		databases.Create(e.ctx, &spqr.CreateDatabaseRequest{
			ClusterId: cluster, DatabaseSpec: &spqr.DatabaseSpec{Name: "late"},
		}))
	finished[*spqr.DeleteDatabaseMetadata, *emptypb.Empty](e.session)(
		databases.Delete(e.ctx, &spqr.DeleteDatabaseRequest{ClusterId: cluster, DatabaseName: database.Name}))
	expectAll(names(must(databases.List(e.ctx, &spqr.ListDatabasesRequest{ClusterId: cluster})).Databases), "orders")
}
