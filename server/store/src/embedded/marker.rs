//! [`Marker`]: the file that says "a store was made here" and keeps a second opener out.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::visible::SEQUENCE_ROW;
use crate::fault::StoreFault;
use crate::record::Revision;

const FILE_NAME: &str = "strongroom-store";
/// What the marker says once the store was made.
const CONTENT: &str = "strongroom store 1\n";

/// The open, locked marker file. The lock goes when the last handle does, also when the process is killed.
pub(super) struct Marker {
    file: File,
}

impl Marker {
    /// Takes the lock. sled locks its own file too, but its text names neither the directory nor what to do.
    pub(super) fn lock(directory: &Path) -> Result<Self, StoreFault> {
        let path = directory.join(FILE_NAME);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        let inaccessible =
            |cause: io::Error| StoreFault::Inaccessible { directory: directory.to_owned(), cause: cause.to_string() };
        let file = open.map_err(inaccessible)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { file }),
            Err(Errno::WOULDBLOCK) => Err(StoreFault::InUse { directory: directory.to_owned() }),
            Err(errno) => Err(inaccessible(errno.into())),
        }
    }

    /// The last revision that the database gave out. Makes the row of a new store; a database that lost it is refused:
    /// after a power cut without our syncs sled opened as an empty database, and nobody would have noticed.
    pub(super) fn recover(&self, database: &sled::Db, sync: impl FnOnce() -> io::Result<()>) -> Result<Revision, String> {
        let row = database.get(SEQUENCE_ROW).map_err(|error| super::open::describe(&error))?;
        if let Some(row) = row {
            let newest = parse_sequence_row(&row).ok_or("the row with its last revision cannot be read")?;
            self.confirm().map_err(|error| error.to_string())?;
            return Ok(newest);
        }
        if self.was_made().map_err(|error| error.to_string())? || !database.is_empty() {
            return Err("the database is empty although there was a store here before".to_owned());
        }
        let newest = Revision(0);
        database.insert(SEQUENCE_ROW, sequence_row(newest)).map_err(|error| super::open::describe(&error))?;
        database.flush().map_err(|error| super::open::describe(&error))?;
        sync().and_then(|()| self.confirm()).map_err(|error| error.to_string())?;
        Ok(newest)
    }

    fn was_made(&self) -> io::Result<bool> {
        let mut content = String::new();
        let mut file = &self.file;
        file.rewind()?;
        file.read_to_string(&mut content)?;
        Ok(!content.is_empty())
    }

    /// Writes down that the store was made, once it is on disk.
    fn confirm(&self) -> io::Result<()> {
        if self.was_made()? {
            return Ok(());
        }
        let mut file = &self.file;
        file.write_all(CONTENT.as_bytes())?;
        file.sync_all()
    }
}

/// The value of the store's own row.
pub(super) fn sequence_row(newest: Revision) -> Vec<u8> {
    newest.0.to_be_bytes().to_vec()
}

fn parse_sequence_row(row: &[u8]) -> Option<Revision> {
    Some(Revision(u64::from_be_bytes(row.try_into().ok()?)))
}
