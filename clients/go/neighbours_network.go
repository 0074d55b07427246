package main

import (
	"log"

	"github.com/yandex-cloud/go-genproto/yandex/cloud/vpc/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

var (
	zones  = []string{"ru-central1-a", "ru-central1-b"}
	ranges = []string{"10.1.0.0/24", "10.2.0.0/24"}
)

// surroundings is a network with all that belongs to it.
type surroundings struct {
	id, gateway, routeTable, securityGroup string
	subnets                                []*vpc.Subnet
}

// makeNetwork makes a network with a subnet in each of two zones, and with what the first needs to reach the world.
func (n neighbours) makeNetwork() *surroundings {
	metadata, network := finished[*vpc.CreateNetworkMetadata, *vpc.Network](n.session)(
		n.networks.Create(n.ctx, &vpc.CreateNetworkRequest{FolderId: defaultFolder, Name: "journey"}))
	expect(network.Id, metadata.NetworkId)
	expect(network.FolderId, defaultFolder)
	group := must(n.securityGroups.Get(n.ctx, &vpc.GetSecurityGroupRequest{SecurityGroupId: network.DefaultSecurityGroupId}))
	expect(group.NetworkId, network.Id)
	expect(group.DefaultForNetwork, true)

	made := &surroundings{id: network.Id}
	for place := range zones {
		made.subnets = append(made.subnets, n.makeSubnet(network.Id, place))
	}
	listed := must(n.networks.ListSubnets(n.ctx, &vpc.ListNetworkSubnetsRequest{NetworkId: network.Id}))
	expect(len(listed.Subnets), len(zones))
	made.gateway = n.makeGateway()
	made.routeTable = n.makeRouteTable(network.Id, made.gateway)
	n.link(made.subnets[0], made.routeTable)
	made.securityGroup = n.makeSecurityGroup(network.Id)
	return made
}

func (n neighbours) makeSubnet(network string, place int) *vpc.Subnet {
	metadata, subnet := finished[*vpc.CreateSubnetMetadata, *vpc.Subnet](n.session)(
		n.subnets.Create(n.ctx, &vpc.CreateSubnetRequest{
			FolderId:     defaultFolder,
			Name:         "journey-" + zones[place],
			NetworkId:    network,
			ZoneId:       zones[place],
			V4CidrBlocks: ranges[place : place+1],
		}))
	expect(subnet.Id, metadata.SubnetId)
	expect(subnet.NetworkId, network)
	expect(subnet.ZoneId, zones[place])
	expect(len(subnet.V4CidrBlocks), 1)
	expect(subnet.V4CidrBlocks[0], ranges[place])
	return subnet
}

func (n neighbours) makeGateway() string {
	metadata, gateway := finished[*vpc.CreateGatewayMetadata, *vpc.Gateway](n.session)(
		n.gateways.Create(n.ctx, &vpc.CreateGatewayRequest{
			FolderId: defaultFolder,
			Name:     "journey",
			Gateway:  &vpc.CreateGatewayRequest_SharedEgressGatewaySpec{SharedEgressGatewaySpec: &vpc.SharedEgressGatewaySpec{}},
		}))
	expect(gateway.Id, metadata.GatewayId)
	expect(gateway.GetSharedEgressGateway() != nil, true)
	return gateway.Id
}

func (n neighbours) makeRouteTable(network, gateway string) string {
	route := &vpc.StaticRoute{
		Destination: &vpc.StaticRoute_DestinationPrefix{DestinationPrefix: "0.0.0.0/0"},
		NextHop:     &vpc.StaticRoute_GatewayId{GatewayId: gateway},
	}
	metadata, table := finished[*vpc.CreateRouteTableMetadata, *vpc.RouteTable](n.session)(
		n.routeTables.Create(n.ctx, &vpc.CreateRouteTableRequest{
			FolderId: defaultFolder, Name: "journey", NetworkId: network, StaticRoutes: []*vpc.StaticRoute{route},
		}))
	expect(table.Id, metadata.RouteTableId)
	expect(table.NetworkId, network)
	expect(len(table.StaticRoutes), 1)
	expectSame(table.StaticRoutes[0], route)
	return table.Id
}

// link gives a subnet a route table, and nothing else.
func (n neighbours) link(subnet *vpc.Subnet, routeTable string) {
	_, updated := finished[*vpc.UpdateSubnetMetadata, *vpc.Subnet](n.session)(
		n.subnets.Update(n.ctx, &vpc.UpdateSubnetRequest{
			SubnetId:     subnet.Id,
			UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"route_table_id"}},
			RouteTableId: routeTable,
		}))
	subnet.RouteTableId = routeTable
	expectSame(updated, subnet)
	expectSame(must(n.subnets.Get(n.ctx, &vpc.GetSubnetRequest{SubnetId: subnet.Id})), subnet)
}

