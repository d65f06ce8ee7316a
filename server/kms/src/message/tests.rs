use super::*;

fn checked(form: MessageType, length: usize, spec: KeySpec, algorithm: SigningAlgorithm) -> Result<(), String> {
    let message = Message::new(Material::take(vec![0; length]), Some(form)).unwrap();
    message
        .check(spec, algorithm)
        .map_err(|fault| format!("{:?}: {}", fault.code(), fault.message()))
}

#[test]
fn messages_have_1_to_4096_bytes() {
    for length in [0, 4_097] {
        let fault = Message::new(Material::take(vec![0; length]), None).err().unwrap();
        assert_eq!(fault.code(), Code::Validation);
        assert_eq!(
            fault.message(),
            "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length \
             between 1 and 4096"
        );
    }
    for length in [1, 4_096] {
        let message = Message::new(Material::take(vec![0; length]), None).unwrap();
        assert_eq!((message.bytes().len(), message.form()), (length, MessageType::Raw));
    }
}

#[test]
fn a_digest_is_as_long_as_its_algorithm_says() {
    for spec in KeySpec::ALL {
        for algorithm in spec.signing_algorithms() {
            let Some(length) = algorithm.digest_bytes() else {
                continue;
            };
            assert_eq!(checked(MessageType::Digest, length, *spec, *algorithm), Ok(()));
            for other in [1, length - 1, length + 1, 4_096] {
                assert_eq!(
                    checked(MessageType::Digest, other, *spec, *algorithm),
                    Err(format!(
                        "Validation: Digest is invalid length for algorithm {algorithm}."
                    ))
                );
            }
        }
    }
}

#[test]
fn forms_that_an_algorithm_does_not_take_are_refused() {
    use MessageType::{Digest, ExternalMu, Raw};
    use SigningAlgorithm::{EcdsaSha256, Ed25519PhSha512, Ed25519Sha512, MlDsaShake256};
    let edwards = KeySpec::EccNistEdwards25519;
    let refused = [
        (
            Digest,
            64,
            edwards,
            Ed25519Sha512,
            "Message type DIGEST is incompatible with algorithm ED25519_SHA_512.",
        ),
        (
            Raw,
            64,
            edwards,
            Ed25519PhSha512,
            "Message type RAW is incompatible with algorithm ED25519_PH_SHA_512.",
        ),
        (
            Digest,
            64,
            KeySpec::MlDsa65,
            MlDsaShake256,
            "Message type DIGEST is incompatible with key spec ML_DSA_65.",
        ),
        (
            ExternalMu,
            63,
            KeySpec::MlDsa44,
            MlDsaShake256,
            "External Mu is invalid length for algorithm ML_DSA_SHAKE_256.",
        ),
        (
            ExternalMu,
            64,
            KeySpec::EccNistP256,
            EcdsaSha256,
            "Message type EXTERNAL_MU is incompatible with key spec ECC_NIST_P256.",
        ),
    ];
    for (form, length, spec, algorithm, message) in refused {
        assert_eq!(
            checked(form, length, spec, algorithm),
            Err(format!("Validation: {message}"))
        );
    }
    assert_eq!(checked(ExternalMu, 64, KeySpec::MlDsa87, MlDsaShake256), Ok(()));
    assert_eq!(checked(Raw, 4_096, KeySpec::MlDsa87, MlDsaShake256), Ok(()));
    assert_eq!(checked(Raw, 1, edwards, Ed25519Sha512), Ok(()));
}
