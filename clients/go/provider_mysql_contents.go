package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/mysql/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// mysqlUserAttributes are the attributes of a user.
var mysqlUserAttributes = []change{
	{"permissions", `permissions { database_name: "first" roles: [ALL_PRIVILEGES, DROP, DELETE] }`},
	{"permissions", `permissions { database_name: "first" roles: INSERT } permissions { database_name: "second" roles: SELECT }`},
	{"global_permissions", "global_permissions: [REPLICATION_SLAVE, PROCESS] authentication_plugin: MYSQL_NO_LOGIN"},
	{"global_permissions", ""},
	{"authentication_plugin", "authentication_plugin: SHA256_PASSWORD"},
	{"authentication_plugin", ""},
	{"connection_limits.max_questions_per_hour", `connection_limits {
		max_questions_per_hour { value: 10 } max_updates_per_hour { value: 11 } }`},
	{"connection_limits.max_updates_per_hour", "connection_limits { max_updates_per_hour { value: 20 } }"},
	{"connection_limits.max_connections_per_hour", "connection_limits { max_connections_per_hour { value: 30 } }"},
	{"connection_limits.max_user_connections", "connection_limits { max_user_connections { value: 40 } }"},
	{"connection_limits", "connection_limits { max_user_connections { value: 0 } }"},
	{"deletion_protection_mode", "deletion_protection_mode: DELETION_PROTECTION_MODE_ENABLED"},
	{"deletion_protection_mode", "deletion_protection_mode: DELETION_PROTECTION_MODE_INHERITED"},
	{"deletion_protection_mode", "deletion_protection_mode: DELETION_PROTECTION_MODE_DISABLED"},
}

// lifeOfMysqlContents is what becomes of databases and users.
func lifeOfMysqlContents(p provider) {
	m := newMysqlProvider(p)
	id := m.create(`name: "contents" environment: PRESTABLE host_specs { zone_id: "ru-central1-a" } ` + mysqlConfig("8.0"))
	first := m.createDatabase(id, `name: "first"`)
	expect(first.state.DeletionProtectionMode, mysql.DeletionProtectionMode_DELETION_PROTECTION_MODE_DISABLED)
	second := m.createDatabase(id, `name: "second" deletion_protection_mode: DELETION_PROTECTION_MODE_ENABLED`)

	user := m.createUser(id, `name: "user" password: "a-long-password" permissions { database_name: "first" roles: ALL_PRIVILEGES }`)
	expect(user.state.DeletionProtectionMode, mysql.DeletionProtectionMode_DELETION_PROTECTION_MODE_DISABLED)
	expect(user.state.ConnectionManager.GetConnectionId() != "", true)
	user.changeEach(mysqlUserAttributes)
	user.changeSecret(change{"password", `password: "another-password"`})
	byIam := m.createUser(id, `name: "iam" authentication_plugin: MDB_IAMPROXY_AUTH`)
	expect(byIam.state.ConnectionManager == nil, true)

	elsewhere := newMysqlProvider(m.another())
	expectSame(elsewhere.getUser(id, "user"), user.state)
	expectSame(elsewhere.getDatabase(id, "second"), second.state)
	m.deleteUser(id, "user")
	m.checkDatabaseMode(second)
	m.deleteDatabase(id, "second")
	m.deleteDatabase(id, "first")
	must(0, m.remove(id))
}

// checkDatabaseMode changes whether a database is protected. While it is, it stays.
func (m mysqlProvider) checkDatabaseMode(database *resource[*mysql.UpdateDatabaseRequest, *mysql.Database]) {
	_, err := m.databases.Delete(m.ctx, &mysql.DeleteDatabaseRequest{
		ClusterId: database.state.ClusterId, DatabaseName: database.state.Name,
	})
	expect(status.Code(err), codes.FailedPrecondition)
	database.change(change{"deletion_protection_mode", "deletion_protection_mode: DELETION_PROTECTION_MODE_INHERITED"})
	database.change(change{"deletion_protection_mode", "deletion_protection_mode: DELETION_PROTECTION_MODE_DISABLED"})
}

