"""The network of the journey among clusters' neighbours, with all that belongs to it; neighbours.py tells what it is for."""

from types import SimpleNamespace

from google.protobuf.field_mask_pb2 import FieldMask

from session import Api, equal

vpc = Api("vpc")

FOLDER = "b1gdefault0000000000"
RANGES = {"ru-central1-a": "10.1.0.0/24", "ru-central1-b": "10.2.0.0/24"}


def make_network(journey):
    """A network with a subnet in each of two zones, and with what the first needs to reach the world."""
    request = vpc.CreateNetworkRequest(folder_id=FOLDER, name="journey", labels={"made-by": "journey"})
    metadata, network = journey.done(journey.networks.Create(request), vpc.CreateNetworkMetadata, vpc.Network)
    equal((network.id, network.folder_id, network.name), (metadata.network_id, FOLDER, "journey"))
    equal(dict(network.labels), {"made-by": "journey"})
    default = vpc.GetSecurityGroupRequest(security_group_id=network.default_security_group_id)
    default = journey.security_groups.Get(default)
    equal((default.network_id, default.default_for_network), (network.id, True))

    subnets = [make_subnet(journey, network.id, zone) for zone in RANGES]
    listed = journey.networks.ListSubnets(vpc.ListNetworkSubnetsRequest(network_id=network.id)).subnets
    equal({subnet.id for subnet in listed}, {subnet.id for subnet in subnets})
    gateway = make_gateway(journey)
    table = make_route_table(journey, network.id, gateway.id)
    link(journey, subnets[0], table.id)
    group = make_security_group(journey, network.id)
    add_rule(journey, group)
    return SimpleNamespace(id=network.id, subnets=subnets, gateway=gateway, table=table, group=group)


def make_subnet(journey, network_id, zone):
    request = vpc.CreateSubnetRequest(
        folder_id=FOLDER, name=f"journey-{zone}", network_id=network_id, zone_id=zone, v4_cidr_blocks=[RANGES[zone]]
    )
    metadata, subnet = journey.done(journey.subnets.Create(request), vpc.CreateSubnetMetadata, vpc.Subnet)
    equal((subnet.id, subnet.network_id, subnet.zone_id), (metadata.subnet_id, network_id, zone))
    equal(list(subnet.v4_cidr_blocks), [RANGES[zone]])
    return subnet


def make_gateway(journey):
    request = vpc.CreateGatewayRequest(
        folder_id=FOLDER, name="journey", shared_egress_gateway_spec=vpc.SharedEgressGatewaySpec()
    )
    metadata, gateway = journey.done(journey.gateways.Create(request), vpc.CreateGatewayMetadata, vpc.Gateway)
    equal((gateway.id, gateway.WhichOneof("gateway")), (metadata.gateway_id, "shared_egress_gateway"))
    return gateway


def make_route_table(journey, network_id, gateway_id):
    route = vpc.StaticRoute(destination_prefix="0.0.0.0/0", gateway_id=gateway_id)
    request = vpc.CreateRouteTableRequest(
        folder_id=FOLDER, name="journey", network_id=network_id, static_routes=[route]
    )
    started = journey.route_tables.Create(request)
    metadata, table = journey.done(started, vpc.CreateRouteTableMetadata, vpc.RouteTable)
    equal((table.id, table.network_id), (metadata.route_table_id, network_id))
    equal(list(table.static_routes), [route])
    return table


def link(journey, subnet, route_table_id):
    """Gives a subnet a route table, and nothing else."""
    request = vpc.UpdateSubnetRequest(
        subnet_id=subnet.id, update_mask=FieldMask(paths=["route_table_id"]), route_table_id=route_table_id
    )
    _, updated = journey.done(journey.subnets.Update(request), vpc.UpdateSubnetMetadata, vpc.Subnet)
    subnet.route_table_id = route_table_id
    equal(updated, subnet)
    equal(journey.subnets.Get(vpc.GetSubnetRequest(subnet_id=subnet.id)), subnet)


def make_security_group(journey, network_id):
    """A group that lets MySQL in from inside, and all out."""
    ingress = vpc.SecurityGroupRuleSpec(
        direction=vpc.SecurityGroupRule.INGRESS,
        protocol_name="TCP",
        ports=vpc.PortRange(from_port=3306, to_port=3306),
        cidr_blocks=vpc.CidrBlocks(v4_cidr_blocks=["10.0.0.0/8"]),
    )
    egress = vpc.SecurityGroupRuleSpec(
        direction=vpc.SecurityGroupRule.EGRESS,
        protocol_name="ANY",
        cidr_blocks=vpc.CidrBlocks(v4_cidr_blocks=["0.0.0.0/0"]),
    )
    request = vpc.CreateSecurityGroupRequest(
        folder_id=FOLDER, name="journey", network_id=network_id, rule_specs=[ingress, egress]
    )
    started = journey.security_groups.Create(request)
    metadata, group = journey.done(started, vpc.CreateSecurityGroupMetadata, vpc.SecurityGroup)
    equal((group.id, group.network_id), (metadata.security_group_id, network_id))
    equal((group.status, group.default_for_network), (vpc.SecurityGroup.ACTIVE, False))
    equal([(rule.direction, rule.protocol_name) for rule in group.rules], [(1, "TCP"), (2, "ANY")])
    equal((group.rules[0].ports, group.rules[0].cidr_blocks), (ingress.ports, ingress.cidr_blocks))
    return group


def add_rule(journey, group):
    """Lets the group's own members in; of all rules only the new one has a new id."""
    spec = vpc.SecurityGroupRuleSpec(
        direction=vpc.SecurityGroupRule.INGRESS, protocol_name="ANY", predefined_target="self_security_group"
    )
    request = vpc.UpdateSecurityGroupRulesRequest(security_group_id=group.id, addition_rule_specs=[spec])
    started = journey.security_groups.UpdateRules(request)
    metadata, updated = journey.done(started, vpc.UpdateSecurityGroupMetadata, vpc.SecurityGroup)
    equal(len(metadata.added_rule_ids), 1)
    shown = journey.security_groups.Get(vpc.GetSecurityGroupRequest(security_group_id=group.id))
    equal(shown, updated)
    ids = {rule.id: rule for rule in shown.rules}
    equal(set(ids), {rule.id for rule in group.rules} | set(metadata.added_rule_ids))
    equal(ids[metadata.added_rule_ids[0]].predefined_target, "self_security_group")
