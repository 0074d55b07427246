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

# each JSON LIST PATH: prints what is at a path in each item of a list, with spaces between; `-` where there is nothing.
each() {
    "$python" -SE -c '
import json, sys
def at(value, path):
    for step in path.split("."):
        value = (value or {}).get(step)
    return "-" if value is None else value if isinstance(value, str) else json.dumps(value)
items = json.loads(sys.argv[1]).get(sys.argv[2], [])
print(" ".join(at(item, sys.argv[3]) for item in items))
' "$1" "$2" "$3"
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
