//! RSAES-OAEP in the token, or half of it there where the token cannot do SHA-256.

use strongroom_base::KeySpec;
use strongroom_material::{Material, Plaintext};

use crate::blame::{self, OpenFault};
use crate::job::RsaOpening;
use crate::key::Witness;
use crate::module::{Function, ModuleFault, ModuleSession, ReturnValue, RsaPadding};
use crate::oaep;
use crate::offer::OaepDecoding;
use crate::spki;

/// The hash of an RSAES-OAEP ciphertext, and of its mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OaepHash {
    Sha1,
    Sha256,
}

/// Opens, and finds out what is wrong if it does not.
pub(crate) fn open<S: ModuleSession>(
    session: &S,
    key: S::Handle,
    decoding: OaepDecoding,
    opening: &RsaOpening,
) -> Result<Material<Plaintext>, OpenFault> {
    blame::open(
        || decrypt(session, key, decoding, opening.hash, &opening.ciphertext),
        || check_witness(session, key, decoding, &opening.witness),
    )
}

/// Opens a key's witness, an RSAES-OAEP ciphertext with SHA-256. What it holds is wiped unseen.
pub(crate) fn check_witness<S: ModuleSession>(
    session: &S,
    key: S::Handle,
    decoding: OaepDecoding,
    witness: &Witness,
) -> Result<(), ModuleFault> {
    decrypt(session, key, decoding, OaepHash::Sha256, witness.as_bytes()).map(drop)
}

/// Bytes of a ciphertext under a key of this spec.
pub(crate) fn ciphertext_bytes(spec: KeySpec) -> Option<usize> {
    usize::try_from(spki::modulus_bits(spec)? / 8).ok()
}

fn decrypt<S: ModuleSession>(
    session: &S,
    key: S::Handle,
    decoding: OaepDecoding,
    hash: OaepHash,
    ciphertext: &[u8],
) -> Result<Material<Plaintext>, ModuleFault> {
    match (hash, decoding) {
        (OaepHash::Sha1, _) => session.decrypt_rsa(key, RsaPadding::OaepSha1, ciphertext),
        (OaepHash::Sha256, OaepDecoding::InToken) => session.decrypt_rsa(key, RsaPadding::OaepSha256, ciphertext),
        (OaepHash::Sha256, OaepDecoding::Outside) => {
            let encoded = session.decrypt_rsa(key, RsaPadding::None, ciphertext)?;
            if encoded.len() != ciphertext.len() {
                return Err(answered(ReturnValue::Malformed));
            }
            // As a token says it that does the decoding itself.
            oaep::decode(&encoded).ok_or_else(|| answered(ReturnValue::EncryptedDataInvalid))
        }
    }
}

fn answered(value: ReturnValue) -> ModuleFault {
    ModuleFault {
        function: Function::Decrypt,
        value,
    }
}
