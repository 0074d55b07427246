package main

import (
	"slices"
	"strings"
	"time"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/access"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/mysql/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// mysqlProvider makes the calls of the provider's resources for MySQL.
type mysqlProvider struct {
	provider
	clusters  mysql.ClusterServiceClient
	databases mysql.DatabaseServiceClient
	users     mysql.UserServiceClient
}

func newMysqlProvider(p provider) mysqlProvider {
	connection := p.connection("yandex.cloud.mdb.mysql.v1.ClusterService.Create")
	return mysqlProvider{
		p, mysql.NewClusterServiceClient(connection), mysql.NewDatabaseServiceClient(connection), mysql.NewUserServiceClient(connection),
	}
}

// mysqlCluster is a cluster in the provider's state.
type mysqlCluster = resource[*mysql.UpdateClusterRequest, *mysql.Cluster]

// mysqlConfig is the configuration of all clusters here.
func mysqlConfig(version string) string {
	return `config_spec { version: "` + version + `" resources {
		resource_preset_id: "s2.micro" disk_size: 10737418240 disk_type_id: "network-hdd" } } `
}

// mysqlAttributes are the attributes of a cluster but for its settings. The requests carry what their masks do not name.
var mysqlAttributes = []change{
	{"name", `name: "renamed"`},
	{"description", `description: "second" name: "not-in-the-mask"`},
	{"labels", `labels { key: "first" value: "1" } labels { key: "second" value: "2" }`},
	{"labels", `labels { key: "third" value: "3" }`},
	{"security_group_ids", `security_group_ids: "enpfirst000000000000" security_group_ids: "enpsecond00000000000"`},
	{"security_group_ids", ""},
	{"maintenance_window", "maintenance_window { weekly_maintenance_window { day: SAT hour: 12 } }"},
	{"maintenance_window", "maintenance_window { anytime { } }"},
	{"config_spec.resources", `config_spec { resources {
		resource_preset_id: "s2.small" disk_type_id: "network-hdd" disk_size: 12884901888 } }`},
	{"config_spec.backup_window_start", "config_spec { backup_window_start { hours: 3 minutes: 30 } }"},
	{"config_spec.backup_window_start.hours", "config_spec { backup_window_start { hours: 5 } }"},
	{"config_spec.backup_window_start.minutes", "config_spec { backup_window_start { hours: 6 minutes: 44 } }"},
	{"config_spec.backup_retain_period_days", "config_spec { backup_retain_period_days { value: 12 } }"},
	{"config_spec.access.data_lens", "config_spec { access { data_lens: true web_sql: true } }"},
	{"config_spec.access.web_sql", "config_spec { access { web_sql: true } }"},
	{"config_spec.access.data_transfer", "config_spec { access { data_transfer: true } }"},
	{"config_spec.access.yandex_query", "config_spec { access { yandex_query: true } }"},
	{"config_spec.access.data_lens config_spec.access.web_sql config_spec.access.data_transfer", "config_spec { access { } }"},
	{"config_spec.performance_diagnostics.enabled", "config_spec { performance_diagnostics { enabled: true } }"},
	{"config_spec.performance_diagnostics.sessions_sampling_interval",
		"config_spec { performance_diagnostics { sessions_sampling_interval: 300 } }"},
	{"config_spec.performance_diagnostics.statements_sampling_interval",
		"config_spec { performance_diagnostics { statements_sampling_interval: 400 } }"},
	{"config_spec.disk_size_autoscaling", `config_spec { disk_size_autoscaling {
		disk_size_limit: 21474836480 planned_usage_threshold: 70 emergency_usage_threshold: 85 } }`},
	{"config_spec.disk_size_autoscaling.disk_size_limit", "config_spec { disk_size_autoscaling { disk_size_limit: 32212254720 } }"},
	{"config_spec.disk_size_autoscaling.planned_usage_threshold",
		"config_spec { disk_size_autoscaling { planned_usage_threshold: 60 } }"},
	{"config_spec.disk_size_autoscaling.emergency_usage_threshold",
		"config_spec { disk_size_autoscaling { emergency_usage_threshold: 95 } }"},
}

// mysqlSettings are settings of each type, by a path each.
var mysqlSettings = settings("config_spec.mysql_config_8_0",
	"max_connections: { value: 150 }",
	"long_query_time: { value: 2.5 }",
	"general_log: { value: true }",
	"audit_log: { value: false }",
	"sql_mode: [IGNORE_SPACE, ONLY_FULL_GROUP_BY]",
	"default_authentication_plugin: MYSQL_NATIVE_PASSWORD",
	"transaction_isolation: READ_COMMITTED",
	"innodb_print_all_deadlocks: { value: true }",
	`default_time_zone: "UTC"`,
	`character_set_server: "latin1"`,
	`collation_server: "latin1_general_ci"`,
	"binlog_row_image: MINIMAL",
	"slow_query_log: { value: true }",
	"log_slow_filter: [FULL_SCAN, FULL_JOIN]",
	"mdb_priority_choice_max_lag: { value: 0 }",
)

// mysqlSettingsTogether takes a setting away, and then sets all of them at once.
var mysqlSettingsTogether = []change{
	{"config_spec.mysql_config_8_0.max_connections", "config_spec { mysql_config_8_0 { } }"},
	{"config_spec.mysql_config_8_0", `config_spec { mysql_config_8_0 {
		max_connections { value: 200 } sql_mode: [TRADITIONAL, NO_UNSIGNED_SUBTRACTION] } }`},
}

// lifeOfMysqlCluster is what becomes of a cluster whose configuration says no more than it has to, and of one with settings.
func lifeOfMysqlCluster(p provider) {
	m := newMysqlProvider(p)
	id := m.create(`name: "cluster" environment: PRESTABLE host_specs { zone_id: "ru-central1-a" } ` + mysqlConfig("5.7"))
	cluster := m.cluster(id)
	m.checkDefaults(cluster.state)
	cluster.changeEach(settings("config_spec.mysql_config_5_7", "max_connections: { value: 120 }", "sql_mode: ANSI_QUOTES"))
	m.upgrade(cluster)
	cluster.changeEach(mysqlSettings)
	cluster.changeEach(mysqlSettingsTogether)
	cluster.changeEach(mysqlAttributes)
	m.checkImport(cluster)
	m.move(cluster)
	checkBindings[*access.AccessBindingsOperationResult](m.session, m.clusters, id, "ajejourney0000000000")
	m.checkRestored(id)
	m.checkReplacement(cluster)

	full := m.create(`name: "full" environment: PRESTABLE host_specs { zone_id: "ru-central1-a" } `+mysqlConfig("8.0"), mysqlSettings...)
	m.cluster(full).expectSent(mysqlSettings)
	must(0, m.remove(full))
}

func (m mysqlProvider) create(text string, settings ...change) string {
	request := with(parse(&mysql.CreateClusterRequest{}, text), settings)
	request.FolderId = m.folder
	metadata, cluster := finished[*mysql.CreateClusterMetadata, *mysql.Cluster](m.session)(m.clusters.Create(m.ctx, request))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, mysql.Cluster_RUNNING)
	return cluster.Id
}

