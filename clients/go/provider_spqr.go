package main

import (
	"slices"
	"strings"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/access"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/spqr/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// spqrProvider makes the calls of the provider's resources for sharded PostgreSQL.
type spqrProvider struct {
	provider
	clusters  spqr.ClusterServiceClient
	databases spqr.DatabaseServiceClient
	users     spqr.UserServiceClient
}

func newSpqrProvider(p provider) spqrProvider {
	connection := p.connection("yandex.cloud.mdb.spqr.v1.ClusterService.Create")
	return spqrProvider{
		p, spqr.NewClusterServiceClient(connection), spqr.NewDatabaseServiceClient(connection), spqr.NewUserServiceClient(connection),
	}
}

// spqrCluster is a cluster in the provider's state.
type spqrCluster = resource[*spqr.UpdateClusterRequest, *spqr.Cluster]

const (
	spqrResources = `resources { resource_preset_id: "s3-c2-m8" disk_size: 10737418240 disk_type_id: "network-ssd" }`
	// spqrRouter is a cluster with a router, one of whose settings is its own.
	spqrRouter = `environment: PRESTABLE network_id: "enpjourney0000000000" host_specs { zone_id: "ru-central1-a" type: ROUTER }
		config_spec { backup_window_start { } spqr_spec { router { ` + spqrResources + ` config {
			prefer_same_availability_zone { value: false } } } } } `
	spqrInfra = `environment: PRESTABLE network_id: "enpjourney0000000000" host_specs { zone_id: "ru-central1-a" type: INFRA }
		config_spec { spqr_spec { infra { ` + spqrResources + ` } } } `
)

// spqrAttributes are the attributes of any cluster. The requests carry what their masks do not name.
var spqrAttributes = []change{
	{"name", `name: "renamed"`},
	{"description", `description: "second" name: "not-in-the-mask"`},
	{"labels", `labels { key: "first" value: "1" } labels { key: "second" value: "2" }`},
	{"labels", `labels { key: "third" value: "3" }`},
	{"security_group_ids", `security_group_ids: "enpfirst000000000000" security_group_ids: "enpsecond00000000000"`},
	{"security_group_ids", ""},
	{"maintenance_window", "maintenance_window { weekly_maintenance_window { day: SUN hour: 24 } }"},
	{"maintenance_window", "maintenance_window { anytime { } }"},
	{"config_spec.backup_window_start", "config_spec { backup_window_start { hours: 3 minutes: 30 } }"},
	{"config_spec.backup_retain_period_days", "config_spec { backup_retain_period_days { value: 12 } }"},
	{"config_spec.access.web_sql", "config_spec { access { web_sql: true serverless: true } }"},
	{"config_spec.access.data_lens", "config_spec { access { data_lens: true } }"},
	{"config_spec.access.data_transfer", "config_spec { access { data_transfer: true } }"},
	{"config_spec.access.serverless", "config_spec { access { serverless: true } }"},
	{"config_spec.access.web_sql config_spec.access.data_lens config_spec.access.data_transfer config_spec.access.serverless",
		"config_spec { access { } }"},
	{"config_spec.spqr_spec.log_level", "config_spec { spqr_spec { log_level: DEBUG } }"},
}

// spqrComponents are the settings of a component of hosts of their own, and its resources.
var spqrComponents = slices.Concat(
	settings("config_spec.spqr_spec.router.config",
		"show_notice_messages: { value: true }",
		"time_quantiles: [0.5, 0.99]",
		"default_route_behavior: ALLOW",
		"prefer_same_availability_zone: { value: true }",
		"enhanced_multishard_processing: { value: false }",
		"default_target_session_attrs: SMART_READ_WRITE",
		"default_commit_strategy: TWO_PC"),
	settings("config_spec.spqr_spec.router",
		`resources: { resource_preset_id: "s3-c4-m16" disk_size: 12884901888 disk_type_id: "network-ssd" }`),
	[]change{{"config_spec.spqr_spec.router.config.show_notice_messages", ""}},
)

// spqrInfraChanges have a segment `config` in their masks that leads nowhere: the settings are found without it.
var spqrInfraChanges = []change{
	{"config_spec.spqr_spec.infra.router.config.show_notice_messages",
		"config_spec { spqr_spec { infra { router { show_notice_messages { value: true } } } } }"},
	{"config_spec.spqr_spec.infra.router.config.time_quantiles config_spec.spqr_spec.infra.router.config.default_route_behavior",
		"config_spec { spqr_spec { infra { router { time_quantiles: 0.75 default_route_behavior: BLOCK } } } }"},
	{"config_spec.spqr_spec.infra.coordinator.config.etcd_max_txn_ops",
		"config_spec { spqr_spec { infra { coordinator { etcd_max_txn_ops { value: 128 } } } } }"},
	{"config_spec.spqr_spec.balancer.config.cpu_threshold",
		"config_spec { spqr_spec { balancer { cpu_threshold { value: 0.5 } } } }"},
	{"config_spec.spqr_spec.balancer.config.keys_per_move",
		"config_spec { spqr_spec { balancer { keys_per_move { value: 7 } } } }"},
	{"config_spec.spqr_spec.infra.resources", `config_spec { spqr_spec { infra {
		resources { resource_preset_id: "s3-c4-m16" disk_size: 12884901888 disk_type_id: "network-ssd" } } } }`},
}

// lifeOfSpqrCluster is what becomes of a cluster with a router, and of one with hosts that do all.
func lifeOfSpqrCluster(p provider) {
	s := newSpqrProvider(p)
	id := s.create(`name: "cluster" ` + spqrRouter)
	cluster := s.cluster(id)
	s.checkDefaults(cluster.state)
	cluster.changeEach(spqrComponents)
	cluster.changeEach(spqrAttributes)
	s.checkImport(cluster)
	checkBindings[*access.AccessBindingsOperationResult](s.session, s.clusters, id, "ajejourney0000000000")
	s.checkReplacement(cluster)

	infra := s.create(`name: "infra" ` + spqrInfra)
	cluster = s.cluster(infra)
	expect(cluster.state.Config.SpqrConfig.Infra.Router == nil, true)
	cluster.changeEach(spqrInfraChanges)
	must(0, s.remove(infra))
}

func (s spqrProvider) create(text string) string {
	request := parse(&spqr.CreateClusterRequest{}, text)
	request.FolderId = s.folder
	metadata, cluster := finished[*spqr.CreateClusterMetadata, *spqr.Cluster](s.session)(s.clusters.Create(s.ctx, request))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, spqr.Cluster_RUNNING)
	return cluster.Id
}

