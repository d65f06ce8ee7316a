//! The kill test: SIGKILL at a random moment while keys and secrets are written at full speed.
//!
//! It shows that what is acknowledged survives the process, and that store and token agree after each start. It shows
//! nothing about power cuts: the operating system still has every byte.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::agreement::compare_with_token;
use super::ledger::{Acknowledged, Depth, Ledger};
use super::random_number;
use super::writer::Writers;
use crate::installation::{EVERYTHING, Installation};
use crate::{HarnessFault, connection, process};

/// What a proof has shown.
pub struct Proven {
    /// How often it happened.
    pub rounds: usize,
    /// What was acknowledged, all of it there at the end.
    pub acknowledged: Acknowledged,
}

/// How long the service may take to serve after it was killed.
pub(super) const RECOVERY_TIME_MAX: Duration = Duration::from_secs(30);

impl fmt::Display for Proven {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} rounds, nothing lost of {}",
            self.rounds, self.acknowledged
        )
    }
}

/// Kills the service `rounds` times in an installation below `root`.
///
/// # Errors
/// With the first thing that is lost, or does not agree, or fails when it should not.
pub fn prove(root: &Path, helper: &Path, rounds: usize) -> Result<Proven, HarnessFault> {
    let installation = Installation::prepare(root, &[EVERYTHING], helper)?;
    let ledger = Arc::new(Ledger::default());
    let runtime = Runtime::new().map_err(HarnessFault::file("make threads for", root))?;
    for round in 1..=rounds {
        runtime.block_on(write_until_killed(&installation, &ledger))?;
        runtime.block_on(check(&installation, &ledger, Depth::after_round(round, rounds)))?;
    }
    verify_audit_trail(&installation)?;
    Ok(Proven {
        rounds,
        acknowledged: ledger.size(),
    })
}

async fn write_until_killed(installation: &Installation, ledger: &Arc<Ledger>) -> Result<(), HarnessFault> {
    let daemon = installation.start()?;
    let channel = installation.connect(&daemon, EVERYTHING.0).await?;
    connection::wait_until_serving(&channel, RECOVERY_TIME_MAX).await?;
    let mut writers = Writers::start(&channel, ledger);
    tokio::time::sleep(random_moment()?).await;
    writers.still_writing()?;
    daemon.kill();
    writers.end().await;
    Ok(())
}

/// Starts the service again, looks for what was acknowledged, and ends it in order.
pub(super) async fn check(installation: &Installation, ledger: &Ledger, depth: Depth) -> Result<(), HarnessFault> {
    let daemon = installation.start()?;
    let channel = installation.connect(&daemon, EVERYTHING.0).await?;
    connection::wait_until_serving(&channel, RECOVERY_TIME_MAX).await?;
    ledger.check(&channel, depth).await?;
    compare_with_token(&channel, installation.token()).await?;
    drop(channel);
    let status = daemon.stop()?;
    if status.success() {
        return Ok(());
    }
    Err(HarnessFault::refused(
        format!("strongroomd ended with {status} after SIGTERM"),
        "its log says why",
    ))
}

/// Between a twentieth of a second and a second and a half: from the first writes to some thousands.
pub(super) fn random_moment() -> Result<Duration, HarnessFault> {
    Ok(Duration::from_millis(50 + u64::from(random_number()? % 1_450)))
}

/// The chain of audit records must hold across every kill.
pub(super) fn verify_audit_trail(installation: &Installation) -> Result<(), HarnessFault> {
    let mut verify = Command::new(&installation.command().program);
    verify
        .args(["audit", "verify"])
        .arg(installation.data_directory().join("audit"));
    process::output_of(&mut verify).map(drop)
}
