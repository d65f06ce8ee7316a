//! A gRPC server that decodes the service's own requests and answers with replies that the service once gave: what is
//! left of an operation when it does nothing. A process of its own, so that its processor time can be read.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll};

use clap::Parser;
use prost::Message;
use strongroom_proto::v1;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::operation::Operation;
use crate::daemon::READY;
use crate::{HarnessFault, console};

/// The first argument that makes `load` act as the echo.
pub(super) const MARK: &str = "echo-server";

/// Answers with prepared replies.
#[derive(Parser)]
struct Arguments {
    /// The folder with one encoded reply per operation.
    #[arg(long)]
    replies: PathBuf,
    /// The folder with the server's certificate, for mutual TLS.
    #[arg(long)]
    certificates: Option<PathBuf>,
}

/// Acts as the echo if the arguments say so.
pub(super) fn requested() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != MARK {
        return None;
    }
    let arguments = Arguments::parse_from(std::iter::once(MARK.into()).chain(arguments));
    Some(console::conclude(arguments.serve()))
}

impl Arguments {
    fn serve(&self) -> Result<(), HarnessFault> {
        let replies = Arc::new(Replies::read(&self.replies)?);
        let runtime = tokio::runtime::Runtime::new().map_err(HarnessFault::file("make threads for", &self.replies))?;
        runtime.block_on(async {
            let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
            let listener = listener.map_err(HarnessFault::file("listen for", &self.replies))?;
            let address = listener
                .local_addr()
                .map_err(HarnessFault::file("listen for", &self.replies))?;
            let server = self.server()?.add_service(Echo::<KeyManagement>::new(&replies));
            console::say(format_args!("{READY}{address}"));
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            server
                .add_service(Echo::<Secrets>::new(&replies))
                .serve_with_incoming(incoming)
                .await
                .map_err(broken)
        })
    }

    fn server(&self) -> Result<Server, HarnessFault> {
        let Some(folder) = &self.certificates else {
            return Ok(Server::builder());
        };
        let read = |name: &str| {
            let file = folder.join(name);
            std::fs::read(&file).map_err(HarnessFault::file("read", &file))
        };
        let identity = Identity::from_pem(read("server.pem")?, read("server.key")?);
        let tls = ServerTlsConfig::new()
            .identity(identity)
            .client_ca_root(Certificate::from_pem(read("ca.pem")?));
        Server::builder().tls_config(tls).map_err(broken)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: tonic::transport::Error) -> HarnessFault {
    HarnessFault::refused(
        format!("the echo server failed: {error:?}"),
        "is the loopback interface up?",
    )
}

/// What the service answered once.
struct Replies {
    generate_data_key: v1::GenerateDataKeyResponse,
    decrypt: v1::DecryptResponse,
    get_secret_value: v1::GetSecretValueResponse,
    put_secret_value: v1::PutSecretValueResponse,
}

impl Replies {
    fn read(folder: &Path) -> Result<Self, HarnessFault> {
        Ok(Self {
            generate_data_key: reply(folder, Operation::GenerateDataKey)?,
            decrypt: reply(folder, Operation::Decrypt)?,
            get_secret_value: reply(folder, Operation::GetSecretValue)?,
            put_secret_value: reply(folder, Operation::PutSecretValue)?,
        })
    }
}

fn reply<M: Message + Default>(folder: &Path, operation: Operation) -> Result<M, HarnessFault> {
    let file = folder.join(operation.name());
    let bytes = std::fs::read(&file).map_err(HarnessFault::file("read", &file))?;
    M::decode(bytes.as_slice())
        .map_err(|error| HarnessFault::refused(error.to_string(), "the prepared reply is no such message"))
}

/// One of the two gRPC services that the measured operations belong to.
struct Echo<N> {
    replies: Arc<Replies>,
    name: PhantomData<fn() -> N>,
}

enum KeyManagement {}
enum Secrets {}

impl NamedService for Echo<KeyManagement> {
    const NAME: &'static str = "strongroom.v1.KeyManagement";
}

impl NamedService for Echo<Secrets> {
    const NAME: &'static str = "strongroom.v1.Secrets";
}

impl<N> Echo<N> {
    fn new(replies: &Arc<Replies>) -> Self {
        Self {
            replies: Arc::clone(replies),
            name: PhantomData,
        }
    }
}

impl<N> Clone for Echo<N> {
    fn clone(&self) -> Self {
        Self::new(&self.replies)
    }
}

impl<N: 'static> Service<http::Request<Body>> for Echo<N> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let replies = &self.replies;
        let path = request.uri().path();
        if path == Operation::GenerateDataKey.path() {
            answer::<v1::GenerateDataKeyRequest, _>(request, replies.generate_data_key.clone())
        } else if path == Operation::Decrypt.path() {
            answer::<v1::DecryptRequest, _>(request, replies.decrypt.clone())
        } else if path == Operation::GetSecretValue.path() {
            answer::<v1::GetSecretValueRequest, _>(request, replies.get_secret_value.clone())
        } else if path == Operation::PutSecretValue.path() {
            answer::<v1::PutSecretValueRequest, _>(request, replies.put_secret_value.clone())
        } else {
            Box::pin(async { Ok(Status::unimplemented("not an echoed operation").into_http()) })
        }
    }
}

/// Decodes the request as `Q`, drops it, and answers.
fn answer<Q, R>(request: http::Request<Body>, reply: R) -> BoxFuture<http::Response<Body>, Infallible>
where
    Q: Message + Default + Send + 'static,
    R: Message + Default + Send + 'static,
{
    Box::pin(async move {
        let codec = ProstCodec::<R, Q>::default();
        Ok(Grpc::new(codec)
            .unary(
                Prepared {
                    reply: Some(reply),
                    request: PhantomData::<fn(Q)>,
                },
                request,
            )
            .await)
    })
}

struct Prepared<Q, R> {
    reply: Option<R>,
    request: PhantomData<fn(Q)>,
}

impl<Q, R: Send + 'static> UnaryService<Q> for Prepared<Q, R> {
    type Response = R;
    type Future = BoxFuture<Response<R>, Status>;

    fn call(&mut self, _: Request<Q>) -> Self::Future {
        let reply = self.reply.take().ok_or_else(|| Status::internal("asked twice"));
        Box::pin(async move { reply.map(Response::new) })
    }
}
