//! Bytes as text.

use clap::ValueEnum;
use data_encoding::{BASE64, Encoding as Alphabet, HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use crate::fault::CommandFault;

/// How bytes are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// As they are
    Raw,
    /// Base64, as in AWS's JSON
    Base64,
    /// Hexadecimal digits
    Hex,
}

impl Encoding {
    /// The bytes in this encoding, in a buffer that is wiped.
    pub(crate) fn encode(self, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Raw => Zeroizing::new(bytes.to_vec()),
            Self::Base64 => in_place(&BASE64, bytes),
            Self::Hex => in_place(&HEXLOWER, bytes),
        }
    }

    /// What was encoded; white space around text does not count. The text is wiped.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> Result<Vec<u8>, CommandFault> {
        let (alphabet, name) = match self {
            Self::Raw => return Ok(bytes),
            Self::Base64 => (&BASE64, "base64"),
            Self::Hex => (&HEXLOWER_PERMISSIVE, "hexadecimal digits"),
        };
        let text = Zeroizing::new(bytes);
        alphabet
            .decode(text.trim_ascii())
            .map_err(|cause| CommandFault::Usage(format!("the input is not {name}: {cause}")))
    }
}

/// Text of exactly the needed length: a buffer that grows leaves copies behind.
fn in_place(alphabet: &Alphabet, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(vec![0; alphabet.encode_len(bytes.len())]);
    alphabet.encode_mut(bytes, &mut text);
    text
}
