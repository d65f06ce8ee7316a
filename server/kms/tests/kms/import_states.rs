//! The key state table for keys of origin EXTERNAL: what a key answers while it lacks material, and what the operations
//! of import answer in every state.

use std::collections::BTreeSet;

use strongroom_base::{Code, Fault, KeyId};
use strongroom_kms::KeyState;
use strongroom_kms::op::{DisableKey, ScheduleKeyDeletion};
use strongroom_store::StoreFault;

use crate::bench::{Bench, fault};
use crate::importing::{FIRST, as_it_is, delete, import, imported, parameters};
use crate::states::{Subject, operations};

/// What a key that is pending import answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ok,
    /// KMSInvalidStateException "is pending import."
    Import,
    /// KMSInvalidStateException "is not pending deletion."
    NotPending,
    /// UnsupportedOperationException, in every state.
    Origin,
}

use Answer::{Import, NotPending, Ok as Fine, Origin};

const PENDING_IMPORT: [(&str, Answer); 36] = [
    ("CancelKeyDeletion", NotPending),
    ("CreateAlias", Fine),
    ("CreateGrant", Import),
    ("Decrypt", Import),
    ("Decrypt with key id", Import),
    ("DeleteAlias", Fine),
    ("DescribeKey", Fine),
    ("DescribeKey by alias", Fine),
    ("DisableKey", Import),
    ("DisableKeyRotation", Origin),
    ("EnableKey", Import),
    ("EnableKeyRotation", Origin),
    ("Encrypt", Import),
    ("GenerateDataKey", Import),
    ("GenerateDataKeyWithoutPlaintext", Import),
    ("GetKeyLastUsage", Fine),
    ("GetKeyPolicy", Fine),
    ("GetKeyRotationStatus", Origin),
    ("ListAliases", Fine),
    ("ListGrants", Fine),
    ("ListKeyPolicies", Fine),
    ("ListKeyRotations", Fine),
    ("ListResourceTags", Fine),
    ("PutKeyPolicy", Fine),
    ("ReEncrypt from", Import),
    ("ReEncrypt to", Import),
    ("RetireGrant", Fine),
    ("RevokeGrant", Fine),
    ("RotateKeyOnDemand", Import),
    ("ScheduleKeyDeletion", Fine),
    ("TagResource", Fine),
    ("UntagResource", Fine),
    ("UpdateAlias away from it", Fine),
    ("UpdateAlias that points at it", Fine),
    ("UpdateAlias to it", Fine),
    ("UpdateKeyDescription", Fine),
];

#[tokio::test]
async fn every_operation_answers_by_the_table_while_a_key_is_pending_import() {
    let bench = Bench::new().await;
    let other = bench.key().await;
    bench.name("alias/other", other).await.unwrap();
    for (operation, expected) in PENDING_IMPORT {
        let (key, _) = imported(&bench).await;
        let subject = Subject::of(&bench, key, other).await;
        delete(&bench, key, None).await.unwrap();
        let outcome = subject.undergo(&bench, operation, other).await;
        let (code, text) = match expected {
            Fine => {
                assert!(outcome.is_ok(), "{operation}: {}", fault(outcome));
                continue;
            }
            Import => (Code::KmsInvalidState, "is pending import."),
            NotPending => (Code::KmsInvalidState, "is not pending deletion."),
            Origin => (
                Code::UnsupportedOperation,
                "origin is EXTERNAL which is not valid for this operation.",
            ),
        };
        let fault = fault(outcome);
        let expected = (code, format!("{} {text}", bench.kms.scope().key_arn(&key)));
        assert_eq!((fault.code(), fault.message().to_owned()), expected, "{operation}");
    }
}

#[test]
fn every_operation_is_in_this_table_too() {
    let here: BTreeSet<_> = PENDING_IMPORT.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(here, operations().collect());
}

/// A key with material that is Enabled, Disabled, PendingDeletion, and being deleted.
async fn in_state(bench: &Bench, state: usize) -> KeyId {
    let (key, _) = imported(bench).await;
    match state {
        0 => {}
        1 => bench.admin(DisableKey { key }).await.unwrap(),
        _ => drop(bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap()),
    }
    if state == 3 {
        bench.advance_days(31);
        bench.store.fail("key-tombstone/", StoreFault::Overloaded);
        assert_eq!(fault(bench.delete(key).await).code(), Code::Throttling);
        let state = bench.describe(key).await.record.state;
        assert!(matches!(state, KeyState::Deleting { .. }));
    }
    key
}

#[tokio::test]
async fn operations_of_import_answer_by_the_table() {
    const PENDING: Option<&str> = Some("is pending deletion.");
    let bench = Bench::new().await;
    for (operation, answers) in [
        ("DeleteImportedKeyMaterial", [None, None, None, None]),
        ("GetParametersForImport", [None, None, PENDING, PENDING]),
        ("ImportKeyMaterial", [None, None, PENDING, PENDING]),
    ] {
        for (state, expected) in answers.into_iter().enumerate() {
            let key = in_state(&bench, state).await;
            let outcome: Result<(), Fault> = match operation {
                "DeleteImportedKeyMaterial" => delete(&bench, key, None).await,
                "GetParametersForImport" => parameters(&bench, key).await.map(drop),
                _ => import(&bench, key, &FIRST, as_it_is).await.map(drop),
            };
            let answer = outcome.err().map(|fault| (fault.code(), fault.message().to_owned()));
            let arn = bench.kms.scope().key_arn(&key);
            let expected = expected.map(|text| (Code::KmsInvalidState, format!("{arn} {text}")));
            assert_eq!(answer, expected, "{operation} in state {state}");
        }
    }
}
