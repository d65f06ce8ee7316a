use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use strongroom_base::{Arn, GrantId};

use super::Grants;
use crate::grant::{GrantConstraints, GrantTerms};
use crate::grant_operation::GrantOperation;
use crate::request::ContextPairs;
use crate::testing::{ADA, Asked, pairs};

const KEY: &str = "arn:aws:kms:r:000000000000:key/1";
const EVE: &str = "arn:aws:iam::000000000000:user/eve";

fn arn(text: &str) -> Arn {
    text.parse().unwrap()
}

fn id(number: u32) -> GrantId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    GrantId::from_bytes(bytes)
}

fn terms(operations: &[GrantOperation], subset: &[(&str, &str)]) -> GrantTerms {
    GrantTerms {
        operations: operations.iter().copied().collect(),
        constraints: GrantConstraints {
            encryption_context_equals: None,
            encryption_context_subset: (!subset.is_empty()).then(|| pairs(subset)),
        },
    }
}

fn allow(grants: &Grants, who: &str, action: &str, context: &[(&str, &str)]) -> bool {
    let asked = Asked {
        context: Some(pairs(context)),
        ..Asked::new(action, KEY).asked_by(who)
    };
    grants.allow(GrantOperation::of_permission(action).unwrap(), &asked)
}

#[test]
fn a_grant_is_for_its_grantee_alone() {
    let mut grants = Grants::default();
    grants.add(&arn(ADA), id(1), &terms(&[GrantOperation::Decrypt], &[]));
    assert!(allow(&grants, ADA, "kms:Decrypt", &[]));
    assert!(!allow(&grants, ADA, "kms:Encrypt", &[]));
    for other in [
        "arn:aws:iam::000000000000:user/Ada",
        "arn:aws:iam::999999999999:user/ada",
        "arn:aws:iam::000000000000:role/ada",
        "arn:aws:iam::000000000000:root",
    ] {
        assert!(!allow(&grants, other, "kms:Decrypt", &[]), "{other}");
    }
}

#[test]
fn ids_are_listed_in_their_order_after_any_of_them() {
    let mut grants = Grants::default();
    for number in [5, 1, 9, 3, 7] {
        grants.add(&arn(ADA), id(number), &terms(&[GrantOperation::Decrypt], &[]));
    }
    let after = |after: Option<u32>| grants.ids_of(&arn(ADA), after.map(id)).collect::<Vec<_>>();
    assert_eq!(after(None), [1, 3, 5, 7, 9].map(id));
    assert_eq!(after(Some(3)), [5, 7, 9].map(id));
    assert_eq!(after(Some(4)), [5, 7, 9].map(id));
    assert!(after(Some(9)).is_empty());
    assert!(grants.ids_of(&arn(EVE), None).next().is_none());
}

#[test]
fn a_copy_is_not_changed_with_its_original_and_nothing_is_left_of_what_was_removed() {
    let mut grants = Grants::default();
    let operations = [GrantOperation::Decrypt, GrantOperation::DescribeKey];
    grants.add(&arn(ADA), id(1), &terms(&operations, &[("tenant", "7")]));
    let before = grants.clone();
    grants.add(&arn(EVE), id(2), &terms(&operations, &[]));
    assert!(grants.bytes() > before.bytes());
    grants.remove(&arn(ADA), &id(1));
    grants.remove(&arn(ADA), &id(1));
    grants.remove(&arn(EVE), &id(1));
    assert!(allow(&before, ADA, "kms:Decrypt", &[("Tenant", "7")]));
    assert!(!allow(&grants, ADA, "kms:Decrypt", &[("Tenant", "7")]));
    assert!(before.are_left_in(&before, &arn(ADA), GrantOperation::Decrypt));
    assert!(!before.are_left_in(&grants, &arn(ADA), GrantOperation::Decrypt));
    assert!(before.are_left_in(&grants, &arn(ADA), GrantOperation::Encrypt));
    assert!(before.are_left_in(&grants, &arn(EVE), GrantOperation::Decrypt));
    assert_eq!((grants.count(), before.count()), (1, 1));
    grants.remove(&arn(EVE), &id(2));
    assert_eq!((grants.count(), grants.bytes()), (0, 0));
    assert!(grants.of_grantees.is_empty());
}

/// What a decision looks at does not grow with the number of grants: of 5,000 for one principal, one each.
#[test]
fn of_many_grants_to_one_principal_a_decision_looks_at_few() {
    let mut grants = Grants::default();
    for number in 0..5_000 {
        let tenant = number.to_string();
        let context = [("tenant", tenant.as_str()), ("department", "of many")];
        // Those that name a department alone are found by it.
        let context = if number == 0 { &context[1..] } else { &context[..1] };
        grants.add(&arn(ADA), id(number), &terms(&[GrantOperation::Decrypt], context));
    }
    let own = grants.of(&arn(ADA)).unwrap();
    let found = |key, value| {
        let clue = Some(super::Clue::of(key, value));
        own.between(GrantOperation::Decrypt, clue, clue).count()
    };
    assert_eq!(
        (
            found("TENANT", "4999"),
            found("tenant", "20000"),
            found("Department", "of many")
        ),
        (1, 0, 1)
    );
    assert!(allow(&grants, ADA, "kms:Decrypt", &[("Tenant", "4711"), ("x", "y")]));
    assert!(!allow(&grants, ADA, "kms:Decrypt", &[("Tenant", "20000"), ("x", "y")]));
    assert!(!allow(&grants, ADA, "kms:Encrypt", &[("Tenant", "4711")]));
    assert!(allow(&grants, ADA, "kms:Decrypt", &[("department", "of many")]));
}

fn any_pairs() -> impl Strategy<Value = ContextPairs> {
    let all = vec![
        ("a", "1"),
        ("A", "1"),
        ("A", "22"),
        ("b", "1"),
        ("B", "333"),
        ("c", "1"),
    ];
    subsequence(all, 0..=4).prop_map(|context| pairs(&context))
}

fn any_terms() -> impl Strategy<Value = GrantTerms> {
    let operations = vec![
        GrantOperation::Decrypt,
        GrantOperation::Encrypt,
        GrantOperation::DescribeKey,
    ];
    let constraint = || prop::option::of(any_pairs());
    (subsequence(operations, 1..=3), constraint(), constraint()).prop_map(|(operations, equals, subset)| GrantTerms {
        operations: operations.into_iter().collect(),
        constraints: GrantConstraints {
            encryption_context_equals: equals,
            encryption_context_subset: subset,
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    /// However they are found, the grants allow what one of them allows, looked at one by one.
    #[test]
    fn together_they_allow_what_one_of_them_does(
        made in prop::collection::vec((select(vec![ADA, EVE]), any_terms(), any::<bool>()), 0..12),
        context in any_pairs(),
        action in select(vec!["kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"]),
    ) {
        let (mut grants, mut left) = (Grants::default(), Vec::new());
        for (number, (who, terms, stays)) in (0..).zip(&made) {
            grants.add(&arn(who), id(number), terms);
            if *stays {
                left.push((*who, terms));
            } else {
                grants.remove(&arn(who), &id(number));
            }
        }
        let operation = GrantOperation::of_permission(action).unwrap();
        let asked = Asked { context: Some(context), ..Asked::new(action, KEY) };
        let expected = left.iter().any(|(who, terms)| {
            *who == ADA && crate::grant::Grant::new(id(0), terms).allows(operation, &asked)
        });
        prop_assert_eq!(grants.allow(operation, &asked), expected);
        prop_assert_eq!(grants.count(), left.len());
    }
}
