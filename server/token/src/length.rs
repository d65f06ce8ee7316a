//! How many bytes a secret key has, for tokens that do not say (SoftHSM 2.6.1 says 0 of what it has unwrapped).
//!
//! SHA-256 pads its message with its length (FIPS 180-4 section 5.1.1), and its digest is its state after the padding. So
//! from the digest of a key of a known length follows the digest of key and padding, without the key: one more block,
//! which holds only the padding of the longer message. The token makes both, by C_DigestKey; if the second is what follows
//! from the first, the key has the length whose padding it is, or somebody has found a collision of SHA-256. Neither digest
//! says anything of a key that cannot be guessed, and both are forgotten at once.

use aws_lc_rs::constant_time::verify_slices_are_equal;

/// Bytes of a block.
const BLOCK_BYTES: u64 = 64;
/// FIPS 180-4 section 4.2.2.
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

/// What SHA-256 puts behind a message of so many bytes.
pub(crate) fn padding(bytes: u64) -> Vec<u8> {
    // One byte begins it and eight end it.
    let zeros = (2 * BLOCK_BYTES - 9 - bytes % BLOCK_BYTES) % BLOCK_BYTES;
    let mut padding = vec![0x80];
    padding.extend((0..zeros).map(|_| 0));
    padding.extend((bytes * 8).to_be_bytes());
    padding
}

/// Whether a message has so many bytes, by its digest and that of itself with [`padding`] behind it.
pub(crate) fn is(bytes: u64, digest: &[u8], padded: &[u8]) -> bool {
    let Some(state) = words(digest) else { return false };
    let behind = padding(bytes + padding(bytes).len() as u64);
    let expected: Vec<u8> = words(&behind)
        .map(|block| compress(state, block))
        .into_iter()
        .flatten()
        .flat_map(u32::to_be_bytes)
        .collect();
    verify_slices_are_equal(&expected, padded).is_ok()
}

/// Exactly so many big-endian words.
fn words<const COUNT: usize>(bytes: &[u8]) -> Option<[u32; COUNT]> {
    let (words, rest) = bytes.as_chunks();
    let words: Vec<u32> = words.iter().map(|word| u32::from_be_bytes(*word)).collect();
    <[u32; COUNT]>::try_from(words).ok().filter(|_| rest.is_empty())
}

/// The compression function (FIPS 180-4 section 6.2.2), with the standard's names.
fn compress(state: [u32; 8], block: [u32; 16]) -> [u32; 8] {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
    let mut schedule = block;
    for constant in ROUND_CONSTANTS {
        let [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15] = schedule;
        let sigma_0 = w1.rotate_right(7) ^ w1.rotate_right(18) ^ (w1 >> 3);
        let sigma_1 = w14.rotate_right(17) ^ w14.rotate_right(19) ^ (w14 >> 10);
        let w16 = w0.wrapping_add(sigma_0).wrapping_add(w9).wrapping_add(sigma_1);
        schedule = [w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16];

        let sum_1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = [sum_1, choice, constant, w0].into_iter().fold(h, u32::wrapping_add);
        let sum_0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let t2 = sum_0.wrapping_add(majority);
        (a, b, c, d, e, f, g, h) = (t1.wrapping_add(t2), a, b, c, d.wrapping_add(t1), e, f, g);
    }
    let mut after = [a, b, c, d, e, f, g, h];
    for (word, before) in after.iter_mut().zip(state) {
        *word = word.wrapping_add(before);
    }
    after
}

#[cfg(test)]
mod tests;
