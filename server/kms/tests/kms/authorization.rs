//! Who may do what: every caller kind by every operation, as a reviewed file.

use std::fmt::Write;

use strongroom_base::{
    Action, Code, Effect, Fault, GrantId, KeyId, KeyMaterialId, KeySpec, Service, WrappingAlgorithm,
};
use strongroom_gate::OpContext;
use strongroom_kms::op::{
    CancelKeyDeletion, CreateAlias, CreateManagedKey, DataKeyLength, Decrypt, DeleteAlias, DeleteExpiredKeyMaterial,
    DeleteImportedKeyMaterial, DeleteKey, DescribeKey, DescribeToken, DisableKey, DisableKeyRotation, EnableKey,
    EnableKeyRotation, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom, GetKeyLastUsage,
    GetKeyPolicy, GetKeyRotationStatus, GetParametersForImport, ImportKeyMaterial, ListAliases, ListGrants,
    ListKeyPolicies, ListKeyRotations, ListKeys, ListResourceTags, ListRetirableGrants, NewImport, PutKeyPolicy,
    ReEncrypt, ReconcileToken, RetireGrant, RevokeGrant, RotateKey, RotateKeyOnDemand, ScheduleKeyDeletion,
    TagResource, UntagResource, UpdateAlias, UpdateKeyDescription,
};
use strongroom_kms::{GrantOperation, KeyReference};

use crate::bench::{
    Bench, alias, allow, context, create, create_grant, default_policy, material, policy, principal, scope, system,
    user_arn,
};
use crate::pair_requests::{PAIRS, use_pair};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/authorization-kms.txt");

const CALLERS: [&str; 8] = [
    "administrator",
    "reader",
    "user",
    "denied user",
    "stranger",
    "administrator via secrets",
    "stranger via secrets",
    "system",
];

/// What the operation is about.
const OBJECTS: [&str; 4] = ["the user's key", "another key", "the managed key", "an absent key"];

/// Operations that are about a key, each tried on every object.
const ON_KEYS: [&str; 48] = [
    "CancelKeyDeletion",
    "CreateAlias",
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeleteAlias",
    "DeleteExpiredKeyMaterial",
    "DeleteImportedKeyMaterial",
    "DeleteKey",
    "DeriveSharedSecret",
    "DescribeKey",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyLastUsage",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "GetParametersForImport",
    "GetPublicKey",
    "ImportKeyMaterial",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "ReEncrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "RotateKey",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "Sign",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
    "Verify",
    "VerifyMac",
];

/// Operations that are about no key.
const ON_NOTHING: [&str; 8] = [
    "CreateKey",
    "CreateManagedKey",
    "DescribeToken",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "ReconcileToken",
];

struct Matrix {
    bench: Bench,
    /// The user's, another one's, the managed one, an absent one.
    keys: [KeyId; 4],
    blobs: [Vec<u8>; 4],
    /// A key that everybody may re-encrypt from and to, so that the other side alone decides.
    open: KeyId,
    open_blob: Vec<u8>,
}

