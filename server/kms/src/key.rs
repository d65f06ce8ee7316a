//! The key record: what the store keeps of a KMS key. Its material is in the token alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::KEY_ROTATION_PERIOD_DAYS_DEFAULT;
use strongroom_base::{
    Arn, Code, Event, Fault, KeyId, KeyMaterialId, KeyOrigin, KeySpec, KeyUsage, Service, Timestamp,
};
use strongroom_policy::ResourcePolicy;
use strongroom_store::Document;
use strongroom_token::{Hallmark, KeyKind, Provenance, Suite, TokenKey, Witness};

use crate::blob;
use crate::imported::Import;
use crate::key_reference::AliasName;
use crate::news;
use crate::public_key::PublicKey;
use crate::tags::KeyTags;

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// The part of the ARN after `key/`.
    pub id: KeyId,
    /// When it was made.
    pub created: Timestamp,
    /// What kind of key it is.
    #[serde(default = "symmetric")]
    pub spec: KeySpec,
    /// What it is for.
    #[serde(default = "encryption")]
    pub usage: KeyUsage,
    /// Where its materials come from.
    #[serde(default = "generated")]
    pub origin: KeyOrigin,
    /// The customer's words.
    pub description: String,
    /// What it may be used for at present.
    pub state: KeyState,
    /// Who looks after it.
    pub manager: KeyManager,
    /// Its aliases, so that they change and die with it in one commit.
    pub aliases: BTreeSet<AliasName>,
    /// Its materials, oldest first; the last one encrypts, all of them decrypt. Empty only for a key into which nothing
    /// was imported yet.
    pub versions: Vec<KeyVersion>,
    /// Imported material that encrypts from the next rotation on demand; until then it is the key's on trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_rotation: Option<KeyVersion>,
    /// The material that was removed last while it waited for its rotation. It is not the key's any more; its removal may be
    /// asked for once more, by somebody who did not hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discarded: Option<KeyMaterialId>,
    /// How it rotates by time, if its people want that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<RotationSchedule>,
    /// Since when the token says other things of one of its materials than when that was made. Until it says the same
    /// again the key cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drifted: Option<Timestamp>,
    /// What its people sort it by.
    #[serde(default, skip_serializing_if = "KeyTags::is_empty")]
    pub tags: KeyTags,
    /// Its policy, if one was put on it; else it has the one that [`GetKeyPolicy`](crate::op::GetKeyPolicy) shows. Compiled
    /// once, when the record is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Arc<ResourcePolicy>>,
    /// Whether it has ever had a grant: until then no decision looks for any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_grants: bool,
}

/// What keys were before there were others.
fn symmetric() -> KeySpec {
    KeySpec::SymmetricDefault
}

fn encryption() -> KeyUsage {
    KeyUsage::EncryptDecrypt
}

fn generated() -> KeyOrigin {
    KeyOrigin::AwsKms
}

/// When a key rotates by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationSchedule {
    /// Days between two rotations: 90 to 2,560.
    pub period_days: u32,
    /// When the next one is due.
    pub next: Timestamp,
}

/// Why there is a key version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionOrigin {
    /// It is the key's first.
    #[default]
    Creation,
    /// The key rotated by time, or because its material before had encrypted often enough.
    AutomaticRotation,
    /// Somebody asked for it.
    RotationOnDemand,
}

/// What a key may be used for at present (AWS's `KeyState`, with what Strongroom must remember beside it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyState {
    /// Everything.
    Enabled,
    /// Management only.
    Disabled,
    /// Management only, until material that it needs is imported.
    PendingImport,
    /// Management only, until its objects are destroyed.
    PendingDeletion {
        /// When that may begin.
        delete_at: Timestamp,
    },
    /// Its objects are being destroyed; it cannot be called back.
    Deleting {
        /// When it was due.
        delete_at: Timestamp,
    },
}

/// Who looks after a key (AWS's `KeyManager`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyManager {
    /// The account's own people.
    Customer,
    /// The secrets service; the key has the alias `alias/aws/secretsmanager`.
    SecretsManager,
    /// The parameter store; the key has the alias `alias/aws/ssm`.
    Ssm,
}

impl KeyManager {
    /// The service that this key is reserved to; `None` for customers' keys.
    #[must_use]
    pub fn service(self) -> Option<Service> {
        match self {
            Self::Customer => None,
            Self::SecretsManager => Some(Service::SecretsManager),
            Self::Ssm => Some(Service::Ssm),
        }
    }
}

/// One key material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyVersion {
    /// Its id, which is its object's CKA_ID.
    pub material: KeyMaterialId,
    /// When it was made.
    pub created: Timestamp,
    /// Why it was made.
    #[serde(default)]
    pub origin: VersionOrigin,
    /// How it encrypts, for its whole life: another suite is another version.
    #[serde(default, skip_serializing_if = "Suite::is_direct")]
    pub suite: Suite,
    /// What the token said of the object when it was made; drift is measured against it.
    pub provenance: Provenance,
    /// The serial number of the token that made it.
    pub token_serial: String,
    /// A ciphertext that is known to open, to tell damaged data from a sick token, and secrets from others; of a key for
    /// message authentication codes, one of its codes. `None` for a private key that does not decrypt, and for a key for codes
    /// that was generated before it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Arc<Witness>>,
    /// The public half of a key pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<PublicKey>,
    /// What is known of imported material; `None` for material that the token made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
}

