"""The life of a cluster of each engine by requests, which is all that Python needs for REST.

    mdb-emulator exec -- clients/requests/run
    clients/requests/run http://127.0.0.1:7300

Discovery and a token come first; then each journey goes: create, back up, list the backups over two pages, update by mask, be refused,
restore, delete. What comes back is compared with what should; the first difference ends the run with 1.
"""

import datetime
import os
import sys
import time
import uuid

import requests

GIB = 1 << 30
PASSWORD = "a-long-password"

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

    operation = api.call("POST", clusters, {"name": "journey", **both, **create})
    cluster = api.finish(operation)
    equal((cluster["id"], cluster["status"]), (operation["metadata"]["clusterId"], "RUNNING"))
    path = f"{clusters}/{cluster['id']}"

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

    for each in (cluster["id"], restored["id"]):
        api.finish(api.call("DELETE", f"{clusters}/{each}"))
        equal(api.refused("GET", f"{clusters}/{each}"), (404, 5, f"Cluster {each} not found"))
    return f"cluster {cluster['id']}, 3 backups, restored as {restored['id']}, refused with 400 and 404"


def equal(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"got {actual!r}, but should be {wanted!r}")


def main(arguments):
    address = os.environ.get("MDB_EMULATOR_ADDRESS", "localhost:7300")
    api = Api(arguments[0] if arguments else f"https://{address}")
    for name, engine in ENGINES.items():
        print(f"{name}: {journey(api, *engine)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
