//! The fake token's keys of every kind: made and used with aws-lc-rs.

use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::kem::{DecapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
    ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{hmac, rand};
use strongroom_base::{KeySpec, MacAlgorithm};

use crate::module::{Hash, PublicHalf, ReturnValue, RsaPadding, SignMechanism};
use crate::provenance::secret_bytes;
use crate::{point, spki};

/// What an object holds.
#[derive(Clone)]
pub(super) enum FakeKey {
    /// A secret key's bytes.
    Secret(Vec<u8>),
    /// A private key: PKCS #8, or for ML-KEM the standard's encoding.
    Private { spec: KeySpec, bytes: Vec<u8> },
    /// A public key.
    Public(PublicHalf),
}

/// What a call came to.
pub(super) type Answer<T> = Result<T, ReturnValue>;

/// aws-lc-rs says no more than that it failed.
fn failed<E>(_: E) -> ReturnValue {
    ReturnValue::GeneralError
}

/// A secret key.
pub(super) fn generate(spec: KeySpec) -> Answer<FakeKey> {
    let length = secret_bytes(spec).ok_or(ReturnValue::MechanismInvalid)?;
    let mut bytes = vec![0; length as usize];
    rand::fill(&mut bytes).map_err(|_| ReturnValue::RandomNoRng)?;
    Ok(FakeKey::Secret(bytes))
}

/// A private key and its public half.
pub(super) fn generate_pair(spec: KeySpec) -> Answer<(FakeKey, PublicHalf)> {
    let (bytes, public) = match spec {
        KeySpec::Rsa2048 => rsa_pair(KeySize::Rsa2048)?,
        KeySpec::Rsa3072 => rsa_pair(KeySize::Rsa3072)?,
        KeySpec::Rsa4096 => rsa_pair(KeySize::Rsa4096)?,
        KeySpec::EccNistEdwards25519 => {
            let pair = Ed25519KeyPair::generate().map_err(failed)?;
            let bytes = pair.to_pkcs8().map_err(failed)?.as_ref().to_vec();
            (bytes, PublicHalf::Point(pair.public_key().as_ref().to_vec()))
        }
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => {
            let pair = PqdsaKeyPair::generate(pqdsa(spec)?).map_err(failed)?;
            let bytes = pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec();
            (bytes, PublicHalf::Bytes(pair.public_key().as_ref().to_vec()))
        }
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => {
            let key = DecapsulationKey::generate(kem(spec)?).map_err(failed)?;
            let public = key
                .encapsulation_key()
                .map_err(failed)?
                .key_bytes()
                .map_err(failed)?
                .as_ref()
                .to_vec();
            let bytes = key.key_bytes().map_err(failed)?.as_ref().to_vec();
            (bytes, PublicHalf::Bytes(public))
        }
        _ => {
            let pair = EcdsaKeyPair::generate(ecdsa(spec)?).map_err(failed)?;
            let bytes = pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec();
            (bytes, PublicHalf::Point(pair.public_key().as_ref().to_vec()))
        }
    };
    Ok((FakeKey::Private { spec, bytes }, public))
}

fn rsa_pair(size: KeySize) -> Answer<(Vec<u8>, PublicHalf)> {
    let pair = RsaKeyPair::generate(size).map_err(failed)?;
    let bytes = pair.as_der().map_err(failed)?.as_ref().to_vec();
    Ok((bytes, rsa_half(&pair)?))
}

fn rsa_half(pair: &RsaKeyPair) -> Answer<PublicHalf> {
    // RSAPublicKey in DER ends with the modulus and the INTEGER 65537, which takes five bytes.
    let der = pair.public_key().as_ref().to_vec();
    let end = der.len().checked_sub(5).ok_or(ReturnValue::GeneralError)?;
    let begin = end
        .checked_sub(pair.public_modulus_len())
        .ok_or(ReturnValue::GeneralError)?;
    let modulus = der.get(begin..end).ok_or(ReturnValue::GeneralError)?.to_vec();
    let exponent = spki::PUBLIC_EXPONENT.to_vec();
    Ok(PublicHalf::Rsa { modulus, exponent })
}

/// A private key that comes from elsewhere, in PKCS #8: of whatever kind it says that it is.
pub(super) fn private_key(bytes: Vec<u8>) -> Option<FakeKey> {
    let rsa = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096];
    let curves = [
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256K1,
    ];
    let spec = match RsaKeyPair::from_pkcs8(&bytes) {
        Ok(pair) => {
            let is_as_long = |spec: &KeySpec| spki::modulus_bits(*spec) == Some(pair.public_modulus_len() as u64 * 8);
            rsa.into_iter().find(is_as_long)
        }
        Err(_) => {
            let is_on = |spec: &KeySpec| {
                ecdsa(*spec).is_ok_and(|algorithm| EcdsaKeyPair::from_pkcs8(algorithm, &bytes).is_ok())
            };
            curves.into_iter().find(is_on)
        }
    }?;
    Some(FakeKey::Private { spec, bytes })
}

