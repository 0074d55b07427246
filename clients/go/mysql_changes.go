package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/mysql/v1"
	"github.com/yandex-cloud/go-sdk/services/mdb/mysql/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func (e mysqlEngine) choose() {
	presets := mysqlsdk.NewResourcePresetClient(e.sdk)
	shown := must(presets.Get(e.ctx, &mysql.GetResourcePresetRequest{ResourcePresetId: "s3-c2-m8"}))
	first := must(presets.List(e.ctx, &mysql.ListResourcePresetsRequest{PageSize: 2}))
	second := must(presets.List(e.ctx, &mysql.ListResourcePresetsRequest{PageSize: 1000, PageToken: first.NextPageToken}))
	expectPreset(shown, 2, 8, first.ResourcePresets, second.ResourcePresets)
	versions := mysqlsdk.NewVersionsClient(e.sdk)
	expectOneOf(ids(must(versions.List(e.ctx, &mysql.ListVersionsRequest{})).Version), e.config().Version)
}

func (e mysqlEngine) found(folder, filter string) []string {
	return ids(must(e.clusters.List(e.ctx, &mysql.ListClustersRequest{FolderId: folder, Filter: filter})).Clusters)
}

func (e mysqlEngine) listHosts(cluster string) []*mysql.Host {
	return must(e.clusters.ListHosts(e.ctx, &mysql.ListClusterHostsRequest{ClusterId: cluster})).Hosts
}

func (e mysqlEngine) changeHosts(cluster string) {
	first := e.listHosts(cluster)[0].Name
	update := must(e.clusters.UpdateHosts(e.ctx, &mysql.UpdateClusterHostsRequest{
		ClusterId: cluster,
		UpdateHostSpecs: []*mysql.UpdateHostSpec{{
			HostName:       first,
			BackupPriority: 50,
			AssignPublicIp: true,
			UpdateMask:     &fieldmaskpb.FieldMask{Paths: []string{"backup_priority", "assign_public_ip"}},
		}},
	}))
	must(update.Wait(e.ctx))
	updated := e.listHosts(cluster)[0]
	expect(updated.BackupPriority, 50)
	expect(updated.AssignPublicIp, true)

	add := must(e.clusters.AddHosts(e.ctx, &mysql.AddClusterHostsRequest{
		ClusterId: cluster,
		HostSpecs: []*mysql.HostSpec{{ZoneId: "ru-central1-b"}},
	}))
	must(add.Wait(e.ctx))
	second := add.Metadata().HostNames[0]
	expectAll(names(e.listHosts(cluster)), first, second)

	request := &mysql.StartClusterFailoverRequest{ClusterId: cluster, HostName: second}
	failover := must(e.clusters.StartFailover(e.ctx, request))
	must(failover.Wait(e.ctx))
	expect(e.listHosts(cluster)[1].Role, mysql.Host_MASTER)
	refusedWith[*mysqlsdk.ClusterStartFailoverOperation](codes.FailedPrecondition)(e.clusters.StartFailover(e.ctx, request))

	remove := must(e.clusters.DeleteHosts(e.ctx, &mysql.DeleteClusterHostsRequest{
		ClusterId: cluster, HostNames: []string{first},
	}))
	must(remove.Wait(e.ctx))
	expectAll(names(e.listHosts(cluster)), second)
}

func (e mysqlEngine) changeContents(cluster, _ string) {
	e.changeDatabases(cluster)
	users := mysqlsdk.NewUserClient(e.sdk)
	create := must(users.Create(e.ctx, &mysql.CreateUserRequest{
		ClusterId: cluster,
		UserSpec:  &mysql.UserSpec{Name: "late", Password: password},
	}))
	user := must(create.Wait(e.ctx)).Name
	update := must(users.Update(e.ctx, &mysql.UpdateUserRequest{
		ClusterId:         cluster,
		UserName:          user,
		UpdateMask:        &fieldmaskpb.FieldMask{Paths: []string{"global_permissions", "password"}},
		GlobalPermissions: []mysql.GlobalPermission{mysql.GlobalPermission_PROCESS},
		Password:          "another-password",
	}))
	expectAll(must(update.Wait(e.ctx)).GlobalPermissions, mysql.GlobalPermission_PROCESS)

	grant := must(users.GrantPermission(e.ctx, &mysql.GrantUserPermissionRequest{
		ClusterId: cluster,
		UserName:  user,
		Permission: &mysql.Permission{
			DatabaseName: "orders",
			Roles:        []mysql.Permission_Privilege{mysql.Permission_SELECT, mysql.Permission_INSERT},
		},
	}))
	expectAll(must(grant.Wait(e.ctx)).Permissions[0].Roles, mysql.Permission_SELECT, mysql.Permission_INSERT)
	request := &mysql.RevokeUserPermissionRequest{
		ClusterId:  cluster,
		UserName:   user,
		Permission: &mysql.Permission{DatabaseName: "orders", Roles: []mysql.Permission_Privilege{mysql.Permission_SELECT}},
	}
	revoke := must(users.RevokePermission(e.ctx, request))
	expectAll(must(revoke.Wait(e.ctx)).Permissions[0].Roles, mysql.Permission_INSERT)
	refusedWith[*mysqlsdk.UserRevokePermissionOperation](codes.FailedPrecondition)(users.RevokePermission(e.ctx, request))

	remove := must(users.Delete(e.ctx, &mysql.DeleteUserRequest{ClusterId: cluster, UserName: user}))
	must(remove.Wait(e.ctx))
	expectAll(names(must(users.List(e.ctx, &mysql.ListUsersRequest{ClusterId: cluster})).Users), "shop")
}

func (e mysqlEngine) changeDatabases(cluster string) {
	databases := mysqlsdk.NewDatabaseClient(e.sdk)
	create := must(databases.Create(e.ctx, &mysql.CreateDatabaseRequest{
		ClusterId: cluster, DatabaseSpec: &mysql.DatabaseSpec{Name: "late"},
	}))
	name := must(create.Wait(e.ctx)).Name
	protect := func(mode mysql.DeletionProtectionMode) {
		update := must(databases.Update(e.ctx, &mysql.UpdateDatabaseRequest{
			ClusterId:              cluster,
			DatabaseName:           name,
			UpdateMask:             &fieldmaskpb.FieldMask{Paths: []string{"deletion_protection_mode"}},
			DeletionProtectionMode: mode,
		}))
		expect(must(update.Wait(e.ctx)).DeletionProtectionMode, mode)
	}
	request := &mysql.DeleteDatabaseRequest{ClusterId: cluster, DatabaseName: name}
	protect(mysql.DeletionProtectionMode_DELETION_PROTECTION_MODE_ENABLED)
	refusedWith[*mysqlsdk.DatabaseDeleteOperation](codes.FailedPrecondition)(databases.Delete(e.ctx, request))
	protect(mysql.DeletionProtectionMode_DELETION_PROTECTION_MODE_DISABLED)
	remove := must(databases.Delete(e.ctx, request))
	must(remove.Wait(e.ctx))
	expectAll(names(must(databases.List(e.ctx, &mysql.ListDatabasesRequest{ClusterId: cluster})).Databases), "orders")
}
