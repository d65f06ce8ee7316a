//! What health checks say: SERVING only while gate, token, store and audit trail all can.

use std::sync::Arc;
use std::time::Duration;

use strongroom_audit::TrailState;
use strongroom_proto::v1::admin_server::AdminServer;
use strongroom_proto::v1::key_management_server::KeyManagementServer;
use strongroom_proto::v1::secrets_server::SecretsServer;
use strongroom_store::StoreState;
use strongroom_token::Health;
use strongroom_wire_grpc::{AdminService, KeyManagementService, SecretsService};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tracing::{info, warn};

use crate::parts::Parts;

/// How often store and trail are asked; the token says of itself when it changes.
const PERIOD: Duration = Duration::from_millis(250);

/// Keeps the health service up to date for as long as the process lives.
pub(crate) fn start(parts: &Arc<Parts>, reporter: HealthReporter) {
    let parts = Arc::clone(parts);
    tokio::spawn(async move {
        let mut health = parts.token.health();
        let mut before: Option<Result<(), String>> = None;
        loop {
            let trail = parts.gate.trail();
            if !matches!(trail.status().state, TrailState::Writable) {
                // So that it heals without a request. What it answers, its state says too.
                let _ = trail.rehearse().await;
            }
            let now = state(&parts);
            if before.as_ref() != Some(&now) {
                publish(&reporter, &now).await;
                before = Some(now);
            }
            // Either the token changed, or it is time to look at the others.
            let _ = tokio::time::timeout(PERIOD, health.changed()).await;
        }
    });
}

async fn publish(reporter: &HealthReporter, state: &Result<(), String>) {
    let status = match state {
        Ok(()) => {
            info!("serving");
            ServingStatus::Serving
        }
        Err(why) => {
            warn!(why, "not serving");
            ServingStatus::NotServing
        }
    };
    reporter.set_service_status("", status).await;
    reporter
        .set_service_status(
            <KeyManagementServer<KeyManagementService> as tonic::server::NamedService>::NAME,
            status,
        )
        .await;
    reporter
        .set_service_status(
            <SecretsServer<SecretsService> as tonic::server::NamedService>::NAME,
            status,
        )
        .await;
    reporter
        .set_service_status(<AdminServer<AdminService> as tonic::server::NamedService>::NAME, status)
        .await;
}

/// Why the service cannot serve, if it cannot.
fn state(parts: &Parts) -> Result<(), String> {
    match &*parts.token.health().borrow() {
        Health::Usable => {}
        Health::Unknown => return Err("the token has not answered yet".to_owned()),
        Health::Unusable { reason } => return Err(format!("the token cannot be used: {reason}")),
    }
    match parts.gate.trail().status().state {
        TrailState::Writable => {}
        TrailState::Unwritable { cause, .. } => return Err(format!("the audit trail cannot be written: {cause}")),
    }
    match parts.store.state() {
        StoreState::Serving => {}
        StoreState::Stalled(time) => return Err(format!("the disk under the store has not answered for {time:?}")),
        StoreState::Failed { cause } => return Err(format!("the store has failed, restart the service: {cause}")),
    }
    if parts.gate.is_open() {
        Ok(())
    } else {
        Err("the store is not unsealed yet".to_owned())
    }
}
