package main

import (
	"slices"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/spqr/v1"
	"google.golang.org/protobuf/types/known/emptypb"
)

// spqrUserAttributes are the attributes of a user.
var spqrUserAttributes = []change{
	{"grants", `grants: "reader" settings { connection_limit { value: 3 } }`},
	{"grants", `grants: ["writer", "transfer"]`},
	{"grants", ""},
	{"settings", "settings { connection_limit { value: 15 } connection_retries { value: 4 } }"},
	{"settings", "settings { connection_limit { value: 20 } }"},
	{"permissions", `permissions { database_name: "second" }`},
	{"grants settings", `grants: "admin" settings { connection_retries { value: 0 } }`},
}

// lifeOfSpqrContents is what becomes of databases, users and shards. The provider finds each in the list of all of them.
func lifeOfSpqrContents(p provider) {
	s := newSpqrProvider(p)
	id := s.create(`name: "contents" ` + spqrInfra)
	s.createDatabase(id, `name: "first"`)
	s.createDatabase(id, `name: "second"`)
	user := s.createUser(id, `name: "user" password: "a-long-password" permissions { database_name: "first" } grants: "admin"`)
	user.changeEach(spqrUserAttributes)
	user.changeSecret(change{"password", `password: "another-password"`})
	s.checkShards(id)

	elsewhere := newSpqrProvider(s.another())
	expectSame(elsewhere.findUser(id, "user"), user.state)
	s.deleteUser(id, "user")
	s.deleteDatabase(id, "second")
	s.deleteDatabase(id, "first")
	must(0, s.remove(id))
}

// listDatabases lists as the provider does: the first page, whatever the server thinks that is.
func (s spqrProvider) listDatabases(id string) []*spqr.Database {
	return must(s.databases.List(s.ctx, &spqr.ListDatabasesRequest{ClusterId: id})).Databases
}

func (s spqrProvider) createDatabase(id, text string) {
	spec := parse(&spqr.DatabaseSpec{}, text)
	metadata, database := finished[*spqr.CreateDatabaseMetadata, *spqr.Database](s.session)(
		s.databases.Create(s.ctx, &spqr.CreateDatabaseRequest{ClusterId: id, DatabaseSpec: spec}))
	expect(metadata.DatabaseName, spec.Name)
	expect(database.ClusterId, id)
	for range 2 {
		expectSame(the(s.listDatabases(id), func(database *spqr.Database) bool { return database.Name == spec.Name }), database)
	}
}

func (s spqrProvider) deleteDatabase(id, name string) {
	metadata, _ := finished[*spqr.DeleteDatabaseMetadata, *emptypb.Empty](s.session)(
		s.databases.Delete(s.ctx, &spqr.DeleteDatabaseRequest{ClusterId: id, DatabaseName: name}))
	expect(metadata.DatabaseName, name)
	expect(slices.Contains(each(s.listDatabases(id), (*spqr.Database).GetName), name), false)
}

func (s spqrProvider) listUsers(id string) []*spqr.User {
	return must(s.users.List(s.ctx, &spqr.ListUsersRequest{ClusterId: id})).Users
}

func (s spqrProvider) findUser(id, name string) *spqr.User {
	return the(s.listUsers(id), func(user *spqr.User) bool { return user.Name == name })
}

func (s spqrProvider) createUser(id, text string) *resource[*spqr.UpdateUserRequest, *spqr.User] {
	spec := parse(&spqr.UserSpec{}, text)
	metadata, created := finished[*spqr.CreateUserMetadata, *spqr.User](s.session)(
		s.users.Create(s.ctx, &spqr.CreateUserRequest{ClusterId: id, UserSpec: spec}))
	expect(metadata.UserName, spec.Name)
	user := &resource[*spqr.UpdateUserRequest, *spqr.User]{
		name: func() *spqr.UpdateUserRequest { return &spqr.UpdateUserRequest{ClusterId: id, UserName: spec.Name} },
		update: func(request *spqr.UpdateUserRequest) error {
			metadata, _, err := finish[*spqr.UpdateUserMetadata, *spqr.User](s.session)(s.users.Update(s.ctx, request))
			if err == nil {
				expect(metadata.UserName, spec.Name)
			}
			return err
		},
		read:       func() *spqr.User { return s.findUser(id, spec.Name) },
		operations: func() []string { return s.operations(id) },
		shownAt:    asSent,
		state:      created,
	}
	user.expectState("create")
	return user
}

func (s spqrProvider) deleteUser(id, name string) {
	metadata, _ := finished[*spqr.DeleteUserMetadata, *emptypb.Empty](s.session)(
		s.users.Delete(s.ctx, &spqr.DeleteUserRequest{ClusterId: id, UserName: name}))
	expect(metadata.UserName, name)
	expect(slices.Contains(each(s.listUsers(id), (*spqr.User).GetName), name), false)
}

func (s spqrProvider) listShards(id string) []*spqr.Shard {
	return must(s.clusters.ListShards(s.ctx, &spqr.ListClusterShardsRequest{ClusterId: id})).Shards
}

// checkShards adds shards and deletes one. A shard is a cluster of PostgreSQL, whose id is what the provider reads.
func (s spqrProvider) checkShards(id string) {
	for name, postgresql := range map[string]string{"one": "c9qpostgresql0000001", "two": "c9qpostgresql0000002"} {
		metadata, shard := finished[*spqr.AddClusterShardMetadata, *spqr.Shard](s.session)(
			s.clusters.AddShard(s.ctx, &spqr.AddClusterShardRequest{ClusterId: id, ShardSpec: &spqr.ShardSpec{
				ShardName: name,
				Spec:      &spqr.ShardSpec_MdbPostgresql{MdbPostgresql: &spqr.MDBPostgreSQL{ClusterId: postgresql}},
			}}))
		expect(metadata.ClusterId, id)
		expect(metadata.ShardName, name)
		expectSame(shard, &spqr.Shard{Name: name, ClusterId: postgresql})
		for range 2 {
			expectSame(the(s.listShards(id), func(shard *spqr.Shard) bool { return shard.Name == name }), shard)
		}
	}
	metadata, _ := finished[*spqr.DeleteClusterShardMetadata, *emptypb.Empty](s.session)(
		s.clusters.DeleteShard(s.ctx, &spqr.DeleteClusterShardRequest{ClusterId: id, ShardName: "one"}))
	expect(metadata.ShardName, "one")
	expectList(each(s.listShards(id), (*spqr.Shard).GetName), "two")
}