/// What a private RSA key tells of its public half.
pub(super) fn public_half(bytes: &[u8]) -> Answer<PublicHalf> {
    let pair = RsaKeyPair::from_pkcs8(bytes).map_err(|_| ReturnValue::AttributeTypeInvalid)?;
    rsa_half(&pair)
}

fn ecdsa(spec: KeySpec) -> Answer<&'static EcdsaSigningAlgorithm> {
    match spec {
        KeySpec::EccNistP256 => Ok(&ECDSA_P256_SHA256_FIXED_SIGNING),
        KeySpec::EccNistP384 => Ok(&ECDSA_P384_SHA384_FIXED_SIGNING),
        KeySpec::EccNistP521 => Ok(&ECDSA_P521_SHA512_FIXED_SIGNING),
        KeySpec::EccSecgP256K1 => Ok(&ECDSA_P256K1_SHA256_FIXED_SIGNING),
        _ => Err(ReturnValue::KeyTypeInconsistent),
    }
}

fn pqdsa(spec: KeySpec) -> Answer<&'static PqdsaSigningAlgorithm> {
    match spec {
        KeySpec::MlDsa44 => Ok(&ML_DSA_44_SIGNING),
        KeySpec::MlDsa65 => Ok(&ML_DSA_65_SIGNING),
        KeySpec::MlDsa87 => Ok(&ML_DSA_87_SIGNING),
        _ => Err(ReturnValue::KeyTypeInconsistent),
    }
}

fn kem(spec: KeySpec) -> Answer<&'static aws_lc_rs::kem::Algorithm> {
    match spec {
        KeySpec::MlKem512 => Ok(&ML_KEM_512),
        KeySpec::MlKem768 => Ok(&ML_KEM_768),
        KeySpec::MlKem1024 => Ok(&ML_KEM_1024),
        _ => Err(ReturnValue::KeyTypeInconsistent),
    }
}

/// C_Sign.
pub(super) fn sign(key: &FakeKey, mechanism: SignMechanism, input: &[u8]) -> Answer<Vec<u8>> {
    let FakeKey::Private { spec, bytes } = key else {
        return Err(ReturnValue::KeyTypeInconsistent);
    };
    let spec = *spec;
    match mechanism {
        SignMechanism::RsaPss(hash) => {
            let padding = match hash {
                Hash::Sha256 => &RSA_PSS_SHA256,
                Hash::Sha384 => &RSA_PSS_SHA384,
                Hash::Sha512 => &RSA_PSS_SHA512,
            };
            sign_rsa(bytes, padding, hash, input)
        }
        SignMechanism::RsaPkcs => {
            // The DigestInfo's prefix is nineteen bytes for each of the three.
            let digest = input.get(19..).ok_or(ReturnValue::DataLenRange)?;
            let (padding, hash) = match digest.len() {
                32 => (&RSA_PKCS1_SHA256, Hash::Sha256),
                48 => (&RSA_PKCS1_SHA384, Hash::Sha384),
                _ => (&RSA_PKCS1_SHA512, Hash::Sha512),
            };
            sign_rsa(bytes, padding, hash, digest)
        }
        SignMechanism::Ecdsa => {
            let pair = EcdsaKeyPair::from_pkcs8(ecdsa(spec)?, bytes).map_err(failed)?;
            let hash = match spec {
                KeySpec::EccNistP384 => Hash::Sha384,
                KeySpec::EccNistP521 => Hash::Sha512,
                _ => Hash::Sha256,
            };
            let signature = pair.sign_digest(&digest_of(hash, input)?).map_err(failed)?;
            Ok(signature.as_ref().to_vec())
        }
        SignMechanism::Eddsa if spec == KeySpec::EccNistEdwards25519 => {
            let pair = Ed25519KeyPair::from_pkcs8(bytes).map_err(failed)?;
            Ok(pair.sign(input).as_ref().to_vec())
        }
        SignMechanism::MlDsa => {
            let algorithm = pqdsa(spec)?;
            let pair = PqdsaKeyPair::from_pkcs8(algorithm, bytes).map_err(failed)?;
            let mut signature = vec![0; algorithm.signature_len()];
            pair.sign(input, &mut signature).map_err(failed)?;
            Ok(signature)
        }
        // Its profile says that it has none: the library under it has none.
        SignMechanism::EddsaPh => Err(ReturnValue::MechanismParamInvalid),
        SignMechanism::Eddsa => Err(ReturnValue::KeyTypeInconsistent),
    }
}

