# Users and databases by curl, in the form of the documentation's samples.

users_of_redis() {
    begin_cluster /managed-redis/v1/clusters users "$redis"
    local reader=$cluster/users/reader operation

    operation=$(done_by POST "$cluster/users" '{
        "userSpec": {
            "name": "reader",
            "passwords": ["a-long-password"],
            "permissions": {
                "patterns": "~456*",
                "pubSubChannels": "&123*",
                "categories": "-@all +@geo",
                "commands": "+ping -set",
                "sanitizePayload": "sanitize-payload"
            },
            "enabled": true
        }
    }')
    expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "reader reader"
    expect "users" "$(names users)" "default reader"
    operation=$(done_by PATCH "$reader" '{
        "updateMask": "permissions.patterns,permissions.pubSubChannels",
        "permissions": {"patterns": "~789*", "pubSubChannels": "resetchannels", "commands": "+get"}
    }')
    expect "patterns" "$(field "$operation" response.permissions.patterns)" "~789*"
    expect "channels" "$(field "$operation" response.permissions.pubSubChannels)" resetchannels
    expect "commands, which the mask does not name" "$(field "$operation" response.permissions.commands)" "+ping -set"
    done_by PATCH "$reader" '{"updateMask": "passwords", "passwords": ["another-password"]}' >/dev/null
    done_by PATCH "$reader" '{"updateMask": "enabled", "enabled": false}' >/dev/null
    expect "enabled" "$(field "$(ok GET "$reader")" enabled)" ""
    refused 400 9 "no changes detected" PATCH "$reader" '{"updateMask": "enabled", "enabled": false}'
    done_by DELETE "$reader" >/dev/null
    expect "users" "$(names users)" default
}

users_of_mysql() {
    begin_cluster /managed-mysql/v1/clusters users "$mysql"
    local shop=$cluster/users/shop returns=$cluster/databases/returns operation

    done_by POST "$cluster/databases" '{"databaseSpec": {"name": "orders"}}' >/dev/null
    done_by POST "$cluster/databases" '{"databaseSpec": {"name": "returns"}}' >/dev/null
    expect "databases" "$(names databases)" "orders returns"
    operation=$(done_by PATCH "$returns" '{
        "updateMask": "deletionProtectionMode", "deletionProtectionMode": "DELETION_PROTECTION_MODE_ENABLED"
    }')
    expect "protection" "$(field "$operation" response.deletionProtectionMode)" DELETION_PROTECTION_MODE_ENABLED

    operation=$(done_by POST "$cluster/users" '{
        "userSpec": {
            "name": "shop",
            "password": "a-long-password",
            "permissions": [{"databaseName": "orders", "roles": ["SELECT"]}]
        }
    }')
    expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "shop shop"
    done_by PATCH "$shop" '{"updateMask": "password", "password": "another-password"}' >/dev/null
    operation=$(done_by PATCH "$shop" '{
        "updateMask": "globalPermissions,connectionLimits,authenticationPlugin",
        "globalPermissions": ["PROCESS"],
        "connectionLimits": {
            "maxQuestionsPerHour": "1000",
            "maxUpdatesPerHour": "2000",
            "maxConnectionsPerHour": "3000",
            "maxUserConnections": "40"
        },
        "authenticationPlugin": "SHA256_PASSWORD"
    }')
    expect "global permissions" "$(field "$operation" response.globalPermissions)" '["PROCESS"]'
    expect "connections" "$(field "$operation" response.connectionLimits.maxUserConnections)" 40
    expect "plugin" "$(field "$operation" response.authenticationPlugin)" SHA256_PASSWORD
    operation=$(done_by POST "$shop:grantPermission" '{
        "permission": {"databaseName": "returns", "roles": ["ALL_PRIVILEGES"]}
    }')
    expect "databases" "$(each "$(field "$operation" response)" permissions databaseName)" "orders returns"
    operation=$(done_by POST "$shop:revokePermission" '{"permission": {"databaseName": "orders", "roles": ["SELECT"]}}')
    expect "databases" "$(each "$(field "$operation" response)" permissions databaseName)" returns
    refused 400 9 "no changes detected" POST "$shop:revokePermission" \
        '{"permission": {"databaseName": "orders", "roles": ["SELECT"]}}'

    done_by DELETE "$shop" >/dev/null
    refused 404 5 "User \"shop\" not found in cluster $id" GET "$shop"
    done_by PATCH "$returns" '{
        "updateMask": "deletionProtectionMode", "deletionProtectionMode": "DELETION_PROTECTION_MODE_DISABLED"
    }' >/dev/null
    done_by DELETE "$returns" >/dev/null
    expect "databases" "$(names databases)" orders
}

