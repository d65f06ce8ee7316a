//! What the played service answers about import.

use prost_types::Timestamp;
use strongroom::v1;
use tonic::{Code, Status};

use super::KEY_ARN;
use crate::service::{State, refusal};

pub(crate) const TOKEN: &[u8] = b"import token";
pub(crate) const PUBLIC_KEY: &[u8] = b"public key";

pub(crate) fn parameters(
    state: &State,
    message: v1::GetParametersForImportRequest,
) -> Result<v1::GetParametersForImportResponse, Status> {
    let asked = format!(
        "{} {}",
        message.wrapping_algorithm().as_str_name(),
        message.wrapping_key_spec().as_str_name()
    );
    state.imports.lock().unwrap().push(asked);
    Ok(v1::GetParametersForImportResponse {
        key_id: KEY_ARN.to_owned(),
        import_token: TOKEN.to_vec(),
        public_key: PUBLIC_KEY.to_vec(),
        parameters_valid_to: Some(Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
    })
}

pub(crate) fn material(
    state: &State,
    message: v1::ImportKeyMaterialRequest,
) -> Result<v1::ImportKeyMaterialResponse, Status> {
    if message.import_token != TOKEN {
        return Err(refusal(Code::InvalidArgument, "InvalidImportTokenException", None));
    }
    let asked = format!(
        "{} bytes, {}, {}, {}, {}",
        message.encrypted_key_material.len(),
        message.expiration_model().as_str_name(),
        message.valid_to.map(|at| at.to_string()).unwrap_or_default(),
        message.import_type().as_str_name(),
        message.key_material_description.unwrap_or_default()
    );
    state.imports.lock().unwrap().push(asked);
    Ok(v1::ImportKeyMaterialResponse {
        key_id: KEY_ARN.to_owned(),
        key_material_id: "ab".repeat(32),
    })
}

pub(crate) fn delete(
    _: &State,
    message: v1::DeleteImportedKeyMaterialRequest,
) -> Result<v1::DeleteImportedKeyMaterialResponse, Status> {
    Ok(v1::DeleteImportedKeyMaterialResponse {
        key_id: KEY_ARN.to_owned(),
        key_material_id: message.key_material_id.unwrap_or_else(|| "cd".repeat(32)),
    })
}
