//! Import on a token that fails now and then: a fault that comes and goes is no verdict on anybody's material.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use strongroom_base::{Code, KeyMaterialId, KeySpec, KeyUsage, WrappingAlgorithm};
use strongroom_token::{Function, Hallmark, KeyKind, ReturnValue, Token, TokenFault, TokenKey, WrappedMaterial};

use super::{installation, quiet_stand};
use crate::conformance::import::{MATERIAL, Wrapping, import, witness};
use crate::conformance::{AWAY, assert_fault, becomes_usable, label, opened, run, sealed, soon};

/// What modules may answer to bytes that do not unwrap.
const DOUBTFUL: [ReturnValue; 10] = [
    ReturnValue::GeneralError,
    ReturnValue::DeviceError,
    ReturnValue::FunctionFailed,
    ReturnValue::KeySizeRange,
    ReturnValue::UnwrappingKeySizeRange,
    ReturnValue::AttributeValueInvalid,
    ReturnValue::TemplateInconsistent,
    ReturnValue::WrappedKeyInvalid,
    ReturnValue::WrappedKeyLenRange,
    ReturnValue::EncryptedDataInvalid,
];

async fn wrapped(token: &Token) -> WrappedMaterial {
    let wrapping = Wrapping::new(token, installation(), KeySpec::Rsa2048).await;
    wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL)
}

/// Waits until the control lane has looked into what it doubts.
async fn settled(token: &Token) {
    let _ = token.objects(soon()).await;
    becomes_usable(token).await;
}

#[test]
fn bytes_are_called_invalid_when_the_token_is_well() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let good = wrapped(&token).await;
        let mut encrypted = good.encrypted.clone();
        encrypted[9] ^= 1;
        let damaged = WrappedMaterial {
            encrypted,
            ..good.clone()
        };
        for value in DOUBTFUL {
            stand.fake.fail(Function::UnwrapKey, 1, value);
            assert_eq!(token.recognise(&good, vec![], soon()).await.unwrap(), None, "{value}");
            stand.fake.fail(Function::UnwrapKey, 1, value);
            assert_fault(
                token.recognise(&damaged, vec![], soon()).await.unwrap_err(),
                Code::InvalidCiphertext,
                "The encrypted key material could not be decrypted.",
            );
        }
        stand.fake.fail(Function::UnwrapKey, 2, ReturnValue::KeySizeRange);
        let fault = token.recognise(&good, vec![], soon()).await.unwrap_err();
        assert_eq!(fault, TokenFault::MaterialLength { expected: 32 });
        assert_eq!((token.status().counts.alarms, stand.fake.copies()), (0, 0));
        token.stop().await;
    });
}

/// Session, login, handle, token: none of them is the bytes' fault.
#[test]
fn a_token_that_is_away_says_nothing_of_the_bytes() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let good = wrapped(&token).await;
        for value in [
            ReturnValue::SessionHandleInvalid,
            ReturnValue::UserNotLoggedIn,
            ReturnValue::ObjectHandleInvalid,
            ReturnValue::DeviceRemoved,
            ReturnValue::TokenNotPresent,
        ] {
            stand.fake.fail(Function::UnwrapKey, 1, value);
            let fault = token.recognise(&good, vec![], soon()).await.unwrap_err();
            assert_fault(fault, Code::Unavailable, AWAY);
            settled(&token).await;
        }
        token.stop().await;
    });
}

/// Material that is known stays known, whichever call fails once.
#[test]
fn a_fault_that_goes_makes_no_material_another_one() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let good = wrapped(&token).await;
        let id = KeyMaterialId::random().unwrap();
        let key = import(&token, installation(), &good, id, None).await.unwrap();
        for function in [
            Function::GetAttributeValue,
            Function::GenerateRandom,
            Function::EncryptInit,
            Function::Encrypt,
            Function::DecryptInit,
            Function::Decrypt,
            Function::DigestKey,
        ] {
            for value in [ReturnValue::GeneralError, ReturnValue::DeviceError] {
                stand.fake.fail(function, 1, value);
                match token.recognise(&good, vec![witness(&key)], soon()).await {
                    Ok(found) => assert_eq!(found, Some(id), "{function}"),
                    Err(fault) => assert_fault(fault, Code::Unavailable, AWAY),
                }
                stand.fake.clear_script();
                settled(&token).await;
                stand.fake.fail(function, 1, value);
                match token.recognise(&good, vec![], soon()).await {
                    Ok(found) => assert_eq!(found, None, "{function}"),
                    Err(fault) => assert_fault(fault, Code::Unavailable, AWAY),
                }
                stand.fake.clear_script();
                settled(&token).await;
            }
        }
        assert_eq!(stand.fake.copies(), 0);
        token.stop().await;
    });
}

