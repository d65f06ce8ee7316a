//! Helpers for imports: a key without material, parameters, and whoever prepares material with another implementation.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use strongroom_base::{Fault, KeyId, KeyMaterialId, KeyOrigin, KeySpec, Timestamp, WrappingAlgorithm};
use strongroom_kms::ImportType;
use strongroom_kms::op::{
    CreateKey, DeleteExpiredKeyMaterial, DeleteImportedKeyMaterial, GetParametersForImport, ImportKeyMaterial,
    NewImport, NewKey, ParametersForImport,
};

use crate::bench::Bench;

pub(crate) const FIRST: [u8; 32] = [0xa1; 32];
pub(crate) const SECOND: [u8; 32] = [0xb2; 32];
pub(crate) const DAY: i64 = 86_400_000;

/// A key that waits for its material.
pub(crate) async fn external(bench: &Bench) -> KeyId {
    let new = NewKey {
        origin: Some(KeyOrigin::External),
        ..NewKey::default()
    };
    bench.admin(CreateKey::new(new).unwrap()).await.unwrap().record.id
}

pub(crate) async fn parameters(bench: &Bench, key: KeyId) -> Result<ParametersForImport, Fault> {
    let (algorithm, spec) = (WrappingAlgorithm::RsaesOaepSha256, KeySpec::Rsa2048);
    bench.admin(GetParametersForImport::new(key, algorithm, spec)?).await
}

/// An import that does not expire.
pub(crate) fn import_with(key: KeyId, parameters: &ParametersForImport, material: &[u8]) -> NewImport {
    import_by(key, parameters, WrappingAlgorithm::RsaesOaepSha256, material)
}

pub(crate) fn import_by(
    key: KeyId,
    parameters: &ParametersForImport,
    algorithm: WrappingAlgorithm,
    material: &[u8],
) -> NewImport {
    NewImport {
        key,
        import_token: parameters.token.as_bytes().to_vec(),
        encrypted_key_material: wrap(algorithm, &parameters.public_key, material),
        expires: Some(false),
        valid_to: None,
        import_type: None,
        description: None,
        material: None,
    }
}

/// The same request once more, to the byte: wrapping is different every time.
pub(crate) fn again(new: &NewImport) -> NewImport {
    NewImport {
        key: new.key,
        import_token: new.import_token.clone(),
        encrypted_key_material: new.encrypted_key_material.clone(),
        expires: new.expires,
        valid_to: new.valid_to,
        import_type: new.import_type,
        description: new.description.clone(),
        material: new.material,
    }
}

/// Imports with new parameters.
pub(crate) async fn import(
    bench: &Bench,
    key: KeyId,
    material: &[u8],
    change: impl FnOnce(NewImport) -> NewImport,
) -> Result<KeyMaterialId, Fault> {
    let parameters = parameters(bench, key).await?;
    let new = change(import_with(key, &parameters, material));
    Ok(bench.admin(ImportKeyMaterial::new(new)?).await?.material)
}

pub(crate) fn as_it_is(new: NewImport) -> NewImport {
    new
}

pub(crate) fn as_new(new: NewImport) -> NewImport {
    NewImport {
        import_type: Some(ImportType::NewKeyMaterial),
        ..new
    }
}

pub(crate) fn until(at: i64) -> impl FnOnce(NewImport) -> NewImport {
    move |new| NewImport {
        expires: None,
        valid_to: Some(Timestamp(at)),
        ..new
    }
}

/// A key with its first material.
pub(crate) async fn imported(bench: &Bench) -> (KeyId, KeyMaterialId) {
    let key = external(bench).await;
    let material = import(bench, key, &FIRST, as_it_is).await.unwrap();
    (key, material)
}

pub(crate) async fn delete(bench: &Bench, key: KeyId, material: Option<KeyMaterialId>) -> Result<(), Fault> {
    bench.admin(DeleteImportedKeyMaterial { key, material }).await.map(drop)
}

/// What the background job does.
pub(crate) async fn expire_due(bench: &Bench) -> Vec<(KeyId, KeyMaterialId)> {
    let due = bench.kms.materials_due_for_removal().await.unwrap();
    for (key, material) in due.iter().copied() {
        let _tried_again = bench.system(DeleteExpiredKeyMaterial { key, material }).await;
    }
    due
}

fn wrap(algorithm: WrappingAlgorithm, public_key: &[u8], material: &[u8]) -> Vec<u8> {
    let oaep = |plaintext: &[u8]| {
        let key = PublicEncryptingKey::from_der(public_key).unwrap();
        let key = OaepPublicEncryptingKey::new(key).unwrap();
        let hash = match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaAesKeyWrapSha1 => &OAEP_SHA1_MGF1SHA1,
            _ => &OAEP_SHA256_MGF1SHA256,
        };
        let mut space = vec![0; key.ciphertext_size()];
        key.encrypt(hash, plaintext, &mut space, None).unwrap().to_vec()
    };
    match algorithm {
        WrappingAlgorithm::RsaAesKeyWrapSha1 | WrappingAlgorithm::RsaAesKeyWrapSha256 => {
            let mut space = vec![0; material.len() + 32];
            let kek = AesKek::new(&AES_256, &[0x17; 32]).unwrap();
            let wrapped = kek.wrap_with_padding(material, &mut space).unwrap().to_vec();
            [oaep(&[0x17; 32]), wrapped].concat()
        }
        _ => oaep(material),
    }
}
