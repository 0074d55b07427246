"""Users and databases by the official Python SDK."""

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from session import equal, mysql, redis, refused, spqr, sqlserver, unpacked

# What becomes of a user: the path of the mask, and the fields that Update is given.
UPDATES = {
    redis: ("permissions.patterns", {"permissions": redis.Permissions(patterns={"value": "~late:*"})}),
    mysql: ("global_permissions", {"global_permissions": [mysql.PROCESS]}),
    sqlserver: ("server_roles", {"server_roles": [sqlserver.MDB_MONITOR]}),
    spqr: ("settings.connection_limit", {"settings": spqr.UserSettings(connection_limit={"value": 20})}),
}

# The roles on a database that are granted and revoked, where the engine can.
ROLES = {
    mysql: [mysql.Permission.SELECT, mysql.Permission.INSERT],
    sqlserver: [sqlserver.Permission.DB_DATAREADER, sqlserver.Permission.DB_DATAWRITER],
}


def change_users(connection, engine, cluster_id):
    """Changes the user `late`, and deletes it."""
    users = connection.client(engine.UserServiceStub)
    late = {"cluster_id": cluster_id, "user_name": "late"}
    expected = users.Get(engine.GetUserRequest(**late))

    path, fields = UPDATES[engine]
    request = engine.UpdateUserRequest(**late, update_mask=FieldMask(paths=[path]), **fields)
    operation = connection.finished(users.Update(request))
    equal(unpacked(operation.metadata, engine.UpdateUserMetadata).user_name, "late")
    changed = unpacked(operation.response, engine.User)
    equal(changed == expected, False)
    FieldMask(paths=[path]).MergeMessage(engine.User(**fields), expected)
    if engine is redis:
        # They tell what all the other fields come to.
        expected.acl_options = changed.acl_options
    equal(changed, expected)
    refused(grpc.StatusCode.FAILED_PRECONDITION, "no changes detected", users.Update, request)
    secret = {"passwords": ["another-password"]} if engine is redis else {"password": "another-password"}
    request = engine.UpdateUserRequest(**late, update_mask=FieldMask(paths=list(secret)), **secret)
    equal(unpacked(connection.finished(users.Update(request)).response, engine.User), changed)
    if engine in ROLES:
        check_permissions(connection, engine, late)

    connection.finished(users.Delete(engine.DeleteUserRequest(**late)))
    refused(grpc.StatusCode.NOT_FOUND, "late", users.Get, engine.GetUserRequest(**late))


def check_permissions(connection, engine, late):
    users = connection.client(engine.UserServiceStub)
    both = engine.Permission(database_name="orders", roles=ROLES[engine])
    operation = connection.finished(users.GrantPermission(engine.GrantUserPermissionRequest(**late, permission=both)))
    equal(list(unpacked(operation.response, engine.User).permissions), [both])
    first, second = (engine.Permission(database_name="orders", roles=[role]) for role in ROLES[engine])
    revoke = engine.RevokeUserPermissionRequest(**late, permission=first)
    operation = connection.finished(users.RevokePermission(revoke))
    equal(list(unpacked(operation.response, engine.User).permissions), [second])
    nowhere = engine.GrantUserPermissionRequest(**late, permission=engine.Permission(database_name="nowhere", roles=[1]))
    refused(grpc.StatusCode.INVALID_ARGUMENT, "nowhere", users.GrantPermission, nowhere)


def change_databases(connection, engine, cluster_id, backup, instant):
    """Makes a database beside `orders` and deletes it; of SQL Server's `orders`, brings back what the backup has."""
    databases = connection.client(engine.DatabaseServiceStub)
    create = engine.CreateDatabaseRequest(cluster_id=cluster_id, database_spec=engine.DatabaseSpec(name="late"))
    operation = connection.finished(databases.Create(create))
    late = {"cluster_id": cluster_id, "database_name": "late"}
    get, delete = engine.GetDatabaseRequest(**late), engine.DeleteDatabaseRequest(**late)
    equal(databases.Get(get), unpacked(operation.response, engine.Database))
    equal(names(databases, engine, cluster_id), ["late", "orders"])
    refused(grpc.StatusCode.ALREADY_EXISTS, "late", databases.Create, create)

    if engine is mysql:
        for mode in (mysql.DELETION_PROTECTION_MODE_ENABLED, mysql.DELETION_PROTECTION_MODE_DISABLED):
            mask = FieldMask(paths=["deletion_protection_mode"])
            update = mysql.UpdateDatabaseRequest(**late, update_mask=mask, deletion_protection_mode=mode)
            operation = connection.finished(databases.Update(update))
            equal(unpacked(operation.response, mysql.Database).deletion_protection_mode, mode)
            if mode == mysql.DELETION_PROTECTION_MODE_ENABLED:
                refused(grpc.StatusCode.FAILED_PRECONDITION, "late", databases.Delete, delete)
    if engine is sqlserver:
        restore = sqlserver.RestoreDatabaseRequest(
            cluster_id=cluster_id, database_name="back", from_database="orders", backup_id=backup.id, time=instant
        )
        operation = connection.finished(databases.Restore(restore))
        equal(unpacked(operation.metadata, sqlserver.RestoreDatabaseMetadata).backup_id, backup.id)
        equal(names(databases, engine, cluster_id), ["back", "late", "orders"])
        export = sqlserver.ExportDatabaseBackupRequest(cluster_id=cluster_id, database_name="orders", s3_bucket="files")
        refused(grpc.StatusCode.FAILED_PRECONDITION, "service account", databases.ExportBackup, export)

    connection.finished(databases.Delete(delete))
    refused(grpc.StatusCode.NOT_FOUND, "late", databases.Get, get)


def names(databases, engine, cluster_id):
    listed = databases.List(engine.ListDatabasesRequest(cluster_id=cluster_id)).databases
    return [database.name for database in listed]
