//! Key pairs and the asymmetric lane: what a module can get wrong, and what must not wait for what.

use std::time::Duration;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use strongroom_base::limits::TOKEN_ASYMMETRIC_QUEUE_MAX;
use strongroom_base::{Code, EncryptionAlgorithm, KeyMaterialId, KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_material::Plaintext;
use strongroom_token::{Function, KeyKind, ReturnValue, SigningInput, Token, TokenFault, TokenKey};

use super::{installation, quiet_stand, until};
use crate::conformance::pairs::{Pair, new_pair};
use crate::conformance::{
    AWAY, INVALID, KEY_UNUSABLE, assert_fault, becomes_usable, label, message, run, sealed, soon,
};

fn kind(spec: KeySpec, usage: KeyUsage) -> KeyKind {
    KeyKind::new(spec, usage).unwrap()
}

async fn signer(token: &Token) -> TokenKey {
    let signer = kind(KeySpec::EccNistP256, KeyUsage::SignVerify);
    new_pair(token, installation(), signer).await.key
}

async fn signed(token: &Token, key: &TokenKey) -> Result<Box<[u8]>, TokenFault> {
    let message = SigningInput::Message(message(b"message"));
    token.sign(key, SigningAlgorithm::EcdsaSha256, message, soon()).await
}

/// Whatever the pair is for: a public half that is not the private one's is noticed before anybody hears of the key.
#[test]
fn halves_that_do_not_belong_together_are_noticed_and_destroyed() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let kinds = [
            kind(KeySpec::Rsa2048, KeyUsage::SignVerify),
            kind(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
            kind(KeySpec::EccNistP384, KeyUsage::SignVerify),
            kind(KeySpec::EccNistP256, KeyUsage::KeyAgreement),
            kind(KeySpec::EccNistEdwards25519, KeyUsage::SignVerify),
            kind(KeySpec::MlDsa44, KeyUsage::SignVerify),
            kind(KeySpec::MlKem512, KeyUsage::EncapsulateDecapsulate),
        ];
        let (objects, copies) = (stand.fake.objects(), stand.fake.copies());
        for kind in kinds {
            let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "pair"));
            stand.fake.set_confused(true);
            let fault = token.create_key(id, &name, kind, soon()).await.unwrap_err();
            assert!(
                matches!(fault, TokenFault::ProvenanceDiffers { .. }),
                "{kind:?}: {fault}"
            );
            let text = "The HSM did not make the key as it must; the operator of the service must look into it.";
            assert_fault(fault, Code::Internal, text);
            assert_eq!(
                (stand.fake.objects(), stand.fake.copies()),
                (objects, copies),
                "{kind:?}"
            );
            // With a module that has come to its senses the same id serves.
            stand.fake.set_confused(false);
            token.create_key(id, &name, kind, soon()).await.unwrap();
            token.destroy_key(id, &name, soon()).await.unwrap();
        }
        assert_eq!(token.status().counts.alarms, kinds.len() as u64);
        token.stop().await;
    });
}

#[test]
fn a_key_pair_that_comes_out_extractable_is_destroyed() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let objects = stand.fake.objects();
        stand.fake.set_careless(true);
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "pair"));
        let signer = kind(KeySpec::EccNistP256, KeyUsage::SignVerify);
        let fault = token.create_key(id, &name, signer, soon()).await.unwrap_err();
        assert!(
            matches!(&fault, TokenFault::ProvenanceDiffers { what } if what.starts_with("CKA_EXTRACTABLE")),
            "{fault}"
        );
        assert_eq!(stand.fake.objects(), objects);
        token.stop().await;
    });
}

