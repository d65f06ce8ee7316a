//! The day of a secret's last access: what counts, what it costs, and what a crash takes.

use std::time::Duration;

use strongroom_base::Timestamp;
use strongroom_secrets::op::{BatchGetSecretValue, ListSecretVersionIds};

use crate::bench::{BEGINNING, Bench, principal, token};

const DAY: i64 = 86_400_000;

/// The day on which every bench begins.
fn first_day() -> Timestamp {
    Timestamp(BEGINNING - BEGINNING % DAY)
}

async fn accessed(bench: &Bench, name: &str) -> Option<i64> {
    let day = bench.describe(name).await.accessed?;
    assert_eq!(day.as_millis() % DAY, 0, "a date without a time");
    Some((day.as_millis() - first_day().as_millis()) / DAY)
}

#[tokio::test]
async fn reading_a_value_is_an_access_and_nothing_else_is() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.secret("m", "one").await;
    bench.put("n", 2, "two", &[]).await.unwrap();
    bench.versions("n").await;
    assert_eq!(accessed(&bench, "n").await, None);
    // What is refused or not there was not read.
    bench
        .read_as(&principal("stranger"), "n", None, None)
        .await
        .unwrap_err();
    let administrator = principal("administrator");
    bench
        .read_as(&administrator, "n", None, Some("none"))
        .await
        .unwrap_err();
    bench
        .read_as(&administrator, "n", Some(&token(9)), None)
        .await
        .unwrap_err();
    assert_eq!(accessed(&bench, "n").await, None);
    bench
        .read_as(&administrator, "n", None, Some("AWSPREVIOUS"))
        .await
        .unwrap();
    assert_eq!(accessed(&bench, "n").await, Some(0));
    assert_eq!(accessed(&bench, "m").await, None);
    bench.advance_days(3);
    let batch = BatchGetSecretValue::new(&["m".to_owned()], Vec::new(), None, None).unwrap();
    bench.admin(batch).await.unwrap();
    assert_eq!(
        (accessed(&bench, "n").await, accessed(&bench, "m").await),
        (Some(0), Some(3))
    );
}

#[tokio::test]
async fn a_damaged_record_of_one_access_keeps_no_others() {
    let mut bench = Bench::new().await;
    for name in ["n", "m"] {
        bench.secret(name, "one").await;
        bench.read(name).await.unwrap();
        bench.secrets.keep_last_accesses().await.unwrap();
    }
    bench.disk.tamper(|values| {
        let (_, record) = values
            .iter_mut()
            .find(|(key, _)| key.kind() == "secret-access")
            .unwrap();
        *record.last_mut().unwrap() ^= 1;
    });
    bench.restart();
    bench.advance_days(1);
    for name in ["n", "m"] {
        bench.read(name).await.unwrap();
    }
    let before = bench.store.commits();
    bench.secrets.keep_last_accesses().await.unwrap();
    assert_eq!(bench.store.commits(), before + 1);
    bench.restart();
    let days = (accessed(&bench, "n").await, accessed(&bench, "m").await);
    assert!(matches!(days, (Some(1), None) | (None, Some(1))), "{days:?}");
}

#[tokio::test]
async fn a_day_of_reads_is_one_write() {
    let mut bench = Bench::new().await;
    bench.secret("n", "one").await;
    for _ in 0..50 {
        bench.read("n").await.unwrap();
    }
    assert_eq!(bench.stored("secret-access"), [""; 0], "reads write nothing");
    bench.secrets.keep_last_accesses().await.unwrap();
    assert_eq!(bench.stored("secret-access").len(), 1);
    let before = bench.store.commits();
    bench.read("n").await.unwrap();
    bench.secrets.keep_last_accesses().await.unwrap();
    assert_eq!(bench.store.commits(), before, "the day is known");
    bench.advance_days(1);
    bench.read("n").await.unwrap();
    bench.secrets.keep_last_accesses().await.unwrap();
    assert_eq!(bench.store.commits(), before + 1);
    bench.restart();
    assert_eq!(accessed(&bench, "n").await, Some(1));
}

#[tokio::test]
async fn a_crash_takes_what_was_not_written_and_the_next_read_mends_it() {
    let mut bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.read("n").await.unwrap();
    bench.secrets.keep_last_accesses().await.unwrap();
    bench.advance_days(2);
    bench.read("n").await.unwrap();
    assert_eq!(accessed(&bench, "n").await, Some(2), "before it is written too");
    bench.restart();
    assert_eq!(accessed(&bench, "n").await, Some(0), "an older day, never a newer one");
    bench.advance(Duration::from_secs(60));
    bench.read("n").await.unwrap();
    assert_eq!(accessed(&bench, "n").await, Some(2));
}

#[tokio::test]
async fn a_secret_takes_its_accesses_with_it() {
    let mut bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.read("n").await.unwrap();
    bench.secrets.keep_last_accesses().await.unwrap();
    bench.delete("n", None, true).await.unwrap();
    assert_eq!(bench.stored("secret-access"), [""; 0]);
    // Another secret of the same name was never read, also when the access is written late.
    bench.secret("n", "two").await;
    assert_eq!(accessed(&bench, "n").await, None);
    bench.read("n").await.unwrap();
    bench.delete("n", None, true).await.unwrap();
    bench.secret("n", "three").await;
    bench.secrets.keep_last_accesses().await.unwrap();
    assert_eq!(bench.stored("secret-access"), [""; 0]);
    bench.restart();
    assert_eq!(accessed(&bench, "n").await, None);
    let versions = bench
        .admin(ListSecretVersionIds::new("n", false, None, None).unwrap())
        .await;
    assert_eq!(versions.unwrap().versions.len(), 1);
}

#[tokio::test]
async fn a_store_that_is_full_withholds_no_value() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.store.fail("secret-access/", strongroom_store::StoreFault::Full);
    assert_eq!(bench.read("n").await.unwrap(), "one");
    bench.secrets.keep_last_accesses().await.unwrap_err();
    assert_eq!(accessed(&bench, "n").await, Some(0));
    bench.secrets.keep_last_accesses().await.unwrap();
    assert_eq!(
        bench.stored("secret-access").len(),
        1,
        "what could not be written was kept"
    );
}
