package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1"
	"google.golang.org/protobuf/types/known/emptypb"
)

// lifeOfRedisShards makes a cluster sharded, and changes the shards of one that is.
func lifeOfRedisShards(p provider) {
	r := newRedisProvider(p)
	r.enableSharding()
	r.replaceShard()
}

// enableSharding makes two shards of a cluster with three hosts, which all are in the first one before a host of theirs goes.
func (r redisProvider) enableSharding() {
	id := r.create(`name: "enabled" environment: PRESTABLE ` +
		redisConfigOf("9.0-valkey", "hm3-c2-m8", "local-ssd", 368) +
		` host_specs { zone_id: "ru-central1-a" } host_specs { zone_id: "ru-central1-b" } host_specs { zone_id: "ru-central1-d" }`)
	expect(r.get(id).Sharded, false)
	hosts := r.hosts(id)
	metadata, cluster := finished[*redis.EnableShardingClusterMetadata, *redis.Cluster](r.session)(
		r.clusters.EnableSharding(r.ctx, &redis.EnableShardingClusterRequest{ClusterId: id}))
	expect(metadata.ClusterId, id)
	expect(cluster.Sharded, true)
	expectSame(r.get(id), cluster)
	for place, host := range r.hosts(id) {
		expect(host.Name, hosts[place].Name)
		expect(host.ShardName, "shard1")
	}
	r.addShard(id, "shard2", `host_specs { zone_id: "ru-central1-a" shard_name: "shard2" }
		host_specs { zone_id: "ru-central1-b" shard_name: "shard2" }`, 2)
	r.rebalance(id)
	r.deleteHost(id, hosts[0].Name)
	expectHistory(r.operations(id), "Create", "Enable sharding on", "Add shard to", "Rebalance slot distribution in", "Delete hosts from")
	expectList(each(r.shards(id), (*redis.Shard).GetName), "shard1", "shard2")
	must(0, r.remove(id))
}

// replaceShard puts a shard in the place of another, and then changes the cluster and a host of it.
func (r redisProvider) replaceShard() {
	id := r.create(`name: "sharded" environment: PRESTABLE sharded: true tls_enabled { value: true } ` +
		redisConfigOf("9.1-valkey", "hm3-c2-m12", "network-ssd", 24) +
		` host_specs { zone_id: "ru-central1-a" shard_name: "first" }
		host_specs { zone_id: "ru-central1-b" shard_name: "second" } host_specs { zone_id: "ru-central1-d" shard_name: "third" }`)
	r.addShard(id, "new", `host_specs { zone_id: "ru-central1-d" shard_name: "new" }`, 1)
	r.rebalance(id)
	r.deleteShard(id, "second")
	expectList(each(r.shards(id), (*redis.Shard).GetName), "first", "new", "third")
	cluster := r.cluster(id)
	cluster.change(change{"description", `description: "replaced"`})
	expectHistory(r.operations(id), "Create", "Add shard to", "Rebalance slot distribution in", "Delete shard from", "Modify")

	added := r.addHost(id, `zone_id: "ru-central1-a" shard_name: "new"`)
	expect(added.ShardName, "new")
	expect(added.Role, redis.Host_REPLICA)
	host := r.host(id, added.Name)
	host.change(change{"assign_public_ip", "assign_public_ip: true replica_priority { value: 1 }"})
	host.change(change{"assign_public_ip", "replica_priority { value: 1 }"})
	// The provider always names both, though the priority of a sharded cluster's host means nothing.
	r.changeShardedHost(host)
	r.deleteHost(id, added.Name)
	r.checkImport(cluster)
	must(0, r.remove(id))
}

// changeShardedHost changes what counts, and looks at nothing else: the provider does not read the priority here.
func (r redisProvider) changeShardedHost(host *resource[*redis.UpdateHostSpec, *redis.Host]) {
	must(0, host.update(host.request(change{
		"assign_public_ip replica_priority", "assign_public_ip: true replica_priority { value: 100 }",
	})))
	read := host.read()
	expect(read.AssignPublicIp, true)
	expect(read.ShardName, host.state.ShardName)
	expect(read.SubnetId, host.state.SubnetId)
}

// addShard adds a shard with all its hosts in one operation.
func (r redisProvider) addShard(id, name, text string, hosts int) {
	request := parse(&redis.AddClusterShardRequest{}, text)
	request.ClusterId, request.ShardName = id, name
	metadata, shard := finished[*redis.AddClusterShardMetadata, *redis.Shard](r.session)(r.clusters.AddShard(r.ctx, request))
	expect(metadata.ClusterId, id)
	expect(metadata.ShardName, name)
	expect(shard.Name, name)
	expect(shard.ClusterId, id)
	count := 0
	for _, host := range r.hosts(id) {
		if host.ShardName == name {
			count++
			expect(host.SubnetId != "", true)
		}
	}
	expect(count, hosts)
	shown := must(r.clusters.GetShard(r.ctx, &redis.GetClusterShardRequest{ClusterId: id, ShardName: name}))
	expectSame(shown, shard)
}

func (r redisProvider) deleteShard(id, name string) {
	metadata, _ := finished[*redis.DeleteClusterShardMetadata, *emptypb.Empty](r.session)(
		r.clusters.DeleteShard(r.ctx, &redis.DeleteClusterShardRequest{ClusterId: id, ShardName: name}))
	expect(metadata.ShardName, name)
	for _, host := range r.hosts(id) {
		expect(host.ShardName != name, true)
	}
}

func (r redisProvider) rebalance(id string) {
	metadata, cluster := finished[*redis.RebalanceClusterMetadata, *redis.Cluster](r.session)(
		r.clusters.Rebalance(r.ctx, &redis.RebalanceClusterRequest{ClusterId: id}))
	expect(metadata.ClusterId, id)
	expect(cluster.Id, id)
}
