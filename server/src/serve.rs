//! `strongroomd serve`: from a configuration to a service that runs until it is told to stop.

use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;

use strongroom_base::Code;
use strongroom_base::limits::{REQUEST_BYTES_MAX, SHUTDOWN_DEADLINE};
use strongroom_identity::{Identities, PrincipalEntry};
use strongroom_kms::Root;
use strongroom_proto::v1::FILE_DESCRIPTOR_SET;
use strongroom_proto::v1::admin_server::AdminServer;
use strongroom_proto::v1::key_management_server::KeyManagementServer;
use strongroom_proto::v1::parameters_server::ParametersServer;
use strongroom_proto::v1::secrets_server::SecretsServer;
use strongroom_wire_grpc::{AdminService, BackstopLayer, KeyManagementService, ParametersService, SecretsService};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tonic::transport::server::Router;
use tower::layer::util::{Identity, Stack};
use tracing::{info, warn};

use crate::bounds::Bounds;
use crate::config::{Configuration, GrpcSection, Security};
use crate::listener::{Identification, connections};
use crate::parts::Parts;
use crate::{health, jobs, metrics, open, tls};

/// Runs the service. Returns when SIGTERM or SIGINT has come and what was under way is done.
pub(crate) async fn serve(configuration: Configuration) -> Result<(), Box<dyn Error>> {
    let Configuration {
        data_directory,
        scope,
        token,
        grpc,
        metrics,
        rotate_after,
        quotas,
        principals,
        policies,
    } = configuration;
    let identification = identification(&grpc, principals)?;
    let name = grpc.name.as_str().into();
    let listener = bind(&grpc).await?;
    let metrics = match metrics {
        Some(address) => Some(metrics::bind(address).await?),
        None => None,
    };
    let (parts, root) = Parts::assemble(&data_directory, &scope, token, policies, (rotate_after, quotas)).await?;
    let parts = Arc::new(parts);
    if let Some(listener) = metrics {
        metrics::serve(listener, Arc::clone(&parts));
    }
    let outcome = run(&parts, root, (listener, name), identification).await;
    parts.token.stop().await;
    info!("stopped");
    outcome
}

async fn run(
    parts: &Arc<Parts>,
    root: Root,
    (listener, name): (TcpListener, Arc<str>),
    identification: Identification,
) -> Result<(), Box<dyn Error>> {
    let (reporter, health_service) = tonic_health::server::health_reporter();
    open_or_wait(parts, root).await?;
    health::start(parts, reporter).await;
    jobs::start(parts);
    let address = listener.local_addr()?;
    // Before anybody is told that the service is there.
    let signals = Signals::watch()?;
    writeln!(io::stdout(), "strongroomd listening on {address}")?;
    io::stdout().flush()?;
    let bounds = Bounds::default();
    let connections = connections(listener, name, identification, bounds, parts.stop.clone());
    let server = router(bounds, parts)?
        .add_service(health_service)
        .serve_with_incoming_shutdown(connections, parts.stop.clone().cancelled_owned());
    let ended = async {
        server.await?;
        parts.jobs.close();
        tokio::join!(parts.door.drained(), parts.jobs.wait());
        jobs::keep_last_usages(parts).await;
        Ok(())
    };
    tokio::select! {
        ended = ended => ended,
        () = stopped(parts, signals) => {
            warn!("what did not end in time is cut; the next start reconciles what changes leave");
            Ok(())
        }
    }
}

/// Opens the gate, or goes on trying beside the listener. Fails for what waiting cannot mend.
async fn open_or_wait(parts: &Arc<Parts>, mut root: Root) -> Result<(), Box<dyn Error>> {
    match parts.token.first_contact().await {
        Ok(()) => match open::open(parts, &mut root).await {
            Ok(()) => return Ok(()),
            Err(fault) if fault.code() == Code::RecordDamaged => return Err(fault.into()),
            Err(fault) => warn!(%fault, "the gate cannot be opened yet"),
        },
        Err(fault) if open::is_final(&fault, &root) => return Err(fault.into()),
        Err(fault) => warn!(%fault, "the token is not there yet"),
    }
    info!("until it can, the service answers that it is not available");
    let parts = Arc::clone(parts);
    tokio::spawn(async move { open::when_usable(&parts, root).await });
    Ok(())
}

fn router(bounds: Bounds, parts: &Parts) -> Result<Router<Stack<BackstopLayer, Identity>>, Box<dyn Error>> {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    let keys = KeyManagementService::new(parts.door.clone(), Arc::clone(&parts.kms));
    let secrets = SecretsService::new(parts.door.clone(), Arc::clone(&parts.secrets));
    let parameters = ParametersService::new(parts.door.clone(), Arc::clone(&parts.parameters));
    let admin = AdminService::new(parts.door.clone(), Arc::clone(&parts.kms), Arc::clone(&parts.events));
    Ok(bounds
        .server(parts.door.backstop())
        .add_service(reflection)
        .add_service(KeyManagementServer::new(keys).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(SecretsServer::new(secrets).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(ParametersServer::new(parameters).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(AdminServer::new(admin).max_decoding_message_size(REQUEST_BYTES_MAX)))
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
    let identities = Arc::new(Identities::new(principals)?);
    Ok(match &grpc.security {
        Security::MutualTls {
            certificate,
            private_key,
            client_ca,
        } => Identification::Certificates(tls::server(certificate, private_key, client_ca)?, identities),
        Security::PlaintextLoopback(arn) => {
            warn!(principal = %arn, "no encryption and no identity check: everybody on this machine is this principal");
            let caller = identities.caller(arn).ok_or("the principal is not in the table")?;
            Identification::Everybody(caller)
        }
    })
}

/// SIGTERM and SIGINT, watched from the moment on at which this is made.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits for a signal and tells everybody. Resolves when the time to end is over, or at a second signal.
async fn stopped(parts: &Parts, mut signals: Signals) {
    signals.next().await;
    info!("stopping: no new requests; those under way are finished");
    parts.stop.cancel();
    tokio::select! {
        () = signals.next() => {}
        () = sleep(SHUTDOWN_DEADLINE) => {}
    }
}
