# What the journeys share. Each works in a universe of its own, whose clock is frozen: nothing that it does shows in another.
# Needs bash, python3 (to read JSON) and grpcurl: from $GRPCURL, or else the one on PATH.

source "${BASH_SOURCE%/*}/../lib.sh"

grpcurl=${GRPCURL:-grpcurl}
protos=$(cd "${BASH_SOURCE%/*}/../../proto" && pwd)
transport=() # TLS, unless told otherwise
folder=b1gjourney0000000000
begins=2026-01-31T12:00:00Z

# begin ENGINE [-plaintext] [HOST:PORT]: makes the universe, which goes when the journey ends; finds the service, and gets a
# token.
begin() {
    local engine=$1
    shift
    if [[ ${1:-} == -plaintext ]]; then
        transport=("$1")
        shift
    fi
    address=${1:-${MDB_EMULATOR_ADDRESS:-127.0.0.1:7300}}
    package=yandex.cloud.mdb.$engine.v1
    universe=grpcurl-$engine-$$
    say "$package on $address, in universe $universe"
    control UniverseService/Create '{"universe_id": "'"$universe"'", "frozen_at": "'$begins'"}' >/dev/null
    trap 'control UniverseService/Delete "{\"universe_id\": \"$universe\"}" >/dev/null' EXIT

    local endpoint
    endpoint=$(rpc yandex.cloud.endpoint.ApiEndpointService/Get '{"api_endpoint_id": "managed-'"$engine"'"}')
    expect "endpoint" "$(field "$endpoint" address)" "$address"
    authorize
    expect "token" "${token:0:3}" "t1."
}

# authorize: gets a token, which is good for 12 hours of the universe's time.
authorize() {
    token=$(rpc yandex.cloud.iam.v1.IamTokenService/Create '{"yandex_passport_oauth_token": "y0_journey"}')
    token=$(field "$token" iamToken)
}

# call SERVICE/METHOD REQUEST: calls an RPC of the engine in the journey's universe; prints the reply.
call() {
    rpc "$package.$1" "$2"
}

# rpc PACKAGE.SERVICE/METHOD REQUEST: the same for any RPC.
rpc() {
    "$grpcurl" "${transport[@]}" ${token:+-rpc-header "authorization: Bearer $token"} \
        -rpc-header "x-mdb-universe: $universe" -d "$2" "$address" "$1"
}

# sample SERVICE.METHOD REQUEST: calls an RPC of the engine as the samples of its documentation do: by the file that declares it instead
# of by reflection, and with a dot before the method.
sample() {
    local file
    file=$(sed 's/\..*//; s/\([a-z]\)\([A-Z]\)/\1_\2/g' <<<"$1")
    "$grpcurl" "${transport[@]}" -format json -import-path "$protos" -proto "$protos/${package//./\/}/${file,,}.proto" \
        -rpc-header "Authorization: Bearer $token" -rpc-header "x-mdb-universe: $universe" -d "$2" "$address" "$package.$1"
}

# done_by SERVICE.METHOD REQUEST: the same for what begins an operation, of which it waits for the end; prints it as it ended.
done_by() {
    local operation
    operation=$(sample "$@")
    finish "$operation"
}

# hosts PATH: prints what is at a path in each of the hosts of $cluster.
hosts() {
    each "$(sample ClusterService.ListHosts '{"cluster_id": "'"$cluster"'"}')" hosts "$1"
}

# presets ID CORES MEMORY: the preset must be as told, and on one of two pages of the list.
presets() {
    local preset first second
    preset=$(sample ResourcePresetService.Get '{"resource_preset_id": "'"$1"'"}')
    expect "cores and memory of $1" "$(field "$preset" cores) $(field "$preset" memory)" "$2 $3"
    first=$(sample ResourcePresetService.List '{"page_size": 2}')
    expect "presets on the first page" "$(field "$first" resourcePresets.#)" 2
    second=$(sample ResourcePresetService.List '{"page_size": 1000, "page_token": "'"$(field "$first" nextPageToken)"'"}')
    [[ " $(each "$first" resourcePresets id) $(each "$second" resourcePresets id) " == *" $1 "* ]] || fail "$1 is not listed"
    refused NotFound s9-c1-m1 ResourcePresetService.Get '{"resource_preset_id": "s9-c1-m1"}'
}

# versions ID: the version must be listed.
versions() {
    local listed
    listed=$(sample VersionsService.List '{}')
    [[ " $(each "$listed" version id) " == *" $1 "* ]] || fail "version $1 is not listed: $listed"
}

# control SERVICE/METHOD REQUEST: calls the emulator's own API, which takes a token of its own where calls need one.
control() {
    "$grpcurl" "${transport[@]}" ${MDB_EMULATOR_CONTROL_TOKEN:+-rpc-header "authorization: Bearer $MDB_EMULATOR_CONTROL_TOKEN"} -d "$2" "$address" "mdb.emulator.v1.$1"
}

# advance SECONDS: lets time pass for the universe, and gets a new token.
advance() {
    control ClockService/Advance '{"universe_id": "'"$universe"'", "by": "'"$1"'s"}' >/dev/null
    authorize
}

# finish OPERATION: polls the operation until it is done; prints it, or fails with its error.
finish() {
    local operation=$1 id
    id=$(field "$operation" id)
    for _ in {1..60}; do
        operation=$(rpc yandex.cloud.operation.OperationService/Get '{"operation_id": "'"$id"'"}')
        if [[ $(field "$operation" done) == true ]]; then
            [[ -z $(field "$operation" error) ]] || fail "operation $id: $(field "$operation" error)"
            echo "$operation"
            return
        fi
        sleep 1
    done
    fail "operation $id takes too long"
}

# refused CODE WORDING SERVICE/METHOD REQUEST: the call must be refused with this code, in words that contain these. With a dot before the
# method it is called as the samples are.
refused() {
    local code=$1 wording=$2 answer way=call
    shift 2
    [[ $1 == */* ]] || way=sample
    if answer=$("$way" "$@" 2>&1); then
        fail "$1 is not refused"
    fi
    [[ $answer == *"Code: $code"* && $answer == *"$wording"* ]] || fail "$1 is refused otherwise: $answer"
    say "  $1 is refused: $code"
}
