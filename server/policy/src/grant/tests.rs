use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use strongroom_base::GrantId;

use super::{Grant, GrantConstraints, GrantTerms};
use crate::grant_operation::GrantOperation;
use crate::request::ContextPairs;
use crate::testing::{Asked, pairs};

const KEY: &str = "arn:aws:kms:r:000000000000:key/1";

fn terms(operations: &[GrantOperation], constraints: GrantConstraints) -> GrantTerms {
    GrantTerms {
        operations: operations.iter().copied().collect(),
        constraints,
    }
}

fn allows(terms: &GrantTerms, asked: &Asked) -> bool {
    let operation = GrantOperation::of_permission(&asked.action).unwrap();
    Grant::new(GrantId::from_bytes([1; 32]), terms).allows(operation, asked)
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
fn a_grant_allows_its_operations() {
    let decrypt = terms(&[GrantOperation::Decrypt], GrantConstraints::default());
    assert!(allows(&decrypt, &with_context("kms:Decrypt", None)));
    assert!(!allows(&decrypt, &with_context("kms:Encrypt", None)));
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
        let terms = terms(&[GrantOperation::Decrypt], constraints);
        let asked = with_context("kms:Decrypt", Some(pairs(context)));
        assert_eq!(allows(&terms, &asked), expected, "{terms:?} on {context:?}");
    }
}

#[test]
fn operations_without_a_context_are_not_bound_by_it_and_forgetful_ones_are_refused() {
    let operations = [GrantOperation::DescribeKey, GrantOperation::Decrypt];
    let terms = terms(&operations, subset(&[("a", "1")]));
    assert!(allows(&terms, &with_context("kms:DescribeKey", None)));
    assert!(!allows(&terms, &with_context("kms:Decrypt", None)));
}

#[test]
fn who_passes_a_grant_on_passes_on_no_more() {
    use GrantOperation::{CreateGrant, Decrypt, Encrypt};
    let parent = terms(&[CreateGrant, Decrypt], subset(&[("a", "1")]));
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
        assert_eq!(allows(&parent, &asked), expected, "{:?}", asked.grant);
    }
    assert!(!allows(&parent, &with_context("kms:CreateGrant", None)));
    let covers = |own, new| {
        let own = Grant::new(GrantId::from_bytes([1; 32]), &terms(&[Decrypt], own));
        own.covers(&terms(&[Decrypt], new))
    };
    assert!(covers(subset(&[("a", "1")]), equals(&[("a", "1")])));
    assert!(!covers(equals(&[("a", "1")]), subset(&[("a", "1")])));
}

#[test]
fn a_request_for_a_grant_speaks_of_the_context_of_the_stricter_constraint() {
    assert_eq!(GrantConstraints::default().encryption_context(), None);
    let one = subset(&[("a", "1")]);
    assert_eq!(one.encryption_context(), Some(&pairs(&[("a", "1")])));
    let both = GrantConstraints {
        encryption_context_equals: Some(pairs(&[("a", "1"), ("b", "2")])),
        ..one
    };
    assert_eq!(both.encryption_context(), Some(&pairs(&[("a", "1"), ("b", "2")])));
}

#[test]
fn terms_are_stored_as_the_model_names_them() {
    let terms = terms(&[GrantOperation::GenerateDataKey], subset(&[("a", "1")]));
    let json = serde_json::to_value(&terms).unwrap();
    assert_eq!(json["operations"][0], "GenerateDataKey");
    assert_eq!(json["constraints"]["encryption_context_subset"]["a"], "1");
    assert_eq!(serde_json::from_value::<GrantTerms>(json).unwrap(), terms);
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
        let terms = terms(&[GrantOperation::Decrypt], constraints);
        let asked = with_context("kms:Decrypt", Some(context));
        prop_assert_eq!(allows(&terms, &asked), exact && within);
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
        let covering = Grant::new(GrantId::from_bytes([1; 32]), &outer);
        if covering.covers(&inner) && allows(&inner, &asked) {
            prop_assert!(allows(&outer, &asked));
        }
    }
}
