//! Identifiers. After the wire no `String` means a key id: it is parsed into one of these.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::fault::Fault;

/// Text that is not the identifier it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed {0}")]
pub struct MalformedId(
    /// What was expected, in the field's terms.
    pub &'static str,
);

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $id:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $id(Uuid);

        impl $id {
            /// A new random identifier (version 4).
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// The 16 bytes, as ciphertext blobs carry them.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The identifier with these bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }

        impl FromStr for $id {
            type Err = MalformedId;

            /// Accepts the hyphenated form alone (36 characters, either case).
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                let parsed = Uuid::try_parse(text).map_err(|_| MalformedId($name))?;
                if text.len() == 36 { Ok(Self(parsed)) } else { Err(MalformedId($name)) }
            }
        }
    )*};
}

uuid_ids! {
    /// A KMS key: the part of its ARN after `key/`.
    KeyId = "key id";
    /// One request, in audit records and in answers.
    RequestId = "request id";
    /// One audit record (CloudTrail's `eventID`).
    EventId = "event id";
    /// One installation: a store and the token objects that belong to it.
    InstallationId = "installation id";
}

macro_rules! random_ids {
    ($($(#[$doc:meta])* $id:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id([u8; 32]);

        impl $id {
            /// The number of bytes.
            pub const BYTES: usize = 32;

            /// A new random identifier.
            ///
            /// # Errors
            /// ServiceUnavailableException when the operating system has no random numbers to give.
            pub fn random() -> Result<Self, Fault> {
                random_bytes().map(Self)
            }

            /// The identifier with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                HEXLOWER.encode_display(&self.0).fmt(formatter)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($id), "({})"), self)
            }
        }

        impl FromStr for $id {
            type Err = MalformedId;

            /// Accepts 64 lower-case hexadecimal digits alone.
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| MalformedId($name))?;
                Ok(Self(bytes.try_into().map_err(|_| MalformedId($name))?))
            }
        }

        impl Serialize for $id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

random_ids! {
    /// One version of a key's material, and at the same time the CKA_ID of its token object.
    ///
    /// 32 random bytes, chosen before the object is made, so that a repeated creation finds the first one. AWS shows 64
    /// hexadecimal digits (botocore `kms`, `BackingKeyIdType`). Ciphertext blobs carry the bytes.
    KeyMaterialId = "key material id";
    /// One grant. 32 random bytes, as 64 hexadecimal digits like AWS's (its model allows up to 128 characters,
    /// `GrantIdType`). Grant tokens carry the bytes.
    GrantId = "grant id";
}

fn random_bytes() -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|cause| {
        Fault::new(Code::Unavailable, "The system has no random numbers to give.").because(cause.to_string())
    })?;
    Ok(bytes)
}
