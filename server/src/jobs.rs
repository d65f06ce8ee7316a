//! Background jobs: each runs its operations through the gate, as the service itself. The log of events is no operation: it
//! is read and kept short.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::Fault;
use strongroom_base::limits::{KEY_LAST_USAGE_INTERVAL, KEY_MATERIAL_REMOVAL_DELAY_MAX, SECRET_LAST_ACCESS_INTERVAL};
use strongroom_gate::Released;
use strongroom_kms::op::{DeleteExpiredKeyMaterial, DeleteKey, RotateKey};
use strongroom_parameters::op::{EnforceParameterPolicies, PolicyAction};
use strongroom_secrets::op::EndSecretVersionDelete;
use tracing::{info, warn};

use crate::open::reconcile;
use crate::parts::Parts;

/// How often due deletions, expiries and rotations are looked for: most of their periods are counted in days, a key encrypts
/// some millions of times in a minute at most, and ten seconds are left for destroying material that has expired.
const DUE_PERIOD: Duration = KEY_MATERIAL_REMOVAL_DELAY_MAX.saturating_sub(Duration::from_secs(10));
/// The first look: what fell due while the service was stopped does not wait for a whole period.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// Time after which the log of events is read again when it could not be read, and before it is read first.
const EVENTS_RETRY_PERIOD: Duration = Duration::from_millis(250);
/// How often token and store are compared. Creations that are younger may still be under way.
const RECONCILIATION_PERIOD: Duration = Duration::from_secs(600);

/// Runs all jobs until the service is to stop; a run that was begun is finished.
pub(crate) fn start(parts: &Arc<Parts>) {
    let due = Arc::clone(parts);
    parts.jobs.spawn(async move {
        let mut period = FIRST_LOOK;
        while waited(&due, period).await {
            period = DUE_PERIOD;
            report("key-deletion", delete_due_keys(&due).await);
            report("key-material-expiry", delete_expired_materials(&due).await);
            report("key-rotation", rotate_due_keys(&due).await);
            report("secret-deletion", delete_due_secrets(&due).await);
            report("parameter-policies", enforce_due_policies(&due).await);
        }
    });
    let log = Arc::clone(parts);
    parts.jobs.spawn(async move {
        while waited(&log, EVENTS_RETRY_PERIOD).await {
            let follow = log.stop.run_until_cancelled(log.events.follow());
            report("event-log", follow.await.unwrap_or(Ok(())));
        }
    });
    let usage = Arc::clone(parts);
    parts.jobs.spawn(async move {
        while waited(&usage, KEY_LAST_USAGE_INTERVAL).await {
            report("key-last-usage", usage.kms.keep_last_usages().await);
        }
    });
    let access = Arc::clone(parts);
    parts.jobs.spawn(async move {
        while waited(&access, SECRET_LAST_ACCESS_INTERVAL).await {
            report("secret-last-access", access.secrets.keep_last_accesses().await);
        }
    });
    let reconciliation = Arc::clone(parts);
    parts.jobs.spawn(async move {
        while waited(&reconciliation, RECONCILIATION_PERIOD).await {
            report(
                "reconciliation",
                reconcile(&reconciliation, RECONCILIATION_PERIOD).await,
            );
        }
    });
}

/// Waits for the next run, until the gate is open; false when the service is to stop.
async fn waited(parts: &Parts, period: Duration) -> bool {
    loop {
        tokio::select! {
            () = parts.stop.cancelled() => return false,
            () = tokio::time::sleep(period) => {}
        }
        if parts.gate.is_open() {
            return true;
        }
    }
}

/// A key that cannot be destroyed holds up no other: it is reported and tried again the next time.
async fn delete_due_keys(parts: &Parts) -> Result<(), Fault> {
    for key in parts.kms.keys_due_for_deletion().await? {
        let context = parts.job("key-deletion");
        let deleted = parts.gate.run(&context, &*parts.kms, DeleteKey { key }).await;
        if deleted.is_ok() {
            info!(%key, "a key whose waiting period was over was destroyed");
        }
        report("key-deletion", deleted.map(drop));
    }
    Ok(())
}

/// A material that cannot be destroyed holds up no other: nobody uses it any more, and it is tried again the next time.
async fn delete_expired_materials(parts: &Parts) -> Result<(), Fault> {
    for (key, material) in parts.kms.materials_due_for_removal().await? {
        let context = parts.job("key-material-expiry");
        let operation = DeleteExpiredKeyMaterial { key, material };
        let deleted = parts.gate.run(&context, &*parts.kms, operation).await;
        if deleted.is_ok() {
            info!(%key, %material, "imported key material has expired and was destroyed");
        }
        report("key-material-expiry", deleted.map(drop));
    }
    Ok(())
}

/// A key that cannot rotate holds up no other: it is reported and tried again the next time.
async fn rotate_due_keys(parts: &Parts) -> Result<(), Fault> {
    for key in parts.kms.keys_due_for_rotation().await? {
        let context = parts.job("key-rotation");
        let rotated = parts.gate.run(&context, &*parts.kms, RotateKey { key }).await;
        if rotated.is_ok() {
            info!(%key, "a key has rotated");
        }
        report("key-rotation", rotated.map(drop));
    }
    Ok(())
}

async fn delete_due_secrets(parts: &Parts) -> Result<(), Fault> {
    for due in parts.secrets.due_for_deletion().await? {
        let name = format!("{due:?}");
        let context = parts.job("secret-deletion");
        let removed = parts
            .gate
            .run(&context, &*parts.secrets, EndSecretVersionDelete { due })
            .await;
        if removed.is_ok() {
            info!(name, "a secret whose recovery window was over was removed");
        }
        report("secret-deletion", removed.map(drop));
    }
    Ok(())
}

/// What parameters' policies say is done, or said: there is nobody else yet to whom a notification could go. A parameter whose
/// policies cannot be acted on holds up no other.
async fn enforce_due_policies(parts: &Parts) -> Result<(), Fault> {
    for due in parts.parameters.due_for_policies().await? {
        let name = due.name().clone();
        let context = parts.job("parameter-policies");
        let operation = EnforceParameterPolicies { due };
        let done = parts.gate.run(&context, &*parts.parameters, operation).await;
        match done.map(Released::into_inner) {
            Ok(PolicyAction::Expired) => info!(%name, "a parameter has expired and was deleted"),
            Ok(PolicyAction::Notified(policies)) => {
                for policy in policies {
                    let policy = policy.kind.name();
                    warn!(%name, policy, "a parameter's policy asks for attention");
                }
            }
            Err(fault) => report("parameter-policies", Err(fault)),
        }
    }
    Ok(())
}

/// Writes, at an orderly end, what is not written yet of when keys were last used and secrets last accessed.
pub(crate) async fn keep_last_usages(parts: &Parts) {
    if parts.gate.is_open() {
        report("key-last-usage", parts.kms.keep_last_usages().await);
        report("secret-last-access", parts.secrets.keep_last_accesses().await);
    }
}

fn report(job: &str, outcome: Result<(), Fault>) {
    if let Err(fault) = outcome {
        warn!(job, %fault, cause = ?fault.cause().map(ToString::to_string), "a background job will be tried again");
    }
}
