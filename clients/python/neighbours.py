"""What stands beside clusters, by the official Python SDK, unchanged: networks, accounts, keys, and who may do what.

    mdb-emulator exec --strict -- clients/python/run neighbours.py

A network with all that belongs to it, a service account with keys, and a key of KMS are made; a MySQL cluster is made of them.
While it is there, nothing that it needs can be deleted. Roles are given and taken on four kinds of things. Ids that nobody
made are refused, which takes `--strict`. In the end all is deleted again, so the folder is left as it was. What comes back is
compared with what should; the first difference ends the run with 1.
"""

import argparse
import ipaddress
import os
from types import SimpleNamespace

import grpc
import yandexcloud
from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from yandex.cloud.access import access_pb2 as access

from journey import SETTINGS
from neighbours_network import FOLDER, make_network, vpc
from session import Api, Connection, equal, mysql, unpacked

iam, kms, resource_manager = (Api(service) for service in ("iam", "kms", "resourcemanager"))

NOBODYS = "enp00000000000000000"


class Journey:
    """The SDK's clients of the services that the journey calls."""

    def __init__(self, address):
        self.address = address
        self.connection = Connection(address)
        client = self.connection.client
        self.networks = client(vpc.NetworkServiceStub)
        self.subnets = client(vpc.SubnetServiceStub)
        self.gateways = client(vpc.GatewayServiceStub)
        self.route_tables = client(vpc.RouteTableServiceStub)
        self.security_groups = client(vpc.SecurityGroupServiceStub)
        self.accounts = client(iam.ServiceAccountServiceStub)
        self.keys = client(iam.KeyServiceStub)
        self.access_keys = client(iam.AccessKeyServiceStub)
        self.symmetric_keys = client(kms.SymmetricKeyServiceStub)
        self.folders = client(resource_manager.FolderServiceStub)
        self.clusters = client(mysql.ClusterServiceStub)

    def done(self, started, metadata, response=Empty):
        """Waits for an operation; returns its metadata and response, which must be of these types."""
        operation = self.connection.finished(started)
        return unpacked(operation.metadata, metadata), unpacked(operation.response, response)


def make_account(journey):
    """A service account with a key that it signs with, and an access key that it makes for itself."""
    request = iam.CreateServiceAccountRequest(folder_id=FOLDER, name="journey")
    started = journey.accounts.Create(request)
    metadata, account = journey.done(started, iam.CreateServiceAccountMetadata, iam.ServiceAccount)
    equal((account.id, account.folder_id), (metadata.service_account_id, FOLDER))

    created = journey.keys.Create(iam.CreateKeyRequest(service_account_id=account.id))
    key = created.key
    equal((key.service_account_id, key.key_algorithm), (account.id, iam.Key.RSA_2048))
    first_line = f"PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <{key.id}>"
    equal(created.private_key.splitlines()[:2], [first_line, "-----BEGIN PRIVATE KEY-----"])
    shown = journey.keys.Get(iam.GetKeyRequest(key_id=key.id))
    equal((shown.id, shown.public_key), (key.id, key.public_key))
    equal(b"PRIVATE" in shown.SerializeToString(), False)

    signer = {"id": key.id, "service_account_id": account.id, "private_key": created.private_key}
    access_key = make_access_key(journey, signer)
    return SimpleNamespace(id=account.id, signer=signer, access_key=access_key)


def make_access_key(journey, signer):
    """The account calls by itself: the SDK trades a JWT that it signs with the account's key. The new key is the caller's."""
    created = signing(journey, signer).Create(iam.CreateAccessKeyRequest())
    key = created.access_key
    equal(key.service_account_id, signer["service_account_id"])
    equal((len(key.key_id), key.key_id[:2]), (25, "YC"))
    equal((len(created.secret), created.secret[:2]), (40, "YC"))
    equal(journey.access_keys.Get(iam.GetAccessKeyRequest(access_key_id=key.id)).key_id, key.key_id)
    return key


def signing(journey, signer):
    """The client of access keys of whoever signs with this key."""
    return yandexcloud.SDK(endpoint=journey.address, service_account_key=signer).client(iam.AccessKeyServiceStub)


def check_signs_no_more(journey, signer):
    """There is no token for a key that is deleted, so the SDK does not get as far as the call."""
    code, text = refusal(signing(journey, signer).List, iam.ListAccessKeysRequest())
    equal((code, "StatusCode.UNAUTHENTICATED" in text), (grpc.StatusCode.UNAVAILABLE, True))


