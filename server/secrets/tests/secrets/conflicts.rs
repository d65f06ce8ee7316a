//! Two requests about one secret at once: each is tried again with what the other left, and none is lost.

use std::sync::Arc;

use strongroom_base::Code;
use strongroom_secrets::op::{SecretUpdate, TagResource};
use strongroom_store::{RecordKey, StoreFault};

use crate::bench::{Bench, new_secret, principal, put, refused, token, update};

const CONFLICT: &str = "Another request changed the same record. Try again.";

fn conflict() -> StoreFault {
    StoreFault::Conflict {
        key: RecordKey::new("secret", "n").unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn puts_at_once_all_arrive() {
    let bench = Arc::new(Bench::new().await);
    bench.secret("n", "first").await;
    // As many as the last one has tries.
    let put = |number: usize| {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.put("n", number, &format!("value {number}"), &[]).await })
    };
    for task in (2..10).map(put).collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    let described = bench.describe("n").await.version_stages;
    assert_eq!(
        described.values().map(Vec::len).sum::<usize>(),
        2,
        "AWSCURRENT and AWSPREVIOUS"
    );
    assert_eq!(bench.versions("n").await.versions.len(), 9);
}

#[tokio::test]
async fn a_put_that_was_overtaken_moves_labels_from_where_they_are_then() {
    let bench = Arc::new(Bench::new().await);
    bench.secret("n", "one").await;
    let pause = bench.store.pause("secret/n");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.put("n", 2, "two", &[]).await }
    });
    pause.reached().await;
    bench.put("n", 3, "three", &[]).await.unwrap();
    pause.resume();
    slow.await.unwrap().unwrap();
    assert_eq!(bench.stages("n").await, "AWSCURRENT=2 AWSPREVIOUS=3");
    assert_eq!(bench.read("n").await.unwrap(), "two");
}

#[tokio::test]
async fn the_same_put_twice_at_once_makes_one_version() {
    let bench = Arc::new(Bench::new().await);
    bench.secret("n", "one").await;
    let pause = bench.store.pause("secret/n");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.put("n", 2, "two", &[]).await }
    });
    pause.reached().await;
    let fast = bench.put("n", 2, "two", &[]).await.unwrap();
    pause.resume();
    assert_eq!(slow.await.unwrap().unwrap(), fast);
    assert_eq!(bench.versions("n").await.versions.len(), 2);
}

#[tokio::test]
async fn a_put_follows_a_key_that_changed_meanwhile() {
    let bench = Arc::new(Bench::new().await);
    let key = crate::bench::key_arn(&bench.key("alias/mine").await).to_string();
    bench.secret("n", "one").await;
    let pause = bench.store.pause("secret/n");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.put("n", 2, "two", &[]).await }
    });
    pause.reached().await;
    bench
        .update(SecretUpdate {
            kms_key_id: Some(key.clone()),
            ..update("n")
        })
        .await
        .unwrap();
    pause.resume();
    slow.await.unwrap().unwrap();
    let keys: Vec<_> = bench
        .versions("n")
        .await
        .versions
        .into_iter()
        .map(|row| row.kms_key_id)
        .collect();
    assert_eq!(keys, [key.as_str(), &key]);
}

#[tokio::test]
async fn a_secret_of_the_same_name_that_is_new_is_not_written_to() {
    let bench = Arc::new(Bench::new().await);
    bench.secret("n", "old").await;
    let pause = bench.store.pause("secret/n");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.put("n", 2, "for the old one", &[]).await }
    });
    pause.reached().await;
    bench.delete("n", None, true).await.unwrap();
    bench.secret("n", "new").await;
    pause.resume();
    // The decision was about another ARN.
    refused(slow.await.unwrap(), Code::Conflict, CONFLICT);
    assert_eq!(bench.read("n").await.unwrap(), "new");
    assert_eq!(bench.versions("n").await.versions.len(), 1);
}

/// Tags say who may. What is decided on is not done once they say something else, and asked again it is refused.
#[tokio::test]
async fn what_the_old_tags_allowed_is_not_done_under_the_new_ones() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"},
        {"Effect":"Allow","Action":"secretsmanager:*","Resource":"*",
         "Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}"#;
    let bench = Arc::new(Bench::with(&[("red", policy.to_owned())]).await);
    bench.secret("n", "one").await;
    let tag = |team: &str| TagResource::new("n", vec![("team".to_owned(), team.to_owned())]).unwrap();
    bench.admin(tag("red")).await.unwrap();
    let pause = bench.store.pause("secret/n");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.run(&principal("red"), put("n", 2, "two", &[]).unwrap()).await }
    });
    pause.reached().await;
    bench.admin(tag("blue")).await.unwrap();
    pause.resume();
    refused(slow.await.unwrap(), Code::Conflict, CONFLICT);
    let again = bench.run(&principal("red"), put("n", 2, "two", &[]).unwrap()).await;
    assert_eq!(again.unwrap_err().code(), Code::AccessDenied);
    assert_eq!(bench.read("n").await.unwrap(), "one");
}

#[tokio::test]
async fn of_two_creations_at_once_one_is_a_conflict_and_then_answered_as_a_repetition() {
    let bench = Arc::new(Bench::new().await);
    bench.secret("makes-the-key", "value").await;
    let pause = bench.store.pause("secret/n");
    let create = |bench: Arc<Bench>| async move { bench.create(new_secret("n", Some((token(1), "one")))).await };
    let slow = tokio::spawn(create(Arc::clone(&bench)));
    pause.reached().await;
    let fast = bench.secret("n", "one").await;
    pause.resume();
    refused(slow.await.unwrap(), Code::Conflict, CONFLICT);
    assert_eq!(create(Arc::clone(&bench)).await.unwrap(), fast);
}

#[tokio::test]
async fn after_eight_conflicts_the_caller_is_told() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let tag = || TagResource::new("n", vec![("k".to_owned(), "v".to_owned())]).unwrap();
    (0..7).for_each(|_| bench.store.fail("secret/n", conflict()));
    bench.admin(tag()).await.unwrap();
    (0..8).for_each(|_| bench.store.fail("secret/n", conflict()));
    let fault = bench.admin(tag()).await.unwrap_err();
    assert_eq!(
        (fault.code(), fault.message(), fault.retry_delay().is_some()),
        (Code::Conflict, CONFLICT, true)
    );
}

#[tokio::test]
async fn a_full_disk_changes_nothing_and_says_so() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.store.fail("secret-value/", StoreFault::Full);
    let message = "The service's disk is full; nothing was changed. An operator must make room, then try again.";
    refused(bench.put("n", 2, "two", &[]).await, Code::StorageFull, message);
    assert_eq!(bench.stages("n").await, "AWSCURRENT=1");
    assert_eq!(bench.stored("secret-value").len(), 1);
}
