package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/spqr/v1"
	operationpb "github.com/yandex-cloud/go-genproto/yandex/cloud/operation"
	"google.golang.org/protobuf/types/known/emptypb"
)

// lifeOfSpqrHosts changes the hosts of a cluster, in the order in which the provider does it: the first host of a type comes with the
// resources of that type, any other without.
func lifeOfSpqrHosts(p provider) {
	s := newSpqrProvider(p)
	id := s.create(`name: "hosts" ` + spqrRouter)
	expect(s.hosts(id)[0].Type, spqr.Host_ROUTER)
	resources := parse(&spqr.SpqrSpec_Coordinator{}, spqrResources).Resources
	coordinator := s.addedHost(s.clusters.AddSubcluster(s.ctx, &spqr.AddSubclusterRequest{
		ClusterId: id,
		HostSpecs: []*spqr.HostSpec{parse(&spqr.HostSpec{}, `zone_id: "ru-central1-b" type: COORDINATOR`)},
		Resources: resources,
	}))(id)
	expect(coordinator.Type, spqr.Host_COORDINATOR)
	expectSame(s.get(id).Config.SpqrConfig.Coordinator.Resources, resources)

	cluster := s.cluster(id)
	cluster.changeEach(settings("config_spec.spqr_spec.coordinator.config",
		"iteration_timeout: { seconds: 3 }", "etcd_max_txn_ops: { value: 64 }"))
	cluster.changeEach(settings("config_spec.spqr_spec.coordinator",
		`resources: { resource_preset_id: "s3-c4-m16" disk_size: 12884901888 disk_type_id: "network-ssd" }`))

	added := s.addHost(id, `zone_id: "ru-central1-d" type: COORDINATOR`)
	s.addHost(id, `zone_id: "ru-central1-d" type: ROUTER assign_public_ip: true`)
	host := s.host(id, added.Name)
	host.change(change{"assign_public_ip", "assign_public_ip: true"})
	host.change(change{"assign_public_ip", ""})
	for _, leaves := range []*spqr.Host{coordinator, s.hosts(id)[0]} {
		s.deleteHost(id, leaves)
	}
	must(0, s.remove(id))
}

// hosts lists the hosts. Of the coordinators one is primary, while every router is.
func (s spqrProvider) hosts(id string) []*spqr.Host {
	hosts := all(func(token string) ([]*spqr.Host, string) {
		page := must(s.clusters.ListHosts(s.ctx, &spqr.ListClusterHostsRequest{ClusterId: id, PageSize: wholeList, PageToken: token}))
		return page.Hosts, page.NextPageToken
	})
	var coordinators []spqr.Host_Role
	for _, host := range hosts {
		expect(host.SubnetId != "", true)
		if host.Type == spqr.Host_COORDINATOR {
			coordinators = append(coordinators, host.Role)
		} else {
			expect(host.Role, spqr.Host_PRIMARY)
		}
	}
	if len(coordinators) > 0 {
		expectOneMaster(coordinators, spqr.Host_PRIMARY, spqr.Host_SECONDARY)
	}
	return hosts
}

// host is a host as the provider changes it: by its name, and one a call. The operation answers with nothing.
func (s spqrProvider) host(id, name string) *resource[*spqr.UpdateHostSpec, *spqr.Host] {
	read := func() *spqr.Host {
		return the(s.hosts(id), func(host *spqr.Host) bool { return host.Name == name })
	}
	return &resource[*spqr.UpdateHostSpec, *spqr.Host]{
		name: func() *spqr.UpdateHostSpec { return &spqr.UpdateHostSpec{HostName: name} },
		update: func(spec *spqr.UpdateHostSpec) error {
			metadata, _, err := finish[*spqr.UpdateClusterHostsMetadata, *emptypb.Empty](s.session)(
				s.clusters.UpdateHosts(s.ctx, &spqr.UpdateClusterHostsRequest{
					ClusterId: id, UpdateHostSpecs: []*spqr.UpdateHostSpec{spec},
				}))
			if err == nil {
				expectList(metadata.HostNames, name)
			}
			return err
		},
		read:       read,
		operations: func() []string { return s.operations(id) },
		shownAt:    asSent,
		state:      read(),
	}
}

func (s spqrProvider) addHost(id, text string) *spqr.Host {
	return s.addedHost(s.clusters.AddHosts(s.ctx, &spqr.AddClusterHostsRequest{
		ClusterId: id, HostSpecs: []*spqr.HostSpec{parse(&spqr.HostSpec{}, text)},
	}))(id)
}

// addedHost waits until a host has been added, and returns it as it is listed.
func (s spqrProvider) addedHost(started *operationpb.Operation, err error) func(id string) *spqr.Host {
	metadata, _ := finished[*spqr.AddClusterHostsMetadata, *emptypb.Empty](s.session)(started, err)
	expect(len(metadata.HostNames), 1)
	return func(id string) *spqr.Host {
		return the(s.hosts(id), func(host *spqr.Host) bool { return host.Name == metadata.HostNames[0] })
	}
}

// deleteHost deletes a host. If that was the primary, there is another at once, as every list of hosts sees.
func (s spqrProvider) deleteHost(id string, host *spqr.Host) {
	before := len(s.hosts(id))
	metadata, _ := finished[*spqr.DeleteClusterHostsMetadata, *emptypb.Empty](s.session)(
		s.clusters.DeleteHosts(s.ctx, &spqr.DeleteClusterHostsRequest{ClusterId: id, HostNames: []string{host.Name}}))
	expectList(metadata.HostNames, host.Name)
	expect(len(s.hosts(id)), before-1)
}
