//! What links the records: each carries its sequence number and the digest of the stored bytes before it.

use std::fmt;
use std::io::Write;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// A SHA-256 digest; prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first record carries: no record is before it.
    pub(crate) const ZERO: Self = Self([0; 32]);

    /// Of a record's stored bytes, without the newline.
    pub(crate) fn of(line: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, line).as_ref());
        Self(bytes)
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        HEXLOWER.encode_display(&self.0).fmt(formatter)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

/// The last record of a chain, to which the next one is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its sequence number; 0 where there is no record yet.
    pub(crate) sequence: u64,
    /// Its digest.
    pub(crate) digest: Digest,
}

impl Head {
    /// Of a trail without records.
    pub(crate) const EMPTY: Self = Self {
        sequence: 0,
        digest: Digest::ZERO,
    };

    /// Writes the next record's line behind `buffer`: `{"sequence":N,"previousDigest":"…",` and then `body`, a JSON
    /// object with at least one member, after its brace. The body is not serialised again.
    pub(crate) fn link(&mut self, body: &[u8], buffer: &mut Vec<u8>) {
        let start = buffer.len();
        self.sequence += 1;
        // Writing to a vector cannot fail.
        let _ = write!(buffer, r#"{{"sequence":{},"previousDigest":"#, self.sequence);
        let mut digits = [b'"'; 66];
        if let Some(inner) = digits.get_mut(1..65) {
            HEXLOWER.encode_mut(&self.digest.0, inner);
        }
        buffer.extend_from_slice(&digits);
        buffer.push(b',');
        buffer.extend_from_slice(body.get(1..).unwrap_or_default());
        self.digest = Digest::of(buffer.get(start..).unwrap_or_default());
        buffer.push(b'\n');
    }
}

/// The most that [`Head::link`] adds to a body, newline included.
pub(crate) const LINK_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests;
