# What the journeys by curl share. They need $base, $folder and $work, and $token where calls need one.

source "${BASH_SOURCE%/*}/../lib.sh"

# rest METHOD PATH [BODY]: prints the reply's body, and keeps the HTTP status in a file.
rest() {
    curl --silent --show-error --request "$1" ${token:+--header "authorization: Bearer $token"} \
        ${3+--header "content-type: application/json" --data "$3"} \
        --output "$work/body" --write-out '%{http_code}' "$base$2" >"$work/status"
    cat "$work/body"
}

# ok METHOD PATH [BODY]: the same, and fails if it is refused.
ok() {
    local reply
    reply=$(rest "$@")
    [[ $(<"$work/status") == 200 ]] || fail "$1 $2 is refused: $reply"
    echo "$reply"
}

# refused STATUS CODE WORDING METHOD PATH [BODY]: the call must be refused like that.
refused() {
    local reply
    reply=$(rest "${@:4}")
    expect "$4 $5 is refused with" "$(<"$work/status") $(field "$reply" code) $(field "$reply" message)" "$1 $2 $3"
}

# query PATH NAME=VALUE…: prints the reply to GET with these parameters, and fails if it is refused.
query() {
    local path=$1 parameter options=()
    shift
    for parameter in "$@"; do
        options+=(--data-urlencode "$parameter")
    done
    curl --silent --show-error --fail-with-body --get --header "authorization: Bearer $token" "${options[@]}" "$base$path" ||
        fail "GET $path with $* is refused"
}

# ended OPERATION: polls the operation until it is done; prints it as it is then.
ended() {
    local id operation=$1
    id=$(field "$operation" id)
    for _ in {1..60}; do
        operation=$(ok GET "/operations/$id")
        if [[ $(field "$operation" done) == true ]]; then
            [[ -z $(field "$operation" error) ]] || fail "operation $id: $(field "$operation" error)"
            echo "$operation"
            return
        fi
        sleep 1
    done
    fail "operation $id takes too long"
}

# finished OPERATION: the same, and prints its response alone.
finished() {
    local operation
    operation=$(ended "$1")
    field "$operation" response
}

# done_by METHOD PATH [BODY]: a call that begins an operation; waits for the end of it, and prints it as it is then.
done_by() {
    local operation
    operation=$(ok "$@")
    ended "$operation"
}

# begin_cluster PATH NAME SETTINGS: makes a cluster; leaves its path in $cluster and its id in $id.
begin_cluster() {
    local operation
    operation=$(done_by POST "$1" '{"folderId": "'"$folder"'", "name": "'"$2"'", '"$3"'}')
    id=$(field "$operation" metadata.clusterId)
    cluster=$1/$id
    say "$cluster"
}

# hosts PATH: prints what is at a path in each of the cluster's hosts.
hosts() {
    each "$(ok GET "$cluster/hosts")" hosts "$1"
}

# names LIST: prints the names of what the cluster has of a kind, such as users.
names() {
    each "$(ok GET "$cluster/$1")" "$1" name
}
