//! From a token that answers to a service that lets callers in: unseal, reconcile, open the gate.

use std::time::Duration;

use strongroom_base::Fault;
use strongroom_gate::Released;
use strongroom_kms::Root;
use strongroom_kms::op::ReconcileToken;
use strongroom_token::{Health, TokenFault};
use tracing::{error, info, warn};

use crate::parts::Parts;

/// Whether the service must not start with this: a mistake that waiting cannot mend.
pub(crate) fn is_final(fault: &TokenFault, root: &Root) -> bool {
    match fault {
        TokenFault::TokenUnknown { .. } => !root.is_established(),
        other => other.needs_operator(),
    }
}

/// Time between attempts to unseal, at first and at most: each leaves records on the audit trail.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Waits until the token can be used, however long that takes, then opens the gate.
pub(crate) async fn when_usable(parts: &Parts, mut root: Root) {
    let mut health = parts.token.health();
    let mut pause = PAUSE.0;
    loop {
        // The sender lives as long as the token, which `parts` holds.
        if health
            .wait_for(|health| matches!(health, Health::Usable))
            .await
            .is_err()
        {
            return;
        }
        let Err(fault) = open(parts, &mut root).await else {
            return;
        };
        error!(%fault, cause = ?fault.cause().map(ToString::to_string), ?pause, "the gate cannot be opened; trying again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Unseals the store, brings token and store into agreement, and lets callers in.
pub(crate) async fn open(parts: &Parts, root: &mut Root) -> Result<(), Fault> {
    if parts.sealer.is_locked() {
        root.unlock(&parts.token, &parts.sealer).await?;
    }
    reconcile(parts, Duration::ZERO).await?;
    parts.kms.begin_tracking().await?;
    parts.secrets.ready_index().await?;
    parts.gate.open();
    info!(installation = %root.installation(), "the store is unsealed; callers are let in");
    Ok(())
}

/// Rolls back creations that a crash cut off, and reports what does not agree.
pub(crate) async fn reconcile(parts: &Parts, minimum_age: Duration) -> Result<(), Fault> {
    let context = parts.job("reconciliation");
    let released = parts
        .gate
        .run(&context, &*parts.kms, ReconcileToken { minimum_age })
        .await;
    let found = released.map(Released::into_inner)?;
    for material in &found.rolled_back {
        info!(%material, "a key creation that a crash cut off was rolled back");
    }
    for material in &found.retired {
        info!(%material, "a wrapping key that serves no import any more was destroyed");
    }
    for (material, why) in &found.stuck {
        warn!(%material, why, "what a crash cut off, or has expired, cannot be destroyed yet");
    }
    for (record, why) in &found.unreadable {
        error!(record, why, "a record cannot be read; restore it from a backup");
    }
    for (key, material) in &found.missing {
        error!(%key, %material, "the token does not have this key's material: its ciphertexts cannot be opened");
    }
    for (key, material) in &found.drifted {
        error!(%key, %material, "the token says other things of this material than when it was made");
    }
    for (key, material, why) in &found.unattested {
        error!(%key, %material, why, "the token could not use this material, so it is not known whether it is the right one");
    }
    for key in &found.withdrawn {
        error!(%key, "the key is taken out of use until its object is as recorded: strongroom key inspect");
    }
    for key in &found.restored {
        info!(%key, "the key's object is as recorded again; the key is in use again");
    }
    for material in &found.unknown {
        warn!(%material, "an object of this installation belongs to no key; it is left alone");
    }
    Ok(())
}
