use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{Grant, GrantConstraints, GrantTerms, Grantee};
use crate::condition_key::KeyName;
use crate::grant_operation::GrantOperation;
use crate::request::ContextPairs;
use crate::testing::{ADA, Asked, pairs, text};

const KEY: &str = "arn:aws:kms:r:000000000000:key/1";

fn terms(operations: &[GrantOperation], constraints: GrantConstraints) -> GrantTerms {
    GrantTerms {
        operations: operations.iter().copied().collect(),
        constraints,
    }
}

fn grant(terms: GrantTerms) -> Grant {
    Grant {
        id: "g".into(),
        grantee: Grantee::Principal(ADA.parse().unwrap()),
        terms,
    }
}

fn equals(context: &[(&str, &str)]) -> GrantConstraints {
    GrantConstraints {
        encryption_context_equals: Some(pairs(context)),
        ..GrantConstraints::default()
    }
}

fn subset(context: &[(&str, &str)]) -> GrantConstraints {
    GrantConstraints {
        encryption_context_subset: Some(pairs(context)),
        ..GrantConstraints::default()
    }
}

fn with_context(action: &str, context: Option<ContextPairs>) -> Asked {
    Asked {
        context,
        ..Asked::new(action, KEY)
    }
}

#[test]
fn a_grant_allows_its_operations_to_its_grantee() {
    let grant = grant(terms(&[GrantOperation::Decrypt], GrantConstraints::default()));
    assert!(grant.allows(&Asked::new("kms:Decrypt", KEY)));
    assert!(!grant.allows(&Asked::new("kms:Encrypt", KEY)));
    assert!(!grant.allows(&Asked::new("kms:DisableKey", KEY)));
    for other in [
        "arn:aws:iam::000000000000:user/Ada",
        "arn:aws:iam::999999999999:user/ada",
        "arn:aws:iam::000000000000:role/ada",
    ] {
        assert!(
            !grant.allows(&Asked::new("kms:Decrypt", KEY).asked_by(other)),
            "{other}"
        );
    }
    let of_service = Grant {
        grantee: Grantee::Service("secretsmanager.amazonaws.com".into()),
        ..grant
    };
    assert!(!of_service.allows(&Asked::new("kms:Decrypt", KEY)));
}

/// Keys whatever their case, values with it (model text of `GrantConstraints`).
#[test]
fn constraints_look_at_the_encryption_context() {
    let table = [
        (equals(&[("a", "1")]), &[("a", "1")][..], true),
        (equals(&[("a", "1")]), &[("A", "1")], true),
        (equals(&[("a", "x")]), &[("a", "X")], false),
        (equals(&[("a", "1")]), &[("a", "1"), ("b", "2")], false),
        (equals(&[("a", "1"), ("b", "2")]), &[("a", "1")], false),
        (equals(&[("a", "1")]), &[("a", "1"), ("A", "2")], false),
        (equals(&[("a", "1")]), &[("a", "1"), ("A", "1")], false),
        (equals(&[("a", "1"), ("A", "1")]), &[("a", "1")], false),
        (equals(&[("a", "1"), ("A", "2")]), &[("a", "2"), ("A", "1")], true),
        (
            equals(&[("a", "1"), ("A", "1"), ("b", "1")]),
            &[("a", "1"), ("b", "1"), ("B", "1")],
            false,
        ),
        (equals(&[]), &[], true),
        (equals(&[]), &[("a", "1")], false),
        (subset(&[("a", "1")]), &[("a", "1"), ("b", "2")], true),
        (subset(&[("a", "1")]), &[("A", "1")], true),
        (subset(&[("a", "1")]), &[("a", "2")], false),
        (subset(&[("a", "1")]), &[], false),
        (subset(&[("A", "1")]), &[("A", "2"), ("a", "1")], false),
        (subset(&[("A", "1")]), &[("A", "1"), ("a", "2")], false),
        (subset(&[("A", "1")]), &[("A", "1"), ("a", "1")], true),
        (subset(&[("A", "1"), ("a", "2")]), &[("A", "1"), ("a", "2")], true),
        (subset(&[("A", "1"), ("a", "2")]), &[("a", "2")], false),
    ];
    for (constraints, context, expected) in table {
        let grant = grant(terms(&[GrantOperation::Decrypt], constraints));
        let asked = with_context("kms:Decrypt", Some(pairs(context)));
        assert_eq!(grant.allows(&asked), expected, "{grant:?} on {context:?}");
    }
}

#[test]
fn operations_without_a_context_are_not_bound_by_it_and_forgetful_ones_are_refused() {
    let operations = [GrantOperation::DescribeKey, GrantOperation::Decrypt];
    let grant = grant(terms(&operations, subset(&[("a", "1")])));
    assert!(grant.allows(&with_context("kms:DescribeKey", None)));
    assert!(!grant.allows(&with_context("kms:Decrypt", None)));
}

