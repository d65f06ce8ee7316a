//! What the async face refuses before anything reaches a lane.

use std::sync::Arc;

use strongroom_base::limits;

use crate::fault::TokenFault;
use crate::job::{Attestable, Opening};
use crate::key::{Hallmark, Nonce, TAG_BYTES, TokenKey, Witness};
use crate::suite::CipherKey;

pub(super) fn length(length: usize) -> Result<(), TokenFault> {
    if (1..=limits::RANDOM_BYTES_MAX).contains(&length) {
        Ok(())
    } else {
        Err(TokenFault::Defect {
            what: "random bytes of a length that no request may ask for",
        })
    }
}

/// An empty AAD binds a ciphertext to nothing, and crashes SoftHSM 2.6.1 where it is built with assertions.
pub(super) fn aad(aad: &[u8]) -> Result<Box<[u8]>, TokenFault> {
    if aad.is_empty() {
        Err(TokenFault::Defect {
            what: "AES-GCM with empty AAD",
        })
    } else {
        Ok(aad.into())
    }
}

/// A key that AES-GCM can be asked of.
pub(super) fn symmetric(key: &TokenKey) -> Result<CipherKey, TokenFault> {
    let suite = key.kind.suite().ok_or(TokenFault::Defect {
        what: "AES-GCM with a key that is not symmetric",
    })?;
    Ok(CipherKey { id: key.id, suite })
}

/// Of these keys the secret ones that have a witness.
pub(super) fn attestable(keys: &[TokenKey]) -> Result<Vec<Attestable>, TokenFault> {
    if keys.len() > limits::TOKEN_KEYS_ATTESTED_AT_ONCE_MAX {
        return Err(TokenFault::Defect {
            what: "more witnesses at once than the control lane may be held up by",
        });
    }
    let attestable = |key: &TokenKey| {
        let witness = key.witness.clone().filter(|_| !key.kind.spec().is_asymmetric())?;
        Some(Attestable {
            id: key.id,
            kind: key.kind,
            hallmark: Hallmark::Witness(witness),
        })
    };
    Ok(keys.iter().filter_map(attestable).collect())
}

/// What is shorter than its tag is no ciphertext, whatever the token's state.
pub(super) fn opening(
    key: &TokenKey,
    nonce: Nonce,
    authenticated: &[u8],
    ciphertext: &[u8],
) -> Result<Opening, TokenFault> {
    let (cipher, witness, aad) = (symmetric(key)?, witness(key)?, aad(authenticated)?);
    if ciphertext.len() < cipher.suite.prefix_bytes() + TAG_BYTES {
        return Err(TokenFault::InvalidCiphertext);
    }
    Ok(Opening {
        key: cipher,
        witness,
        nonce,
        aad,
        ciphertext: ciphertext.into(),
    })
}

/// The witness, without which nobody can say that a ciphertext is invalid.
pub(super) fn witness(key: &TokenKey) -> Result<Arc<Witness>, TokenFault> {
    key.witness.clone().ok_or(TokenFault::Defect {
        what: "decryption with a key that has no witness",
    })
}
