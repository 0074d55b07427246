package main

import (
	"fmt"
	"strings"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/access"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// redisProvider makes the calls of the provider's resources for Valkey.
type redisProvider struct {
	provider
	clusters redis.ClusterServiceClient
	users    redis.UserServiceClient
}

func newRedisProvider(p provider) redisProvider {
	connection := p.connection("yandex.cloud.mdb.redis.v1.ClusterService.Create")
	return redisProvider{p, redis.NewClusterServiceClient(connection), redis.NewUserServiceClient(connection)}
}

// redisCluster is a cluster in the provider's state.
type redisCluster = resource[*redis.UpdateClusterRequest, *redis.Cluster]

// redisSettings are the attributes of a cluster's configuration, each with another value than its default.
var redisSettings = settings("config_spec.redis",
	"timeout: { value: 100 }",
	"maxmemory_policy: ALLKEYS_LRU",
	`notify_keyspace_events: "Elg"`,
	"slowlog_log_slower_than: { value: 5000 }",
	"slowlog_max_len: { value: 10 }",
	"databases: { value: 15 }",
	"maxmemory_percent: { value: 70 }",
	"client_output_buffer_limit_normal: { hard_limit: { value: 16777216 } soft_limit: { value: 8388608 } soft_seconds: { value: 60 } }",
	"client_output_buffer_limit_pubsub: { hard_limit: { value: 33554432 } soft_limit: { value: 16777216 } soft_seconds: { value: 30 } }",
	"lua_time_limit: { value: 4444 }",
	"repl_backlog_size_percent: { value: 25 }",
	"cluster_require_full_coverage: { value: false }",
	"cluster_allow_reads_when_down: { value: true }",
	"cluster_allow_pubsubshard_when_down: { value: false }",
	"lfu_decay_time: { value: 0 }",
	"lfu_log_factor: { value: 12 }",
	"turn_before_switchover: { value: true }",
	"allow_data_loss: { value: false }",
	"use_luajit: { value: true }",
	"io_threads_allowed: { value: false }",
	"zset_max_listpack_entries: { value: 256 }",
)

// redisAttributes are the other attributes of a cluster, each changed at least once. The requests carry what their masks do not name.
var redisAttributes = []change{
	{"name", `name: "renamed"`},
	{"description", `description: "second" name: "not-in-the-mask"`},
	{"labels", `labels { key: "first" value: "1" } labels { key: "second" value: "2" }`},
	{"labels", `labels { key: "third" value: "3" }`},
	{"persistence_mode", "persistence_mode: OFF"},
	{"announce_hostnames", "announce_hostnames: true"},
	{"auth_sentinel", "auth_sentinel: true"},
	{"security_group_ids", `security_group_ids: "enpfirst000000000000" security_group_ids: "enpsecond00000000000"`},
	{"security_group_ids", ""},
	{"maintenance_window", "maintenance_window { weekly_maintenance_window { day: FRI hour: 20 } }"},
	{"maintenance_window", "maintenance_window { anytime { } }"},
	{"config_spec.resources", `config_spec { resources {
		resource_preset_id: "hm3-c2-m12" disk_type_id: "network-ssd" disk_size: 25769803776 } }`},
	{"config_spec.disk_size_autoscaling", `config_spec { disk_size_autoscaling {
		disk_size_limit { value: 77309411328 } planned_usage_threshold { value: 75 } emergency_usage_threshold { value: 90 } } }`},
	{"config_spec.backup_window_start", "config_spec { backup_window_start { hours: 3 minutes: 30 } }"},
	{"config_spec.backup_retain_period_days", "config_spec { backup_retain_period_days { value: 12 } }"},
	{"config_spec.access.web_sql", "config_spec { access { web_sql: true data_lens: true } }"},
	{"config_spec.access.data_lens", "config_spec { access { data_lens: true } }"},
	// Of these Valkey has but two, and the setting that follows does not exist.
	{"config_spec.access.web_sql config_spec.access.data_lens config_spec.access.data_transfer config_spec.access.serverless", ""},
	{"config_spec.redis.backup_retain_period_days config_spec.backup_retain_period_days",
		"config_spec { backup_retain_period_days { value: 31 } }"},
	{"config_spec.modules.valkey_search.enabled config_spec.modules.valkey_search.reader_threads " +
		"config_spec.modules.valkey_search.writer_threads",
		"config_spec { modules { valkey_search { enabled: true reader_threads { value: 3 } writer_threads { value: 4 } } } }"},
	{"config_spec.modules.valkey_json.enabled", "config_spec { modules { valkey_json { enabled: true } } }"},
	{"config_spec.modules.valkey_bloom.enabled", "config_spec { modules { valkey_bloom { enabled: true } } }"},
	{"config_spec.version", `config_spec { version: "8.1-valkey" }`},
}

// lifeOfRedisCluster is what becomes of a cluster whose configuration says no more than it has to, and of one with all settings.
func lifeOfRedisCluster(p provider) {
	r := newRedisProvider(p)
	id := r.create(`name: "cluster" environment: PRESTABLE ` + redisConfig + ` host_specs { zone_id: "ru-central1-a" }`)
	cluster := r.cluster(id)
	r.checkDefaults(cluster.state)
	cluster.changeEach(redisSettings)
	cluster.changeEach(redisAttributes)
	r.checkEmptied(cluster)
	cluster.changeSecret(change{"config_spec.redis.password", `config_spec { redis { password: "another-password" } }`})
	r.checkModulesStay(cluster)
	r.checkImport(cluster)
	r.move(cluster)
	checkBindings[*access.AccessBindingsOperationResult](r.session, r.clusters, id, "ajejourney0000000000")
	r.checkReplacement(cluster)

	full := r.create(`name: "full" environment: PRESTABLE `+redisConfig+` host_specs { zone_id: "ru-central1-a" }`, redisSettings...)
	r.cluster(full).expectSent(redisSettings)
	must(0, r.remove(full))
}

// redisConfig is the configuration of most clusters here.
var redisConfig = redisConfigOf("8.0-valkey", "hm3-c2-m8", "network-ssd", 16)

func redisConfigOf(version, preset, disk string, gibibytes int) string {
	return fmt.Sprintf(`config_spec { version: %q resources { resource_preset_id: %q disk_type_id: %q disk_size: %d }
		access { } redis { password: "a-long-password" } }`, version, preset, disk, gibibytes<<30)
}

func (r redisProvider) create(text string, settings ...change) string {
	request := with(parse(&redis.CreateClusterRequest{}, text), settings)
	request.FolderId = r.folder
	metadata, cluster := finished[*redis.CreateClusterMetadata, *redis.Cluster](r.session)(r.clusters.Create(r.ctx, request))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, redis.Cluster_RUNNING)
	return cluster.Id
}

