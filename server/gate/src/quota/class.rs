//! The classes of operations that share a quota, with AWS's default rates.
//!
//! Sources: AWS KMS Developer Guide, "Request quotas", and AWS Secrets Manager User Guide, "Quotas". Where AWS's default
//! differs by region this is that of its largest regions: a token of one's own is shared with nobody. What AWS documents no
//! number for has that of its neighbours. Requests that are refused have a number of ours.

use strongroom_base::{Action, KeySpec};

/// Requests that share a quota.
#[derive(Debug)]
pub(super) struct Class {
    /// Its name in the configuration and in metrics: the action's, where it is of one action.
    pub(super) name: &'static str,
    /// Requests a second of one account; of refused requests, of one principal.
    pub(super) rate: f64,
    /// The permissions of its actions.
    actions: &'static [&'static str],
}

/// What an action spends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spends {
    /// Nothing: only the service itself asks for it.
    Nothing,
    /// A token of the class in this place of [`CLASSES`].
    Class(usize),
    /// What the kind of its key says.
    ByKey,
    /// What the kind of the pair says that it makes.
    ByPair,
}

const fn shared(name: &'static str, rate: f64, actions: &'static [&'static str]) -> Class {
    Class { name, rate, actions }
}

const fn alone(name: &'static str, rate: f64) -> Class {
    shared(name, rate, &[])
}

/// The place of the class of symmetric keys, of MAC keys and of random bytes.
pub(super) const SYMMETRIC: usize = 0;
const RSA: usize = 1;
const ECC: usize = 2;
const LATTICE: usize = 3;
const PAIR_P256: usize = 4;
const PAIR_P384: usize = 5;
const PAIR_P521: usize = 6;
const PAIR_ED25519: usize = 7;
const PAIR_P256K1: usize = 8;
const PAIR_RSA_2048: usize = 9;
const PAIR_RSA_3072: usize = 10;
const PAIR_RSA_4096: usize = 11;
/// The place of the class of requests that end before policy allows them, whatever they ask: each principal has its own.
pub(super) const REFUSED: usize = 12;

/// All classes.
pub(super) const CLASSES: &[Class] = &[
    shared(
        "symmetric-cryptography",
        50_000.0,
        &[
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:GenerateMac",
            "kms:GenerateRandom",
            "kms:VerifyMac",
        ],
    ),
    alone("rsa-cryptography", 500.0),
    alone("ecc-cryptography", 300.0),
    alone("lattice-cryptography", 300.0),
    alone("data-key-pair-ecc-nist-p256", 25.0),
    alone("data-key-pair-ecc-nist-p384", 10.0),
    alone("data-key-pair-ecc-nist-p521", 5.0),
    alone("data-key-pair-ecc-nist-edwards25519", 25.0),
    alone("data-key-pair-ecc-secg-p256k1", 25.0),
    alone("data-key-pair-rsa-2048", 1.0),
    alone("data-key-pair-rsa-3072", 0.5),
    alone("data-key-pair-rsa-4096", 0.1),
    alone("refused-requests", 100.0),
    alone("kms:CancelKeyDeletion", 5.0),
    alone("kms:CreateAlias", 5.0),
    alone("kms:CreateGrant", 50.0),
    alone("kms:CreateKey", 5.0),
    alone("kms:DeleteAlias", 15.0),
    alone("kms:DeleteImportedKeyMaterial", 15.0),
    alone("kms:DescribeKey", 2_000.0),
    alone("kms:DisableKey", 5.0),
    alone("kms:DisableKeyRotation", 5.0),
    alone("kms:EnableKey", 5.0),
    alone("kms:EnableKeyRotation", 15.0),
    alone("kms:GetKeyLastUsage", 100.0),
    alone("kms:GetKeyPolicy", 1_000.0),
    alone("kms:GetKeyRotationStatus", 1_000.0),
    alone("kms:GetParametersForImport", 0.25),
    alone("kms:GetPublicKey", 2_000.0),
    alone("kms:ImportKeyMaterial", 5.0),
    alone("kms:ListAliases", 500.0),
    alone("kms:ListGrants", 100.0),
    alone("kms:ListKeyPolicies", 100.0),
    alone("kms:ListKeyRotations", 100.0),
    alone("kms:ListKeys", 500.0),
    alone("kms:ListResourceTags", 2_000.0),
    alone("kms:ListRetirableGrants", 100.0),
    alone("kms:PutKeyPolicy", 15.0),
    alone("kms:RetireGrant", 30.0),
    alone("kms:RevokeGrant", 30.0),
    alone("kms:RotateKeyOnDemand", 5.0),
    alone("kms:ScheduleKeyDeletion", 15.0),
    alone("kms:TagResource", 10.0),
    alone("kms:UntagResource", 5.0),
    alone("kms:UpdateAlias", 5.0),
    alone("kms:UpdateKeyDescription", 5.0),
    shared(
        "secret-versions",
        50.0,
        &[
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecret",
            "secretsmanager:UpdateSecretVersionStage",
        ],
    ),
    shared(
        "secret-tags",
        50.0,
        &["secretsmanager:TagResource", "secretsmanager:UntagResource"],
    ),
    shared(
        "secret-policies",
        50.0,
        &[
            "secretsmanager:DeleteResourcePolicy",
            "secretsmanager:GetResourcePolicy",
            "secretsmanager:PutResourcePolicy",
            "secretsmanager:ValidateResourcePolicy",
        ],
    ),
    shared(
        "secret-rotation",
        50.0,
        &["secretsmanager:CancelRotateSecret", "secretsmanager:RotateSecret"],
    ),
    alone("secretsmanager:BatchGetSecretValue", 100.0),
    alone("secretsmanager:CreateSecret", 50.0),
    alone("secretsmanager:DeleteSecret", 50.0),
    alone("secretsmanager:DescribeSecret", 40_000.0),
    alone("secretsmanager:GetRandomPassword", 50.0),
    alone("secretsmanager:GetSecretValue", 10_000.0),
    alone("secretsmanager:ListSecrets", 100.0),
    alone("secretsmanager:ListSecretVersionIds", 50.0),
    alone("secretsmanager:RestoreSecret", 50.0),
    // Source: AWS General Reference, "AWS Systems Manager endpoints and quotas", at the higher throughput of Parameter Store.
    alone("ssm:GetParameter", 10_000.0),
    alone("ssm:GetParameters", 1_000.0),
    alone("ssm:GetParametersByPath", 100.0),
    alone("ssm:PutParameter", 10.0),
    alone("ssm:DescribeParameters", 10.0),
    alone("ssm:GetParameterHistory", 10.0),
    shared(
        "parameter-labels",
        10.0,
        &["ssm:LabelParameterVersion", "ssm:UnlabelParameterVersion"],
    ),
    shared(
        "parameter-deletion",
        10.0,
        &["ssm:DeleteParameter", "ssm:DeleteParameters"],
    ),
    shared(
        "parameter-tags",
        10.0,
        &["ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"],
    ),
    alone("ssm:ListTagsForResource", 10.0),
    alone("strongroom:DescribeToken", 100.0),
    alone("strongroom:GetCallerIdentity", 100.0),
    alone("strongroom:InspectKey", 5.0),
    alone("strongroom:WatchEvents", 50.0),
];

/// Cryptographic operations whose class the key decides.
const BY_KEY: [&str; 8] = [
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:ReEncrypt",
    "kms:Sign",
    "kms:Verify",
];

/// Operations that make data key pairs.
const BY_PAIR: [&str; 2] = ["kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext"];

/// What an action spends.
pub(super) fn spends(action: Action) -> Spends {
    let permission = action.permission();
    if BY_KEY.contains(&permission) {
        return Spends::ByKey;
    }
    if BY_PAIR.contains(&permission) {
        return Spends::ByPair;
    }
    let of = |class: &Class| class.name == permission || class.actions.contains(&permission);
    CLASSES.iter().position(of).map_or(Spends::Nothing, Spends::Class)
}

/// The class of cryptographic operations with keys of this kind.
pub(super) fn of_key(spec: KeySpec) -> usize {
    match spec {
        KeySpec::SymmetricDefault | KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => {
            SYMMETRIC
        }
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => RSA,
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccNistEdwards25519
        | KeySpec::EccSecgP256K1
        | KeySpec::Sm2 => ECC,
        KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87
        | KeySpec::MlKem512
        | KeySpec::MlKem768
        | KeySpec::MlKem1024 => LATTICE,
    }
}

/// The class of data key pairs of this kind; what is no pair is refused by its operation.
pub(super) fn of_pair(spec: KeySpec) -> usize {
    match spec {
        KeySpec::EccNistP256 => PAIR_P256,
        KeySpec::EccNistP384 => PAIR_P384,
        KeySpec::EccNistP521 => PAIR_P521,
        KeySpec::EccNistEdwards25519 => PAIR_ED25519,
        KeySpec::EccSecgP256K1 => PAIR_P256K1,
        KeySpec::Rsa2048 => PAIR_RSA_2048,
        KeySpec::Rsa3072 => PAIR_RSA_3072,
        KeySpec::Rsa4096 => PAIR_RSA_4096,
        other => of_key(other),
    }
}