users_of_sqlserver() {
    begin_cluster /mdb/sqlserver/v1/clusters users "$sqlserver, \"serviceAccountId\": \"ajejourney0000000000\""
    local clerk=$cluster/users/clerk operation backup

    done_by POST "$cluster/databases" '{"databaseSpec": {"name": "invoices"}}' >/dev/null
    operation=$(done_by POST "$cluster/users" '{
        "userSpec": {
            "name": "clerk",
            "password": "a-long-password",
            "permissions": [{"databaseName": "invoices", "roles": ["DB_DATAREADER"]}]
        }
    }')
    expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "clerk clerk"
    done_by PATCH "$clerk" '{"updateMask": "password", "password": "another-password"}' >/dev/null
    operation=$(done_by POST "$clerk:grantPermission" '{
        "permission": {"databaseName": "invoices", "roles": ["DB_DATAWRITER"]}
    }')
    expect "roles" "$(field "$operation" response.permissions.0.roles)" '["DB_DATAREADER", "DB_DATAWRITER"]'
    operation=$(done_by POST "$clerk:revokePermission" '{
        "permission": {"databaseName": "invoices", "roles": ["DB_DATAREADER"]}
    }')
    expect "roles" "$(field "$operation" response.permissions.0.roles)" '["DB_DATAWRITER"]'

    done_by POST "$cluster:backup" >/dev/null
    backup=$(field "$(ok GET "$cluster/backups")" backups.0.id)
    # A point in time comes after the second in which the backup ended.
    sleep 2
    operation=$(done_by POST "$cluster/databases:restore" '{
        "databaseName": "restored",
        "fromDatabase": "invoices",
        "backupId": "'"$backup"'",
        "time": "'"$(date --utc +%FT%T.%NZ)"'"
    }')
    expect "restored" "$(field "$operation" metadata.backupId) $(field "$operation" response.name)" "$backup restored"
    operation=$(done_by POST "$cluster/databases/invoices:export" '{
        "s3Bucket": "backups", "s3Path": "billing", "prefix": "invoices_"
    }')
    expect "exported" "$(field "$operation" metadata.s3Bucket) $(field "$operation" response.name)" "backups invoices"
    operation=$(done_by POST "$cluster/databases:import" '{
        "databaseName": "imported", "s3Bucket": "backups", "s3Path": "billing", "files": ["invoices_1.bak"]
    }')
    expect "imported" "$(field "$operation" metadata.s3Bucket) $(field "$operation" response.name)" "backups imported"
    expect "databases" "$(names databases)" "imported invoices restored"

    done_by DELETE "$clerk" >/dev/null
    refused 404 5 "User \"clerk\" not found in cluster $id" GET "$clerk"
    done_by DELETE "$cluster/databases/imported" >/dev/null
    expect "databases" "$(names databases)" "invoices restored"
}

users_of_spqr() {
    begin_cluster /managed-spqr/v1/clusters users "$spqr"
    local reader=$cluster/users/reader operation

    done_by POST "$cluster/databases" '{"databaseSpec": {"name": "sessions"}}' >/dev/null
    operation=$(done_by POST "$cluster/users" '{
        "userSpec": {
            "name": "reader",
            "password": "a-long-password",
            "permissions": [{"databaseName": "sessions"}],
            "settings": {"connectionLimit": "10", "connectionRetries": "2"},
            "grants": ["reader"]
        }
    }')
    expect "user" "$(field "$operation" metadata.userName) $(field "$operation" response.name)" "reader reader"
    operation=$(done_by PATCH "$reader" '{
        "updateMask": "settings.connectionLimit,grants",
        "settings": {"connectionLimit": "20"},
        "grants": ["reader", "writer"]
    }')
    expect "settings" "$(field "$operation" response.settings)" '{"connectionLimit": "20", "connectionRetries": "2"}'
    expect "grants" "$(field "$operation" response.grants)" '["reader", "writer"]'
    done_by PATCH "$reader" '{"updateMask": "password", "password": "another-password"}' >/dev/null
    done_by DELETE "$reader" >/dev/null
    refused 404 5 "User \"reader\" not found in cluster $id" GET "$reader"
    done_by DELETE "$cluster/databases/sessions" >/dev/null
    expect "databases" "$(names databases)" ""
}
