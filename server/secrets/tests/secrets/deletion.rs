//! DeleteSecret, RestoreSecret, and what the background job removes.

use strongroom_base::{Code, Fault, Timestamp};
use strongroom_secrets::op::{
    DeleteSecret, DueSecret, EndSecretVersionDelete, ListSecretVersionIds, RestoreSecret, TagResource, UntagResource,
    UpdateSecretVersionStage,
};
use strongroom_store::StoreFault;

use crate::bench::{BEGINNING, Bench, DELETED, NOT_FOUND, refused, secret_arn, system, token, update};

#[tokio::test]
async fn a_deleted_secret_cannot_be_used_until_it_is_restored() {
    let bench = Bench::new().await;
    let arn = bench.secret("n", "one").await.arn;
    let deleted = bench.delete("n", Some(7), false).await.unwrap();
    assert_eq!((deleted.arn, deleted.name.as_str()), (arn.clone(), "n"));
    assert_eq!(deleted.delete_at.as_millis(), BEGINNING + 7 * 86_400_000);
    let tags = vec![("k".to_owned(), "v".to_owned())];
    let answers: Vec<Result<(), Fault>> = vec![
        bench.read("n").await.map(drop),
        bench.put("n", 2, "two", &[]).await.map(drop),
        bench.update(update("n")).await.map(drop),
        bench.delete("n", None, false).await.map(drop),
        bench.admin(TagResource::new("n", tags).unwrap()).await,
        bench
            .admin(UntagResource::new("n", vec!["k".to_owned()]).unwrap())
            .await,
        bench
            .admin(UpdateSecretVersionStage::new("n", "blue", None, Some(&token(1))).unwrap())
            .await
            .map(drop),
    ];
    for answer in answers {
        refused(answer, Code::InvalidRequest, DELETED);
    }
    assert_eq!(bench.describe("n").await.deleted, Some(Timestamp(BEGINNING)));
    assert_eq!(bench.versions("n").await.versions.len(), 1);
    let restored = bench.admin(RestoreSecret::new("n").unwrap()).await.unwrap();
    assert_eq!(restored.arn, arn);
    assert_eq!(bench.describe("n").await.deleted, None);
    assert_eq!(bench.read("n").await.unwrap(), "one");
    bench.admin(RestoreSecret::new("n").unwrap()).await.unwrap();
}

/// A wall clock that jumps must not remove what its owner could still restore.
#[tokio::test]
async fn a_clock_that_is_set_forward_removes_no_secret_early() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.delete("n", Some(7), false).await.unwrap();
    bench.set_clock_forward(30);
    assert_eq!(bench.purge().await, 0);
    let name = "n".parse().unwrap();
    let early = bench
        .run(
            &system(),
            EndSecretVersionDelete {
                due: DueSecret::Secret(name),
            },
        )
        .await;
    refused(early, Code::InvalidRequest, "The secret n is not due for deletion.");
    bench.admin(RestoreSecret::new("n").unwrap()).await.unwrap();

    // Set back, it does not shorten what begins now.
    bench.set_clock_forward(-40);
    let deleted = bench.delete("n", Some(7), false).await.unwrap();
    assert_eq!(deleted.delete_at, Timestamp(BEGINNING).plus_days(7));
    bench.set_clock_forward(10);
    assert_eq!(bench.purge().await, 0);
    bench.advance_days(7);
    assert_eq!(bench.purge().await, 1);
}

#[tokio::test]
async fn a_secret_goes_with_all_its_versions_when_its_window_is_over() {
    let bench = Bench::new().await;
    bench.secret("short", "one").await;
    bench.put("short", 2, "two", &[]).await.unwrap();
    bench.secret("long", "one").await;
    bench.secret("live", "one").await;
    bench.delete("short", Some(7), false).await.unwrap();
    bench.delete("long", None, false).await.unwrap();
    bench.advance_days(6);
    assert_eq!(bench.purge().await, 0);
    bench.advance_days(1);
    assert_eq!(bench.purge().await, 1);
    assert_eq!(bench.stored("secret"), ["live", "long"]);
    assert_eq!(
        (bench.stored("secret-version").len(), bench.stored("secret-value").len()),
        (2, 2)
    );
    refused(bench.read("short").await, Code::ResourceNotFound, NOT_FOUND);
    bench.advance_days(22);
    assert_eq!(bench.purge().await, 0, "30 days unless said otherwise");
    bench.advance_days(1);
    assert_eq!(bench.purge().await, 1);
    assert!(bench.stored("secret-purge").is_empty());
}