/// Creation that fails after C_GenerateKeyPair leaves a pair of which nobody knows the public half: it is found by its id,
/// not told as a key, and goes when it is destroyed.
#[test]
fn a_key_pair_without_its_public_half_is_found_and_destroyed() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let objects = stand.fake.objects();
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "pair"));
        let signer = kind(KeySpec::EccNistP256, KeyUsage::SignVerify);
        stand.fake.fail(Function::Sign, 1, ReturnValue::DeviceError);
        let fault = token.create_key(id, &name, signer, soon()).await.unwrap_err();
        assert_fault(fault, Code::Unavailable, AWAY);
        becomes_usable(&token).await;
        let fault = token.create_key(id, &name, signer, soon()).await.unwrap_err();
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        assert_eq!(stand.fake.objects(), objects + 1, "never two objects with one id");
        token.destroy_key(id, &name, soon()).await.unwrap();
        assert_eq!(stand.fake.objects(), objects);
        token.create_key(id, &name, signer, soon()).await.unwrap();
        token.stop().await;
    });
}

/// The one lane for data keys goes on while a private key is at work.
#[test]
fn a_slow_signature_holds_up_no_data_key() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let signer = signer(&token).await;
        let before = stand.fake.calls(Function::Sign);
        stand.fake.delay(Function::Sign, 1, Duration::from_secs(2));
        let slow = tokio::spawn({
            let token = token.clone();
            async move { signed(&token, &signer).await }
        });
        until("the slow signature", || stand.fake.calls(Function::Sign) > before).await;
        for _ in 0..10 {
            sealed(&token, &key, b"value").await;
        }
        assert!(!slow.is_finished());
        slow.await.unwrap().unwrap();
        token.stop().await;
    });
}

#[test]
fn a_full_asymmetric_queue_sheds_and_what_waits_is_served() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let signer = signer(&token).await;
        let before = stand.fake.calls(Function::Sign);
        stand.fake.delay(Function::Sign, 1, Duration::from_secs(2));
        let sign = || {
            let (token, signer) = (token.clone(), signer.clone());
            tokio::spawn(async move { signed(&token, &signer).await })
        };
        let slow = sign();
        until("the slow signature", || stand.fake.calls(Function::Sign) > before).await;
        let waiting: Vec<_> = (0..TOKEN_ASYMMETRIC_QUEUE_MAX).map(|_| sign()).collect();
        let full = || token.status().asymmetric_queue_depth == TOKEN_ASYMMETRIC_QUEUE_MAX;
        until("a full queue", full).await;
        let text = "Too many requests wait for the HSM; try again later.";
        assert_fault(signed(&token, &signer).await.unwrap_err(), Code::Throttling, text);
        sealed(&token, &key, b"value").await;
        assert!(!slow.is_finished());
        slow.await.unwrap().unwrap();
        for signature in waiting {
            signature.await.unwrap().unwrap();
        }
        assert_eq!(token.status().counts.shed, 1);
        token.stop().await;
    });
}

/// The same ladder as for data keys: another session, another look for the object, another connection.
#[test]
fn signatures_climb_the_ladder_of_recovery() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let signer = signer(&token).await;
        for value in [
            ReturnValue::OperationActive,
            ReturnValue::SessionHandleInvalid,
            ReturnValue::ObjectHandleInvalid,
            ReturnValue::FunctionCanceled,
        ] {
            stand.fake.fail(Function::SignInit, 1, value);
            signed(&token, &signer).await.unwrap();
        }
        stand.fake.fail(Function::Sign, 1, ReturnValue::DeviceRemoved);
        assert_fault(signed(&token, &signer).await.unwrap_err(), Code::Unavailable, AWAY);
        becomes_usable(&token).await;
        signed(&token, &signer).await.unwrap();
        stand
            .fake
            .fail(Function::SignInit, 1, ReturnValue::KeyFunctionNotPermitted);
        assert_fault(
            signed(&token, &signer).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        token.stop().await;
    });
}

