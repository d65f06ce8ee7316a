//! [`Files`]: the durability that sled does not give, and room on the disk before sled needs it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use rustix::io::Errno;
use strongroom_base::limits::{DISK_SPARE_BYTES_MIN, STORE_ROOM_BYTES_MIN};

/// Bytes that sled may write for one byte of a record: it rewrites whole pages of sixteen records now and then.
const AMPLIFICATION: u64 = 8;
/// Time within which two changes of a directory may carry the same time stamp; generous.
const TIMESTAMP_GRAIN: Duration = Duration::from_secs(1);

/// What the committer asks of the disk under the database.
pub(super) trait Disk: Send {
    /// Makes sure that a batch with so many bytes of records can be written.
    ///
    /// # Errors
    /// One that [`is_full`] when there is no room; then nothing was changed.
    fn make_room(&mut self, bytes: u64) -> io::Result<()>;

    /// Makes durable what sled has flushed.
    ///
    /// # Errors
    /// What the operating system says. The state of the files is unknown then.
    fn sync(&mut self) -> io::Result<()>;
}

/// sled's files in a directory: `db`, and one file for each page above a quarter of a segment under `blobs/`. (`conf` and
/// `snap.*` are written while opening only.)
pub(super) struct Files {
    database: File,
    blobs: PathBuf,
    /// The blobs directory's time stamp when it was last read.
    blobs_changed: SystemTime,
    /// The highest blob that was synced; they are numbered by their place in the log.
    blob_synced: i64,
}

impl Files {
    /// Takes over the files of a database that is open, and syncs all of them and their directories.
    pub(super) fn adopt(directory: &Path) -> io::Result<Self> {
        let blobs = directory.join("blobs");
        let database = OpenOptions::new().read(true).write(true).open(directory.join("db"))?;
        let mut files = Self {
            database,
            blobs,
            blobs_changed: SystemTime::UNIX_EPOCH,
            blob_synced: i64::MIN,
        };
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                File::open(entry.path())?.sync_all()?;
            }
        }
        files.sync()?;
        sync_directory(directory)?;
        directory
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .map_or(Ok(()), sync_directory)?;
        Ok(files)
    }

    /// Syncs blobs that are new since the last time.
    fn sync_blobs(&mut self) -> io::Result<()> {
        let changed = fs::metadata(&self.blobs)?.modified()?;
        let settled = SystemTime::now()
            .duration_since(changed)
            .is_ok_and(|age| age > TIMESTAMP_GRAIN);
        if changed == self.blobs_changed && settled {
            return Ok(());
        }
        let mut highest = self.blob_synced;
        for entry in fs::read_dir(&self.blobs)? {
            let entry = entry?;
            let number = entry.file_name().to_str().and_then(|name| name.parse::<i64>().ok());
            if number.is_some_and(|number| number > self.blob_synced) {
                match File::open(entry.path()) {
                    Ok(blob) => blob.sync_all()?,
                    // sled removes blobs that were replaced, from a thread of its own.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
                highest = highest.max(number.unwrap_or(highest));
            }
        }
        sync_directory(&self.blobs)?;
        self.blobs_changed = changed;
        self.blob_synced = highest;
        Ok(())
    }
}

impl Disk for Files {
    /// Gives the file blocks beyond its end: sled grows into them, and other writers cannot take them away.
    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        let needed = bytes.saturating_mul(AMPLIFICATION).saturating_add(STORE_ROOM_BYTES_MIN);
        let state = self.database.metadata()?;
        let allocated = state.blocks().saturating_mul(512);
        if allocated >= state.len().saturating_add(needed) {
            return Ok(());
        }
        let system = fstatvfs(&self.database)?;
        let free = system
            .f_bavail
            .saturating_mul(system.f_frsize)
            .saturating_sub(DISK_SPARE_BYTES_MIN);
        if free < needed {
            return Err(Errno::NOSPC.into());
        }
        // Twice as much as needed where it is there, so that it is not asked for with every batch.
        let ahead = needed.saturating_mul(2).min(free);
        match fallocate(&self.database, FallocateFlags::KEEP_SIZE, state.len(), ahead) {
            // Where it cannot be reserved somebody else may still take it, but that is rare.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_blobs()?;
        self.database.sync_data()
    }
}

/// Whether the error says that the disk, or this user's part of it, is full.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// Removes snapshots that a killed sled left half written. It would take such a file for its newest snapshot and refuse
/// to open (spacejam/sled#1533). They are only a short cut: the one before and the log are still there.
pub(super) fn remove_half_made_snapshots(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::warn!(file = %path.display(), "removing a snapshot that was never finished");
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
