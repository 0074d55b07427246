#!/usr/bin/env bash
# The life of an SPQR cluster (sharded PostgreSQL) by grpcurl:  clients/grpcurl/spqr.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin spqr "$@"

say "What there is to choose from"
presets s3-c2-m8 2 8589934592

say "Create"
operation=$(call ClusterService/Create '{
    "folder_id": "'$folder'",
    "name": "users",
    "environment": "PRODUCTION",
    "network_id": "enpjourney0000000000",
    "config_spec": {
        "spqr_spec": {
            "router": {"resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 10737418240}},
            "coordinator": {"resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 10737418240}}
        }
    },
    "database_specs": [{"name": "users"}],
    "host_specs": [
        {"zone_id": "ru-central1-a", "type": "ROUTER"},
        {"zone_id": "ru-central1-b", "type": "ROUTER"},
        {"zone_id": "ru-central1-a", "type": "COORDINATOR"}
    ]
}')
cluster=$(field "$operation" metadata.clusterId)
expect "status" "$(field "$(finish "$operation")" response.status)" RUNNING
hosts=$(call ClusterService/ListHosts '{"cluster_id": "'"$cluster"'"}')
expect "types" "$(field "$hosts" hosts.0.type) $(field "$hosts" hosts.2.type)" "ROUTER COORDINATOR"

say "List, by a filter"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name=\"users\""}')
expect "clusters of that name" "$(each "$found" clusters id)" "$cluster"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name=\"another\""}')
expect "clusters of another" "$(field "$found" clusters.#)" 0
refused InvalidArgument filter ClusterService/List '{"folder_id": "'$folder'", "filter": "status=\"RUNNING\""}'

say "Backup"
finish "$(call ClusterService/Backup '{"cluster_id": "'"$cluster"'"}')" >/dev/null

say "ListBackups"
backups=$(call ClusterService/ListBackups '{"cluster_id": "'"$cluster"'"}')
backup=$(field "$backups" backups.0.id)
expect "backups" "$(field "$backups" 'backups.#')" 1
expect "type" "$(field "$backups" backups.0.type)" MANUAL

say "Update of backup_window_start alone"
finish "$(call ClusterService/Update '{
    "cluster_id": "'"$cluster"'",
    "update_mask": {"paths": ["config_spec.backup_window_start"]},
    "config_spec": {"backup_window_start": {"hours": 3, "minutes": 30}}
}')" >/dev/null

say "Get"
shown=$(call ClusterService/Get '{"cluster_id": "'"$cluster"'"}')
expect "window" "$(field "$shown" config.backupWindowStart)" '{"hours": 3, "minutes": 30}'
expect "retention" "$(field "$shown" config.backupRetainPeriodDays)" 7

say "An hour later, a database more"
advance 3600
finish "$(call DatabaseService/Create '{"cluster_id": "'"$cluster"'", "database_spec": {"name": "sessions"}}')" >/dev/null
advance 3600

# restore NAME INCLUSIVE: brings the cluster back as it was when the database came, or just before; counts its databases.
restore() {
    local operation databases
    operation=$(call ClusterService/Restore '{
        "backup_id": "'"$backup"'",
        "time": "2026-01-31T13:00:00Z",
        "time_inclusive": '"$2"',
        "folder_id": "'$folder'",
        "name": "'"$1"'",
        "environment": "PRODUCTION",
        "network_id": "enpjourney0000000000",
        "config_spec": {
            "spqr_spec": {
                "infra": {"resources": {"resource_preset_id": "s3-c2-m8", "disk_size": 10737418240}}
            }
        },
        "host_specs": [{"zone_id": "ru-central1-a", "type": "INFRA"}]
    }')
    finish "$operation" >/dev/null
    databases=$(call DatabaseService/List '{"cluster_id": "'"$(field "$operation" metadata.clusterId)"'"}')
    field "$databases" 'databases.#'
}

say "Restore to a time"
expect "databases just before 13:00" "$(restore users-before false)" 1
expect "databases at 13:00" "$(restore users-after true)" 2

say "Delete"
finish "$(call ClusterService/Delete '{"cluster_id": "'"$cluster"'"}')" >/dev/null
refused NotFound "$cluster" ClusterService/Get '{"cluster_id": "'"$cluster"'"}'
expect "backup that outlives it" "$(field "$(call BackupService/Get '{"backup_id": "'"$backup"'"}')" id)" "$backup"
