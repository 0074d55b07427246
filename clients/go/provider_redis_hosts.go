package main

import (
	"strings"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
)

// lifeOfRedisHosts changes the hosts of a cluster that is not sharded, in the order in which the provider does it.
func lifeOfRedisHosts(p provider) {
	r := newRedisProvider(p)
	r.withoutSettings()
	id := r.create(`name: "hosts" environment: PRESTABLE tls_enabled { value: true } ` + redisConfig +
		` host_specs { zone_id: "ru-central1-a" }`)
	first := r.hosts(id)[0]
	r.expectHost(first, "ru-central1-a", "shard1")
	expect(first.ReplicaPriority.GetValue(), 100)
	expect(first.Role, redis.Host_MASTER)

	second := r.addHost(id, `zone_id: "ru-central1-b"`)
	third := r.addHost(id, `zone_id: "ru-central1-d" assign_public_ip: true replica_priority { value: 50 }`)
	expect(second.ReplicaPriority.GetValue(), 100)
	expect(third.ReplicaPriority.GetValue(), 50)
	expect(third.AssignPublicIp, true)
	r.host(id, second.Name).change(change{
		"assign_public_ip replica_priority", "assign_public_ip: true replica_priority { value: 30 }",
	})
	r.deleteHost(id, first.Name)
	r.deleteHost(id, third.Name)
	expectHistory(r.operations(id), "Create", "Add hosts to", "Add hosts to", "Modify hosts in", "Delete hosts from", "Delete hosts from")

	r.host(id, second.Name).changeEach([]change{
		{"assign_public_ip", "replica_priority { value: 1 }"},
		{"assign_public_ip", "assign_public_ip: true replica_priority { value: 1 }"},
		{"replica_priority", "replica_priority { value: 20 }"},
		{"replica_priority assign_public_ip", "replica_priority { value: 100 }"},
	})
	must(0, r.remove(id))
}

// withoutSettings is a cluster that gets its settings later, and cannot be deleted in between: four changes are all that is told.
func (r redisProvider) withoutSettings() {
	id := r.create(`name: "settings" environment: PRESTABLE deletion_protection: true ` + redisConfig +
		` host_specs { zone_id: "ru-central1-a" }`)
	cluster := r.cluster(id)
	cluster.change(change{"config_spec.redis.timeout config_spec.redis.databases",
		"config_spec { redis { timeout { value: 0 } databases { value: 20 } } }"})
	password := change{"config_spec.redis.password", `config_spec { redis { password: "another-password" } }`}
	cluster.send(password, cluster.request(password))
	expectRefusal(r.remove(id), codes.FailedPrecondition, isProtected)
	cluster.change(change{"deletion_protection", ""})
	cluster.change(change{"config_spec.redis.databases", ""})
	expectHistory(r.operations(id), "Create", "Modify", "Modify", "Modify", "Modify")
	must(0, r.remove(id))
}

// expectHistory ends the program if these are not the operations of a Valkey cluster, which tests of the provider compare word for word.
// They come oldest first here, newest first from the server.
func expectHistory(operations []string, verbs ...string) {
	wanted := make([]string, 0, len(verbs))
	for place := len(verbs) - 1; place >= 0; place-- {
		wanted = append(wanted, verbs[place]+" Valkey cluster")
	}
	expectList(operations, wanted...)
}

// hosts lists the hosts and the shards of a cluster. The provider asks for the shards, whether the cluster is sharded or not.
func (r redisProvider) hosts(id string) []*redis.Host {
	shards := map[string]bool{}
	for _, shard := range r.shards(id) {
		expect(shard.ClusterId, id)
		shards[shard.Name] = true
	}
	hosts := all(func(token string) ([]*redis.Host, string) {
		page := must(r.clusters.ListHosts(r.ctx, &redis.ListClusterHostsRequest{ClusterId: id, PageSize: wholeList, PageToken: token}))
		return page.Hosts, page.NextPageToken
	})
	roles := map[string][]redis.Host_Role{}
	for _, host := range hosts {
		expect(shards[host.ShardName], true)
		roles[host.ShardName] = append(roles[host.ShardName], host.Role)
	}
	expect(len(roles), len(shards))
	for _, inShard := range roles {
		expectOneMaster(inShard, redis.Host_MASTER, redis.Host_REPLICA)
	}
	return hosts
}

func (r redisProvider) shards(id string) []*redis.Shard {
	return all(func(token string) ([]*redis.Shard, string) {
		page := must(r.clusters.ListShards(r.ctx, &redis.ListClusterShardsRequest{ClusterId: id, PageSize: wholeList, PageToken: token}))
		return page.Shards, page.NextPageToken
	})
}

func (r redisProvider) expectHost(host *redis.Host, zone, shard string) {
	expect(host.ZoneId, zone)
	expect(host.ShardName, shard)
	expect(host.SubnetId != "", true)
	expect(strings.HasSuffix(host.Name, ".mdb.yandexcloud.net"), true)
}

// host is a host as the provider changes it: by its name, and one a call. The operation answers with nothing.
func (r redisProvider) host(id, name string) *resource[*redis.UpdateHostSpec, *redis.Host] {
	read := func() *redis.Host {
		return the(r.hosts(id), func(host *redis.Host) bool { return host.Name == name })
	}
	return &resource[*redis.UpdateHostSpec, *redis.Host]{
		name: func() *redis.UpdateHostSpec { return &redis.UpdateHostSpec{HostName: name} },
		update: func(spec *redis.UpdateHostSpec) error {
			metadata, _, err := finish[*redis.UpdateClusterHostsMetadata, *emptypb.Empty](r.session)(
				r.clusters.UpdateHosts(r.ctx, &redis.UpdateClusterHostsRequest{
					ClusterId: id, UpdateHostSpecs: []*redis.UpdateHostSpec{spec},
				}))
			if err == nil {
				expectList(metadata.HostNames, name)
			}
			return err
		},
		read:       read,
		operations: func() []string { return r.operations(id) },
		shownAt:    asSent,
		state:      read(),
	}
}

// addHost adds a host, and returns it as it is listed.
func (r redisProvider) addHost(id, text string) *redis.Host {
	metadata, _ := finished[*redis.AddClusterHostsMetadata, *emptypb.Empty](r.session)(
		r.clusters.AddHosts(r.ctx, &redis.AddClusterHostsRequest{
			ClusterId: id, HostSpecs: []*redis.HostSpec{parse(&redis.HostSpec{}, text)},
		}))
	expect(len(metadata.HostNames), 1)
	host := the(r.hosts(id), func(host *redis.Host) bool { return host.Name == metadata.HostNames[0] })
	expect(host.SubnetId != "", true)
	return host
}

// deleteHost deletes a host. If that was a master, there is another at once, as every list of hosts sees.
func (r redisProvider) deleteHost(id, name string) {
	before := len(r.hosts(id))
	metadata, _ := finished[*redis.DeleteClusterHostsMetadata, *emptypb.Empty](r.session)(
		r.clusters.DeleteHosts(r.ctx, &redis.DeleteClusterHostsRequest{ClusterId: id, HostNames: []string{name}}))
	expectList(metadata.HostNames, name)
	expect(len(r.hosts(id)), before-1)
}
