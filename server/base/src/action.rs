//! What can be asked, named as policies and audit records name it.

use std::fmt;

/// The service that an action belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Keys.
    Kms,
    /// Secrets.
    SecretsManager,
    /// Parameters.
    Ssm,
    /// The installation itself.
    Strongroom,
}

impl Service {
    /// The service's name in audit records and in `kms:ViaService`.
    #[must_use]
    pub const fn event_source(self) -> &'static str {
        match self {
            Self::Kms => "kms.amazonaws.com",
            Self::SecretsManager => "secretsmanager.amazonaws.com",
            Self::Ssm => "ssm.amazonaws.com",
            Self::Strongroom => "strongroom.amazonaws.com",
        }
    }
}

/// What an action does, which decides how it is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads records: one audit record, the outcome.
    Read,
    /// Uses a key and changes no record: one audit record, the outcome.
    Use,
    /// Changes token or store: two audit records, intent and outcome; runs to its end even if the caller goes away.
    Change,
}

macro_rules! actions {
    ($($action:ident = $service:ident, $permission:literal, $effect:ident;)*) => {
        /// An operation, or a permission that an operation needs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are AWS's")]
        pub enum Action {
            $($action,)*
        }

        impl Action {
            /// All actions, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$action,)*];

            /// The service it belongs to.
            #[must_use]
            pub const fn service(self) -> Service {
                match self { $(Self::$action => Service::$service,)* }
            }

            /// Its name in policies, such as `kms:Decrypt`.
            #[must_use]
            pub const fn permission(self) -> &'static str {
                match self { $(Self::$action => $permission,)* }
            }

            /// What it does.
            #[must_use]
            pub const fn effect(self) -> Effect {
                match self { $(Self::$action => Effect::$effect,)* }
            }
        }
    };
}

actions! {
    CancelKeyDeletion = Kms, "kms:CancelKeyDeletion", Change;
    CreateAlias = Kms, "kms:CreateAlias", Change;
    CreateGrant = Kms, "kms:CreateGrant", Change;
    CreateKey = Kms, "kms:CreateKey", Change;
    Decapsulate = Kms, "kms:Decapsulate", Use;
    Decrypt = Kms, "kms:Decrypt", Use;
    DeleteAlias = Kms, "kms:DeleteAlias", Change;
    DeleteExpiredKeyMaterial = Kms, "kms:DeleteExpiredKeyMaterial", Change;
    DeleteImportedKeyMaterial = Kms, "kms:DeleteImportedKeyMaterial", Change;
    DeleteKey = Kms, "kms:DeleteKey", Change;
    DeriveSharedSecret = Kms, "kms:DeriveSharedSecret", Use;
    DescribeKey = Kms, "kms:DescribeKey", Read;
    DisableKey = Kms, "kms:DisableKey", Change;
    DisableKeyRotation = Kms, "kms:DisableKeyRotation", Change;
    EnableKey = Kms, "kms:EnableKey", Change;
    EnableKeyRotation = Kms, "kms:EnableKeyRotation", Change;
    Encapsulate = Kms, "kms:Encapsulate", Use;
    Encrypt = Kms, "kms:Encrypt", Use;
    GenerateDataKey = Kms, "kms:GenerateDataKey", Use;
    GenerateDataKeyPair = Kms, "kms:GenerateDataKeyPair", Use;
    GenerateDataKeyPairWithoutPlaintext = Kms, "kms:GenerateDataKeyPairWithoutPlaintext", Use;
    GenerateDataKeyWithoutPlaintext = Kms, "kms:GenerateDataKeyWithoutPlaintext", Use;
    GenerateMac = Kms, "kms:GenerateMac", Use;
    GenerateRandom = Kms, "kms:GenerateRandom", Use;
    GetKeyLastUsage = Kms, "kms:GetKeyLastUsage", Read;
    GetKeyPolicy = Kms, "kms:GetKeyPolicy", Read;
    GetKeyRotationStatus = Kms, "kms:GetKeyRotationStatus", Read;
    GetPublicKey = Kms, "kms:GetPublicKey", Read;
    GetParametersForImport = Kms, "kms:GetParametersForImport", Change;
    ImportKeyMaterial = Kms, "kms:ImportKeyMaterial", Change;
    ListAliases = Kms, "kms:ListAliases", Read;
    ListGrants = Kms, "kms:ListGrants", Read;
    ListKeyPolicies = Kms, "kms:ListKeyPolicies", Read;
    ListKeyRotations = Kms, "kms:ListKeyRotations", Read;
    ListKeys = Kms, "kms:ListKeys", Read;
    ListResourceTags = Kms, "kms:ListResourceTags", Read;
    ListRetirableGrants = Kms, "kms:ListRetirableGrants", Read;
    PutKeyPolicy = Kms, "kms:PutKeyPolicy", Change;
    ReEncrypt = Kms, "kms:ReEncrypt", Use;
    ReEncryptFrom = Kms, "kms:ReEncryptFrom", Use;
    ReEncryptTo = Kms, "kms:ReEncryptTo", Use;
    RetireGrant = Kms, "kms:RetireGrant", Change;
    RevokeGrant = Kms, "kms:RevokeGrant", Change;
    RotateKey = Kms, "kms:RotateKey", Change;
    RotateKeyOnDemand = Kms, "kms:RotateKeyOnDemand", Change;
    ScheduleKeyDeletion = Kms, "kms:ScheduleKeyDeletion", Change;
    Sign = Kms, "kms:Sign", Use;
    TagKey = Kms, "kms:TagResource", Change;
    UntagKey = Kms, "kms:UntagResource", Change;
    UpdateAlias = Kms, "kms:UpdateAlias", Change;
    UpdateKeyDescription = Kms, "kms:UpdateKeyDescription", Change;
    Verify = Kms, "kms:Verify", Use;
    VerifyMac = Kms, "kms:VerifyMac", Use;
    BatchGetSecretValue = SecretsManager, "secretsmanager:BatchGetSecretValue", Read;
    CreateSecret = SecretsManager, "secretsmanager:CreateSecret", Change;
    DeleteSecretPolicy = SecretsManager, "secretsmanager:DeleteResourcePolicy", Change;
    DeleteSecret = SecretsManager, "secretsmanager:DeleteSecret", Change;
    DescribeSecret = SecretsManager, "secretsmanager:DescribeSecret", Read;
    EndSecretVersionDelete = SecretsManager, "secretsmanager:EndSecretVersionDelete", Change;
    GetRandomPassword = SecretsManager, "secretsmanager:GetRandomPassword", Use;
    GetSecretPolicy = SecretsManager, "secretsmanager:GetResourcePolicy", Read;
    GetSecretValue = SecretsManager, "secretsmanager:GetSecretValue", Read;
    ListSecrets = SecretsManager, "secretsmanager:ListSecrets", Read;
    ListSecretVersionIds = SecretsManager, "secretsmanager:ListSecretVersionIds", Read;
    PutSecretPolicy = SecretsManager, "secretsmanager:PutResourcePolicy", Change;
    PutSecretValue = SecretsManager, "secretsmanager:PutSecretValue", Change;
    RestoreSecret = SecretsManager, "secretsmanager:RestoreSecret", Change;
    TagSecret = SecretsManager, "secretsmanager:TagResource", Change;
    UntagSecret = SecretsManager, "secretsmanager:UntagResource", Change;
    UpdateSecret = SecretsManager, "secretsmanager:UpdateSecret", Change;
    UpdateSecretVersionStage = SecretsManager, "secretsmanager:UpdateSecretVersionStage", Change;
    ValidateSecretPolicy = SecretsManager, "secretsmanager:ValidateResourcePolicy", Read;
    AddTagsToResource = Ssm, "ssm:AddTagsToResource", Change;
    DeleteParameter = Ssm, "ssm:DeleteParameter", Change;
    DeleteParameters = Ssm, "ssm:DeleteParameters", Change;
    DescribeParameters = Ssm, "ssm:DescribeParameters", Read;
    EnforceParameterPolicies = Ssm, "ssm:EnforceParameterPolicies", Change;
    GetParameter = Ssm, "ssm:GetParameter", Read;
    GetParameterHistory = Ssm, "ssm:GetParameterHistory", Read;
    GetParameters = Ssm, "ssm:GetParameters", Read;
    GetParametersByPath = Ssm, "ssm:GetParametersByPath", Read;
    LabelParameterVersion = Ssm, "ssm:LabelParameterVersion", Change;
    ListTagsForResource = Ssm, "ssm:ListTagsForResource", Read;
    PutParameter = Ssm, "ssm:PutParameter", Change;
    RemoveTagsFromResource = Ssm, "ssm:RemoveTagsFromResource", Change;
    UnlabelParameterVersion = Ssm, "ssm:UnlabelParameterVersion", Change;
    DescribeToken = Strongroom, "strongroom:DescribeToken", Read;
    GetCallerIdentity = Strongroom, "strongroom:GetCallerIdentity", Read;
    InspectKey = Strongroom, "strongroom:InspectKey", Read;
    ReconcileToken = Strongroom, "strongroom:ReconcileToken", Change;
    WatchEvents = Strongroom, "strongroom:WatchEvents", Read;
}

