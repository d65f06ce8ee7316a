use std::sync::Arc;

use strongroom_base::limits::GRANTS_PER_KEY_BYTES_MAX;
use strongroom_base::{Code, GrantId, KeyId, Timestamp};
use strongroom_policy::{ContextPairs, GrantConstraints, GrantOperation, GrantTerms};
use strongroom_store::{Revision, Stored};

use super::{GrantHead, GrantRecord, HeldGrants, KeyGrants, check_room};

fn held(count: usize, grants: KeyGrants) -> HeldGrants {
    HeldGrants {
        head: Stored {
            revision: Revision(1),
            document: Arc::new(GrantHead { count }),
        },
        grants: Arc::new(grants),
    }
}

#[test]
fn a_key_has_50_000_grants_at_most() {
    check_room(None).unwrap();
    check_room(Some(&held(49_999, KeyGrants::default()))).unwrap();
    let fault = check_room(Some(&held(50_000, KeyGrants::default()))).unwrap_err();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::LimitExceeded, "The key has 50000 grants, which is the limit.")
    );
}

fn grant(number: u32, operations: &[GrantOperation], pairs: ContextPairs) -> GrantRecord {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    GrantRecord {
        id: GrantId::from_bytes(id),
        key: KeyId::from_bytes([1; 16]),
        created: Timestamp(0),
        name: None,
        grantee: "arn:aws:iam::000000000000:user/clerk".parse().unwrap(),
        retiring: None,
        issuing_account: "000000000000".parse().unwrap(),
        terms: GrantTerms {
            operations: operations.iter().copied().collect(),
            constraints: GrantConstraints {
                encryption_context_equals: Some(pairs.clone()),
                encryption_context_subset: Some(pairs),
            },
        },
    }
}

/// Of the longest grants that a request can ask for, a key has a few thousand.
#[test]
fn the_grants_of_a_key_have_128_mib_together() {
    let text = |number: usize| {
        char::from_u32(0x1_0000 + u32::try_from(number).unwrap())
            .unwrap()
            .to_string()
    };
    let longest: ContextPairs = (0..8)
        .map(|number| (text(number).repeat(640), text(number).repeat(384)))
        .collect();
    let (mut grants, mut count) = (KeyGrants::default(), 0);
    while check_room(Some(&held(1, grants.clone()))).is_ok() {
        count += 1;
        grants.add(&grant(count, &[GrantOperation::Decrypt], longest.clone()));
    }
    assert!((2_000..2_100).contains(&count), "{count}");
    let fault = check_room(Some(&held(1, grants))).unwrap_err();
    let message = format!("The key's grants have {GRANTS_PER_KEY_BYTES_MAX} bytes together, which is the limit.");
    assert_eq!((fault.code(), fault.message()), (Code::LimitExceeded, message.as_str()));
}

/// AWS's quota is of grants, not of bytes: 50,000 of those that people make are within both.
#[test]
fn as_many_usual_grants_as_a_key_may_have_are_far_below_that() {
    let operations: Vec<GrantOperation> = GrantOperation::ALL
        .iter()
        .copied()
        .filter(|operation| operation.has_encryption_context() || operation.usages().len() > 1)
        .collect();
    let mut grants = KeyGrants::default();
    let tenant = ContextPairs::from([("aws:ebs:id".to_owned(), "vol-0123456789abcdef0".to_owned())]);
    grants.add(&grant(1, &operations, tenant));
    assert_eq!(operations.len(), 12);
    assert!(grants.bytes() * 50_000 < GRANTS_PER_KEY_BYTES_MAX, "{}", grants.bytes());
}