impl Matrix {
    async fn new() -> Self {
        let mut bench = Bench::new().await;
        let managed = bench.system(CreateManagedKey::for_secrets()).await.unwrap().record.id;
        let keys = [
            bench.key().await,
            bench.key().await,
            managed,
            KeyId::from_bytes([0; 16]),
        ];
        let open = bench.key().await;
        let mut blobs = [const { Vec::new() }; 4];
        for (blob, key) in blobs.iter_mut().zip(keys).take(3) {
            let operation = Encrypt::new(KeyReference::Key(key), context(&[]), material(b"x")).unwrap();
            *blob = bench.system(operation).await.unwrap().blob;
        }
        blobs[3] = [&[1, 1][..], &[0; 100]].concat();
        let open_blob = bench.encrypt(open, b"x").await.unwrap().blob;
        for (index, name) in ["alias/of-0", "alias/of-1"].into_iter().enumerate() {
            bench.name(name, keys[index]).await.unwrap();
        }
        let own = scope().key_arn(&keys[0]).to_string();
        let usage = r#"["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]"#;
        bench.attach(
            "reader",
            &allow(r#"["kms:Describe*", "kms:List*", "strongroom:Describe*"]"#, "*"),
        );
        bench.attach("user", &allow(usage, &own));
        bench.attach("denied", &allow("kms:*", "*"));
        bench.attach("denied", &policy("Deny", usage, "*"));
        for who in ["administrator", "reader", "user", "denied", "stranger"] {
            bench.attach(
                who,
                &allow(
                    r#"["kms:ReEncryptFrom", "kms:ReEncryptTo"]"#,
                    scope().key_arn(&open).as_str(),
                ),
            );
        }
        Self {
            bench,
            keys,
            blobs,
            open,
            open_blob,
        }
    }

    fn caller(name: &str) -> OpContext {
        match name {
            "denied user" => principal("denied"),
            "administrator via secrets" => principal("administrator").on_behalf(Service::SecretsManager),
            "stranger via secrets" => principal("stranger").on_behalf(Service::SecretsManager),
            "system" => system(),
            plain => principal(plain),
        }
    }

    async fn on_nothing(&self, who: &OpContext, operation: &str) -> Result<(), Fault> {
        let bench = &self.bench;
        match operation {
            "CreateKey" => bench.run(who, create("")).await.map(drop),
            "CreateManagedKey" => bench.run(who, CreateManagedKey::for_secrets()).await.map(drop),
            "DescribeToken" => bench.run(who, DescribeToken).await.map(drop),
            "GenerateRandom" => bench.run(who, GenerateRandom::new(Some(8))?).await.map(drop),
            "ListAliases" => bench.run(who, ListAliases::new(None, None, None)?).await.map(drop),
            "ListKeys" => bench.run(who, ListKeys::new(None, None)?).await.map(drop),
            "ListRetirableGrants" => {
                let grants = ListRetirableGrants::new(&user_arn("grantee"), None, None)?;
                bench.run(who, grants).await.map(drop)
            }
            "ReconcileToken" => bench
                .run(
                    who,
                    ReconcileToken {
                        minimum_age: std::time::Duration::MAX,
                    },
                )
                .await
                .map(drop),
            unknown => panic!("{unknown} is not known"),
        }
    }

    async fn on_key(&self, who: &OpContext, operation: &str, object: usize) -> Result<(), Fault> {
        let (bench, key, blob) = (&self.bench, self.keys[object], &self.blobs[object]);
        match operation {
            "CancelKeyDeletion" => bench.run(who, CancelKeyDeletion { key }).await.map(drop),
            "DeleteKey" => bench.run(who, DeleteKey { key }).await,
            "DescribeKey" => bench
                .run(
                    who,
                    DescribeKey {
                        key: KeyReference::Key(key),
                    },
                )
                .await
                .map(drop),
            "DisableKey" => bench.run(who, DisableKey { key }).await,
            "EnableKey" => bench.run(who, EnableKey { key }).await,
            "ScheduleKeyDeletion" => {
                let answer = bench.run(who, ScheduleKeyDeletion::new(key, None)?).await.map(drop);
                let _ = bench.system(CancelKeyDeletion { key }).await;
                let _ = bench.system(EnableKey { key }).await;
                answer
            }
            "GetKeyLastUsage" => bench.run(who, GetKeyLastUsage { key }).await.map(drop),
            "ListResourceTags" => bench.run(who, ListResourceTags::new(key, None, None)?).await.map(drop),
            "TagResource" => {
                let tags = vec![("k".to_owned(), "v".to_owned())];
                bench.run(who, TagResource::new(key, tags)?).await
            }
            "UntagResource" => bench.run(who, UntagResource::new(key, vec!["k".to_owned()])?).await,
            "UpdateKeyDescription" => bench.run(who, UpdateKeyDescription::new(key, "x".to_owned())?).await,
            access if access.contains("Grant") || access.contains("Polic") => self.on_access(who, access, key).await,
            import if import.contains("Import") || import.contains("Expired") => self.on_import(who, import, key).await,
            rotation if rotation.contains("Rotat") => self.on_rotation(who, rotation, key).await,
            "CreateAlias" | "UpdateAlias" | "DeleteAlias" => self.on_alias(who, operation, object).await,
            other if PAIRS.contains(&other) => use_pair(bench, who, other, key).await,
            _ => self.use_key(who, operation, key, blob).await,
        }
    }

    /// Each operation on a grant has a grant of its own to the grantee, which is gone afterwards.
    async fn on_access(&self, who: &OpContext, operation: &str, key: KeyId) -> Result<(), Fault> {
        let bench = &self.bench;
        let own = create_grant(key, "grantee", &[GrantOperation::RetireGrant]);
        let id = match bench.system(own).await {
            Ok(created) => created.id,
            Err(_) => GrantId::from_bytes([0; 32]),
        };
        let (named, id) = (key.to_string(), id.to_string());
        let answer = match operation {
            "CreateGrant" => {
                let answer = bench
                    .run(who, create_grant(key, "other", &[GrantOperation::Decrypt]))
                    .await;
                if let Ok(created) = &answer {
                    bench.system(RevokeGrant::new(key, &created.id.to_string())?).await?;
                }
                answer.map(drop)
            }
            "GetKeyPolicy" => bench.run(who, GetKeyPolicy::new(key, None)?).await.map(drop),
            "ListGrants" => bench.run(who, ListGrants::new(key, None, None)?).await.map(drop),
            "ListKeyPolicies" => bench.run(who, ListKeyPolicies::new(key, None, None)?).await.map(drop),
            "PutKeyPolicy" => {
                bench
                    .run(who, PutKeyPolicy::new(key, None, &default_policy(), false)?)
                    .await
            }
            "RetireGrant" => {
                bench
                    .run(who, RetireGrant::new(&bench.kms, None, Some(&named), Some(&id))?)
                    .await
            }
            "RevokeGrant" => bench.run(who, RevokeGrant::new(key, &id)?).await,
            unknown => panic!("{unknown} is not known"),
        };
        let _ = bench.system(RevokeGrant::new(key, &id)?).await;
        answer
    }

    /// The keys have material of the token's own: who is allowed is told that.
    async fn on_import(&self, who: &OpContext, operation: &str, key: KeyId) -> Result<(), Fault> {
        let bench = &self.bench;
        let material = KeyMaterialId::from_bytes([1; 32]);
        match operation {
            "DeleteExpiredKeyMaterial" => bench.run(who, DeleteExpiredKeyMaterial { key, material }).await,
            "DeleteImportedKeyMaterial" => {
                let deletion = DeleteImportedKeyMaterial { key, material: None };
                bench.run(who, deletion).await.map(drop)
            }
            "GetParametersForImport" => {
                let (algorithm, spec) = (WrappingAlgorithm::RsaesOaepSha256, KeySpec::Rsa2048);
                let request = GetParametersForImport::new(key, algorithm, spec)?;
                bench.run(who, request).await.map(drop)
            }
            "ImportKeyMaterial" => {
                let new = NewImport {
                    key,
                    import_token: vec![1],
                    encrypted_key_material: vec![1],
                    expires: Some(false),
                    valid_to: None,
                    import_type: None,
                    description: None,
                    material: None,
                };
                bench.run(who, ImportKeyMaterial::new(new)?).await.map(drop)
            }
            unknown => panic!("{unknown} is not known"),
        }
    }

    async fn on_rotation(&self, who: &OpContext, operation: &str, key: KeyId) -> Result<(), Fault> {
        let bench = &self.bench;
        match operation {
            "DisableKeyRotation" => bench.run(who, DisableKeyRotation { key }).await,
            "EnableKeyRotation" => {
                let answer = bench.run(who, EnableKeyRotation::new(key, None)?).await;
                let _ = bench.system(DisableKeyRotation { key }).await;
                answer
            }
            "GetKeyRotationStatus" => bench.run(who, GetKeyRotationStatus { key }).await.map(drop),
            "ListKeyRotations" => {
                let rotations = ListKeyRotations::new(key, false, None, None)?;
                bench.run(who, rotations).await.map(drop)
            }
            "RotateKey" => bench.run(who, RotateKey { key }).await,
            "RotateKeyOnDemand" => bench.run(who, RotateKeyOnDemand { key }).await.map(drop),
            unknown => panic!("{unknown} is not known"),
        }
    }

    async fn use_key(&self, who: &OpContext, operation: &str, key: KeyId, blob: &[u8]) -> Result<(), Fault> {
        let (bench, none, length) = (&self.bench, context(&[]), DataKeyLength::AES_256);
        let (key, open) = (KeyReference::Key(key), KeyReference::Key(self.open));
        match operation {
            "Decrypt" => bench.run(who, Decrypt::new(None, none, blob)?).await.map(drop),
            "Encrypt" => bench.run(who, Encrypt::new(key, none, material(b"x"))?).await.map(drop),
            "GenerateDataKey" => bench
                .run(
                    who,
                    GenerateDataKey {
                        key,
                        context: none,
                        length,
                    },
                )
                .await
                .map(drop),
            "GenerateDataKeyWithoutPlaintext" => bench
                .run(
                    who,
                    GenerateDataKeyWithoutPlaintext {
                        key,
                        context: none,
                        length,
                    },
                )
                .await
                .map(drop),
            "ReEncrypt" => bench
                .run(who, ReEncrypt::new(None, none.clone(), blob, key, none)?)
                .await
                .map(drop),
            "ReEncryptFrom" => bench
                .run(who, ReEncrypt::new(None, none.clone(), blob, open, none)?)
                .await
                .map(drop),
            "ReEncryptTo" => bench
                .run(who, ReEncrypt::new(None, none.clone(), &self.open_blob, key, none)?)
                .await
                .map(drop),
            unknown => panic!("{unknown} is not known"),
        }
    }

    /// Each alias operation, undone by the service afterwards.
    async fn on_alias(&self, who: &OpContext, operation: &str, object: usize) -> Result<(), Fault> {
        let (bench, key) = (&self.bench, self.keys[object]);
        let name = alias("alias/tried");
        match operation {
            "CreateAlias" => {
                let answer = bench.run(who, CreateAlias::new(name.clone(), key)?).await;
                let _ = bench.system(DeleteAlias::new(name)?).await;
                answer
            }
            "UpdateAlias" => {
                bench.system(CreateAlias::new(name.clone(), self.keys[0])?).await?;
                let answer = bench.run(who, UpdateAlias::new(name.clone(), key)?).await;
                bench.system(DeleteAlias::new(name)?).await?;
                answer
            }
            _ => {
                let _ = bench.system(CreateAlias::new(name.clone(), key)?).await;
                let answer = bench.run(who, DeleteAlias::new(name.clone())?).await;
                let _ = bench.system(DeleteAlias::new(name)?).await;
                answer
            }
        }
    }
}

fn verdict(answer: &Result<(), Fault>) -> &'static str {
    match answer {
        Err(fault) if fault.code() == Code::AccessDenied => "denied",
        Ok(()) | Err(_) => "allowed",
    }
}

