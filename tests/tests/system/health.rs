//! The standard health service: it says what load balancers should know, for the process and for each service.

use std::fs;
use std::time::Duration;

use strongroom_proto::v1::{admin_server, key_management_server, parameters_server, secrets_server};
use strongroom_tests::installation::EVERYTHING;
use tonic::Streaming;
use tonic::transport::Channel;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::world::World;

const SERVICES: [&str; 5] = [
    "",
    key_management_server::SERVICE_NAME,
    secrets_server::SERVICE_NAME,
    parameters_server::SERVICE_NAME,
    admin_server::SERVICE_NAME,
];
/// Two probes of the token, its longest back-off, and room for a machine that is busy with other tests.
const CHANGE_TIME_MAX: Duration = Duration::from_secs(30);

async fn check(channel: &Channel, service: &str) -> ServingStatus {
    let service = service.to_owned();
    let mut client = HealthClient::new(channel.clone());
    let answer = client.check(HealthCheckRequest { service }).await.unwrap();
    answer.into_inner().status()
}

pub(crate) async fn watch(channel: &Channel) -> Streaming<HealthCheckResponse> {
    let answer = HealthClient::new(channel.clone())
        .watch(HealthCheckRequest::default())
        .await;
    answer.unwrap().into_inner()
}

/// What a watcher is told next; `None` when the stream has ended well.
pub(crate) async fn next(watch: &mut Streaming<HealthCheckResponse>) -> Option<ServingStatus> {
    let message = tokio::time::timeout(CHANGE_TIME_MAX, watch.message()).await;
    let message = message.unwrap_or_else(|_| panic!("nothing was told"));
    message.unwrap().map(|message| message.status())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_serve_while_the_token_is_away() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let mut watch = watch(&channel).await;
    assert_eq!(next(&mut watch).await, Some(ServingStatus::Serving));

    let (here, away) = (
        world.installation.token().tokens_directory(),
        world.installation.root().join("away"),
    );
    fs::rename(&here, &away).unwrap();
    assert_eq!(next(&mut watch).await, Some(ServingStatus::NotServing));
    for service in SERVICES {
        assert_eq!(check(&channel, service).await, ServingStatus::NotServing, "{service:?}");
    }

    fs::rename(&away, &here).unwrap();
    assert_eq!(next(&mut watch).await, Some(ServingStatus::Serving));
    for service in SERVICES {
        assert_eq!(check(&channel, service).await, ServingStatus::Serving, "{service:?}");
    }
}
