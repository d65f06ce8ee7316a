use proptest::prelude::*;
use strongroom_base::{Code, KeyId, Scope};

use super::{AliasName, KeyReference};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn scope() -> Scope {
    Scope::new("aws", "eu-west-1", "000000000000").unwrap()
}

fn parse(text: &str) -> KeyReference {
    KeyReference::parse(text, &scope()).unwrap()
}

#[test]
fn all_four_forms_are_read() {
    let id: KeyId = ID.parse().unwrap();
    let alias: AliasName = "alias/app/db".parse().unwrap();
    assert_eq!(parse(ID), KeyReference::Key(id));
    assert_eq!(
        parse(&format!("arn:aws:kms:eu-west-1:000000000000:key/{ID}")),
        KeyReference::Key(id)
    );
    assert_eq!(parse("alias/app/db"), KeyReference::Alias(alias.clone()));
    assert_eq!(
        parse("arn:aws:kms:eu-west-1:000000000000:alias/app/db"),
        KeyReference::Alias(alias)
    );
}

#[test]
fn what_can_name_no_key_is_refused() {
    let long = "x".repeat(2_049);
    let table = [
        (
            "",
            Code::Validation,
            "'keyId' failed to satisfy constraint: Member must have length between 1 and 2048",
        ),
        (long.as_str(), Code::Validation, "'keyId' failed to satisfy constraint"),
        ("nonsense", Code::NotFound, "Invalid keyId 'nonsense'"),
        ("alias/", Code::NotFound, "Invalid keyId 'alias/'"),
        (
            "arn:aws:s3:::bucket",
            Code::InvalidArn,
            "Invalid arn arn:aws:s3:::bucket",
        ),
        (
            "arn:aws:kms:eu-west-1:000000000000:key/nonsense",
            Code::InvalidArn,
            "Invalid arn",
        ),
        (
            "arn:aws:kms:eu-west-1:000000000000:thing/1",
            Code::InvalidArn,
            "Invalid arn",
        ),
        (
            "arn:aws:kms:us-east-1:000000000000:alias/a",
            Code::NotFound,
            "does not exist",
        ),
        (
            "arn:aws:kms:eu-west-1:999999999999:alias/a",
            Code::NotFound,
            "does not exist",
        ),
        ("arn:", Code::InvalidArn, "Invalid arn arn:"),
    ];
    for (text, code, message) in table {
        let fault = KeyReference::parse(text, &scope()).unwrap_err();
        assert_eq!(fault.code(), code, "{text:?}");
        assert!(fault.message().contains(message), "{text:?}: {}", fault.message());
    }
}

#[test]
fn management_takes_no_alias() {
    let fault = KeyReference::parse_key("alias/app", &scope()).unwrap_err();
    assert_eq!(fault.code(), Code::NotFound);
    assert!(
        fault.message().contains("takes a key id or key ARN, not an alias"),
        "{}",
        fault.message()
    );
}

#[test]
fn alias_rules() {
    for good in [
        "alias/a",
        "alias/A-9_/z",
        "alias/aws/secretsmanager",
        &format!("alias/{}", "a".repeat(250)),
    ] {
        assert!(good.parse::<AliasName>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "a",
        "alias",
        "alias/",
        "alias/ä",
        "alias/a b",
        "Alias/a",
        &format!("alias/{}", "a".repeat(251)),
    ] {
        let fault = bad.parse::<AliasName>().unwrap_err();
        assert_eq!(fault.code(), Code::Validation, "{bad}");
        assert!(
            fault.message().contains("'aliasName' failed to satisfy constraint"),
            "{}",
            fault.message()
        );
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,80}") {
        let _ = KeyReference::parse(&text, &scope());
        let _ = KeyReference::parse(&format!("arn:aws:kms:eu-west-1:000000000000:{text}"), &scope());
    }
}
