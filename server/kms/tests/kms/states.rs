//! The key state table (AWS KMS Developer Guide, "Key states of AWS KMS keys"), for the operations that exist.

use std::sync::atomic::Ordering;

use strongroom_base::{Code, Fault, GrantId, KeyId};
use strongroom_kms::op::{
    CancelKeyDeletion, CreateAlias, DataKeyLength, Decrypt, DeleteAlias, DescribeKey, DisableKey, DisableKeyRotation,
    EnableKey, EnableKeyRotation, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GetKeyLastUsage,
    GetKeyPolicy, GetKeyRotationStatus, ListAliases, ListGrants, ListKeyPolicies, ListKeyRotations, ListResourceTags,
    PutKeyPolicy, ReEncrypt, RetireGrant, RevokeGrant, RotateKeyOnDemand, ScheduleKeyDeletion, TagResource,
    UntagResource, UpdateAlias, UpdateKeyDescription,
};
use strongroom_kms::{GrantOperation, KeyReference, KeyState};
use strongroom_store::StoreFault;
use strongroom_token::Function;

use crate::bench::{Bench, alias, context, create_grant, default_policy, fault, material};

/// What an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ok,
    /// DisabledException "is disabled."
    Disabled,
    /// KMSInvalidStateException "is pending deletion."
    Pending,
    /// KMSInvalidStateException "is not pending deletion."
    NotPending,
    /// KMSInvalidStateException "is being deleted."
    Gone,
}

impl Answer {
    fn refusal(self) -> Option<(Code, &'static str)> {
        match self {
            Fine => None,
            Disabled => Some((Code::Disabled, "is disabled.")),
            Pending => Some((Code::KmsInvalidState, "is pending deletion.")),
            NotPending => Some((Code::KmsInvalidState, "is not pending deletion.")),
            Gone => Some((Code::KmsInvalidState, "is being deleted.")),
        }
    }
}

use Answer::{Disabled, Gone, NotPending, Ok as Fine, Pending};

/// Operation, and its answer for keys that are Enabled, Disabled, PendingDeletion, and being deleted: the last is no
/// state of AWS's and reads as PendingDeletion that cannot be cancelled.
const TABLE: [(&str, [Answer; 4]); 36] = [
    ("CancelKeyDeletion", [NotPending, NotPending, Fine, Gone]),
    ("CreateAlias", [Fine, Fine, Pending, Pending]),
    ("CreateGrant", [Fine, Disabled, Pending, Pending]),
    ("Decrypt", [Fine, Disabled, Pending, Pending]),
    ("Decrypt with key id", [Fine, Disabled, Pending, Pending]),
    ("DeleteAlias", [Fine, Fine, Fine, Fine]),
    ("DescribeKey", [Fine, Fine, Fine, Fine]),
    ("DescribeKey by alias", [Fine, Fine, Fine, Fine]),
    ("DisableKey", [Fine, Fine, Pending, Pending]),
    ("DisableKeyRotation", [Fine, Disabled, Pending, Pending]),
    ("EnableKey", [Fine, Fine, Pending, Pending]),
    ("EnableKeyRotation", [Fine, Disabled, Pending, Pending]),
    ("Encrypt", [Fine, Disabled, Pending, Pending]),
    ("GenerateDataKey", [Fine, Disabled, Pending, Pending]),
    ("GenerateDataKeyWithoutPlaintext", [Fine, Disabled, Pending, Pending]),
    ("GetKeyLastUsage", [Fine, Fine, Fine, Fine]),
    ("GetKeyPolicy", [Fine, Fine, Fine, Fine]),
    ("GetKeyRotationStatus", [Fine, Fine, Fine, Fine]),
    ("ListAliases", [Fine, Fine, Fine, Fine]),
    ("ListGrants", [Fine, Fine, Fine, Fine]),
    ("ListKeyPolicies", [Fine, Fine, Fine, Fine]),
    ("ListKeyRotations", [Fine, Fine, Fine, Fine]),
    ("ListResourceTags", [Fine, Fine, Fine, Fine]),
    ("PutKeyPolicy", [Fine, Fine, Fine, Fine]),
    ("ReEncrypt from", [Fine, Disabled, Pending, Pending]),
    ("ReEncrypt to", [Fine, Disabled, Pending, Pending]),
    ("RetireGrant", [Fine, Fine, Fine, Fine]),
    ("RevokeGrant", [Fine, Fine, Fine, Fine]),
    ("RotateKeyOnDemand", [Fine, Disabled, Pending, Pending]),
    ("ScheduleKeyDeletion", [Fine, Fine, Pending, Pending]),
    ("TagResource", [Fine, Fine, Pending, Pending]),
    ("UntagResource", [Fine, Fine, Pending, Pending]),
    ("UpdateAlias away from it", [Fine, Fine, Fine, Fine]),
    ("UpdateAlias to it", [Fine, Fine, Pending, Pending]),
    ("UpdateAlias that points at it", [Fine, Fine, Pending, Pending]),
    ("UpdateKeyDescription", [Fine, Fine, Pending, Pending]),
];

