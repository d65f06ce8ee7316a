//! The whole service on another module than SoftHSM: what it does must not depend on whose token it is.

use std::collections::HashMap;

use strongroom_proto::v1;
use strongroom_proto::v1::admin_client::AdminClient;
use strongroom_tests::install::kryoptic;
use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::software_token::TokenKind;
use strongroom_tests::token_tool::objects::TokenObject;
use strongroom_tests::{console, process};
use tonic::Status;
use tonic::transport::Channel;

use crate::world::{World, create_key, keys, told};

/// Whether there is a Kryoptic; says so where a test is left out without it.
pub(crate) fn is_built() -> bool {
    let built = kryoptic::built();
    if let Err(missing) = &built {
        console::complain(format_args!("left out: {missing}"));
    }
    built.is_ok()
}

/// Create, use, rotate, restart: ciphertexts of both materials open afterwards, and nothing in the token can be read.
#[tokio::test(flavor = "multi_thread")]
async fn the_service_works_on_kryoptic() {
    if !is_built() {
        return;
    }
    let world = World::start_on(TokenKind::Kryoptic, &[EVERYTHING]);
    let channel = world.connect().await;
    let key = create_key(&channel).await;
    let before = generate(&channel, &key).await;
    let rotation = v1::RotateKeyOnDemandRequest { key_id: key.clone() };
    keys(&channel).rotate_key_on_demand(rotation).await.unwrap();
    let after = generate(&channel, &key).await;
    assert_ne!(before.key_material_id, after.key_material_id);
    // Kryoptic derives a key for each message: the blobs say so, and the token is asked at each start.
    assert_eq!((before.ciphertext_blob[1], after.ciphertext_blob[1]), (2, 2));
    let mut admin = AdminClient::new(channel.clone());
    let described = admin.describe_token(v1::DescribeTokenRequest {}).await;
    let token = described.unwrap().into_inner();
    assert_eq!(token.ciphertext_suite, "SP800_108_AES_256_GCM", "{token:?}");

    let world = world.restarted();
    let channel = world.connect().await;
    for data_key in [before, after] {
        let request = v1::DecryptRequest {
            ciphertext_blob: data_key.ciphertext_blob,
            ..Default::default()
        };
        let opened = keys(&channel).decrypt(request).await.unwrap().into_inner();
        assert_eq!(opened.plaintext, data_key.plaintext);
        assert_eq!(opened.key_material_id, data_key.key_material_id);
    }
    let text = process::output_of(&mut world.installation.token().tool("objects")).unwrap();
    let objects: Vec<TokenObject> = serde_json::from_str(&text).unwrap();
    assert_eq!(objects.len(), 3, "the root and two materials: {objects:#?}");
    for object in objects {
        assert_eq!(object.value, "CKR_ATTRIBUTE_SENSITIVE", "{object:#?}");
    }
}

