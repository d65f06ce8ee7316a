//! What is told, and to whom.

use strongroom_base::limits::{WATCH_BOOKMARK_INTERVAL, WATCH_DECISION_INTERVAL};
use strongroom_base::{Code, EventKind};
use strongroom_kms::op::{
    CancelKeyDeletion, CreateKey, DisableKey, EnableKey, NewKey, PutKeyPolicy, RotateKeyOnDemand, ScheduleKeyDeletion,
};
use strongroom_secrets::op::{DeleteSecret, RestoreSecret, TagResource, UpdateSecretVersionStage};

use crate::bench::{Bench, arn, next, silent, told};

/// Watches, and may describe the secrets of the team blue.
const BLUE: (&str, &str) = (
    "blue",
    r#"[{"Effect":"Allow","Action":"strongroom:WatchEvents","Resource":"*"},
        {"Effect":"Allow","Action":"secretsmanager:DescribeSecret","Resource":"*",
         "Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}}]"#,
);
/// Watches, and may describe one name's secrets.
const NARROW: (&str, &str) = (
    "narrow",
    r#"[{"Effect":"Allow","Action":"strongroom:WatchEvents","Resource":"*"},
        {"Effect":"Allow","Action":["secretsmanager:DescribeSecret","kms:DescribeKey"],
         "Resource":["arn:aws:secretsmanager:local-1:000000000000:secret:shop/*","arn:aws:kms:*:*:key/*"]}]"#,
);

#[tokio::test]
async fn a_secrets_life_is_told() {
    let bench = Bench::with(&[]).await;
    let mut watcher = bench.begun("administrator").await;
    bench.create("prod/db", None).await;
    bench.put("prod/db", "second").await;
    bench
        .on_secrets(DeleteSecret::new("prod/db", None, false).unwrap())
        .await;
    bench.on_secrets(RestoreSecret::new("prod/db").unwrap()).await;
    assert_eq!(
        told(&mut watcher, 4).await,
        [
            "SecretCreated prod/db",
            "SecretValueChanged prod/db",
            "SecretDeleted prod/db",
            "SecretRestored prod/db",
        ]
    );
    bench
        .on_secrets(DeleteSecret::new("prod/db", None, true).unwrap())
        .await;
    assert_eq!(told(&mut watcher, 1).await, ["SecretRemoved prod/db"]);
    silent(&mut watcher).await;
}

#[tokio::test]
async fn a_keys_life_is_told() {
    let bench = Bench::with(&[]).await;
    let key = bench
        .on_keys(CreateKey::new(NewKey::default()).unwrap())
        .await
        .record
        .id;
    let mut watcher = bench.begun("administrator").await;
    bench.on_keys(RotateKeyOnDemand { key }).await;
    bench.on_keys(DisableKey { key }).await;
    bench.on_keys(EnableKey { key }).await;
    bench.on_keys(ScheduleKeyDeletion::new(key, None).unwrap()).await;
    bench.on_keys(CancelKeyDeletion { key }).await;
    let rotated = next(&mut watcher).await.event.unwrap();
    assert_eq!(rotated.event().kind, EventKind::KeyRotated);
    assert_eq!(rotated.event().version.as_ref().unwrap().len(), 64, "the material's id");
    let name = format!("key/{key}");
    let expected = [
        "KeyDisabled",
        "KeyEnabled",
        "KeyDeletionScheduled",
        "KeyDeletionCancelled",
    ];
    assert_eq!(
        told(&mut watcher, 4).await,
        expected.map(|kind| format!("{kind} {name}"))
    );
}

#[tokio::test]
async fn a_watcher_hears_only_of_what_it_may_describe() {
    let bench = Bench::with(&[BLUE, NARROW]).await;
    let (mut blue, mut narrow) = (bench.begun("blue").await, bench.begun("narrow").await);
    bench.create("shop/red", Some("red")).await;
    bench.create("bank/blue", Some("blue")).await;
    bench
        .on_secrets(DeleteSecret::new("bank/blue", None, true).unwrap())
        .await;
    bench
        .on_secrets(DeleteSecret::new("shop/red", None, true).unwrap())
        .await;
    assert_eq!(
        told(&mut blue, 1).await,
        ["SecretRemoved bank/blue"],
        "its creation cannot be described any more, its end is decided by its last tags"
    );
    silent(&mut blue).await;
    assert_eq!(told(&mut narrow, 1).await, ["SecretRemoved shop/red"]);
    silent(&mut narrow).await;
}

#[tokio::test]
async fn what_a_watcher_may_not_see_moves_its_token_all_the_same() {
    let bench = Bench::with(&[BLUE]).await;
    let mut blue = bench.begun("blue").await;
    let before = blue.token();
    bench.create("shop/red", Some("red")).await;
    silent(&mut blue).await;
    assert_ne!(blue.token(), before);
}