func (r redisProvider) get(id string) *redis.Cluster {
	return must(r.clusters.Get(r.ctx, &redis.GetClusterRequest{ClusterId: id}))
}

func (r redisProvider) operations(id string) []string {
	return descriptionsOf(must(r.clusters.ListOperations(r.ctx, &redis.ListClusterOperationsRequest{ClusterId: id})).Operations)
}

func (r redisProvider) cluster(id string) *redisCluster {
	return &redisCluster{
		name: func() *redis.UpdateClusterRequest { return &redis.UpdateClusterRequest{ClusterId: id} },
		update: func(request *redis.UpdateClusterRequest) error {
			metadata, cluster, err := finish[*redis.UpdateClusterMetadata, *redis.Cluster](r.session)(r.clusters.Update(r.ctx, request))
			if err == nil {
				expect(metadata.ClusterId, id)
				expect(cluster.Id, id)
			}
			return err
		},
		read:       func() *redis.Cluster { return r.get(id) },
		operations: func() []string { return r.operations(id) },
		shownAt: func(path string) (sent, shown string) {
			if setting, ok := strings.CutPrefix(path, "config_spec.redis."); ok {
				return path, "config.redis.user_config." + setting
			}
			return inConfig(path)
		},
		derive: func(cluster *redis.Cluster) {
			set := cluster.Config.Redis
			set.EffectiveConfig = overlay(set.DefaultConfig, set.UserConfig)
		},
		state: r.get(id),
	}
}

