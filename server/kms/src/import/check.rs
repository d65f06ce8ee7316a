//! Whether the material of a request is the one that it should be.

use strongroom_base::limits::KEY_VERSIONS_MAX;
use strongroom_base::{Code, Fault, KeyMaterialId};

use super::{ImportType, Order};
use crate::key::KeyRecord;

/// What a request means, before the token is asked.
pub(super) fn import_type(key: &KeyRecord, order: &Order) -> Result<ImportType, Fault> {
    check_for_one_material(key, order)?;
    let first = key.materials().next().is_none();
    let import_type = order.import_type.unwrap_or(match first {
        true => ImportType::NewKeyMaterial,
        false => ImportType::ExistingKeyMaterial,
    });
    match import_type {
        ImportType::ExistingKeyMaterial => match order.material {
            Some(wanted) if key.materials().all(|version| version.material != wanted) => Err(incorrect(format!(
                "Key material {wanted} is not associated with key {}.",
                key.id
            ))),
            None if first => Err(incorrect(format!(
                "No key material was imported into key {} before.",
                key.id
            ))),
            Some(_) | None => Ok(import_type),
        },
        ImportType::NewKeyMaterial => check_room(key).map(|()| import_type),
    }
}

/// Only symmetric keys have several materials (AWS's model: "This parameter is optional and only usable with symmetric
/// encryption keys"). All others keep their first for life.
fn check_for_one_material(key: &KeyRecord, order: &Order) -> Result<(), Fault> {
    let given = [
        ("ImportType", order.import_type.is_some()),
        ("KeyMaterialDescription", order.description.is_some()),
        ("KeyMaterialId", order.material.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((field, _)) if !key.is_symmetric() => Err(Fault::new(
            Code::UnsupportedOperation,
            format!(
                "{field} is not supported with KeySpec {}; it is for symmetric encryption keys.",
                key.spec
            ),
        )),
        _ => Ok(()),
    }
}

/// Refuses another material while one waits for its rotation, and beyond the number that a key may have.
pub(super) fn check_room(key: &KeyRecord) -> Result<(), Fault> {
    if key.pending_rotation.is_some() {
        return Err(Fault::new(
            Code::KmsInvalidState,
            format!(
                "Key {} has key material that is pending rotation; rotate the key, or delete that material first.",
                key.id
            ),
        ));
    }
    if key.versions.len() >= KEY_VERSIONS_MAX {
        return Err(Fault::new(
            Code::LimitExceeded,
            format!(
                "Key {} has had {KEY_VERSIONS_MAX} materials, which is the limit; create a new key.",
                key.id
            ),
        ));
    }
    Ok(())
}

/// Whether the material is the one that was meant.
pub(super) fn check_known(
    key: &KeyRecord,
    known: Option<KeyMaterialId>,
    import_type: ImportType,
    order: &Order,
) -> Result<(), Fault> {
    match (import_type, known) {
        (ImportType::NewKeyMaterial, None) => Ok(()),
        (ImportType::NewKeyMaterial, Some(known)) => Err(incorrect(format!(
            "The key material is already associated with key {} as {known}; import it as existing key material.",
            key.id
        ))),
        (ImportType::ExistingKeyMaterial, None) => Err(incorrect(format!(
            "The key material is not one that was imported into key {} before.",
            key.id
        ))),
        (ImportType::ExistingKeyMaterial, Some(known)) => match order.material {
            Some(wanted) if wanted != known => Err(incorrect(format!(
                "The key material is not {wanted} of key {}.",
                key.id
            ))),
            Some(_) | None => Ok(()),
        },
    }
}

fn incorrect(message: String) -> Fault {
    Fault::new(Code::IncorrectKeyMaterial, message)
}

#[cfg(test)]
mod tests;
