# Hosts, shards and failover by curl, in the form of the documentation's samples.

hosts_of_redis() {
    begin_cluster /managed-redis/v1/clusters hosts "$redis, \"tlsEnabled\": true"
    local first second third operation
    read -r first second < <(hosts name)

    operation=$(done_by POST "$cluster/hosts:batchUpdate" '{
        "updateHostSpecs": [{
            "updateMask": "replicaPriority,assignPublicIp",
            "hostName": "'"$second"'",
            "replicaPriority": "50",
            "assignPublicIp": true
        }]
    }')
    expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$second\"]"
    expect "priorities" "$(hosts replicaPriority)" "100 50"
    expect "public addresses" "$(hosts assignPublicIp)" "- true"
    refused 404 5 "Host nowhere not found in cluster $id" POST "$cluster/hosts:batchUpdate" '{
        "updateHostSpecs": [{"updateMask": "assignPublicIp", "hostName": "nowhere", "assignPublicIp": true}]
    }'

    operation=$(done_by POST "$cluster/hosts:batchCreate" '{
        "hostSpecs": [{"zoneId": "ru-central1-d", "replicaPriority": "10", "assignPublicIp": false}]
    }')
    third=$(field "$operation" metadata.hostNames.0)
    expect "hosts" "$(hosts name)" "$first $second $third"

    operation=$(done_by POST "$cluster:startFailover")
    expect "response" "$(field "$operation" response.id)" "$id"
    expect "roles after a failover without a body" "$(hosts role)" "REPLICA REPLICA MASTER"
    done_by POST "$cluster:startFailover" '{"hostNames": ["'"$third"'"]}' >/dev/null
    expect "roles after a failover from a host" "$(hosts role)" "REPLICA MASTER REPLICA"

    done_by POST "$cluster/hosts:batchDelete" '{"hostNames": ["'"$third"'"]}' >/dev/null
    expect "hosts" "$(hosts name)" "$first $second"

    refused 400 9 "Cluster $id is not sharded" POST "$cluster:rebalance"
    done_by POST "$cluster:enable_sharding" >/dev/null
    expect "shards" "$(names shards)" shard1
    operation=$(done_by POST "$cluster/shards" '{
        "shardName": "shard2", "hostSpecs": [{"zoneId": "ru-central1-a"}, {"zoneId": "ru-central1-d"}]
    }')
    expect "shard" "$(field "$operation" response.name)" shard2
    expect "shards" "$(names shards)" "shard1 shard2"
    expect "shard" "$(field "$(ok GET "$cluster/shards/shard2")" clusterId)" "$id"
    operation=$(done_by POST "$cluster:rebalance")
    expect "rebalanced" "$(field "$operation" response.id)" "$id"
    read -r _ _ third _ < <(hosts name)
    done_by POST "$cluster:startFailover" '{"hostNames": ["'"$third"'"]}' >/dev/null
    expect "roles after a failover in shard2" "$(hosts role)" "REPLICA MASTER REPLICA MASTER"
    done_by DELETE "$cluster/shards/shard2" >/dev/null
    expect "shards" "$(names shards)" shard1
    expect "hosts" "$(hosts name)" "$first $second"
}

hosts_of_mysql() {
    begin_cluster /managed-mysql/v1/clusters hosts "$mysql"
    local first second operation
    first=$(hosts name)

    operation=$(done_by POST "$cluster/hosts:batchCreate" '{
        "hostSpecs": [{
            "zoneId": "ru-central1-b",
            "replicationSource": "'"$first"'",
            "backupPriority": "10",
            "priority": "20",
            "assignPublicIp": true
        }]
    }')
    second=$(field "$operation" metadata.hostNames.0)
    expect "sources" "$(hosts replicationSource)" "- $first"
    done_by POST "$cluster/hosts:batchUpdate" '{
        "updateHostSpecs": [{
            "updateMask": "replicationSource,backupPriority,priority,assignPublicIp",
            "hostName": "'"$second"'",
            "replicationSource": "",
            "backupPriority": "30",
            "priority": "40",
            "assignPublicIp": false
        }]
    }' >/dev/null
    expect "updated" "$(hosts replicationSource), $(hosts backupPriority), $(hosts priority), $(hosts assignPublicIp)" \
        "- -, - 30, - 40, - -"
    done_by POST "$cluster:startFailover" >/dev/null
    expect "roles after a failover without a body" "$(hosts role)" "REPLICA MASTER"
    done_by POST "$cluster:startFailover" '{"hostName": "'"$first"'"}' >/dev/null
    expect "roles after a failover to a host" "$(hosts role)" "MASTER REPLICA"
    refused 400 9 "Host $first is a master already" POST "$cluster:startFailover" '{"hostName": "'"$first"'"}'

    done_by POST "$cluster/hosts:batchDelete" '{"hostNames": ["'"$first"'"]}' >/dev/null
    expect "who is left and leads" "$(hosts name) $(hosts role)" "$second MASTER"
}

