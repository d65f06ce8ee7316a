//! ListKeyRotations: the materials that a key has had, oldest first, page by page.

use strongroom_base::limits::LIST_KEYS_LIMIT_DEFAULT;
use strongroom_base::{Action, Code, Fault, KeyId, KeyMaterialId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyRecord, KeyVersion, VersionOrigin};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{page_size, parameters};
use crate::target::KeyTarget;

/// The request.
pub struct ListKeyRotations {
    key: KeyId,
    with_all: bool,
    limit: usize,
    after: Option<KeyMaterialId>,
}

/// One page.
#[derive(Debug)]
pub struct RotationPage {
    /// The key.
    pub key: KeyId,
    /// Its versions, oldest first, each with what it is used for.
    pub versions: Vec<(KeyVersion, MaterialState)>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

/// What a material is used for (AWS's `KeyMaterialState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialState {
    /// To encrypt and to decrypt.
    Current,
    /// To decrypt.
    NonCurrent,
    /// For nothing before the next rotation on demand.
    PendingRotation,
}

impl ListKeyRotations {
    /// A page of 1 to 1,000 rotations (100 unless said otherwise), after `marker`; `with_all`: the key's first material
    /// too, and the imported one that waits for a rotation.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that this service did not give.
    pub fn new(key: KeyId, with_all: bool, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        let after = marker.map(str::parse).transpose();
        Ok(Self {
            key,
            with_all,
            limit: page_size(limit, LIST_KEYS_LIMIT_DEFAULT)?,
            after: after.map_err(|_| invalid_marker())?,
        })
    }
}

fn invalid_marker() -> Fault {
    Fault::new(
        Code::InvalidMarker,
        "The marker is not one that ListKeyRotations gave for this key.",
    )
}

impl Operation for ListKeyRotations {
    const ACTION: Action = Action::ListKeyRotations;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = RotationPage;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<RotationPage, Fault> {
        let target = permit.into_target();
        target.check_rotates()?;
        let key = KeyRecord::as_told(target.record, kms.clock.now());
        let begin = match self.after {
            None => 0,
            Some(material) => {
                let last = key.materials().position(|version| version.material == material);
                last.ok_or_else(invalid_marker)? + 1
            }
        };
        let mut rows = key
            .materials()
            .map(|version| (version, state_of(&key, version)))
            .skip(begin)
            .filter(|(version, state)| self.with_all || is_of_rotation(version, *state));
        let versions: Vec<_> = rows
            .by_ref()
            .take(self.limit)
            .map(|(version, state)| (version.clone(), state))
            .collect();
        let more = rows.next().is_some();
        let next_marker = versions
            .last()
            .filter(|_| more)
            .map(|(version, _)| version.material.to_string());
        Ok(RotationPage {
            key: key.id,
            versions,
            next_marker,
        })
    }
}

fn state_of(key: &KeyRecord, version: &KeyVersion) -> MaterialState {
    let is = |other: Option<&KeyVersion>| other.is_some_and(|other| other.material == version.material);
    if is(key.versions.last()) {
        MaterialState::Current
    } else if is(key.pending_rotation.as_ref()) {
        MaterialState::PendingRotation
    } else {
        MaterialState::NonCurrent
    }
}

fn is_of_rotation(version: &KeyVersion, state: MaterialState) -> bool {
    version.origin != VersionOrigin::Creation && state != MaterialState::PendingRotation
}