/// A shared secret is an object for the length of a job, whatever becomes of the job.
#[test]
fn no_shared_secret_stays_in_the_session() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let kind = kind(KeySpec::MlKem768, KeyUsage::EncapsulateDecapsulate);
        let key = new_pair(&token, installation(), kind).await.key;
        let ciphertext = vec![7; 1_088];
        token.decapsulate(&key, &ciphertext, soon()).await.unwrap();
        let copies = stand.fake.copies();
        token.decapsulate(&key, &ciphertext, soon()).await.unwrap();
        assert_eq!(stand.fake.copies(), copies);
        // What cannot be read is destroyed as well, and what cannot be destroyed goes with its session.
        for function in [Function::GetAttributeValue, Function::DestroyObject] {
            stand.fake.fail(function, 1, ReturnValue::FunctionFailed);
            let _ = token.decapsulate(&key, &ciphertext, soon()).await;
            becomes_usable(&token).await;
            token.decapsulate(&key, &ciphertext, soon()).await.unwrap();
            assert!(stand.fake.copies() <= copies);
        }
        token.stop().await;
    });
}

async fn opened(token: &Token, pair: &Pair, ciphertext: &[u8]) -> Result<usize, TokenFault> {
    let algorithm = EncryptionAlgorithm::RsaesOaepSha256;
    let opened = token
        .decrypt_asymmetric::<Plaintext>(&pair.key, algorithm, ciphertext, soon())
        .await;
    opened.map(|plaintext| plaintext.len())
}

/// As with AES-GCM: a sick token must never tell callers that their data are damaged.
#[test]
fn an_rsa_ciphertext_is_called_invalid_when_the_witness_opens() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let kind = kind(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt);
        let pair = new_pair(&token, installation(), kind).await;
        let public = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&pair.public_key).unwrap()).unwrap();
        let mut good = vec![0; public.ciphertext_size()];
        public
            .encrypt(&OAEP_SHA256_MGF1SHA256, b"value", &mut good, None)
            .unwrap();

        // Good data, and a fault that comes and goes.
        stand.fake.fail(Function::Decrypt, 1, ReturnValue::GeneralError);
        assert_eq!(opened(&token, &pair, &good).await.unwrap(), 5);
        let mut damaged = good.clone();
        damaged[9] ^= 1;
        assert_fault(
            opened(&token, &pair, &damaged).await.unwrap_err(),
            Code::InvalidCiphertext,
            INVALID,
        );
        // Damaged data and a sick token: nobody knows, so nobody says.
        stand.fake.fail(Function::Decrypt, 2, ReturnValue::GeneralError);
        assert_fault(
            opened(&token, &pair, &damaged).await.unwrap_err(),
            Code::Unavailable,
            AWAY,
        );
        token.stop().await;
    });
}

/// A signature that no key of its spec makes is the token's fault, and nobody gets it.
#[test]
fn a_signature_that_is_none_leaves_nobody() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let signer = signer(&token).await;
        let spoils: [fn(&mut Vec<u8>); 4] = [
            |signature| signature.truncate(62),
            |signature| signature.extend([0, 0]),
            |signature| signature[..32].fill(0),
            |signature| signature[32..].fill(0),
        ];
        for spoil in spoils {
            stand.fake.spoil_signatures(Some(spoil));
            assert_fault(signed(&token, &signer).await.unwrap_err(), Code::Unavailable, AWAY);
            stand.fake.spoil_signatures(None);
            let _ = token.objects(soon()).await;
            becomes_usable(&token).await;
            signed(&token, &signer).await.unwrap();
        }
        token.stop().await;
    });
}

/// The public half of a new pair is an object of the session; one that the token does not destroy goes with that.
#[test]
fn a_public_half_that_cannot_be_destroyed_goes_with_its_session() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let before = stand.fake.copies();
        stand.fake.fail(Function::DestroyObject, 1, ReturnValue::FunctionFailed);
        let signer = signer(&token).await;
        token.objects(soon()).await.unwrap();
        assert_eq!(stand.fake.copies(), before);
        signed(&token, &signer).await.unwrap();
        assert_eq!(token.status().counts.connections, 1);
        token.stop().await;
    });
}
