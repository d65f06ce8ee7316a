//! What health checks say: SERVING only while gate, token, store and audit trail all can, and nobody asked to stop.

use std::sync::Arc;
use std::time::Duration;

use strongroom_audit::TrailState;
use strongroom_proto::v1::admin_server::AdminServer;
use strongroom_proto::v1::key_management_server::KeyManagementServer;
use strongroom_proto::v1::parameters_server::ParametersServer;
use strongroom_proto::v1::secrets_server::SecretsServer;
use strongroom_store::StoreState;
use strongroom_token::Health;
use strongroom_wire_grpc::{AdminService, KeyManagementService, ParametersService, SecretsService};
use tokio::time::{sleep, timeout};
use tonic::server::NamedService;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tracing::{info, warn};

use crate::parts::Parts;

/// How often store and trail are asked; the token says of itself when it changes.
const PERIOD: Duration = Duration::from_millis(250);

/// The services that are asked for; the empty name is the process as a whole.
const NAMES: [&str; 5] = [
    "",
    <KeyManagementServer<KeyManagementService> as NamedService>::NAME,
    <SecretsServer<SecretsService> as NamedService>::NAME,
    <ParametersServer<ParametersService> as NamedService>::NAME,
    <AdminServer<AdminService> as NamedService>::NAME,
];

/// Publishes the present state, then keeps the health service up to date for as long as the process lives.
pub(crate) async fn start(parts: &Arc<Parts>, reporter: HealthReporter) {
    let parts = Arc::clone(parts);
    let mut published = state(&parts);
    publish(&reporter, &published).await;
    tokio::spawn(async move {
        let mut health = parts.token.health();
        // Either the token changed, or it is time to look at the others.
        let mut change = async || timeout(PERIOD, health.changed()).await;
        while parts.stop.run_until_cancelled(change()).await.is_some() {
            rehearse(&parts).await;
            let now = state(&parts);
            if published != now {
                publish(&reporter, &now).await;
                published = now;
            }
        }
        publish(&reporter, &state(&parts)).await;
        end_watches(reporter).await;
    });
}

/// Streams of watchers have no end of their own, and would keep their connections open until they are cut. Those that
/// come while connections are being closed end a moment later.
async fn end_watches(mut reporter: HealthReporter) {
    loop {
        for name in NAMES {
            reporter.clear_service_status(name).await;
            reporter.set_service_status(name, ServingStatus::NotServing).await;
        }
        sleep(PERIOD).await;
    }
}

/// Lets a trail that could not be written heal without a request. What the rehearsal answers, its state says too.
async fn rehearse(parts: &Parts) {
    let trail = parts.gate.trail();
    if matches!(trail.status().state, TrailState::Unwritable { .. }) {
        let _ = timeout(PERIOD, trail.rehearse()).await;
    }
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
    for name in NAMES {
        reporter.set_service_status(name, status).await;
    }
}

/// Why the service cannot serve, if it cannot.
fn state(parts: &Parts) -> Result<(), String> {
    if parts.stop.is_cancelled() {
        return Err("the service is stopping".to_owned());
    }
    match &*parts.token.health().borrow() {
        Health::Usable => {}
        Health::Unknown => return Err("the token has not answered yet".to_owned()),
        Health::Unusable { reason } => return Err(format!("the token cannot be used: {reason}")),
    }
    match parts.gate.trail().status().state {
        TrailState::Writable => {}
        TrailState::Stalled(time) => {
            return Err(format!("the disk under the audit trail has not answered for {time:?}"));
        }
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