func (m mysqlProvider) createDatabase(id, text string) *resource[*mysql.UpdateDatabaseRequest, *mysql.Database] {
	spec := parse(&mysql.DatabaseSpec{}, text)
	metadata, created := finished[*mysql.CreateDatabaseMetadata, *mysql.Database](m.session)(
		m.databases.Create(m.ctx, &mysql.CreateDatabaseRequest{ClusterId: id, DatabaseSpec: spec}))
	expect(metadata.DatabaseName, spec.Name)
	database := &resource[*mysql.UpdateDatabaseRequest, *mysql.Database]{
		name: func() *mysql.UpdateDatabaseRequest {
			return &mysql.UpdateDatabaseRequest{ClusterId: id, DatabaseName: spec.Name}
		},
		update: func(request *mysql.UpdateDatabaseRequest) error {
			metadata, _, err := finish[*mysql.UpdateDatabaseMetadata, *mysql.Database](m.session)(m.databases.Update(m.ctx, request))
			if err == nil {
				expect(metadata.DatabaseName, spec.Name)
			}
			return err
		},
		read:       func() *mysql.Database { return m.getDatabase(id, spec.Name) },
		operations: func() []string { return m.operations(id) },
		shownAt:    asSent,
		state:      created,
	}
	database.expectState("create")
	return database
}

func (m mysqlProvider) getDatabase(id, name string) *mysql.Database {
	return must(m.databases.Get(m.ctx, &mysql.GetDatabaseRequest{ClusterId: id, DatabaseName: name}))
}

func (m mysqlProvider) deleteDatabase(id, name string) {
	metadata, _ := finished[*mysql.DeleteDatabaseMetadata, *emptypb.Empty](m.session)(
		m.databases.Delete(m.ctx, &mysql.DeleteDatabaseRequest{ClusterId: id, DatabaseName: name}))
	expect(metadata.DatabaseName, name)
	_, err := m.databases.Get(m.ctx, &mysql.GetDatabaseRequest{ClusterId: id, DatabaseName: name})
	expect(status.Code(err), codes.NotFound)
}

func (m mysqlProvider) createUser(id, text string) *resource[*mysql.UpdateUserRequest, *mysql.User] {
	spec := parse(&mysql.UserSpec{}, text)
	metadata, created := finished[*mysql.CreateUserMetadata, *mysql.User](m.session)(
		m.users.Create(m.ctx, &mysql.CreateUserRequest{ClusterId: id, UserSpec: spec}))
	expect(metadata.UserName, spec.Name)
	user := &resource[*mysql.UpdateUserRequest, *mysql.User]{
		name: func() *mysql.UpdateUserRequest { return &mysql.UpdateUserRequest{ClusterId: id, UserName: spec.Name} },
		update: func(request *mysql.UpdateUserRequest) error {
			metadata, _, err := finish[*mysql.UpdateUserMetadata, *mysql.User](m.session)(m.users.Update(m.ctx, request))
			if err == nil {
				expect(metadata.UserName, spec.Name)
			}
			return err
		},
		read:       func() *mysql.User { return m.getUser(id, spec.Name) },
		operations: func() []string { return m.operations(id) },
		shownAt:    asSent,
		state:      created,
	}
	user.expectState("create")
	return user
}

func (m mysqlProvider) getUser(id, name string) *mysql.User {
	return must(m.users.Get(m.ctx, &mysql.GetUserRequest{ClusterId: id, UserName: name}))
}

func (m mysqlProvider) deleteUser(id, name string) {
	metadata, _ := finished[*mysql.DeleteUserMetadata, *emptypb.Empty](m.session)(
		m.users.Delete(m.ctx, &mysql.DeleteUserRequest{ClusterId: id, UserName: name}))
	expect(metadata.UserName, name)
	_, err := m.users.Get(m.ctx, &mysql.GetUserRequest{ClusterId: id, UserName: name})
	expect(status.Code(err), codes.NotFound)
}