impl KeyVersion {
    /// By what its material is known when it is imported again.
    pub(crate) fn hallmark(&self) -> Option<Hallmark> {
        match &self.public_key {
            Some(public_key) => Some(Hallmark::PublicKey(public_key.as_der().into())),
            None => self.witness.clone().map(Hallmark::Witness),
        }
    }

    /// The public half, of a version whose key was found to be a pair.
    pub(crate) fn public_key(&self) -> Result<&PublicKey, Fault> {
        let found = self.public_key.as_ref();
        found.ok_or_else(|| Fault::new(Code::Internal, "The key's record lacks its public key."))
    }
}

impl Document for KeyRecord {
    const KIND: &'static str = "key";
    const VERSION: u16 = 1;

    fn events(before: Option<&Self>, after: Option<&Self>) -> Vec<Event> {
        match (before, after) {
            (Some(before), Some(after)) => news::events(before, after),
            (None, _) | (_, None) => Vec::new(),
        }
    }
}

impl KeyRecord {
    /// The version that encrypts, for a key whose state allows its use.
    pub(crate) fn current(&self, arn: &Arn, now: Timestamp) -> Result<&KeyVersion, Fault> {
        self.usable(arn, now)?;
        self.versions
            .last()
            .ok_or_else(|| Fault::new(Code::Internal, "The key has no material."))
    }

    /// The version with this material, for a key whose state allows its use.
    pub(crate) fn version(&self, arn: &Arn, material: &KeyMaterialId, now: Timestamp) -> Result<&KeyVersion, Fault> {
        self.usable(arn, now)?;
        self.versions
            .iter()
            .find(|version| version.material == *material)
            .ok_or_else(blob::invalid)
    }

    /// How the token names one of the versions.
    pub(crate) fn token_key(&self, version: &KeyVersion) -> Result<TokenKey, Fault> {
        Ok(TokenKey {
            id: version.material,
            kind: if self.is_symmetric() {
                KeyKind::symmetric(version.suite)
            } else {
                kind(self.spec, self.usage)?
            },
            witness: version.witness.clone(),
        })
    }

    /// Whether it encrypts with AES-GCM, and so has invocation budgets and rotates.
    #[must_use]
    pub fn is_symmetric(&self) -> bool {
        self.spec == KeySpec::SymmetricDefault
    }

    /// How the key rotates by time. One that a service manages always does.
    #[must_use]
    pub fn schedule(&self) -> Option<RotationSchedule> {
        let managed = || RotationSchedule {
            period_days: KEY_ROTATION_PERIOD_DAYS_DEFAULT,
            next: self.created.plus_days(KEY_ROTATION_PERIOD_DAYS_DEFAULT),
        };
        self.rotation.or_else(|| self.manager.service().map(|_| managed()))
    }

    /// Refuses what needs an enabled key.
    pub(crate) fn usable(&self, arn: &Arn, now: Timestamp) -> Result<(), Fault> {
        match self.state_at(now) {
            KeyState::Enabled if self.drifted.is_some() => Err(drifted(arn)),
            KeyState::Enabled => Ok(()),
            KeyState::Disabled => Err(Fault::new(Code::Disabled, format!("{arn} is disabled."))),
            KeyState::PendingImport => Err(pending_import(arn)),
            KeyState::PendingDeletion { .. } | KeyState::Deleting { .. } => Err(pending_deletion(arn)),
        }
    }

    /// Refuses management of a key that waits for its deletion.
    pub(crate) fn changeable(&self, arn: &Arn) -> Result<(), Fault> {
        match self.state {
            KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => Ok(()),
            KeyState::PendingDeletion { .. } | KeyState::Deleting { .. } => Err(pending_deletion(arn)),
        }
    }

    /// Refuses to enable or disable a key that has nothing to be used with.
    pub(crate) fn switchable(&self, arn: &Arn, now: Timestamp) -> Result<(), Fault> {
        match self.state_at(now) {
            KeyState::Enabled | KeyState::Disabled => Ok(()),
            KeyState::PendingImport => Err(pending_import(arn)),
            KeyState::PendingDeletion { .. } | KeyState::Deleting { .. } => Err(pending_deletion(arn)),
        }
    }

    /// Refuses what only keys of origin `origin` have.
    pub(crate) fn of_origin(&self, origin: KeyOrigin, arn: &Arn) -> Result<(), Fault> {
        if self.origin == origin {
            return Ok(());
        }
        Err(Fault::new(
            Code::UnsupportedOperation,
            format!("{arn} origin is {} which is not valid for this operation.", self.origin),
        ))
    }
}

/// Trying again does not help: somebody must look at the token.
fn drifted(arn: &Arn) -> Fault {
    Fault::new(
        Code::KeyUnavailable,
        format!(
            "{arn} is unavailable: its object in the HSM is not as it was recorded. An operator must compare the two with \
             `strongroom key inspect`; the key can be used again once they agree."
        ),
    )
    .not_to_be_repeated()
}

/// What the token calls such a key. A pair of spec and usage that there is not cannot be made.
pub(crate) fn kind(spec: KeySpec, usage: KeyUsage) -> Result<KeyKind, Fault> {
    KeyKind::new(spec, usage).ok_or_else(|| Fault::new(Code::Internal, "There are no such keys."))
}

/// AWS names the key by its ARN in what it says of its state.
fn pending_deletion(arn: &Arn) -> Fault {
    Fault::new(Code::KmsInvalidState, format!("{arn} is pending deletion."))
}

fn pending_import(arn: &Arn) -> Fault {
    Fault::new(Code::KmsInvalidState, format!("{arn} is pending import."))
}