#[tokio::test]
async fn a_change_of_tags_shows_and_hides_from_then_on() {
    let bench = Bench::with(&[BLUE]).await;
    bench.create("shop/db", Some("red")).await;
    let mut blue = bench.begun("blue").await;
    bench.put("shop/db", "unseen").await;
    silent(&mut blue).await;
    let tag = |team: &str| TagResource::new("shop/db", vec![("team".to_owned(), team.to_owned())]).unwrap();
    bench.on_secrets(tag("blue")).await;
    bench.put("shop/db", "seen").await;
    assert_eq!(
        told(&mut blue, 2).await,
        ["SecretTagsChanged shop/db", "SecretValueChanged shop/db"]
    );
    bench.on_secrets(tag("red")).await;
    bench.put("shop/db", "unseen again").await;
    silent(&mut blue).await;
}

#[tokio::test]
async fn a_key_policy_that_denies_hides_the_keys_events_at_once() {
    let bench = Bench::with(&[NARROW]).await;
    let key = bench
        .on_keys(CreateKey::new(NewKey::default()).unwrap())
        .await
        .record
        .id;
    let mut narrow = bench.begun("narrow").await;
    bench.on_keys(DisableKey { key }).await;
    assert_eq!(told(&mut narrow, 1).await, [format!("KeyDisabled key/{key}")]);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Deny","Principal":{{"AWS":"{}"}},"Action":"kms:DescribeKey","Resource":"*"}}]}}"#,
        arn("narrow")
    );
    bench
        .on_keys(PutKeyPolicy::new(key, None, &policy, false).unwrap())
        .await;
    bench.on_keys(EnableKey { key }).await;
    silent(&mut narrow).await;
}

#[tokio::test]
async fn only_the_types_that_were_asked_for_come() {
    let bench = Bench::with(&[]).await;
    let mut watcher = bench
        .watch("administrator", None, &[EventKind::SecretValueChanged])
        .await
        .unwrap();
    bench.create("prod/db", None).await;
    bench.put("prod/db", "second").await;
    assert_eq!(told(&mut watcher, 1).await, ["SecretValueChanged prod/db"]);
}

#[tokio::test]
async fn moved_labels_are_named() {
    let bench = Bench::with(&[]).await;
    bench.create("prod/db", None).await;
    let mut watcher = bench.begun("administrator").await;
    let version = {
        let described = strongroom_secrets::op::DescribeSecret::new("prod/db").unwrap();
        let stages = bench.on_secrets(described).await.version_stages;
        stages.keys().next().unwrap().to_string()
    };
    let request = UpdateSecretVersionStage::new("prod/db", "green", None, Some(&version)).unwrap();
    bench.on_secrets(request).await;
    let event = next(&mut watcher).await.event.unwrap();
    assert_eq!(event.event().kind, EventKind::SecretLabelsMoved);
    assert_eq!(event.event().labels, ["green"]);
}

#[tokio::test]
async fn the_opening_is_on_the_trail_and_what_is_told_is_not() {
    let bench = Bench::with(&[BLUE]).await;
    let mut blue = bench.begun("blue").await;
    bench.create("shop/db", Some("blue")).await;
    told(&mut blue, 1).await;
    let trail = bench.trail_text();
    let of_blue: Vec<&str> = trail.lines().filter(|line| line.contains(&arn("blue"))).collect();
    assert_eq!(of_blue.len(), 1, "{of_blue:?}");
    assert!(of_blue[0].contains(r#""eventName":"WatchEvents""#), "{}", of_blue[0]);
}

#[tokio::test]
async fn watching_needs_its_own_permission() {
    let describes = r#"[{"Effect":"Allow","Action":["secretsmanager:*","kms:*"],"Resource":"*"}]"#;
    let bench = Bench::with(&[("describer", describes)]).await;
    let fault = bench.watch("describer", None, &[]).await.err().unwrap();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert_eq!(
        fault.message(),
        format!(
            "User: {} is not authorized to perform: strongroom:WatchEvents because no identity-based policy allows the \
             strongroom:WatchEvents action",
            arn("describer")
        )
    );
}

/// A condition on the time stands for every permission that ends while a stream is open.
#[tokio::test]
async fn a_permission_that_ends_ends_the_stream_within_the_stated_time() {
    let until = std::time::SystemTime::now() + std::time::Duration::from_secs(1);
    let seconds = until.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 1;
    let brief = format!(
        r#"[{{"Effect":"Allow","Action":"strongroom:WatchEvents","Resource":"*",
             "Condition":{{"NumericLessThan":{{"aws:EpochTime":"{seconds}"}}}}}}]"#
    );
    let bench = Bench::with(&[("brief", &brief)]).await;
    let mut watcher = bench.begun("brief").await;
    let begun = std::time::Instant::now();
    let fault = watcher.next().await.unwrap_err();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert!(begun.elapsed() < WATCH_DECISION_INTERVAL + std::time::Duration::from_secs(2));
}

#[tokio::test]
async fn who_hears_of_nothing_gets_a_token_all_the_same() {
    let bench = Bench::with(&[]).await;
    let mut watcher = bench.begun("administrator").await;
    let begun = watcher.token();
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    let told = watcher.next().await.unwrap();
    assert!(told.event.is_none());
    assert_eq!(told.token, begun);
    assert_eq!(before.elapsed().as_secs(), WATCH_BOOKMARK_INTERVAL.as_secs());
}
