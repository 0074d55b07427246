"""The life of a cluster of each engine by the official Python SDK, unchanged.

    mdb-emulator exec -- clients/python/run journey.py
    clients/python/run journey.py --plaintext 127.0.0.1:7300

It goes over TLS unless told otherwise. Discovery and a token come first; then each journey goes: look up presets and versions,
create, find by a filter, back up, list the backups over two pages, get, move the backup window, create a user, restore (to a time
before that user, where the engine can), be refused, change hosts and shards (topology.py), users and databases (contents.py),
delete. What comes back is compared with what should; the first difference ends the run with 1. Every run works in a folder of its
own, so it can be repeated.
"""

import argparse
import os
import time
import uuid

import grpc
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.timeofday_pb2 import TimeOfDay

from contents import change_databases, change_users
from session import Connection, PlaintextConnection, equal, mysql, redis, refused, spqr, sqlserver, unpacked
from topology import change_hosts, change_shards

GIB = 1 << 30
PASSWORD = "a-long-password"

# What Create and Restore both want to know.
SETTINGS = {
    redis: {
        "environment": redis.Cluster.PRODUCTION,
        "config_spec": redis.ConfigSpec(
            version="8.1-valkey",
            resources=redis.Resources(resource_preset_id="hm3-c2-m8", disk_size=16 * GIB),
            redis=redis.RedisConfig(password=PASSWORD),
        ),
        "host_specs": [
            redis.HostSpec(zone_id="ru-central1-a", shard_name="shard1"),
            redis.HostSpec(zone_id="ru-central1-b", shard_name="shard2"),
            redis.HostSpec(zone_id="ru-central1-d", shard_name="shard3"),
        ],
        "sharded": True,
        # Without it there are no public addresses.
        "tls_enabled": {"value": True},
    },
    mysql: {
        "environment": mysql.Cluster.PRODUCTION,
        "config_spec": mysql.ConfigSpec(
            version="8.0",
            resources=mysql.Resources(resource_preset_id="s3-c2-m8", disk_size=20 * GIB),
            mysql_config_8_0=mysql.MysqlConfig8_0(max_connections={"value": 200}),
        ),
        "host_specs": [mysql.HostSpec(zone_id="ru-central1-a"), mysql.HostSpec(zone_id="ru-central1-b")],
    },
    sqlserver: {
        "environment": sqlserver.Cluster.PRODUCTION,
        "config_spec": sqlserver.ConfigSpec(
            version="2019ent",
            resources=sqlserver.Resources(resource_preset_id="s2.small", disk_size=20 * GIB),
        ),
        "host_specs": [sqlserver.HostSpec(zone_id=f"ru-central1-{zone}") for zone in "abd"],
    },
    spqr: {
        "environment": spqr.Cluster.PRODUCTION,
        "config_spec": spqr.ConfigSpec(
            spqr_spec={"infra": {"resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 10 * GIB}}},
        ),
        "host_specs": [spqr.HostSpec(zone_id="ru-central1-a", type=spqr.Host.INFRA)],
        "network_id": "enpjourney0000000000",
    },
}

# What Create wants to know beside that. Redis has no databases.
CONTENTS = {
    redis: {},
    mysql: {"database_specs": [mysql.DatabaseSpec(name="orders")]},
    sqlserver: {"database_specs": [sqlserver.DatabaseSpec(name="orders")]},
    spqr: {"database_specs": [spqr.DatabaseSpec(name="orders")]},
}

# The user that comes after the last backup.
USERS = {
    redis: redis.UserSpec(name="late", passwords=[PASSWORD]),
    mysql: mysql.UserSpec(name="late", password=PASSWORD),
    sqlserver: sqlserver.UserSpec(name="late", password=PASSWORD),
    spqr: spqr.UserSpec(name="late", password=PASSWORD),
}


def journey(connection, engine):
    """Takes a cluster of one engine from Create to Delete; returns what there is to tell."""
    clusters = connection.client(engine.ClusterServiceStub)
    backups = connection.client(engine.BackupServiceStub)
    users = connection.client(engine.UserServiceStub)
    folder = f"b1gjourney{uuid.uuid4().hex[:10]}"

    check_choices(connection, engine)
    operation = clusters.Create(
        engine.CreateClusterRequest(folder_id=folder, name="journey", **SETTINGS[engine], **CONTENTS[engine])
    )
    equal(operation.done, False)
    cluster_id = unpacked(operation.metadata, engine.CreateClusterMetadata).cluster_id
    operation = connection.finished(operation)
    equal(unpacked(operation.metadata, engine.CreateClusterMetadata).cluster_id, cluster_id)
    cluster = unpacked(operation.response, engine.Cluster)
    equal((cluster.id, cluster.folder_id, cluster.name), (cluster_id, folder, "journey"))
    equal(cluster.status, engine.Cluster.RUNNING)
    equal(cluster.config.backup_window_start, TimeOfDay(hours=22))
    hosts = clusters.ListHosts(engine.ListClusterHostsRequest(cluster_id=cluster_id)).hosts
    equal(len(hosts), len(SETTINGS[engine]["host_specs"]))
    equal(PASSWORD.encode() in cluster.SerializeToString(), False)

    check_filter(clusters, engine, cluster)
    for _ in range(3):
        operation = connection.finished(clusters.Backup(engine.BackupClusterRequest(cluster_id=cluster_id)))
        equal(unpacked(operation.response, engine.Cluster).id, cluster_id)
    listed = list_backups(clusters, engine, cluster_id)
    newest, oldest = listed[0], listed[-1]
    equal(len({backup.id for backup in listed}), 3)
    equal([backup.created_at.ToNanoseconds() for backup in listed], newest_first(listed))
    equal({backup.source_cluster_id for backup in listed}, {cluster_id})
    equal(backups.Get(engine.GetBackupRequest(backup_id=oldest.id)), oldest)
    check_backup(engine, newest)

    window = TimeOfDay(hours=3, minutes=30)
    change = engine.UpdateClusterRequest(
        cluster_id=cluster_id,
        update_mask=FieldMask(paths=["config_spec.backup_window_start"]),
        config_spec=engine.ConfigSpec(backup_window_start=window),
    )
    connection.finished(clusters.Update(change))
    updated = clusters.Get(engine.GetClusterRequest(cluster_id=cluster_id))
    cluster.config.backup_window_start.CopyFrom(window)
    equal(updated, cluster)
    refused(grpc.StatusCode.FAILED_PRECONDITION, "no changes detected", clusters.Update, change)

    time_of_restore = later_than(newest)
    create_user = engine.CreateUserRequest(cluster_id=cluster_id, user_spec=USERS[engine])
    connection.finished(users.Create(create_user))
    equal("late" in names_of_users(users, engine, cluster_id), True)

    restore = engine.RestoreClusterRequest(
        backup_id=newest.id, folder_id=folder, name="restored", **SETTINGS[engine]
    )
    to_a_time = "time" in engine.RestoreClusterRequest.DESCRIPTOR.fields_by_name
    if to_a_time:
        restore.time.CopyFrom(time_of_restore)
    operation = clusters.Restore(restore)
    metadata = unpacked(operation.metadata, engine.RestoreClusterMetadata)
    equal(metadata.backup_id, newest.id)
    restored = unpacked(connection.finished(operation).response, engine.Cluster)
    equal((restored.id, restored.name), (metadata.cluster_id, "restored"))
    equal("late" in names_of_users(users, engine, restored.id), False)

    violations = check_refusals(clusters, backups, engine, cluster_id, restore if to_a_time else None)

    hosts = change_hosts(connection, engine, cluster_id)
    if engine in (redis, spqr):
        change_shards(connection, engine, cluster_id)
    change_users(connection, engine, cluster_id)
    if engine is not redis:
        change_databases(connection, engine, cluster_id, newest, time_of_restore)

    for each in (cluster_id, restored.id):
        operation = connection.finished(clusters.Delete(engine.DeleteClusterRequest(cluster_id=each)))
        equal(operation.response.TypeName(), "google.protobuf.Empty")
        gone = engine.GetClusterRequest(cluster_id=each)
        refused(grpc.StatusCode.NOT_FOUND, each, clusters.Get, gone)
    left = backups.List(engine.ListBackupsRequest(folder_id=folder)).backups
    equal([backup.id for backup in left], [backup.id for backup in listed])

    how = f"restored to {time_of_restore.ToJsonString()}" if to_a_time else "restored"
    return f"cluster {cluster_id}, {len(listed)} backups, {how}, refused with {violations}, hosts {hosts}"


def check_choices(connection, engine):
    """The preset that is used is listed on one of two pages, and the version, where there is a list of versions."""
    config = SETTINGS[engine]["config_spec"]
    preset_id = (config.spqr_spec.infra if engine is spqr else config).resources.resource_preset_id
    presets = connection.client(engine.ResourcePresetServiceStub)
    preset = presets.Get(engine.GetResourcePresetRequest(resource_preset_id=preset_id))
    equal((preset.id, "ru-central1-a" in preset.zone_ids), (preset_id, True))
    equal((preset.cores, preset.memory), (4, 16 * GIB) if engine is sqlserver else (2, 8 * GIB))
    request = engine.ListResourcePresetsRequest(page_size=2)
    first = presets.List(request)
    equal((len(first.resource_presets), bool(first.next_page_token)), (2, True))
    request.page_size, request.page_token = 1000, first.next_page_token
    second = presets.List(request)
    equal(second.next_page_token, "")
    equal(preset in [*first.resource_presets, *second.resource_presets], True)
    unknown = engine.GetResourcePresetRequest(resource_preset_id="s9-c1-m1")
    refused(grpc.StatusCode.NOT_FOUND, "s9-c1-m1", presets.Get, unknown)
    if engine in (redis, mysql):
        versions = connection.client(engine.VersionsServiceStub).List(engine.ListVersionsRequest()).version
        equal(config.version in [version.id for version in versions], True)


def check_filter(clusters, engine, cluster):
    """A list finds the cluster by its name, and SQL Server's by a sample of its documentation too."""
    filters = {'name="journey"': [cluster.id], 'name="another"': []}
    if engine is sqlserver:
        filters["name NOT IN 'test,beta'"] = [cluster.id]
    for text, found in filters.items():
        request = engine.ListClustersRequest(folder_id=cluster.folder_id, filter=text)
        equal([each.id for each in clusters.List(request).clusters], found)


def list_backups(clusters, engine, cluster_id):
    """A cluster's backups, two a page."""
    request = engine.ListClusterBackupsRequest(cluster_id=cluster_id, page_size=2)
    first = clusters.ListBackups(request)
    equal((len(first.backups), bool(first.next_page_token)), (2, True))
    request.page_token = first.next_page_token
    second = clusters.ListBackups(request)
    equal((len(second.backups), second.next_page_token), (1, ""))
    return [*first.backups, *second.backups]


def newest_first(backups):
    return sorted((backup.created_at.ToNanoseconds() for backup in backups), reverse=True)


def check_backup(engine, backup):
    """What only some engines' backups tell."""
    if engine is redis:
        equal(list(backup.source_shard_names), ["shard1", "shard2", "shard3"])
    if engine is mysql:
        equal(backup.status, mysql.Backup.DONE)
    if engine is sqlserver:
        equal(list(backup.databases), ["orders"])
    else:
        equal(backup.type, engine.Backup.MANUAL)


def later_than(backup):
    """An instant to which the backup can be brought forward, once it has passed: they begin a second after its end."""
    instant = Timestamp()
    instant.FromNanoseconds(backup.created_at.ToNanoseconds() + 1_100_000_000)
    time.sleep(1.5)
    return instant


def names_of_users(users, engine, cluster_id):
    listed = users.List(engine.ListUsersRequest(cluster_id=cluster_id)).users
    return [user.name for user in listed]


def check_refusals(clusters, backups, engine, cluster_id, restore):
    """Calls that break rules of several kinds; returns the fields that the refusals named."""
    empty = engine.CreateClusterRequest(name="no spaces, please")
    fields = refused(grpc.StatusCode.INVALID_ARGUMENT, "Request validation error", clusters.Create, empty)
    equal({"folder_id", "name"} <= set(fields), True)
    labels = {f"Label{number}": "" for number in range(64)}
    labelled = engine.CreateClusterRequest(folder_id="nowhere", name="labelled", labels=labels)
    told = refused(grpc.StatusCode.INVALID_ARGUMENT, "Request validation error", clusters.Create, labelled)
    equal('labels["Label0"]' in told, True)
    many = engine.ListClusterBackupsRequest(cluster_id=cluster_id, page_size=1001)
    equal(refused(grpc.StatusCode.INVALID_ARGUMENT, "page_size", clusters.ListBackups, many), ["page_size"])
    unknown = engine.GetBackupRequest(backup_id=f"{cluster_id}:mdb00000000000000000")
    refused(grpc.StatusCode.NOT_FOUND, unknown.backup_id, backups.Get, unknown)
    if restore is None:
        return fields
    restore.name = "too-early"
    restore.time.FromSeconds(restore.time.seconds - 86_400)
    return fields + refused(grpc.StatusCode.INVALID_ARGUMENT, "is outside the window", clusters.Restore, restore)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", default=os.environ.get("MDB_EMULATOR_ADDRESS", "127.0.0.1:7300"))
    parser.add_argument("--plaintext", action="store_true", help="do without TLS")
    arguments = parser.parse_args()
    connection = (PlaintextConnection if arguments.plaintext else Connection)(arguments.address)
    print(f"{len(connection.addresses)} endpoints, token {connection.token[:6]}…", flush=True)
    for name, engine in {"Redis": redis, "MySQL": mysql, "SQL Server": sqlserver, "SPQR": spqr}.items():
        print(f"{name}: {journey(connection, engine)}", flush=True)


if __name__ == "__main__":
    main()
