use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use strongroom_audit::{Parameters, Trail};
use strongroom_base::limits::REQUESTS_IN_FLIGHT_MAX;
use strongroom_base::{Action, Arn, Caller, Clock, Fault, Scope};
use strongroom_gate::{Channel, Domain, Gate, Need, Operation, Permit, Policies, Protected, Resolved};
use strongroom_policy::PolicyDocument;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{Request, Response};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::{Door, Peer};

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:GenerateRandom","Resource":"*"}}"#;

/// Where requests stay until they are let go.
struct Room {
    entered: Semaphore,
    exit: Semaphore,
}

impl Domain for Room {}

struct Stay;

struct Nothing;

impl Protected for Nothing {
    fn needs(&self) -> Vec<Need> {
        vec![Need::anywhere(Stay::ACTION)]
    }
}

impl Operation for Stay {
    const ACTION: Action = Action::GenerateRandom;
    type Domain = Room;
    type Target = Nothing;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    async fn resolve(&self, _: &Room) -> Result<Resolved<Nothing>, Fault> {
        Ok(Resolved::Found(Nothing))
    }

    async fn perform(self, _: Permit<Self>, room: &Room) -> Result<(), Fault> {
        room.entered.add_permits(1);
        room.exit.acquire().await.unwrap().forget();
        Ok(())
    }
}

fn ada() -> Arn {
    "arn:aws:iam::000000000000:user/ada".parse().unwrap()
}

fn door() -> (Door, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let trail = Trail::open(directory.path(), Clock::System).unwrap();
    let mut policies = Policies::default();
    policies.attach(ada(), PolicyDocument::parse(POLICY).unwrap());
    let scope = Scope::new("aws", "r", "000000000000").unwrap();
    let gate = Gate::new(scope, Clock::System, policies, trail);
    gate.open();
    (Door::new(Arc::new(gate)), directory)
}

type Answer = Result<Response<Body>, Infallible>;

async fn stay(door: Door, room: Arc<Room>) -> Response<Body> {
    let caller = Arc::new(Caller::principal(ada(), "000000000000".parse().unwrap()));
    stay_as(Peer::identified(anywhere(), caller), door, room).await
}

fn anywhere() -> Channel {
    Channel {
        address: Some(Ipv4Addr::LOCALHOST.into()),
        ..Channel::default()
    }
}

/// The method behind the backstop, as a connection calls it: its path, then a request that stays in the room.
async fn stay_as(peer: Peer, door: Door, room: Arc<Room>) -> Response<Body> {
    let behind = door.clone();
    let method = service_fn(move |request: Request<()>| {
        let (door, room) = (behind.clone(), Arc::clone(&room));
        async move {
            let mut inner = tonic::Request::new(());
            *inner.extensions_mut() = request.into_parts().0.extensions;
            let answer = door.pass(&room, inner, |(), _| Ok(Stay), |(), _| ()).await;
            Answer::Ok(match answer {
                Ok(_) => Response::new(Body::new(Full::new(Bytes::from_static(b"answer")))),
                Err(status) => status.into_http(),
            })
        }
    });
    let mut request = Request::new(());
    *request.uri_mut() = "/strongroom.v1.KeyManagement/GenerateRandom".parse().unwrap();
    request.extensions_mut().insert(peer);
    door.backstop().layer(method).oneshot(request).await.unwrap()
}

fn room() -> Arc<Room> {
    Arc::new(Room {
        entered: Semaphore::new(0),
        exit: Semaphore::new(0),
    })
}

fn assert_told_to_come_back(answer: &Response<Body>) {
    let refused = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(
        refused.message(),
        "Too many requests are under way; try again more slowly."
    );
    let details = refused.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "ThrottlingException");
    assert_eq!(
        details.retry_info().unwrap().retry_delay,
        Some(Duration::from_millis(100))
    );
}

#[tokio::test]
async fn one_request_too_many_under_way_is_told_to_come_back() {
    let (door, _directory) = door();
    let room = room();
    let mut requests = JoinSet::new();
    for _ in 0..REQUESTS_IN_FLIGHT_MAX {
        requests.spawn(stay(door.clone(), Arc::clone(&room)));
    }
    let all = u32::try_from(REQUESTS_IN_FLIGHT_MAX).unwrap();
    room.entered.acquire_many(all).await.unwrap().forget();

    assert_told_to_come_back(&stay(door.clone(), Arc::clone(&room)).await);
    assert_eq!(door.turned_away().shed.load(Ordering::Relaxed), 1);

    room.exit.add_permits(REQUESTS_IN_FLIGHT_MAX + 1);
    while let Some(answer) = requests.join_next().await {
        drop(answer.unwrap());
    }
    assert!(!stay(door, room).await.headers().contains_key("grpc-status"));
}

/// What was answered and not read takes as much memory as what is under way.
#[tokio::test]
async fn an_answer_keeps_its_place_until_it_is_read() {
    let (door, _directory) = door();
    let room = room();
    room.exit.add_permits(REQUESTS_IN_FLIGHT_MAX + 2);
    let mut unread = Vec::new();
    for _ in 0..REQUESTS_IN_FLIGHT_MAX {
        unread.push(stay(door.clone(), Arc::clone(&room)).await);
    }
    assert_told_to_come_back(&stay(door.clone(), Arc::clone(&room)).await);
    let read = unread.pop().unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(read, "answer");
    drop(read);
    let another = stay(door.clone(), Arc::clone(&room)).await;
    assert!(!another.headers().contains_key("grpc-status"));
    assert_told_to_come_back(&stay(door, room).await);
}

/// Whoever is no principal is told so before a place is taken: strangers cannot take them all.
#[tokio::test]
async fn a_stranger_gets_no_place() {
    let (door, _directory) = door();
    let room = room();
    let mut kept = Vec::new();
    for _ in 0..REQUESTS_IN_FLIGHT_MAX + 1 {
        let peer = Peer::unknown(anywhere(), "The certificate names nobody.");
        kept.push(stay_as(peer, door.clone(), Arc::clone(&room)).await);
    }
    let refused = Status::from_header_map(kept[0].headers()).unwrap();
    assert_eq!(
        (refused.code(), refused.message()),
        (Code::Unauthenticated, "The certificate names nobody.")
    );
    let counts = door.turned_away();
    assert_eq!(
        counts.unidentified.load(Ordering::Relaxed),
        REQUESTS_IN_FLIGHT_MAX as u64 + 1
    );
    assert_eq!(counts.shed.load(Ordering::Relaxed), 0);
    room.exit.add_permits(1);
    assert!(!stay(door, room).await.headers().contains_key("grpc-status"));
}
