use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
};
use strongroom_base::KeySpec;

use super::{coordinate_bytes, generator, with_coordinate};
use crate::agreement;

/// As `openssl ecparam -param_enc explicit -text` shows them: somebody mistyped would be found here, and b with them.
#[test]
fn points_are_those_of_another_implementation() {
    let curves = [
        (KeySpec::EccNistP256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        (KeySpec::EccNistP384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        (KeySpec::EccNistP521, &ECDSA_P521_SHA512_FIXED_SIGNING),
        (KeySpec::EccSecgP256K1, &ECDSA_P256K1_SHA256_FIXED_SIGNING),
    ];
    for (spec, algorithm) in curves {
        for _ in 0..20 {
            let pair = EcdsaKeyPair::generate(algorithm).unwrap();
            let point = pair.public_key().as_ref();
            let x = &point[1..=coordinate_bytes(spec).unwrap()];
            let found = with_coordinate(spec, x).unwrap();
            assert!(found.iter().any(|found| found == point), "{spec}: {point:02x?}");
            assert_ne!(found[0], found[1]);
        }
        let base = generator(spec).unwrap();
        let x = &base[1..=coordinate_bytes(spec).unwrap()];
        assert!(with_coordinate(spec, x).unwrap().contains(&base), "{spec}");
    }
}

/// What the public half is found by: a key agreement with the generator comes to its x-coordinate.
#[test]
fn an_agreement_with_the_generator_is_the_public_coordinate() {
    for spec in [KeySpec::EccNistP256, KeySpec::EccNistP384, KeySpec::EccNistP521] {
        let algorithm = agreement::algorithm(spec).unwrap();
        let private = PrivateKey::generate(algorithm).unwrap();
        let public = private.compute_public_key().unwrap();
        let base = UnparsedPublicKey::new(algorithm, generator(spec).unwrap());
        let x = agree(&private, base, (), |x| Ok(x.to_vec())).unwrap();
        assert_eq!(x, &public.as_ref()[1..=coordinate_bytes(spec).unwrap()]);
    }
}

#[test]
fn what_is_on_no_curve_is_no_point() {
    // 5 is no x-coordinate of the curve of Bitcoin, and 4 none with the prime added to it.
    assert_eq!(with_coordinate(KeySpec::EccSecgP256K1, &[5]), None);
    assert_eq!(with_coordinate(KeySpec::EccSecgP256K1, &[0xff; 32]), None);
    assert_eq!(with_coordinate(KeySpec::Rsa2048, &[4]), None);
    assert_eq!(generator(KeySpec::EccNistEdwards25519), None);
}
