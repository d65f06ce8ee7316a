//! The client side of a measurement: some connections, some requests in flight, for some seconds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::operation::Operation;
use super::point::{latencies, micros};
use super::service::Maker;
use crate::authority::Authority;
use crate::{HarnessFault, connection};

/// Connections to one server.
pub(super) struct Caller {
    channels: Vec<Channel>,
}

/// The client that the measured service knows.
pub(super) const CLIENT: &str = "developer";
/// Requests under way while something is prepared.
const PREPARATION_IN_FLIGHT: usize = 32;

impl Caller {
    /// Opens as many connections as `in_flight` requests are spread over.
    pub(super) async fn connect(
        address: SocketAddr,
        certificates: Option<&Authority>,
        in_flight: usize,
    ) -> Result<Self, HarnessFault> {
        Self::connect_as(address, certificates.map(|authority| (authority, CLIENT)), in_flight).await
    }

    /// The same as any client that the service knows.
    pub(super) async fn connect_as(
        address: SocketAddr,
        client: Option<(&Authority, &str)>,
        in_flight: usize,
    ) -> Result<Self, HarnessFault> {
        let mut channels = Vec::new();
        for _ in 0..connections(in_flight) {
            channels.push(connection::connect(address, client).await?);
        }
        Ok(Self { channels })
    }

    /// One call of a measured operation.
    pub(super) async fn once<Q, R>(&self, operation: Operation, request: Q) -> Result<R, HarnessFault>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        self.call(operation.path(), request).await
    }

    /// One call of any operation.
    pub(super) async fn call<Q, R>(&self, path: &'static str, request: Q) -> Result<R, HarnessFault>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        let channel = self.channels.first().ok_or_else(|| no_connection("none is open"))?;
        call(&mut Grpc::new(channel.clone()), path, request).await
    }

    /// `count` calls, many at a time, whose replies do not matter.
    pub(super) async fn repeat<Q, R>(
        &self,
        path: &'static str,
        count: usize,
        request: Maker<Q>,
    ) -> Result<(), HarnessFault>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = Vec::new();
        for channel in self.channels.iter().cycle().take(PREPARATION_IN_FLIGHT) {
            let (mut client, request, next) = (Grpc::new(channel.clone()), Arc::clone(&request), Arc::clone(&next));
            tasks.push(tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok::<_, HarnessFault>(());
                    }
                    let _: R = call(&mut client, path, request(number)).await?;
                }
            }));
        }
        for task in tasks {
            task.await.map_err(broken_task)??;
        }
        Ok(())
    }

    /// Calls with `in_flight` requests under way until the time is over, and says how long each took. The numbers of
    /// the requests begin at `first`; the next free number is the first of the next slice.
    pub(super) async fn drive<Q, R>(&self, load: &Load<Q>) -> Result<(Histogram<u64>, Duration), HarnessFault>
    where
        Q: Message + 'static,
        R: Message + Default + 'static,
    {
        let started = Instant::now();
        let mut tasks = Vec::new();
        for channel in self.channels.iter().cycle().take(load.in_flight) {
            let lane = load.clone();
            tasks.push(tokio::spawn(lane.run::<R>(Grpc::new(channel.clone()), started)));
        }
        let mut sum = latencies()?;
        for task in tasks {
            sum.add(task.await.map_err(broken_task)??).map_err(broken_task)?;
        }
        Ok((sum, started.elapsed()))
    }
}

/// What one slice of a measurement asks for.
pub(super) struct Load<Q> {
    pub(super) path: &'static str,
    pub(super) in_flight: usize,
    pub(super) duration: Duration,
    pub(super) request: Maker<Q>,
    /// The number of the next request, over all slices.
    pub(super) next: Arc<AtomicUsize>,
}

impl<Q> Clone for Load<Q> {
    fn clone(&self) -> Self {
        Self {
            request: Arc::clone(&self.request),
            next: Arc::clone(&self.next),
            ..*self
        }
    }
}

impl<Q: Message + 'static> Load<Q> {
    async fn run<R>(self, mut client: Grpc<Channel>, started: Instant) -> Result<Histogram<u64>, HarnessFault>
    where
        R: Message + Default + 'static,
    {
        let mut latencies = latencies()?;
        while started.elapsed() < self.duration {
            let message = (self.request)(self.next.fetch_add(1, Ordering::Relaxed));
            let begin = Instant::now();
            let _: R = call(&mut client, self.path, message).await?;
            latencies.saturating_record(micros(begin.elapsed()));
        }
        Ok(latencies)
    }
}

/// One connection for one request in flight; four for more, as a pool of a few clients would have.
pub(super) fn connections(in_flight: usize) -> usize {
    if in_flight == 1 { 1 } else { 4 }
}

async fn call<Q, R>(client: &mut Grpc<Channel>, path: &'static str, request: Q) -> Result<R, HarnessFault>
where
    Q: Message + 'static,
    R: Message + Default + 'static,
{
    client.ready().await.map_err(no_connection)?;
    let codec = ProstCodec::<Q, R>::default();
    let reply = client
        .unary(Request::new(request), PathAndQuery::from_static(path), codec)
        .await;
    reply
        .map(tonic::Response::into_inner)
        .map_err(|status| refused(path, &status))
}

fn no_connection(error: impl std::fmt::Debug) -> HarnessFault {
    HarnessFault::refused(
        format!("no connection to the measured server: {error:?}"),
        "its log says why",
    )
}

fn broken_task(error: impl std::fmt::Display) -> HarnessFault {
    HarnessFault::refused(error.to_string(), "this is a bug of the load generator")
}

fn refused(path: &str, status: &Status) -> HarnessFault {
    let what = format!("{path} answered {:?}: {}", status.code(), status.message());
    HarnessFault::refused(what, "nothing was measured: a number with errors in it says nothing")
}