impl Action {
    /// Its name without the service: `eventName` of audit records.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.permission().split_once(':').unwrap_or_default().1
    }

    /// Whether principals of other accounts may be allowed it on a key or a secret of ours. All else is for the owning account
    /// alone, whatever policies and grants say. Sources: KMS Developer Guide, "KMS API operations", "Cross-account use";
    /// Secrets Manager User Guide, "Permissions for users in a different account": all that is asked on one secret.
    #[must_use]
    pub const fn crosses_accounts(self) -> bool {
        matches!(
            self,
            Self::CreateGrant
                | Self::Decapsulate
                | Self::Decrypt
                | Self::DeriveSharedSecret
                | Self::DescribeKey
                | Self::Encapsulate
                | Self::Encrypt
                | Self::GenerateDataKey
                | Self::GenerateDataKeyPair
                | Self::GenerateDataKeyPairWithoutPlaintext
                | Self::GenerateDataKeyWithoutPlaintext
                | Self::GenerateMac
                | Self::GetKeyRotationStatus
                | Self::GetPublicKey
                | Self::ListGrants
                | Self::ReEncrypt
                | Self::ReEncryptFrom
                | Self::ReEncryptTo
                | Self::RetireGrant
                | Self::RevokeGrant
                | Self::Sign
                | Self::Verify
                | Self::VerifyMac
                | Self::DeleteSecretPolicy
                | Self::DeleteSecret
                | Self::DescribeSecret
                | Self::GetSecretPolicy
                | Self::GetSecretValue
                | Self::ListSecretVersionIds
                | Self::PutSecretPolicy
                | Self::PutSecretValue
                | Self::RestoreSecret
                | Self::TagSecret
                | Self::UntagSecret
                | Self::UpdateSecret
                | Self::UpdateSecretVersionStage
                | Self::ValidateSecretPolicy
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.permission())
    }
}