func (s spqrProvider) get(id string) *spqr.Cluster {
	return must(s.clusters.Get(s.ctx, &spqr.GetClusterRequest{ClusterId: id}))
}

func (s spqrProvider) operations(id string) []string {
	return descriptionsOf(must(s.clusters.ListOperations(s.ctx, &spqr.ListClusterOperationsRequest{
		ClusterId: id, PageSize: wholeList,
	})).Operations)
}

func (s spqrProvider) cluster(id string) *spqrCluster {
	return &spqrCluster{
		name: func() *spqr.UpdateClusterRequest { return &spqr.UpdateClusterRequest{ClusterId: id} },
		update: func(request *spqr.UpdateClusterRequest) error {
			metadata, cluster, err := finish[*spqr.UpdateClusterMetadata, *spqr.Cluster](s.session)(s.clusters.Update(s.ctx, request))
			if err == nil {
				expect(metadata.ClusterId, id)
				expect(cluster.Id, id)
			}
			return err
		},
		read:       func() *spqr.Cluster { return s.get(id) },
		operations: func() []string { return s.operations(id) },
		shownAt: func(path string) (sent, shown string) {
			for _, component := range []string{"infra.router", "infra.coordinator", "balancer"} {
				path = strings.Replace(path, "spqr_spec."+component+".config.", "spqr_spec."+component+".", 1)
			}
			sent, shown = inConfig(path)
			return sent, strings.Replace(shown, ".spqr_spec.", ".spqr_config.", 1)
		},
		state: s.get(id),
	}
}

// checkDefaults sees what the provider reads without looking whether it is there, and what its tests compare. Of the settings of the router
// there are those that were sent.
func (s spqrProvider) checkDefaults(cluster *spqr.Cluster) {
	config := cluster.Config
	expectSame(config.SpqrConfig.Router, parse(&spqr.RouterConfig{}, spqrResources+
		" config { prefer_same_availability_zone { value: false } }"))
	expect(config.BackupRetainPeriodDays.GetValue(), 7)
	expect(config.BackupWindowStart != nil, true)
	expect(config.BackupWindowStart.Hours, 0)
	expect(config.Access != nil, true)
	expectSame(config.Access, &spqr.Access{})
	expect(cluster.MaintenanceWindow.GetAnytime() != nil, true)
	expect(cluster.DeletionProtection, false)
	expectSame(s.list(cluster.Name), cluster)
}

// checkImport sees that a cluster and its hosts read the same by its id alone, and that its name leads to it, as a data source needs it.
func (s spqrProvider) checkImport(cluster *spqrCluster) {
	elsewhere := newSpqrProvider(s.another())
	expectSame(elsewhere.get(cluster.state.Id), cluster.state)
	expectSame(elsewhere.list(cluster.state.Name), cluster.state)
	expectSameList(elsewhere.hosts(cluster.state.Id), s.hosts(cluster.state.Id))
}

// list finds a cluster by its name.
func (s spqrProvider) list(name string) *spqr.Cluster {
	found := must(s.clusters.List(s.ctx, &spqr.ListClustersRequest{
		FolderId: s.folder, Filter: `name = "` + name + `"`, PageSize: 100,
	}))
	expect(len(found.Clusters), 1)
	return found.Clusters[0]
}

// checkReplacement sees that a protected cluster stays, and that its name is free as soon as it is deleted.
func (s spqrProvider) checkReplacement(cluster *spqrCluster) {
	id, name := cluster.state.Id, cluster.state.Name
	cluster.destroy(func() error { return s.remove(id) })
	_, err := s.clusters.Get(s.ctx, &spqr.GetClusterRequest{ClusterId: id})
	expect(status.Code(err), codes.NotFound)
	other := s.create(`name: "` + name + `" ` + spqrRouter)
	expect(other != id, true)
	must(0, s.remove(other))
}

func (s spqrProvider) remove(id string) error {
	_, _, err := finish[*spqr.DeleteClusterMetadata, *emptypb.Empty](s.session)(
		s.clusters.Delete(s.ctx, &spqr.DeleteClusterRequest{ClusterId: id}))
	return err
}
