//! `strongroom report`: what is found of which secrets.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use prost_types::Timestamp;
use serde_json::{Value, json};
use strongroom::v1;

use crate::program::{fail, succeed};
use crate::service::Fake;

const DAY: i64 = 86_400;

/// The midnight so many days ago.
fn days_ago(days: i64) -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let seconds = now - now % DAY - days * DAY;
    Timestamp { seconds, nanos: 0 }
}

/// A secret that nothing is found of.
fn good(name: &str) -> v1::SecretListEntry {
    let labels = |label: &str| v1::StagingLabels {
        version_stages: vec![label.to_owned()],
    };
    v1::SecretListEntry {
        arn: format!("arn:{name}"),
        name: name.to_owned(),
        kms_key_id: Some("arn:key".to_owned()),
        created_date: Some(days_ago(1_000)),
        last_accessed_date: Some(days_ago(1)),
        secret_versions_to_stages: HashMap::from([
            ("two".to_owned(), labels("AWSCURRENT")),
            ("one".to_owned(), labels("AWSPREVIOUS")),
        ]),
        ..v1::SecretListEntry::default()
    }
}

fn report(pages: Vec<Vec<v1::SecretListEntry>>, arguments: &[&str]) -> Vec<Value> {
    let fake = Fake::start();
    *fake.state.secret_pages.lock().unwrap() = pages;
    let text = succeed(&fake, &[&["report", "--output", "json"], arguments].concat(), b"");
    let mut json: Value = serde_json::from_str(&text).unwrap();
    json["secrets"].take().as_array().unwrap().clone()
}

fn findings(secret: v1::SecretListEntry, arguments: &[&str]) -> Value {
    let rows = report(vec![vec![secret]], arguments);
    rows.first().map_or(json!([]), |row| row["findings"].clone())
}

#[test]
fn each_finding_has_its_reason() {
    assert_eq!(findings(good("good"), &[]), json!([]));
    let default_key = v1::SecretListEntry {
        kms_key_id: None,
        ..good("n")
    };
    assert_eq!(findings(default_key, &[]), json!(["default-key"]));
    let mut first_value = good("n");
    first_value.secret_versions_to_stages.remove("one");
    assert_eq!(findings(first_value.clone(), &[]), json!(["never-rotated"]));
    first_value.secret_versions_to_stages.clear();
    assert_eq!(findings(first_value, &[]), json!([]), "there is no value to rotate");
}

#[test]
fn days_without_a_read_count_whole() {
    let read = |days| v1::SecretListEntry {
        last_accessed_date: Some(days_ago(days)),
        ..good("n")
    };
    // The day of the read itself is over at its end.
    assert_eq!(findings(read(90), &[]), json!([]));
    assert_eq!(findings(read(92), &[]), json!(["unread"]));
    assert_eq!(findings(read(8), &["--unread-days", "9"]), json!([]));
    assert_eq!(findings(read(11), &["--unread-days", "9"]), json!(["unread"]));
    let never = |made| v1::SecretListEntry {
        last_accessed_date: None,
        created_date: Some(days_ago(made)),
        ..good("n")
    };
    assert_eq!(findings(never(91), &[]), json!(["unread"]));
    assert_eq!(findings(never(89), &[]), json!([]));
}

#[test]
fn all_pages_are_looked_at_and_shown() {
    let bad = v1::SecretListEntry {
        kms_key_id: None,
        last_accessed_date: None,
        secret_versions_to_stages: HashMap::from([("one".to_owned(), v1::StagingLabels::default())]),
        created_date: Some(Timestamp {
            seconds: 1_600_000_000,
            nanos: 0,
        }),
        ..good("bad")
    };
    // A page of a list may be empty and go on.
    let pages = || vec![vec![good("a")], Vec::new(), vec![bad.clone(), good("c")]];
    assert_eq!(
        report(pages(), &[]),
        [json!({
            "arn": "arn:bad",
            "created_date": "2020-09-13T12:26:40Z",
            "findings": ["default-key", "never-rotated", "unread"],
            "last_accessed_date": null,
            "name": "bad",
        })]
    );
    let fake = Fake::start();
    *fake.state.secret_pages.lock().unwrap() = pages();
    assert_eq!(
        succeed(&fake, &["report"], b""),
        "NAME  FINDINGS                            LAST ACCESSED DATE  CREATED DATE\n\
         bad   default-key, never-rotated, unread  -                   2020-09-13T12:26:40Z\n"
    );
    assert!(fail(&fake, &["report", "--unread-days", "0"], b"", 2).contains("--unread-days"));
}
