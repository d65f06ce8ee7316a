//! [`GrantOperation`]: what a grant can allow.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::KeyUsage;

macro_rules! grant_operations {
    ($($operation:ident = [$($usage:ident),*], $context:ident;)*) => {
        /// What a grant can allow (model `GrantOperation`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the names are AWS's")]
        pub enum GrantOperation {
            $($operation,)*
        }

        impl GrantOperation {
            /// All of them, in the model's order.
            pub const ALL: &'static [Self] = &[$(Self::$operation,)*];

            /// The model's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$operation => stringify!($operation),)* }
            }

            /// The usages of keys on which it can be granted.
            #[must_use]
            pub const fn usages(self) -> &'static [KeyUsage] {
                match self { $(Self::$operation => &[$(KeyUsage::$usage,)*],)* }
            }

            /// Whether its requests take an encryption context, so that a grant can constrain it.
            #[must_use]
            pub const fn has_encryption_context(self) -> bool {
                match self { $(Self::$operation => grant_operations!(@ $context),)* }
            }
        }
    };
    (@ context) => { true };
    (@ plain) => { false };
}

// Source: KMS Developer Guide, "Grant operations". Of the usage ENCRYPT_DECRYPT, data keys are for symmetric keys alone, and
// public keys for asymmetric ones.
grant_operations! {
    Decrypt = [EncryptDecrypt], context;
    Encrypt = [EncryptDecrypt], context;
    GenerateDataKey = [EncryptDecrypt], context;
    GenerateDataKeyWithoutPlaintext = [EncryptDecrypt], context;
    ReEncryptFrom = [EncryptDecrypt], context;
    ReEncryptTo = [EncryptDecrypt], context;
    Sign = [SignVerify], plain;
    Verify = [SignVerify], plain;
    GetPublicKey = [EncryptDecrypt, SignVerify, KeyAgreement, EncapsulateDecapsulate], plain;
    CreateGrant = [EncryptDecrypt, SignVerify, GenerateVerifyMac, KeyAgreement, EncapsulateDecapsulate], plain;
    RetireGrant = [EncryptDecrypt, SignVerify, GenerateVerifyMac, KeyAgreement, EncapsulateDecapsulate], plain;
    DescribeKey = [EncryptDecrypt, SignVerify, GenerateVerifyMac, KeyAgreement, EncapsulateDecapsulate], plain;
    GenerateDataKeyPair = [EncryptDecrypt], context;
    GenerateDataKeyPairWithoutPlaintext = [EncryptDecrypt], context;
    GenerateMac = [GenerateVerifyMac], plain;
    VerifyMac = [GenerateVerifyMac], plain;
    DeriveSharedSecret = [KeyAgreement], plain;
    Encapsulate = [EncapsulateDecapsulate], plain;
    Decapsulate = [EncapsulateDecapsulate], plain;
}

impl GrantOperation {
    /// The operation whose permission this is; `None` for permissions that no grant gives.
    #[must_use]
    pub fn of_permission(permission: &str) -> Option<Self> {
        let name = permission.strip_prefix("kms:")?;
        Self::ALL.iter().copied().find(|operation| operation.as_str() == name)
    }
}

/// Some operations, in one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct OperationSet(u32);

const _: () = assert!(GrantOperation::ALL.len() <= 32, "an operation has a bit of its own");

impl OperationSet {
    pub(crate) fn contains(self, operation: GrantOperation) -> bool {
        self.0 & Self::bit(operation) != 0
    }

    pub(crate) fn count(self) -> usize {
        self.iter().count()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = GrantOperation> {
        let all = GrantOperation::ALL.iter().copied();
        all.filter(move |operation| self.contains(*operation))
    }

    const fn bit(operation: GrantOperation) -> u32 {
        1 << operation as u32
    }
}

impl FromIterator<GrantOperation> for OperationSet {
    fn from_iter<I: IntoIterator<Item = GrantOperation>>(operations: I) -> Self {
        Self(
            operations
                .into_iter()
                .fold(0, |bits, operation| bits | Self::bit(operation)),
        )
    }
}

impl fmt::Display for GrantOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no operation that a grant can allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is none of the operations that a grant can allow")]
pub struct UnknownGrantOperation {
    /// What was asked for.
    pub found: String,
}

impl FromStr for GrantOperation {
    type Err = UnknownGrantOperation;

    fn from_str(text: &str) -> Result<Self, UnknownGrantOperation> {
        let found = Self::ALL.iter().copied().find(|operation| operation.as_str() == text);
        found.ok_or_else(|| UnknownGrantOperation { found: text.to_owned() })
    }
}
