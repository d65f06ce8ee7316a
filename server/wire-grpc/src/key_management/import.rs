//! Import of key material: requests as operations, replies as messages.

use prost_types::Timestamp as ProtoTimestamp;
use strongroom_base::{Code, Fault, KeyMaterialId};
use strongroom_kms::op::{
    DeleteImportedKeyMaterial, DeletedMaterial, GetParametersForImport, ImportKeyMaterial, ImportedMaterial, NewImport,
    ParametersForImport,
};
use strongroom_kms::{Expiration, Import, ImportType, KeyReference, Kms, Presence};
use strongroom_proto::v1;

use crate::field::{moment, name, required, timestamp};

pub(super) fn parameters_request(
    request: v1::GetParametersForImportRequest,
    kms: &Kms,
) -> Result<GetParametersForImport, Fault> {
    let (algorithm, spec) = (request.wrapping_algorithm, request.wrapping_key_spec);
    let text = v1::WrappingAlgorithm::as_str_name;
    let algorithm = name(algorithm, "wrappingAlgorithm", text, "WRAPPING_ALGORITHM_")?;
    let spec = name(
        spec,
        "wrappingKeySpec",
        v1::WrappingKeySpec::as_str_name,
        "WRAPPING_KEY_SPEC_",
    )?;
    GetParametersForImport::new(
        KeyReference::parse_key(&request.key_id, kms.scope())?,
        required(algorithm, "wrappingAlgorithm")?,
        required(spec, "wrappingKeySpec")?,
    )
}

pub(super) fn parameters_reply(reply: ParametersForImport, _: &Kms) -> v1::GetParametersForImportResponse {
    v1::GetParametersForImportResponse {
        key_id: reply.arn.to_string(),
        import_token: reply.token.as_bytes().to_vec(),
        public_key: reply.public_key,
        parameters_valid_to: Some(timestamp(reply.valid_to)),
    }
}

pub(super) fn import_request(request: v1::ImportKeyMaterialRequest, kms: &Kms) -> Result<ImportKeyMaterial, Fault> {
    let model = name(
        request.expiration_model,
        "expirationModel",
        v1::ExpirationModel::as_str_name,
        "EXPIRATION_MODEL_",
    )?;
    let import_type = name(
        request.import_type,
        "importType",
        v1::ImportType::as_str_name,
        "IMPORT_TYPE_",
    )?;
    ImportKeyMaterial::new(NewImport {
        key: KeyReference::parse_key(&request.key_id, kms.scope())?,
        import_token: request.import_token,
        encrypted_key_material: request.encrypted_key_material,
        expires: (!model.is_empty()).then_some(model == "KEY_MATERIAL_EXPIRES"),
        valid_to: request.valid_to.map(|at| moment(at, "validTo")).transpose()?,
        import_type: match import_type {
            "NEW_KEY_MATERIAL" => Some(ImportType::NewKeyMaterial),
            "EXISTING_KEY_MATERIAL" => Some(ImportType::ExistingKeyMaterial),
            _ => None,
        },
        description: request.key_material_description,
        material: material(request.key_material_id)?,
    })
}

pub(super) fn import_reply(reply: ImportedMaterial, _: &Kms) -> v1::ImportKeyMaterialResponse {
    v1::ImportKeyMaterialResponse {
        key_id: reply.arn.to_string(),
        key_material_id: reply.material.to_string(),
    }
}

pub(super) fn deletion_request(
    request: v1::DeleteImportedKeyMaterialRequest,
    kms: &Kms,
) -> Result<DeleteImportedKeyMaterial, Fault> {
    Ok(DeleteImportedKeyMaterial {
        key: KeyReference::parse_key(&request.key_id, kms.scope())?,
        material: material(request.key_material_id)?,
    })
}

pub(super) fn deletion_reply(reply: DeletedMaterial, _: &Kms) -> v1::DeleteImportedKeyMaterialResponse {
    v1::DeleteImportedKeyMaterialResponse {
        key_id: reply.arn.to_string(),
        key_material_id: reply.material.map(|id| id.to_string()).unwrap_or_default(),
    }
}

fn material(text: Option<String>) -> Result<Option<KeyMaterialId>, Fault> {
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|_| {
        Fault::new(
            Code::Validation,
            "1 validation error detected: Value at 'keyMaterialId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: ^[a-f0-9]+$ and have length equal to 64",
        )
    })
}

/// Whether and when a key's imported material expires.
pub(super) fn expiration(expiration: Option<Expiration>) -> (i32, Option<ProtoTimestamp>) {
    let (model, valid_to) = match expiration {
        None => (v1::ExpirationModel::Unspecified, None),
        Some(Expiration::Never) => (v1::ExpirationModel::KeyMaterialDoesNotExpire, None),
        Some(Expiration::At(at)) => (v1::ExpirationModel::KeyMaterialExpires, Some(timestamp(at))),
    };
    (model.into(), valid_to)
}

/// A row of ListKeyRotations with what is known of the imported material. While material is gone, when it would have
/// expired means nothing.
pub(super) fn told(import: &Import, entry: v1::RotationsListEntry) -> v1::RotationsListEntry {
    let (import_state, known) = match import.presence {
        Presence::Imported => (
            v1::ImportState::Imported,
            Some(import.valid_to.map_or(Expiration::Never, Expiration::At)),
        ),
        Presence::Removing | Presence::Absent => (v1::ImportState::PendingImport, None),
    };
    let (expiration_model, valid_to) = expiration(known);
    v1::RotationsListEntry {
        import_state: import_state.into(),
        expiration_model,
        valid_to,
        key_material_description: import.description.clone(),
        ..entry
    }
}