def make_symmetric_key(journey):
    """A key of KMS that is rotated once."""
    request = kms.CreateSymmetricKeyRequest(
        folder_id=FOLDER, name="journey", default_algorithm=kms.AES_256, rotation_period=Duration(seconds=86_400)
    )
    started = journey.symmetric_keys.Create(request)
    metadata, key = journey.done(started, kms.CreateSymmetricKeyMetadata, kms.SymmetricKey)
    equal((metadata.key_id, metadata.primary_version_id), (key.id, key.primary_version.id))
    equal((key.status, key.default_algorithm), (kms.SymmetricKey.ACTIVE, kms.AES_256))
    equal(key.rotation_period, request.rotation_period)

    started = journey.symmetric_keys.Rotate(kms.RotateSymmetricKeyRequest(key_id=key.id))
    rotation, rotated = journey.done(started, kms.RotateSymmetricKeyMetadata, kms.SymmetricKey)
    equal((rotation.key_id, rotation.new_primary_version_id), (key.id, rotated.primary_version.id))
    request = kms.ListSymmetricKeyVersionsRequest(key_id=key.id)
    versions = journey.symmetric_keys.ListVersions(request).key_versions
    equal(len(versions), 2)
    primary = {version.id: version.primary for version in versions}
    equal(primary, {metadata.primary_version_id: False, rotation.new_primary_version_id: True})
    return key


def make_cluster(journey, network, key):
    """A cluster whose hosts find their subnets by their zones, and have addresses there."""
    request = mysql.CreateClusterRequest(
        folder_id=FOLDER,
        name="journey",
        network_id=network.id,
        security_group_ids=[network.group.id],
        disk_encryption_key_id={"value": key.id},
        **SETTINGS[mysql],
    )
    started = journey.clusters.Create(request)
    metadata, cluster = journey.done(started, mysql.CreateClusterMetadata, mysql.Cluster)
    equal((cluster.id, cluster.network_id), (metadata.cluster_id, network.id))
    equal(list(cluster.security_group_ids), [network.group.id])
    equal(cluster.disk_encryption_key_id.value, key.id)

    hosts = journey.clusters.ListHosts(mysql.ListClusterHostsRequest(cluster_id=cluster.id)).hosts
    places = {host.zone_id: host.subnet_id for host in hosts}
    equal(places, {subnet.zone_id: subnet.id for subnet in network.subnets})
    for subnet in network.subnets:
        check_address(journey, subnet, cluster.id)
    return cluster


def check_address(journey, subnet, cluster_id):
    """The cluster has one address in the subnet."""
    used = journey.subnets.ListUsedAddresses(vpc.ListUsedAddressesRequest(subnet_id=subnet.id)).addresses
    users = [(row.address, reference.referrer) for row in used for reference in row.references]
    addresses = [address for address, user in users if (user.type, user.id) == ("managed-mysql.cluster", cluster_id)]
    equal(len(addresses), 1)
    equal(ipaddress.ip_address(addresses[0]) in ipaddress.ip_network(subnet.v4_cidr_blocks[0]), True)


def check_in_use(journey, network):
    """Nothing that the cluster needs can be deleted."""
    in_use = grpc.StatusCode.FAILED_PRECONDITION
    whole = vpc.DeleteNetworkRequest(network_id=network.id)
    equal(refusal(journey.networks.Delete, whole), (in_use, f"Network {network.id} is not empty"))
    first = vpc.DeleteSubnetRequest(subnet_id=network.subnets[0].id)
    equal(refusal(journey.subnets.Delete, first), (in_use, "Subnet has allocated instances"))
    group = vpc.DeleteSecurityGroupRequest(security_group_id=network.group.id)
    told = f"Security group with id {network.group.id} not empty"
    equal(refusal(journey.security_groups.Delete, group), (in_use, told))


def check_bindings(journey, client, resource_id, account_id, result=access.AccessBindingsOperationResult):
    """Gives roles on one thing, and takes them. KMS answers with nothing, the others with what changed, in whatever order."""
    viewer = binding("viewer", account_id, "serviceAccount")
    editor = binding("editor", "allAuthenticatedUsers", "system")
    add, remove = access.ADD, access.REMOVE

    def change(started, metadata, *deltas):
        told, changed = journey.done(started, metadata, result)
        equal(told.resource_id, resource_id)
        if result is not Empty:
            changes = [(delta.action, delta.access_binding) for delta in changed.effective_deltas]
            equal(sorted(changes, key=lambda delta: delta[0]), list(deltas))

    def replace(bindings, *deltas):
        request = access.SetAccessBindingsRequest(resource_id=resource_id, access_bindings=bindings)
        change(client.SetAccessBindings(request), access.SetAccessBindingsMetadata, *deltas)
        equal(listed(), bindings)

    def listed():
        request = access.ListAccessBindingsRequest(resource_id=resource_id)
        return list(client.ListAccessBindings(request).access_bindings)

    replace([viewer], (add, viewer))
    deltas = [(add, editor), (remove, viewer)]
    request = access.UpdateAccessBindingsRequest(
        resource_id=resource_id,
        access_binding_deltas=[access.AccessBindingDelta(action=action, access_binding=of) for action, of in deltas],
    )
    change(client.UpdateAccessBindings(request), access.UpdateAccessBindingsMetadata, *deltas)
    equal(listed(), [editor])
    replace([], (remove, editor))


