#!/usr/bin/env bash
# The hosts of a SQL Server cluster, whose number stays, by grpcurl:  clients/grpcurl/sqlserver_hosts.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin sqlserver "$@"

say "Create"
refused InvalidArgument "only 1-node and 3-node clusters are supported now" ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "billing",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "2019ent",
        "resources": {"resource_preset_id": "s2.small", "disk_type_id": "network-ssd", "disk_size": "21474836480"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}]
}'
operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "billing",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "2019ent",
        "resources": {"resource_preset_id": "s2.small", "disk_type_id": "network-ssd", "disk_size": "21474836480"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}, {"zone_id": "ru-central1-b"}, {"zone_id": "ru-central1-d"}]
}')
cluster=$(field "$operation" metadata.clusterId)
expect "roles" "$(hosts role)" "MASTER REPLICA REPLICA"
read -r first second third < <(hosts name)

say "UpdateHosts"
operation=$(done_by ClusterService.UpdateHosts '{
    "cluster_id": "'"$cluster"'",
    "update_host_specs": [
        {"update_mask": {"paths": ["assign_public_ip"]}, "host_name": "'"$first"'", "assign_public_ip": true},
        {"update_mask": {"paths": ["assign_public_ip"]}, "host_name": "'"$third"'", "assign_public_ip": true}
    ]
}')
expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$first\", \"$third\"]"
expect "public addresses" "$(hosts assignPublicIp)" "true - true"

say "StartFailover"
operation=$(done_by ClusterService.StartFailover '{"cluster_id": "'"$cluster"'", "host_name": "'"$third"'"}')
expect "response" "$(field "$operation" response.id)" "$cluster"
expect "hosts" "$(hosts name)" "$first $second $third"
expect "roles" "$(hosts role)" "REPLICA REPLICA MASTER"
refused FailedPrecondition "Host $third is a master already" ClusterService.StartFailover '{
    "cluster_id": "'"$cluster"'", "host_name": "'"$third"'"
}'
