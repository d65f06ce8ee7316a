//! [`ChunkCipher`]: AES-256-GCM over numbered chunks (STREAM; Hoang, Reyhanitabar, Rogaway and Vizár, 2015).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use strongroom_material::{DataKey, Material};
use zeroize::Zeroizing;

use super::fault::StreamFault;
use super::header::{CHUNK_BYTES, NONCE_PREFIX_BYTES};

/// Bytes of an authentication tag.
pub(super) const TAG_BYTES: usize = 16;
/// Bytes of a SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// Encrypts or decrypts the chunks of one stream in order.
///
/// A chunk's nonce is the stream's prefix, its number, and whether it is the last: a chunk that is moved, left out,
/// repeated or taken for the last does not authenticate. The digest of the header is authenticated with every chunk,
/// which binds the encrypted data key and the parameters.
pub(super) struct ChunkCipher {
    key: LessSafeKey,
    nonce_prefix: [u8; NONCE_PREFIX_BYTES],
    header_digest: [u8; DIGEST_BYTES],
    /// The next chunk's number; `None` when all are used.
    number: Option<u32>,
    opened: Zeroizing<Vec<u8>>,
}

impl ChunkCipher {
    pub(super) fn new(
        data_key: &Material<DataKey>,
        nonce_prefix: [u8; NONCE_PREFIX_BYTES],
        encoded_header: &[u8],
    ) -> Result<Self, StreamFault> {
        let key = data_key.reveal_to_cipher(|bytes| UnboundKey::new(&AES_256_GCM, bytes));
        let key = key.map_err(|_unfit| StreamFault::DataKeyUnfit(data_key.len()))?;
        let mut header_digest = [0; DIGEST_BYTES];
        header_digest.copy_from_slice(digest(&SHA256, encoded_header).as_ref());
        Ok(Self {
            key: LessSafeKey::new(key),
            nonce_prefix,
            header_digest,
            number: Some(0),
            opened: Zeroizing::new(vec![0; CHUNK_BYTES]),
        })
    }

    /// Encrypts the next chunk in place and returns its tag.
    pub(super) fn seal(&mut self, chunk: &mut [u8], is_last: bool) -> Result<[u8; TAG_BYTES], StreamFault> {
        let number = self.take_number()?;
        let sealed = self
            .key
            .seal_in_place_separate_tag(self.nonce(number, is_last), self.aad(), chunk);
        let tag = sealed.map_err(|_unspecified| StreamFault::Cipher)?;
        tag.as_ref().try_into().map_err(|_length| StreamFault::Cipher)
    }

    /// Decrypts the next chunk, which ends with its tag. Nothing is returned unless it is authentic.
    pub(super) fn open(&mut self, chunk: &[u8], is_last: bool) -> Result<&[u8], StreamFault> {
        let number = self.take_number()?;
        let (ciphertext, tag) = chunk.split_last_chunk::<TAG_BYTES>().ok_or(StreamFault::CutOff)?;
        if ciphertext.is_empty() && number > 0 {
            // Only an empty stream ends with an empty chunk: one stream has one encoding.
            return Err(StreamFault::Altered { chunk: number });
        }
        if !self.authentic(number, is_last, ciphertext, tag) {
            return Err(self.explain(number, is_last, ciphertext, tag));
        }
        Ok(self.opened.get(..ciphertext.len()).unwrap_or_default())
    }

    /// Why a chunk is not authentic. If it would be with the other answer to "is it the last?", then the end of the
    /// stream is not where it was.
    fn explain(&mut self, number: u32, is_last: bool, ciphertext: &[u8], tag: &[u8]) -> StreamFault {
        match (self.authentic(number, !is_last, ciphertext, tag), is_last) {
            (true, true) => StreamFault::CutOff,
            (true, false) => StreamFault::Appended,
            (false, _) => StreamFault::Altered { chunk: number },
        }
    }

    fn authentic(&mut self, number: u32, is_last: bool, ciphertext: &[u8], tag: &[u8]) -> bool {
        let (nonce, aad) = (self.nonce(number, is_last), self.aad());
        let Some(plaintext) = self.opened.get_mut(..ciphertext.len()) else {
            return false;
        };
        self.key
            .open_separate_gather(nonce, aad, ciphertext, tag, plaintext)
            .is_ok()
    }

    /// A number is used once: a second chunk under the same nonce would give away both.
    fn take_number(&mut self) -> Result<u32, StreamFault> {
        let number = self.number.ok_or(StreamFault::TooLong)?;
        self.number = number.checked_add(1);
        Ok(number)
    }

    fn nonce(&self, number: u32, is_last: bool) -> Nonce {
        let [p0, p1, p2, p3, p4, p5, p6] = self.nonce_prefix;
        let [n0, n1, n2, n3] = number.to_be_bytes();
        Nonce::assume_unique_for_key([p0, p1, p2, p3, p4, p5, p6, n0, n1, n2, n3, is_last.into()])
    }

    fn aad(&self) -> Aad<[u8; DIGEST_BYTES]> {
        Aad::from(self.header_digest)
    }
}

#[cfg(test)]
mod tests;
