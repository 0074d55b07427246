package main

import (
	"fmt"
	"net/netip"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/access"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/iam/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/iam/v1/awscompatibility"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/kms/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/mdb/mysql/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/resourcemanager/v1"
	"github.com/yandex-cloud/go-genproto/yandex/cloud/vpc/v1"
	"github.com/yandex-cloud/go-sdk/services/mdb/mysql/v1"
	"github.com/yandex-cloud/go-sdk/v2/services/iam/v1"
	"github.com/yandex-cloud/go-sdk/v2/services/iam/v1/awscompatibility"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	defaultFolder = "b1gdefault0000000000"
	nobodys       = "enp00000000000000000"
)

// neighbours calls the services that clusters need. The SDK's own clients of IAM and MySQL wait by themselves; those of VPC, KMS and
// the resource manager come in modules of their own, which not every module proxy serves: their stubs on the SDK's connection.
type neighbours struct {
	session
	address        string
	networks       vpc.NetworkServiceClient
	subnets        vpc.SubnetServiceClient
	gateways       vpc.GatewayServiceClient
	routeTables    vpc.RouteTableServiceClient
	securityGroups vpc.SecurityGroupServiceClient
	symmetricKeys  kms.SymmetricKeyServiceClient
	folders        resourcemanager.FolderServiceClient
	accounts       iamsdk.ServiceAccountClient
	keys           iamsdk.KeyClient
	accessKeys     awscompatibilitysdk.AccessKeyClient
	clusters       mysqlsdk.ClusterClient
}

func newNeighbours(s session, address string) neighbours {
	network := s.connection("yandex.cloud.vpc.v1.NetworkService.Create")
	return neighbours{
		session:        s,
		address:        address,
		networks:       vpc.NewNetworkServiceClient(network),
		subnets:        vpc.NewSubnetServiceClient(network),
		gateways:       vpc.NewGatewayServiceClient(network),
		routeTables:    vpc.NewRouteTableServiceClient(network),
		securityGroups: vpc.NewSecurityGroupServiceClient(network),
		symmetricKeys:  kms.NewSymmetricKeyServiceClient(s.connection("yandex.cloud.kms.v1.SymmetricKeyService.Create")),
		folders: resourcemanager.NewFolderServiceClient(
			s.connection("yandex.cloud.resourcemanager.v1.FolderService.SetAccessBindings")),
		accounts:   iamsdk.NewServiceAccountClient(s.sdk),
		keys:       iamsdk.NewKeyClient(s.sdk),
		accessKeys: awscompatibilitysdk.NewAccessKeyClient(s.sdk),
		clusters:   mysqlsdk.NewClusterClient(s.sdk),
	}
}

// lifeOfNeighbours makes a network with all that belongs to it, a service account with keys, a key of KMS, and a MySQL cluster of
// them. While the cluster is there, nothing that it needs can be deleted. Roles are given and taken on four kinds of things. Ids that
// nobody made are refused, as long as the emulator is strict. In the end all is deleted again, so the folder is left as it was.
func lifeOfNeighbours(n neighbours) {
	network := n.makeNetwork()
	fmt.Println("network", network.id, "with subnets", network.subnets[0].Id, "and", network.subnets[1].Id)
	account := n.makeAccount()
	fmt.Println("service account", account.id, "with keys", account.key.Id, "and", account.accessKey.KeyId)
	key := n.makeSymmetricKey()
	cluster := n.makeCluster(network, key)
	fmt.Println("cluster", cluster, "encrypted by", key)

	n.checkInUse(network)
	accounts := iam.NewServiceAccountServiceClient(n.connection("yandex.cloud.iam.v1.ServiceAccountService.SetAccessBindings"))
	clusters := mysql.NewClusterServiceClient(n.connection("yandex.cloud.mdb.mysql.v1.ClusterService.SetAccessBindings"))
	checkBindings[*access.AccessBindingsOperationResult](n.session, n.folders, defaultFolder, account.id)
	checkBindings[*access.AccessBindingsOperationResult](n.session, accounts, account.id, account.id)
	checkBindings[*emptypb.Empty](n.session, n.symmetricKeys, key, account.id)
	checkBindings[*access.AccessBindingsOperationResult](n.session, clusters, cluster, account.id)
	n.checkUnknown(network)
	n.removeAll(network, account, key, cluster)
	fmt.Println("refused what is in use and what nobody made, bound roles to four things, and deleted it all")
}

// clusterOf is the request that makes a cluster with a host in each zone, in the subnets that are there.
func clusterOf(network string, securityGroups ...string) *mysql.CreateClusterRequest {
	return &mysql.CreateClusterRequest{
		FolderId:         defaultFolder,
		Name:             "journey",
		Environment:      mysql.Cluster_PRODUCTION,
		ConfigSpec:       mysqlEngine{}.config(),
		HostSpecs:        []*mysql.HostSpec{{ZoneId: zones[0]}, {ZoneId: zones[1]}},
		NetworkId:        network,
		SecurityGroupIds: securityGroups,
	}
}

