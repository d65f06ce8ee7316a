//! Keys of every kind with material that their owners bring along.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RsaKeyPair,
};
use strongroom_base::{
    Code, Fault, KeyId, KeyMaterialId, KeyOrigin, KeySpec, KeyUsage, MacAlgorithm, WrappingAlgorithm,
};
use strongroom_kms::op::{
    CreateKey, GetParametersForImport, GetPublicKey, ImportKeyMaterial, NewImport, NewKey, RotateKeyOnDemand,
};
use strongroom_kms::{ImportType, KeyReference, KeyState};

use crate::bench::{Bench, refused, scope};
use crate::importing::{DAY, as_it_is, as_new, delete, expire_due, import_by, until};
use crate::uses::{KINDS, Subject, USES, proper, refusal};

const OTHER: &str = "is not one that was imported into key";

/// Material that was made outside: a secret, or a private key and its public half.
struct Outside {
    material: Vec<u8>,
    public_key: Option<Vec<u8>>,
}

fn outside(spec: KeySpec, seed: u8) -> Outside {
    let on_curve = |algorithm| {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        Outside {
            material: pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            public_key: Some(pair.public_key().as_der().unwrap().as_ref().to_vec()),
        }
    };
    match spec {
        KeySpec::Rsa2048 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            Outside {
                material: pair.as_der().unwrap().as_ref().to_vec(),
                public_key: Some(pair.public_key().as_der().unwrap().as_ref().to_vec()),
            }
        }
        KeySpec::EccNistP256 => on_curve(&ECDSA_P256_SHA256_FIXED_SIGNING),
        KeySpec::EccNistP384 => on_curve(&ECDSA_P384_SHA384_FIXED_SIGNING),
        KeySpec::EccNistP521 => on_curve(&ECDSA_P521_SHA512_FIXED_SIGNING),
        KeySpec::EccSecgP256K1 => on_curve(&ECDSA_P256K1_SHA256_FIXED_SIGNING),
        other => Outside {
            material: vec![seed; other.mac_algorithm().map_or(32, MacAlgorithm::bytes)],
            public_key: None,
        },
    }
}

fn external_of(spec: KeySpec, usage: KeyUsage) -> NewKey {
    NewKey {
        spec: Some(spec),
        usage: Some(usage),
        origin: Some(KeyOrigin::External),
        ..NewKey::default()
    }
}

async fn external(bench: &Bench, spec: KeySpec, usage: KeyUsage) -> KeyId {
    let new = CreateKey::new(external_of(spec, usage)).unwrap();
    let made = bench.admin(new).await.unwrap().record.clone();
    assert_eq!(made.state, KeyState::PendingImport);
    made.id
}

/// Imports with new parameters, wrapped as such material is.
async fn import(
    bench: &Bench,
    key: KeyId,
    spec: KeySpec,
    material: &[u8],
    change: impl FnOnce(NewImport) -> NewImport,
) -> Result<KeyMaterialId, Fault> {
    let algorithm = match spec.is_asymmetric() {
        true => WrappingAlgorithm::RsaAesKeyWrapSha256,
        false => WrappingAlgorithm::RsaesOaepSha256,
    };
    let asked = GetParametersForImport::new(key, algorithm, KeySpec::Rsa2048)?;
    let parameters = bench.admin(asked).await?;
    let new = change(import_by(key, &parameters, algorithm, material));
    Ok(bench.admin(ImportKeyMaterial::new(new)?).await?.material)
}

/// The kinds that AWS imports, of those that behave in ways of their own.
fn kinds() -> impl Iterator<Item = (KeySpec, KeyUsage)> {
    KINDS
        .into_iter()
        .filter(|(spec, usage)| CreateKey::new(external_of(*spec, *usage)).is_ok())
}

async fn public_key(bench: &Bench, key: KeyId) -> Result<Vec<u8>, Fault> {
    let key = KeyReference::Key(key);
    let half = bench.admin(GetPublicKey { key }).await?;
    Ok(half.public_key.as_der().to_vec())
}

/// An imported key is used like any other of its kind; without its material for nothing, and with it again as before.
#[tokio::test]
async fn keys_of_every_kind_live_with_their_material() {
    let bench = Bench::new().await;
    assert_eq!(kinds().count(), 7);
    for (spec, usage) in kinds() {
        let key = external(&bench, spec, usage).await;
        let made = outside(spec, 0x5a);
        let pending = format!("{} is pending import.", scope().key_arn(&key));
        if made.public_key.is_some() {
            refused(public_key(&bench, key).await, Code::KmsInvalidState, &pending);
        }
        let material = import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        assert_eq!(bench.describe(key).await.record.state, KeyState::Enabled);
        assert_eq!(public_key(&bench, key).await.ok(), made.public_key, "{spec}");

        let subject = Subject::of(&bench, key, spec, usage).await;
        for (operation, needed) in USES {
            let outcome = subject.undergo(&bench, operation).await;
            let found = outcome.err().map(|fault| (fault.code(), fault.message().to_owned()));
            let expected = refusal(operation, needed, key, spec, usage);
            assert_eq!(found, expected, "{operation} with imported {spec} for {usage}");
        }

        delete(&bench, key, None).await.unwrap();
        for operation in proper(spec, usage) {
            refused(
                subject.undergo(&bench, operation).await,
                Code::KmsInvalidState,
                &pending,
            );
        }
        let again = import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        assert_eq!(again, material, "it gets the CKA_ID that it had");
        assert_eq!(public_key(&bench, key).await.ok(), made.public_key, "{spec}");
        // What was signed, encrypted and authenticated in better days.
        for operation in proper(spec, usage) {
            subject.undergo(&bench, operation).await.unwrap();
        }
        let found = bench.reconcile().await;
        assert!(found.drifted.is_empty() && found.missing.is_empty() && found.unknown.is_empty());
    }
}

