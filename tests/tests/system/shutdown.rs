//! The end of a service that is asked to stop: clean, and in time, whatever callers hold open.

use std::fs;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use strongroom_tests::installation::EVERYTHING;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::world::World;
use crate::{health, raw_call};

/// How long those under way have to end. What needs no time is compared with this and no shorter time: a machine that is
/// busy with other tests may be slow, but whoever waits for the deadline cannot be faster.
const DEADLINE: Duration = Duration::from_secs(20);
const CUT: &str = "what did not end in time is cut";

/// A request that is under way until the server ends it: the reflection service waits for the questions of a stream.
async fn hold_open(world: &World) -> JoinHandle<Result<(), Status>> {
    let channel = world.connect().await;
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let held = tokio::spawn(async move { raw_call::streamed(&channel, path, tokio_stream::pending()).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!held.is_finished(), "the stream is open");
    held
}

/// How the service ended, how long that took from the first signal on, and what its log says.
async fn ended(mut world: World, signalled: Instant) -> (ExitStatus, Duration, String) {
    let status = loop {
        if let Some(status) = world.daemon.ended() {
            break status;
        }
        assert!(signalled.elapsed() < Duration::from_secs(60), "it does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let log = fs::read_to_string(&world.installation.command().log).unwrap();
    (status, signalled.elapsed(), log)
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_of_the_health_are_told_and_do_not_hold_up_the_end() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let mut watch = health::watch(&channel).await;
    assert_eq!(health::next(&mut watch).await, Some(ServingStatus::Serving));
    let signalled = Instant::now();
    world.daemon.signal(Signal::TERM);
    assert_eq!(health::next(&mut watch).await, Some(ServingStatus::NotServing));
    assert_eq!(health::next(&mut watch).await, None);
    let (status, time, log) = ended(world, signalled).await;
    assert!(status.success(), "{status}");
    assert!(time < DEADLINE, "{time:?}");
    assert!(!log.contains(CUT), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_holds_up_the_end_for_20_seconds_and_no_longer() {
    let world = World::start(&[EVERYTHING]);
    let held = hold_open(&world).await;
    let signalled = Instant::now();
    world.daemon.signal(Signal::TERM);
    let (status, time, log) = ended(world, signalled).await;
    assert!(status.success(), "{status}");
    assert!(time >= DEADLINE, "those under way have their time: {time:?}");
    assert!(time < DEADLINE * 2, "{time:?}");
    assert!(log.contains(CUT), "{log}");
    assert!(held.await.unwrap().is_err(), "the stream was cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let world = World::start(&[EVERYTHING]);
    let _held = hold_open(&world).await;
    let signalled = Instant::now();
    world.daemon.signal(Signal::TERM);
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.daemon.signal(Signal::TERM);
    let (status, time, log) = ended(world, signalled).await;
    assert!(status.success(), "{status}");
    assert!(time < DEADLINE, "{time:?}");
    assert!(log.contains(CUT), "{log}");
}
