use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::Timestamp;
use strongroom_policy::{ResourcePolicy, Tags};

use super::*;
use crate::name::ArnSuffix;
use crate::record::{Deletion, SecretUid};
use crate::tags;

fn version(number: usize) -> VersionId {
    format!("version-{number:0>32}").parse().unwrap()
}

fn staged(staging: &Staging, number: usize, label: &str) -> Staging {
    let labels = BTreeSet::from([label.parse().unwrap()]);
    staging.attach(&version(number), &labels).unwrap()
}

fn secret() -> SecretRecord {
    let zero = Timestamp(0);
    SecretRecord {
        uid: SecretUid::random(),
        name: "prod/db".parse().unwrap(),
        suffix: "AbCdEf".parse::<ArnSuffix>().unwrap(),
        created: zero,
        changed: zero,
        description: None,
        key: None,
        tags: tags::parse([("team".to_owned(), "blue".to_owned())]).unwrap(),
        policy: None,
        deletion: None,
        staging: staged(&Staging::default(), 1, "AWSCURRENT"),
        version_count: 1,
        sweep_after: zero,
    }
}

fn kinds(before: &SecretRecord, after: &SecretRecord) -> Vec<EventKind> {
    let events = events(Some(before), Some(after));
    assert!(events.iter().all(|event| event.resource == "secret:prod/db-AbCdEf"));
    assert!(events.iter().all(|event| event.last_tags.is_empty()));
    events.iter().map(|event| event.kind).collect()
}

#[test]
fn a_secret_is_made_and_removed() {
    let made = events(None, Some(&secret()));
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].kind, EventKind::SecretCreated);
    assert_eq!(made[0].version, Some(version(1).to_string()));
    let removed = events(Some(&secret()), None);
    assert_eq!(removed.len(), 1);
    assert_eq!(removed[0].kind, EventKind::SecretRemoved);
    assert_eq!(removed[0].last_tags["team"], "blue", "decisions need its tags");
}

#[test]
fn what_did_not_change_is_no_event() {
    let before = secret();
    let after = SecretRecord {
        changed: Timestamp(7),
        version_count: 9,
        sweep_after: Timestamp(8),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &after), []);
}

#[test]
fn a_new_value_is_told_with_its_version_and_without_the_labels_that_follow() {
    let before = secret();
    let after = SecretRecord {
        staging: staged(&before.staging, 2, "AWSCURRENT"),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &after), [EventKind::SecretValueChanged]);
    let told = events(Some(&before), Some(&after));
    assert_eq!(told[0].version, Some(version(2).to_string()));
    assert!(told[0].labels.is_empty());
}

#[test]
fn other_labels_are_named() {
    let before = secret();
    let pending = SecretRecord {
        staging: staged(&before.staging, 2, "AWSPENDING"),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &pending), [EventKind::SecretLabelsMoved]);
    assert_eq!(events(Some(&before), Some(&pending))[0].labels, ["AWSPENDING"]);
    assert_eq!(
        events(Some(&pending), Some(&before))[0].labels,
        ["AWSPENDING"],
        "removed"
    );
    let both = SecretRecord {
        staging: staged(&staged(&before.staging, 2, "AWSCURRENT"), 2, "green"),
        ..before.clone()
    };
    assert_eq!(
        kinds(&before, &both),
        [EventKind::SecretValueChanged, EventKind::SecretLabelsMoved]
    );
}

#[test]
fn metadata_tags_deletion_and_restoration_are_told() {
    let before = secret();
    let described = SecretRecord {
        description: Some("for the shop".to_owned()),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &described), [EventKind::SecretMetadataChanged]);
    let policy =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    let guarded = SecretRecord {
        policy: Some(Arc::new(ResourcePolicy::parse(policy).unwrap())),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &guarded), [EventKind::SecretMetadataChanged]);
    assert_eq!(kinds(&guarded, &before), [EventKind::SecretMetadataChanged]);
    let tagged = SecretRecord {
        tags: Tags::default(),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &tagged), [EventKind::SecretTagsChanged]);
    let deleted = SecretRecord {
        deletion: Some(Deletion {
            deleted: Timestamp(1),
            delete_at: Timestamp(2),
        }),
        ..before.clone()
    };
    assert_eq!(kinds(&before, &deleted), [EventKind::SecretDeleted]);
    assert_eq!(kinds(&deleted, &before), [EventKind::SecretRestored]);
}
