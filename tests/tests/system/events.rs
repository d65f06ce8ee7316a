//! Streams of events over the wire: told, resumed over a restart, filtered by policy, ended in good order.

use std::time::Duration;

use strongroom_proto::v1;
use strongroom_proto::v1::admin_client::AdminClient;
use strongroom_tests::installation::{Client, EVERYTHING};
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Request, Status, Streaming};

use crate::world::{World, create_secret, secrets, text, told};

const SOON: Duration = Duration::from_secs(20);
/// Watches, and may describe nothing.
const BLIND: Client<'static> = ("blind", &["strongroom:WatchEvents"], &["*"]);
/// Describes everything, and may not watch.
const DESCRIBER: Client<'static> = ("describer", &["secretsmanager:*", "kms:*"], &["*"]);

type Stream = Streaming<v1::WatchEventsResponse>;

async fn watch(channel: &Channel, token: Option<String>) -> Result<Stream, Status> {
    watch_for(channel, token, None).await
}

async fn watch_for(channel: &Channel, token: Option<String>, patience: Option<Duration>) -> Result<Stream, Status> {
    let mut request = Request::new(v1::WatchEventsRequest {
        resume_token: token,
        types: Vec::new(),
    });
    if let Some(patience) = patience {
        request.set_timeout(patience);
    }
    let answer = AdminClient::new(channel.clone()).watch_events(request).await?;
    Ok(answer.into_inner())
}

async fn next(stream: &mut Stream) -> v1::WatchEventsResponse {
    timeout(SOON, stream.message())
        .await
        .expect("soon")
        .unwrap()
        .expect("a message")
}

/// Puts a value and gives the new version's id.
async fn put(channel: &Channel, secret: &str, value: &str) -> String {
    let request = v1::PutSecretValueRequest {
        secret_id: secret.to_owned(),
        secret_value: Some(text(value)),
        ..Default::default()
    };
    secrets(channel)
        .put_secret_value(request)
        .await
        .unwrap()
        .into_inner()
        .version_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_tells_resumes_over_a_restart_and_never_shows_a_value() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let mut stream = watch(&channel, None).await.unwrap();
    let first = next(&mut stream).await;
    assert_eq!(first.event, None, "first it says where it stands");
    let arn = create_secret(&channel, "prod/db", "first-value-7c1f").await;
    let version = put(&channel, "prod/db", "second-value-7c1f").await;
    let created = next(&mut stream).await.event.unwrap();
    assert_eq!((created.r#type(), &created.arn), (v1::EventType::SecretCreated, &arn));
    let changed = next(&mut stream).await;
    assert!(!format!("{changed:?}").contains("7c1f"), "an event carries no value");
    let event = changed.event.unwrap();
    assert_eq!(event.r#type(), v1::EventType::SecretValueChanged);
    assert_eq!(event.version_id.as_deref(), Some(version.as_str()));
    assert!(event.time.is_some());

    let stopping = std::thread::spawn(move || world.restarted());
    let last = next(&mut stream).await;
    assert_eq!(last.end(), v1::WatchEnd::Shutdown);
    assert_eq!(last.resume_token, changed.resume_token);
    assert!(
        timeout(SOON, stream.message()).await.unwrap().unwrap().is_none(),
        "it ends in good order"
    );
    let world = stopping.join().unwrap();

    let channel = world.connect().await;
    let third = put(&channel, "prod/db", "third-value-7c1f").await;
    let mut stream = watch(&channel, Some(last.resume_token)).await.unwrap();
    assert_eq!(next(&mut stream).await.event, None);
    let event = next(&mut stream).await.event.unwrap();
    assert_eq!(
        event.version_id,
        Some(third),
        "what came meanwhile is told, and nothing twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_describe_hears_nothing_and_who_may_not_watch_gets_no_stream() {
    let world = World::start(&[EVERYTHING, BLIND, DESCRIBER]);
    let (developer, blind) = (world.connect().await, world.connect_as(BLIND.0).await);
    let describer = world.connect_as(DESCRIBER.0).await;
    assert_eq!(
        told(watch(&describer, None).await),
        "PermissionDenied AccessDeniedException: User: arn:aws:iam::000000000000:user/describer is not authorized to \
         perform: strongroom:WatchEvents because no identity-based policy allows the strongroom:WatchEvents action"
    );
    let mut stream = watch_for(&blind, None, Some(Duration::from_secs(3))).await.unwrap();
    let first = next(&mut stream).await;
    create_secret(&developer, "prod/db", "value").await;
    let last = next(&mut stream).await;
    assert_eq!(last.event, None, "the event was not for it");
    assert_eq!(
        last.end(),
        v1::WatchEnd::Deadline,
        "a deadline ends the stream in good order"
    );
    assert_ne!(
        last.resume_token, first.resume_token,
        "and it will not be looked at again"
    );
    assert!(timeout(SOON, stream.message()).await.unwrap().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_none_and_one_from_elsewhere_are_refused_in_clear_words() {
    let (here, elsewhere) = (World::start(&[EVERYTHING]), World::start(&[EVERYTHING]));
    let (channel, other) = (here.connect().await, elsewhere.connect().await);
    assert_eq!(
        told(watch(&channel, Some("nonsense".to_owned())).await),
        "InvalidArgument ValidationException: 1 validation error detected: Value at 'resumeToken' failed to satisfy \
         constraint: Member must be a token that this service gave"
    );
    create_secret(&other, "prod/db", "value").await;
    let token = next(&mut watch(&other, None).await.unwrap()).await.resume_token;
    assert_eq!(
        told(watch(&channel, Some(token)).await),
        "OutOfRange TrimmedDataAccessException: The events after this resume token are not all kept any more: start anew \
         without a token, and read again whatever depends on events."
    );
}
