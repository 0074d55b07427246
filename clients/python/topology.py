"""Hosts, shards and failover by the official Python SDK."""

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from session import equal, mysql, redis, refused, spqr, sqlserver, unpacked

# The host that comes. SQL Server's clusters keep as many as they have.
ADDED = {
    redis: redis.HostSpec(zone_id="ru-central1-d", shard_name="shard1"),
    mysql: mysql.HostSpec(zone_id="ru-central1-d", priority=5),
    spqr: spqr.HostSpec(zone_id="ru-central1-d", type=spqr.Host.INFRA),
}

# How it is told which host is to lead: of Redis, whose shards have a master each, from which host the lead goes.
FAILOVERS = {
    redis: lambda old, new: {"host_names": [old]},
    mysql: lambda old, new: {"host_name": new},
    sqlserver: lambda old, new: {"host_name": new},
}


def change_hosts(connection, engine, cluster_id):
    """Gives a host a public address, adds one, lets it lead, and deletes the one that led; returns the names of the hosts."""
    clusters = connection.client(engine.ClusterServiceStub)
    before = list_hosts(clusters, engine, cluster_id)
    first = before[0].name
    check_update(connection, engine, cluster_id, first)

    if engine is sqlserver:
        newest = before[-1].name
    else:
        request = engine.AddClusterHostsRequest(cluster_id=cluster_id, host_specs=[ADDED[engine]])
        operation = connection.finished(clusters.AddHosts(request))
        (newest,) = unpacked(operation.metadata, engine.AddClusterHostsMetadata).host_names
        names = [host.name for host in list_hosts(clusters, engine, cluster_id)]
        equal(names, [*(host.name for host in before), newest])

    if engine in FAILOVERS:
        request = engine.StartClusterFailoverRequest(cluster_id=cluster_id, **FAILOVERS[engine](first, newest))
        operation = connection.finished(clusters.StartFailover(request))
        equal(unpacked(operation.response, engine.Cluster).id, cluster_id)
        roles = {host.name: host.role for host in list_hosts(clusters, engine, cluster_id)}
        equal((roles[first], roles[newest]), (engine.Host.REPLICA, engine.Host.MASTER))
        refused(grpc.StatusCode.FAILED_PRECONDITION, " a master", clusters.StartFailover, request)

    if engine is not sqlserver:
        request = engine.DeleteClusterHostsRequest(cluster_id=cluster_id, host_names=[first])
        operation = connection.finished(clusters.DeleteHosts(request))
        equal(list(unpacked(operation.metadata, engine.DeleteClusterHostsMetadata).host_names), [first])
        refused(grpc.StatusCode.NOT_FOUND, first, clusters.DeleteHosts, request)
    return [host.name for host in list_hosts(clusters, engine, cluster_id)]


def check_update(connection, engine, cluster_id, name):
    clusters = connection.client(engine.ClusterServiceStub)
    spec = engine.UpdateHostSpec(
        host_name=name, assign_public_ip=True, update_mask=FieldMask(paths=["assign_public_ip"])
    )
    request = engine.UpdateClusterHostsRequest(cluster_id=cluster_id, update_host_specs=[spec])
    operation = connection.finished(clusters.UpdateHosts(request))
    equal(operation.response.TypeName(), "google.protobuf.Empty")
    equal(list(unpacked(operation.metadata, engine.UpdateClusterHostsMetadata).host_names), [name])
    public = [host.name for host in list_hosts(clusters, engine, cluster_id) if host.assign_public_ip]
    equal(public, [name])
    refused(grpc.StatusCode.FAILED_PRECONDITION, "no changes detected", clusters.UpdateHosts, request)


def list_hosts(clusters, engine, cluster_id):
    return clusters.ListHosts(engine.ListClusterHostsRequest(cluster_id=cluster_id)).hosts


def change_shards(connection, engine, cluster_id):
    """Adds a shard and deletes it."""
    clusters = connection.client(engine.ClusterServiceStub)
    before = shards(clusters, engine, cluster_id)
    if engine is redis:
        spec = {"shard_name": "late", "host_specs": [redis.HostSpec(zone_id="ru-central1-a")]}
    else:
        postgresql = spqr.MDBPostgreSQL(cluster_id="c9qpostgresql0000000")
        spec = {"shard_spec": spqr.ShardSpec(shard_name="late", mdb_postgresql=postgresql)}
    add = engine.AddClusterShardRequest(cluster_id=cluster_id, **spec)
    operation = connection.finished(clusters.AddShard(add))
    equal(unpacked(operation.metadata, engine.AddClusterShardMetadata).shard_name, "late")
    shard = unpacked(operation.response, engine.Shard)
    equal(clusters.GetShard(engine.GetClusterShardRequest(cluster_id=cluster_id, shard_name="late")), shard)
    equal(shards(clusters, engine, cluster_id), sorted([*before, "late"]))
    refused(grpc.StatusCode.ALREADY_EXISTS, "late", clusters.AddShard, add)

    if engine is redis:
        operation = connection.finished(clusters.Rebalance(redis.RebalanceClusterRequest(cluster_id=cluster_id)))
        equal(unpacked(operation.response, redis.Cluster).id, cluster_id)
        again = redis.EnableShardingClusterRequest(cluster_id=cluster_id)
        refused(grpc.StatusCode.FAILED_PRECONDITION, "sharded already", clusters.EnableSharding, again)

    delete = engine.DeleteClusterShardRequest(cluster_id=cluster_id, shard_name="late")
    connection.finished(clusters.DeleteShard(delete))
    equal(shards(clusters, engine, cluster_id), before)
    refused(grpc.StatusCode.NOT_FOUND, "late", clusters.DeleteShard, delete)


def shards(clusters, engine, cluster_id):
    listed = clusters.ListShards(engine.ListClusterShardsRequest(cluster_id=cluster_id)).shards
    return [shard.name for shard in listed]
