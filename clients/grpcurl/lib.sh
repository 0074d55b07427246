# What the journeys share. Each works in a universe of its own, whose clock is frozen: nothing that it does shows in another.
# Needs bash, python3 (to read JSON) and grpcurl: from $GRPCURL, or else the one on PATH.

set -euo pipefail
shopt -s inherit_errexit

grpcurl=${GRPCURL:-grpcurl}
address=127.0.0.1:7300
folder=b1gjourney0000000000
begins=2026-01-31T12:00:00Z

# begin ENGINE [HOST:PORT]: makes the universe; it goes when the journey ends.
begin() {
    package=yandex.cloud.mdb.$1.v1
    universe=grpcurl-$1-$$
    address=${2:-$address}
    say "$package on $address, in universe $universe"
    control UniverseService/Create '{"universe_id": "'"$universe"'", "frozen_at": "'$begins'"}' >/dev/null
    trap 'control UniverseService/Delete "{\"universe_id\": \"$universe\"}" >/dev/null' EXIT
}

# call SERVICE/METHOD REQUEST: calls an RPC of the engine in the journey's universe; prints the reply.
call() {
    "$grpcurl" -plaintext -rpc-header "x-mdb-universe: $universe" -d "$2" "$address" "$package.$1"
}

# control SERVICE/METHOD REQUEST: calls the emulator's own API.
control() {
    "$grpcurl" -plaintext -d "$2" "$address" "mdb.emulator.v1.$1"
}

# advance SECONDS: lets time pass for the universe.
advance() {
    control ClockService/Advance '{"universe_id": "'"$universe"'", "by": "'"$1"'s"}' >/dev/null
}

# finish OPERATION: polls the operation until it is done; prints it, or fails with its error.
finish() {
    local operation=$1 id
    id=$(field "$operation" id)
    for _ in {1..60}; do
        operation=$("$grpcurl" -plaintext -rpc-header "x-mdb-universe: $universe" -d '{"operation_id": "'"$id"'"}' \
            "$address" yandex.cloud.operation.OperationService/Get)
        if [[ $(field "$operation" done) == true ]]; then
            [[ -z $(field "$operation" error) ]] || fail "operation $id: $(field "$operation" error)"
            echo "$operation"
            return
        fi
        sleep 1
    done
    fail "operation $id takes too long"
}

# field JSON PATH: prints what is at a path such as `backups.0.id`; nothing if there is nothing; `#` counts a list.
field() {
    python3 -c '
import json, sys
value = json.loads(sys.argv[1])
for step in sys.argv[2].split("."):
    if step == "#":
        value = len(value or [])
    elif isinstance(value, list):
        value = value[int(step)] if int(step) < len(value) else None
    else:
        value = (value or {}).get(step)
print("" if value is None else value if isinstance(value, str) else json.dumps(value))
' "$1" "$2"
}

# expect WHAT ACTUAL WANTED: fails unless they are the same.
expect() {
    [[ $2 == "$3" ]] || fail "$1 is '$2', but should be '$3'"
    say "  $1: $2"
}

# refused CODE WORDING SERVICE/METHOD REQUEST: the call must be refused with this code, in words that contain these.
refused() {
    local code=$1 wording=$2 answer
    shift 2
    if answer=$(call "$@" 2>&1); then
        fail "$1 is not refused"
    fi
    [[ $answer == *"Code: $code"* && $answer == *"$wording"* ]] || fail "$1 is refused otherwise: $answer"
    say "  $1 is refused: $code"
}

say() {
    echo "$*" >&2
}

fail() {
    say "FAILED: $*"
    exit 1
}
