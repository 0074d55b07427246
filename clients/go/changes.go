package main

import (
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What the changes of the engines' hosts, users and databases have in common.

const password = "a-long-password"

// preset is what an engine's presets have in common.
type preset interface {
	GetId() string
	GetCores() int64
	GetMemory() int64
}

// expectPreset sees that a preset is as it should be, and on one of two pages of the list.
func expectPreset[T preset](shown T, cores, gigabytes int64, first, second []T) {
	expect(shown.GetCores(), cores)
	expect(shown.GetMemory(), gigabytes<<30)
	expect(len(first), 2)
	isShown := func(listed T) bool { return listed.GetId() == shown.GetId() }
	expect(slices.ContainsFunc(append(first, second...), isShown), true)
}

// names lists the names of hosts, shards, users or databases.
func names[T interface{ GetName() string }](items []T) []string {
	listed := []string{}
	for _, item := range items {
		listed = append(listed, item.GetName())
	}
	return listed
}

// ids lists the ids of clusters or versions.
func ids[T interface{ GetId() string }](items []T) []string {
	listed := []string{}
	for _, item := range items {
		listed = append(listed, item.GetId())
	}
	return listed
}

// expectAll ends the program if a list is not the one that is wanted.
func expectAll[T comparable](actual []T, wanted ...T) {
	expect(len(actual), len(wanted))
	for index, value := range wanted {
		expect(actual[index], value)
	}
}

// refusedWith returns what ends the program if a call is not refused with this code.
func refusedWith[T any](code codes.Code) func(T, error) {
	return func(_ T, err error) {
		expect(status.Code(err), code)
	}
}

// expectOneOf ends the program if a list lacks what is wanted.
func expectOneOf(listed []string, wanted string) {
	expect(slices.Contains(listed, wanted), true)
}
