#!/usr/bin/env bash
# The users and databases of a MySQL cluster by grpcurl:  clients/grpcurl/mysql_users.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin mysql "$@"

operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "orders",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.0",
        "resources": {"resource_preset_id": "s3-c2-m8", "disk_type_id": "network-ssd", "disk_size": "21474836480"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}]
}')
cluster=$(field "$operation" metadata.clusterId)
returns='"cluster_id": "'"$cluster"'", "database_name": "returns"'
shop='"cluster_id": "'"$cluster"'", "user_name": "shop"'

say "Databases"
for name in orders returns; do
    operation=$(done_by DatabaseService.Create '{"cluster_id": "'"$cluster"'", "database_spec": {"name": "'$name'"}}')
    expect "database" "$(field "$operation" metadata.databaseName) $(field "$operation" response.name)" "$name $name"
done
listed=$(sample DatabaseService.List '{"cluster_id": "'"$cluster"'"}')
expect "databases" "$(each "$listed" databases name)" "orders returns"
done_by DatabaseService.Update '{
    '"$returns"',
    "update_mask": {"paths": ["deletion_protection_mode"]},
    "deletion_protection_mode": "DELETION_PROTECTION_MODE_ENABLED"
}' >/dev/null
shown=$(sample DatabaseService.Get "{$returns}")
expect "protection" "$(field "$shown" deletionProtectionMode)" DELETION_PROTECTION_MODE_ENABLED
refused FailedPrecondition returns DatabaseService.Delete "{$returns}"

say "Users"
operation=$(done_by UserService.Create '{
    "cluster_id": "'"$cluster"'",
    "user_spec": {
        "name": "shop",
        "password": "a-long-password",
        "permissions": [{"database_name": "orders", "roles": ["SELECT"]}]
    }
}')
expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "shop shop"
expect "users" "$(each "$(sample UserService.List '{"cluster_id": "'"$cluster"'"}')" users name)" shop

say "Update by mask"
done_by UserService.Update '{'"$shop"', "update_mask": {"paths": ["password"]}, "password": "another-password"}' >/dev/null
operation=$(done_by UserService.Update '{
    '"$shop"',
    "update_mask": {"paths": ["global_permissions", "connection_limits", "authentication_plugin"]},
    "global_permissions": ["PROCESS", "REPLICATION_CLIENT"],
    "connection_limits": {
        "max_questions_per_hour": "1000",
        "max_updates_per_hour": "2000",
        "max_connections_per_hour": "3000",
        "max_user_connections": "40"
    },
    "authentication_plugin": "SHA256_PASSWORD"
}')
expect "global permissions" "$(field "$operation" response.globalPermissions)" '["PROCESS", "REPLICATION_CLIENT"]'
expect "connections" "$(field "$operation" response.connectionLimits.maxUserConnections)" 40
expect "plugin" "$(field "$operation" response.authenticationPlugin)" SHA256_PASSWORD
expect "roles, which the mask does not name" "$(field "$operation" response.permissions.0.roles)" '["SELECT"]'

say "GrantPermission and RevokePermission"
operation=$(done_by UserService.GrantPermission '{
    '"$shop"', "permission": {"database_name": "returns", "roles": ["ALL_PRIVILEGES"]}
}')
expect "databases" "$(each "$(field "$operation" response)" permissions databaseName)" "orders returns"
operation=$(done_by UserService.GrantPermission '{
    '"$shop"', "permission": {"database_name": "orders", "roles": ["INSERT", "UPDATE"]}
}')
expect "roles" "$(field "$operation" response.permissions.0.roles)" '["SELECT", "INSERT", "UPDATE"]'
operation=$(done_by UserService.RevokePermission '{
    '"$shop"', "permission": {"database_name": "orders", "roles": ["SELECT", "UPDATE"]}
}')
expect "roles" "$(field "$operation" response.permissions.0.roles)" '["INSERT"]'
done_by UserService.RevokePermission '{
    '"$shop"', "permission": {"database_name": "orders", "roles": ["INSERT"]}
}' >/dev/null
expect "databases" "$(each "$(sample UserService.Get "{$shop}")" permissions databaseName)" returns
refused InvalidArgument permission UserService.GrantPermission '{
    '"$shop"', "permission": {"database_name": "nowhere", "roles": ["SELECT"]}
}'

say "Delete"
done_by UserService.Delete "{$shop}" >/dev/null
refused NotFound shop UserService.Get "{$shop}"
done_by DatabaseService.Update '{
    '"$returns"',
    "update_mask": {"paths": ["deletion_protection_mode"]},
    "deletion_protection_mode": "DELETION_PROTECTION_MODE_DISABLED"
}' >/dev/null
done_by DatabaseService.Delete "{$returns}" >/dev/null
listed=$(sample DatabaseService.List '{"cluster_id": "'"$cluster"'"}')
expect "databases" "$(each "$listed" databases name)" orders
