//! Old versions go when there are more than a hundred: the oldest first, none with a label, none in its first day.

use std::time::Duration;

use strongroom_base::Code;
use strongroom_base::limits::SECRET_VERSIONS_HARD_MAX;
use strongroom_secrets::SecretRecord;

use crate::bench::{Bench, new_secret, refused, token};

/// A secret with `count` versions, a minute apart, the first of them labelled `keep`.
async fn with_versions(count: usize) -> Bench {
    let bench = Bench::new().await;
    bench.create(new_secret("n", None)).await.unwrap();
    for number in 1..=count {
        let labels: &[&str] = if number == 1 { &["AWSCURRENT", "keep"] } else { &[] };
        bench.put("n", number, "value", labels).await.unwrap();
        bench.advance(Duration::from_secs(60));
    }
    bench
}

fn numbers(bench: &Bench) -> Vec<usize> {
    let ids = bench.stored("secret-version");
    assert_eq!(ids, bench.stored("secret-value"), "a version goes with its value");
    ids.iter()
        .map(|id| id.rsplit('-').next().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn versions_are_kept_for_a_day_however_many_there_are() {
    let bench = with_versions(130).await;
    assert_eq!(numbers(&bench), (1..=130).collect::<Vec<_>>());
    assert_eq!(
        bench
            .records
            .find::<SecretRecord>("n")
            .await
            .unwrap()
            .unwrap()
            .version_count,
        130
    );
}

#[tokio::test]
async fn the_oldest_without_a_label_go_first_a_few_at_a_time() {
    let bench = with_versions(130).await;
    bench.advance_days(1);
    bench.put("n", 131, "value", &[]).await.unwrap();
    // 31 too many; 16 in one commit, and the first has a label.
    let kept = |from: usize, to: usize| [1].into_iter().chain(from..=to).collect::<Vec<_>>();
    assert_eq!(numbers(&bench), kept(18, 131));
    bench.put("n", 132, "value", &[]).await.unwrap();
    assert_eq!(numbers(&bench), kept(34, 132));
    bench.put("n", 133, "value", &[]).await.unwrap();
    assert_eq!(numbers(&bench), kept(35, 133), "a hundred stay");
    assert_eq!(
        bench
            .records
            .find::<SecretRecord>("n")
            .await
            .unwrap()
            .unwrap()
            .version_count,
        100
    );
    assert_eq!(bench.stages("n").await, "AWSCURRENT=133 AWSPREVIOUS=132 keep=1");
    let labelled = bench
        .read_as(&crate::bench::principal("administrator"), "n", None, Some("keep"))
        .await
        .unwrap();
    assert_eq!(labelled, "value");
    let gone = format!(
        "Secrets Manager can't find the specified secret value for VersionId: {}",
        token(2)
    );
    let read = bench
        .read_as(&crate::bench::principal("administrator"), "n", Some(&token(2)), None)
        .await;
    refused(read, Code::ResourceNotFound, &gone);
}

#[tokio::test]
async fn versions_that_are_too_young_are_looked_at_again_when_they_are_not() {
    let bench = with_versions(101).await;
    // Half of them are a day old, the other half is not.
    bench.advance(Duration::from_secs(86_400 - 51 * 60));
    bench.put("n", 102, "value", &[]).await.unwrap();
    assert_eq!(numbers(&bench).len(), 100, "two were too many, and two were old enough");
    bench.put("n", 103, "value", &[]).await.unwrap();
    assert_eq!(numbers(&bench).len(), 100);
}

#[tokio::test]
async fn a_secret_with_too_many_young_versions_takes_no_more() {
    let bench = with_versions(1).await;
    let before = bench.records.find::<SecretRecord>("n").await.unwrap().unwrap();
    let full = SecretRecord {
        version_count: SECRET_VERSIONS_HARD_MAX,
        ..(*before.document).clone()
    };
    bench
        .records
        .change()
        .replace("n", &before, full)
        .commit()
        .await
        .unwrap();
    let message = "The secret has 10000 versions, which is the limit. Versions without a staging label can be removed 24 \
                   hours after they were made.";
    refused(bench.put("n", 2, "value", &[]).await, Code::LimitExceeded, message);
}
