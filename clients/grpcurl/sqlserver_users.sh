#!/usr/bin/env bash
# The users and databases of a SQL Server cluster by grpcurl:  clients/grpcurl/sqlserver_users.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin sqlserver "$@"

operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "billing",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "2019std",
        "resources": {"resource_preset_id": "s2.small", "disk_type_id": "network-ssd", "disk_size": "21474836480"}
    },
    "database_specs": [{"name": "invoices"}],
    "host_specs": [{"zone_id": "ru-central1-a"}]
}')
cluster=$(field "$operation" metadata.clusterId)
clerk='"cluster_id": "'"$cluster"'", "user_name": "clerk"'

# databases: prints the names of the cluster's databases.
databases() {
    each "$(sample DatabaseService.List '{"cluster_id": "'"$cluster"'"}')" databases name
}

say "Create of a database"
operation=$(done_by DatabaseService.Create '{"cluster_id": "'"$cluster"'", "database_spec": {"name": "credits"}}')
expect "database" "$(field "$operation" metadata.databaseName) $(field "$operation" response.name)" "credits credits"
expect "databases" "$(databases)" "credits invoices"

say "Create of a user"
operation=$(done_by UserService.Create '{
    "cluster_id": "'"$cluster"'",
    "user_spec": {
        "name": "clerk",
        "password": "a-long-password",
        "permissions": [{"database_name": "invoices", "roles": ["DB_DATAREADER"]}]
    }
}')
expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "clerk clerk"
expect "users" "$(each "$(sample UserService.List '{"cluster_id": "'"$cluster"'"}')" users name)" clerk

say "Update by mask"
done_by UserService.Update '{'"$clerk"', "update_mask": {"paths": ["password"]}, "password": "another-password"}' >/dev/null
operation=$(done_by UserService.Update '{
    '"$clerk"', "update_mask": {"paths": ["server_roles"]}, "server_roles": ["MDB_MONITOR"]
}')
expect "server roles" "$(field "$operation" response.serverRoles)" '["MDB_MONITOR"]'
expect "roles, which the mask does not name" "$(field "$operation" response.permissions.0.roles)" '["DB_DATAREADER"]'

say "GrantPermission and RevokePermission"
operation=$(done_by UserService.GrantPermission '{
    '"$clerk"', "permission": {"database_name": "credits", "roles": ["DB_OWNER"]}
}')
expect "databases" "$(each "$(field "$operation" response)" permissions databaseName)" "invoices credits"
operation=$(done_by UserService.RevokePermission '{
    '"$clerk"', "permission": {"database_name": "credits", "roles": ["DB_OWNER"]}
}')
expect "databases" "$(each "$(field "$operation" response)" permissions databaseName)" invoices
refused FailedPrecondition "no changes detected" UserService.RevokePermission '{
    '"$clerk"', "permission": {"database_name": "invoices", "roles": ["DB_DATAWRITER"]}
}'

say "Restore of a database as it was at a time"
done_by ClusterService.Backup '{"cluster_id": "'"$cluster"'"}' >/dev/null
backup=$(field "$(sample ClusterService.ListBackups '{"cluster_id": "'"$cluster"'"}')" backups.0.id)
advance 3600
operation=$(done_by DatabaseService.Restore '{
    "cluster_id": "'"$cluster"'",
    "database_name": "invoices-of-noon",
    "from_database": "invoices",
    "backup_id": "'"$backup"'",
    "time": "2026-01-31T12:30:00Z"
}')
expect "metadata" "$(field "$operation" metadata.fromDatabase) $(field "$operation" metadata.backupId)" "invoices $backup"
expect "database" "$(field "$operation" response.name)" invoices-of-noon
refused InvalidArgument "time: " DatabaseService.Restore '{
    "cluster_id": "'"$cluster"'", "database_name": "again", "from_database": "invoices", "backup_id": "'"$backup"'"
}'

say "ImportBackup and ExportBackup, for which the cluster needs a service account"
export='{
    "cluster_id": "'"$cluster"'",
    "database_name": "invoices",
    "s3_bucket": "backups",
    "s3_path": "billing",
    "prefix": "invoices_"
}'
refused FailedPrecondition "service account" DatabaseService.ExportBackup "$export"
done_by ClusterService.Update '{
    "cluster_id": "'"$cluster"'",
    "update_mask": {"paths": ["service_account_id"]},
    "service_account_id": "ajejourney0000000000"
}' >/dev/null
operation=$(done_by DatabaseService.ExportBackup "$export")
expect "bucket and database" "$(field "$operation" metadata.s3Bucket) $(field "$operation" response.name)" "backups invoices"
operation=$(done_by DatabaseService.ImportBackup '{
    "cluster_id": "'"$cluster"'",
    "database_name": "imported",
    "s3_bucket": "backups",
    "s3_path": "billing",
    "files": ["invoices_1.bak", "invoices_2.bak"]
}')
expect "bucket and database" "$(field "$operation" metadata.s3Bucket) $(field "$operation" response.name)" "backups imported"
expect "databases" "$(databases)" "credits imported invoices invoices-of-noon"

say "Delete"
done_by UserService.Delete "{$clerk}" >/dev/null
refused NotFound clerk UserService.Get "{$clerk}"
done_by DatabaseService.Delete '{"cluster_id": "'"$cluster"'", "database_name": "credits"}' >/dev/null
expect "databases" "$(databases)" "imported invoices invoices-of-noon"
