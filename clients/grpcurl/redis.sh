#!/usr/bin/env bash
# The life of a Redis (Valkey) cluster by grpcurl:  clients/grpcurl/redis.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin redis "$@"

say "What there is to choose from"
presets hm3-c2-m8 2 8589934592
versions 8.1-valkey

say "Create"
operation=$(call ClusterService/Create '{
    "folder_id": "'$folder'",
    "name": "cache",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.1-valkey",
        "resources": {"resource_preset_id": "hm3-c2-m8", "disk_size": 17179869184},
        "redis": {"password": "a-long-password", "maxmemory_policy": "ALLKEYS_LRU"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}]
}')
cluster=$(field "$operation" metadata.clusterId)
operation=$(finish "$operation")
expect "status" "$(field "$operation" response.status)" RUNNING
expect "password in the reply" "$(field "$operation" response.config.redis.userConfig.password)" ""

say "List, by a filter"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name=\"cache\""}')
expect "clusters of that name" "$(each "$found" clusters id)" "$cluster"
found=$(call ClusterService/List '{"folder_id": "'$folder'", "filter": "name=\"another\""}')
expect "clusters of another" "$(field "$found" clusters.#)" 0
refused InvalidArgument filter ClusterService/List '{"folder_id": "'$folder'", "filter": "status=\"RUNNING\""}'

say "Backup"
operation=$(finish "$(call ClusterService/Backup '{"cluster_id": "'"$cluster"'"}')")
expect "response" "$(field "$operation" response.id)" "$cluster"

say "ListBackups"
backups=$(call ClusterService/ListBackups '{"cluster_id": "'"$cluster"'"}')
backup=$(field "$backups" backups.0.id)
expect "backups" "$(field "$backups" 'backups.#')" 1
expect "type" "$(field "$backups" backups.0.type)" MANUAL
expect "created" "$(field "$backups" backups.0.createdAt)" "$begins"
expect "shard" "$(field "$backups" backups.0.sourceShardNames.0)" shard1
expect "the same by BackupService/Get" "$(field "$(call BackupService/Get '{"backup_id": "'"$backup"'"}')" id)" "$backup"

say "Update of backup_window_start alone"
finish "$(call ClusterService/Update '{
    "cluster_id": "'"$cluster"'",
    "update_mask": {"paths": ["config_spec.backup_window_start"]},
    "config_spec": {"backup_window_start": {"hours": 3, "minutes": 30}}
}')" >/dev/null
refused FailedPrecondition "no changes detected" ClusterService/Update '{
    "cluster_id": "'"$cluster"'",
    "update_mask": {"paths": ["config_spec.backup_window_start"]},
    "config_spec": {"backup_window_start": {"hours": 3, "minutes": 30}}
}'

say "Get"
shown=$(call ClusterService/Get '{"cluster_id": "'"$cluster"'"}')
expect "window" "$(field "$shown" config.backupWindowStart)" '{"hours": 3, "minutes": 30}'
expect "policy" "$(field "$shown" config.redis.effectiveConfig.maxmemoryPolicy)" ALLKEYS_LRU

say "A day later"
advance 86400
backups=$(call ClusterService/ListBackups '{"cluster_id": "'"$cluster"'", "page_size": 1}')
expect "newest backup" "$(field "$backups" backups.0.type)" AUTOMATED
created=$(field "$backups" backups.0.createdAt)
[[ $created == 2026-02-01T03:[345]* || $created == 2026-02-01T04:00:00Z ]] || fail "it was made at $created"
next=$(call ClusterService/ListBackups '{
    "cluster_id": "'"$cluster"'", "page_size": 1, "page_token": "'"$(field "$backups" nextPageToken)"'"
}')
expect "next page" "$(field "$next" backups.0.id)" "$backup"
expect "page behind it" "$(field "$next" nextPageToken)" ""

say "Restore"
operation=$(call ClusterService/Restore '{
    "backup_id": "'"$backup"'",
    "folder_id": "'$folder'",
    "name": "cache-restored",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.1-valkey",
        "resources": {"resource_preset_id": "hm3-c2-m8", "disk_size": 17179869184}
    },
    "host_specs": [{"zone_id": "ru-central1-d"}]
}')
restored=$(field "$operation" metadata.clusterId)
expect "backup" "$(field "$operation" metadata.backupId)" "$backup"
expect "name" "$(field "$(finish "$operation")" response.name)" cache-restored

say "Delete"
finish "$(call ClusterService/Delete '{"cluster_id": "'"$cluster"'"}')" >/dev/null
finish "$(call ClusterService/Delete '{"cluster_id": "'"$restored"'"}')" >/dev/null
refused NotFound "$cluster" ClusterService/Get '{"cluster_id": "'"$cluster"'"}'
backups=$(call BackupService/List '{"folder_id": "'$folder'"}')
expect "backups that outlive the cluster" "$(field "$backups" 'backups.#')" 2
advance $((7 * 86400))
expect "a week later" "$(field "$(call BackupService/List '{"folder_id": "'$folder'"}')" 'backups.#')" 0
