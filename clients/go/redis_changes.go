package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func (e redisEngine) choose() {
	presets := redis.NewResourcePresetServiceClient(e.connection("yandex.cloud.mdb.redis.v1.ResourcePresetService.Get"))
	shown := must(presets.Get(e.ctx, &redis.GetResourcePresetRequest{ResourcePresetId: "hm3-c2-m8"}))
	first := must(presets.List(e.ctx, &redis.ListResourcePresetsRequest{PageSize: 2}))
	second := must(presets.List(e.ctx, &redis.ListResourcePresetsRequest{PageSize: 1000, PageToken: first.NextPageToken}))
	expectPreset(shown, 2, 8, first.ResourcePresets, second.ResourcePresets)
	versions := redis.NewVersionsServiceClient(e.connection("yandex.cloud.mdb.redis.v1.VersionsService.List"))
	expectOneOf(ids(must(versions.List(e.ctx, &redis.ListVersionsRequest{})).Version), e.config().Version)
}

func (e redisEngine) found(folder, filter string) []string {
	return ids(must(e.clusters.List(e.ctx, &redis.ListClustersRequest{FolderId: folder, Filter: filter})).Clusters)
}

func (e redisEngine) listHosts(cluster string) []*redis.Host {
	return must(e.clusters.ListHosts(e.ctx, &redis.ListClusterHostsRequest{ClusterId: cluster})).Hosts
}

func (e redisEngine) changeHosts(cluster string) {
	first := e.listHosts(cluster)[0].Name
	finished[*redis.UpdateClusterHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.UpdateHosts(e.ctx, &redis.UpdateClusterHostsRequest{
			ClusterId: cluster,
			UpdateHostSpecs: []*redis.UpdateHostSpec{{
				HostName:        first,
				ReplicaPriority: wrapperspb.Int64(50),
				UpdateMask:      &fieldmaskpb.FieldMask{Paths: []string{"replica_priority"}},
			}},
		}))
	expect(e.listHosts(cluster)[0].ReplicaPriority.GetValue(), 50)

	added, _ := finished[*redis.AddClusterHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.AddHosts(e.ctx, &redis.AddClusterHostsRequest{
			ClusterId: cluster,
			HostSpecs: []*redis.HostSpec{{ZoneId: "ru-central1-b", ReplicaPriority: wrapperspb.Int64(10)}},
		}))
	second := added.HostNames[0]
	expectAll(names(e.listHosts(cluster)), first, second)

	failover := &redis.StartClusterFailoverRequest{ClusterId: cluster, HostNames: []string{first}}
	finished[*redis.StartClusterFailoverMetadata, *redis.Cluster](e.session)(e.clusters.StartFailover(e.ctx, failover))
	expect(e.listHosts(cluster)[1].Role, redis.Host_MASTER)
	refusedWith[*operation.Operation](codes.FailedPrecondition)(e.clusters.StartFailover(e.ctx, failover))

	finished[*redis.DeleteClusterHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.DeleteHosts(e.ctx, &redis.DeleteClusterHostsRequest{ClusterId: cluster, HostNames: []string{first}}))
	expectAll(names(e.listHosts(cluster)), second)
	e.changeShards(cluster)
}

func (e redisEngine) changeShards(cluster string) {
	_, sharded := finished[*redis.EnableShardingClusterMetadata, *redis.Cluster](e.session)(
		e.clusters.EnableSharding(e.ctx, &redis.EnableShardingClusterRequest{ClusterId: cluster}))
	expect(sharded.Sharded, true)
	add := &redis.AddClusterShardRequest{
		ClusterId: cluster,
		ShardName: "late",
		HostSpecs: []*redis.HostSpec{{ZoneId: "ru-central1-a"}},
	}
	metadata, shard := finished[*redis.AddClusterShardMetadata, *redis.Shard](e.session)(e.clusters.AddShard(e.ctx, add))
	expect(metadata.ShardName, shard.Name)
	refusedWith[*operation.Operation](codes.AlreadyExists)(e.clusters.AddShard(e.ctx, add))
	shown := must(e.clusters.GetShard(e.ctx, &redis.GetClusterShardRequest{ClusterId: cluster, ShardName: "late"}))
	expect(shown.String(), shard.String())
	list := &redis.ListClusterShardsRequest{ClusterId: cluster}
	expectAll(names(must(e.clusters.ListShards(e.ctx, list)).Shards), "late", "shard1")
	finished[*redis.RebalanceClusterMetadata, *redis.Cluster](e.session)(
		e.clusters.Rebalance(e.ctx, &redis.RebalanceClusterRequest{ClusterId: cluster}))
	finished[*redis.DeleteClusterShardMetadata, *emptypb.Empty](e.session)(
		e.clusters.DeleteShard(e.ctx, &redis.DeleteClusterShardRequest{ClusterId: cluster, ShardName: "late"}))
	expectAll(names(must(e.clusters.ListShards(e.ctx, list)).Shards), "shard1")
}

// changeContents knows users alone: there are no databases.
func (e redisEngine) changeContents(cluster, _ string) {
	users := redis.NewUserServiceClient(e.connection("yandex.cloud.mdb.redis.v1.UserService.Create"))
	_, user := finished[*redis.CreateUserMetadata, *redis.User](e.session)(
		users.Create(e.ctx, &redis.CreateUserRequest{
			ClusterId: cluster,
			UserSpec: &redis.UserSpec{
				Name:      "late",
				Passwords: []string{password},
				Permissions: &redis.Permissions{
					Patterns: wrapperspb.String("~late:*"), Commands: wrapperspb.String("+get"),
				},
			},
		}))
	update := &redis.UpdateUserRequest{
		ClusterId:   cluster,
		UserName:    user.Name,
		UpdateMask:  &fieldmaskpb.FieldMask{Paths: []string{"permissions.patterns"}},
		Permissions: &redis.Permissions{Patterns: wrapperspb.String("~later:*")},
	}
	_, changed := finished[*redis.UpdateUserMetadata, *redis.User](e.session)(users.Update(e.ctx, update))
	expect(changed.Permissions.Patterns.GetValue(), "~later:*")
	expect(changed.Permissions.Commands.GetValue(), "+get")
	refusedWith[*operation.Operation](codes.FailedPrecondition)(users.Update(e.ctx, update))
	get := &redis.GetUserRequest{ClusterId: cluster, UserName: user.Name}
	expect(must(users.Get(e.ctx, get)).String(), changed.String())
	finished[*redis.DeleteUserMetadata, *emptypb.Empty](e.session)(
		users.Delete(e.ctx, &redis.DeleteUserRequest{ClusterId: cluster, UserName: user.Name}))
	refusedWith[*redis.User](codes.NotFound)(users.Get(e.ctx, get))
	listed := must(users.List(e.ctx, &redis.ListUsersRequest{ClusterId: cluster}))
	expectAll(names(listed.Users), "default")
}
