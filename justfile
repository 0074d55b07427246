# `just` lists what there is to do.

port := "7300"

_list:
    @just --list --unsorted

# Serve an empty emulator.
run *options:
    cargo run --release -- serve --listen 127.0.0.1:{{ port }} {{ options }}

# Serve a folder with a cluster of each engine and a week of backups.
demo *options: (run "--demo" options)

# Run the tests.
test *options:
    cargo test {{ options }}

# Check the code with clippy, and that it is formatted.
lint:
    cargo clippy --workspace --all-targets -- -D warnings
    cargo fmt --check

# Format the code.
format:
    cargo fmt

# Make the documentation of the library, and open it.
docs:
    cargo doc --no-deps --open

# Measure.
bench *options:
    cargo bench {{ options }}

# Compare the contract of a running server with the official Python package.
contract address=("127.0.0.1:" + port):
    clients/python/run contract_test.py
    clients/python/run contract.py {{ address }}

# Run the journey of every client, or of those that are named.
clients *names:
    cargo build --release
    clients/run {{ names }}

# Try the container image without Docker, which needs root.
container:
    .ci/container

# Check the licences and sources of dependencies.
deny:
    cargo deny check licenses bans sources

# Everything that must hold of a commit.
ci:
    .ci/run