// checkDefaults sees what the provider reads without looking whether it is there, and what its tests compare.
func (r redisProvider) checkDefaults(cluster *redis.Cluster) {
	listed := r.list(cluster.Name)
	expectSame(listed, cluster)
	expect(cluster.Config.DiskSizeAutoscaling != nil, true)
	expectSame(cluster.Config.DiskSizeAutoscaling, &redis.DiskSizeAutoscaling{})
	expect(cluster.Config.Redis.UserConfig != nil, true)
	expect(cluster.Config.Redis.UserConfig.Password, "")
	expect(cluster.Config.Resources.ResourcePresetId, "hm3-c2-m8")
	expect(cluster.Config.Access != nil, true)
	modules := cluster.Config.Modules
	expect(modules.GetValkeySearch().GetEnabled() || modules.GetValkeyJson().GetEnabled() || modules.GetValkeyBloom().GetEnabled(), false)
	expect(cluster.MaintenanceWindow.GetAnytime() != nil, true)
	expect(len(cluster.SecurityGroupIds)+len(cluster.Labels), 0)
	expect(cluster.PersistenceMode, redis.Cluster_ON)
	expect(cluster.Environment, redis.Cluster_PRESTABLE)
	expectList(r.operations(cluster.Id), "Create Valkey cluster")
}

// checkEmptied takes all settings away together. What the mask does not name stays.
func (r redisProvider) checkEmptied(cluster *redisCluster) {
	limit := cluster.state.Config.Redis.UserConfig.ClientOutputBufferLimitNormal
	var paths []string
	for _, setting := range redisSettings {
		if !strings.Contains(setting.mask, "client_output_buffer_limit") {
			paths = append(paths, setting.mask)
		}
	}
	cluster.change(change{strings.Join(paths, " "), "config_spec { redis { } }"})
	user := cluster.state.Config.Redis.UserConfig
	expectSame(user.ClientOutputBufferLimitNormal, limit)
	expect(user.Timeout == nil, true)
}

// checkModulesStay sees that a module that is on stays on.
func (r redisProvider) checkModulesStay(cluster *redisCluster) {
	before := r.operations(cluster.state.Id)
	err := cluster.update(cluster.request(change{
		"config_spec.modules.valkey_json.enabled", "config_spec { modules { valkey_json { enabled: false } } }",
	}))
	expect(strings.Contains(status.Convert(err).Message(), "module can not be disabled"), true)
	expectList(r.operations(cluster.state.Id), before...)
}

// checkImport sees that a cluster and its hosts read the same by its id alone, and that its name leads to it, as a data source needs it.
func (r redisProvider) checkImport(cluster *redisCluster) {
	elsewhere := newRedisProvider(r.another())
	expectSame(elsewhere.get(cluster.state.Id), cluster.state)
	expectSame(elsewhere.list(cluster.state.Name), cluster.state)
	expectSameList(elsewhere.hosts(cluster.state.Id), r.hosts(cluster.state.Id))
}

// list finds a cluster by its name.
func (r redisProvider) list(name string) *redis.Cluster {
	found := must(r.clusters.List(r.ctx, &redis.ListClustersRequest{
		FolderId: r.folder, Filter: `name = "` + name + `"`, PageSize: 100,
	}))
	expect(len(found.Clusters), 1)
	return found.Clusters[0]
}

// move puts a cluster into another folder, and changes nothing else that is read.
func (r redisProvider) move(cluster *redisCluster) {
	cluster.state.FolderId = "b1gjourney0000000000"
	metadata, moved := finished[*redis.MoveClusterMetadata, *redis.Cluster](r.session)(
		r.clusters.Move(r.ctx, &redis.MoveClusterRequest{ClusterId: cluster.state.Id, DestinationFolderId: cluster.state.FolderId}))
	expect(metadata.SourceFolderId, r.folder)
	expect(metadata.DestinationFolderId, cluster.state.FolderId)
	// The charts are at an address that names the folder, and the provider does not read them.
	cluster.state.Monitoring = moved.Monitoring
	expectSame(moved, cluster.state)
	cluster.expectState("move")
}

// checkReplacement sees that a protected cluster stays, and that its name is free as soon as it is deleted.
func (r redisProvider) checkReplacement(cluster *redisCluster) {
	id, name := cluster.state.Id, cluster.state.Name
	cluster.destroy(func() error { return r.remove(id) })
	_, err := r.clusters.Get(r.ctx, &redis.GetClusterRequest{ClusterId: id})
	expect(status.Code(err), codes.NotFound)
	other := r.create(`name: "` + name + `" environment: PRODUCTION ` + redisConfig + ` host_specs { zone_id: "ru-central1-a" }`)
	expect(other != id, true)
	must(0, r.remove(other))
}

func (r redisProvider) remove(id string) error {
	_, _, err := finish[*redis.DeleteClusterMetadata, *emptypb.Empty](r.session)(
		r.clusters.Delete(r.ctx, &redis.DeleteClusterRequest{ClusterId: id}))
	return err
}
