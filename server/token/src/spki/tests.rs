use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING,
    ML_DSA_87_SIGNING, PqdsaKeyPair,
};
use strongroom_base::KeySpec;

use super::{bits, encode};
use crate::der;
use crate::module::PublicHalf;

#[test]
fn points_are_taken_bare_and_wrapped_and_come_out_as_elsewhere() {
    let curves = [
        (KeySpec::EccNistP256, &ECDSA_P256_SHA256_ASN1_SIGNING),
        (KeySpec::EccNistP384, &ECDSA_P384_SHA384_ASN1_SIGNING),
        (KeySpec::EccNistP521, &ECDSA_P521_SHA512_ASN1_SIGNING),
        (KeySpec::EccSecgP256K1, &ECDSA_P256K1_SHA256_ASN1_SIGNING),
    ];
    for (spec, algorithm) in curves {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let expected = pair.public_key().as_der().unwrap();
        let point = pair.public_key().as_ref().to_vec();
        for point in [point.clone(), der::octet_string(&point)] {
            assert_eq!(
                *encode(spec, &PublicHalf::Point(point)).unwrap(),
                *expected.as_ref(),
                "{spec}"
            );
        }
        let compressed = [&[2], &point[1..]].concat();
        for wrong in [
            compressed,
            point[1..].to_vec(),
            [point.as_slice(), &[0]].concat(),
            Vec::new(),
        ] {
            encode(spec, &PublicHalf::Point(wrong)).unwrap_err();
        }
    }
    let pair = Ed25519KeyPair::generate().unwrap();
    let point = PublicHalf::Point(der::octet_string(pair.public_key().as_ref()));
    let expected = pair.public_key().as_der().unwrap();
    assert_eq!(
        *encode(KeySpec::EccNistEdwards25519, &point).unwrap(),
        *expected.as_ref()
    );
}

#[test]
fn lattice_keys_come_out_as_elsewhere() {
    let sets = [
        (KeySpec::MlDsa44, &ML_DSA_44_SIGNING),
        (KeySpec::MlDsa65, &ML_DSA_65_SIGNING),
        (KeySpec::MlDsa87, &ML_DSA_87_SIGNING),
    ];
    for (spec, algorithm) in sets {
        let pair = PqdsaKeyPair::generate(algorithm).unwrap();
        let bytes = PublicHalf::Bytes(pair.public_key().as_ref().to_vec());
        assert_eq!(
            *encode(spec, &bytes).unwrap(),
            *pair.public_key().as_der().unwrap().as_ref()
        );
        encode(KeySpec::MlKem512, &bytes).unwrap_err();
    }
    // 30 82 .. 30 0b 06 09 and the identifier that RFC 9935 gives ML-KEM-768.
    let kem = encode(KeySpec::MlKem768, &PublicHalf::Bytes(vec![7; 1_184])).unwrap();
    assert_eq!(kem[4..17], [0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 2]);
}

#[test]
fn rsa_keys_must_have_their_length_and_the_usual_exponent() {
    let rsa = |modulus: Vec<u8>, exponent: &[u8]| PublicHalf::Rsa {
        modulus,
        exponent: exponent.to_vec(),
    };
    let good = encode(KeySpec::Rsa2048, &rsa(vec![0xff; 256], &[1, 0, 1])).unwrap();
    // With and without the sign's zero it is one key.
    let zeros = [&[0], [0xff; 256].as_slice()].concat();
    assert_eq!(encode(KeySpec::Rsa2048, &rsa(zeros, &[0, 1, 0, 1])).unwrap(), good);
    aws_lc_rs::rsa::PublicEncryptingKey::from_der(&good).unwrap();
    for (spec, half) in [
        (KeySpec::Rsa3072, rsa(vec![0xff; 256], &[1, 0, 1])),
        (KeySpec::Rsa2048, rsa(vec![0x7f; 256], &[1, 0, 1])),
        (KeySpec::Rsa2048, rsa(vec![0xff; 256], &[3])),
        (KeySpec::EccNistP256, rsa(vec![0xff; 256], &[1, 0, 1])),
    ] {
        encode(spec, &half).unwrap_err();
    }
    assert_eq!((bits(&[]), bits(&[0, 1, 0]), bits(&[0x80])), (0, 9, 8));
}