func (m mysqlProvider) get(id string) *mysql.Cluster {
	return must(m.clusters.Get(m.ctx, &mysql.GetClusterRequest{ClusterId: id}))
}

func (m mysqlProvider) operations(id string) []string {
	return descriptionsOf(must(m.clusters.ListOperations(m.ctx, &mysql.ListClusterOperationsRequest{
		ClusterId: id, PageSize: wholeList,
	})).Operations)
}

func (m mysqlProvider) cluster(id string) *mysqlCluster {
	return &mysqlCluster{
		name: func() *mysql.UpdateClusterRequest { return &mysql.UpdateClusterRequest{ClusterId: id} },
		update: func(request *mysql.UpdateClusterRequest) error {
			metadata, cluster, err := finish[*mysql.UpdateClusterMetadata, *mysql.Cluster](m.session)(m.clusters.Update(m.ctx, request))
			if err == nil {
				expect(metadata.ClusterId, id)
				expect(cluster.Id, id)
			}
			return err
		},
		read:       func() *mysql.Cluster { return m.get(id) },
		operations: func() []string { return m.operations(id) },
		shownAt: func(path string) (sent, shown string) {
			sent, shown = inConfig(path)
			if steps := strings.Split(shown, "."); len(steps) > 1 && strings.HasPrefix(steps[1], "mysql_config_") {
				shown = strings.Join(slices.Insert(steps, 2, "user_config"), ".")
			}
			return sent, shown
		},
		derive: mysqlEffective,
		state:  m.get(id),
	}
}

