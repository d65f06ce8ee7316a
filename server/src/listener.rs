//! Connections: accepted, identified once, and handed to tonic.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use strongroom_base::{Caller, Fault};
use strongroom_gate::Channel;
use strongroom_identity::Identities;
use strongroom_wire_grpc::Peer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;
use tracing::{debug, warn};

use crate::bounds::Bounds;
use crate::gathered::Gathered;
use crate::watchdog::Watchdog;

/// Time between attempts to accept when the system refuses.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time after which streams end on a connection that takes no more requests: their callers hear of both, and open the next
/// stream on another connection.
const STREAM_DELAY: Duration = Duration::from_secs(1);

/// How the other end of a connection is identified.
#[derive(Clone)]
pub(crate) enum Identification {
    /// By its certificate and the table of principals.
    Certificates(Arc<ServerConfig>, Arc<Identities>),
    /// Everybody is this caller; loopback only.
    Everybody(Arc<Caller>),
}

/// A connection whose other end is known.
pub(crate) struct Connection {
    stream: Gathered<Stream>,
    peer: Peer,
    watchdog: Watchdog,
    /// Gives the connection's place back when it closes.
    _place: OwnedSemaphorePermit,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Accepts connections for the listener of this name until `stop`; then the address is free. Handshakes run beside each other, so a slow one holds up
/// nobody.
pub(crate) fn connections(
    listener: TcpListener,
    name: Arc<str>,
    identification: Identification,
    bounds: Bounds,
    stop: CancellationToken,
) -> ReceiverStream<io::Result<Connection>> {
    let (ready, incoming) = mpsc::channel(64);
    tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(bounds.connections));
        let accept = async {
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                match listener.accept().await {
                    Ok((stream, address)) => {
                        let handshake = identify(stream, address, Arc::clone(&name), identification.clone());
                        admit(handshake, bounds, address, place, ready.clone());
                    }
                    Err(cause) => {
                        // Out of file descriptors, mostly: waiting lets connections close.
                        warn!(%cause, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        stop.run_until_cancelled(accept).await;
    });
    ReceiverStream::new(incoming)
}

fn admit(
    handshake: impl Future<Output = io::Result<(Stream, Peer)>> + Send + 'static,
    bounds: Bounds,
    address: SocketAddr,
    place: OwnedSemaphorePermit,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    tokio::spawn(async move {
        match timeout(bounds.handshake, handshake).await {
            Ok(Ok((stream, peer))) => {
                let peer = peer.until(Instant::now() + bounds.age + STREAM_DELAY);
                let connection = Connection {
                    stream: Gathered::new(stream),
                    watchdog: Watchdog::new(bounds, Arc::clone(peer.answers())),
                    peer,
                    _place: place,
                };
                // Nobody receives once the service shuts down.
                let _ = ready.send(Ok(connection)).await;
            }
            Ok(Err(cause)) => debug!(%address, %cause, "a handshake failed"),
            Err(_) => debug!(%address, "a handshake took too long"),
        }
    });
}

async fn identify(
    stream: TcpStream,
    address: SocketAddr,
    listener: Arc<str>,
    identification: Identification,
) -> io::Result<(Stream, Peer)> {
    stream.set_nodelay(true)?;
    let channel = |encrypted| Channel {
        listener: Some(listener),
        address: Some(address.ip().to_canonical()),
        encrypted,
    };
    match identification {
        Identification::Everybody(caller) => Ok((Stream::Plain(stream), Peer::identified(channel(false), caller))),
        Identification::Certificates(config, identities) => {
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let peer = match certificates.first().map(|leaf| identities.caller_of_certificate(leaf)) {
                Some(Ok(caller)) => Peer::identified(channel(true), caller),
                Some(Err(fault)) => {
                    warn!(%address, %fault, "a certificate belongs to no principal");
                    Peer::unknown(channel(true), Fault::from(fault).message())
                }
                None => Peer::unknown(channel(true), "The connection has no client certificate."),
            };
            Ok((Stream::Tls(Box::new(stream)), peer))
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl Connection {
    /// The stream, unless the connection is to end.
    fn watched(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut Gathered<Stream>>> {
        self.watchdog.check(self.stream.progress(), context)?;
        Ok(Pin::new(&mut self.stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.get_mut().watched(context)?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().watched(context)?.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().watched(context)?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().watched(context)?.poll_shutdown(context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().watched(context)?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests;
