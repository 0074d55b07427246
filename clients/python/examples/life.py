"""What the examples share: the life of a cluster by the SDK's helpers, the same for every engine."""

import logging
import os

import grpc
import yandexcloud
from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask

ZONE = "ru-central1-b"


def live(stub, clusters, service, **settings):
    """Takes a cluster with these settings through its life. The modules are those of an engine's messages: of the cluster, and of
    its service."""
    logging.basicConfig(level=logging.INFO)
    retries = yandexcloud.RetryInterceptor(max_retry_count=5, retriable_codes=[grpc.StatusCode.UNAVAILABLE])
    sdk = yandexcloud.SDK(
        interceptor=retries, iam_token=os.environ["YC_TOKEN"], endpoint=os.environ.get("YC_ENDPOINT")
    )
    folder_id = os.environ["YC_FOLDER_ID"]
    network_id = sdk.helpers.find_network_id(folder_id)
    subnet_id = sdk.helpers.find_subnet_id(folder_id, ZONE, network_id)
    host = service.HostSpec(zone_id=ZONE, subnet_id=subnet_id)

    def finish(operation, metadata, response=None):
        return sdk.wait_operation_and_get_result(operation, response_type=response, meta_type=metadata)

    def call(method, request, metadata, response=None):
        return sdk.create_operation_and_get_result(
            request, service=stub, method_name=method, response_type=response, meta_type=metadata
        )

    create = service.CreateClusterRequest(
        folder_id=folder_id,
        description="Made by an example",
        environment=clusters.Cluster.PRODUCTION,
        network_id=network_id,
        host_specs=[host],
        **settings,
    )
    created = finish(sdk.client(stub).Create(create), service.CreateClusterMetadata, clusters.Cluster)
    cluster_id = created.meta.cluster_id
    try:
        equal((created.response.id, created.response.network_id), (cluster_id, network_id))

        update = service.UpdateClusterRequest(
            cluster_id=cluster_id, update_mask=FieldMask(paths=["description"]), description="New description"
        )
        updated = call("Update", update, service.UpdateClusterMetadata, clusters.Cluster)
        equal(updated.response.description, "New description")

        added = call(
            "AddHosts",
            service.AddClusterHostsRequest(cluster_id=cluster_id, host_specs=[host]),
            service.AddClusterHostsMetadata,
        )
        equal(len(added.meta.host_names), 1)
        listed = sdk.client(stub).ListHosts(service.ListClusterHostsRequest(cluster_id=cluster_id)).hosts
        equal([host.subnet_id for host in listed], [subnet_id, subnet_id])
        equal(added.meta.host_names[0] in [host.name for host in listed], True)
    finally:
        call("Delete", service.DeleteClusterRequest(cluster_id=cluster_id), service.DeleteClusterMetadata, Empty)
    print(f"cluster {cluster_id} lived, and got host {added.meta.host_names[0]}")


def equal(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r}, but should be {wanted!r}")
