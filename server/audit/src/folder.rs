//! The directory of a trail: its lock, its files, and the one that is written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::fault::AuditFault;

/// Where lines go. The seam at which tests let a disk fill up.
pub(crate) trait Disk: Send + 'static {
    /// Writes behind what is there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when all that was written is on disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the present segment off after `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Makes segment `number` the present one: it is empty and its name is on disk.
    fn begin_segment(&mut self, number: u32) -> io::Result<()>;
}

/// A trail's directory, locked for this process for as long as the value lives.
pub(crate) struct Folder {
    path: PathBuf,
    directory: File,
}

impl Folder {
    /// Makes the directory if it is missing, and locks it.
    pub(crate) fn lock(path: &Path) -> Result<Self, AuditFault> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(AuditFault::io("make the directory", path))?;
        let directory = File::open(path).map_err(AuditFault::io("open the directory", path))?;
        match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                directory,
            }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(AuditFault::InUse {
                directory: path.to_owned(),
            }),
            Err(error) => Err(AuditFault::io("lock the directory", path)(error.into())),
        }
    }

    /// The numbers of the segments that are there, in order.
    pub(crate) fn segments(&self) -> Result<Vec<u32>, AuditFault> {
        segments(&self.path).map_err(AuditFault::io("list the directory", &self.path))
    }

    /// The path of a segment.
    pub(crate) fn segment_path(&self, number: u32) -> PathBuf {
        self.path.join(segment_name(number))
    }

    /// Writes `bytes` to a new file beside segment `number`, durably, and tells its path.
    pub(crate) fn put_aside(&self, number: u32, bytes: &[u8]) -> Result<PathBuf, AuditFault> {
        let mut counter = 1_u32;
        loop {
            let path = self.path.join(format!("audit-{number:08}.torn-{counter}"));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(mut file) => {
                    let written = file
                        .write_all(bytes)
                        .and_then(|()| file.sync_all())
                        .and_then(|()| self.directory.sync_all());
                    return written.map(|()| path.clone()).map_err(AuditFault::io("write", &path));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => counter += 1,
                Err(error) => return Err(AuditFault::io("make", &path)(error)),
            }
        }
    }

    /// Opens segment `number` to be written on, cut off after `length` bytes; makes it if it is missing.
    pub(crate) fn into_disk(self, number: u32, length: u64) -> Result<Segments, AuditFault> {
        let path = self.segment_path(number);
        let opened = open_durably(&self, number).and_then(|file| {
            file.set_len(length)?;
            file.sync_all()?;
            Ok(file)
        });
        let file = opened.map_err(AuditFault::io("open", &path))?;
        Ok(Segments { folder: self, file })
    }
}

/// The segments of a locked directory, of which the present one is open.
pub(crate) struct Segments {
    folder: Folder,
    file: File,
}

impl Disk for Segments {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn begin_segment(&mut self, number: u32) -> io::Result<()> {
        let file = open_durably(&self.folder, number)?;
        // An earlier attempt may have made the file; anything in it would be a stranger's.
        if file.metadata()?.len() != 0 {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{} is not empty", segment_name(number)),
            ));
        }
        self.file = file;
        Ok(())
    }
}

/// Without syncing the directory too, a power cut could take a whole file of acknowledged records.
fn open_durably(folder: &Folder, number: u32) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(folder.segment_path(number))?;
    folder.directory.sync_all()?;
    Ok(file)
}

/// The file name of a segment.
pub(crate) fn segment_name(number: u32) -> String {
    format!("audit-{number:08}.jsonl")
}

/// The numbers of the segments in a directory, in order; other files do not count.
pub(crate) fn segments(directory: &Path) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory)? {
        if let Some(number) = entry?.file_name().to_str().and_then(segment_number) {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The paths of the files that unfinished ends were moved to, in order.
pub(crate) fn put_aside_before(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with("audit-") && name.contains(".torn-"))
        {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn segment_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("audit-")?.strip_suffix(".jsonl")?.parse().ok()?;
    (segment_name(number) == name && number > 0).then_some(number)
}
