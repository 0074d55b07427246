package main

import (
	"strings"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/redis/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// redisUserAttributes are the attributes of a user. Each permission is in a path of its own.
var redisUserAttributes = []change{
	{"permissions.patterns", `permissions { patterns { value: "~456*" } commands { value: "+get" } }`},
	{"permissions.commands", `permissions { commands { value: "+ping -set" } }`},
	{"permissions.categories", `permissions { categories { value: "-@all +@geo" } }`},
	{"permissions.pub_sub_channels", `permissions { pub_sub_channels { value: "&123*" } }`},
	{"permissions.databases", `permissions { databases { value: "0,1,2" } }`},
	{"enabled", "enabled: false"},
	{"enabled permissions.patterns permissions.commands",
		`enabled: true permissions { patterns { value: "~*" } commands { value: "+set" } }`},
}

// lifeOfRedisUsers is what becomes of a user with as few permissions as it takes, and of one with all.
func lifeOfRedisUsers(p provider) {
	r := newRedisProvider(p)
	id := r.create(`name: "users" environment: PRESTABLE ` + redisConfigOf("9.1-valkey", "hm1.nano", "network-ssd", 16) +
		` host_specs { zone_id: "ru-central1-a" }`)
	user := r.createUser(id, `name: "few" passwords: "a-long-password" permissions { databases { value: "0" } }`)
	expect(user.state.Enabled, true)
	permissions := user.state.Permissions
	expect(permissions.Patterns.GetValue(), "allkeys")
	expect(permissions.PubSubChannels.GetValue(), "resetchannels")
	expect(permissions.Databases.GetValue(), "0")
	expect(permissions.Commands.GetValue()+permissions.Categories.GetValue(), "")
	expect(permissions.SanitizePayload.GetValue(), "sanitize-payload")
	expect(user.state.AclOptions != "", true)
	user.changeEach(redisUserAttributes)
	for _, rule := range []string{"~*", "+set", "-@all +@geo", "&123*"} {
		expect(strings.Contains(user.state.AclOptions, rule), true)
	}
	user.changeSecret(change{"passwords", `passwords: "another-password"`})

	many := r.createUser(id, `name: "many" passwords: "a-long-password" enabled { value: true } permissions {
		patterns { value: "~456*" } commands { value: "+ping -set" } categories { value: "-@all +@geo" }
		pub_sub_channels { value: "&123*" } databases { value: "0,1,2" } sanitize_payload { value: "skip-sanitize-payload" } }`)
	expect(many.state.Permissions.SanitizePayload.GetValue(), "skip-sanitize-payload")
	expect(strings.Contains(many.state.AclOptions, "a-long-password"), false)

	expectSame(newRedisProvider(r.another()).getUser(id, "few"), user.state)
	r.deleteUser(id, "few")
	must(0, r.remove(id))
}

func (r redisProvider) createUser(id, text string) *resource[*redis.UpdateUserRequest, *redis.User] {
	spec := parse(&redis.UserSpec{}, text)
	metadata, created := finished[*redis.CreateUserMetadata, *redis.User](r.session)(
		r.users.Create(r.ctx, &redis.CreateUserRequest{ClusterId: id, UserSpec: spec}))
	expect(metadata.ClusterId, id)
	expect(metadata.UserName, spec.Name)
	read := func() *redis.User { return r.getUser(id, spec.Name) }
	user := &resource[*redis.UpdateUserRequest, *redis.User]{
		name: func() *redis.UpdateUserRequest { return &redis.UpdateUserRequest{ClusterId: id, UserName: spec.Name} },
		update: func(request *redis.UpdateUserRequest) error {
			metadata, _, err := finish[*redis.UpdateUserMetadata, *redis.User](r.session)(r.users.Update(r.ctx, request))
			if err == nil {
				expect(metadata.UserName, spec.Name)
			}
			return err
		},
		read:       read,
		operations: func() []string { return r.operations(id) },
		shownAt:    asSent,
		// The server writes the permissions as one line, in words of its own.
		derive: func(user *redis.User) { user.AclOptions = read().AclOptions },
		state:  created,
	}
	user.expectState("create")
	return user
}

func (r redisProvider) getUser(id, name string) *redis.User {
	return must(r.users.Get(r.ctx, &redis.GetUserRequest{ClusterId: id, UserName: name}))
}

// deleteUser deletes a user. To delete it again is an error of which the provider knows the code.
func (r redisProvider) deleteUser(id, name string) {
	request := &redis.DeleteUserRequest{ClusterId: id, UserName: name}
	metadata, _ := finished[*redis.DeleteUserMetadata, *emptypb.Empty](r.session)(r.users.Delete(r.ctx, request))
	expect(metadata.UserName, name)
	_, err := r.users.Get(r.ctx, &redis.GetUserRequest{ClusterId: id, UserName: name})
	expect(status.Code(err), codes.NotFound)
	_, err = r.users.Delete(r.ctx, request)
	expect(status.Code(err), codes.NotFound)
}
