package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/sqlserver/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func (e sqlserverEngine) choose() {
	presets := sqlserver.NewResourcePresetServiceClient(e.connection("yandex.cloud.mdb.sqlserver.v1.ResourcePresetService.Get"))
	shown := must(presets.Get(e.ctx, &sqlserver.GetResourcePresetRequest{ResourcePresetId: "s2.small"}))
	first := must(presets.List(e.ctx, &sqlserver.ListResourcePresetsRequest{PageSize: 2}))
	second := must(presets.List(e.ctx, &sqlserver.ListResourcePresetsRequest{PageSize: 1000, PageToken: first.NextPageToken}))
	expectPreset(shown, 4, 16, first.ResourcePresets, second.ResourcePresets)
}

func (e sqlserverEngine) found(folder, filter string) []string {
	return ids(must(e.clusters.List(e.ctx, &sqlserver.ListClustersRequest{FolderId: folder, Filter: filter})).Clusters)
}

func (e sqlserverEngine) listHosts(cluster string) []*sqlserver.Host {
	return must(e.clusters.ListHosts(e.ctx, &sqlserver.ListClusterHostsRequest{ClusterId: cluster})).Hosts
}

// changeHosts neither adds nor deletes: a cluster keeps as many as it has.
func (e sqlserverEngine) changeHosts(cluster string) {
	hosts := e.listHosts(cluster)
	finished[*sqlserver.UpdateClusterHostsMetadata, *emptypb.Empty](e.session)(
		e.clusters.UpdateHosts(e.ctx, &sqlserver.UpdateClusterHostsRequest{
			ClusterId: cluster,
			UpdateHostSpecs: []*sqlserver.UpdateHostSpec{{
				HostName:       hosts[0].Name,
				AssignPublicIp: true,
				UpdateMask:     &fieldmaskpb.FieldMask{Paths: []string{"assign_public_ip"}},
			}},
		}))
	expect(e.listHosts(cluster)[0].AssignPublicIp, true)
	failover := &sqlserver.StartClusterFailoverRequest{ClusterId: cluster, HostName: hosts[2].Name}
	finished[*sqlserver.StartClusterFailoverMetadata, *sqlserver.Cluster](e.session)(e.clusters.StartFailover(e.ctx, failover))
	expect(e.listHosts(cluster)[2].Role, sqlserver.Host_MASTER)
	refusedWith[*operation.Operation](codes.FailedPrecondition)(e.clusters.StartFailover(e.ctx, failover))
}

func (e sqlserverEngine) changeContents(cluster, backup string) {
	users := sqlserver.NewUserServiceClient(e.connection("yandex.cloud.mdb.sqlserver.v1.UserService.Create"))
	_, user := finished[*sqlserver.CreateUserMetadata, *sqlserver.User](e.session)(
		users.Create(e.ctx, &sqlserver.CreateUserRequest{
			ClusterId: cluster,
			UserSpec:  &sqlserver.UserSpec{Name: "late", Password: password},
		}))
	update := &sqlserver.UpdateUserRequest{
		ClusterId:   cluster,
		UserName:    user.Name,
		UpdateMask:  &fieldmaskpb.FieldMask{Paths: []string{"server_roles"}},
		ServerRoles: []sqlserver.ServerRole{sqlserver.ServerRole_MDB_MONITOR},
	}
	_, changed := finished[*sqlserver.UpdateUserMetadata, *sqlserver.User](e.session)(users.Update(e.ctx, update))
	expectAll(changed.ServerRoles, sqlserver.ServerRole_MDB_MONITOR)
	refusedWith[*operation.Operation](codes.FailedPrecondition)(users.Update(e.ctx, update))
	permission := &sqlserver.Permission{
		DatabaseName: "orders", Roles: []sqlserver.Permission_Role{sqlserver.Permission_DB_OWNER},
	}
	_, changed = finished[*sqlserver.GrantUserPermissionMetadata, *sqlserver.User](e.session)(
		users.GrantPermission(e.ctx, &sqlserver.GrantUserPermissionRequest{
			ClusterId: cluster, UserName: user.Name, Permission: permission,
		}))
	expectAll(changed.Permissions[0].Roles, sqlserver.Permission_DB_OWNER)
	_, changed = finished[*sqlserver.RevokeUserPermissionMetadata, *sqlserver.User](e.session)(
		users.RevokePermission(e.ctx, &sqlserver.RevokeUserPermissionRequest{
			ClusterId: cluster, UserName: user.Name, Permission: permission,
		}))
	expect(len(changed.Permissions), 0)
	finished[*sqlserver.DeleteUserMetadata, *emptypb.Empty](e.session)(
		users.Delete(e.ctx, &sqlserver.DeleteUserRequest{ClusterId: cluster, UserName: user.Name}))
	e.changeDatabases(cluster, backup)
}

// changeDatabases brings back what a backup has of a database, under another name.
func (e sqlserverEngine) changeDatabases(cluster, backup string) {
	databases := sqlserver.NewDatabaseServiceClient(e.connection("yandex.cloud.mdb.sqlserver.v1.DatabaseService.Restore"))
	metadata, database := finished[*sqlserver.RestoreDatabaseMetadata, *sqlserver.Database](e.session)(
		databases.Restore(e.ctx, &sqlserver.RestoreDatabaseRequest{
			ClusterId:    cluster,
			DatabaseName: "late",
			FromDatabase: "orders",
			BackupId:     backup,
			Time:         timestamppb.Now(),
		}))
	expect(metadata.BackupId, backup)
	list := &sqlserver.ListDatabasesRequest{ClusterId: cluster}
	expectAll(names(must(databases.List(e.ctx, list)).Databases), "late", "orders")
	finished[*sqlserver.DeleteDatabaseMetadata, *emptypb.Empty](e.session)(
		databases.Delete(e.ctx, &sqlserver.DeleteDatabaseRequest{ClusterId: cluster, DatabaseName: database.Name}))
	expectAll(names(must(databases.List(e.ctx, list)).Databases), "orders")
}
