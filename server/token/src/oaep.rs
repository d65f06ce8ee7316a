//! RSAES-OAEP decoding with SHA-256 (RFC 8017 section 7.1.2 step 3), for tokens that do the RSA and not the padding.
//!
//! Whoever can tell in what way a ciphertext was wrong (the first byte, the hash, the padding), by text or by time, can open
//! any ciphertext with a thousand questions (Manger, CRYPTO 2001). So every check is made on every ciphertext, without a
//! branch or an index that depends on the bytes, and there is one answer for all that fail. Whether it opens may show;
//! after that, its length may. None of the crypto libraries in use offers the decoding apart from the private key, so it
//! is here; the tests hold it against aws-lc-rs, and against every way of being wrong.

use aws_lc_rs::digest::{self, SHA256, SHA256_OUTPUT_LEN};
use strongroom_material::{FillFault, Material, Plaintext};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Opens an encoded message as long as the modulus. `None` for one that is not, whatever is wrong with it.
pub(crate) fn decode(encoded: &Material<Plaintext>) -> Option<Material<Plaintext>> {
    encoded.reveal_to_cipher(|encoded| {
        let (first, rest) = encoded.split_first()?;
        let (masked_seed, masked_block) = rest.split_at_checked(SHA256_OUTPUT_LEN)?;
        let seed = unmask(masked_seed, masked_block)?;
        let block = seed.reveal_to_cipher(|seed| unmask(masked_block, seed))?;
        block.reveal_to_cipher(|block| message_in(*first, block))
    })
}

/// The message in a data block: the hash of the empty label, zeros, a one, and the message.
fn message_in(first: u8, block: &[u8]) -> Option<Material<Plaintext>> {
    let (label_hash, padded) = block.split_at_checked(SHA256_OUTPUT_LEN)?;
    let mut good = first.ct_eq(&0) & label_hash.ct_eq(digest::digest(&SHA256, b"").as_ref());
    let mut looking = Choice::from(1);
    let mut separator = 0_u32;
    for (index, byte) in (0_u32..).zip(padded) {
        let (is_zero, is_one) = (byte.ct_eq(&0), byte.ct_eq(&1));
        separator.conditional_assign(&index, looking & is_one);
        good &= !looking | is_zero | is_one;
        looking &= !is_one;
    }
    good &= !looking;
    // From here on it is known that the ciphertext opens, or does not: no more than the answer says.
    if bool::from(good) {
        let message = padded.get(separator as usize + 1..)?;
        Some(Material::take(message.to_vec()))
    } else {
        None
    }
}

/// `masked` without the mask that MGF1 makes of `source` (RFC 8017 appendix B.2.1).
fn unmask(masked: &[u8], source: &[u8]) -> Option<Material<Plaintext>> {
    let plain = Material::fill(masked.len(), |plain| {
        plain.copy_from_slice(masked);
        for (counter, chunk) in (0_u32..).zip(plain.chunks_mut(SHA256_OUTPUT_LEN)) {
            let mut context = digest::Context::new(&SHA256);
            context.update(source);
            context.update(&counter.to_be_bytes());
            for (byte, mask) in chunk.iter_mut().zip(context.finish().as_ref()) {
                *byte ^= mask;
            }
        }
        Ok::<_, FillFault<()>>(())
    });
    plain.ok()
}

#[cfg(test)]
mod tests;
