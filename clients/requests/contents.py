"""Users and databases by requests."""

from topology import equal

PASSWORD = "a-long-password"

# What a new user is asked to be, what Update makes of it, and the mask for that.
USERS = {
    "/managed-redis/v1": (
        {"passwords": [PASSWORD], "permissions": {"patterns": "~late:*", "commands": "+get"}},
        {"permissions": {"patterns": "~later:*"}},
        "permissions.patterns",
    ),
    "/managed-mysql/v1": (
        {"password": PASSWORD, "permissions": [{"databaseName": "orders", "roles": ["SELECT"]}]},
        {"connectionLimits": {"maxUserConnections": "40"}},
        "connectionLimits.maxUserConnections",
    ),
    "/mdb/sqlserver/v1": (
        {"password": PASSWORD, "permissions": [{"databaseName": "orders", "roles": ["DB_DATAREADER"]}]},
        {"serverRoles": ["MDB_MONITOR"]},
        "serverRoles",
    ),
    "/managed-spqr/v1": (
        {"password": PASSWORD, "permissions": [{"databaseName": "orders"}]},
        {"settings": {"connectionLimit": "20"}},
        "settings.connectionLimit",
    ),
}

# The role that is granted and revoked, where the engine can.
ROLES = {"/managed-mysql/v1": "INSERT", "/mdb/sqlserver/v1": "DB_DATAWRITER"}


def change_users(api, prefix, path):
    """Makes a user, changes it, and deletes it."""
    spec, change, mask = USERS[prefix]
    late = f"{path}/users/late"
    user = api.finish(api.call("POST", f"{path}/users", {"userSpec": {"name": "late", **spec}}))
    equal({"@type": user["@type"], **api.call("GET", late)}, user)
    equal("late" in names(api, path, "users"), True)

    update = {"updateMask": mask, **change}
    changed = api.finish(api.call("PATCH", late, update))
    field, value = next(iter(change.items()))
    # They tell what all the other fields of a Redis user come to.
    user.pop("aclOptions", None), changed.pop("aclOptions", None)
    equal(changed, {**user, field: {**user.get(field, {}), **value} if isinstance(value, dict) else value})
    equal(api.refused("PATCH", late, update), (400, 9, "no changes detected"))
    if prefix in ROLES:
        permission = {"permission": {"databaseName": "orders", "roles": [ROLES[prefix]]}}
        held = api.finish(api.call("POST", f"{late}:grantPermission", permission))["permissions"]
        equal(held[0]["roles"], [*user["permissions"][0]["roles"], ROLES[prefix]])
        held = api.finish(api.call("POST", f"{late}:revokePermission", permission))["permissions"]
        equal(held, user["permissions"])

    api.finish(api.call("DELETE", late))
    equal(api.refused("GET", late)[:2], (404, 5))


def change_databases(api, prefix, path, backup, time):
    """Makes a database beside `orders` and deletes it; of SQL Server's `orders`, brings back what the backup has."""
    late = f"{path}/databases/late"
    api.finish(api.call("POST", f"{path}/databases", {"databaseSpec": {"name": "late"}}))
    equal(names(api, path, "databases"), ["late", "orders"])
    if prefix == "/managed-mysql/v1":
        for mode in ("DELETION_PROTECTION_MODE_ENABLED", "DELETION_PROTECTION_MODE_DISABLED"):
            update = {"updateMask": "deletionProtectionMode", "deletionProtectionMode": mode}
            equal(api.finish(api.call("PATCH", late, update))["deletionProtectionMode"], mode)
    if prefix == "/mdb/sqlserver/v1":
        restore = {"databaseName": "back", "fromDatabase": "orders", "backupId": backup, "time": time}
        equal(api.finish(api.call("POST", f"{path}/databases:restore", restore))["name"], "back")
        equal(names(api, path, "databases"), ["back", "late", "orders"])
    api.finish(api.call("DELETE", late))
    equal(api.refused("GET", late)[:2], (404, 5))


def names(api, path, kind):
    return [each["name"] for each in api.call("GET", f"{path}/{kind}")[kind]]
