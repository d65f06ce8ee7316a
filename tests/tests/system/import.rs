//! Import of key material that OpenSSL has prepared, by the commands of the operations guide.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost_types::Timestamp;
use strongroom_proto::v1;
use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::token_tool::objects::TokenObject;
use strongroom_tests::{process, workspace};
use tonic::transport::Channel;

use crate::world::{World, keys, told};

/// The commands of the guide that prepare a secret.
fn commands_of_the_guide() -> String {
    preparation(1, 2)
}

/// Those that prepare a private key, without the one that makes it.
fn commands_that_wrap_a_private_key() -> String {
    let commands = preparation(3, 6);
    let (make, rest) = commands.split_once(" && ").unwrap();
    assert!(make.starts_with("openssl genpkey -algorithm RSA"), "{make}");
    rest.to_owned()
}

/// The commands of one block that prepare material: those that call anything but the service.
fn preparation(block: usize, count: usize) -> String {
    let guide = std::fs::read_to_string(workspace::root().join("docs/operations.md")).unwrap();
    let (_, section) = guide.split_once("## Imported key material").unwrap();
    let block = section.split("```").nth(block).unwrap().replace("\\\n", " ");
    let prepares = |line: &&str| line.starts_with("openssl ") || line.starts_with("cat ");
    let commands: Vec<&str> = block.lines().filter(prepares).collect();
    assert_eq!(commands.len(), count, "{block}");
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
    external_key_of(channel, v1::KeySpec::Unspecified, v1::KeyUsage::Unspecified).await
}

