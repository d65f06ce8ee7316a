//! ML-DSA and ML-KEM through the whole service, on Kryoptic, which alone has them; held against another library's.

use aws_lc_rs::kem::{self, EncapsulationKey};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use strongroom_proto::v1;
use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::software_token::TokenKind;
use tonic::transport::Channel;

use crate::command_line::CommandLine;
use crate::kryoptic::is_built;
use crate::world::{World, keys, told};

const TEXT: &[u8] = b"attack at dawn";

/// A new key and its public half.
async fn pair(channel: &Channel, spec: v1::KeySpec, usage: v1::KeyUsage) -> (String, v1::GetPublicKeyResponse) {
    let request = v1::CreateKeyRequest {
        key_spec: spec.into(),
        key_usage: usage.into(),
        ..Default::default()
    };
    let created = keys(channel).create_key(request).await;
    let created = created.unwrap_or_else(|status| panic!("{spec:?}: {}", told::<()>(Err(status))));
    let key_id = created.into_inner().key_metadata.unwrap().arn;
    let request = v1::GetPublicKeyRequest {
        key_id: key_id.clone(),
        ..Default::default()
    };
    let half = keys(channel).get_public_key(request).await.unwrap().into_inner();
    assert_eq!((half.key_spec(), half.key_usage()), (spec, usage));
    (key_id, half)
}

fn sign_request(key_id: &str, message: &[u8], message_type: v1::MessageType) -> v1::SignRequest {
    v1::SignRequest {
        key_id: key_id.to_owned(),
        message: message.to_vec(),
        message_type: message_type.into(),
        signing_algorithm: v1::SigningAlgorithm::MlDsaShake256.into(),
        ..Default::default()
    }
}

