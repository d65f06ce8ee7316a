//! [`Bounds`]: what one connection may ask of the service, and all of them together.

use std::time::Duration;

use strongroom_base::limits::{
    CONNECTION_AGE_MAX, CONNECTIONS_MAX, HANDSHAKE_DEADLINE, KEEPALIVE_DEADLINE, KEEPALIVE_INTERVAL,
    REQUEST_DEADLINE_MAX, STREAMS_PER_CONNECTION_MAX, UNREAD_TIME_MAX,
};
use strongroom_wire_grpc::BackstopLayer;
use tonic::transport::Server;
use tower::layer::util::{Identity, Stack};

/// The bounds of connections; by default those of [`strongroom_base::limits`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Connections at once, those included whose handshake is under way.
    pub(crate) connections: usize,
    /// Time that a handshake may take.
    pub(crate) handshake: Duration,
    /// Requests under way at once on one connection.
    pub(crate) streams: u32,
    /// Age at which a connection takes no more requests.
    pub(crate) age: Duration,
    /// Time beyond that age for what is under way; then the connection is cut.
    pub(crate) grace: Duration,
    /// Time for which a client may leave answers unread.
    pub(crate) unread: Duration,
    /// Silence after which a client is asked whether it is there.
    pub(crate) keepalive_interval: Duration,
    /// Time that the client has to answer.
    pub(crate) keepalive_deadline: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            handshake: HANDSHAKE_DEADLINE,
            streams: STREAMS_PER_CONNECTION_MAX,
            age: CONNECTION_AGE_MAX,
            grace: REQUEST_DEADLINE_MAX,
            unread: UNREAD_TIME_MAX,
            keepalive_interval: KEEPALIVE_INTERVAL,
            keepalive_deadline: KEEPALIVE_DEADLINE,
        }
    }
}

impl Bounds {
    /// A gRPC server that keeps to them, and whose every refusal carries details.
    pub(crate) fn server(&self, backstop: BackstopLayer) -> Server<Stack<BackstopLayer, Identity>> {
        Server::builder()
            .layer(backstop)
            .max_concurrent_streams(self.streams)
            .http2_keepalive_interval(Some(self.keepalive_interval))
            .http2_keepalive_timeout(Some(self.keepalive_deadline))
            .max_connection_age(self.age)
    }
}

#[cfg(test)]
mod tests;