/// The same for a secret that makes codes and for a private key, whose public half a fault must not take away.
#[test]
fn a_fault_that_goes_makes_no_key_another_one() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        let kinds = [
            (KeySpec::Hmac256, KeyUsage::GenerateVerifyMac, MATERIAL.as_slice()),
            (KeySpec::EccNistP256, KeyUsage::SignVerify, private.as_ref()),
            (KeySpec::EccNistP256, KeyUsage::KeyAgreement, private.as_ref()),
        ];
        for (spec, usage, material) in kinds {
            let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
            let kind = KeyKind::new(spec, usage).unwrap();
            let good = wrapping.wrap_as(kind, WrappingAlgorithm::RsaesOaepSha1, material);
            let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "a"));
            let made = token.import_key(id, &name, &good, None, soon()).await.unwrap();
            let hallmark = match (made.public_key, made.witness) {
                (Some(public_key), _) => Hallmark::PublicKey(public_key),
                (None, witness) => Hallmark::Witness(Arc::new(witness.unwrap())),
            };
            for function in [
                Function::UnwrapKey,
                Function::GetAttributeValue,
                Function::GenerateRandom,
                Function::DigestKey,
                Function::DeriveKey,
                Function::SignInit,
                Function::Sign,
            ] {
                for value in [ReturnValue::GeneralError, ReturnValue::DeviceError] {
                    for (known, expected) in [(vec![(id, hallmark.clone())], Some(id)), (vec![], None)] {
                        stand.fake.fail(function, 1, value);
                        match token.recognise(&good, known, soon()).await {
                            Ok(found) => assert_eq!(found, expected, "{spec} {function}"),
                            Err(fault) => assert_fault(fault, Code::Unavailable, AWAY),
                        }
                        stand.fake.clear_script();
                        settled(&token).await;
                    }
                }
            }
        }
        token.stop().await;
    });
}

/// A private key that cannot be used twice is none, if the token is well; one that is away says nothing of it.
#[test]
fn a_private_key_is_refused_by_a_token_that_is_well() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        let kind = KeyKind::new(KeySpec::EccNistP256, KeyUsage::SignVerify).unwrap();
        let good = wrapping.wrap_as(kind, WrappingAlgorithm::RsaesOaepSha1, private.as_ref());
        for function in [Function::DeriveKey, Function::SignInit] {
            stand.fake.fail(function, 2, ReturnValue::GeneralError);
            let fault = token.recognise(&good, vec![], soon()).await.unwrap_err();
            let spec = "ECC_NIST_P256";
            assert_eq!(fault, TokenFault::MaterialKind { spec });
            stand.fake.fail(function, 1, ReturnValue::DeviceRemoved);
            let fault = token.recognise(&good, vec![], soon()).await.unwrap_err();
            assert_fault(fault, Code::Unavailable, AWAY);
            settled(&token).await;
        }
        assert_eq!(token.recognise(&good, vec![], soon()).await.unwrap(), None);
        assert_eq!(stand.fake.copies(), 0);
        token.stop().await;
    });
}

/// A token that lets a private key come out readable keeps none.
#[test]
fn a_private_key_that_comes_out_extractable_is_destroyed() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        let kind = KeyKind::new(KeySpec::EccNistP256, KeyUsage::SignVerify).unwrap();
        let good = wrapping.wrap_as(kind, WrappingAlgorithm::RsaesOaepSha1, private.as_ref());
        let before = stand.fake.objects();
        stand.fake.set_careless(true);
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "a"));
        let fault = token.import_key(id, &name, &good, None, soon()).await.unwrap_err();
        let what = "CKA_EXTRACTABLE is not as a key made by this service has it".to_owned();
        assert_eq!(fault, TokenFault::ProvenanceDiffers { what });
        assert_eq!(stand.fake.objects(), before);
        token.stop().await;
    });
}

