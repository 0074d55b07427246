package main

import (
	"strings"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/sqlserver/v1"
	"github.com/yandex-cloud/go-sdk/v2/pkg/endpoints"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// sqlserverProvider makes the calls of the resource for SQL Server, which the provider had until its version 0.184.
type sqlserverProvider struct {
	provider
	clusters  sqlserver.ClusterServiceClient
	databases sqlserver.DatabaseServiceClient
	users     sqlserver.UserServiceClient
}

// newSqlserverProvider names the service's address: this SDK has no id of SQL Server's to look it up by.
func newSqlserverProvider(p provider) sqlserverProvider {
	p.sdk = p.sdk.WithEndpoint("yandex.cloud.mdb.sqlserver.v1", endpoints.NewEndpointParams(p.address))
	connection := p.connection("yandex.cloud.mdb.sqlserver.v1.ClusterService.Create")
	return sqlserverProvider{
		p, sqlserver.NewClusterServiceClient(connection), sqlserver.NewDatabaseServiceClient(connection),
		sqlserver.NewUserServiceClient(connection),
	}
}

// sqlserverCluster is a cluster in the provider's state.
type sqlserverCluster = resource[*sqlserver.UpdateClusterRequest, *sqlserver.Cluster]

// sqlserverAttributes are the attributes of a cluster. The resource refuses other changes by itself.
var sqlserverAttributes = []change{
	{"name", `name: "renamed"`},
	{"description", `description: "second" name: "not-in-the-mask"`},
	{"labels", `labels { key: "first" value: "1" } labels { key: "second" value: "2" }`},
	{"labels", `labels { key: "third" value: "3" }`},
	{"security_group_ids", `security_group_ids: "enpfirst000000000000"`},
	{"security_group_ids", ""},
	{"config_spec.backup_window_start", "config_spec { backup_window_start { hours: 3 minutes: 30 } }"},
	{"config_spec.resources.resource_preset_id",
		`config_spec { resources { resource_preset_id: "s2.medium" disk_size: 1 } }`},
	{"config_spec.resources.disk_size", "config_spec { resources { disk_size: 21474836480 } }"},
}

// sqlserverSettings are the settings of the edition.
var sqlserverSettings = settings("config_spec.sqlserver_config_2016sp2ent",
	"max_degree_of_parallelism: { value: 30 }",
	"cost_threshold_for_parallelism: { value: 101 }",
	"audit_level: { value: 2 }",
	"fill_factor_percent: { value: 49 }",
	"optimize_for_ad_hoc_workloads: { value: true }",
)

// lifeOfSqlserver is what becomes of a cluster with databases and users.
func lifeOfSqlserver(p provider) {
	s := newSqlserverProvider(p)
	id := s.create("cluster")
	cluster := s.cluster(id)
	expect(cluster.state.Config.GetSqlserverConfig_2016Sp2Ent().UserConfig != nil, true)
	expect(cluster.state.DeletionProtection, false)
	s.checkHosts(id)
	s.checkContents(id)
	cluster.changeEach(sqlserverSettings)
	cluster.changeEach(sqlserverAttributes)
	expectSame(newSqlserverProvider(s.another()).get(id), cluster.state)
	s.checkReplacement(cluster)
}

func (s sqlserverProvider) create(name string) string {
	request := parse(&sqlserver.CreateClusterRequest{}, `environment: PRESTABLE
		config_spec { version: "2016sp2ent" backup_window_start { hours: 20 minutes: 30 } resources {
			resource_preset_id: "s2.small" disk_size: 10737418240 disk_type_id: "network-ssd" } }
		host_specs { zone_id: "ru-central1-a" } host_specs { zone_id: "ru-central1-b" } host_specs { zone_id: "ru-central1-d" }
		database_specs { name: "first" } database_specs { name: "second" }
		user_specs { name: "user" password: "a-long-password" permissions { database_name: "first" roles: DB_OWNER }
			server_roles: MDB_MONITOR }`)
	request.FolderId, request.Name = s.folder, name
	metadata, cluster := finished[*sqlserver.CreateClusterMetadata, *sqlserver.Cluster](s.session)(s.clusters.Create(s.ctx, request))
	expect(cluster.Id, metadata.ClusterId)
	expect(cluster.Status, sqlserver.Cluster_RUNNING)
	return cluster.Id
}

func (s sqlserverProvider) get(id string) *sqlserver.Cluster {
	return must(s.clusters.Get(s.ctx, &sqlserver.GetClusterRequest{ClusterId: id}))
}

func (s sqlserverProvider) operations(id string) []string {
	return descriptionsOf(must(s.clusters.ListOperations(s.ctx, &sqlserver.ListClusterOperationsRequest{
		ClusterId: id, PageSize: wholeList,
	})).Operations)
}

func (s sqlserverProvider) cluster(id string) *sqlserverCluster {
	return &sqlserverCluster{
		name: func() *sqlserver.UpdateClusterRequest { return &sqlserver.UpdateClusterRequest{ClusterId: id} },
		update: func(request *sqlserver.UpdateClusterRequest) error {
			metadata, cluster, err := finish[*sqlserver.UpdateClusterMetadata, *sqlserver.Cluster](s.session)(
				s.clusters.Update(s.ctx, request))
			if err == nil {
				expect(metadata.ClusterId, id)
				expect(cluster.Id, id)
			}
			return err
		},
		read:       func() *sqlserver.Cluster { return s.get(id) },
		operations: func() []string { return s.operations(id) },
		shownAt: func(path string) (sent, shown string) {
			sent, shown = inConfig(path)
			return sent, strings.Replace(shown, "config.sqlserver_config_2016sp2ent.", "config.sqlserver_config_2016sp2ent.user_config.", 1)
		},
		derive: func(cluster *sqlserver.Cluster) {
			set := cluster.Config.GetSqlserverConfig_2016Sp2Ent()
			set.EffectiveConfig = overlay(set.DefaultConfig, set.UserConfig)
		},
		state: s.get(id),
	}
}

func (s sqlserverProvider) checkHosts(id string) {
	var roles []sqlserver.Host_Role
	for _, host := range must(s.clusters.ListHosts(s.ctx, &sqlserver.ListClusterHostsRequest{ClusterId: id, PageSize: wholeList})).Hosts {
		expect(host.SubnetId != "", true)
		roles = append(roles, host.Role)
	}
	expect(len(roles), 3)
	expectOneMaster(roles, sqlserver.Host_MASTER, sqlserver.Host_REPLICA)
}

// checkContents changes databases and users, which the resource holds itself. Its update of a user has no mask: what is not sent is reset.
func (s sqlserverProvider) checkContents(id string) {
	finished[*sqlserver.CreateDatabaseMetadata, *sqlserver.Database](s.session)(
		s.databases.Create(s.ctx, &sqlserver.CreateDatabaseRequest{
			ClusterId: id, DatabaseSpec: &sqlserver.DatabaseSpec{Name: "third"},
		}))
	s.expectUser(id, `name: "user" permissions { database_name: "first" roles: DB_OWNER } server_roles: MDB_MONITOR`)
	update := parse(&sqlserver.UpdateUserRequest{}, `user_name: "user" password: "another-password"
		permissions { database_name: "second" roles: DB_OWNER } permissions { database_name: "third" roles: DB_DATAREADER }`)
	update.ClusterId = id
	metadata, _ := finished[*sqlserver.UpdateUserMetadata, *sqlserver.User](s.session)(s.users.Update(s.ctx, update))
	expect(metadata.UserName, "user")
	s.expectUser(id, `name: "user"
		permissions { database_name: "second" roles: DB_OWNER } permissions { database_name: "third" roles: DB_DATAREADER }`)

	finished[*sqlserver.DeleteDatabaseMetadata, *emptypb.Empty](s.session)(
		s.databases.Delete(s.ctx, &sqlserver.DeleteDatabaseRequest{ClusterId: id, DatabaseName: "first"}))
	listed := must(s.databases.List(s.ctx, &sqlserver.ListDatabasesRequest{ClusterId: id, PageSize: wholeList})).Databases
	expectList(each(listed, (*sqlserver.Database).GetName), "second", "third")
	finished[*sqlserver.DeleteUserMetadata, *emptypb.Empty](s.session)(
		s.users.Delete(s.ctx, &sqlserver.DeleteUserRequest{ClusterId: id, UserName: "user"}))
	expect(len(must(s.users.List(s.ctx, &sqlserver.ListUsersRequest{ClusterId: id, PageSize: wholeList})).Users), 0)
}

// expectUser ends the program if the cluster's only user does not read so.
func (s sqlserverProvider) expectUser(id, text string) {
	wanted := parse(&sqlserver.User{}, text)
	wanted.ClusterId = id
	for range 2 {
		listed := must(s.users.List(s.ctx, &sqlserver.ListUsersRequest{ClusterId: id, PageSize: wholeList})).Users
		expect(len(listed), 1)
		expectSame(listed[0], wanted)
	}
}

// checkReplacement sees that a protected cluster stays, and that its name is free as soon as it is deleted.
func (s sqlserverProvider) checkReplacement(cluster *sqlserverCluster) {
	id, name := cluster.state.Id, cluster.state.Name
	cluster.destroy(func() error { return s.remove(id) })
	_, err := s.clusters.Get(s.ctx, &sqlserver.GetClusterRequest{ClusterId: id})
	expect(status.Code(err), codes.NotFound)
	other := s.create(name)
	expect(other != id, true)
	must(0, s.remove(other))
}

func (s sqlserverProvider) remove(id string) error {
	_, _, err := finish[*sqlserver.DeleteClusterMetadata, *emptypb.Empty](s.session)(
		s.clusters.Delete(s.ctx, &sqlserver.DeleteClusterRequest{ClusterId: id}))
	return err
}