// makeSecurityGroup makes a group that lets MySQL in from inside, and all out; then it lets its own members in too.
func (n neighbours) makeSecurityGroup(network string) string {
	metadata, group := finished[*vpc.CreateSecurityGroupMetadata, *vpc.SecurityGroup](n.session)(
		n.securityGroups.Create(n.ctx, &vpc.CreateSecurityGroupRequest{
			FolderId:  defaultFolder,
			Name:      "journey",
			NetworkId: network,
			RuleSpecs: []*vpc.SecurityGroupRuleSpec{mysqlFromInside(), allToTheWorld()},
		}))
	expect(group.Id, metadata.SecurityGroupId)
	expect(group.NetworkId, network)
	expect(group.Status, vpc.SecurityGroup_ACTIVE)
	expect(group.DefaultForNetwork, false)
	expect(len(group.Rules), 2)
	expect(group.Rules[0].Direction, vpc.SecurityGroupRule_INGRESS)
	expectSame(group.Rules[0].Ports, mysqlFromInside().Ports)
	expectSame(group.Rules[0].GetCidrBlocks(), mysqlFromInside().GetCidrBlocks())
	expect(group.Rules[1].Direction, vpc.SecurityGroupRule_EGRESS)

	update, _ := finished[*vpc.UpdateSecurityGroupMetadata, *vpc.SecurityGroup](n.session)(
		n.securityGroups.UpdateRules(n.ctx, &vpc.UpdateSecurityGroupRulesRequest{
			SecurityGroupId:   group.Id,
			AdditionRuleSpecs: []*vpc.SecurityGroupRuleSpec{membersFromInside()},
		}))
	expect(len(update.AddedRuleIds), 1)
	rules := map[string]*vpc.SecurityGroupRule{}
	for _, rule := range must(n.securityGroups.Get(n.ctx, &vpc.GetSecurityGroupRequest{SecurityGroupId: group.Id})).Rules {
		rules[rule.Id] = rule
	}
	expect(len(rules), 3)
	expectSame(rules[group.Rules[0].Id], group.Rules[0])
	expectSame(rules[group.Rules[1].Id], group.Rules[1])
	expect(rules[update.AddedRuleIds[0]].GetPredefinedTarget(), "self_security_group")
	return group.Id
}

func mysqlFromInside() *vpc.SecurityGroupRuleSpec {
	return &vpc.SecurityGroupRuleSpec{
		Direction: vpc.SecurityGroupRule_INGRESS,
		Ports:     &vpc.PortRange{FromPort: 3306, ToPort: 3306},
		Protocol:  &vpc.SecurityGroupRuleSpec_ProtocolName{ProtocolName: "TCP"},
		Target: &vpc.SecurityGroupRuleSpec_CidrBlocks{
			CidrBlocks: &vpc.CidrBlocks{V4CidrBlocks: []string{"10.0.0.0/8"}},
		},
	}
}

func allToTheWorld() *vpc.SecurityGroupRuleSpec {
	return &vpc.SecurityGroupRuleSpec{
		Direction: vpc.SecurityGroupRule_EGRESS,
		Protocol:  &vpc.SecurityGroupRuleSpec_ProtocolName{ProtocolName: "ANY"},
		Target: &vpc.SecurityGroupRuleSpec_CidrBlocks{
			CidrBlocks: &vpc.CidrBlocks{V4CidrBlocks: []string{"0.0.0.0/0"}},
		},
	}
}

func membersFromInside() *vpc.SecurityGroupRuleSpec {
	return &vpc.SecurityGroupRuleSpec{
		Direction: vpc.SecurityGroupRule_INGRESS,
		Protocol:  &vpc.SecurityGroupRuleSpec_ProtocolName{ProtocolName: "ANY"},
		Target:    &vpc.SecurityGroupRuleSpec_PredefinedTarget{PredefinedTarget: "self_security_group"},
	}
}

// removeNetwork deletes the network, and first what is in it.
func (n neighbours) removeNetwork(network *surroundings) {
	finished[*vpc.DeleteSecurityGroupMetadata, *emptypb.Empty](n.session)(
		n.securityGroups.Delete(n.ctx, &vpc.DeleteSecurityGroupRequest{SecurityGroupId: network.securityGroup}))
	for _, subnet := range network.subnets {
		finished[*vpc.DeleteSubnetMetadata, *emptypb.Empty](n.session)(
			n.subnets.Delete(n.ctx, &vpc.DeleteSubnetRequest{SubnetId: subnet.Id}))
	}
	finished[*vpc.DeleteRouteTableMetadata, *emptypb.Empty](n.session)(
		n.routeTables.Delete(n.ctx, &vpc.DeleteRouteTableRequest{RouteTableId: network.routeTable}))
	finished[*vpc.DeleteGatewayMetadata, *emptypb.Empty](n.session)(
		n.gateways.Delete(n.ctx, &vpc.DeleteGatewayRequest{GatewayId: network.gateway}))
	finished[*vpc.DeleteNetworkMetadata, *emptypb.Empty](n.session)(
		n.networks.Delete(n.ctx, &vpc.DeleteNetworkRequest{NetworkId: network.id}))
}

// expectSame is expect for messages.
func expectSame(actual, wanted proto.Message) {
	if !proto.Equal(actual, wanted) {
		log.Panicf("got %v, but should be %v", actual, wanted)
	}
}
