use proptest::prelude::*;
use proptest::sample::select;

use super::{Basis, Decision, Refusal};
use crate::document::PolicyDocument;
use crate::testing::Asked;

const KEY: &str = "arn:aws:kms:local-1:000000000000:key/1";
const OTHER_KEY: &str = "arn:aws:kms:local-1:000000000000:key/2";

fn decide(documents: &[PolicyDocument], action: &str, resource: &str) -> Decision {
    super::decide(documents, None, &Asked::new(action, resource))
}

fn document(statements: &[String]) -> PolicyDocument {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statements.join(",")
    );
    PolicyDocument::parse(&text).unwrap()
}

fn statement(effect: &str, action: &str, resource: &str) -> String {
    format!(r#"{{"Effect": "{effect}", {action}, {resource}}}"#)
}

fn allow_all() -> String {
    statement("Allow", r#""Action": "*""#, r#""Resource": "*""#)
}

#[test]
fn silence_denies() {
    assert_eq!(
        decide(&[], "kms:Decrypt", KEY),
        Decision::Denied(Refusal::SilentIdentityPolicies)
    );
    let other = [document(&[statement(
        "Allow",
        r#""Action": "kms:Encrypt""#,
        &format!(r#""Resource": "{KEY}""#),
    )])];
    assert!(decide(&other, "kms:Encrypt", KEY).is_allowed());
    assert_eq!(
        decide(&other, "kms:Decrypt", KEY),
        Decision::Denied(Refusal::SilentIdentityPolicies)
    );
    assert_eq!(
        decide(&other, "kms:Encrypt", OTHER_KEY),
        Decision::Denied(Refusal::SilentIdentityPolicies)
    );
}

#[test]
fn a_deny_wins_in_whichever_document_it_stands() {
    let deny = r#"{"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}"#.to_owned();
    let documents = [document(&[allow_all()]), document(&[allow_all(), deny])];
    assert_eq!(
        decide(&documents, "kms:Decrypt", KEY),
        Decision::Denied(Refusal::DeniedByIdentityPolicy)
    );
    assert_eq!(
        decide(&documents, "kms:Encrypt", KEY),
        Decision::Allowed(Basis::IdentityPolicy)
    );
}

#[test]
fn actions_ignore_case_and_resources_do_not() {
    let documents = [document(&[statement(
        "Allow",
        r#""Action": "KMS:dec*""#,
        r#""Resource": "arn:aws:kms:*:*:key/a?c""#,
    )])];
    assert!(decide(&documents, "kms:Decrypt", "arn:aws:kms:local-1:000000000000:key/abc").is_allowed());
    assert!(!decide(&documents, "kms:Decrypt", "arn:aws:kms:local-1:000000000000:key/ABC").is_allowed());
    assert!(!decide(&documents, "kms:Decrypt", "arn:aws:kms:local-1:000000000000:key/abbc").is_allowed());
    assert!(
        !decide(
            &documents,
            "secretsmanager:DecX",
            "arn:aws:kms:local-1:000000000000:key/abc"
        )
        .is_allowed()
    );
}

/// An action that concerns no resource is asked about with `*`, which only `*` covers.
#[test]
fn an_action_without_resource_needs_a_star() {
    let on_keys = [document(&[statement(
        "Allow",
        r#""Action": "kms:ListKeys""#,
        r#""Resource": "arn:aws:kms:*:*:key/*""#,
    )])];
    assert_eq!(
        decide(&on_keys, "kms:ListKeys", "*"),
        Decision::Denied(Refusal::SilentIdentityPolicies)
    );
    let on_all = [document(&[statement(
        "Allow",
        r#""Action": "kms:ListKeys""#,
        r#""Resource": "*""#,
    )])];
    assert!(decide(&on_all, "kms:ListKeys", "*").is_allowed());
}

fn any_action() -> impl Strategy<Value = String> {
    let pattern = select(vec![
        "*",
        "kms:*",
        "kms:Decrypt",
        "KMS:Enc*",
        "kms:?ecrypt",
        "secretsmanager:*",
    ]);
    (select(vec!["Action", "NotAction"]), pattern).prop_map(|(name, pattern)| format!(r#""{name}": "{pattern}""#))
}

fn any_resource() -> impl Strategy<Value = String> {
    let pattern = select(vec![
        "*",
        KEY,
        OTHER_KEY,
        "arn:aws:kms:*:*:key/*",
        "arn:aws:secretsmanager:*:*:secret:*",
    ]);
    (select(vec!["Resource", "NotResource"]), pattern).prop_map(|(name, pattern)| format!(r#""{name}": ["{pattern}"]"#))
}

fn any_statement() -> impl Strategy<Value = String> {
    (select(vec!["Allow", "Deny"]), any_action(), any_resource())
        .prop_map(|(effect, action, resource)| statement(effect, &action, &resource))
}

fn any_request() -> impl Strategy<Value = (&'static str, &'static str)> {
    (
        select(vec![
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:ListKeys",
            "secretsmanager:GetSecretValue",
        ]),
        select(vec![KEY, OTHER_KEY, "*"]),
    )
}

/// What was decided, wherever that stands.
fn verdict(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed(_) => "allowed",
        Decision::Denied(Refusal::DeniedByIdentityPolicy | Refusal::DeniedByResourcePolicy) => "denied explicitly",
        Decision::Denied(Refusal::SilentIdentityPolicies | Refusal::SilentResourcePolicy) => "denied silently",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn one_deny_is_enough(mut statements in prop::collection::vec(any_statement(), 0..6), at in 0_usize..7, (action, resource) in any_request()) {
        let deny = statement("Deny", &format!(r#""Action": "{action}""#), &format!(r#""Resource": "{resource}""#));
        statements.insert(at.min(statements.len()), deny);
        statements.push(allow_all());
        prop_assert_eq!(verdict(decide(&[document(&statements)], action, resource)), "denied explicitly");
    }

    #[test]
    fn the_order_of_statements_does_not_matter(
        (statements, shuffled) in prop::collection::vec(any_statement(), 1..6)
            .prop_flat_map(|statements| (Just(statements.clone()), Just(statements).prop_shuffle())),
        (action, resource) in any_request(),
    ) {
        let (one, other) = ([document(&statements)], [document(&shuffled)]);
        prop_assert_eq!(verdict(decide(&one, action, resource)), verdict(decide(&other, action, resource)));
    }

    #[test]
    fn how_statements_are_spread_over_documents_does_not_matter(
        statements in prop::collection::vec(any_statement(), 1..6),
        (action, resource) in any_request(),
    ) {
        let together = [document(&statements)];
        let mut apart: Vec<_> = statements.iter().map(|one| document(std::slice::from_ref(one))).collect();
        apart.reverse();
        prop_assert_eq!(verdict(decide(&together, action, resource)), verdict(decide(&apart, action, resource)));
    }

    #[test]
    fn not_is_the_complement(pattern in select(vec!["*", "kms:*", "kms:Decrypt", "KMS:Enc*"]), on in select(vec!["*", KEY, "arn:aws:kms:*:*:key/?"]), (action, resource) in any_request()) {
        let allows = |action_element: String, resource_element: String| {
            decide(&[document(&[statement("Allow", &action_element, &resource_element)])], action, resource).is_allowed()
        };
        let everything = || r#""Resource": "*""#.to_owned();
        let whatever = || r#""Action": "*""#.to_owned();
        prop_assert_ne!(
            allows(format!(r#""Action": "{pattern}""#), everything()),
            allows(format!(r#""NotAction": "{pattern}""#), everything())
        );
        prop_assert_ne!(
            allows(whatever(), format!(r#""Resource": "{on}""#)),
            allows(whatever(), format!(r#""NotResource": "{on}""#))
        );
    }
}
