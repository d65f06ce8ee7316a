//! What becomes of a key's record when material is imported.

use strongroom_base::{Fault, KeyMaterialId, Timestamp};

use super::Order;
use super::check::check_room;
use crate::imported::{Import, Presence};
use crate::key::{KeyRecord, KeyVersion, VersionOrigin};

/// What is to become of material that the token has recognised.
pub(super) enum Plan {
    /// It is new: another object, and another material of the key.
    Add(Box<KeyVersion>),
    /// It is one of the key's: only what is known of it changes.
    Update(KeyMaterialId),
    /// It is one of the key's that the token had lost: another object under the same id.
    Restore(Box<KeyVersion>),
}

impl Plan {
    pub(super) fn material(&self) -> KeyMaterialId {
        match self {
            Self::Add(version) | Self::Restore(version) => version.material,
            Self::Update(material) => *material,
        }
    }

    /// The material that is new.
    pub(super) fn added(&self) -> Option<&KeyVersion> {
        match self {
            Self::Add(version) => Some(version),
            Self::Update(_) | Self::Restore(_) => None,
        }
    }

    /// The key with the material in it; a fault if it takes no further one.
    pub(super) fn applied(&self, before: &KeyRecord, order: &Order, now: Timestamp) -> Result<KeyRecord, Fault> {
        // A key that has lost material by time alone is enabled by what completes it too, whatever it was before.
        let before = &KeyRecord {
            state: before.state_at(now),
            ..before.clone()
        };
        Ok(match self {
            Self::Add(version) => {
                check_room(before)?;
                added(before, version, order, now)
            }
            Self::Update(material) => before.with_import(material, |import| renew(import, order)),
            Self::Restore(restored) => {
                let mut after = before.clone();
                let materials = after.versions.iter_mut().chain(&mut after.pending_rotation);
                for version in materials.filter(|version| version.material == restored.material) {
                    version.provenance = restored.provenance.clone();
                    version.token_serial.clone_from(&restored.token_serial);
                }
                after.with_import(&restored.material, |import| renew(import, order))
            }
        })
    }
}

/// The first material is the key's at once; a later one waits for a rotation.
fn added(before: &KeyRecord, version: &KeyVersion, order: &Order, now: Timestamp) -> KeyRecord {
    let import = Import {
        description: order.description.clone().unwrap_or_default(),
        valid_to: order.valid_to,
        presence: Presence::Imported,
        rotated: None,
    };
    let version = KeyVersion {
        created: now,
        import: Some(import),
        ..version.clone()
    };
    let mut after = before.clone();
    if after.versions.is_empty() {
        after.versions.push(version);
    } else {
        after.pending_rotation = Some(version);
    }
    after.settled()
}

pub(super) fn origin_of_next(key: &KeyRecord) -> VersionOrigin {
    if key.versions.is_empty() {
        VersionOrigin::Creation
    } else {
        VersionOrigin::RotationOnDemand
    }
}

/// A description that is not given stays as it was.
fn renew(import: &mut Import, order: &Order) {
    import.presence = Presence::Imported;
    import.valid_to = order.valid_to;
    if let Some(description) = &order.description {
        import.description.clone_from(description);
    }
}
