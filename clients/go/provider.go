package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"time"

	operationpb "github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	"github.com/yandex-cloud/go-sdk/v2/pkg/options"
	"github.com/yandex-cloud/go-sdk/v2/pkg/transport/middleware/idempotency"
	"github.com/yandex-cloud/go-sdk/v2/pkg/transport/middleware/requestid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// What the server says, word for word: the provider and its tests compare these.
const (
	noChanges   = "no changes detected"
	isProtected = "The operation was rejected because cluster has 'deletion_protection' = ON"
)

// wholeList is the page size with which the provider lists.
const wholeList = 1000

// provider is the SDK as the official Terraform provider sets it up, and a folder of its own.
type provider struct {
	session
	address string
	folder  string
}

// beginProvider sets the SDK up: each call has a new idempotency key and ids of its own, from the SDK's interceptors.
func beginProvider(ctx context.Context, address string) provider {
	calls := options.WithCustomDialOptions(
		grpc.WithUserAgent("Terraform/1.9.8 (https://www.terraform.io) terraform-provider-yandex/0.190.0"),
		grpc.WithChainUnaryInterceptor(requestid.Interceptor(), idempotency.Interceptor()),
	)
	return provider{begin(ctx, address, calls), address, fmt.Sprintf("b1g%017x", time.Now().UnixMicro())}
}

// another is the provider in another process: all that it knows of a resource is its id, as at an import.
func (p provider) another() provider {
	other := beginProvider(p.ctx, p.address)
	other.folder = p.folder
	return other
}

// lifeOfResources makes the provider's calls for each of its resources: create, read twice, change each attribute in place, import,
// destroy. After each change the resource must read as it is written down, or the next plan would not be empty.
func lifeOfResources(p provider) {
	for _, resources := range []struct {
		kind string
		live func(provider)
	}{
		{"Valkey clusters", lifeOfRedisCluster},
		{"Valkey hosts", lifeOfRedisHosts},
		{"Valkey shards", lifeOfRedisShards},
		{"Valkey users", lifeOfRedisUsers},
		{"MySQL clusters", lifeOfMysqlCluster},
		{"MySQL hosts", lifeOfMysqlHosts},
		{"MySQL databases and users", lifeOfMysqlContents},
		{"SPQR clusters", lifeOfSpqrCluster},
		{"SPQR hosts", lifeOfSpqrHosts},
		{"SPQR databases, users and shards", lifeOfSpqrContents},
		{"SQL Server clusters and users", lifeOfSqlserver},
	} {
		resources.live(p)
		fmt.Println(resources.kind + ": as the provider needs them")
	}
}

// parse fills a message from protobuf's text format, in which requests and tables of changes are short.
func parse[Message proto.Message](message Message, text string) Message {
	must(0, prototext.Unmarshal([]byte(text), message))
	return message
}

// all is a whole list, page by page.
func all[Item any](page func(token string) ([]Item, string)) []Item {
	var items []Item
	for token := ""; ; {
		more, next := page(token)
		items = append(items, more...)
		if next == "" {
			return items
		}
		token = next
	}
}

// the finds the one item that is meant.
func the[Item any](items []Item, meant func(Item) bool) Item {
	place := slices.IndexFunc(items, meant)
	expect(place >= 0, true)
	return items[place]
}

// each takes the same of every item.
func each[Item, Taken any](items []Item, take func(Item) Taken) []Taken {
	taken := make([]Taken, 0, len(items))
	for _, item := range items {
		taken = append(taken, take(item))
	}
	return taken
}

// descriptionsOf tells what operations did.
func descriptionsOf(operations []*operationpb.Operation) []string {
	return each(operations, (*operationpb.Operation).GetDescription)
}

// expectList ends the program if a list is not the one that is wanted.
func expectList[Item comparable](actual []Item, wanted ...Item) {
	if !slices.Equal(actual, wanted) {
		log.Panicf("got %v, but should be %v", actual, wanted)
	}
}

// expectSameList ends the program if two lists of messages differ.
func expectSameList[Message proto.Message](actual, wanted []Message) {
	expect(len(actual), len(wanted))
	for place := range wanted {
		expectSame(actual[place], wanted[place])
	}
}

// expectUnchanged ends the program if an update was not refused for changing nothing.
func expectUnchanged(err error) {
	expectRefusal(err, codes.FailedPrecondition, noChanges)
}

// expectOneMaster ends the program unless exactly one of a group of roles is a master's.
func expectOneMaster[Role comparable](roles []Role, master, replica Role) {
	masters := 0
	for _, role := range roles {
		expect(role == master || role == replica, true)
		if role == master {
			masters++
		}
	}
	expect(masters, 1)
}
