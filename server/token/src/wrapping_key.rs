//! Wrapping keys: RSA key pairs under which imported material is encrypted on its way. They unwrap, and do nothing else.

use strongroom_base::{KeyMaterialId, KeySpec, WrappingAlgorithm};

use crate::fault::TokenFault;
use crate::kind::KeyKind;
use crate::module::Attributes;
use crate::rsa::{self, OaepHash};
use crate::spki;

/// The kinds of wrapping keys.
const SPECS: [KeySpec; 3] = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096];

/// Material on its way into the token.
#[derive(Debug, Clone)]
pub struct WrappedMaterial {
    /// The CKA_ID of the wrapping key.
    pub wrapping: KeyMaterialId,
    /// The wrapping key's kind.
    pub spec: KeySpec,
    /// What it is to be.
    pub kind: KeyKind,
    /// How it is wrapped.
    pub algorithm: WrappingAlgorithm,
    /// The wrapped bytes.
    pub encrypted: Box<[u8]>,
}

/// What an algorithm comes to in the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The hash of the RSA-OAEP step.
    pub(crate) hash: OaepHash,
    /// Whether that opens an AES key, under which the material is wrapped by AES-KWP.
    pub(crate) through_aes: bool,
}

/// The steps of an algorithm; `None` for one that this service does not have.
pub(crate) fn steps(algorithm: WrappingAlgorithm) -> Option<Steps> {
    let (hash, through_aes) = match algorithm {
        WrappingAlgorithm::RsaesOaepSha1 => (OaepHash::Sha1, false),
        WrappingAlgorithm::RsaesOaepSha256 => (OaepHash::Sha256, false),
        WrappingAlgorithm::RsaAesKeyWrapSha1 => (OaepHash::Sha1, true),
        WrappingAlgorithm::RsaAesKeyWrapSha256 => (OaepHash::Sha256, true),
        WrappingAlgorithm::RsaesPkcs1V15 | WrappingAlgorithm::Sm2Pke => return None,
    };
    Some(Steps { hash, through_aes })
}

/// Bytes of the modulus of a wrapping key.
pub(crate) fn modulus_bytes(spec: KeySpec) -> Result<usize, TokenFault> {
    rsa::ciphertext_bytes(spec).ok_or(TokenFault::Defect {
        what: "a wrapping key that is not RSA",
    })
}

/// Whether an object is a wrapping key as this service makes them: an RSA pair's private half of a size that it offers, made
/// in the token, never to leave or to be copied, to unwrap alone.
pub(crate) fn is_one(attributes: &Attributes) -> bool {
    let is = |flag: Option<bool>| flag == Some(true);
    let is_not = |flag: Option<bool>| flag == Some(false);
    attributes.class.as_deref() == Some("CKO_PRIVATE_KEY")
        && attributes.key_type.as_deref() == Some("CKK_RSA")
        && attributes.key_gen_mechanism.as_deref() == Some("CKM_RSA_PKCS_KEY_PAIR_GEN")
        && SPECS.iter().any(|spec| is_of(attributes, *spec))
        && [
            attributes.token,
            attributes.private,
            attributes.local,
            attributes.sensitive,
            attributes.always_sensitive,
            attributes.never_extractable,
            attributes.unwrap,
        ]
        .into_iter()
        .all(is)
        && [
            attributes.extractable,
            attributes.decrypt,
            attributes.sign,
            attributes.derive,
            attributes.modifiable,
            attributes.copyable,
        ]
        .into_iter()
        .all(is_not)
        // Not every token has this one.
        && attributes.sign_recover != Some(true)
}

/// Whether the modulus has as many bits as this kind of key wants.
pub(crate) fn is_of(attributes: &Attributes, spec: KeySpec) -> bool {
    attributes.modulus_bits.is_some() && attributes.modulus_bits == spki::modulus_bits(spec)
}

#[cfg(test)]
mod tests;
