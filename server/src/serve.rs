//! `strongroomd serve`: from a configuration to a service that runs until it is told to stop.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;

use strongroom_base::Caller;
use strongroom_base::limits::{MESSAGE_BYTES_MAX, STREAMS_PER_CONNECTION_MAX};
use strongroom_identity::{Identities, PrincipalEntry};
use strongroom_proto::v1::FILE_DESCRIPTOR_SET;
use strongroom_proto::v1::admin_server::AdminServer;
use strongroom_proto::v1::key_management_server::KeyManagementServer;
use strongroom_proto::v1::secrets_server::SecretsServer;
use strongroom_wire_grpc::{AdminService, Door, KeyManagementService, SecretsService};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tonic::transport::Server;
use tracing::{info, warn};

use crate::config::{Configuration, GrpcSection, Security, account_of};
use crate::listener::{Identification, connections};
use crate::parts::Parts;
use crate::{health, jobs, metrics, open, tls};

/// Runs the service. Returns when SIGTERM or SIGINT has come and the requests under way are done.
pub(crate) async fn serve(configuration: Configuration) -> Result<(), Box<dyn Error>> {
    let Configuration {
        data_directory,
        scope,
        token,
        grpc,
        metrics,
        principals,
        policies,
    } = configuration;
    let identification = identification(&grpc, principals)?;
    let listener = bind(&grpc).await?;
    let (parts, mut root) = Parts::assemble(&data_directory, &scope, token, policies).await?;
    let parts = Arc::new(parts);
    let (reporter, health_service) = tonic_health::server::health_reporter();
    match parts.token.first_contact().await {
        Ok(()) => open::open(&parts, &mut root).await?,
        Err(fault) if open::is_final(&fault, &root) => return Err(fault.into()),
        Err(fault) => {
            warn!(%fault, "the token is not there yet; the service answers that it is not available until it is");
            let parts = Arc::clone(&parts);
            tokio::spawn(async move { open::when_usable(&parts, root).await });
        }
    }
    health::start(&parts, reporter);
    jobs::start(&parts);
    if let Some(address) = metrics {
        metrics::listen(address, Arc::clone(&parts)).await?;
    }
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "strongroomd listening on {address}")?;
    std::io::stdout().flush()?;
    let door = Door::new(Arc::clone(&parts.gate));
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    let keys = KeyManagementService::new(door.clone(), Arc::clone(&parts.kms));
    let secrets = SecretsService::new(door.clone(), Arc::clone(&parts.secrets));
    let admin = AdminService::new(door, Arc::clone(&parts.kms));
    Server::builder()
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .add_service(health_service)
        .add_service(reflection)
        .add_service(KeyManagementServer::new(keys).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(SecretsServer::new(secrets).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(AdminServer::new(admin).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .serve_with_incoming_shutdown(connections(listener, identification), stopped())
        .await?;
    parts.token.stop().await;
    info!("stopped");
    Ok(())
}

async fn bind(grpc: &GrpcSection) -> Result<TcpListener, Box<dyn Error>> {
    TcpListener::bind(grpc.listen).await.map_err(|cause| {
        format!(
            "cannot listen on {}: {cause}; stop what listens there, or change [grpc] listen",
            grpc.listen
        )
        .into()
    })
}

fn identification(grpc: &GrpcSection, principals: Vec<PrincipalEntry>) -> Result<Identification, Box<dyn Error>> {
    Ok(match &grpc.security {
        Security::MutualTls {
            certificate,
            private_key,
            client_ca,
        } => {
            let identities = Arc::new(Identities::new(principals)?);
            Identification::Certificates(tls::server(certificate, private_key, client_ca)?, identities)
        }
        Security::PlaintextLoopback(arn) => {
            warn!(principal = %arn, "no encryption and no identity check: everybody on this machine is this principal");
            let account = account_of(arn).ok_or("the principal's ARN names no account")?;
            Identification::Everybody(Arc::new(Caller::principal(arn.clone(), account)))
        }
    })
}

/// Resolves at SIGTERM or SIGINT.
async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    info!("stopping: no new requests; those under way are finished");
}
