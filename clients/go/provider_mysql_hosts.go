package main

import (
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/mysql/v1"
	"google.golang.org/protobuf/types/known/emptypb"
)

// lifeOfMysqlHosts changes the hosts of a cluster, in the order in which the provider does it. The provider fills in all fields of a host
// whatever it changes: the mask tells which of them count.
func lifeOfMysqlHosts(p provider) {
	m := newMysqlProvider(p)
	id := m.create(`name: "hosts" environment: PRESTABLE ` + mysqlConfig("8.0") + `
		host_specs { zone_id: "ru-central1-a" backup_priority: 5 priority: 10 }
		host_specs { zone_id: "ru-central1-b" } host_specs { zone_id: "ru-central1-d" }`)
	hosts := m.hosts(id)
	for _, host := range hosts {
		expect(host.SubnetId != "", true)
	}
	expect(hosts[0].BackupPriority, 5)
	expect(hosts[0].Priority, 10)

	// A source cannot be told at Create, when no host has a name yet: it follows at once.
	m.host(id, hosts[2].Name).change(change{"replication_source", source(hosts[1].Name)})
	m.host(id, hosts[1].Name).changeEach([]change{
		{"assign_public_ip", "assign_public_ip: true backup_priority: 1 priority: 1"},
		{"backup_priority", "assign_public_ip: false backup_priority: 7 priority: 1"},
		{"priority", source(hosts[0].Name) + " priority: 3"},
		{"backup_priority priority assign_public_ip", ""},
	})
	added := m.addHost(id, `zone_id: "ru-central1-a" priority: 6 backup_priority: 2`)
	cascade := m.host(id, added.Name)
	cascade.changeEach([]change{
		{"replication_source", source(hosts[0].Name) + " assign_public_ip: true"},
		{"replication_source", source(hosts[1].Name)},
		{"replication_source", ""},
		{"replication_source assign_public_ip backup_priority priority",
			source(hosts[1].Name) + " assign_public_ip: true backup_priority: 9 priority: 8"},
		{"replication_source", ""},
	})
	m.deleteHost(id, hosts[2].Name)
	m.deleteHost(id, m.master(id))
	m.deleteHost(id, m.master(id))
	expect(len(m.hosts(id)), 1)
	must(0, m.remove(id))
}

// source is where a host is to copy from.
func source(name string) string {
	return `replication_source: "` + name + `"`
}

// hosts lists the hosts. One of them is the master, and each of the others a replica.
func (m mysqlProvider) hosts(id string) []*mysql.Host {
	hosts := all(func(token string) ([]*mysql.Host, string) {
		page := must(m.clusters.ListHosts(m.ctx, &mysql.ListClusterHostsRequest{ClusterId: id, PageSize: wholeList, PageToken: token}))
		return page.Hosts, page.NextPageToken
	})
	expectOneMaster(each(hosts, (*mysql.Host).GetRole), mysql.Host_MASTER, mysql.Host_REPLICA)
	return hosts
}

func (m mysqlProvider) master(id string) string {
	return the(m.hosts(id), func(host *mysql.Host) bool { return host.Role == mysql.Host_MASTER }).Name
}

// host is a host as the provider changes it: by its name, and one a call. The operation answers with nothing.
func (m mysqlProvider) host(id, name string) *resource[*mysql.UpdateHostSpec, *mysql.Host] {
	read := func() *mysql.Host {
		return the(m.hosts(id), func(host *mysql.Host) bool { return host.Name == name })
	}
	return &resource[*mysql.UpdateHostSpec, *mysql.Host]{
		name: func() *mysql.UpdateHostSpec { return &mysql.UpdateHostSpec{HostName: name} },
		update: func(spec *mysql.UpdateHostSpec) error {
			metadata, _, err := finish[*mysql.UpdateClusterHostsMetadata, *emptypb.Empty](m.session)(
				m.clusters.UpdateHosts(m.ctx, &mysql.UpdateClusterHostsRequest{
					ClusterId: id, UpdateHostSpecs: []*mysql.UpdateHostSpec{spec},
				}))
			if err == nil {
				expectList(metadata.HostNames, name)
			}
			return err
		},
		read:       read,
		operations: func() []string { return m.operations(id) },
		shownAt:    asSent,
		state:      read(),
	}
}

// addHost adds a host, and returns it as it is listed.
func (m mysqlProvider) addHost(id, text string) *mysql.Host {
	metadata, _ := finished[*mysql.AddClusterHostsMetadata, *emptypb.Empty](m.session)(
		m.clusters.AddHosts(m.ctx, &mysql.AddClusterHostsRequest{
			ClusterId: id, HostSpecs: []*mysql.HostSpec{parse(&mysql.HostSpec{}, text)},
		}))
	expect(len(metadata.HostNames), 1)
	host := the(m.hosts(id), func(host *mysql.Host) bool { return host.Name == metadata.HostNames[0] })
	expect(host.SubnetId != "", true)
	return host
}

// deleteHost deletes a host. If that was the master, there is another at once, as every list of hosts sees.
func (m mysqlProvider) deleteHost(id, name string) {
	before := len(m.hosts(id))
	metadata, _ := finished[*mysql.DeleteClusterHostsMetadata, *emptypb.Empty](m.session)(
		m.clusters.DeleteHosts(m.ctx, &mysql.DeleteClusterHostsRequest{ClusterId: id, HostNames: []string{name}}))
	expectList(metadata.HostNames, name)
	expect(len(m.hosts(id)), before-1)
}
