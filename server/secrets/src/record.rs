//! What the store keeps of a secret: its metadata, and for each version metadata and value apart, so that lists read
//! no values.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strongroom_base::{Arn, Code, Event, Fault, Scope, Timestamp};
use strongroom_material::Sealed;
use strongroom_policy::{ResourcePolicy, Tags};
use strongroom_store::Document;
use uuid::Uuid;

use crate::name::{ArnSuffix, SecretName};
use crate::news;
use crate::staging::Staging;
use crate::value::ValueKind;
use crate::version_id::VersionId;

/// One life of a secret. A name that is used again gets a new one, so that nothing left of the old secret can be taken
/// for a part of the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretUid(Uuid);

impl SecretUid {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// What the ids of the secret's version records start with. As long for every secret, so no two overlap.
    pub(crate) fn prefix(self) -> String {
        format!("{}/", self.0.hyphenated())
    }

    /// The id of one version's records.
    pub(crate) fn version(self, version: &VersionId) -> String {
        format!("{}/{version}", self.0.hyphenated())
    }
}

impl fmt::Display for SecretUid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

/// A secret, without its values. Its record's id is its name.
///
/// Every change of the secret or of any of its versions replaces this record, so its revision guards all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretRecord {
    /// Which life of the name this is.
    pub uid: SecretUid,
    /// The name.
    pub name: SecretName,
    /// The end of the ARN.
    pub suffix: ArnSuffix,
    /// When it was made.
    pub created: Timestamp,
    /// When anything about it last changed.
    pub changed: Timestamp,
    /// The customer's words; never empty.
    pub description: Option<String>,
    /// The key as the customer named it, as an ARN; `None` for the service's own key.
    pub key: Option<Arn>,
    /// Its tags.
    pub tags: Tags,
    /// Its resource policy, if one was put on it. Compiled once, when the record is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Arc<ResourcePolicy>>,
    /// Set by DeleteSecret, taken back by RestoreSecret.
    pub deletion: Option<Deletion>,
    /// Which version has which label.
    pub staging: Staging,
    /// How many versions there are.
    pub version_count: u32,
    /// Before this moment no version is old enough to be removed. Spares every PutSecretValue a look at all versions.
    pub sweep_after: Timestamp,
}

/// The end of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// When DeleteSecret was called.
    pub deleted: Timestamp,
    /// When the recovery window is over.
    pub delete_at: Timestamp,
}

impl Document for SecretRecord {
    const KIND: &'static str = "secret";
    const VERSION: u16 = 1;

    fn events(before: Option<&Self>, after: Option<&Self>) -> Vec<Event> {
        news::events(before, after)
    }
}

impl SecretRecord {
    /// The secret's ARN.
    #[must_use]
    pub fn arn(&self, scope: &Scope) -> Arn {
        self.name.arn_with(&self.suffix, scope)
    }

    /// The part of the ARN after the account.
    pub(crate) fn arn_resource(&self) -> String {
        self.name.arn_resource(&self.suffix)
    }

    /// Refuses a secret that was deleted and can still be restored.
    pub(crate) fn live(&self) -> Result<(), Fault> {
        if self.deletion.is_none() {
            return Ok(());
        }
        Err(Fault::new(
            Code::InvalidRequest,
            "You can't perform this operation on the secret because it was marked for deletion.",
        ))
    }
}

/// One version, without its value. Its record's id is the secret's uid and the version's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRecord {
    /// The version's id.
    pub id: VersionId,
    /// When it was made.
    pub created: Timestamp,
    /// The ARN of the key that its data key is encrypted under.
    pub key: Arn,
    /// Whether that is the service's own key.
    pub managed: bool,
}

impl Document for VersionRecord {
    const KIND: &'static str = "secret-version";
    const VERSION: u16 = 1;
}

/// The value of one version; `envelope.rs` says how it is sealed. Its record's id is that of the version record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueRecord {
    /// Text or bytes.
    pub kind: ValueKind,
    /// The data key, encrypted under the KMS key: a ciphertext blob.
    pub data_key: Sealed,
    /// Nonce, ciphertext and tag.
    pub value: Sealed,
}

impl Document for ValueRecord {
    const KIND: &'static str = "secret-value";
    const VERSION: u16 = 1;
    /// Up to 90 KiB each.
    const CACHED: bool = false;
}