fn sign_rsa(bytes: &[u8], padding: &'static dyn RsaEncoding, hash: Hash, digest: &[u8]) -> Answer<Vec<u8>> {
    let pair = RsaKeyPair::from_pkcs8(bytes).map_err(|_| ReturnValue::KeyTypeInconsistent)?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign_digest(padding, &digest_of(hash, digest)?, &mut signature)
        .map_err(failed)?;
    Ok(signature)
}

fn digest_of(hash: Hash, bytes: &[u8]) -> Answer<Digest> {
    let algorithm = match hash {
        Hash::Sha256 => &digest::SHA256,
        Hash::Sha384 => &digest::SHA384,
        Hash::Sha512 => &digest::SHA512,
    };
    Digest::import_less_safe(bytes, algorithm).map_err(|_| ReturnValue::DataLenRange)
}

/// C_Sign with an HMAC key.
pub(super) fn mac(key: &FakeKey, algorithm: MacAlgorithm, message: &[u8]) -> Answer<Vec<u8>> {
    let FakeKey::Secret(bytes) = key else {
        return Err(ReturnValue::KeyTypeInconsistent);
    };
    let algorithm = match algorithm {
        MacAlgorithm::HmacSha224 => hmac::HMAC_SHA224,
        MacAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
        MacAlgorithm::HmacSha384 => hmac::HMAC_SHA384,
        MacAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
    };
    Ok(hmac::sign(&hmac::Key::new(algorithm, bytes), message).as_ref().to_vec())
}

/// C_Decrypt with an RSA key.
pub(super) fn decrypt_rsa(key: &FakeKey, padding: RsaPadding, ciphertext: &[u8]) -> Answer<Vec<u8>> {
    let FakeKey::Private { bytes, .. } = key else {
        return Err(ReturnValue::KeyTypeInconsistent);
    };
    let algorithm = match padding {
        RsaPadding::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
        RsaPadding::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        // aws-lc-rs has no RSA without padding: the fake's profile does not ask for it.
        RsaPadding::None => return Err(ReturnValue::MechanismInvalid),
    };
    let key = PrivateDecryptingKey::from_pkcs8(bytes).map_err(|_| ReturnValue::KeyTypeInconsistent)?;
    let key = OaepPrivateDecryptingKey::new(key).map_err(failed)?;
    let mut plaintext = vec![0; key.min_output_size()];
    let length = key
        .decrypt(algorithm, ciphertext, &mut plaintext, None)
        .map_err(failed)?
        .len();
    plaintext.truncate(length);
    Ok(plaintext)
}

/// C_DeriveKey.
pub(super) fn derive(key: &FakeKey, peer: &[u8]) -> Answer<Vec<u8>> {
    let FakeKey::Private { spec, bytes } = key else {
        return Err(ReturnValue::KeyTypeInconsistent);
    };
    let Some(algorithm) = crate::agreement::algorithm(*spec) else {
        return agree_with_generator(*spec, bytes, peer);
    };
    let key = PrivateKey::from_private_key_der(algorithm, bytes).map_err(failed)?;
    let peer = UnparsedPublicKey::new(algorithm, peer);
    agree(&key, peer, ReturnValue::MechanismParamInvalid, |secret| {
        Ok(secret.to_vec())
    })
}

/// On the curve of Bitcoin, where aws-lc-rs agrees with nobody: with the generator it comes to the public x-coordinate.
fn agree_with_generator(spec: KeySpec, bytes: &[u8], peer: &[u8]) -> Answer<Vec<u8>> {
    if point::generator(spec).is_none_or(|generator| generator != peer) {
        return Err(ReturnValue::KeyTypeInconsistent);
    }
    let pair = EcdsaKeyPair::from_pkcs8(ecdsa(spec)?, bytes).map_err(failed)?;
    let coordinates = pair.public_key().as_ref().split_first().map(|(_, both)| both);
    let coordinates = coordinates.ok_or(ReturnValue::GeneralError)?;
    let (x, _) = coordinates
        .split_at_checked(coordinates.len() / 2)
        .ok_or(ReturnValue::GeneralError)?;
    Ok(x.to_vec())
}

/// C_DecapsulateKey.
pub(super) fn decapsulate(key: &FakeKey, ciphertext: &[u8]) -> Answer<Vec<u8>> {
    let FakeKey::Private { spec, bytes } = key else {
        return Err(ReturnValue::KeyTypeInconsistent);
    };
    let key = DecapsulationKey::new(kem(*spec)?, bytes).map_err(failed)?;
    Ok(key.decapsulate(ciphertext.into()).map_err(failed)?.as_ref().to_vec())
}