/// An object that somebody destroyed comes back with the next import, under the id that it had.
#[tokio::test]
async fn a_lost_object_of_every_kind_comes_back_with_its_material() {
    let bench = Bench::new().await;
    for (spec, usage) in kinds() {
        let key = external(&bench, spec, usage).await;
        let made = outside(spec, 0x5a);
        let material = import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        let subject = Subject::of(&bench, key, spec, usage).await;
        bench.fake.delete_object(&material);
        let objects = bench.fake.objects();
        let again = import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        assert_eq!((again, bench.fake.objects()), (material, objects + 1), "{spec}");
        for operation in proper(spec, usage) {
            subject.undergo(&bench, operation).await.unwrap();
        }
        let found = bench.reconcile().await;
        assert!(found.drifted.is_empty() && found.missing.is_empty() && found.unknown.is_empty());
    }
}

/// For life: there is one material of such a key, and nothing rotates.
#[tokio::test]
async fn another_material_is_refused_for_life() {
    let bench = Bench::new().await;
    for (spec, usage) in kinds().filter(|(spec, _)| *spec != KeySpec::SymmetricDefault) {
        let key = external(&bench, spec, usage).await;
        let (made, other) = (outside(spec, 0x5a), outside(spec, 0x33));
        import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        for deleted in [false, true] {
            if deleted {
                delete(&bench, key, None).await.unwrap();
            }
            let outcome = import(&bench, key, spec, &other.material, as_it_is).await;
            let expected = format!("The key material {OTHER} {key} before.");
            refused(outcome, Code::IncorrectKeyMaterial, &expected);
        }
        let text = "is not supported with KeySpec";
        let outcome = import(&bench, key, spec, &made.material, as_new).await;
        let expected = format!("ImportType {text} {spec}; it is for symmetric encryption keys.");
        refused(outcome, Code::UnsupportedOperation, &expected);
        let described = |new| NewImport {
            description: Some("first".to_owned()),
            import_type: None,
            ..new
        };
        let outcome = import(&bench, key, spec, &made.material, described).await;
        let expected = format!("KeyMaterialDescription {text} {spec}; it is for symmetric encryption keys.");
        refused(outcome, Code::UnsupportedOperation, &expected);
        let named = |new| NewImport {
            import_type: Some(ImportType::ExistingKeyMaterial),
            material: Some(KeyMaterialId::from_bytes([7; 32])),
            ..new
        };
        let outcome = import(&bench, key, spec, &made.material, named).await;
        let expected = format!("ImportType {text} {spec}; it is for symmetric encryption keys.");
        refused(outcome, Code::UnsupportedOperation, &expected);

        let arn = scope().key_arn(&key);
        let expected = format!("{arn} key spec is {spec} which is not valid for this operation.");
        let rotated = bench.admin(RotateKeyOnDemand { key }).await;
        refused(rotated, Code::UnsupportedOperation, &expected);
        import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        assert_eq!(public_key(&bench, key).await.ok(), made.public_key);
    }
}

#[tokio::test]
async fn material_of_every_kind_expires_and_comes_back() {
    let bench = Bench::new().await;
    for (spec, usage) in kinds() {
        let key = external(&bench, spec, usage).await;
        let made = outside(spec, 0x5a);
        let at = until(bench.now() + DAY);
        let material = import(&bench, key, spec, &made.material, at).await.unwrap();
        bench.advance_days(2);
        assert_eq!(expire_due(&bench).await, [(key, material)]);
        assert_eq!(bench.describe(key).await.record.state, KeyState::PendingImport);
        import(&bench, key, spec, &made.material, as_it_is).await.unwrap();
        let subject = Subject::of(&bench, key, spec, usage).await;
        for operation in proper(spec, usage) {
            subject.undergo(&bench, operation).await.unwrap();
        }
    }
}

