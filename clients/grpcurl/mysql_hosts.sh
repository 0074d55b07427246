#!/usr/bin/env bash
# The hosts of a MySQL cluster by grpcurl:  clients/grpcurl/mysql_hosts.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin mysql "$@"

say "Create"
operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "orders",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.0",
        "resources": {"resource_preset_id": "s3-c2-m8", "disk_type_id": "network-ssd", "disk_size": "21474836480"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}]
}')
cluster=$(field "$operation" metadata.clusterId)
expect "roles" "$(hosts role)" "MASTER REPLICA"
read -r first second < <(hosts name)

say "AddHosts, one at a time"
operation=$(done_by ClusterService.AddHosts '{
    "cluster_id": "'"$cluster"'",
    "host_specs": [{
        "zone_id": "ru-central1-d",
        "replication_source": "'"$second"'",
        "backup_priority": "10",
        "priority": "20",
        "assign_public_ip": true
    }]
}')
third=$(field "$operation" metadata.hostNames.0)
expect "hosts" "$(hosts name)" "$first $second $third"
expect "sources" "$(hosts replicationSource)" "- - $second"
expect "public addresses" "$(hosts assignPublicIp)" "- - true"
refused InvalidArgument host_specs ClusterService.AddHosts '{
    "cluster_id": "'"$cluster"'", "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}]
}'

say "UpdateHosts"
operation=$(done_by ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [{
        "update_mask": {"paths": ["backup_priority", "priority", "assign_public_ip"]},
        "host_name": "'"$third"'",
        "backup_priority": "30",
        "priority": "40",
        "assign_public_ip": false
    }]
}')
expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$third\"]"
expect "priorities" "$(hosts backupPriority), $(hosts priority)" "- - 30, - - 40"
expect "public addresses" "$(hosts assignPublicIp)" "- - -"
refused FailedPrecondition "no changes detected" ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [{"update_mask": {"paths": ["priority"]}, "host_name": "'"$third"'", "priority": "40"}]
}'

say "StartFailover, which passes over a host with a replication source"
refused FailedPrecondition "never becomes a master" ClusterService.StartFailover '{
    "cluster_id": "'"$cluster"'", "host_name": "'"$third"'"
}'
operation=$(done_by ClusterService.StartFailover '{"cluster_id": "'"$cluster"'"}')
expect "response" "$(field "$operation" response.id)" "$cluster"
expect "roles" "$(hosts role)" "REPLICA MASTER REPLICA"
done_by ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [{"update_mask": {"paths": ["replication_source"]}, "host_name": "'"$third"'", "replication_source": ""}]
}' >/dev/null
expect "sources" "$(hosts replicationSource)" "- - -"
done_by ClusterService.StartFailover '{"cluster_id": "'"$cluster"'", "host_name": "'"$third"'"}' >/dev/null
expect "roles" "$(hosts role)" "REPLICA REPLICA MASTER"

say "DeleteHosts"
operation=$(done_by ClusterService.DeleteHosts '{"cluster_id": "'"$cluster"'", "host_names": ["'"$first"'"]}')
expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$first\"]"
done_by ClusterService.DeleteHosts '{"cluster_id": "'"$cluster"'", "host_names": ["'"$third"'"]}' >/dev/null
expect "who is left and leads" "$(hosts name) $(hosts role)" "$second MASTER"
refused FailedPrecondition "it is the last of" ClusterService.DeleteHosts '{
    "cluster_id": "'"$cluster"'", "host_names": ["'"$second"'"]
}'
