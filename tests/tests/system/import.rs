//! Import of key material that OpenSSL has prepared, by the commands of the operations guide.

use std::path::Path;
use std::process::Command;

use prost_types::Timestamp;
use strongroom_proto::v1;
use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::workspace;
use tonic::transport::Channel;

use crate::world::{World, keys, told};

/// The commands of the guide that call OpenSSL.
fn commands_of_the_guide() -> String {
    let guide = std::fs::read_to_string(workspace::root().join("docs/operations.md")).unwrap();
    let (_, section) = guide.split_once("## Imported key material").unwrap();
    let block = section.split("```").nth(1).unwrap().replace("\\\n", " ");
    let commands: Vec<&str> = block.lines().filter(|line| line.starts_with("openssl ")).collect();
    assert_eq!(commands.len(), 2, "{block}");
    commands.join(" && ")
}

fn run(folder: &Path, script: &str) {
    let output = Command::new("sh")
        .args(["-ec", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn parameters(channel: &Channel, key: &str, folder: &Path, algorithm: v1::WrappingAlgorithm) -> Vec<u8> {
    let request = v1::GetParametersForImportRequest {
        key_id: key.to_owned(),
        wrapping_algorithm: algorithm.into(),
        wrapping_key_spec: v1::WrappingKeySpec::Rsa2048.into(),
    };
    let answer = keys(channel).get_parameters_for_import(request).await;
    let answer = answer
        .unwrap_or_else(|status| panic!("{}", told::<()>(Err(status))))
        .into_inner();
    std::fs::write(folder.join("wrapping-key.der"), answer.public_key).unwrap();
    answer.import_token
}

/// Imports what is in the folder; without `valid_to` it does not expire.
async fn import(channel: &Channel, key: &str, folder: &Path, token: Vec<u8>, valid_to: Option<i64>) -> String {
    let model = match valid_to {
        Some(_) => v1::ExpirationModel::KeyMaterialExpires,
        None => v1::ExpirationModel::KeyMaterialDoesNotExpire,
    };
    let request = v1::ImportKeyMaterialRequest {
        key_id: key.to_owned(),
        import_token: token,
        encrypted_key_material: std::fs::read(folder.join("encrypted-material.bin")).unwrap(),
        expiration_model: model.into(),
        valid_to: valid_to.map(|seconds| Timestamp { seconds, nanos: 0 }),
        ..Default::default()
    };
    match keys(channel).import_key_material(request).await {
        Ok(answer) => answer.into_inner().key_material_id,
        Err(status) => told::<()>(Err(status)),
    }
}

async fn external_key(channel: &Channel) -> String {
    let request = v1::CreateKeyRequest {
        origin: v1::Origin::External.into(),
        ..Default::default()
    };
    let created = keys(channel).create_key(request).await.unwrap().into_inner();
    let key = created.key_metadata.unwrap();
    assert_eq!(key.key_state(), v1::KeyState::PendingImport);
    key.arn
}

async fn describe(channel: &Channel, key: &str) -> v1::KeyMetadata {
    let request = v1::DescribeKeyRequest {
        key_id: key.to_owned(),
        ..Default::default()
    };
    let answer = keys(channel).describe_key(request).await.unwrap();
    answer.into_inner().key_metadata.unwrap()
}

async fn delete(channel: &Channel, key: &str) {
    let deletion = v1::DeleteImportedKeyMaterialRequest {
        key_id: key.to_owned(),
        key_material_id: None,
    };
    keys(channel).delete_imported_key_material(deletion).await.unwrap();
}

fn in_300_days() -> i64 {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    now.as_secs() as i64 + 300 * 86_400
}

#[tokio::test(flavor = "multi_thread")]
async fn material_that_openssl_prepared_encrypts_goes_and_comes_back() {
    let world = World::start(&[EVERYTHING]);
    let (channel, folder) = (world.connect().await, tempfile::tempdir().unwrap());
    let (key, folder) = (external_key(&channel).await, folder.path());
    let oaep = v1::WrappingAlgorithm::RsaesOaepSha1;
    let token = parameters(&channel, &key, folder, oaep).await;
    run(folder, &commands_of_the_guide());
    let next_year = in_300_days();
    let material = import(&channel, &key, folder, token.clone(), Some(next_year)).await;
    assert_eq!(material.len(), 64, "{material}");
    let described = describe(&channel, &key).await;
    assert_eq!(
        (
            described.key_state(),
            described.valid_to.unwrap().seconds,
            described.expiration_model()
        ),
        (
            v1::KeyState::Enabled,
            next_year,
            v1::ExpirationModel::KeyMaterialExpires
        )
    );
    let encryption = v1::EncryptRequest {
        key_id: key.clone(),
        plaintext: b"value".to_vec(),
        ..Default::default()
    };
    let blob = keys(&channel)
        .encrypt(encryption)
        .await
        .unwrap()
        .into_inner()
        .ciphertext_blob;

    let used = import(&channel, &key, folder, token, None).await;
    assert!(used.contains("InvalidImportTokenException"), "{used}");
    delete(&channel, &key).await;
    let world = world.restarted();
    let channel = world.connect().await;
    assert_eq!(describe(&channel, &key).await.key_state(), v1::KeyState::PendingImport);

    // Other material, of another length, and then the same.
    for (bytes, refusal) in [
        ("32", "IncorrectKeyMaterialException"),
        ("16", "IncorrectKeyMaterialException"),
    ] {
        let token = parameters(&channel, &key, folder, oaep).await;
        let other = commands_of_the_guide().replace("material.bin 32", &format!("other.bin {bytes}"));
        run(folder, &other.replace("-in material.bin", "-in other.bin"));
        let refused = import(&channel, &key, folder, token, None).await;
        assert!(refused.contains(refusal), "{refused}");
    }
    let token = parameters(&channel, &key, folder, oaep).await;
    let commands = commands_of_the_guide();
    let (_make, encrypt) = commands.split_once(" && ").unwrap();
    run(folder, encrypt);
    assert_eq!(import(&channel, &key, folder, token, None).await, material);
    let opening = v1::DecryptRequest {
        ciphertext_blob: blob,
        ..Default::default()
    };
    assert_eq!(
        keys(&channel).decrypt(opening).await.unwrap().into_inner().plaintext,
        b"value"
    );
}

/// RSA_AES_KEY_WRAP_SHA_1 by OpenSSL: two unwraps in the token. What SoftHSM lacks is refused by its name.
#[tokio::test(flavor = "multi_thread")]
async fn key_wrap_takes_two_steps_and_what_the_token_lacks_is_named() {
    let world = World::start(&[EVERYTHING]);
    let (channel, folder) = (world.connect().await, tempfile::tempdir().unwrap());
    let (key, folder) = (external_key(&channel).await, folder.path());
    let token = parameters(&channel, &key, folder, v1::WrappingAlgorithm::RsaAesKeyWrapSha1).await;
    run(
        folder,
        "openssl rand -out material.bin 32
         aes=$(openssl rand -hex 32)
         openssl enc -e -id-aes256-wrap-pad -K $aes -iv A65959A6 -in material.bin -out wrapped.bin
         printf %s $aes | perl -ne 'print pack \"H*\", $_' > aes.bin
         openssl pkeyutl -encrypt -in aes.bin -out aes-encrypted.bin -inkey wrapping-key.der -keyform DER -pubin \
             -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1
         cat aes-encrypted.bin wrapped.bin > encrypted-material.bin",
    );
    let material = import(&channel, &key, folder, token, None).await;
    assert_eq!(material.len(), 64, "{material}");
    let request = v1::GetParametersForImportRequest {
        key_id: key,
        wrapping_algorithm: v1::WrappingAlgorithm::RsaesOaepSha256.into(),
        wrapping_key_spec: v1::WrappingKeySpec::Rsa2048.into(),
    };
    let refused = told(keys(&channel).get_parameters_for_import(request).await);
    assert!(
        refused.contains("UnsupportedOperationException")
            && refused.contains("CKM_RSA_PKCS_OAEP with SHA-256, which RSAES_OAEP_SHA_256 needs"),
        "{refused}"
    );
}
