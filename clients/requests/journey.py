"""The life of a cluster of each engine by requests, which is all that Python needs for REST.

    mdb-emulator exec -- clients/requests/run
    clients/requests/run http://127.0.0.1:7300

Discovery and a token come first; then each journey goes: look up presets and versions, create, find by a filter, back up, list
the backups over two pages, update by mask, be refused, restore, change hosts and shards (topology.py), users and databases
(contents.py), delete. What comes back is compared with what should; the first difference ends the run with 1.
"""

import datetime
import os
import sys
import time
import uuid

import requests

from contents import PASSWORD, change_databases, change_users
from topology import change_hosts, change_shards, equal

GIB = 1 << 30

# The path of each engine's service, what Create and Restore both want to know, and what Create wants to know beside that.
# 64-bit numbers are strings, as in all JSON that is made of protobuf.
ENGINES = {
    "Redis": (
        "/managed-redis/v1",
        {
            "configSpec": {
                "version": "8.1-valkey",
                "resources": {"resourcePresetId": "hm3-c2-m8", "diskSize": str(16 * GIB)},
                "redis": {"password": PASSWORD},
            },
            "hostSpecs": [{"zoneId": "ru-central1-a"}],
        },
        {},
    ),
    "MySQL": (
        "/managed-mysql/v1",
        {
            "configSpec": {
                "version": "8.0",
                "resources": {"resourcePresetId": "s3-c2-m8", "diskSize": str(20 * GIB)},
            },
            "hostSpecs": [{"zoneId": "ru-central1-a"}],
        },
        {"databaseSpecs": [{"name": "orders"}], "userSpecs": [{"name": "shop", "password": PASSWORD}]},
    ),
    "SQL Server": (
        "/mdb/sqlserver/v1",
        {
            "configSpec": {
                "version": "2019ent",
                "resources": {"resourcePresetId": "s2.small", "diskSize": str(20 * GIB)},
            },
            "hostSpecs": [{"zoneId": f"ru-central1-{zone}"} for zone in "abd"],
        },
        {"databaseSpecs": [{"name": "orders"}]},
    ),
    "SPQR": (
        "/managed-spqr/v1",
        {
            "networkId": "enpjourney0000000000",
            "configSpec": {
                "spqrSpec": {
                    "infra": {"resources": {"resourcePresetId": "s3-c2-m8", "diskSize": str(10 * GIB)}}
                },
            },
            "hostSpecs": [{"zoneId": "ru-central1-a", "type": "INFRA"}],
        },
        {"databaseSpecs": [{"name": "orders"}]},
    ),
}


class Api:
    """The service at a base address. The session keeps its connection, and sends the token along."""

    def __init__(self, base):
        self.base = base
        self.session = requests.Session()
        listed = self.call("GET", "/endpoints")["endpoints"]
        equal(len({endpoint["id"] for endpoint in listed}), len(listed))
        equal({endpoint["address"] for endpoint in listed}, {base.partition("//")[2]})
        token = self.call("POST", "/iam/v1/tokens", {"yandexPassportOauthToken": "y0_journey"})["iamToken"]
        equal(token.startswith("t1."), True)
        self.session.headers["authorization"] = f"Bearer {token}"

    def call(self, method, path, body=None, **parameters):
        """The reply to a call that must go well."""
        reply = self.session.request(method, self.base + path, json=body, params=parameters)
        reply.raise_for_status()
        return reply.json()

    def refused(self, method, path, body=None):
        """The status, code and message of a call that must be refused."""
        reply = self.session.request(method, self.base + path, json=body)
        equal(reply.ok, False)
        return reply.status_code, reply.json()["code"], reply.json()["message"]

    def finish(self, operation):
        """Waits for an operation; returns its response."""
        for _ in range(60):
            operation = self.call("GET", f"/operations/{operation['id']}")
            if operation.get("done"):
                equal(operation.get("error"), None)
                return operation["response"]
            time.sleep(1)
        raise AssertionError(f"operation {operation['id']} takes too long")