/// What an import for good may have left is found again: there are never two objects with one id, and none goes because
/// of a fault that went.
#[test]
fn an_import_that_fails_is_taken_up_again() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let good = wrapped(&token).await;
        let name = label(installation(), "a");
        let before = stand.fake.objects();
        for (function, value, left) in [
            (Function::UnwrapKey, ReturnValue::GeneralError, 0),
            (Function::GetAttributeValue, ReturnValue::GeneralError, 1),
            (Function::EncryptInit, ReturnValue::DeviceError, 1),
        ] {
            let id = KeyMaterialId::random().unwrap();
            stand.fake.fail(function, 1, value);
            let fault = import(&token, installation(), &good, id, None).await.unwrap_err();
            assert_fault(fault, Code::Unavailable, AWAY);
            assert_eq!(stand.fake.objects(), before + left, "{function}");
            settled(&token).await;
            import(&token, installation(), &good, id, None).await.unwrap();
            assert_eq!(stand.fake.objects(), before + 1, "{function}");
            token.destroy_key(id, &name, soon()).await.unwrap();
        }
        token.stop().await;
    });
}

/// Somebody with the PIN puts a key of his own where new material is about to be: it is not taken for that, whatever it says
/// of itself; nor is a key of the right bytes that may do other things.
#[test]
fn what_is_planted_in_the_place_of_new_material_is_destroyed() {
    run(async {
        let (stand, token, other) = quiet_stand().await;
        let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
        let name = label(installation(), "a");
        let before = stand.fake.objects();
        for (imported, material) in [(true, [0x33; 32]), (false, [0x33; 32]), (false, MATERIAL)] {
            let good = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &material);
            let id = KeyMaterialId::random().unwrap();
            // Of an id whose object was lost the map is read again.
            assert_eq!(token.inspect(id, soon()).await, Err(TokenFault::KeyMissing { id }));
            if imported {
                stand.fake.plant_imported_object(name.as_str(), &id);
            } else {
                stand.fake.plant_object(name.as_str(), &id);
            }
            let unknown = TokenKey {
                id,
                kind: KeyKind::SYMMETRIC,
                witness: other.witness.clone(),
            };
            assert_eq!(
                token.attest(&[unknown], soon()).await.unwrap().len(),
                1,
                "the map knows it now"
            );
            let key = import(&token, installation(), &good, id, None).await.unwrap();
            assert_eq!(
                token.recognise(&good, vec![witness(&key)], soon()).await.unwrap(),
                Some(id)
            );
            assert_eq!(token.attest(std::slice::from_ref(&key), soon()).await.unwrap(), []);
            assert_eq!(stand.fake.objects(), before + 1);
            let encrypted = sealed(&token, &key, b"value").await;
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            token.destroy_key(id, &name, soon()).await.unwrap();
        }
        token.stop().await;
    });
}

#[test]
fn a_token_without_room_does_not_call_the_material_invalid() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let good = wrapped(&token).await;
        let id = KeyMaterialId::random().unwrap();
        stand.fake.set_full(true);
        let fault = import(&token, installation(), &good, id, None).await.unwrap_err();
        assert!(matches!(fault, TokenFault::StorageFull { .. }), "{fault}");
        stand.fake.set_full(false);
        import(&token, installation(), &good, id, None).await.unwrap();
        assert_eq!(stand.fake.copies(), 0);
        token.stop().await;
    });
}

/// SoftHSM 2.6.1 gives a wrapping key CKA_SIGN_RECOVER if nobody says otherwise.
#[test]
fn a_wrapping_key_that_does_more_is_destroyed() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let before = stand.fake.objects();
        stand.fake.set_careless(true);
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "a"));
        let made = token.create_wrapping_key(id, &name, KeySpec::Rsa2048, soon()).await;
        let fault = made.unwrap_err();
        assert!(matches!(fault, TokenFault::ProvenanceDiffers { .. }), "{fault}");
        assert_eq!(stand.fake.objects(), before);
        token.stop().await;
    });
}

/// An object that stays in the session goes with it, and makes the service look at the token. Nobody is held up by that.
#[test]
fn an_object_that_cannot_be_destroyed_goes_with_its_session() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
        for algorithm in [WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaAesKeyWrapSha1] {
            let good = wrapping.wrap(algorithm, &MATERIAL);
            for value in [ReturnValue::FunctionRejected, ReturnValue::ActionProhibited] {
                let probes = token.status().counts.probes;
                stand.fake.fail(Function::DestroyObject, 1, value);
                assert_eq!(token.recognise(&good, vec![], soon()).await.unwrap(), None);
                token.objects(soon()).await.unwrap();
                assert_eq!(stand.fake.copies(), 0, "{algorithm} {value}");
                assert!(token.status().counts.probes > probes);
            }
        }
        assert_eq!(token.status().counts.connections, 1);
        token.stop().await;
    });
}
