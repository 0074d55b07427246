"""Hosts, shards and failover by requests."""

# What a new host is asked to be. SQL Server's clusters keep as many as they have.
ADDED = {
    "/managed-redis/v1": {"zoneId": "ru-central1-b", "replicaPriority": "10"},
    "/managed-mysql/v1": {"zoneId": "ru-central1-b", "priority": "10"},
    "/managed-spqr/v1": {"zoneId": "ru-central1-b", "type": "INFRA"},
}

# What is updated of the first host. Redis has public addresses with TLS alone.
UPDATED = {
    "/managed-redis/v1": {"replicaPriority": "50"},
    "/managed-mysql/v1": {"backupPriority": "50"},
    "/mdb/sqlserver/v1": {"assignPublicIp": True},
    "/managed-spqr/v1": {"assignPublicIp": True},
}


def change_hosts(api, prefix, path):
    """Updates a host, adds one, lets it lead where the engine can, and deletes the one that led."""
    first = hosts(api, path)[0]["name"]
    field, value = next(iter(UPDATED[prefix].items()))
    update = {"updateHostSpecs": [{"hostName": first, "updateMask": field, field: value}]}
    api.finish(api.call("POST", f"{path}/hosts:batchUpdate", update))
    equal(hosts(api, path)[0][field], value)
    equal(api.refused("POST", f"{path}/hosts:batchUpdate", update), (400, 9, "no changes detected"))

    if prefix in ADDED:
        operation = api.call("POST", f"{path}/hosts:batchCreate", {"hostSpecs": [ADDED[prefix]]})
        api.finish(operation)
        equal([host["name"] for host in hosts(api, path)], [first, *operation["metadata"]["hostNames"]])
    if prefix != "/managed-spqr/v1":
        # The documentation's sample has no body.
        api.finish(api.call("POST", f"{path}:startFailover"))
        equal([host["role"] for host in hosts(api, path)][:2], ["REPLICA", "MASTER"])
    if prefix in ADDED:
        api.finish(api.call("POST", f"{path}/hosts:batchDelete", {"hostNames": [first]}))
        status, code, _ = api.refused("POST", f"{path}/hosts:batchDelete", {"hostNames": [first]})
        equal((status, code), (404, 5))


def change_shards(api, prefix, path):
    """Adds a shard and deletes it; first, Redis's cluster gets its hosts into one."""
    if prefix == "/managed-redis/v1":
        equal(api.finish(api.call("POST", f"{path}:enable_sharding"))["sharded"], True)
        spec = {"shardName": "late", "hostSpecs": [{"zoneId": "ru-central1-a"}]}
    else:
        spec = {"shardSpec": {"shardName": "late", "mdbPostgresql": {"clusterId": "c9qpostgresql0000000"}}}
    before = shards(api, path)
    shard = api.finish(api.call("POST", f"{path}/shards", spec))
    equal(api.call("GET", f"{path}/shards/late")["name"], shard["name"])
    equal(shards(api, path), sorted([*before, "late"]))
    equal(api.refused("POST", f"{path}/shards", spec)[:2], (409, 6))
    if prefix == "/managed-redis/v1":
        api.finish(api.call("POST", f"{path}:rebalance"))
    api.finish(api.call("DELETE", f"{path}/shards/late"))
    equal(shards(api, path), before)


def hosts(api, path):
    return api.call("GET", f"{path}/hosts")["hosts"]


def shards(api, path):
    return [shard["name"] for shard in api.call("GET", f"{path}/shards").get("shards", [])]


def equal(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r}, but should be {wanted!r}")
