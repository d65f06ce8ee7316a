//! UpdateSecretVersionStage through the gate, and sequences of requests that move labels.

use strongroom_base::Code;
use strongroom_secrets::op::UpdateSecretVersionStage;

use crate::bench::{Bench, NOT_FOUND, refused, token};

#[tokio::test]
async fn labels_move_from_version_to_version() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    bench.put("n", 2, "two", &[]).await.unwrap();
    bench.put("n", 3, "three", &["AWSPENDING"]).await.unwrap();
    let (one, two, three) = (token(1), token(2), token(3));
    let steps = [
        (
            "AWSCURRENT",
            Some(&two),
            Some(&three),
            "AWSCURRENT=3 AWSPENDING=3 AWSPREVIOUS=2",
        ),
        ("AWSPENDING", Some(&three), None, "AWSCURRENT=3 AWSPREVIOUS=2"),
        ("AWSCURRENT", Some(&three), Some(&two), "AWSCURRENT=2 AWSPREVIOUS=3"),
        ("blue", None, Some(&one), "AWSCURRENT=2 AWSPREVIOUS=3 blue=1"),
        ("blue", Some(&one), Some(&two), "AWSCURRENT=2 AWSPREVIOUS=3 blue=2"),
        ("AWSCURRENT", None, Some(&two), "AWSCURRENT=2 AWSPREVIOUS=3 blue=2"),
    ];
    for (stage, from, to, expected) in steps {
        let (from, to) = (from.map(String::as_str), to.map(String::as_str));
        bench
            .admin(UpdateSecretVersionStage::new("n", stage, from, to).unwrap())
            .await
            .unwrap();
        assert_eq!(
            bench.stages("n").await,
            expected,
            "after {stage} from {from:?} to {to:?}"
        );
    }
    assert_eq!(bench.read("n").await.unwrap(), "two");
}

#[tokio::test]
async fn what_cannot_move_is_told_why() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let (one, nine) = (token(1), token(9));
    let unknown = format!("Not a valid version: {nine}");
    let absent = format!("Version stage blue not found in version {one}");
    let stay =
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.";
    let table = [
        ("n", "blue", None, Some(&nine), Code::InvalidParameter, unknown.as_str()),
        (
            "n",
            "AWSCURRENT",
            Some(&nine),
            Some(&one),
            Code::InvalidParameter,
            &unknown,
        ),
        ("n", "blue", Some(&one), None, Code::InvalidParameter, &absent),
        ("n", "AWSCURRENT", Some(&one), None, Code::InvalidParameter, stay),
        ("other", "blue", None, Some(&one), Code::ResourceNotFound, NOT_FOUND),
    ];
    for (secret, stage, from, to, code, message) in table {
        let (from, to) = (from.map(String::as_str), to.map(String::as_str));
        refused(
            bench
                .admin(UpdateSecretVersionStage::new(secret, stage, from, to).unwrap())
                .await,
            code,
            message,
        );
    }
    let neither = "You must specify RemoveFromVersionId, MoveToVersionId or both.";
    refused(
        UpdateSecretVersionStage::new("n", "blue", None, None),
        Code::InvalidParameter,
        neither,
    );
}

#[tokio::test]
async fn a_put_with_a_label_takes_it_from_its_holder() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let steps: [(usize, &[&str], &str); 4] = [
        (2, &["AWSPENDING"], "AWSCURRENT=1 AWSPENDING=2"),
        (3, &["AWSPENDING", "blue"], "AWSCURRENT=1 AWSPENDING=3 blue=3"),
        (4, &[], "AWSCURRENT=4 AWSPENDING=3 AWSPREVIOUS=1 blue=3"),
        (
            5,
            &["AWSCURRENT", "blue"],
            "AWSCURRENT=5 AWSPENDING=3 AWSPREVIOUS=4 blue=5",
        ),
    ];
    for (number, labels, expected) in steps {
        bench.put("n", number, "value", labels).await.unwrap();
        assert_eq!(bench.stages("n").await, expected);
    }
}
