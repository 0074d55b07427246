# What the journeys in shell share. Needs bash, and python3 to read JSON.

set -euo pipefail
shopt -s inherit_errexit

# Itself, and not what finds it, which may take longer than it does.
python=$(python3 -c 'import sys; print(sys.executable)')

# field JSON PATH: prints what is at a path such as `backups.0.id`; nothing if there is nothing; `#` counts a list.
field() {
    "$python" -SE -c '
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

say() {
    echo "$*" >&2
}

fail() {
    say "FAILED: $*"
    exit 1
}