fn verify_request(key_id: &str, message: &[u8], message_type: v1::MessageType, signature: &[u8]) -> v1::VerifyRequest {
    v1::VerifyRequest {
        key_id: key_id.to_owned(),
        message: message.to_vec(),
        message_type: message_type.into(),
        signature: signature.to_vec(),
        signing_algorithm: v1::SigningAlgorithm::MlDsaShake256.into(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ml_dsa_signatures_verify_here_and_elsewhere() {
    if !is_built() {
        return;
    }
    let world = World::start_on(TokenKind::Kryoptic, &[EVERYTHING]);
    let channel = world.connect().await;
    let shell = CommandLine::of(&world);
    shell.write("text", TEXT);
    shell.write("other", b"attack at dusk");
    let kinds: [(_, &dyn VerificationAlgorithm, usize); 3] = [
        (v1::KeySpec::MlDsa44, &signature::ML_DSA_44, 2_420),
        (v1::KeySpec::MlDsa65, &signature::ML_DSA_65, 3_309),
        (v1::KeySpec::MlDsa87, &signature::ML_DSA_87, 4_627),
    ];
    for (spec, algorithm, length) in kinds {
        let (key_id, half) = pair(&channel, spec, v1::KeyUsage::SignVerify).await;
        assert_eq!(
            half.signing_algorithms,
            [i32::from(v1::SigningAlgorithm::MlDsaShake256)]
        );
        let elsewhere = UnparsedPublicKey::new(algorithm, &half.public_key);
        let request = sign_request(&key_id, TEXT, v1::MessageType::Raw);
        let signed = keys(&channel).sign(request).await.unwrap().into_inner().signature;
        assert_eq!(signed.len(), length);
        elsewhere.verify(TEXT, &signed).unwrap();
        assert!(elsewhere.verify(b"attack at dusk", &signed).is_err());
        verifies_here(&channel, &key_id, &signed).await;
        without_external_mu(&channel, &key_id, &signed).await;

        let with = format!("--key {key_id} --algorithm ml_dsa_shake_256");
        shell.succeed(&format!("sign {with} --in text --out signature"));
        elsewhere.verify(TEXT, &shell.read("signature")).unwrap();
        shell.succeed(&format!("public-key --key {key_id} --form der --out public.der"));
        assert_eq!(shell.read("public.der"), half.public_key);
        let said = shell.succeed(&format!("verify {with} --signature signature --in text"));
        assert_eq!(said, format!("verified with {key_id}\n"));
        let told = shell.run(&format!("verify {with} --signature signature --in other"));
        assert!(told.unwrap_err().starts_with("error: KMSInvalidSignatureException: "));
    }
}

async fn verifies_here(channel: &Channel, key_id: &str, signed: &[u8]) {
    let request = |message| verify_request(key_id, message, v1::MessageType::Raw, signed);
    let verified = keys(channel).verify(request(TEXT)).await.unwrap().into_inner();
    assert!(verified.signature_valid);
    assert_eq!(
        told(keys(channel).verify(request(b"attack at dusk")).await),
        "InvalidArgument KMSInvalidSignatureException: The signature is not valid."
    );
}

/// Neither the token nor the library takes the message representative; both say so.
async fn without_external_mu(channel: &Channel, key_id: &str, signed: &[u8]) {
    let (form, mu) = (v1::MessageType::ExternalMu, [7; 64]);
    for dry_run in [false, true] {
        let request = v1::SignRequest {
            dry_run,
            ..sign_request(key_id, &mu, form)
        };
        assert_eq!(
            told(keys(channel).sign(request).await),
            "Unimplemented UnsupportedOperationException: The HSM does not offer CKM_ML_DSA over an external mu, which \
             ML_DSA_SHAKE_256 needs."
        );
    }
    assert_eq!(
        told(keys(channel).verify(verify_request(key_id, &mu, form, signed)).await),
        "Unimplemented UnsupportedOperationException: This service does not verify ML_DSA_SHAKE_256 with message type \
         EXTERNAL_MU; verify with the public key."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ml_kem_secrets_are_the_same_on_both_sides() {
    if !is_built() {
        return;
    }
    let world = World::start_on(TokenKind::Kryoptic, &[EVERYTHING]);
    let channel = world.connect().await;
    let shell = CommandLine::of(&world);
    let kinds = [
        (v1::KeySpec::MlKem512, &kem::ML_KEM_512, 800, 768),
        (v1::KeySpec::MlKem768, &kem::ML_KEM_768, 1_184, 1_088),
        (v1::KeySpec::MlKem1024, &kem::ML_KEM_1024, 1_568, 1_568),
    ];
    for (spec, algorithm, public_bytes, length) in kinds {
        let (key_id, half) = pair(&channel, spec, v1::KeyUsage::EncapsulateDecapsulate).await;
        let request = v1::EncapsulateRequest {
            key_id: key_id.clone(),
            encapsulation_algorithm: v1::EncapsulationAlgorithm::MlKem.into(),
            ..Default::default()
        };
        let made = keys(&channel).encapsulate(request).await.unwrap().into_inner();
        assert_eq!(
            (made.shared_secret.len(), made.shared_secret_ciphertext_blob.len()),
            (32, length)
        );
        let opened = decapsulate(&channel, &key_id, made.shared_secret_ciphertext_blob.clone()).await;
        assert_eq!(opened, made.shared_secret);

        // The raw key is what SubjectPublicKeyInfo ends with (RFC 9935).
        let raw = &half.public_key[half.public_key.len() - public_bytes..];
        let elsewhere = EncapsulationKey::new(algorithm, raw).unwrap();
        let (encapsulated, secret) = elsewhere.encapsulate().unwrap();
        let opened = decapsulate(&channel, &key_id, encapsulated.as_ref().to_vec()).await;
        assert_eq!(opened, secret.as_ref());

        // A changed encapsulation opens to another secret, and nobody is told (FIPS 203 section 6.3).
        let mut changed = made.shared_secret_ciphertext_blob;
        changed[0] ^= 1;
        assert_ne!(decapsulate(&channel, &key_id, changed).await, made.shared_secret);

        shell.succeed(&format!("encapsulate --key {key_id} --blob-out blob --out secret"));
        shell.succeed(&format!("decapsulate --key {key_id} --in blob --out opened"));
        assert_eq!(shell.read("opened"), shell.read("secret"));
        assert_eq!(shell.read("secret").len(), 32);
    }
}

async fn decapsulate(channel: &Channel, key_id: &str, blob: Vec<u8>) -> Vec<u8> {
    let request = v1::DecapsulateRequest {
        key_id: key_id.to_owned(),
        shared_secret_ciphertext_blob: blob,
        encapsulation_algorithm: v1::EncapsulationAlgorithm::MlKem.into(),
        ..Default::default()
    };
    let opened = keys(channel).decapsulate(request).await;
    let opened = opened.unwrap_or_else(|status| panic!("{}", told::<()>(Err(status))));
    opened.into_inner().shared_secret
}
