//! The beginning of sealed data.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::fault::StreamFault;

/// Plaintext bytes of every chunk but the last.
pub(super) const CHUNK_BYTES: usize = 65_536;
/// Random bytes at the front of every nonce of one stream.
pub(super) const NONCE_PREFIX_BYTES: usize = 7;

/// As PNG's: not text (first byte), and damaged visibly by transfers that translate line ends or stop at Ctrl-Z.
const MARK: [u8; 8] = *b"\x93SRS\r\n\x1a\n";
const FORMAT: u8 = 1;
/// AES-256-GCM, chunks in the STREAM construction.
const SUITE: u8 = 1;
/// Bytes before the encrypted data key.
const FIXED_BYTES: usize = 23;
/// The service's limit for a ciphertext blob.
const ENCRYPTED_DATA_KEY_BYTES_MAX: usize = 6_144;

/// What a reader needs to open the chunks that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) nonce_prefix: [u8; NONCE_PREFIX_BYTES],
    /// Opens through the service's Decrypt only.
    pub(super) encrypted_data_key: Vec<u8>,
}

impl Header {
    pub(super) fn encode(&self) -> Result<Vec<u8>, StreamFault> {
        let length = self.encrypted_data_key.len();
        let mut bytes = Vec::with_capacity(FIXED_BYTES + length);
        bytes.extend_from_slice(&MARK);
        bytes.extend_from_slice(&[FORMAT, SUITE]);
        bytes.extend_from_slice(&(CHUNK_BYTES as u32).to_be_bytes());
        bytes.extend_from_slice(&self.nonce_prefix);
        bytes.extend_from_slice(&checked_length(length)?.to_be_bytes());
        bytes.extend_from_slice(&self.encrypted_data_key);
        Ok(bytes)
    }

    pub(super) async fn read(source: &mut (impl AsyncRead + Unpin)) -> Result<Self, StreamFault> {
        let mut mark = [0; MARK.len()];
        source
            .read_exact(&mut mark)
            .await
            .map_err(|cause| missing(cause, StreamFault::NotSealed))?;
        if mark != MARK {
            return Err(StreamFault::NotSealed);
        }
        let mut version = [0; 2];
        read(source, &mut version).await?;
        let [format, suite] = version;
        if format != FORMAT {
            return Err(StreamFault::Format(format));
        }
        if suite != SUITE {
            return Err(StreamFault::Suite(suite));
        }
        let mut chunk_bytes = [0; 4];
        read(source, &mut chunk_bytes).await?;
        let chunk_bytes = u32::from_be_bytes(chunk_bytes);
        if chunk_bytes as usize != CHUNK_BYTES {
            return Err(StreamFault::ChunkSize(chunk_bytes));
        }
        let mut nonce_prefix = [0; NONCE_PREFIX_BYTES];
        read(source, &mut nonce_prefix).await?;
        let mut length = [0; 2];
        read(source, &mut length).await?;
        let length = checked_length(u16::from_be_bytes(length).into())?;
        let mut encrypted_data_key = vec![0; length.into()];
        read(source, &mut encrypted_data_key).await?;
        Ok(Self {
            nonce_prefix,
            encrypted_data_key,
        })
    }
}

fn checked_length(length: usize) -> Result<u16, StreamFault> {
    match u16::try_from(length) {
        Ok(short) if (1..=ENCRYPTED_DATA_KEY_BYTES_MAX).contains(&length) => Ok(short),
        _ => Err(StreamFault::DataKeyLength(length)),
    }
}

async fn read(source: &mut (impl AsyncRead + Unpin), bytes: &mut [u8]) -> Result<(), StreamFault> {
    source
        .read_exact(bytes)
        .await
        .map(|_count| ())
        .map_err(|cause| missing(cause, StreamFault::CutOff))
}

/// An end that comes too early says something about the data, any other failure about the source.
fn missing(cause: io::Error, early_end: StreamFault) -> StreamFault {
    if cause.kind() == io::ErrorKind::UnexpectedEof {
        early_end
    } else {
        StreamFault::Read(cause)
    }
}
