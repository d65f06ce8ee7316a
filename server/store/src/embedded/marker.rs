//! [`Marker`]: the file that says "a store was made here, and it got so far", and keeps a second opener out.
//!
//! sled takes a log whose middle is torn for a log that ends there: it opens without a word, with an older state or with
//! nothing at all. So the last revision is also written here, after it is durable in the database; a database that comes
//! back with an earlier one is refused. The marker is not synced with every batch (it costs one write into memory), so
//! after a power cut it may be some seconds behind, never ahead. It protects against damage; somebody who can write to
//! the directory can put both back.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::open::describe;
use super::visible::SEQUENCE_ROW;
use crate::fault::StoreFault;
use crate::record::Revision;

const FILE_NAME: &str = "strongroom-store";
/// Bytes that are read back; the text is shorter.
const TEXT_BYTES_MAX: usize = 256;

/// The open, locked marker file. The lock goes when the last handle does, also when the process is killed.
pub(super) struct Marker {
    file: File,
}

impl Marker {
    /// Takes the lock. sled locks its own file too, but its text names neither the directory nor what to do.
    pub(super) fn lock(directory: &Path) -> Result<Self, StoreFault> {
        let path = directory.join(FILE_NAME);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path);
        let inaccessible = |cause: io::Error| StoreFault::Inaccessible {
            directory: directory.to_owned(),
            cause: cause.to_string(),
        };
        let file = open.map_err(inaccessible)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { file }),
            Err(Errno::WOULDBLOCK) => Err(StoreFault::InUse {
                directory: directory.to_owned(),
            }),
            Err(errno) => Err(inaccessible(errno.into())),
        }
    }

    /// The last revision that the database gave out; a new store gets its row and its marker. The text of an error says
    /// what is wrong with a database that has lost something.
    pub(super) fn recover(
        &self,
        database: &sled::Db,
        sync: impl FnOnce() -> io::Result<()>,
    ) -> Result<Revision, String> {
        let marked = self.read().map_err(|error| error.to_string())?;
        let Some(row) = database.get(SEQUENCE_ROW).map_err(|error| describe(&error))? else {
            if marked.is_some() || !database.is_empty() {
                return Err("the database is empty although there was a store here before".to_owned());
            }
            let newest = Revision(0);
            database
                .insert(SEQUENCE_ROW, sequence_row(newest))
                .map_err(|error| describe(&error))?;
            database.flush().map_err(|error| describe(&error))?;
            sync()
                .and_then(|()| self.settle(newest))
                .map_err(|error| error.to_string())?;
            return Ok(newest);
        };
        let newest = parse_sequence_row(&row).ok_or("the row with its last revision cannot be read")?;
        match marked {
            Some(marked) if newest < marked => {
                return Err(format!(
                    "it ends at revision {newest} although it had got to revision {marked}"
                ));
            }
            // The marker is durable before the first commit: it was removed, or left out of a copy.
            None if newest > Revision(0) => {
                return Err(format!(
                    "its file {FILE_NAME} is missing or empty, so nothing says whether revision {newest} is the last that it \
                     had got to"
                ));
            }
            Some(_) | None => {}
        }
        self.settle(newest).map_err(|error| error.to_string())?;
        Ok(newest)
    }

    /// Notes the last revision, which is durable in the database.
    pub(super) fn note(&self, newest: Revision) -> io::Result<()> {
        self.file.write_all_at(text(newest).as_bytes(), 0)
    }

    /// Notes it durably.
    fn settle(&self, newest: Revision) -> io::Result<()> {
        self.note(newest)?;
        self.file.sync_all()
    }

    /// The revision that was noted last; `None` if no store was ever finished here. A marker that was torn by a power
    /// cut still says that there was a store, at revision 0 or later.
    fn read(&self) -> io::Result<Option<Revision>> {
        let mut buffer = [0; TEXT_BYTES_MAX];
        let length = self.file.read_at(&mut buffer, 0)?;
        let found = buffer.get(..length).unwrap_or_default();
        if found.is_empty() {
            return Ok(None);
        }
        let number = std::str::from_utf8(found)
            .ok()
            .and_then(|found| found.split_whitespace().nth_back(1)?.parse().ok());
        let revision = number
            .map(Revision)
            .filter(|revision| text(*revision).as_bytes() == found);
        if revision.is_none() {
            tracing::warn!("the store's marker cannot be read; it is written again");
        }
        Ok(Some(revision.unwrap_or_default()))
    }
}

/// What the marker says. The number stands there twice, so that a torn one is not taken for another.
fn text(newest: Revision) -> String {
    format!(
        "A store of strongroom, version 1. Keep this file with the others.\nLast revision {newest:020} {newest:020}\n"
    )
}

/// The value of the store's own row.
pub(super) fn sequence_row(newest: Revision) -> Vec<u8> {
    newest.0.to_be_bytes().to_vec()
}

fn parse_sequence_row(row: &[u8]) -> Option<Revision> {
    Some(Revision(u64::from_be_bytes(row.try_into().ok()?)))
}