async fn generate(channel: &Channel, key: &str) -> v1::GenerateDataKeyResponse {
    let request = v1::GenerateDataKeyRequest {
        key_id: key.to_owned(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    keys(channel).generate_data_key(request).await.unwrap().into_inner()
}

/// What a caller encrypted under a key that derives opens after a rotation and a restart; what is encrypted anew is of the
/// new material; and what was bound to a context opens with no other.
#[tokio::test(flavor = "multi_thread")]
async fn what_derived_keys_encrypted_opens_before_and_after_a_rotation() {
    if !is_built() {
        return;
    }
    let world = World::start_on(TokenKind::Kryoptic, &[EVERYTHING]);
    let channel = world.connect().await;
    let (key, other) = (create_key(&channel).await, create_key(&channel).await);
    let first = encrypt(&channel, &key, "first").await;
    let again = encrypt(&channel, &key, "first").await;
    assert_ne!(salt(&first), salt(&again), "each message has a key of its own");
    let rotation = v1::RotateKeyOnDemandRequest { key_id: key.clone() };
    keys(&channel).rotate_key_on_demand(rotation).await.unwrap();
    let second = encrypt(&channel, &key, "second").await;
    assert_ne!(first.key_material_id, second.key_material_id);
    let renewed = re_encrypt(&channel, &first.ciphertext_blob, "first", &key).await;
    assert_eq!(renewed.source_key_material_id, first.key_material_id);
    assert_eq!(renewed.destination_key_material_id, second.key_material_id);
    let moved = re_encrypt(&channel, &second.ciphertext_blob, "second", &other).await;
    assert_eq!(moved.key_id, other);

    let world = world.restarted();
    let channel = world.connect().await;
    let blobs = [
        ("first", first.ciphertext_blob),
        ("first", again.ciphertext_blob),
        ("second", second.ciphertext_blob),
        ("first", renewed.ciphertext_blob),
        ("second", moved.ciphertext_blob),
    ];
    for (name, blob) in blobs {
        assert_eq!(blob[1], 2, "the suite that derives");
        assert_eq!(
            decrypt(&channel, &blob, name).await.unwrap(),
            format!("text of {name}").as_bytes()
        );
        let refused = decrypt(&channel, &blob, "third").await;
        assert_eq!(
            told(refused),
            "InvalidArgument InvalidCiphertextException: The ciphertext is not valid."
        );
    }
}

/// AWS hashes the caller's digest once more, and so does the token; nobody here verifies it, and the text says so.
#[tokio::test(flavor = "multi_thread")]
async fn ed25519ph_signs_a_digest_and_nothing_else() {
    if !is_built() {
        return;
    }
    let world = World::start_on(TokenKind::Kryoptic, &[EVERYTHING]);
    let channel = world.connect().await;
    let request = v1::CreateKeyRequest {
        key_spec: v1::KeySpec::EccNistEdwards25519.into(),
        key_usage: v1::KeyUsage::SignVerify.into(),
        ..Default::default()
    };
    let created = keys(&channel).create_key(request).await.unwrap().into_inner();
    let request = |algorithm: v1::SigningAlgorithm, form: v1::MessageType| v1::SignRequest {
        key_id: created.key_metadata.as_ref().unwrap().arn.clone(),
        message: vec![7; 64],
        message_type: form.into(),
        signing_algorithm: algorithm.into(),
        ..Default::default()
    };
    let prehashed = request(v1::SigningAlgorithm::Ed25519PhSha512, v1::MessageType::Digest);
    let pure = request(v1::SigningAlgorithm::Ed25519Sha512, v1::MessageType::Raw);
    let signed = keys(&channel).sign(prehashed.clone()).await.unwrap().into_inner();
    assert_eq!(signed.signature.len(), 64);
    let verification = |of: v1::SignRequest| v1::VerifyRequest {
        key_id: of.key_id,
        message: of.message,
        message_type: of.message_type,
        signing_algorithm: of.signing_algorithm,
        signature: signed.signature.clone(),
        ..Default::default()
    };
    assert_eq!(
        told(keys(&channel).verify(verification(pure)).await),
        "InvalidArgument KMSInvalidSignatureException: The signature is not valid."
    );
    assert_eq!(
        told(keys(&channel).verify(verification(prehashed)).await),
        "Unimplemented UnsupportedOperationException: This service does not verify ED25519_PH_SHA_512 with message type \
         DIGEST; verify with the public key."
    );
}

/// The 16 bytes between the blob's head and its encrypted text (docs/formats.md).
fn salt(encrypted: &v1::EncryptResponse) -> &[u8] {
    &encrypted.ciphertext_blob[62..78]
}

fn bound_to(name: &str) -> HashMap<String, String> {
    HashMap::from([("name".to_owned(), name.to_owned())])
}

async fn encrypt(channel: &Channel, key: &str, name: &str) -> v1::EncryptResponse {
    let request = v1::EncryptRequest {
        key_id: key.to_owned(),
        plaintext: format!("text of {name}").into_bytes(),
        encryption_context: bound_to(name),
        ..Default::default()
    };
    keys(channel).encrypt(request).await.unwrap().into_inner()
}

async fn decrypt(channel: &Channel, blob: &[u8], name: &str) -> Result<Vec<u8>, Status> {
    let request = v1::DecryptRequest {
        ciphertext_blob: blob.to_vec(),
        encryption_context: bound_to(name),
        ..Default::default()
    };
    let opened = keys(channel).decrypt(request).await;
    opened.map(|answer| answer.into_inner().plaintext)
}

async fn re_encrypt(channel: &Channel, blob: &[u8], name: &str, destination: &str) -> v1::ReEncryptResponse {
    let request = v1::ReEncryptRequest {
        ciphertext_blob: blob.to_vec(),
        source_encryption_context: bound_to(name),
        destination_key_id: destination.to_owned(),
        destination_encryption_context: bound_to(name),
        ..Default::default()
    };
    keys(channel).re_encrypt(request).await.unwrap().into_inner()
}
