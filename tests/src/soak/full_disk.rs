//! The full-disk test: store, audit trail and token share a small file system that fills up under writers, and is then
//! given room again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::kill::{Proven, RECOVERY_TIME_MAX, check, verify_audit_trail};
use super::ledger::{Acknowledged, Depth, Ledger};
use super::power_cut::possible;
use super::writer::Writers;
use crate::installation::{EVERYTHING, Installation};
use crate::leftover::{Leftover, unmount};
use crate::{HarnessFault, connection, process};

/// Bytes of the file system: the store keeps 32 MiB of it free and asks for 16 MiB at a time.
const DISK_BYTES: u64 = 160 << 20;
/// Bytes of it that a file takes at first, whose removal is the room that is given back.
const BALLAST_BYTES: u64 = 64 << 20;
/// How long the writers may take to fill the disk.
const FILL_TIME_MAX: Duration = Duration::from_secs(120);

/// Fills the disk `rounds` times in an installation below `root`.
///
/// # Errors
/// Where mounting is not possible; when a caller is told something else than that there is no room, when writes do not
/// work again once there is, and with the first thing that is lost.
pub fn prove(root: &Path, helper: &Path, rounds: usize) -> Result<Proven, HarnessFault> {
    possible()?;
    let mut acknowledged = Acknowledged::default();
    for _ in 0..rounds {
        let disk = SmallDisk::mount(root)?;
        acknowledged += round(&disk, helper)?.size();
    }
    Ok(Proven { rounds, acknowledged })
}

fn round(disk: &SmallDisk, helper: &Path) -> Result<Arc<Ledger>, HarnessFault> {
    let installation = Installation::prepare(&disk.mount_point.join("strongroom"), &[EVERYTHING], helper)?;
    let ballast = disk.mount_point.join("ballast");
    fill(&ballast)?;
    let ledger = Arc::new(Ledger::default());
    let runtime = Runtime::new().map_err(HarnessFault::file("make threads for", &disk.mount_point))?;
    runtime.block_on(async {
        let daemon = installation.start()?;
        let channel = installation.connect(&daemon, EVERYTHING.0).await?;
        connection::wait_until_serving(&channel, RECOVERY_TIME_MAX).await?;
        write_until_full(&channel, &ledger).await?;
        fs::remove_file(&ballast).map_err(HarnessFault::file("remove", &ballast))?;
        connection::wait_until_serving(&channel, RECOVERY_TIME_MAX).await?;
        let before = ledger.size();
        let mut writers = Writers::start(&channel, &ledger);
        let working = wait_for(|| ledger.size().secrets > before.secrets && ledger.size().keys > before.keys).await;
        writers.still_writing()?;
        writers.end().await;
        if !working {
            return Err(wrong("writes do not work again although there is room".to_owned()));
        }
        ledger.check(&channel, Depth::Everything).await?;
        daemon.stop().map(drop)
    })?;
    runtime.block_on(check(&installation, &ledger, Depth::Everything))?;
    verify_audit_trail(&installation)?;
    Ok(ledger)
}

async fn write_until_full(channel: &Channel, ledger: &Arc<Ledger>) -> Result<(), HarnessFault> {
    let mut writers = Writers::start(channel, ledger);
    let refused = tokio::time::timeout(FILL_TIME_MAX, writers.refusals()).await;
    let refused = refused.map_err(|_| wrong(format!("the disk is not full after {} s", FILL_TIME_MAX.as_secs())))?;
    refused?.iter().try_for_each(refusal)
}

/// The caller learns that it is not the request's fault, and that trying again later may help.
fn refusal(status: &Status) -> Result<(), HarnessFault> {
    let expected = matches!(status.code(), Code::ResourceExhausted | Code::Unavailable);
    if expected && status.get_details_retry_info().is_some() {
        return Ok(());
    }
    Err(wrong(format!(
        "on a full disk a caller was told {:?}: {}",
        status.code(),
        status.message()
    )))
}

async fn wait_for(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + RECOVERY_TIME_MAX;
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

fn fill(file: &Path) -> Result<(), HarnessFault> {
    let made = File::create(file).map_err(HarnessFault::file("make", file))?;
    rustix::fs::fallocate(&made, rustix::fs::FallocateFlags::empty(), 0, BALLAST_BYTES)
        .map_err(|error| HarnessFault::file("fill", file)(error.into()))
}

/// A file system in memory; dropping it unmounts.
struct SmallDisk {
    mount_point: PathBuf,
    _leftover: Leftover,
}

impl SmallDisk {
    fn mount(root: &Path) -> Result<Self, HarnessFault> {
        let mount_point = root.join("small");
        fs::create_dir_all(&mount_point).map_err(HarnessFault::file("make", &mount_point))?;
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={DISK_BYTES}"), "tmpfs"])
            .arg(&mount_point);
        process::output_of(&mut mount)?;
        let leftover = Leftover::mount(mount_point.clone());
        Ok(Self {
            mount_point,
            _leftover: leftover,
        })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        unmount(&self.mount_point);
    }
}

fn wrong(what: String) -> HarnessFault {
    HarnessFault::refused(what, "its log says what the service thought")
}