#[test]
fn a_source_is_asked_for_but_not_of_whoever_retires() {
    let source = "arn:aws:secretsmanager:r:000000000000:secret:a-AbCdEf";
    let constraints = GrantConstraints {
        source_arn: Some(source.parse().unwrap()),
        ..GrantConstraints::default()
    };
    let operations = [GrantOperation::Decrypt, GrantOperation::RetireGrant];
    let grant = grant(terms(&operations, constraints));
    assert!(!grant.allows(&Asked::new("kms:Decrypt", KEY)));
    assert!(grant.allows(&Asked::new("kms:RetireGrant", KEY)));
    assert!(grant.allows(&Asked::new("kms:Decrypt", KEY).with(KeyName::SourceArn, "", text(source))));
}

#[test]
fn who_passes_a_grant_on_passes_on_no_more() {
    use GrantOperation::{CreateGrant, Decrypt, Encrypt};
    let parent = grant(terms(&[CreateGrant, Decrypt], subset(&[("a", "1")])));
    let table = [
        (terms(&[Decrypt], subset(&[("a", "1")])), true),
        (terms(&[Decrypt], subset(&[("A", "1"), ("b", "2")])), true),
        (terms(&[Decrypt, CreateGrant], equals(&[("a", "1"), ("b", "2")])), true),
        (terms(&[Decrypt], GrantConstraints::default()), false),
        (terms(&[Decrypt], subset(&[("a", "2")])), false),
        (terms(&[Decrypt], subset(&[("b", "2")])), false),
        (terms(&[Encrypt], subset(&[("a", "1")])), false),
    ];
    for (asked_for, expected) in table {
        let asked = Asked {
            grant: Some(asked_for),
            ..Asked::new("kms:CreateGrant", KEY)
        };
        assert_eq!(parent.allows(&asked), expected, "{:?}", asked.grant);
    }
    assert!(!parent.allows(&Asked::new("kms:CreateGrant", KEY)));
    let exact = equals(&[("a", "1")]);
    assert!(exact.are_within(&subset(&[("a", "1")])));
    assert!(!subset(&[("a", "1")]).are_within(&exact));
}

#[test]
fn terms_are_stored_as_the_model_names_them() {
    let grant = grant(terms(&[GrantOperation::GenerateDataKey], subset(&[("a", "1")])));
    let json = serde_json::to_value(&grant).unwrap();
    assert_eq!(json["grantee"]["principal"], ADA);
    assert_eq!(json["terms"]["operations"][0], "GenerateDataKey");
    assert_eq!(json["terms"]["constraints"]["encryption_context_subset"]["a"], "1");
    assert_eq!(serde_json::from_value::<Grant>(json).unwrap(), grant);
    for operation in GrantOperation::ALL {
        assert_eq!(operation.as_str().parse(), Ok(*operation));
        let permission = format!("kms:{operation}");
        assert_eq!(GrantOperation::of_permission(&permission), Some(*operation));
        assert!(!operation.usages().is_empty());
    }
    assert_eq!(GrantOperation::ALL.len(), 19);
    assert!("DisableKey".parse::<GrantOperation>().is_err());
}

fn any_context() -> impl Strategy<Value = ContextPairs> {
    let all = vec![("a", "1"), ("A", "2"), ("b", "1"), ("B", "1"), ("c", "1")];
    subsequence(all, 0..=4).prop_map(|context| pairs(&context))
}

fn any_constraints() -> impl Strategy<Value = GrantConstraints> {
    (prop::option::of(any_context()), prop::option::of(any_context())).prop_map(|(equals, subset)| GrantConstraints {
        encryption_context_equals: equals,
        encryption_context_subset: subset,
        source_arn: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    /// The definition, once more: pairs without regard to the case of keys, and all values of a key or none.
    #[test]
    fn constraints_are_met_as_defined(constraints in any_constraints(), context in any_context()) {
        let lowered = |pairs: &ContextPairs| {
            let mut all: Vec<_> = pairs.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect();
            all.sort();
            all
        };
        let own = lowered(&context);
        let exact = constraints.encryption_context_equals.as_ref().is_none_or(|pairs| lowered(pairs) == own);
        let within = constraints.encryption_context_subset.as_ref().is_none_or(|pairs| {
            let wanted = lowered(pairs);
            let is_named = |key: &String| wanted.iter().any(|(name, _)| name == key);
            wanted.iter().all(|pair| own.contains(pair))
                && own.iter().all(|pair| !is_named(&pair.0) || wanted.contains(pair))
        });
        let grant = grant(terms(&[GrantOperation::Decrypt], constraints));
        let asked = with_context("kms:Decrypt", Some(context));
        prop_assert_eq!(grant.allows(&asked), exact && within);
    }

    /// What is stricter allows a part of what is not.
    #[test]
    fn terms_within_others_allow_no_more(
        inner in any_constraints(),
        outer in any_constraints(),
        context in any_context(),
        action in select(vec!["kms:Decrypt", "kms:DescribeKey"]),
    ) {
        let operations = [GrantOperation::Decrypt, GrantOperation::DescribeKey];
        let (inner, outer) = (terms(&operations, inner), terms(&operations, outer));
        let asked = with_context(action, Some(context));
        if inner.is_within(&outer) && grant(inner).allows(&asked) {
            prop_assert!(grant(outer).allows(&asked));
        }
    }
}
