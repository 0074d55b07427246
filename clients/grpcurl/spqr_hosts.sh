#!/usr/bin/env bash
# The hosts and shards of an SPQR cluster (sharded PostgreSQL) by grpcurl:  clients/grpcurl/spqr_hosts.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin spqr "$@"

say "Create"
operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "users",
    "environment": "PRODUCTION",
    "network_id": "enpjourney0000000000",
    "config_spec": {
        "spqr_spec": {
            "router": {
                "resources": {"resource_preset_id": "s3-c2-m8", "disk_type_id": "network-ssd", "disk_size": "10737418240"}
            }
        }
    },
    "host_specs": [{"zone_id": "ru-central1-a", "type": "ROUTER"}]
}')
cluster=$(field "$operation" metadata.clusterId)
expect "types and roles" "$(hosts type) $(hosts role)" "ROUTER PRIMARY"
router=$(hosts name)

say "AddSubcluster, which brings the first host of a type"
refused InvalidArgument "AddSubcluster brings the first" ClusterService.AddHosts '{
    "cluster_id": "'"$cluster"'", "host_specs": [{"zone_id": "ru-central1-a", "type": "COORDINATOR"}]
}'
operation=$(done_by ClusterService.AddSubcluster '{
    "cluster_id": "'"$cluster"'",
    "host_specs": [{"zone_id": "ru-central1-a", "type": "COORDINATOR"}],
    "resources": {"resource_preset_id": "s3-c4-m16", "disk_type_id": "network-ssd", "disk_size": "10737418240"}
}')
first=$(field "$operation" metadata.hostNames.0)
expect "types" "$(hosts type)" "ROUTER COORDINATOR"
expect "presets" "$(hosts resources.resourcePresetId)" "s3-c2-m8 s3-c4-m16"

say "AddHosts"
operation=$(done_by ClusterService.AddHosts '{
    "cluster_id": "'"$cluster"'",
    "host_specs": [{"zone_id": "ru-central1-b", "type": "COORDINATOR", "assign_public_ip": false}]
}')
second=$(field "$operation" metadata.hostNames.0)
expect "hosts" "$(hosts name)" "$router $first $second"
expect "roles" "$(hosts role)" "PRIMARY PRIMARY SECONDARY"

say "UpdateHosts"
done_by ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [{
        "update_mask": {"paths": ["assign_public_ip"]}, "host_name": "'"$router"'", "assign_public_ip": true
    }]
}' >/dev/null
expect "public addresses" "$(hosts assignPublicIp)" "true - -"

say "ResetupHosts"
operation=$(done_by ClusterService.ResetupHosts '{"cluster_id": "'"$cluster"'", "host_names": ["'"$first"'"]}')
expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$first\"]"
expect "hosts" "$(hosts name)" "$router $first $second"

say "DeleteHosts"
done_by ClusterService.DeleteHosts '{"cluster_id": "'"$cluster"'", "host_names": ["'"$first"'"]}' >/dev/null
expect "who is left and leads" "$(hosts name) $(hosts role)" "$router $second PRIMARY PRIMARY"
refused FailedPrecondition "it is the last of type ROUTER" ClusterService.DeleteHosts '{
    "cluster_id": "'"$cluster"'", "host_names": ["'"$router"'"]
}'

# shards PATH: prints what is at a path in each of the cluster's shards.
shards() {
    each "$(sample ClusterService.ListShards '{"cluster_id": "'"$cluster"'"}')" shards "$1"
}

say "AddShard"
for number in 1 2; do
    operation=$(done_by ClusterService.AddShard '{
        "cluster_id": "'"$cluster"'",
        "shard_spec": {"shard_name": "shard'$number'", "mdb_postgresql": {"cluster_id": "c9qpostgresql000000'$number'"}}
    }')
    expect "shard" "$(field "$operation" response.name)" "shard$number"
done
expect "shards" "$(shards name)" "shard1 shard2"
expect "their clusters" "$(shards clusterId)" "c9qpostgresql0000001 c9qpostgresql0000002"
shown=$(sample ClusterService.GetShard '{"cluster_id": "'"$cluster"'", "shard_name": "shard2"}')
expect "shard" "$(field "$shown" name) $(field "$shown" clusterId)" "shard2 c9qpostgresql0000002"

say "DeleteShard"
done_by ClusterService.DeleteShard '{"cluster_id": "'"$cluster"'", "shard_name": "shard1"}' >/dev/null
expect "shards" "$(shards name)" shard2
refused NotFound shard1 ClusterService.GetShard '{"cluster_id": "'"$cluster"'", "shard_name": "shard1"}'
