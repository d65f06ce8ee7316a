//! ListKeyRotations: the materials that a key has had, oldest first, page by page.

use strongroom_base::limits::LIST_KEYS_LIMIT_DEFAULT;
use strongroom_base::{Action, Code, Fault, KeyId, KeyMaterialId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::{KeyVersion, VersionOrigin};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{page_size, parameters};
use crate::target::KeyTarget;

/// The request.
pub struct ListKeyRotations {
    key: KeyId,
    with_first: bool,
    limit: usize,
    after: Option<KeyMaterialId>,
}

/// One page.
#[derive(Debug)]
pub struct RotationPage {
    /// The key.
    pub key: KeyId,
    /// Its versions, oldest first, each with whether it is the one that encrypts.
    pub versions: Vec<(KeyVersion, bool)>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

impl ListKeyRotations {
    /// A page of 1 to 1,000 rotations (100 unless said otherwise), after `marker`; `with_first`: the key's first material
    /// too.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that this service did not give.
    pub fn new(key: KeyId, with_first: bool, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        let after = marker.map(str::parse).transpose();
        Ok(Self {
            key,
            with_first,
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

    async fn perform(self, permit: Permit<Self>, _kms: &Kms) -> Result<RotationPage, Fault> {
        let target = permit.into_target();
        target.check_rotates()?;
        let key = target.record;
        let current = key.versions.last().map(|version| version.material);
        let begin = match self.after {
            None => 0,
            Some(material) => {
                let last = key.versions.iter().position(|version| version.material == material);
                last.ok_or_else(invalid_marker)? + 1
            }
        };
        let mut rows = key
            .versions
            .iter()
            .skip(begin)
            .filter(|version| self.with_first || version.origin != VersionOrigin::Creation);
        let versions: Vec<_> = rows
            .by_ref()
            .take(self.limit)
            .map(|version| (version.clone(), Some(version.material) == current))
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
