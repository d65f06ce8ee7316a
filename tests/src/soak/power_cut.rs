//! The power-cut test: a file system in a file, copied at a random moment while the service writes to it; the copy is
//! what a disk would hold after the power went. It is mounted and opened by a new service.
//!
//! Killing the process alone proves nothing here: the operating system would still have every byte that was written
//! and not synced.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::kill::{Proven, RECOVERY_TIME_MAX, check, random_moment, verify_audit_trail};
use super::ledger::{Depth, Ledger};
use super::writer::Writers;
use crate::installation::{EVERYTHING, Installation};
use crate::leftover::{Leftover, unmount};
use crate::{HarnessFault, connection, process};

/// Bytes of the file system. The file is sparse: copying it takes as long as what is in it, most of which is the audit
/// trail of everything that is read again after each cut.
const DISK_BYTES: u64 = 16 << 30;

/// Whether this user can mount a file system from a file on this machine; containers often cannot, even as root.
///
/// # Errors
/// With what is in the way.
pub fn possible() -> Result<(), HarnessFault> {
    if !rustix::process::geteuid().is_root() {
        return Err(HarnessFault::refused(
            "mounting a file system needs root",
            "    sudo -E cargo soak power-cut",
        ));
    }
    let directory = TempDir::with_prefix("strongroom-mount-");
    let directory = directory.map_err(HarnessFault::file("make a folder in", &std::env::temp_dir()))?;
    Disk::make(directory.path())?.mount().map(drop)
}

/// Cuts the power `rounds` times. Every round goes on with the disk that the one before left.
///
/// # Errors
/// Where [`possible`] says no; with the first thing that is lost.
pub fn prove(root: &Path, helper: &Path, rounds: usize) -> Result<Proven, HarnessFault> {
    possible()?;
    let disk = Disk::make(root)?;
    let mut mounted = disk.mount()?;
    let installation = Installation::prepare(&disk.mount_point.join("strongroom"), &[EVERYTHING], helper)?;
    // Everything up to here is on disk: the proof is about what the service writes.
    process::run(Command::new("sync").arg("--file-system").arg(&disk.mount_point))?;
    let ledger = Arc::new(Ledger::default());
    let runtime = Runtime::new().map_err(HarnessFault::file("make threads for", root))?;
    for round in 1..=rounds {
        runtime.block_on(write_until_cut(&installation, &ledger, &disk))?;
        drop(mounted);
        disk.take_the_copy()?;
        mounted = disk.mount()?;
        runtime.block_on(check(&installation, &ledger, Depth::after_round(round, rounds)))?;
    }
    verify_audit_trail(&installation)?;
    drop(mounted);
    Ok(Proven {
        rounds,
        acknowledged: ledger.size(),
    })
}

async fn write_until_cut(installation: &Installation, ledger: &Arc<Ledger>, disk: &Disk) -> Result<(), HarnessFault> {
    let daemon = installation.start()?;
    let channel = installation.connect(&daemon, EVERYTHING.0).await?;
    connection::wait_until_serving(&channel, RECOVERY_TIME_MAX).await?;
    let mut writers = Writers::start(&channel, ledger);
    tokio::time::sleep(random_moment()?).await;
    writers.still_writing()?;
    // One moment for the whole copy: the service stands still meanwhile, and what it had acknowledged counts.
    daemon.signal(Signal::STOP);
    let copied = disk.copy();
    daemon.kill();
    writers.end().await;
    copied
}

/// A file with a file system in it.
struct Disk {
    file: PathBuf,
    copy: PathBuf,
    mount_point: PathBuf,
}

/// A mounted [`Disk`]; dropping it unmounts.
struct Mounted {
    mount_point: PathBuf,
    _leftover: Leftover,
}

impl Disk {
    fn make(root: &Path) -> Result<Self, HarnessFault> {
        let disk = Self {
            file: root.join("disk"),
            copy: root.join("disk.copy"),
            mount_point: root.join("mounted"),
        };
        let file = File::create(&disk.file).map_err(HarnessFault::file("make", &disk.file))?;
        file.set_len(DISK_BYTES)
            .map_err(HarnessFault::file("make", &disk.file))?;
        fs::create_dir(&disk.mount_point).map_err(HarnessFault::file("make", &disk.mount_point))?;
        process::output_of(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&disk.file))?;
        Ok(disk)
    }

    fn mount(&self) -> Result<Mounted, HarnessFault> {
        process::output_of(
            Command::new("mount")
                .args(["-o", "loop"])
                .arg(&self.file)
                .arg(&self.mount_point),
        )?;
        let leftover = Leftover::mount(self.mount_point.clone());
        Ok(Mounted {
            mount_point: self.mount_point.clone(),
            _leftover: leftover,
        })
    }

    /// What has reached the disk by now; what is only in the file system's memory is not in it.
    fn copy(&self) -> Result<(), HarnessFault> {
        let mut command = Command::new("cp");
        process::output_of(command.arg("--sparse=always").arg(&self.file).arg(&self.copy)).map(drop)
    }

    /// The disk after the power came back.
    fn take_the_copy(&self) -> Result<(), HarnessFault> {
        fs::rename(&self.copy, &self.file).map_err(HarnessFault::file("take", &self.copy))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        unmount(&self.mount_point);
    }
}