// makeCluster makes a cluster whose hosts find their subnets by their zones, and have addresses there.
func (n neighbours) makeCluster(network *surroundings, key string) string {
	request := clusterOf(network.id, network.securityGroup)
	request.DiskEncryptionKeyId = wrapperspb.String(key)
	operation := must(n.clusters.Create(n.ctx, request))
	cluster := must(operation.Wait(n.ctx))
	expect(cluster.Id, operation.Metadata().ClusterId)
	expect(cluster.NetworkId, network.id)
	expect(len(cluster.SecurityGroupIds), 1)
	expect(cluster.SecurityGroupIds[0], network.securityGroup)
	expect(cluster.DiskEncryptionKeyId.GetValue(), key)

	hosts := must(n.clusters.ListHosts(n.ctx, &mysql.ListClusterHostsRequest{ClusterId: cluster.Id})).Hosts
	places := map[string]string{}
	for _, host := range hosts {
		places[host.ZoneId] = host.SubnetId
	}
	expect(len(hosts), len(network.subnets))
	for _, subnet := range network.subnets {
		expect(places[subnet.ZoneId], subnet.Id)
		n.checkAddress(subnet, cluster.Id)
	}
	return cluster.Id
}

// checkAddress sees that a cluster has one address in a subnet.
func (n neighbours) checkAddress(subnet *vpc.Subnet, cluster string) {
	used := must(n.subnets.ListUsedAddresses(n.ctx, &vpc.ListUsedAddressesRequest{SubnetId: subnet.Id}))
	count := 0
	for _, row := range used.Addresses {
		for _, reference := range row.References {
			if reference.Referrer.Type == "managed-mysql.cluster" && reference.Referrer.Id == cluster {
				count++
				block := must(netip.ParsePrefix(subnet.V4CidrBlocks[0]))
				expect(block.Contains(must(netip.ParseAddr(row.Address))), true)
			}
		}
	}
	expect(count, 1)
}

// checkInUse sees that nothing that the cluster needs can be deleted.
func (n neighbours) checkInUse(network *surroundings) {
	_, err := n.networks.Delete(n.ctx, &vpc.DeleteNetworkRequest{NetworkId: network.id})
	expectRefusal(err, codes.FailedPrecondition, "Network "+network.id+" is not empty")
	_, err = n.subnets.Delete(n.ctx, &vpc.DeleteSubnetRequest{SubnetId: network.subnets[0].Id})
	expectRefusal(err, codes.FailedPrecondition, "Subnet has allocated instances")
	_, err = n.securityGroups.Delete(n.ctx, &vpc.DeleteSecurityGroupRequest{SecurityGroupId: network.securityGroup})
	expectRefusal(err, codes.FailedPrecondition, "Security group with id "+network.securityGroup+" not empty")
}

// checkUnknown sees that what nobody made cannot be referred to.
func (n neighbours) checkUnknown(network *surroundings) {
	_, err := n.subnets.Create(n.ctx, &vpc.CreateSubnetRequest{
		FolderId: defaultFolder, NetworkId: nobodys, ZoneId: zones[0], V4CidrBlocks: []string{"10.3.0.0/24"},
	})
	expectRefusal(err, codes.NotFound, "Network "+nobodys+" not found")
	_, err = n.clusters.Create(n.ctx, clusterOf(network.id, nobodys))
	expectRefusal(err, codes.NotFound, "Security group "+nobodys+" not found")
}

// removeAll deletes each thing once nothing needs it any more.
func (n neighbours) removeAll(network *surroundings, account *serviceAccount, key, cluster string) {
	must(must(n.clusters.Delete(n.ctx, &mysql.DeleteClusterRequest{ClusterId: cluster})).Wait(n.ctx))
	n.removeNetwork(network)
	must(must(n.keys.Delete(n.ctx, &iam.DeleteKeyRequest{KeyId: account.key.Id})).Wait(n.ctx))
	n.checkSignsNoMore(account)
	accessKey := &awscompatibility.DeleteAccessKeyRequest{AccessKeyId: account.accessKey.Id}
	must(must(n.accessKeys.Delete(n.ctx, accessKey)).Wait(n.ctx))
	must(must(n.accounts.Delete(n.ctx, &iam.DeleteServiceAccountRequest{ServiceAccountId: account.id})).Wait(n.ctx))
	_, deleted := finished[*kms.DeleteSymmetricKeyMetadata, *kms.SymmetricKey](n.session)(
		n.symmetricKeys.Delete(n.ctx, &kms.DeleteSymmetricKeyRequest{KeyId: key}))
	expect(deleted.Id, key)

	_, err := n.networks.Get(n.ctx, &vpc.GetNetworkRequest{NetworkId: network.id})
	expectRefusal(err, codes.NotFound, "Network "+network.id+" not found")
}

// expectRefusal ends the program if a call was not refused with this code and this text.
func expectRefusal(err error, code codes.Code, text string) {
	refusal := status.Convert(err)
	expect(refusal.Code(), code)
	expect(refusal.Message(), text)
}