def journey(api, prefix, both, create):
    """Takes a cluster from Create to Delete; returns what there is to tell."""
    clusters = f"{prefix}/clusters"
    folder = f"b1gjourney{uuid.uuid4().hex[:10]}"
    both = {"folderId": folder, "environment": "PRODUCTION", **both}

    check_choices(api, prefix, both["configSpec"])
    operation = api.call("POST", clusters, {"name": "journey", **both, **create})
    cluster = api.finish(operation)
    equal((cluster["id"], cluster["status"]), (operation["metadata"]["clusterId"], "RUNNING"))
    path = f"{clusters}/{cluster['id']}"
    check_filter(api, clusters, folder, cluster["id"])

    for _ in range(3):
        api.finish(api.call("POST", f"{path}:backup"))
    first = api.call("GET", f"{path}/backups", pageSize=2)
    second = api.call("GET", f"{path}/backups", pageSize=2, pageToken=first["nextPageToken"])
    equal((len(first["backups"]), len(second["backups"])), (2, 1))
    equal(second.get("nextPageToken", ""), "")
    newest = first["backups"][0]

    window = {"hours": 3, "minutes": 30}
    update = {"updateMask": "configSpec.backupWindowStart", "configSpec": {"backupWindowStart": window}}
    equal(api.finish(api.call("PATCH", path, update))["config"]["backupWindowStart"], window)
    equal(api.refused("PATCH", path, update), (400, 9, "no changes detected"))

    restore = {"name": "restored", "backupId": newest["id"], **both}
    if prefix != "/managed-redis/v1":
        # A point in time comes after the second in which the backup ended.
        time.sleep(2)
        restore["time"] = datetime.datetime.now(datetime.timezone.utc).isoformat()
    restored = api.finish(api.call("POST", f"{clusters}:restore", restore))

    change_hosts(api, prefix, path)
    if prefix in ("/managed-redis/v1", "/managed-spqr/v1"):
        change_shards(api, prefix, path)
    change_users(api, prefix, path)
    if prefix != "/managed-redis/v1":
        change_databases(api, prefix, path, newest["id"], restore["time"])

    for each in (cluster["id"], restored["id"]):
        api.finish(api.call("DELETE", f"{clusters}/{each}"))
        equal(api.refused("GET", f"{clusters}/{each}"), (404, 5, f"Cluster {each} not found"))
    return f"cluster {cluster['id']}, 3 backups, restored as {restored['id']}, refused with 400 and 404"


def check_choices(api, prefix, config):
    """The preset that is used is listed on one of two pages, and the version, where there is a list of versions."""
    part = config["spqrSpec"]["infra"] if "spqrSpec" in config else config
    preset = api.call("GET", f"{prefix}/resourcePresets/{part['resources']['resourcePresetId']}")
    equal((preset["cores"], preset["memory"]), ("4", str(16 * GIB)) if "sqlserver" in prefix else ("2", str(8 * GIB)))
    first = api.call("GET", f"{prefix}/resourcePresets", pageSize=2)
    second = api.call("GET", f"{prefix}/resourcePresets", pageSize=1000, pageToken=first["nextPageToken"])
    equal(preset in first["resourcePresets"] + second["resourcePresets"], True)
    equal(api.refused("GET", f"{prefix}/resourcePresets/s9-c1-m1")[:2], (404, 5))
    if prefix in ("/managed-redis/v1", "/managed-mysql/v1"):
        listed = api.call("GET", f"{prefix}/versions")["version"]
        equal(config["version"] in [version["id"] for version in listed], True)


def check_filter(api, clusters, folder, cluster):
    """A list finds the cluster by its name, and SQL Server's by a sample of its documentation too."""
    filters = {'name="journey"': [cluster], 'name="another"': []}
    if "sqlserver" in clusters:
        filters["name NOT IN 'test,beta'"] = [cluster]
    for text, wanted in filters.items():
        found = api.call("GET", clusters, folderId=folder, filter=text).get("clusters", [])
        equal([each["id"] for each in found], wanted)


def main(arguments):
    address = os.environ.get("MDB_EMULATOR_ADDRESS", "localhost:7300")
    api = Api(arguments[0] if arguments else f"https://{address}")
    for name, engine in ENGINES.items():
        print(f"{name}: {journey(api, *engine)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
