use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use strongroom_audit::{Parameters, Trail};
use strongroom_base::limits::REQUESTS_IN_FLIGHT_MAX;
use strongroom_base::{Action, Arn, Caller, Clock, Fault, Scope};
use strongroom_gate::{Gate, Need, Operation, Permit, Policies, Protected, Resolved};
use strongroom_policy::PolicyDocument;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::{Door, Peer};

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:GenerateRandom","Resource":"*"}}"#;

/// Where requests stay until they are let go.
struct Room {
    entered: Semaphore,
    exit: Semaphore,
}

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

async fn stay(door: Door, room: Arc<Room>) -> Result<(), Status> {
    let caller = Arc::new(Caller::principal(ada(), "000000000000".parse().unwrap()));
    let peer = Peer::identified(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), caller);
    let mut request = Request::new(());
    request.extensions_mut().insert(peer);
    door.pass(&room, request, |(), _| Ok(Stay), |(), _| ()).await.map(drop)
}

#[tokio::test]
async fn one_request_more_than_4096_under_way_is_told_to_come_back() {
    let (door, _directory) = door();
    let room = Arc::new(Room {
        entered: Semaphore::new(0),
        exit: Semaphore::new(0),
    });
    let mut requests = JoinSet::new();
    for _ in 0..REQUESTS_IN_FLIGHT_MAX {
        requests.spawn(stay(door.clone(), Arc::clone(&room)));
    }
    let all = u32::try_from(REQUESTS_IN_FLIGHT_MAX).unwrap();
    room.entered.acquire_many(all).await.unwrap().forget();

    let refused = stay(door.clone(), Arc::clone(&room)).await.unwrap_err();
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
    assert_eq!(door.turned_away().shed.load(Ordering::Relaxed), 1);

    room.exit.add_permits(REQUESTS_IN_FLIGHT_MAX + 1);
    while let Some(answer) = requests.join_next().await {
        answer.unwrap().unwrap();
    }
    stay(door, room).await.unwrap();
}
