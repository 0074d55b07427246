#!/usr/bin/env bash
# The users of a Redis (Valkey) cluster by grpcurl:  clients/grpcurl/redis_users.sh [-plaintext] [HOST:PORT]
source "$(dirname "$0")/lib.sh"
begin redis "$@"

operation=$(done_by ClusterService.Create '{
    "folder_id": "'$folder'",
    "name": "cache",
    "environment": "PRODUCTION",
    "config_spec": {
        "version": "8.1-valkey",
        "resources": {"resource_preset_id": "hm3-c2-m8", "disk_type_id": "network-ssd", "disk_size": "17179869184"},
        "redis": {"password": "a-long-password"}
    },
    "host_specs": [{"zone_id": "ru-central1-a"}]
}')
cluster=$(field "$operation" metadata.clusterId)
reader='"cluster_id": "'"$cluster"'", "user_name": "reader"'

# users: prints the names of the cluster's users.
users() {
    each "$(sample UserService.List '{"cluster_id": "'"$cluster"'"}')" users name
}

say "Create"
expect "users of a new cluster" "$(users)" default
operation=$(done_by UserService.Create '{
    "cluster_id": "'"$cluster"'",
    "user_spec": {
        "name": "reader",
        "passwords": ["a-long-password"],
        "permissions": {
            "patterns": "~456*",
            "pub_sub_channels": "&123*",
            "categories": "-@all +@geo",
            "commands": "+ping -set",
            "sanitize_payload": "sanitize-payload"
        },
        "enabled": true
    }
}')
expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "reader reader"
expect "passwords" "$(field "$operation" response.passwords)" ""
expect "users" "$(users)" "default reader"
refused AlreadyExists reader UserService.Create '{
    "cluster_id": "'"$cluster"'", "user_spec": {"name": "reader", "passwords": ["a-long-password"]}
}'

say "Create with defaults"
operation=$(done_by UserService.Create '{
    "cluster_id": "'"$cluster"'", "user_spec": {"name": "plain", "passwords": ["a-long-password"]}
}')
expect "patterns that were not asked for" "$(field "$operation" response.permissions.patterns)" allkeys
done_by UserService.Delete '{"cluster_id": "'"$cluster"'", "user_name": "plain"}' >/dev/null
refused FailedPrecondition default UserService.Delete '{"cluster_id": "'"$cluster"'", "user_name": "default"}'

say "Update by mask"
done_by UserService.Update '{
    '"$reader"',
    "update_mask": {"paths": ["permissions.patterns", "permissions.commands"]},
    "permissions": {"patterns": "~789*", "commands": "+get", "categories": "+@all"}
}' >/dev/null
shown=$(sample UserService.Get "{$reader}")
expect "patterns" "$(field "$shown" permissions.patterns)" "~789*"
expect "commands" "$(field "$shown" permissions.commands)" "+get"
expect "categories, which the mask does not name" "$(field "$shown" permissions.categories)" "-@all +@geo"
expect "enabled" "$(field "$shown" enabled)" true
done_by UserService.Update '{'"$reader"', "update_mask": {"paths": ["passwords"]}, "passwords": ["another-password"]}' >/dev/null
done_by UserService.Update '{'"$reader"', "update_mask": {"paths": ["enabled"]}, "enabled": false}' >/dev/null
expect "enabled" "$(field "$(sample UserService.Get "{$reader}")" enabled)" ""
refused FailedPrecondition "no changes detected" UserService.Update '{
    '"$reader"', "update_mask": {"paths": ["enabled"]}, "enabled": false
}'

say "Delete"
operation=$(done_by UserService.Delete "{$reader}")
expect "response" "$(field "$operation" response.@type)" "type.googleapis.com/google.protobuf.Empty"
expect "users" "$(users)" default
refused NotFound reader UserService.Get "{$reader}"
