//! The operations that are measured, and the token's part in each.

use clap::ValueEnum;

use crate::token_tool::measure::TokenWork;

/// A measured operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Operation {
    /// KMS GenerateDataKey, 32 bytes.
    GenerateDataKey,
    /// KMS Decrypt of such a data key.
    Decrypt,
    /// Secrets Manager GetSecretValue, 1 KiB.
    GetSecretValue,
    /// Secrets Manager PutSecretValue, 1 KiB.
    PutSecretValue,
}

impl Operation {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Self; 4] = [
        Self::GenerateDataKey,
        Self::Decrypt,
        Self::GetSecretValue,
        Self::PutSecretValue,
    ];

    /// As the interface names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GenerateDataKey => "GenerateDataKey",
            Self::Decrypt => "Decrypt",
            Self::GetSecretValue => "GetSecretValue",
            Self::PutSecretValue => "PutSecretValue",
        }
    }

    /// The gRPC path.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::GenerateDataKey => "/strongroom.v1.KeyManagement/GenerateDataKey",
            Self::Decrypt => "/strongroom.v1.KeyManagement/Decrypt",
            Self::GetSecretValue => "/strongroom.v1.Secrets/GetSecretValue",
            Self::PutSecretValue => "/strongroom.v1.Secrets/PutSecretValue",
        }
    }

    /// What the token must do for it: a secret's value is read with its data key, and written with a new one.
    pub(super) fn token_work(self) -> TokenWork {
        match self {
            Self::GenerateDataKey | Self::PutSecretValue => TokenWork::GenerateDataKey,
            Self::Decrypt | Self::GetSecretValue => TokenWork::Decrypt,
        }
    }
}
