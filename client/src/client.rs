//! [`Client`]: one connection, shared by all clones, and the one way in which every call is made.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use strongroom_proto::v1::admin_client::AdminClient;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use strongroom_proto::v1::secrets_client::SecretsClient;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::config::ClientConfig;
use crate::connect;
use crate::fault::ClientFault;
use crate::retry::{self, Repeat};

/// The SDK's handle. Cheap to clone; clones share the connection.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    endpoint: Arc<str>,
    call_deadline: Duration,
}

impl Client {
    /// Reads the certificates and prepares the connection, which is made by the first call and again whenever it
    /// breaks. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`ClientFault::Config`] if a file cannot be read or the certificates cannot be used.
    pub fn connect(config: &ClientConfig) -> Result<Self, ClientFault> {
        let channel = connect::channel(config)?;
        Ok(Self {
            channel,
            endpoint: config.endpoint.as_str().into(),
            call_deadline: config.call_deadline,
        })
    }

    /// A call to the KeyManagement service with a message without secrets.
    pub(crate) async fn key_management<Q: Clone, A, F>(
        &self,
        repeat: Repeat,
        request: Q,
        send: impl Fn(KeyManagementClient<Channel>, Request<Q>) -> F,
    ) -> Result<A, ClientFault>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let make = || request.clone();
        self.call(repeat, make, |channel, request| {
            send(KeyManagementClient::new(channel), request)
        })
        .await
    }

    /// A call to the Secrets service with a message without secrets.
    pub(crate) async fn secrets<Q: Clone, A, F>(
        &self,
        repeat: Repeat,
        request: Q,
        send: impl Fn(SecretsClient<Channel>, Request<Q>) -> F,
    ) -> Result<A, ClientFault>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let make = || request.clone();
        self.call(repeat, make, |channel, request| {
            send(SecretsClient::new(channel), request)
        })
        .await
    }

    /// A call to the Admin service.
    pub(crate) async fn admin<Q: Clone, A, F>(
        &self,
        request: Q,
        send: impl Fn(AdminClient<Channel>, Request<Q>) -> F,
    ) -> Result<A, ClientFault>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let make = || request.clone();
        self.call(Repeat::Safe, make, |channel, request| {
            send(AdminClient::new(channel), request)
        })
        .await
    }

    /// What a call of another kind is made with: channel, endpoint and the time that an answer may take.
    pub(crate) fn parts(&self) -> (Channel, Arc<str>, Duration) {
        (self.channel.clone(), Arc::clone(&self.endpoint), self.call_deadline)
    }

    /// Sends what `make` makes, and again while that may help and cannot hurt, until the deadline. A message with
    /// secrets is made anew for each try, so that none waits in memory between two.
    pub(crate) async fn call<Q, A, F>(
        &self,
        repeat: Repeat,
        make: impl Fn() -> Q,
        send: impl Fn(Channel, Request<Q>) -> F,
    ) -> Result<A, ClientFault>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let deadline = Instant::now() + self.call_deadline;
        let mut tries_made = 0;
        loop {
            let mut request = Request::new(make());
            request.set_timeout(deadline.saturating_duration_since(Instant::now()));
            let fault = match timeout_at(deadline, send(self.channel.clone(), request)).await {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) => ClientFault::from_status(&status, &self.endpoint, self.call_deadline),
                Err(_elapsed) => ClientFault::DeadlinePassed(self.call_deadline),
            };
            tries_made += 1;
            match retry::wait(&fault, repeat, tries_made) {
                Some(wait) if Instant::now() + wait < deadline => sleep(wait).await,
                Some(_) | None => return Err(fault),
            }
        }
    }
}