#[tokio::test]
async fn who_may_do_what_is_the_reviewed_table() {
    let matrix = Matrix::new().await;
    let mut table = format!("operation | on | {}\n", CALLERS.join(" | "));
    for operation in ON_NOTHING {
        write!(table, "{operation} | -").unwrap();
        for caller in CALLERS {
            let answer = matrix.on_nothing(&Matrix::caller(caller), operation).await;
            write!(table, " | {}", verdict(&answer)).unwrap();
        }
        table.push('\n');
    }
    for operation in ON_KEYS {
        for (object, name) in OBJECTS.into_iter().enumerate() {
            write!(table, "{operation} | {name}").unwrap();
            for caller in CALLERS {
                let answer = matrix.on_key(&Matrix::caller(caller), operation, object).await;
                write!(table, " | {}", verdict(&answer)).unwrap();
            }
            table.push('\n');
        }
    }
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(GOLDEN, &table).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert_eq!(table, golden, "review the change, then run with STRONGROOM_BLESS=1");
}

/// An operation that nobody decided on is not in the table, and this test says which one it is.
#[test]
fn every_operation_is_in_the_table() {
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    for action in Action::ALL.iter().filter(|action| action.service() == Service::Kms) {
        let prefix = format!("{} | ", action.name());
        assert!(
            golden.lines().any(|line| line.starts_with(&prefix)),
            "{action} is missing"
        );
    }
}

/// Whatever changes keys, now or some day: of a key that a service manages, no caller may, through whatever service.
#[test]
fn no_caller_changes_a_managed_key() {
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    let changes = Action::ALL
        .iter()
        .filter(|action| action.service() == Service::Kms && action.effect() == Effect::Change);
    let mut rows = 0;
    for action in changes.filter(|action| !ON_NOTHING.contains(&action.name())) {
        let prefix = format!("{} | the managed key | ", action.name());
        let row = golden.lines().find_map(|line| line.strip_prefix(&prefix));
        let row = row.unwrap_or_else(|| panic!("{action} is not tried on the managed key"));
        let verdicts: Vec<_> = CALLERS.into_iter().zip(row.split(" | ")).collect();
        for (caller, verdict) in verdicts.into_iter().filter(|(caller, _)| *caller != "system") {
            assert_eq!(verdict, "denied", "{action} by {caller}");
        }
        rows += 1;
    }
    assert!(rows > 10, "{rows} operations change keys");
}
