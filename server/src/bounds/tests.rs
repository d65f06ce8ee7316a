use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use strongroom_base::Caller;
use strongroom_base::limits::{
    CONNECTION_AGE_MAX, KEEPALIVE_DEADLINE, KEEPALIVE_INTERVAL, REQUEST_DEADLINE_MAX, STREAMS_PER_CONNECTION_MAX,
    UNREAD_TIME_MAX,
};
use strongroom_wire_grpc::BackstopLayer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::Streaming;
use tonic::codegen::Bytes;
use tonic::codegen::http::Request;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_health::server::HealthReporter;

use super::Bounds;
use crate::listener::{Identification, connections};

/// Long enough for what comes, and short enough for what must not come.
const SOON: Duration = Duration::from_secs(10);
const A_WHILE: Duration = Duration::from_millis(200);
/// What opens an HTTP/2 connection (RFC 9113, 3.4): the preface and an empty SETTINGS frame.
const OPENING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A health service behind the real listener.
struct Service {
    address: SocketAddr,
    reporter: HealthReporter,
    connections: Arc<AtomicUsize>,
}

impl Service {
    async fn start(bounds: Bounds) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let arn = "arn:aws:iam::000000000000:user/ada".parse().unwrap();
        let everybody = Identification::Everybody(Arc::new(Caller::principal(arn, "000000000000".parse().unwrap())));
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let accepted = connections(listener, "grpc".into(), everybody, bounds, CancellationToken::new());
        let accepted = accepted.map(move |connection| {
            counted.fetch_add(1, Ordering::SeqCst);
            connection
        });
        let (reporter, service) = tonic_health::server::health_reporter();
        tokio::spawn(
            bounds
                .server(BackstopLayer::default())
                .add_service(service)
                .serve_with_incoming(accepted),
        );
        Self {
            address,
            reporter,
            connections: count,
        }
    }

    /// A client that connects anew when its connection is closed.
    async fn client(&self) -> HealthClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        HealthClient::new(endpoint.connect().await.unwrap())
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn check(client: &HealthClient<Channel>) {
    let mut client = client.clone();
    let answer = timeout(SOON, client.check(HealthCheckRequest::default()));
    answer.await.unwrap().unwrap();
}

/// A request that is under way until it is dropped.
async fn watch(client: &HealthClient<Channel>) -> Streaming<HealthCheckResponse> {
    let mut client = client.clone();
    let answer = timeout(SOON, client.watch(HealthCheckRequest::default()));
    let mut stream = answer.await.unwrap().unwrap().into_inner();
    assert_eq!(next(&mut stream).await, ServingStatus::Serving);
    stream
}

async fn next(stream: &mut Streaming<HealthCheckResponse>) -> ServingStatus {
    timeout(SOON, stream.message())
        .await
        .unwrap()
        .unwrap()
        .unwrap()
        .status()
}

#[tokio::test]
async fn request_257_on_one_connection_waits_until_another_ends() {
    assert_eq!(Bounds::default().streams, STREAMS_PER_CONNECTION_MAX);
    let service = Service::start(Bounds::default()).await;
    let client = service.client().await;
    let mut under_way = Vec::new();
    for _ in 0..256 {
        under_way.push(watch(&client).await);
    }
    let mut another = client.clone();
    let waiting = another.check(HealthCheckRequest::default());
    tokio::pin!(waiting);
    assert!(timeout(A_WHILE, &mut waiting).await.is_err(), "256 are under way");
    under_way.pop();
    timeout(SOON, waiting).await.unwrap().unwrap();
    assert_eq!(service.connections(), 1);
}

#[tokio::test]
async fn an_old_connection_ends_what_it_began_and_takes_nothing_new() {
    assert_eq!(Bounds::default().age, CONNECTION_AGE_MAX);
    let bounds = Bounds {
        age: Duration::from_secs(1),
        ..Bounds::default()
    };
    let service = Service::start(bounds).await;
    let (idle, busy) = (service.client().await, service.client().await);
    let mut under_way = watch(&busy).await;
    check(&idle).await;
    check(&idle).await;
    assert_eq!(service.connections(), 2, "a young connection takes all requests");
    sleep(bounds.age + A_WHILE).await;
    check(&idle).await;
    assert_eq!(service.connections(), 3, "an old connection takes no more");
    service
        .reporter
        .set_service_status("", tonic_health::ServingStatus::NotServing)
        .await;
    assert_eq!(next(&mut under_way).await, ServingStatus::NotServing);
}

#[tokio::test]
async fn a_client_that_does_not_answer_loses_its_connection() {
    let promised = Bounds::default();
    assert_eq!(
        (promised.keepalive_interval, promised.keepalive_deadline),
        (KEEPALIVE_INTERVAL, KEEPALIVE_DEADLINE)
    );
    let bounds = Bounds {
        keepalive_interval: A_WHILE,
        keepalive_deadline: A_WHILE,
        ..promised
    };
    let service = Service::start(bounds).await;
    let alive = service.client().await;
    check(&alive).await;

    let mut dead = TcpStream::connect(service.address).await.unwrap();
    dead.write_all(OPENING).await.unwrap();
    let start = Instant::now();
    let mut said = Vec::new();
    timeout(SOON, dead.read_to_end(&mut said)).await.unwrap().unwrap();
    assert!(start.elapsed() >= A_WHILE, "it was asked before it was given up");

    check(&alive).await;
    assert_eq!(service.connections(), 2, "a client that answers keeps its connection");
}

/// A graceful end waits for the client to agree to it; this one never does.
#[tokio::test]
async fn an_old_connection_ends_though_its_client_does_not_agree() {
    assert_eq!(Bounds::default().grace, REQUEST_DEADLINE_MAX);
    let bounds = Bounds {
        age: A_WHILE,
        grace: A_WHILE,
        unread: A_WHILE,
        ..Bounds::default()
    };
    let service = Service::start(bounds).await;
    let mut stubborn = TcpStream::connect(service.address).await.unwrap();
    stubborn.write_all(OPENING).await.unwrap();
    let start = Instant::now();
    let mut said = Vec::new();
    timeout(SOON, stubborn.read_to_end(&mut said)).await.unwrap().unwrap();
    assert!(
        start.elapsed() >= bounds.age + bounds.grace,
        "what is under way has its time"
    );
}

/// The client answers every PING and lets no byte of an answer come: its window is closed.
#[tokio::test]
async fn a_client_that_leaves_answers_unread_loses_its_connection() {
    assert_eq!(Bounds::default().unread, UNREAD_TIME_MAX);
    let bounds = Bounds {
        unread: A_WHILE,
        ..Bounds::default()
    };
    let service = Service::start(bounds).await;
    let reading = service.client().await;
    check(&reading).await;
    let socket = TcpStream::connect(service.address).await.unwrap();
    let mut closed = h2::client::Builder::new();
    let (client, connection) = closed
        .initial_window_size(0)
        .handshake::<_, Bytes>(socket)
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let request = Request::post(format!("http://{}/grpc.health.v1.Health/Check", service.address))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap();
    let (answer, mut body) = client.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
    // Headers take no window.
    assert!(timeout(SOON, answer).await.unwrap().is_ok());
    assert!(timeout(SOON, connection).await.is_ok(), "it is cut");
    check(&reading).await;
    assert_eq!(service.connections(), 2, "a client that reads keeps its connection");
}
