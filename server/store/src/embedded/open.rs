//! Opening a store: lock, repair what is known to be safe, open the database, recover the sequence, start the committer.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use strongroom_base::limits::{COMMIT_QUEUE_MAX, STORE_PAGE_CACHE_BYTES};

use super::committer::Committer;
use super::files::{Disk, Files, remove_half_made_snapshots};
use super::marker::Marker;
use super::visible::Visible;
use super::{Shared, SledStore};
use crate::fault::StoreFault;
use crate::lease::Leases;
use crate::sealer::Sealer;
use crate::stats::Counters;
use crate::watch::News;

/// Bytes of a segment of sled's log. A page of more than a quarter of a segment goes to a file of its own, whose write
/// can fail half way and then hangs sled, and which a power cut can separate from the log. Sixteen of the largest secrets
/// (90 KB as text) stay below. sled's default is 512 KiB; the value cannot be changed in an existing database.
const SEGMENT_BYTES: usize = 8 << 20;
/// How long sled's background threads may hold its file after a store in this process was closed.
const CLOSING_TIME_MAX: Duration = Duration::from_secs(5);

/// Opens or makes the store; `disk` may put something between the committer and the files.
pub(super) fn open(
    directory: &Path,
    sealer: Sealer,
    disk: impl FnOnce(Files) -> Box<dyn Disk>,
) -> Result<SledStore, StoreFault> {
    let directory = absolute(directory)?;
    let inaccessible = |error: io::Error| inaccessible(&directory, &error);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory)
        .map_err(inaccessible)?;
    let marker = Arc::new(Marker::lock(&directory)?);
    remove_half_made_snapshots(&directory).map_err(inaccessible)?;
    let database = open_database(&directory)?;
    let mut files = Files::adopt(&directory).map_err(inaccessible)?;
    let newest = marker
        .recover(&database, || files.sync())
        .map_err(|what| StoreFault::Damaged {
            directory: directory.clone(),
            what,
        })?;

    let shared = Arc::new(Shared {
        sealer,
        visible: Visible::new(database, newest),
        news: News::new(),
        leases: Arc::<Leases>::default(),
        counters: Counters::default(),
        busy_since: Mutex::new(None),
        failure: OnceLock::new(),
        marker,
    });
    let (sender, queue) = sync_channel(COMMIT_QUEUE_MAX);
    let committer = Committer {
        shared: Arc::clone(&shared),
        queue,
        disk: disk(files),
    };
    let thread = thread::Builder::new().name("store-committer".to_owned());
    let committer = thread.spawn(move || committer.run()).map_err(inaccessible)?;
    Ok(SledStore {
        shared,
        queue: Some(sender),
        committer: Some(committer),
    })
}

/// What a fault of sled says, without anything from a record.
pub(super) fn describe(error: &sled::Error) -> String {
    match error {
        sled::Error::Io(error) => error.to_string(),
        sled::Error::Corruption { .. } => "its file is corrupt".to_owned(),
        sled::Error::Unsupported(text) => text.clone(),
        sled::Error::CollectionNotFound(_) => "its root is missing".to_owned(),
        // The text of this one may quote pages.
        sled::Error::ReportableBug(_) => "it contradicts itself".to_owned(),
    }
}

fn open_database(directory: &Path) -> Result<sled::Db, StoreFault> {
    let damaged = |what: String| StoreFault::Damaged {
        directory: directory.to_owned(),
        what,
    };
    let config = sled::Config::new()
        .path(directory)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(STORE_PAGE_CACHE_BYTES)
        // The committer flushes; sled's own flusher would only compete with it.
        .flush_every_ms(None);
    let start = Instant::now();
    loop {
        // sled's deserialiser panics on files that a power cut tore (measured: one database in four). The config holds
        // nothing that could be left half changed, and what was opened half is dropped.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        match opened {
            Ok(Ok(database)) => return Ok(database),
            // Our own lock is held, so this is a store of this process that is still closing.
            Ok(Err(sled::Error::Io(error))) if is_locked(&error) => {
                if start.elapsed() > CLOSING_TIME_MAX {
                    return Err(StoreFault::InUse {
                        directory: directory.to_owned(),
                    });
                }
                thread::sleep(Duration::from_millis(5));
            }
            Ok(Err(sled::Error::Io(error))) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(inaccessible(directory, &error));
            }
            Ok(Err(error)) => return Err(damaged(describe(&error))),
            Err(_panic) => return Err(damaged("reading it back failed half way".to_owned())),
        }
    }
}

fn is_locked(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Other && error.to_string().starts_with("could not acquire lock")
}

fn absolute(directory: &Path) -> Result<PathBuf, StoreFault> {
    std::path::absolute(directory).map_err(|error| inaccessible(directory, &error))
}

fn inaccessible(directory: &Path, error: &io::Error) -> StoreFault {
    StoreFault::Inaccessible {
        directory: directory.to_owned(),
        cause: error.to_string(),
    }
}
