// The life of a cluster of each engine by the official Go SDK, version 2, unchanged:
//
//	mdb-emulator exec -- clients/go/run
//
// or, if it is told so, the life of what stands beside clusters, which neighbours.go tells:
//
//	mdb-emulator exec --strict -- clients/go/run neighbours
//
// or the calls that the official Terraform provider makes, which provider.go tells:
//
//	mdb-emulator exec -- clients/go/run provider
//
// The SDK finds the services by discovery and trades its OAuth token for one of theirs. Then each journey goes: create, back
// up, list the backups over two pages, update by mask, be refused, restore, change hosts, shards, users and databases, delete;
// presets, versions and filters are looked up on the way. The first thing that is not as it should be ends the program with 1.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/type/timeofday"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// engine is what a journey needs of an engine.
type engine interface {
	// choose looks up the preset that is used, and the version where there is a list of them.
	choose()
	// create makes a cluster and returns its id once it is running.
	create(folder string) string
	// found lists the ids of the clusters in a folder that a filter lets through.
	found(folder, filter string) []string
	// backUp makes a backup.
	backUp(cluster string)
	// backups lists the ids of a cluster's backups, two a page.
	backups(cluster, pageToken string) (ids []string, nextPageToken string)
	// moveWindow updates the start of the daily backup and nothing else.
	moveWindow(cluster string, to *timeofday.TimeOfDay) error
	// window reads the start of the daily backup.
	window(cluster string) (*timeofday.TimeOfDay, error)
	// restore makes a cluster of a backup and returns its id.
	restore(backup, folder string) string
	// changeHosts updates hosts, adds and deletes them, and lets another lead, as far as the engine can; then it does so with shards.
	changeHosts(cluster string)
	// changeContents makes users and databases, changes and deletes them; it may bring back what a backup has.
	changeContents(cluster, backup string)
	// remove deletes a cluster.
	remove(cluster string)
}

func main() {
	log.SetFlags(0)
	address := os.Getenv("MDB_EMULATOR_ADDRESS")
	if address == "" {
		address = "localhost:7300"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	switch arguments := os.Args[1:]; {
	case len(arguments) == 0:
		livesOfEngines(begin(ctx, address), address)
	case slices.Equal(arguments, []string{"neighbours"}):
		lifeOfNeighbours(newNeighbours(begin(ctx, address), address))
	case slices.Equal(arguments, []string{"provider"}):
		lifeOfResources(beginProvider(ctx, address))
	default:
		log.Fatalf("there is no journey %q; there are neighbours and provider, and without a name that of the engines", arguments)
	}
}

// livesOfEngines goes the journey of each engine.
func livesOfEngines(session session, address string) {
	fmt.Println("Redis:", journey(newRedis(session)))
	fmt.Println("MySQL:", journey(newMysql(session)))
	fmt.Println("SQL Server:", journey(newSqlserver(session, address)))
	fmt.Println("SPQR:", journey(newSpqr(session)))
}

// journey takes a cluster from Create to Delete, and returns what there is to tell.
func journey(e engine) string {
	folder := fmt.Sprintf("b1g%017x", time.Now().UnixMicro())
	e.choose()
	cluster := e.create(folder)
	expectAll(e.found(folder, `name="journey"`), cluster)
	expectAll(e.found(folder, `name="another"`))

	for range 3 {
		e.backUp(cluster)
	}
	first, next := e.backups(cluster, "")
	second, end := e.backups(cluster, next)
	expect(len(first), 2)
	expect(len(second), 1)
	expect(slices.Contains(first, second[0]), false)
	expect(end, "")

	window := &timeofday.TimeOfDay{Hours: 3, Minutes: 30}
	must(0, e.moveWindow(cluster, window))
	expect(must(e.window(cluster)).String(), window.String())
	refusal := status.Convert(e.moveWindow(cluster, window))
	expect(refusal.Code(), codes.FailedPrecondition)
	expect(strings.Contains(refusal.Message(), "no changes detected"), true)

	// A point in time comes after the second in which the backup ended.
	time.Sleep(2 * time.Second)
	restored := e.restore(first[0], folder)
	e.changeHosts(cluster)
	e.changeContents(cluster, first[0])

	for _, id := range []string{cluster, restored} {
		e.remove(id)
		_, err := e.window(id)
		expect(status.Code(err), codes.NotFound)
	}
	return fmt.Sprintf("cluster %s, 3 backups, restored as %s, refused with %s", cluster, restored, refusal.Code())
}

// must ends the program if there is an error.
func must[T any](value T, err error) T {
	if err != nil {
		log.Panic(err)
	}
	return value
}

// expect ends the program if a value is not the one that is wanted.
func expect[T comparable](actual, wanted T) {
	if actual != wanted {
		log.Panicf("got %v, but should be %v", actual, wanted)
	}
}