/// The operations of the table.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(operation, _)| *operation)
}

#[tokio::test]
async fn every_operation_answers_by_the_table() {
    let bench = Bench::new().await;
    let other = bench.key().await;
    bench.name("alias/other", other).await.unwrap();
    for (operation, answers) in TABLE {
        for (state, expected) in answers.into_iter().enumerate() {
            let subject = Subject::in_state(&bench, state, other).await;
            let outcome = subject.undergo(&bench, operation, other).await;
            let Some((code, text)) = expected.refusal() else {
                assert!(outcome.is_ok(), "{operation} in state {state}: {}", fault(outcome));
                continue;
            };
            let fault = fault(outcome);
            let expected = (code, format!("{} {text}", bench.kms.scope().key_arn(&subject.key)));
            assert_eq!(
                (fault.code(), fault.message().to_owned()),
                expected,
                "{operation} in state {state}"
            );
        }
    }
}

/// The operations that have a DryRun.
const DRY: [&str; 10] = [
    "CreateGrant",
    "Decrypt",
    "Decrypt with key id",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncrypt from",
    "ReEncrypt to",
    "RetireGrant",
    "RevokeGrant",
];

#[tokio::test]
async fn a_dry_run_answers_by_the_table_and_does_nothing() {
    let bench = Bench::new().await;
    let other = bench.key().await;
    for (operation, answers) in TABLE.iter().filter(|(operation, _)| DRY.contains(operation)) {
        for (state, expected) in answers.iter().enumerate() {
            let subject = Subject::in_state(&bench, state, other).await;
            let spent = spent(&bench, subject.key).await;
            bench.dry_run.store(true, Ordering::Relaxed);
            let outcome = subject.undergo(&bench, operation, other).await;
            bench.dry_run.store(false, Ordering::Relaxed);
            let fault = fault(outcome);
            let expected = expected.refusal().map_or_else(
                || {
                    "DryRunOperationException: The request would have succeeded, but the DryRun option is set."
                        .to_owned()
                },
                |(code, text)| {
                    format!(
                        "{}: {} {text}",
                        code.row().exception,
                        bench.kms.scope().key_arn(&subject.key)
                    )
                },
            );
            assert_eq!(fault.to_string(), expected, "{operation} in state {state}");
            assert_eq!(
                self::spent(&bench, subject.key).await,
                spent,
                "{operation} counts nothing"
            );
        }
    }
}

/// What the key has encrypted, and how often the token was asked to.
async fn spent(bench: &Bench, key: KeyId) -> (u64, u64) {
    let used = bench.describe(key).await.versions[0].budget.unwrap().used;
    (used, bench.fake.calls(Function::Encrypt))
}

/// A key in some state, with an alias and a ciphertext of better days.
pub(crate) struct Subject {
    key: KeyId,
    name: String,
    blob: Vec<u8>,
    /// A ciphertext of another key.
    other_blob: Vec<u8>,
    grant: GrantId,
}

impl Subject {
    /// An enabled key.
    pub(crate) async fn of(bench: &Bench, key: KeyId, other: KeyId) -> Self {
        let name = format!("alias/of-{key}");
        bench.name(&name, key).await.unwrap();
        Self {
            key,
            name,
            blob: bench.encrypt(key, b"x").await.unwrap().blob,
            other_blob: bench.encrypt(other, b"x").await.unwrap().blob,
            grant: bench.grant(key, "clerk", &[GrantOperation::Decrypt]).await.id,
        }
    }

    async fn in_state(bench: &Bench, state: usize, other: KeyId) -> Self {
        let key = bench.key().await;
        let subject = Self::of(bench, key, other).await;
        match state {
            0 => {}
            1 => bench.admin(DisableKey { key }).await.unwrap(),
            _ => drop(bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap()),
        }
        if state == 3 {
            bench.advance_days(31);
            bench.store.fail("grant/", StoreFault::Overloaded);
            assert_eq!(fault(bench.delete(key).await).code(), Code::Throttling);
            assert!(matches!(
                bench.describe(key).await.record.state,
                KeyState::Deleting { .. }
            ));
        }
        subject
    }