/// AWS's table of wrapping algorithms: what a private key does not fit into.
#[tokio::test]
async fn wrapping_algorithms_are_those_that_private_keys_fit_into() {
    let bench = Bench::new().await;
    let direct = [WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaesOaepSha256];
    let through_aes = [
        WrappingAlgorithm::RsaAesKeyWrapSha1,
        WrappingAlgorithm::RsaAesKeyWrapSha256,
    ];
    let table = [
        (KeySpec::Rsa2048, KeySpec::Rsa4096, Some(String::new())),
        (KeySpec::Rsa4096, KeySpec::Rsa4096, Some(String::new())),
        (
            KeySpec::EccNistP521,
            KeySpec::Rsa2048,
            Some(" under WrappingKeySpec RSA_2048".to_owned()),
        ),
        (KeySpec::EccNistP521, KeySpec::Rsa3072, None),
        (KeySpec::EccNistP384, KeySpec::Rsa2048, None),
    ];
    for (spec, wrapping, refusal) in table {
        for algorithm in direct.into_iter().chain(through_aes) {
            let key = external(&bench, spec, KeyUsage::SignVerify).await;
            let asked = GetParametersForImport::new(key, algorithm, wrapping).unwrap();
            let outcome = bench.admin(asked).await;
            match &refusal {
                Some(with) if direct.contains(&algorithm) => {
                    let expected = format!(
                        "WrappingAlgorithm {algorithm}{with} is not supported for key material of KeySpec {spec}; use an \
                         RSA_AES_KEY_WRAP algorithm."
                    );
                    refused(outcome, Code::UnsupportedOperation, &expected);
                }
                _ => drop(outcome.unwrap()),
            }
        }
    }
}

/// The longest private key on a curve, in the shortest wrapping key that takes it.
#[tokio::test]
async fn a_private_key_that_fits_is_wrapped_directly() {
    let bench = Bench::new().await;
    let algorithm = WrappingAlgorithm::RsaesOaepSha256;
    for (spec, wrapping) in [
        (KeySpec::EccNistP521, KeySpec::Rsa3072),
        (KeySpec::EccNistP384, KeySpec::Rsa2048),
    ] {
        let key = external(&bench, spec, KeyUsage::SignVerify).await;
        let made = outside(spec, 0);
        let asked = GetParametersForImport::new(key, algorithm, wrapping).unwrap();
        let parameters = bench.admin(asked).await.unwrap();
        let new = import_by(key, &parameters, algorithm, &made.material);
        bench.admin(ImportKeyMaterial::new(new).unwrap()).await.unwrap();
        assert_eq!(public_key(&bench, key).await.ok(), made.public_key);
    }
}

/// What unwraps and is no such key leaves nothing in the token and nothing in the record.
#[tokio::test]
async fn material_of_another_kind_is_refused() {
    let bench = Bench::new().await;
    let objects = bench.fake.objects();
    let kind = "The key material is not a private key of the kind that the key spec requires, in PKCS #8.";
    let length = "The key material does not have the length that the key spec requires.";
    let (rsa, p_256, p_384) = (
        outside(KeySpec::Rsa2048, 0).material,
        outside(KeySpec::EccNistP256, 0).material,
        outside(KeySpec::EccNistP384, 0).material,
    );
    for (spec, usage, material, text) in [
        (KeySpec::Rsa2048, KeyUsage::SignVerify, &p_256, kind),
        (KeySpec::Rsa3072, KeyUsage::EncryptDecrypt, &rsa, kind),
        (KeySpec::EccNistP256, KeyUsage::SignVerify, &rsa, kind),
        (KeySpec::EccNistP256, KeyUsage::KeyAgreement, &p_384, kind),
        (KeySpec::EccSecgP256K1, KeyUsage::SignVerify, &p_256, kind),
        (KeySpec::EccNistP384, KeyUsage::SignVerify, &vec![7; 185], kind),
        (KeySpec::Hmac224, KeyUsage::GenerateVerifyMac, &vec![7; 32], length),
        (KeySpec::Hmac512, KeyUsage::GenerateVerifyMac, &vec![7; 63], length),
    ] {
        let key = external(&bench, spec, usage).await;
        let outcome = import(&bench, key, spec, material, as_it_is).await;
        refused(outcome, Code::IncorrectKeyMaterial, text);
        let record = bench.describe(key).await.record.clone();
        assert!(record.state == KeyState::PendingImport && record.versions.is_empty());
    }
    assert_eq!(bench.fake.objects(), objects);
    assert!(bench.stored("import-parameters").is_empty());
}

/// Of these nothing that a token does with them shows the public half, or AWS does not import them.
#[test]
fn kinds_that_are_not_imported_are_refused_by_name() {
    let refused_specs: Vec<_> = KeySpec::ALL
        .iter()
        .filter(|spec| CreateKey::new(external_of(**spec, spec.usages()[0])).is_err())
        .map(|spec| spec.as_str())
        .collect();
    let expected = [
        "ECC_NIST_EDWARDS25519",
        "ML_DSA_44",
        "ML_DSA_65",
        "ML_DSA_87",
        "ML_KEM_512",
        "ML_KEM_768",
        "ML_KEM_1024",
        "SM2",
    ];
    let mut sorted = refused_specs.clone();
    sorted.sort_by_key(|spec| expected.iter().position(|expected| expected == spec));
    assert_eq!(sorted, expected);
}
