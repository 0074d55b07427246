"""Runs the examples of a README against a server: every `sh` and `python` block that names the address 127.0.0.1:7300.

clients/python/run ../../.ci/readme.py README.md HOST:PORT
"""

import re
import subprocess
import sys

ADDRESS = "127.0.0.1:7300"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(readme, address):
    ran = 0
    for kind, code in BLOCK.findall(open(readme, encoding="utf-8").read()):
        if ADDRESS not in code:
            continue
        code = code.replace(ADDRESS, address)
        command = ["bash", "-euo", "pipefail", "-c", code] if kind == "sh" else [sys.executable, "-c", code]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0 or not done.stdout.strip():
            print(f"{code}\nends with {done.returncode} and says:\n{done.stdout}")
            return 1
        ran += 1
    print(f"{ran} examples ran")
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