    pub(crate) async fn undergo(&self, bench: &Bench, operation: &str, other: KeyId) -> Result<(), Fault> {
        let (key, by_id) = (self.key, KeyReference::Key(self.key));
        let (none, length) = (context(&[]), DataKeyLength::AES_256);
        let other = KeyReference::Key(other);
        let own = alias(&self.name);
        match operation {
            "CancelKeyDeletion" => bench.admin(CancelKeyDeletion { key }).await.map(drop),
            "CreateAlias" => {
                bench
                    .admin(CreateAlias::new(alias(&format!("{}-2", self.name)), key)?)
                    .await
            }
            "Decrypt" => bench.admin(Decrypt::new(None, none, &self.blob)?).await.map(drop),
            "Decrypt with key id" => bench
                .admin(Decrypt::new(Some(by_id), none, &self.blob)?)
                .await
                .map(drop),
            "DeleteAlias" => bench.admin(DeleteAlias::new(own)?).await,
            "DescribeKey" => bench.admin(DescribeKey { key: by_id }).await.map(drop),
            "DescribeKey by alias" => bench
                .admin(DescribeKey {
                    key: KeyReference::Alias(own),
                })
                .await
                .map(drop),
            "DisableKey" => bench.admin(DisableKey { key }).await,
            "EnableKey" => bench.admin(EnableKey { key }).await,
            "Encrypt" => bench.admin(Encrypt::new(by_id, none, material(b"x"))?).await.map(drop),
            "GenerateDataKey" => bench
                .admin(GenerateDataKey {
                    key: by_id,
                    context: none,
                    length,
                })
                .await
                .map(drop),
            "GenerateDataKeyWithoutPlaintext" => bench
                .admin(GenerateDataKeyWithoutPlaintext {
                    key: by_id,
                    context: none,
                    length,
                })
                .await
                .map(drop),
            "ListAliases" => bench.admin(ListAliases::new(Some(key), None, None)?).await.map(drop),
            "ReEncrypt from" => bench
                .admin(ReEncrypt::new(None, none.clone(), &self.blob, other, none)?)
                .await
                .map(drop),
            "ReEncrypt to" => bench
                .admin(ReEncrypt::new(None, none.clone(), &self.other_blob, by_id, none)?)
                .await
                .map(drop),
            "ScheduleKeyDeletion" => bench.admin(ScheduleKeyDeletion::new(key, None)?).await.map(drop),
            "UpdateKeyDescription" => bench.admin(UpdateKeyDescription::new(key, "x".to_owned())?).await,
            "GetKeyLastUsage" => bench.admin(GetKeyLastUsage { key }).await.map(drop),
            "ListResourceTags" => bench.admin(ListResourceTags::new(key, None, None)?).await.map(drop),
            "TagResource" => {
                let tags = vec![("k".to_owned(), "v".to_owned())];
                bench.admin(TagResource::new(key, tags)?).await
            }
            "UntagResource" => bench.admin(UntagResource::new(key, vec!["k".to_owned()])?).await,
            access if access.contains("Grant") || access.contains("Polic") => self.access(bench, access).await,
            rotation if rotation.contains("Rotat") => self.rotation(bench, rotation).await,
            update => self.update_alias(bench, update, other).await,
        }
    }

    async fn access(&self, bench: &Bench, operation: &str) -> Result<(), Fault> {
        let (key, grant) = (self.key, self.grant.to_string());
        match operation {
            "CreateGrant" => bench
                .admin(create_grant(key, "clerk", &[GrantOperation::Encrypt]))
                .await
                .map(drop),
            "GetKeyPolicy" => bench.admin(GetKeyPolicy::new(key, None)?).await.map(drop),
            "ListGrants" => bench.admin(ListGrants::new(key, None, None)?).await.map(drop),
            "ListKeyPolicies" => bench.admin(ListKeyPolicies::new(key, None, None)?).await.map(drop),
            "PutKeyPolicy" => {
                bench
                    .admin(PutKeyPolicy::new(key, None, &default_policy(), false)?)
                    .await
            }
            "RetireGrant" => {
                let retire = RetireGrant::new(&bench.kms, None, Some(&key.to_string()), Some(&grant))?;
                bench.admin(retire).await
            }
            "RevokeGrant" => bench.admin(RevokeGrant::new(key, &grant)?).await,
            unknown => panic!("the table names {unknown}"),
        }
    }

    async fn rotation(&self, bench: &Bench, operation: &str) -> Result<(), Fault> {
        let key = self.key;
        match operation {
            "DisableKeyRotation" => bench.admin(DisableKeyRotation { key }).await,
            "EnableKeyRotation" => bench.admin(EnableKeyRotation::new(key, None)?).await,
            "GetKeyRotationStatus" => bench.admin(GetKeyRotationStatus { key }).await.map(drop),
            "ListKeyRotations" => {
                let rotations = ListKeyRotations::new(key, true, None, None)?;
                bench.admin(rotations).await.map(drop)
            }
            "RotateKeyOnDemand" => bench.admin(RotateKeyOnDemand { key }).await.map(drop),
            unknown => panic!("the table names {unknown}"),
        }
    }

    async fn update_alias(&self, bench: &Bench, update: &str, other: KeyReference) -> Result<(), Fault> {
        let KeyReference::Key(other) = other else {
            panic!("the other key is named by its id")
        };
        let (name, key) = match update {
            "UpdateAlias away from it" => (alias(&self.name), other),
            "UpdateAlias to it" => (alias("alias/other"), self.key),
            "UpdateAlias that points at it" => (alias(&self.name), self.key),
            unknown => panic!("the table names {unknown}"),
        };
        bench.admin(UpdateAlias::new(name, key)?).await
    }
}
