//! Secrets spend the quotas of keys: what the key service turns away, the secrets service turns away with the same words and
//! the same advice, and has done nothing by then.

use std::collections::BTreeMap;
use std::time::Duration;

use strongroom_base::{Code, Fault};
use strongroom_gate::QuotaRates;
use strongroom_secrets::op::{BatchGetSecretValue, SecretUpdate};

use crate::bench::{Bench, new_secret, text, token, update};

const TOO_MANY: &str = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

/// A secret, and a key whose quota its first version has used up for a quarter of an hour.
async fn spent() -> Bench {
    let rates = BTreeMap::from([("others".to_owned(), 0.0), ("symmetric-cryptography".to_owned(), 0.001)]);
    let bench = Bench::limited_to(QuotaRates::configured(&rates).unwrap(), &[]).await;
    bench.secret("n", "one").await;
    bench
}

#[track_caller]
fn assert_turned_away(fault: &Fault) {
    assert_eq!((fault.code(), fault.message()), (Code::Throttling, TOO_MANY));
    let wait = fault.retry_delay().unwrap();
    assert!(
        wait > Duration::from_secs(900) && wait <= Duration::from_secs(1_000),
        "{wait:?}"
    );
}

#[tokio::test]
async fn writes_that_the_keys_quota_turns_away_write_nothing() {
    let bench = spent().await;
    let stored = || bench.disk.tamper(|values| values.clone());
    let before = stored();
    let other = new_secret("other", Some((token(2), "two")));
    assert_turned_away(&bench.create(other).await.err().unwrap());
    assert_turned_away(&bench.put("n", 2, "two", &["AWSPENDING"]).await.err().unwrap());
    let change = SecretUpdate {
        description: Some("changed".to_owned()),
        client_request_token: Some(token(2)),
        value: Some(text("two")),
        ..update("n")
    };
    assert_turned_away(&bench.update(change).await.err().unwrap());
    assert!(
        stored() == before,
        "nothing was stored, neither a version nor a label nor a description"
    );
    assert_eq!(bench.stages("n").await, "AWSCURRENT=1");
    assert_eq!(bench.describe("n").await.description, None);
    let turned_away = |event: &str| {
        let mut outcomes = bench.trail().into_iter().filter(|record| record["eventName"] == event);
        outcomes.next_back().unwrap()["errorCode"].clone()
    };
    for event in ["CreateSecret", "PutSecretValue", "UpdateSecret"] {
        assert_eq!(turned_away(event), "ThrottlingException", "{event}");
    }
}

#[tokio::test]
async fn reads_that_the_keys_quota_turns_away_say_so() {
    let bench = spent().await;
    assert_turned_away(&bench.read("n").await.err().unwrap());
    let names = ["n".to_owned()];
    let batch = BatchGetSecretValue::new(&names, Vec::new(), None, None).unwrap();
    let batch = bench.admin(batch).await.unwrap();
    assert!(batch.values.is_empty());
    let [failure] = batch.errors.as_slice() else {
        panic!("one secret was asked for: {:?}", batch.errors);
    };
    assert_eq!(failure.secret_id, "n");
    assert_turned_away(&failure.fault);
}

/// What uses no key costs nothing of a key's quota.
#[tokio::test]
async fn what_uses_no_key_goes_on() {
    let bench = spent().await;
    bench.create(new_secret("empty", None)).await.unwrap();
    let change = SecretUpdate {
        description: Some("changed".to_owned()),
        ..update("n")
    };
    bench.update(change).await.unwrap();
    assert_eq!(bench.describe("n").await.description.as_deref(), Some("changed"));
}
