//! Imported material in a key's record: until when it is valid, whether the token has it, and what that makes of the key.
//!
//! A key's current and earlier materials are its own for life: while one of them is missing the key cannot be used. The
//! material that waits for a rotation is on trial: removed, it is forgotten.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::KEY_MATERIAL_DESCRIPTION_LENGTH_MAX;
use strongroom_base::{Arn, Code, Fault, KeyMaterialId, KeyOrigin, Timestamp};
use strongroom_store::Stored;

use crate::key::{KeyRecord, KeyState, KeyVersion};

/// What is known of imported material beside its object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Its people's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When its object is destroyed; `None` for material that does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Whether the token has it.
    pub presence: Presence,
    /// When it became the key's current material, for material that came after the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Timestamp>,
}

/// Whether the token has imported material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Its object is there.
    Imported,
    /// Its object is being destroyed; until that is done it may be there.
    Removing,
    /// It expired or was deleted; the same material may be imported again.
    Absent,
}

impl KeyVersion {
    /// Whether the token should have its object.
    pub(crate) fn is_present(&self) -> bool {
        self.presence() == Presence::Imported
    }

    /// Material that the token made is there for the life of the key.
    pub(crate) fn presence(&self) -> Presence {
        self.import
            .as_ref()
            .map_or(Presence::Imported, |import| import.presence)
    }

    /// Until when it may be used, if it is imported and expires.
    #[must_use]
    pub fn valid_to(&self) -> Option<Timestamp> {
        self.import.as_ref().and_then(|import| import.valid_to)
    }

    /// Whether its time is over at `now`. The job that destroys it comes by within
    /// [`KEY_MATERIAL_REMOVAL_DELAY_MAX`](strongroom_base::limits::KEY_MATERIAL_REMOVAL_DELAY_MAX).
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.valid_to().is_some_and(|at| at <= now)
    }

    /// When a rotation made it the current material.
    #[must_use]
    pub fn rotated(&self) -> Timestamp {
        let imported = self.import.as_ref().and_then(|import| import.rotated);
        imported.unwrap_or(self.created)
    }
}

/// Whether and when a key's imported material expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// None of it does.
    Never,
    /// The first of it does then.
    At(Timestamp),
}

impl Expiration {
    /// AWS's name for how material that is valid until `valid_to` expires.
    #[must_use]
    pub fn model(valid_to: Option<Timestamp>) -> &'static str {
        match valid_to {
            Some(_) => "KEY_MATERIAL_EXPIRES",
            None => "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
    }
}

impl KeyRecord {
    /// All its materials: those that are its own, oldest first, then the one that waits for a rotation.
    pub fn materials(&self) -> impl Iterator<Item = &KeyVersion> {
        self.versions.iter().chain(&self.pending_rotation)
    }

    /// Whether the token lacks material without which the key cannot be used.
    pub(crate) fn lacks_material(&self) -> bool {
        self.versions.is_empty() || !self.versions.iter().all(KeyVersion::is_present)
    }

    /// What the key may be used for at `now`: material whose time is over is not used from that moment on, whether or not
    /// the job has come by that destroys it.
    pub(crate) fn state_at(&self, now: Timestamp) -> KeyState {
        // Other keys have material of their own, and maybe much of it.
        let lacks =
            || self.origin == KeyOrigin::External && self.versions.iter().any(|version| version.has_expired(now));
        match self.state {
            KeyState::Enabled | KeyState::Disabled if lacks() => KeyState::PendingImport,
            state => state,
        }
    }

    /// A key as callers are told of it at `now`: material whose time is over is on its way out.
    pub(crate) fn as_told(key: Stored<Self>, now: Timestamp) -> Stored<Self> {
        let is_over = |version: &KeyVersion| version.is_present() && version.has_expired(now);
        if !key.materials().any(is_over) {
            return key;
        }
        let mut told = Self {
            state: key.state_at(now),
            ..Self::clone(&key)
        };
        let materials = told.versions.iter_mut().chain(&mut told.pending_rotation);
        materials
            .filter(|version| is_over(version))
            .filter_map(|version| version.import.as_mut())
            .for_each(|import| import.presence = Presence::Removing);
        Stored {
            revision: key.revision,
            document: Arc::new(told),
        }
    }

    /// Whether and when material that is the key's own expires; `None` if nothing of it is imported now.
    #[must_use]
    pub fn expiration(&self) -> Option<Expiration> {
        let imported = || {
            let present = self.versions.iter().filter(|version| version.is_present());
            present.filter_map(|version| version.import.as_ref())
        };
        imported().next()?;
        let first = imported().filter_map(|import| import.valid_to).min();
        Some(first.map_or(Expiration::Never, Expiration::At))
    }

    /// Refuses to import material, or to prepare that, where the key does not take any.
    pub(crate) fn importable(&self, arn: &Arn) -> Result<(), Fault> {
        self.of_origin(KeyOrigin::External, arn)?;
        self.changeable(arn)
    }

    /// The same key with one of its materials changed by `edit`, in the state that follows from that: see
    /// [`Self::settled`].
    pub(crate) fn with_import(&self, material: &KeyMaterialId, edit: impl Fn(&mut Import)) -> Self {
        let mut after = self.clone();
        let materials = after.versions.iter_mut().chain(&mut after.pending_rotation);
        materials
            .filter(|version| version.material == *material)
            .filter_map(|version| version.import.as_mut())
            .for_each(edit);
        after.settled()
    }

    /// The same key in the state that follows from the materials that it has. A key that waits for its deletion goes on
    /// waiting. One that was disabled stays so while it has its materials; one that lost some is pending import, whatever it
    /// was before, and the import that completes it enables it, as AWS's model says: "When this operation is successful,
    /// the state of the KMS key changes to Enabled".
    pub(crate) fn settled(self) -> Self {
        let lacks = self.lacks_material();
        let state = match self.state {
            KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport if lacks => KeyState::PendingImport,
            KeyState::PendingImport => KeyState::Enabled,
            other => other,
        };
        Self { state, ..self }
    }
}

/// Refuses a description that AWS's model does not allow: `^[a-zA-Z0-9:/_\s.-]+$`, at most 256 characters.
pub(crate) fn check_material_description(description: &str) -> Result<(), Fault> {
    let allowed = |character: char| {
        character.is_ascii_alphanumeric() || character.is_ascii_whitespace() || ":/_.-".contains(character)
    };
    if description.chars().all(allowed) && description.len() <= KEY_MATERIAL_DESCRIPTION_LENGTH_MAX {
        return Ok(());
    }
    Err(Fault::new(
        Code::Validation,
        "1 validation error detected: Value at 'keyMaterialDescription' failed to satisfy constraint: Member must \
         satisfy regular expression pattern: ^[a-zA-Z0-9:/_\\s.-]+$ and have length less than or equal to 256",
    ))
}

#[cfg(test)]
mod tests;