#[tokio::test]
async fn the_job_leaves_a_secret_that_was_restored() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.delete("n", Some(7), false).await.unwrap();
    bench.advance_days(7);
    let due = bench.secrets.due_for_deletion().await.unwrap();
    assert_eq!(due, [DueSecret::Secret("n".parse().unwrap())]);
    bench.admin(RestoreSecret::new("n").unwrap()).await.unwrap();
    let purge = EndSecretVersionDelete { due: due[0].clone() };
    refused(
        bench.run(&system(), purge).await,
        Code::InvalidRequest,
        "The secret n is not due for deletion.",
    );
    assert_eq!(bench.read("n").await.unwrap(), "one");
}

#[tokio::test]
async fn force_deletes_at_once_whatever_there_is() {
    let bench = Bench::new().await;
    let first = bench.secret("n", "one").await;
    for number in 2..40 {
        bench.put("n", number, "more", &[]).await.unwrap();
    }
    let deleted = bench.delete("n", None, true).await.unwrap();
    assert_eq!((deleted.arn, deleted.delete_at.as_millis()), (first.arn, BEGINNING));
    for kind in ["secret", "secret-version", "secret-value", "secret-purge"] {
        assert!(bench.stored(kind).is_empty(), "{kind}");
    }
    // A missing secret is no fault, nor is one that is marked for deletion.
    let again = bench.delete("n", None, true).await.unwrap();
    assert_eq!(
        (again.arn.as_str(), again.name.as_str()),
        (secret_arn("n").as_str(), "n")
    );
    refused(bench.delete("n", None, false).await, Code::ResourceNotFound, NOT_FOUND);
    bench.secret("n", "one").await;
    bench.delete("n", None, false).await.unwrap();
    bench.delete("n", None, true).await.unwrap();
    assert!(bench.stored("secret").is_empty());
}

#[tokio::test]
async fn an_interrupted_deletion_is_finished_by_the_job() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.store.fail("secret-version/", StoreFault::Overloaded);
    bench.delete("n", None, true).await.unwrap();
    assert!(bench.stored("secret").is_empty(), "the secret is gone all the same");
    assert_eq!(
        (bench.stored("secret-value").len(), bench.stored("secret-purge").len()),
        (1, 1)
    );
    bench.secret("n", "another life").await;
    assert_eq!(bench.purge().await, 1);
    assert_eq!(
        (bench.stored("secret-value").len(), bench.stored("secret-purge").len()),
        (1, 0)
    );
    assert_eq!(bench.read("n").await.unwrap(), "another life");
    assert_eq!(bench.purge().await, 0);
}

#[test]
fn windows_are_7_to_30_days_and_not_forced() {
    let both = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
    refused(DeleteSecret::new("n", Some(7), true), Code::InvalidParameter, both);
    let window = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
    for days in [i64::MIN, -1, 0, 6, 31, i64::MAX] {
        refused(
            DeleteSecret::new("n", Some(days), false),
            Code::InvalidParameter,
            window,
        );
    }
    assert!(DeleteSecret::new("n", Some(7), false).is_ok() && DeleteSecret::new("n", Some(30), false).is_ok());
}

#[tokio::test]
async fn absent_secrets_are_not_found_by_any_operation() {
    let bench = Bench::new().await;
    let answers: Vec<Result<(), Fault>> = vec![
        bench.read("n").await.map(drop),
        bench.put("n", 2, "two", &[]).await.map(drop),
        bench.update(update("n")).await.map(drop),
        bench.admin(RestoreSecret::new("n").unwrap()).await.map(drop),
        bench
            .admin(UntagResource::new("n", vec!["k".to_owned()]).unwrap())
            .await,
        bench
            .admin(ListSecretVersionIds::new("n", false, None, None).unwrap())
            .await
            .map(drop),
        bench
            .read("arn:aws:secretsmanager:local-1:111111111111:secret:n-AbCdEf")
            .await
            .map(drop),
    ];
    for answer in answers {
        refused(answer, Code::ResourceNotFound, NOT_FOUND);
    }
}
