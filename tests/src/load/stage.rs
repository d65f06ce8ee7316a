//! Everything that one transport's rows need: the service, the echo and the bare token, and measuring them in turns.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use clap::ValueEnum;
use prost::Message;
use strongroom_proto::v1;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::caller::{CLIENT, Caller, Load, connections};
use super::echo;
use super::operation::Operation;
use super::point::Sample;
use super::raw_token::RawToken;
use super::report::Row;
use super::service::{Maker, Prepared};
use crate::authority::Authority;
use crate::daemon::Daemon;
use crate::installation::{EVERYTHING, Installation};
use crate::leftover::Leftover;
use crate::token_tool::measure::KeyHandle;
use crate::{HarnessFault, private_file};

/// How callers reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Transport {
    /// HTTP/2 without TLS, on loopback.
    Plaintext,
    /// TLS 1.3 with certificates on both sides.
    MutualTls,
}

/// The servers of one transport.
pub(super) struct Stage {
    transport: Transport,
    runtime: Runtime,
    service: Daemon,
    echo: Daemon,
    token: RawToken,
    prepared: Prepared,
    authority: Option<Authority>,
    /// Deleted last.
    _directory: TempDir,
    _leftover: Leftover,
}

/// The servers take turns of this length, so that a noisy second hits all of them alike.
pub(super) const SLICE: Duration = Duration::from_secs(1);
/// Requests before the first slice do not count: caches fill, connections open their windows.
pub(super) const WARM_UP: Duration = Duration::from_millis(300);

impl Transport {
    /// As the table shows it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::MutualTls => "mutual TLS",
        }
    }
}

impl Stage {
    /// Starts the servers in a temporary folder.
    pub(super) fn set(transport: Transport) -> Result<Self, HarnessFault> {
        let directory = TempDir::with_prefix("strongroom-load-")
            .map_err(HarnessFault::file("make", Path::new("a temporary folder")))?;
        let leftover = Leftover::directory(directory.path().to_owned());
        let root = directory.path();
        let helper = std::env::current_exe().map_err(HarnessFault::file("find", root))?;
        let installation = match transport {
            Transport::Plaintext => Installation::prepare_plaintext(root, EVERYTHING, &helper)?,
            Transport::MutualTls => Installation::prepare(root, &[EVERYTHING], &helper)?,
        };
        let service = installation.start()?;
        let token = RawToken::prepare(&root.join("raw"), &helper)?;
        let runtime = Runtime::new().map_err(HarnessFault::file("make threads for", root))?;
        let replies = root.join("replies");
        private_file::make_directory(&replies)?;
        let authority = Authority::prepare(&root.join("certificates"), &[CLIENT])?;
        let authority = (transport == Transport::MutualTls).then_some(authority);
        let prepared = runtime.block_on(async {
            let caller = Caller::connect(service.address(), authority.as_ref(), 8).await?;
            Prepared::make(&caller, &replies).await
        })?;
        let echo = start_echo(root, transport, &helper)?;
        Ok(Self {
            transport,
            runtime,
            service,
            echo,
            token,
            prepared,
            authority,
            _directory: directory,
            _leftover: leftover,
        })
    }

    /// Measures one row: echo, token by handle, token by session copy and service, in turns of a second each.
    pub(super) fn measure(&self, operation: Operation, in_flight: usize, seconds: u64) -> Result<Row, HarnessFault> {
        let prepared = &self.prepared;
        match operation {
            Operation::GenerateDataKey => {
                let request = |_: usize| Ok(prepared.generate_data_keys());
                self.row::<_, v1::GenerateDataKeyResponse>(operation, in_flight, seconds, &request)
            }
            Operation::Decrypt => {
                let request = |_: usize| Ok(prepared.decrypts());
                self.row::<_, v1::DecryptResponse>(operation, in_flight, seconds, &request)
            }
            Operation::GetSecretValue => {
                let request = |_: usize| Ok(Prepared::get_secret_values());
                self.row::<_, v1::GetSecretValueResponse>(operation, in_flight, seconds, &request)
            }
            Operation::PutSecretValue => {
                let request = |puts: usize| {
                    self.runtime.block_on(async {
                        let caller = self.connect(&self.service, in_flight).await?;
                        let count = prepared.secrets_for(&caller, puts).await?;
                        Ok(prepared.put_secret_values(count))
                    })
                };
                self.row::<_, v1::PutSecretValueResponse>(operation, in_flight, seconds, &request)
            }
        }
    }

    /// `request` makes a request maker that is good for at least so many requests.
    fn row<Q, R>(
        &self,
        operation: Operation,
        in_flight: usize,
        seconds: u64,
        request: &dyn Fn(usize) -> Result<Maker<Q>, HarnessFault>,
    ) -> Result<Row, HarnessFault>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        let load = Load {
            path: operation.path(),
            in_flight,
            duration: WARM_UP,
            request: request(0)?,
            next: Arc::default(),
        };
        let warm = self.slice::<Q, R>(&self.service, &load)?;
        let slices = usize::try_from(seconds).unwrap_or(usize::MAX);
        let puts = usize::try_from(warm.answers())
            .unwrap_or(usize::MAX)
            .saturating_mul(slices.saturating_mul(5));
        let load = Load {
            request: request(puts)?,
            next: Arc::new(AtomicUsize::new(0)),
            ..load
        };
        self.slice::<Q, R>(&self.echo, &load)?;
        let load = Load {
            duration: SLICE,
            ..load
        };
        let (mut echo, mut service) = (Sample::empty()?, Sample::empty()?);
        let (mut handle, mut copy) = (Sample::empty()?, Sample::empty()?);
        for _ in 0..slices.max(1) {
            echo.add(&self.slice::<Q, R>(&self.echo, &load)?)?;
            handle.add(&self.token.measure(operation.token_work(), KeyHandle::Token, SLICE)?)?;
            copy.add(
                &self
                    .token
                    .measure(operation.token_work(), KeyHandle::SessionCopy, SLICE)?,
            )?;
            service.add(&self.slice::<Q, R>(&self.service, &load)?)?;
        }
        Ok(Row {
            transport: self.transport.name(),
            operation: operation.name(),
            in_flight,
            connections: connections(in_flight),
            echo: echo.point(),
            token_handle: handle.point(),
            token_copy: copy.point(),
            service: service.point(),
        })
    }

    fn slice<Q, R>(&self, server: &Daemon, load: &Load<Q>) -> Result<Sample, HarnessFault>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        self.runtime.block_on(async {
            let caller = self.connect(server, load.in_flight).await?;
            let before = server.processor_time()?;
            let (latencies, wall) = caller.drive::<Q, R>(load).await?;
            Ok(Sample::new(
                latencies,
                wall,
                server.processor_time()?.saturating_sub(before),
            ))
        })
    }

    async fn connect(&self, server: &Daemon, in_flight: usize) -> Result<Caller, HarnessFault> {
        Caller::connect(server.address(), self.authority.as_ref(), in_flight).await
    }
}

fn start_echo(root: &Path, transport: Transport, helper: &Path) -> Result<Daemon, HarnessFault> {
    let mut command = Command::new(helper);
    command.arg(echo::MARK).arg("--replies").arg(root.join("replies"));
    if transport == Transport::MutualTls {
        command.arg("--certificates").arg(root.join("certificates"));
    }
    Daemon::spawn(command.stdin(Stdio::null()), &root.join("echo.log"))
}
