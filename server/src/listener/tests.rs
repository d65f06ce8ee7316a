use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use rustls::server::ResolvesServerCertUsingSni;
use strongroom_base::Caller;
use strongroom_base::limits::{CONNECTIONS_MAX, HANDSHAKE_DEADLINE};
use strongroom_identity::Identities;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{Connection, Identification, connections};
use crate::bounds::Bounds;

/// Long enough for what comes, and short enough for what must not come.
const SOON: Duration = Duration::from_secs(10);
const A_WHILE: Duration = Duration::from_millis(200);

async fn listening() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn everybody() -> Identification {
    let arn = "arn:aws:iam::000000000000:user/ada".parse().unwrap();
    Identification::Everybody(Arc::new(Caller::principal(arn, "000000000000".parse().unwrap())))
}

/// TLS as far as somebody who never says anything gets.
fn certificates() -> Identification {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
    let identities = Identities::new(Vec::new()).unwrap();
    Identification::Certificates(Arc::new(config), Arc::new(identities))
}

#[tokio::test]
async fn a_connection_too_many_waits_until_another_closes() {
    assert_eq!(Bounds::default().connections, CONNECTIONS_MAX);
    let bounds = Bounds {
        connections: 2,
        ..Bounds::default()
    };
    let (listener, address) = listening().await;
    let mut accepted = connections(listener, "grpc".into(), everybody(), bounds, CancellationToken::new());
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(TcpStream::connect(address).await.unwrap());
    }
    let first: Connection = timeout(SOON, accepted.next()).await.unwrap().unwrap().unwrap();
    let _second = timeout(SOON, accepted.next()).await.unwrap().unwrap().unwrap();
    assert!(
        timeout(A_WHILE, accepted.next()).await.is_err(),
        "there are places for two"
    );
    drop(first);
    timeout(SOON, accepted.next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_handshake_that_does_not_end_gives_its_place_back() {
    assert_eq!(Bounds::default().handshake, HANDSHAKE_DEADLINE);
    let bounds = Bounds {
        connections: 1,
        handshake: A_WHILE,
        ..Bounds::default()
    };
    let (listener, address) = listening().await;
    let _accepted = connections(
        listener,
        "grpc".into(),
        certificates(),
        bounds,
        CancellationToken::new(),
    );
    let start = Instant::now();
    // The second gets the only place when the first has lost it.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut next = TcpStream::connect(address).await.unwrap();
    for client in [&mut silent, &mut next] {
        let read = timeout(SOON, client.read(&mut [0; 16])).await.unwrap().unwrap();
        assert_eq!(read, 0, "nothing but the end of the connection is sent");
    }
    assert!(start.elapsed() >= 2 * A_WHILE, "each has its time");
}
