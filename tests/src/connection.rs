//! gRPC connections to a running service, with a client's certificate or without.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::HarnessFault;
use crate::authority::Authority;

/// How often health is asked for.
const HEALTH_INTERVAL: Duration = Duration::from_millis(20);

/// Opens a connection: as `client` of the authority, or without TLS.
///
/// # Errors
/// When the server does not accept it.
pub async fn connect(address: SocketAddr, client: Option<(&Authority, &str)>) -> Result<Channel, HarnessFault> {
    endpoint(address, client)?.connect().await.map_err(no_connection)
}

/// What [`connect`] opens; also usable for a connection that opens itself at the first call.
///
/// # Errors
/// When a certificate cannot be read.
pub fn endpoint(address: SocketAddr, client: Option<(&Authority, &str)>) -> Result<Endpoint, HarnessFault> {
    let scheme = if client.is_some() { "https" } else { "http" };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{address}")).map_err(no_connection)?;
    match client {
        Some((authority, name)) => endpoint.tls_config(tls(authority, name)?).map_err(no_connection),
        None => Ok(endpoint),
    }
}

/// Whether the service says that it serves.
pub async fn is_serving(channel: &Channel) -> bool {
    let answer = HealthClient::new(channel.clone())
        .check(HealthCheckRequest::default())
        .await;
    answer.is_ok_and(|answer| answer.get_ref().status() == ServingStatus::Serving)
}

/// Waits until the service says that it serves.
///
/// # Errors
/// When it does not within `time`.
pub async fn wait_until_serving(channel: &Channel, time: Duration) -> Result<(), HarnessFault> {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if is_serving(channel).await {
            return Ok(());
        }
        tokio::time::sleep(HEALTH_INTERVAL).await;
    }
    let what = format!(
        "the service listens, but says for {} s that it does not serve",
        time.as_secs()
    );
    Err(HarnessFault::refused(what, "its log says why"))
}

fn tls(authority: &Authority, client: &str) -> Result<ClientTlsConfig, HarnessFault> {
    let read = |file: PathBuf| std::fs::read(&file).map_err(HarnessFault::file("read", &file));
    let identity = Identity::from_pem(
        read(authority.certificate(client))?,
        read(authority.private_key(client))?,
    );
    let authority = Certificate::from_pem(read(authority.certificate("ca"))?);
    Ok(ClientTlsConfig::new()
        .ca_certificate(authority)
        .identity(identity)
        .domain_name("localhost"))
}

fn no_connection(error: impl std::fmt::Debug) -> HarnessFault {
    HarnessFault::refused(format!("no connection to the service: {error:?}"), "its log says why")
}
