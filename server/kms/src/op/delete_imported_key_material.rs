//! DeleteImportedKeyMaterial: imported material is destroyed in the token; the same may be imported again. To delete what is
//! gone has no effect.

use strongroom_base::{Action, Arn, Code, Fault, KeyId, KeyMaterialId, KeyOrigin};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct DeleteImportedKeyMaterial {
    /// The key.
    pub key: KeyId,
    /// Which of its materials; the current one if not given.
    pub material: Option<KeyMaterialId>,
}

/// What DeleteImportedKeyMaterial answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedMaterial {
    /// The key's ARN.
    pub arn: Arn,
    /// The material that is gone; `None` if the key never had any.
    pub material: Option<KeyMaterialId>,
}

impl Operation for DeleteImportedKeyMaterial {
    const ACTION: Action = Action::DeleteImportedKeyMaterial;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = DeletedMaterial;

    fn parameters(&self) -> Parameters {
        let mut fields = parameters([("keyId", self.key.to_string().into())]);
        fields.extend(
            self.material
                .map(|id| ("keyMaterialId".to_owned(), id.to_string().into())),
        );
        fields
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<DeletedMaterial, Fault> {
        let target = permit.into_target();
        target.record.of_origin(KeyOrigin::External, &target.arn)?;
        let _one_at_a_time = kms.importing(&target.record.id).await;
        let key = kms.reread(&target).await?;
        let current = key.versions.last().map(|version| version.material);
        let material = self.material.or(current);
        if let Some(material) = material.filter(|material| key.discarded != Some(*material)) {
            check_associated(&key, material)?;
            kms.remove_material(&target, &material).await?;
        }
        Ok(DeletedMaterial {
            arn: target.arn,
            material,
        })
    }

    fn response(reply: &DeletedMaterial) -> Parameters {
        let mut fields = parameters([("keyId", reply.arn.as_str().into())]);
        fields.extend(
            reply
                .material
                .map(|id| ("keyMaterialId".to_owned(), id.to_string().into())),
        );
        fields
    }
}

fn check_associated(key: &KeyRecord, wanted: KeyMaterialId) -> Result<(), Fault> {
    if key.materials().any(|version| version.material == wanted) {
        return Ok(());
    }
    Err(Fault::new(
        Code::NotFound,
        format!("Key material {wanted} is not associated with key {}.", key.id),
    ))
}