// mysqlEffective derives the settings in effect: what the user has set, over the defaults.
func mysqlEffective(cluster *mysql.Cluster) {
	switch settings := cluster.Config.MysqlConfig.(type) {
	case *mysql.ClusterConfig_MysqlConfig_5_7:
		set := settings.MysqlConfig_5_7
		set.EffectiveConfig = overlay(set.DefaultConfig, set.UserConfig)
	case *mysql.ClusterConfig_MysqlConfig_8_0:
		set := settings.MysqlConfig_8_0
		set.EffectiveConfig = overlay(set.DefaultConfig, set.UserConfig)
	}
}

// checkDefaults sees what the provider reads without looking whether it is there, and what its tests compare.
func (m mysqlProvider) checkDefaults(cluster *mysql.Cluster) {
	config := cluster.Config
	expect(config.BackupRetainPeriodDays.GetValue(), 7)
	expect(config.BackupWindowStart != nil, true)
	expectSame(config.PerformanceDiagnostics, &mysql.PerformanceDiagnostics{
		SessionsSamplingInterval: 60, StatementsSamplingInterval: 600,
	})
	expect(config.DiskSizeAutoscaling != nil, true)
	expectSame(config.DiskSizeAutoscaling, &mysql.DiskSizeAutoscaling{})
	expect(config.Access != nil, true)
	expectSame(config.Access, &mysql.Access{})
	expect(config.GetMysqlConfig_5_7().EffectiveConfig != nil, true)
	expect(config.GetMysqlConfig_5_7().UserConfig != nil, true)
	expect(proto.Size(config.GetMysqlConfig_5_7().UserConfig), 0)
	expect(cluster.MaintenanceWindow.GetAnytime() != nil, true)
	expect(len(cluster.SecurityGroupIds), 0)
	expect(cluster.DeletionProtection, false)
	expectSame(m.list(cluster.Name), cluster)
}

// upgrade changes the version alone. The settings are found at the new version's place then; all else stays.
func (m mysqlProvider) upgrade(cluster *mysqlCluster) {
	change := change{"config_spec.version", `config_spec { version: "8.0" }`}
	must(0, cluster.update(cluster.request(change)))
	upgraded := m.get(cluster.state.Id).Config.GetMysqlConfig_8_0()
	before := cluster.state.Config.GetMysqlConfig_5_7().UserConfig
	expectSame(upgraded.UserConfig.MaxConnections, before.MaxConnections)
	expect(len(upgraded.UserConfig.SqlMode), len(before.SqlMode))
	cluster.state.Config.Version = "8.0"
	cluster.state.Config.MysqlConfig = &mysql.ClusterConfig_MysqlConfig_8_0{MysqlConfig_8_0: upgraded}
	cluster.expectState("upgrade")
	expectUnchanged(cluster.update(cluster.request(change)))
}

