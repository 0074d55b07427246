"""A MySQL cluster by the SDK's helpers: find a network, create, describe otherwise, add a host, delete.

    mdb-emulator exec -- clients/python/run examples/mysql.py

It takes the endpoint, token and folder of the environment, so the same file runs against the cloud.
"""

import logging
import os

import grpc
import yandexcloud
from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask
from yandex.cloud.mdb.mysql.v1 import cluster_pb2, cluster_service_pb2, database_pb2, user_pb2
from yandex.cloud.mdb.mysql.v1.cluster_service_pb2_grpc import ClusterServiceStub

ZONE = "ru-central1-b"


def main():
    logging.basicConfig(level=logging.INFO)
    retries = yandexcloud.RetryInterceptor(max_retry_count=5, retriable_codes=[grpc.StatusCode.UNAVAILABLE])
    sdk = yandexcloud.SDK(
        interceptor=retries,
        iam_token=os.environ["YC_TOKEN"],
        endpoint=os.environ.get("YC_ENDPOINT"),
    )
    folder_id = os.environ["YC_FOLDER_ID"]
    network_id = sdk.helpers.find_network_id(folder_id)
    subnet_id = sdk.helpers.find_subnet_id(folder_id, ZONE, network_id)

    cluster = create(sdk, folder_id, network_id, subnet_id)
    try:
        describe(sdk, cluster.id, "New description")
        add_host(sdk, cluster.id, subnet_id)
    finally:
        delete(sdk, cluster.id)


def create(sdk, folder_id, network_id, subnet_id):
    request = cluster_service_pb2.CreateClusterRequest(
        folder_id=folder_id,
        name="mysql-example",
        description="Made by an example",
        environment=cluster_pb2.Cluster.PRODUCTION,
        network_id=network_id,
        config_spec=cluster_service_pb2.ConfigSpec(
            version="8.0",
            resources=cluster_pb2.Resources(
                resource_preset_id="s2.micro",
                disk_type_id="network-ssd",
                disk_size=10 * 1024**3,
            ),
        ),
        database_specs=[database_pb2.DatabaseSpec(name="db1")],
        user_specs=[
            user_pb2.UserSpec(
                name="user1",
                password="password123",
                permissions=[user_pb2.Permission(database_name="db1")],
            )
        ],
        host_specs=[host(subnet_id)],
    )
    operation = sdk.client(ClusterServiceStub).Create(request)
    result = sdk.wait_operation_and_get_result(
        operation,
        response_type=cluster_pb2.Cluster,
        meta_type=cluster_service_pb2.CreateClusterMetadata,
    )
    assert result.response.id == result.meta.cluster_id
    assert result.response.network_id == network_id
    return result.response


def describe(sdk, cluster_id, description):
    request = cluster_service_pb2.UpdateClusterRequest(
        cluster_id=cluster_id,
        update_mask=FieldMask(paths=["description"]),
        description=description,
    )
    result = sdk.create_operation_and_get_result(
        request,
        service=ClusterServiceStub,
        method_name="Update",
        response_type=cluster_pb2.Cluster,
        meta_type=cluster_service_pb2.UpdateClusterMetadata,
    )
    assert result.response.description == description


def add_host(sdk, cluster_id, subnet_id):
    request = cluster_service_pb2.AddClusterHostsRequest(cluster_id=cluster_id, host_specs=[host(subnet_id)])
    sdk.create_operation_and_get_result(
        request,
        service=ClusterServiceStub,
        method_name="AddHosts",
        meta_type=cluster_service_pb2.AddClusterHostsMetadata,
    )
    hosts = sdk.client(ClusterServiceStub).ListHosts(
        cluster_service_pb2.ListClusterHostsRequest(cluster_id=cluster_id)
    )
    assert len(hosts.hosts) == 2


def delete(sdk, cluster_id):
    sdk.create_operation_and_get_result(
        cluster_service_pb2.DeleteClusterRequest(cluster_id=cluster_id),
        service=ClusterServiceStub,
        method_name="Delete",
        response_type=Empty,
        meta_type=cluster_service_pb2.DeleteClusterMetadata,
    )


def host(subnet_id):
    return cluster_service_pb2.HostSpec(zone_id=ZONE, subnet_id=subnet_id)


if __name__ == "__main__":
    main()
