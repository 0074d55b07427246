#!/usr/bin/env bash
# The hosts and shards of a Redis (Valkey) cluster by grpcurl:  clients/grpcurl/redis_hosts.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin redis "$@"

say "Create"
operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "cache",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.1-valkey",
        "resources": {"resource_preset_id": "hm3-c2-m8", "disk_type_id": "network-ssd", "disk_size": "17179869184"},
        "redis": {"password": "a-long-password"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}],
    "tls_enabled": true
}')
cluster=$(field "$operation" metadata.clusterId)
expect "roles" "$(hosts role)" "MASTER REPLICA"
read -r first second < <(hosts name)

say "UpdateHosts"
operation=$(done_by ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [{
        "update_mask": {"paths": ["replica_priority", "assign_public_ip"]},
        "host_name": "'"$second"'",
        "replica_priority": "50",
        "assign_public_ip": true
    }]
}')
expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$second\"]"
expect "response" "$(field "$operation" response.@type)" "type.googleapis.com/google.protobuf.Empty"
expect "priorities" "$(hosts replicaPriority)" "100 50"
expect "public addresses" "$(hosts assignPublicIp)" "- true"
refused NotFound "nowhere" ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [{
        "update_mask": {"paths": ["assign_public_ip"]}, "host_name": "nowhere", "assign_public_ip": true
    }]
}'

say "AddHosts"
operation=$(done_by ClusterService.AddHosts '{
    "cluster_id": "'"$cluster"'",
    "host_specs": [{"zone_id": "ru-central1-d", "replica_priority": "10", "assign_public_ip": false}]
}')
third=$(field "$operation" metadata.hostNames.0)
expect "hosts" "$(hosts name)" "$first $second $third"
expect "zones" "$(hosts zoneId)" "ru-central1-a ru-central1-b ru-central1-d"

say "StartFailover without a host, to the replica that comes first"
operation=$(done_by ClusterService.StartFailover '{"cluster_id": "'"$cluster"'"}')
expect "response" "$(field "$operation" response.id)" "$cluster"
expect "roles" "$(hosts role)" "REPLICA REPLICA MASTER"

say "StartFailover from the master by name"
done_by ClusterService.StartFailover '{"cluster_id": "'"$cluster"'", "host_names": ["'"$third"'"]}' >/dev/null
expect "roles" "$(hosts role)" "REPLICA MASTER REPLICA"
refused FailedPrecondition "Host $third is not a master" ClusterService.StartFailover '{
    "cluster_id": "'"$cluster"'", "host_names": ["'"$third"'"]
}'

say "DeleteHosts"
operation=$(done_by ClusterService.DeleteHosts '{"cluster_id": "'"$cluster"'", "host_names": ["'"$third"'"]}')
expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$third\"]"
expect "hosts" "$(hosts name)" "$first $second"
refused FailedPrecondition "it is the last of" ClusterService.DeleteHosts '{
    "cluster_id": "'"$cluster"'", "host_names": ["'"$first"'", "'"$second"'"]
}'

# shards: prints the names of the cluster's shards.
shards() {
    each "$(sample ClusterService.ListShards '{"cluster_id": "'"$cluster"'"}')" shards name
}

say "EnableSharding"
refused FailedPrecondition "is not sharded" ClusterService.Rebalance '{"cluster_id": "'"$cluster"'"}'
operation=$(done_by ClusterService.EnableSharding '{"cluster_id": "'"$cluster"'"}')
expect "sharded" "$(field "$operation" response.sharded)" true
expect "shards" "$(shards)" shard1
expect "shards of hosts" "$(hosts shardName)" "shard1 shard1"

say "AddShard"
for shard in shard2 shard3; do
    operation=$(done_by ClusterService.AddShard '{
        "cluster_id": "'"$cluster"'",
        "shard_name": "'$shard'",
        "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-d"}]
    }')
    expect "shard" "$(field "$operation" metadata.shardName) $(field "$operation" response.name)" "$shard $shard"
done
expect "shards" "$(shards)" "shard1 shard2 shard3"
shown=$(sample ClusterService.GetShard '{"cluster_id": "'"$cluster"'", "shard_name": "shard2"}')
expect "shard" "$(field "$shown" name) $(field "$shown" clusterId)" "shard2 $cluster"
refused AlreadyExists shard2 ClusterService.AddShard '{
    "cluster_id": "'"$cluster"'", "shard_name": "shard2", "host_specs": [{"zone_id": "ru-central1-a"}]
}'

say "Rebalance"
operation=$(done_by ClusterService.Rebalance '{"cluster_id": "'"$cluster"'"}')
expect "response" "$(field "$operation" response.id)" "$cluster"

say "StartFailover of a sharded cluster, which has several masters"
expect "roles" "$(hosts role)" "REPLICA MASTER MASTER REPLICA MASTER REPLICA"
refused InvalidArgument "host_names: is required" ClusterService.StartFailover '{"cluster_id": "'"$cluster"'"}'
read -r _ _ third fourth _ < <(hosts name)
done_by ClusterService.StartFailover '{"cluster_id": "'"$cluster"'", "host_names": ["'"$third"'"]}' >/dev/null
expect "roles" "$(hosts role)" "REPLICA MASTER REPLICA MASTER MASTER REPLICA"
done_by ClusterService.StartFailover '{
    "cluster_id": "'"$cluster"'",
    "host_names": ["'"$first"'", "'"$third"'"],
    "failover_type": "SWITCH_TO_HOSTNAMES"
}' >/dev/null
expect "roles" "$(hosts role)" "MASTER REPLICA MASTER REPLICA MASTER REPLICA"
done_by ClusterService.StartFailover '{
    "cluster_id": "'"$cluster"'", "failover_type": "SWITCH_FROM_ZONE", "zone_id": "ru-central1-a"
}' >/dev/null
expect "roles" "$(hosts role)" "REPLICA MASTER REPLICA MASTER REPLICA MASTER"

say "DeleteShard"
operation=$(done_by ClusterService.DeleteShard '{"cluster_id": "'"$cluster"'", "shard_name": "shard3"}')
expect "response" "$(field "$operation" response.@type)" "type.googleapis.com/google.protobuf.Empty"
expect "shards" "$(shards)" "shard1 shard2"
expect "hosts" "$(hosts name)" "$first $second $third $fourth"
refused NotFound shard3 ClusterService.GetShard '{"cluster_id": "'"$cluster"'", "shard_name": "shard3"}'
