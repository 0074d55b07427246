#!/usr/bin/env bash
# The users and databases of an SPQR cluster (sharded PostgreSQL) by grpcurl:  clients/grpcurl/spqr_users.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin spqr "$@"

operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "users",
    "environment": "PRODUCTION",
    "network_id": "enpjourney0000000000",
    "config_spec": {
        "spqr_spec": {
            "infra": {
                "resources": {"resource_preset_id": "s3-c2-m8", "disk_type_id": "network-ssd", "disk_size": "10737418240"}
            }
        }
    },
    "host_specs": [{"zone_id": "ru-central1-a", "type": "INFRA"}]
}')
cluster=$(field "$operation" metadata.clusterId)
sessions='"cluster_id": "'"$cluster"'", "database_name": "sessions"'
reader='"cluster_id": "'"$cluster"'", "user_name": "reader"'

say "Create of a database"
operation=$(done_by DatabaseService.Create '{"cluster_id": "'"$cluster"'", "database_spec": {"name": "sessions"}}')
expect "database" "$(field "$operation" metadata.databaseName) $(field "$operation" response.name)" "sessions sessions"
expect "database" "$(field "$(sample DatabaseService.Get "{$sessions}")" clusterId)" "$cluster"

say "Create of a user"
operation=$(done_by UserService.Create '{
    "cluster_id": "'"$cluster"'",
    "user_spec": {
        "name": "reader",
        "password": "a-long-password",
        "permissions": [{"database_name": "sessions"}],
        "settings": {"connection_limit": "10", "connection_retries": "2"},
        "grants": ["reader"],
        "deletion_protection": true
    }
}')
expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "reader reader"
refused FailedPrecondition reader UserService.Delete "{$reader}"

say "Update by mask"
done_by UserService.Update '{'"$reader"', "update_mask": {"paths": ["password"]}, "password": "another-password"}' >/dev/null
operation=$(done_by UserService.Update '{
    '"$reader"',
    "update_mask": {"paths": ["settings.connection_limit", "grants", "deletion_protection"]},
    "settings": {"connection_limit": "20"},
    "grants": ["reader", "writer"],
    "deletion_protection": false
}')
expect "limit" "$(field "$operation" response.settings.connectionLimit)" 20
expect "retries, which the mask does not name" "$(field "$operation" response.settings.connectionRetries)" 2
expect "grants" "$(field "$operation" response.grants)" '["reader", "writer"]'
shown=$(sample UserService.List '{"cluster_id": "'"$cluster"'"}')
expect "databases of the user" "$(field "$shown" users.0.permissions.0.databaseName)" sessions

say "Delete"
done_by UserService.Delete "{$reader}" >/dev/null
refused NotFound reader UserService.Get "{$reader}"
done_by DatabaseService.Delete "{$sessions}" >/dev/null
refused NotFound sessions DatabaseService.Get "{$sessions}"
