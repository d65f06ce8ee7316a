use super::{ConditionKey, KeyName, KeySlip};
use crate::value::Values;

#[test]
fn every_name_is_read_as_itself() {
    for name in KeyName::ALL.iter().copied() {
        let suffix = if name.as_str().ends_with([':', '/']) {
            "a/b:c"
        } else {
            ""
        };
        let key = ConditionKey::parse(&format!("{}{suffix}", name.as_str().to_uppercase())).unwrap();
        assert_eq!((key.name(), key.suffix()), (Some(name), suffix), "{}", name.as_str());
    }
}

#[test]
fn names_are_there_once_and_no_suffix_hides_another_name() {
    for (index, name) in KeyName::ALL.iter().enumerate() {
        for other in KeyName::ALL.iter().skip(index + 1) {
            let (one, other) = (name.as_str().to_lowercase(), other.as_str().to_lowercase());
            assert_ne!(one, other);
            assert!(!one.ends_with([':', '/']) || !other.starts_with(&one), "{one} {other}");
        }
    }
}

#[test]
fn what_is_not_known_is_refused_within_our_prefixes_alone() {
    for text in ["", "aws", ":a", "aws:", "aws:a\n"] {
        assert_eq!(ConditionKey::parse(text).unwrap_err(), KeySlip::Malformed, "{text}");
    }
    for (text, prefix) in [
        ("aws:ResourceTag", "aws"),
        ("AWS:ResourceTag/", "aws"),
        ("kms:KeySpecs", "kms"),
        ("secretsmanager:KeySpec", "secretsmanager"),
        ("strongroom:a", "strongroom"),
    ] {
        assert_eq!(
            ConditionKey::parse(text).unwrap_err(),
            KeySlip::Unknown(prefix),
            "{text}"
        );
    }
    assert_eq!(ConditionKey::parse("s3:prefix").unwrap().name(), None);
}

#[test]
fn a_tag_is_picked_whatever_its_case() {
    let key = ConditionKey::new(KeyName::ResourceTag, "Team");
    assert_eq!(key.pick([("size", "1"), ("TEAM", "red")]), Values::one("red"));
    assert_eq!(key.pick([("size", "1")]), Values::Absent);
    let both = key.pick([("Team", "red"), ("team", "blue")]);
    assert_eq!(both, Values::many(["red", "blue"]));
}

/// Whoever writes a policy must find what a key holds.
#[test]
fn every_key_is_in_the_operators_table() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policies.md")).unwrap();
    for name in KeyName::ALL {
        assert!(text.contains(&format!("`{}", name.as_str())), "{}", name.as_str());
    }
}