// checkImport sees that a cluster and its hosts read the same by its id alone, and that its name leads to it, as a data source needs it.
func (m mysqlProvider) checkImport(cluster *mysqlCluster) {
	elsewhere := newMysqlProvider(m.another())
	expectSame(elsewhere.get(cluster.state.Id), cluster.state)
	expectSame(elsewhere.list(cluster.state.Name), cluster.state)
	expectSameList(elsewhere.hosts(cluster.state.Id), m.hosts(cluster.state.Id))
}

// list finds a cluster by its name.
func (m mysqlProvider) list(name string) *mysql.Cluster {
	found := must(m.clusters.List(m.ctx, &mysql.ListClustersRequest{
		FolderId: m.folder, Filter: `name = "` + name + `"`, PageSize: 100,
	}))
	expect(len(found.Clusters), 1)
	return found.Clusters[0]
}

// move puts a cluster into another folder, and changes nothing else that is read.
func (m mysqlProvider) move(cluster *mysqlCluster) {
	cluster.state.FolderId = "b1gjourney0000000000"
	metadata, moved := finished[*mysql.MoveClusterMetadata, *mysql.Cluster](m.session)(
		m.clusters.Move(m.ctx, &mysql.MoveClusterRequest{ClusterId: cluster.state.Id, DestinationFolderId: cluster.state.FolderId}))
	expect(metadata.SourceFolderId, m.folder)
	expect(metadata.DestinationFolderId, cluster.state.FolderId)
	// The charts are at an address that names the folder, and the provider does not read them.
	cluster.state.Monitoring = moved.Monitoring
	expectSame(moved, cluster.state)
	cluster.expectState("move")
}

// checkRestored makes a protected cluster of a backup, of the time that it is now, and lets it go.
func (m mysqlProvider) checkRestored(id string) {
	backup, _ := finished[*mysql.BackupClusterMetadata, *mysql.Cluster](m.session)(
		m.clusters.Backup(m.ctx, &mysql.BackupClusterRequest{ClusterId: id}))
	// A point in time comes after the second in which the backup ended.
	time.Sleep(2 * time.Second)
	request := parse(&mysql.RestoreClusterRequest{}, `name: "restored" environment: PRESTABLE deletion_protection: true
		host_specs { zone_id: "ru-central1-a" } `+mysqlConfig("8.0"))
	request.BackupId, request.FolderId, request.Time = backup.BackupId, m.folder, timestamppb.Now()
	request.ConfigSpec.Resources.DiskSize = 12 << 30
	metadata, restored := finished[*mysql.RestoreClusterMetadata, *mysql.Cluster](m.session)(m.clusters.Restore(m.ctx, request))
	expect(metadata.ClusterId, restored.Id)
	expect(metadata.BackupId, backup.BackupId)
	cluster := m.cluster(restored.Id)
	expect(cluster.state.DeletionProtection, true)
	cluster.change(change{"deletion_protection", ""})
	must(0, m.remove(restored.Id))
}

// checkReplacement sees that a protected cluster stays, and that its name is free as soon as it is deleted.
func (m mysqlProvider) checkReplacement(cluster *mysqlCluster) {
	id, name := cluster.state.Id, cluster.state.Name
	cluster.destroy(func() error { return m.remove(id) })
	_, err := m.clusters.Get(m.ctx, &mysql.GetClusterRequest{ClusterId: id})
	expect(status.Code(err), codes.NotFound)
	other := m.create(`name: "` + name + `" environment: PRODUCTION host_specs { zone_id: "ru-central1-a" } ` + mysqlConfig("8.4"))
	expect(other != id, true)
	must(0, m.remove(other))
}

func (m mysqlProvider) remove(id string) error {
	_, _, err := finish[*mysql.DeleteClusterMetadata, *emptypb.Empty](m.session)(
		m.clusters.Delete(m.ctx, &mysql.DeleteClusterRequest{ClusterId: id}))
	return err
}