def binding(role_id, subject_id, subject_type):
    return access.AccessBinding(role_id=role_id, subject=access.Subject(id=subject_id, type=subject_type))


def check_unknown(journey, network):
    """What nobody made cannot be referred to."""
    subnet = vpc.CreateSubnetRequest(
        folder_id=FOLDER, network_id=NOBODYS, zone_id="ru-central1-a", v4_cidr_blocks=["10.3.0.0/24"]
    )
    not_found = grpc.StatusCode.NOT_FOUND
    equal(refusal(journey.subnets.Create, subnet), (not_found, f"Network {NOBODYS} not found"))
    cluster = mysql.CreateClusterRequest(
        folder_id=FOLDER, name="unknown", network_id=network.id, security_group_ids=[NOBODYS], **SETTINGS[mysql]
    )
    equal(refusal(journey.clusters.Create, cluster), (not_found, f"Security group {NOBODYS} not found"))


def refusal(call, request):
    """The code and the text that a call is refused with."""
    try:
        answer = call(request)
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError(f"it should be refused, but was answered: {answer}")


def delete_all(journey, network, account, key, cluster):
    """Deletes each thing once nothing needs it any more."""

    def delete(client, service, kind, response=Empty, **ids):
        started = client.Delete(vars(service)[f"Delete{kind}Request"](**ids))
        metadata, deleted = journey.done(started, vars(service)[f"Delete{kind}Metadata"], response)
        equal({field.name: value for field, value in metadata.ListFields()}, ids)
        return deleted

    delete(journey.clusters, mysql, "Cluster", cluster_id=cluster.id)
    delete(journey.security_groups, vpc, "SecurityGroup", security_group_id=network.group.id)
    for subnet in network.subnets:
        delete(journey.subnets, vpc, "Subnet", subnet_id=subnet.id)
    delete(journey.route_tables, vpc, "RouteTable", route_table_id=network.table.id)
    delete(journey.gateways, vpc, "Gateway", gateway_id=network.gateway.id)
    delete(journey.networks, vpc, "Network", network_id=network.id)
    delete(journey.keys, iam, "Key", key_id=account.signer["id"])
    check_signs_no_more(journey, account.signer)
    delete(journey.access_keys, iam, "AccessKey", access_key_id=account.access_key.id)
    delete(journey.accounts, iam, "ServiceAccount", service_account_id=account.id)
    equal(delete(journey.symmetric_keys, kms, "SymmetricKey", kms.SymmetricKey, key_id=key.id).id, key.id)

    gone = vpc.GetNetworkRequest(network_id=network.id)
    told = f"Network {network.id} not found"
    equal(refusal(journey.networks.Get, gone), (grpc.StatusCode.NOT_FOUND, told))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", default=os.environ.get("MDB_EMULATOR_ADDRESS", "127.0.0.1:7300"))
    journey = Journey(parser.parse_args().address)
    network = make_network(journey)
    print(f"network {network.id} with subnets {', '.join(subnet.id for subnet in network.subnets)}", flush=True)
    account = make_account(journey)
    print(f"service account {account.id} with keys {account.signer['id']} and {account.access_key.key_id}", flush=True)
    key = make_symmetric_key(journey)
    cluster = make_cluster(journey, network, key)
    print(f"cluster {cluster.id}, encrypted by {key.id}", flush=True)

    check_in_use(journey, network)
    check_bindings(journey, journey.folders, FOLDER, account.id)
    check_bindings(journey, journey.accounts, account.id, account.id)
    check_bindings(journey, journey.symmetric_keys, key.id, account.id, Empty)
    check_bindings(journey, journey.clusters, cluster.id, account.id)
    check_unknown(journey, network)
    delete_all(journey, network, account, key, cluster)
    print("refused what is in use and what nobody made, bound roles to four things, and deleted it all", flush=True)


if __name__ == "__main__":
    main()