hosts_of_sqlserver() {
    begin_cluster /mdb/sqlserver/v1/clusters hosts "$sqlserver"
    local first third
    read -r first _ third < <(hosts name)

    done_by POST "$cluster/hosts:batchUpdate" '{
        "updateHostSpecs": [{"updateMask": "assignPublicIp", "hostName": "'"$first"'", "assignPublicIp": true}]
    }' >/dev/null
    expect "public addresses" "$(hosts assignPublicIp)" "true - -"
    refused 400 9 "no changes detected" POST "$cluster/hosts:batchUpdate" '{
        "updateHostSpecs": [{"updateMask": "assignPublicIp", "hostName": "'"$first"'", "assignPublicIp": true}]
    }'
    done_by POST "$cluster:startFailover" '{"hostName": "'"$third"'"}' >/dev/null
    expect "roles after a failover" "$(hosts role)" "REPLICA REPLICA MASTER"
}

hosts_of_spqr() {
    begin_cluster /managed-spqr/v1/clusters hosts '"environment": "PRODUCTION", "networkId": "enpjourney0000000000", "configSpec": {
            "spqrSpec": {
                "router": {"resources": {"resourcePresetId": "s3-c2-m8", "diskTypeId": "network-ssd", "diskSize": "10737418240"}}
            }
        }, "hostSpecs": [{"zoneId": "ru-central1-a", "type": "ROUTER"}]'
    local router first second operation
    router=$(hosts name)

    operation=$(done_by POST /managed-spqr/v1/subclusters '{
        "clusterId": "'"$id"'",
        "hostSpecs": [{"zoneId": "ru-central1-a", "type": "COORDINATOR"}],
        "resources": {"resourcePresetId": "s3-c4-m16", "diskTypeId": "network-ssd", "diskSize": "10737418240"}
    }')
    first=$(field "$operation" metadata.hostNames.0)
    expect "types" "$(hosts type)" "ROUTER COORDINATOR"
    expect "presets" "$(hosts resources.resourcePresetId)" "s3-c2-m8 s3-c4-m16"
    operation=$(done_by POST "$cluster/hosts:batchCreate" '{
        "hostSpecs": [{"zoneId": "ru-central1-b", "assignPublicIp": false, "type": "COORDINATOR"}]
    }')
    second=$(field "$operation" metadata.hostNames.0)
    done_by POST "$cluster/hosts:batchUpdate" '{
        "updateHostSpecs": [{"updateMask": "assignPublicIp", "hostName": "'"$router"'", "assignPublicIp": true}]
    }' >/dev/null
    expect "public addresses" "$(hosts assignPublicIp)" "true - -"
    operation=$(done_by POST "$cluster:resetupHosts" '{"hostNames": ["'"$first"'"]}')
    expect "host names" "$(field "$operation" metadata.hostNames)" "[\"$first\"]"
    done_by POST "$cluster/hosts:batchDelete" '{"hostNames": ["'"$first"'"]}' >/dev/null
    expect "who is left and leads" "$(hosts name) $(hosts role)" "$router $second PRIMARY PRIMARY"
    refused 400 9 "Host $router cannot be deleted: it is the last of type ROUTER" POST "$cluster/hosts:batchDelete" \
        '{"hostNames": ["'"$router"'"]}'

    operation=$(done_by POST "$cluster/shards" '{
        "shardSpec": {"shardName": "shard1", "mdbPostgresql": {"clusterId": "c9qpostgresql0000000"}}
    }')
    expect "shard" "$(field "$operation" response.name)" shard1
    expect "its cluster" "$(field "$(ok GET "$cluster/shards/shard1")" clusterId)" c9qpostgresql0000000
    expect "shards" "$(names shards)" shard1
    done_by DELETE "$cluster/shards/shard1" >/dev/null
    refused 404 5 "Shard \"shard1\" not found in cluster $id" GET "$cluster/shards/shard1"
}
