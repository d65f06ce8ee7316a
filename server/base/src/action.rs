//! What can be asked, named as policies and audit records name it.

use std::fmt;

/// The service that an action belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Keys.
    Kms,
    /// Secrets.
    SecretsManager,
    /// The installation itself.
    Strongroom,
}

impl Service {
    /// The prefix of the service's actions in policies.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::SecretsManager => "secretsmanager",
            Self::Strongroom => "strongroom",
        }
    }

    /// The service's name in audit records and in `kms:ViaService`.
    #[must_use]
    pub const fn event_source(self) -> &'static str {
        match self {
            Self::Kms => "kms.amazonaws.com",
            Self::SecretsManager => "secretsmanager.amazonaws.com",
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
    ($($action:ident = $service:ident, $name:literal, $effect:ident;)*) => {
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

            /// Its name, without the service: `eventName` of audit records.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
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
    CancelKeyDeletion = Kms, "CancelKeyDeletion", Change;
    CreateAlias = Kms, "CreateAlias", Change;
    CreateKey = Kms, "CreateKey", Change;
    Decrypt = Kms, "Decrypt", Use;
    DeleteAlias = Kms, "DeleteAlias", Change;
    DeleteKey = Kms, "DeleteKey", Change;
    DescribeKey = Kms, "DescribeKey", Read;
    DisableKey = Kms, "DisableKey", Change;
    EnableKey = Kms, "EnableKey", Change;
    Encrypt = Kms, "Encrypt", Use;
    GenerateDataKey = Kms, "GenerateDataKey", Use;
    GenerateDataKeyWithoutPlaintext = Kms, "GenerateDataKeyWithoutPlaintext", Use;
    GenerateRandom = Kms, "GenerateRandom", Use;
    ListAliases = Kms, "ListAliases", Read;
    ListKeys = Kms, "ListKeys", Read;
    ReEncrypt = Kms, "ReEncrypt", Use;
    ReEncryptFrom = Kms, "ReEncryptFrom", Use;
    ReEncryptTo = Kms, "ReEncryptTo", Use;
    ScheduleKeyDeletion = Kms, "ScheduleKeyDeletion", Change;
    UpdateAlias = Kms, "UpdateAlias", Change;
    UpdateKeyDescription = Kms, "UpdateKeyDescription", Change;
    BatchGetSecretValue = SecretsManager, "BatchGetSecretValue", Read;
    CreateSecret = SecretsManager, "CreateSecret", Change;
    DeleteSecret = SecretsManager, "DeleteSecret", Change;
    DescribeSecret = SecretsManager, "DescribeSecret", Read;
    EndSecretVersionDelete = SecretsManager, "EndSecretVersionDelete", Change;
    GetRandomPassword = SecretsManager, "GetRandomPassword", Use;
    GetSecretValue = SecretsManager, "GetSecretValue", Read;
    ListSecrets = SecretsManager, "ListSecrets", Read;
    ListSecretVersionIds = SecretsManager, "ListSecretVersionIds", Read;
    PutSecretValue = SecretsManager, "PutSecretValue", Change;
    RestoreSecret = SecretsManager, "RestoreSecret", Change;
    TagResource = SecretsManager, "TagResource", Change;
    UntagResource = SecretsManager, "UntagResource", Change;
    UpdateSecret = SecretsManager, "UpdateSecret", Change;
    UpdateSecretVersionStage = SecretsManager, "UpdateSecretVersionStage", Change;
    DescribeToken = Strongroom, "DescribeToken", Read;
    GetCallerIdentity = Strongroom, "GetCallerIdentity", Read;
    ReconcileToken = Strongroom, "ReconcileToken", Change;
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.service().prefix(), self.name())
    }
}
