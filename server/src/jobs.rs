//! Background jobs: each runs its operations through the gate, as the service itself.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::Fault;
use strongroom_kms::op::DeleteKey;
use strongroom_secrets::op::EndSecretVersionDelete;
use tracing::{info, warn};

use crate::open::reconcile;
use crate::parts::Parts;

/// How often due deletions are looked for: waiting periods are counted in days.
const DELETION_PERIOD: Duration = Duration::from_secs(60);
/// How often token and store are compared. Creations that are younger may still be under way.
const RECONCILIATION_PERIOD: Duration = Duration::from_secs(600);

/// Runs all jobs for as long as the process lives.
pub(crate) fn start(parts: &Arc<Parts>) {
    let deletion = Arc::clone(parts);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(DELETION_PERIOD).await;
            report("deletion", delete_due(&deletion).await);
        }
    });
    let reconciliation = Arc::clone(parts);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(RECONCILIATION_PERIOD).await;
            if reconciliation.gate.is_open() {
                report(
                    "reconciliation",
                    reconcile(&reconciliation, RECONCILIATION_PERIOD).await,
                );
            }
        }
    });
}

/// One key or secret that cannot be removed holds up none of the others: each is reported and tried again the next time.
async fn delete_due(parts: &Parts) -> Result<(), Fault> {
    if !parts.gate.is_open() {
        return Ok(());
    }
    for key in parts.kms.keys_due_for_deletion().await? {
        let deleted = parts
            .gate
            .run(&parts.job("key-deletion"), &*parts.kms, DeleteKey { key })
            .await;
        if deleted.is_ok() {
            info!(%key, "a key whose waiting period was over was destroyed");
        }
        report("key-deletion", deleted.map(drop));
    }
    for due in parts.secrets.due_for_deletion().await? {
        let name = format!("{due:?}");
        let removed = parts
            .gate
            .run(
                &parts.job("secret-deletion"),
                &*parts.secrets,
                EndSecretVersionDelete { due },
            )
            .await;
        if removed.is_ok() {
            info!(name, "a secret whose recovery window was over was removed");
        }
        report("secret-deletion", removed.map(drop));
    }
    Ok(())
}

fn report(job: &str, outcome: Result<(), Fault>) {
    if let Err(fault) = outcome {
        warn!(job, %fault, cause = ?fault.cause().map(ToString::to_string), "a background job will be tried again");
    }
}
