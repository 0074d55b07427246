//! The command `mdb-emulator`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mdb_emulator::cli::run()
}
