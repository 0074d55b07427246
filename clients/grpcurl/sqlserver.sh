#!/usr/bin/env bash
# The life of a SQL Server cluster by grpcurl:  clients/grpcurl/sqlserver.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin sqlserver "$@"

say "What there is to choose from"
presets s2.small 4 17179869184

say "Create"
operation=$(call ClusterService/Create '{
    "folder_id": "'$folder'",
    "name": "billing",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "2019ent",
        "resources": {"resource_preset_id": "s2.small", "disk_size": 21474836480}
    },
    "database_specs": [{"name": "invoices"}],
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}, {"zone_id": "ru-central1-d"}]
}')
cluster=$(field "$operation" metadata.clusterId)
expect "status" "$(field "$(finish "$operation")" response.status)" RUNNING
expect "hosts" "$(field "$(call ClusterService/ListHosts '{"cluster_id": "'"$cluster"'"}')" 'hosts.#')" 3

say "List, by a filter"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name NOT IN '"'test,beta'"'"}')
expect "clusters with neither name" "$(each "$found" clusters id)" "$cluster"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name IN '"'billing,beta'"'"}')
expect "clusters with one of two names" "$(each "$found" clusters id)" "$cluster"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name != '"'billing'"'"}')
expect "clusters of other names" "$(field "$found" clusters.#)" 0
refused InvalidArgument filter ClusterService/List '{"folder_id": "'$folder'", "filter": "status = '"'RUNNING'"'"}'

say "Backup"
finish "$(call ClusterService/Backup '{"cluster_id": "'"$cluster"'"}')" >/dev/null

say "ListBackups"
backups=$(call ClusterService/ListBackups '{"cluster_id": "'"$cluster"'"}')
backup=$(field "$backups" backups.0.id)
expect "backups" "$(field "$backups" 'backups.#')" 1
expect "databases in it" "$(field "$backups" backups.0.databases)" '["invoices"]'

say "Update of backup_window_start alone"
finish "$(call ClusterService/Update '{
    "cluster_id": "'"$cluster"'",
    "update_mask": {"paths": ["config_spec.backup_window_start"]},
    "config_spec": {"backup_window_start": {"hours": 3, "minutes": 30}}
}')" >/dev/null

say "Get"
shown=$(call ClusterService/Get '{"cluster_id": "'"$cluster"'"}')
expect "window" "$(field "$shown" config.backupWindowStart)" '{"hours": 3, "minutes": 30}'
expect "version" "$(field "$shown" config.version)" 2019ent

say "An hour later, a database less"
advance 3600
finish "$(call DatabaseService/Delete '{"cluster_id": "'"$cluster"'", "database_name": "invoices"}')" >/dev/null
advance 3600
expect "databases" "$(field "$(call DatabaseService/List '{"cluster_id": "'"$cluster"'"}')" 'databases.#')" 0

say "Restore, which needs a time"
refused InvalidArgument "time: " ClusterService/Restore '{"backup_id": "'"$backup"'", "name": "billing-restored"}'
operation=$(call ClusterService/Restore '{
    "backup_id": "'"$backup"'",
    "time": "2026-01-31T12:59:59Z",
    "folder_id": "'$folder'",
    "name": "billing-restored",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "2019ent",
        "resources": {"resource_preset_id": "s2.small", "disk_size": 21474836480}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}]
}')
restored=$(field "$operation" metadata.clusterId)
finish "$operation" >/dev/null
databases=$(call DatabaseService/List '{"cluster_id": "'"$restored"'"}')
expect "database of 12:59:59" "$(field "$databases" databases.0.name)" invoices

say "Delete"
finish "$(call ClusterService/Delete '{"cluster_id": "'"$cluster"'"}')" >/dev/null
refused NotFound "$cluster" ClusterService/Get '{"cluster_id": "'"$cluster"'"}'
expect "backup that outlives it" "$(field "$(call BackupService/Get '{"backup_id": "'"$backup"'"}')" id)" "$backup"
