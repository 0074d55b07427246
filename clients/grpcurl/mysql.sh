#!/usr/bin/env bash
# The life of a MySQL cluster by grpcurl:  clients/grpcurl/mysql.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin mysql "$@"

say "What there is to choose from"
presets s3-c2-m8 2 8589934592
versions 8.0

say "Create"
operation=$(call ClusterService/Create '{
    "folder_id": "'$folder'",
    "name": "orders",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.0",
        "resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 21474836480}
    },
    "database_specs": [{"name": "orders"}],
    "user_specs": [{
        "name": "shop",
        "password": "a-long-password",
        "permissions": [{"database_name": "orders", "roles": ["ALL_PRIVILEGES"]}]
    }],
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}]
}')
cluster=$(field "$operation" metadata.clusterId)
expect "status" "$(field "$(finish "$operation")" response.status)" RUNNING
hosts=$(call ClusterService/ListHosts '{"cluster_id": "'"$cluster"'"}')
expect "roles" "$(field "$hosts" hosts.0.role) $(field "$hosts" hosts.1.role)" "MASTER REPLICA"

say "List, by a filter"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name=\"orders\""}')
expect "clusters of that name" "$(each "$found" clusters id)" "$cluster"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name=\"another\""}')
expect "clusters of another" "$(field "$found" clusters.#)" 0
refused InvalidArgument filter ClusterService/List '{"folder_id": "'$folder'", "filter": "status=\"RUNNING\""}'

say "Backup"
operation=$(finish "$(call ClusterService/Backup '{"cluster_id": "'"$cluster"'"}')")
backup=$(field "$operation" metadata.backupId)

say "ListBackups"
backups=$(call ClusterService/ListBackups '{"cluster_id": "'"$cluster"'"}')
expect "backups" "$(field "$backups" 'backups.#')" 1
expect "id" "$(field "$backups" backups.0.id)" "$backup"
expect "type and status" "$(field "$backups" backups.0.type) $(field "$backups" backups.0.status)" "MANUAL DONE"

say "Update of backup_window_start alone"
finish "$(call ClusterService/Update '{
    "cluster_id": "'"$cluster"'",
    "update_mask": {"paths": ["config_spec.backup_window_start"]},
    "config_spec": {"backup_window_start": {"hours": 3, "minutes": 30}}
}')" >/dev/null

say "Get"
shown=$(call ClusterService/Get '{"cluster_id": "'"$cluster"'"}')
expect "window" "$(field "$shown" config.backupWindowStart)" '{"hours": 3, "minutes": 30}'
expect "version" "$(field "$shown" config.version)" 8.0

say "An hour later, a database more"
advance 3600
finish "$(call DatabaseService/Create '{"cluster_id": "'"$cluster"'", "database_spec": {"name": "returns"}}')" >/dev/null
advance 3600

# restore NAME TIME: brings the cluster back as it was then; leaves the new one's id in $restored.
restore() {
    local operation
    operation=$(call ClusterService/Restore '{
        "backup_id": "'"$backup"'",
        "time": "'"$2"'",
        "folder_id": "'$folder'",
        "name": "'"$1"'",
        "environment": "PRODUCTION",
        "config_spec": {
            "version": "8.0",
            "resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 21474836480}
        },
        "host_specs": [{"zone_id": "ru-central1-a"}]
    }')
    restored=$(field "$operation" metadata.clusterId)
    finish "$operation" >/dev/null
}

say "Restore to a time"
restore orders-before 2026-01-31T12:30:00Z
databases=$(call DatabaseService/List '{"cluster_id": "'"$restored"'"}')
expect "databases of 12:30" "$(field "$databases" 'databases.#')" 1
users=$(call UserService/List '{"cluster_id": "'"$restored"'"}')
expect "user" "$(field "$users" users.0.name)" shop
restore orders-after 2026-01-31T13:30:00Z
databases=$(call DatabaseService/List '{"cluster_id": "'"$restored"'"}')
expect "databases of 13:30" "$(field "$databases" 'databases.#')" 2
refused InvalidArgument "from 2026-01-31T12:00:01Z to 2026-01-31T14:00:00Z" ClusterService/Restore '{
    "backup_id": "'"$backup"'",
    "time": "2026-01-31T15:00:00Z",
    "name": "orders-tomorrow",
    "config_spec": {"version": "8.0", "resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 21474836480}},
    "host_specs": [{"zone_id": "ru-central1-a"}]
}'

say "Delete"
finish "$(call ClusterService/Delete '{"cluster_id": "'"$cluster"'"}')" >/dev/null
refused NotFound "$cluster" ClusterService/Get '{"cluster_id": "'"$cluster"'"}'
expect "backup that outlives it" "$(field "$(call BackupService/Get '{"backup_id": "'"$backup"'"}')" id)" "$backup"
