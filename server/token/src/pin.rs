//! The PIN file, and the latch that keeps a refused PIN from being tried again.

mod latch;

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use strongroom_base::limits::PIN_FILE_BYTES_MAX;
use strongroom_material::{Material, Pin};

pub(crate) use latch::{Attempt, Latch};

use crate::fault::TokenFault;

/// Reads the PIN: one line, in a file that only its owner can read. One line break at the end does not count.
///
/// # Errors
/// [`TokenFault::PinFile`], which says what to do.
pub(crate) fn read(path: &Path) -> Result<Material<Pin>, TokenFault> {
    let refuse = |what: String| TokenFault::PinFile {
        path: path.to_owned(),
        what,
    };
    let file = File::open(path).map_err(|fault| refuse(fault.to_string()))?;
    let metadata = file.metadata().map_err(|fault| refuse(fault.to_string()))?;
    if !metadata.is_file() {
        return Err(refuse("it is not a file".to_owned()));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refuse(format!(
            "others may read it (mode {mode:03o}); run: chmod 600 {}",
            path.display()
        )));
    }
    if metadata.size() > PIN_FILE_BYTES_MAX as u64 {
        return Err(refuse(format!("it is longer than {PIN_FILE_BYTES_MAX} bytes")));
    }
    // Room for all that is read, so that the vector never moves and leaves a copy behind.
    let mut bytes = Vec::with_capacity(PIN_FILE_BYTES_MAX + 1);
    let read = file.take(PIN_FILE_BYTES_MAX as u64).read_to_end(&mut bytes);
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    let pin = Material::take(bytes);
    read.map_err(|fault| refuse(fault.to_string()))?;
    if pin.is_empty() {
        Err(refuse("it is empty".to_owned()))
    } else {
        Ok(pin)
    }
}

#[cfg(test)]
mod tests;
