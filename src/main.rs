//! The command `mdb-emulator`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A page of backups is some hundreds of small allocations, which it serves in less time than the system's allocator does.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    mdb_emulator::cli::run()
}
