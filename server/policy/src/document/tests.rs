use proptest::prelude::*;
use strongroom_base::limits::POLICY_DOCUMENT_BYTES_MAX;

use super::PolicyDocument;
use crate::decide::decide;
use crate::fault::PolicyFault;
use crate::testing::Asked;

fn refusal(text: &str) -> String {
    PolicyDocument::parse(text).unwrap_err().to_string()
}

/// A document of one statement, which is `members` on line 3 from column 3 on.
fn with(members: &str) -> String {
    format!("{{\n \"Version\": \"2012-10-17\", \"Statement\":\n {{{members}}}}}")
}

const REST: &str = r#""Action": "kms:*", "Resource": "*""#;

#[test]
fn the_whole_language_is_read() {
    let text = r#"{
        "Version": "2012-10-17",
        "Id": "developers",
        "Statement": [
            {"Sid": "Use1", "Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Dec*"], "Resource": "*"},
            {"Effect": "Deny", "NotAction": "kms:*", "NotResource": ["arn:aws:kms:*:*:key/*", "arn:aws:kms:*:*:alias/a?"]}
        ]
    }"#;
    let document = PolicyDocument::parse(text).unwrap();
    assert_eq!(document.statements().len(), 2);
}

#[test]
fn escapes_are_resolved() {
    let text = with(r#""Effect": "Allow", "\u0041ction": "kms:\u0044ecrypt", "Resource": "arn:aws:kms:*:*:key\/*""#);
    let documents = [PolicyDocument::parse(&text).unwrap()];
    assert!(
        decide(
            &documents,
            None,
            &Asked::new("kms:Decrypt", "arn:aws:kms:local-1:000000000000:key/1")
        )
        .is_allowed()
    );
}

#[test]
fn what_is_not_understood_is_named_with_its_place() {
    assert_eq!(
        refusal(&with(r#""Principal": "*""#)),
        "policy document line 3 column 3: \"Principal\" is not understood by this version; remove it: the document speaks \
         of the principal that it is attached to"
    );
    assert_eq!(
        refusal(&with(r#""effect": "Allow""#)),
        "policy document line 3 column 3: \"effect\" is not understood by this version; a statement has Sid, Effect, Action \
         or NotAction, Resource or NotResource, and Condition"
    );
    assert_eq!(
        refusal(r#"{"Version": "2012-10-17", "Statements": []}"#),
        "policy document line 1 column 27: \"Statements\" is not understood by this version; a policy document has Version, \
         Id and Statement"
    );
}

/// The column counts characters, as editors do.
#[test]
fn columns_are_characters() {
    let text = with(r#""Sid": "é", "Effect": "Allow""#);
    assert_eq!(
        refusal(&text),
        "policy document line 3 column 10: a Sid has 1 to 100 letters and digits, not \"é\""
    );
    let text = "{\"Id\": \"üüü\", \"Verzion\": 1}";
    assert!(
        refusal(text).starts_with("policy document line 1 column 15: \"Verzion\" is not understood"),
        "{}",
        refusal(text)
    );
}

/// `serde_json` keeps the last of two, other readers the first: the document would mean two things.
#[test]
fn repeated_names_are_refused() {
    assert_eq!(
        refusal(&with(&format!(r#""Effect": "Deny", {REST}, "Effect": "Allow""#))),
        "policy document line 3 column 57: \"Effect\" is there twice; keep one of them"
    );
    assert_eq!(
        refusal(&with(&format!(r#""Effect": "Deny", {REST}, "Eff\u0065ct": "Allow""#))),
        "policy document line 3 column 57: \"Effect\" is there twice; keep one of them"
    );
    let twice = r#"{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}"#;
    assert_eq!(
        refusal(twice),
        "policy document line 1 column 27: \"Version\" is there twice; keep one of them"
    );
}

#[test]
fn missing_elements_are_named() {
    let cases = [
        (
            "{}",
            "policy document line 1 column 1: Version (\"2012-10-17\") is missing",
        ),
        (
            r#"{"Version": "2012-10-17"}"#,
            "policy document line 1 column 1: Statement is missing",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), expected);
    }
    let cases = [
        (r#""Action": "*", "Resource": "*""#, "Effect is missing"),
        (
            r#""Effect": "Allow", "Resource": "*""#,
            "Action (or NotAction) is missing",
        ),
        (
            r#""Effect": "Allow", "Action": "*""#,
            "Resource (or NotResource) is missing",
        ),
    ];
    for (members, expected) in cases {
        assert_eq!(
            refusal(&with(members)),
            format!("policy document line 3 column 2: {expected}")
        );
    }
}

#[test]
fn an_element_and_its_opposite_are_refused() {
    assert_eq!(
        refusal(&with(
            r#""Effect": "Allow", "Action": "*", "NotAction": "kms:*", "Resource": "*""#
        )),
        "policy document line 3 column 37: a statement has either Action or NotAction, not both"
    );
    assert_eq!(
        refusal(&with(
            r#""Effect": "Allow", "Action": "*", "NotResource": "*", "Resource": "*""#
        )),
        "policy document line 3 column 57: a statement has either Resource or NotResource, not both"
    );
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    let cases = [
        (r#""Effect": true"#, "column 13: Effect must be \"Allow\" or \"Deny\""),
        (
            r#""Effect": "allow""#,
            "column 13: Effect must be \"Allow\" or \"Deny\", not \"allow\"",
        ),
        (r#""Sid": 7"#, "column 10: Sid must be a string"),
        (
            r#""Action": {}"#,
            "column 13: Action must be a string or a list of strings",
        ),
        (
            r#""Action": ["*", null]"#,
            "column 19: Action must be a string or a list of strings",
        ),
        (
            r#""NotResource": [["*"]]"#,
            "column 19: NotResource must be a string or a list of strings",
        ),
        (
            r#""Action": []"#,
            "column 13: Action is empty; name something, or remove the statement",
        ),
    ];
    for (members, expected) in cases {
        assert_eq!(
            refusal(&with(members)),
            format!("policy document line 3 {expected}"),
            "{members}"
        );
    }
    assert_eq!(
        refusal("[]"),
        "policy document line 1 column 1: the document must be an object"
    );
    assert_eq!(
        refusal(r#"{"Version": 2012}"#),
        "policy document line 1 column 13: Version must be a string"
    );
    assert_eq!(
        refusal(r#"{"Version": "2008-10-17"}"#),
        "policy document line 1 column 13: Version must be \"2012-10-17\", not \"2008-10-17\""
    );
    assert_eq!(
        refusal(r#"{"Version": "2012-10-17", "Statement": ["x"]}"#),
        "policy document line 1 column 41: a statement must be an object"
    );
    assert_eq!(
        refusal(r#"{"Version": "2012-10-17", "Statement": []}"#),
        "policy document line 1 column 40: Statement is empty; name something, or remove the statement"
    );
}

#[test]
fn actions_that_can_match_nothing_are_refused() {
    for action in [
        "",
        "Decrypt",
        "kms:",
        ":Decrypt",
        "*:Decrypt",
        "k*s:Decrypt",
        "kms:De crypt",
        "kms:Decrypt:x",
        "kms:${x}",
    ] {
        let text = with(&format!(r#""Effect": "Allow", "Action": "{action}", "Resource": "*""#));
        let expected = "policy document line 3 column 32: an action reads \"*\" or \"service:Name\" (* and ? may stand in \
                        the name), not ";
        assert_eq!(refusal(&text), format!("{expected}{action:?}"));
    }
}

/// Nothing is decided about an action that does not exist: the slip would be silent, and a Deny would deny nothing.
#[test]
fn actions_that_do_not_exist_are_refused() {
    for (name, effect) in [("Action", "Deny"), ("NotAction", "Allow")] {
        let text = with(&format!(
            "\"Effect\": \"{effect}\", \"Resource\": \"*\",\n \"{name}\": [\"kms:Encrypt\", \"kms:Decript\"]"
        ));
        let column = name.len() + 22;
        assert_eq!(
            refusal(&text),
            format!("policy document line 4 column {column}: \"kms:Decript\" names no action of kms")
        );
    }
    let text = with(r#""Effect": "Deny", "Action": "SecretsManager:*Value?", "Resource": "*""#);
    assert_eq!(
        refusal(&text),
        "policy document line 3 column 31: \"SecretsManager:*Value?\" names no action of secretsmanager"
    );
}

#[test]
fn resources_that_are_not_arns_are_refused() {
    for resource in [
        "",
        "**",
        "key/1",
        "arn:aws:kms:key/1",
        "arn:*",
        "ARN:aws:kms:r:a:key/1",
        "*:aws:kms:r:a:key/1",
    ] {
        let text = with(&format!(
            r#""Effect": "Allow", "Action": "*", "Resource": "{resource}""#
        ));
        let place = "policy document line 3 column 49: a resource reads \"*\" or \
                     \"arn:partition:service:region:account:resource\"";
        let message = refusal(&text);
        assert!(
            message.starts_with(place) && message.ends_with(&format!("; not {resource:?}")),
            "{message}"
        );
    }
    let long = format!("arn:aws:kms:r:a:key/{}", "a".repeat(2_048));
    let text = with(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "{long}""#));
    assert!(matches!(
        PolicyDocument::parse(&text),
        Err(PolicyFault::Resource { .. })
    ));
    let text = with(r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:kms:r:a:key/\n""#);
    assert!(matches!(
        PolicyDocument::parse(&text),
        Err(PolicyFault::Resource { .. })
    ));
}

#[test]
fn two_statements_cannot_share_a_sid() {
    let one = format!(r#"{{"Sid": "A", "Effect": "Allow", {REST}}}"#);
    let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{one},\n{one}]}}");
    assert_eq!(
        refusal(&text),
        "policy document line 2 column 1: another statement has the Sid \"A\" already"
    );
}

/// As tools write them for AWS.
#[test]
fn any_number_of_statements_may_have_an_empty_sid() {
    let one = format!(r#"{{"Sid": "", "Effect": "Allow", {REST}}}"#);
    let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{one},\n{one}]}}");
    assert_eq!(PolicyDocument::parse(&text).unwrap().statements().len(), 2);
}

#[test]
fn what_is_not_json_is_refused_where_it_breaks() {
    assert_eq!(
        refusal(""),
        "policy document line 1 column 1: not JSON: EOF while parsing a value"
    );
    assert_eq!(
        refusal("{\n \"Version\" \"2012-10-17\"}"),
        "policy document line 2 column 12: not JSON: expected `:`"
    );
    assert_eq!(
        refusal("{} {}"),
        "policy document line 1 column 4: not JSON: trailing characters"
    );
    assert_eq!(
        refusal(r#"{"Id": "\ud800"}"#),
        "policy document line 1 column 8: not JSON: unexpected end of hex escape"
    );
}

#[test]
fn long_documents_are_refused() {
    let text = with(&format!(r#""Effect": "Allow", {REST}"#));
    let padded = |bytes: usize| format!("{text}{}", " ".repeat(bytes - text.len()));
    assert!(PolicyDocument::parse(&padded(POLICY_DOCUMENT_BYTES_MAX)).is_ok());
    assert_eq!(
        refusal(&padded(POLICY_DOCUMENT_BYTES_MAX + 1)),
        "the policy document has 32769 bytes; at most 32768 are accepted"
    );
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC*") {
        let _ = PolicyDocument::parse(&text);
    }

    #[test]
    fn damaged_documents_never_panic_and_faults_lie_within(at in 0_usize..120, with_what in "[\\[\\]{}\",:a0\\\\]{0,3}") {
        let mut text = with(&format!(r#""Effect": "Allow", {REST}"#));
        let at = at.min(text.len());
        text.replace_range(at..(at + 1).min(text.len()), &with_what);
        if let Err(PolicyFault::NotUnderstood { place, name, .. }) = PolicyDocument::parse(&text) {
            let line = text.lines().nth(place.line - 1).unwrap();
            let rest: String = line.chars().skip(place.column - 1).collect();
            prop_assert!(rest.starts_with('"'), "{name:?} at {place}: {rest}");
        }
    }
}
