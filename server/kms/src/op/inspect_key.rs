//! InspectKey: what the token says of a key's materials now, beside what was recorded when they were made.

use strongroom_base::limits::INSPECT_LIMIT_MAX;
use strongroom_base::{Action, Arn, Code, Deadline, Fault, KeyMaterialId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_token::{Provenance, TokenFault};

use crate::key::{KeyRecord, KeyVersion};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct InspectKey {
    key: KeyReference,
    limit: usize,
    after: Option<KeyMaterialId>,
}

/// A page of materials.
#[derive(Debug)]
pub struct Inspection {
    /// The key's ARN.
    pub arn: Arn,
    /// The serial number of the token that answered.
    pub token_serial: String,
    /// The materials, oldest first.
    pub materials: Vec<InspectedMaterial>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

/// One material.
#[derive(Debug)]
pub struct InspectedMaterial {
    /// What was recorded when it was made.
    pub recorded: KeyVersion,
    /// What the token says now; why it says nothing, for an object that is missing, damaged, or another key.
    pub found: Result<Provenance, String>,
}

impl InspectedMaterial {
    /// The attributes that are not as recorded, by their names; `object` where there is none that can be read.
    #[must_use]
    pub fn differences(&self) -> Vec<&'static str> {
        match &self.found {
            Ok(found) => found.differences(&self.recorded.provenance),
            Err(_) => vec!["object"],
        }
    }
}

impl InspectKey {
    /// A page of 1 to 10 materials (10 unless said otherwise), after `marker`.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that is no key material id.
    pub fn new(key: KeyReference, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        let limit = limit.unwrap_or(INSPECT_LIMIT_MAX);
        if !(1..=INSPECT_LIMIT_MAX).contains(&limit) {
            return Err(Fault::new(
                Code::Validation,
                format!(
                    "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must \
                     have value between 1 and {INSPECT_LIMIT_MAX}"
                ),
            ));
        }
        let after = marker.map(str::parse).transpose();
        Ok(Self {
            key,
            limit,
            after: after.map_err(|_| invalid_marker())?,
        })
    }

    async fn look(
        kms: &Kms,
        key: &KeyRecord,
        version: &KeyVersion,
        deadline: Deadline,
    ) -> Result<InspectedMaterial, Fault> {
        let found = match kms.token.inspect(version.material, deadline).await {
            Ok(provenance) if provenance == version.provenance => {
                let wrong = kms.attest(&[(key, version)], deadline).await?;
                match wrong.into_iter().next() {
                    Some((_, fault)) => Err(fault),
                    None => Ok(provenance),
                }
            }
            found => found,
        };
        let found = match found {
            Ok(provenance) => Ok(provenance),
            Err(fault @ (TokenFault::KeyMissing { .. } | TokenFault::KeyDamaged { .. })) => Err(fault.to_string()),
            Err(fault) => return Err(fault.into()),
        };
        Ok(InspectedMaterial {
            recorded: version.clone(),
            found,
        })
    }
}

fn invalid_marker() -> Fault {
    Fault::new(
        Code::InvalidMarker,
        "The marker is not one that InspectKey gave for this key.",
    )
}

impl Operation for InspectKey {
    const ACTION: Action = Action::InspectKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Inspection;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Inspection, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let versions = &target.record.versions;
        let begin = match self.after {
            None => 0,
            Some(material) => {
                let last = versions.iter().position(|version| version.material == material);
                last.ok_or_else(invalid_marker)? + 1
            }
        };
        let mut rest = versions.iter().skip(begin);
        let mut materials = Vec::new();
        for version in rest.by_ref().take(self.limit) {
            materials.push(Self::look(kms, &target.record, version, deadline).await?);
        }
        let more = rest.next().is_some();
        let last = materials.last().filter(|_| more);
        Ok(Inspection {
            token_serial: kms
                .token
                .status()
                .description
                .map(|token| token.serial)
                .unwrap_or_default(),
            next_marker: last.map(|material| material.recorded.material.to_string()),
            materials,
            arn: target.arn,
        })
    }
}