async fn external_key_of(channel: &Channel, spec: v1::KeySpec, usage: v1::KeyUsage) -> String {
    let request = v1::CreateKeyRequest {
        key_spec: spec.into(),
        key_usage: usage.into(),
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
    now().as_secs() as i64 + 300 * 86_400
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
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

/// Refused from its time on, though nobody has come by to destroy it yet; and gone from the token a minute later at most.
#[tokio::test(flavor = "multi_thread")]
async fn material_that_expires_is_refused_at_once_and_destroyed_within_a_minute() {
    let world = World::start(&[EVERYTHING]);
    let (channel, folder) = (world.connect().await, tempfile::tempdir().unwrap());
    let (key, folder) = (external_key(&channel).await, folder.path());
    let token = parameters(&channel, &key, folder, v1::WrappingAlgorithm::RsaesOaepSha1).await;
    run(folder, &commands_of_the_guide());
    let valid_to = now().as_secs() + 5;
    let material = import(&channel, &key, folder, token, Some(valid_to as i64)).await;
    let encrypt = async || {
        let request = v1::EncryptRequest {
            key_id: key.clone(),
            plaintext: vec![1],
            ..Default::default()
        };
        told(keys(&channel).encrypt(request).await)
    };
    let refusal = format!("FailedPrecondition KMSInvalidStateException: {key} is pending import.");
    let over = Duration::from_secs(valid_to);
    loop {
        let (begun, answer, ended) = (now(), encrypt().await, now());
        if begun >= over {
            assert_eq!(answer, refusal);
            break;
        }
        assert!(answer == "an answer" || ended >= over, "{answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(describe(&channel, &key).await.key_state(), v1::KeyState::PendingImport);
    loop {
        let text = process::output_of(&mut world.installation.token().tool("objects")).unwrap();
        let objects: Vec<TokenObject> = serde_json::from_str(&text).unwrap();
        if objects.iter().all(|object| object.id != material) {
            break;
        }
        assert!(now() < over + Duration::from_secs(60), "it is still in the token");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(encrypt().await, refusal);
}

/// A key pair that OpenSSL made, and whose public half only OpenSSL knows.
async fn import_private_key(channel: &Channel, key: &str, folder: &Path, make: &str) -> String {
    let token = parameters(channel, key, folder, v1::WrappingAlgorithm::RsaAesKeyWrapSha1).await;
    run(folder, &format!("{make} && {}", commands_that_wrap_a_private_key()));
    import(channel, key, folder, token, None).await
}

/// The service tells the public half that OpenSSL made, and OpenSSL verifies what the service signs.
async fn signs_as_openssl_expects(channel: &Channel, key: &str, folder: &Path, algorithm: v1::SigningAlgorithm) {
    run(
        folder,
        "openssl pkey -in private-key.pem -pubout -outform DER -out public.der",
    );
    let request = v1::GetPublicKeyRequest {
        key_id: key.to_owned(),
        ..Default::default()
    };
    let told = keys(channel).get_public_key(request).await.unwrap().into_inner();
    assert_eq!(told.public_key, std::fs::read(folder.join("public.der")).unwrap());
    let request = v1::SignRequest {
        key_id: key.to_owned(),
        message: b"what is signed".to_vec(),
        signing_algorithm: algorithm.into(),
        ..Default::default()
    };
    let signed = keys(channel).sign(request).await.unwrap().into_inner();
    std::fs::write(folder.join("signature"), signed.signature).unwrap();
    run(
        folder,
        "printf 'what is signed' > message
         openssl dgst -sha256 -keyform DER -verify public.der -signature signature message",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn private_keys_that_openssl_made_sign_go_and_come_back() {
    let world = World::start(&[EVERYTHING]);
    let mut channel = world.connect().await;
    let (rsa_folder, ec_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut pairs = Vec::new();
    for (folder, spec, make, algorithm) in [
        (
            rsa_folder.path(),
            v1::KeySpec::Rsa3072,
            "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out private-key.pem",
            v1::SigningAlgorithm::RsassaPkcs1V15Sha256,
        ),
        (
            ec_folder.path(),
            v1::KeySpec::EccNistP256,
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private-key.pem",
            v1::SigningAlgorithm::EcdsaSha256,
        ),
    ] {
        let key = external_key_of(&channel, spec, v1::KeyUsage::SignVerify).await;
        let material = import_private_key(&channel, &key, folder, make).await;
        assert_eq!(material.len(), 64, "{material}");
        signs_as_openssl_expects(&channel, &key, folder, algorithm).await;
        delete(&channel, &key).await;
        pairs.push((key, folder, material, make, algorithm));
    }
    let world = world.restarted();
    channel = world.connect().await;
    for (key, folder, material, make, algorithm) in &pairs {
        assert_eq!(describe(&channel, key).await.key_state(), v1::KeyState::PendingImport);
        let other = tempfile::tempdir().unwrap();
        let refused = import_private_key(&channel, key, other.path(), make).await;
        assert!(refused.contains("IncorrectKeyMaterialException"), "{refused}");
        assert_eq!(import_private_key(&channel, key, folder, "true").await, *material);
        signs_as_openssl_expects(&channel, key, folder, *algorithm).await;
    }
    // Somebody's other pair, of another kind.
    let [(rsa, ..), (_, ec_folder, ..)] = pairs.as_slice() else {
        panic!("two pairs")
    };
    let refused = import_private_key(&channel, rsa, ec_folder, "true").await;
    assert!(refused.contains("IncorrectKeyMaterialException"), "{refused}");
}

/// A secret of exactly the length that the code has, and codes that OpenSSL makes too.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_for_codes_that_openssl_made_makes_the_codes_of_openssl() {
    let world = World::start(&[EVERYTHING]);
    let (channel, folder) = (world.connect().await, tempfile::tempdir().unwrap());
    let folder = folder.path();
    let key = external_key_of(&channel, v1::KeySpec::Hmac384, v1::KeyUsage::GenerateVerifyMac).await;
    for (bytes, refusal) in [
        ("47", Some("IncorrectKeyMaterialException")),
        ("49", Some("IncorrectKeyMaterialException")),
        ("48", None),
    ] {
        let token = parameters(&channel, &key, folder, v1::WrappingAlgorithm::RsaesOaepSha1).await;
        let commands = commands_of_the_guide().replace("material.bin 32", &format!("material.bin {bytes}"));
        run(folder, &commands);
        let outcome = import(&channel, &key, folder, token, None).await;
        match refusal {
            Some(refusal) => assert!(outcome.contains(refusal), "{bytes}: {outcome}"),
            None => assert_eq!(outcome.len(), 64, "{outcome}"),
        }
    }
    let request = v1::GenerateMacRequest {
        key_id: key,
        message: b"what is authenticated".to_vec(),
        mac_algorithm: v1::MacAlgorithm::HmacSha384.into(),
        ..Default::default()
    };
    let code = keys(&channel).generate_mac(request).await.unwrap().into_inner().mac;
    run(
        folder,
        "secret=$(od -An -v -tx1 material.bin | tr -d ' \\n')
         printf 'what is authenticated' > message
         openssl dgst -sha384 -mac HMAC -macopt hexkey:$secret -binary message > code",
    );
    assert_eq!(code, std::fs::read(folder.join("code")).unwrap());
}
