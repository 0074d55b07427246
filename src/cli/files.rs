//! Files that others read: each is there whole, or as it was before.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Who may read a file: everybody, as far as the process's own mask lets them.
pub const FOR_EVERYBODY: u32 = 0o644;

/// Who may read a file: the user that the process runs as, alone.
pub const FOR_THE_OWNER: u32 = 0o600;

/// Writes a file whole, in place of what is there.
///
/// # Errors
///
/// If its folder cannot be written to.
pub fn write(file: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut unfinished = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
    unfinished.write_all(content)?;
    unfinished.persist(file)?;
    Ok(())
}
