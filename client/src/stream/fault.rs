//! [`StreamFault`]: why a stream cannot be sealed or opened.

use std::io;

/// What is wrong with a stream, its source or its sink.
#[derive(Debug, thiserror::Error)]
pub enum StreamFault {
    /// It does not begin as sealed data do.
    #[error("these are not sealed data: they do not begin with Strongroom's mark; was this file made by `encrypt`?")]
    NotSealed,
    /// Made by a newer client.
    #[error("these data are sealed in format {0}; this client knows format 1: use a newer client")]
    Format(u8),
    /// Encrypted in a way that this client does not know.
    #[error("these data are sealed with suite {0}; this client knows suite 1: use a newer client")]
    Suite(u8),
    /// Chunks of a size that this client does not hold in memory.
    #[error("these data are sealed in chunks of {0} bytes; this client knows 65536: use a newer client")]
    ChunkSize(u32),
    /// The encrypted data key has a length that no service makes.
    #[error("the header is damaged: its encrypted data key has {0} bytes, not 1 to 6144")]
    DataKeyLength(usize),
    /// The end is missing.
    #[error("the sealed data are cut off; get them whole from where they came")]
    CutOff,
    /// A chunk was altered, moved, or comes from other data.
    #[error("the sealed data were altered at chunk {chunk} (counted from 0); get them whole from where they came")]
    Altered {
        /// The number of the chunk of 65,536 bytes.
        chunk: u32,
    },
    /// There is more after the last chunk.
    #[error("something was appended to the sealed data; get them whole from where they came")]
    Appended,
    /// More than the format can number.
    #[error("the data are longer than 256 TiB, the most that one data key may encrypt here; split them")]
    TooLong,
    /// The service gave a data key of another length.
    #[error("the data key has {0} bytes, not 32: the header belongs to something else")]
    DataKeyUnfit(usize),
    /// The cipher refused to encrypt.
    #[error("the cipher failed to encrypt a chunk")]
    Cipher,
    /// The source failed.
    #[error("cannot read: {0}")]
    Read(io::Error),
    /// The sink failed.
    #[error("cannot write: {0}")]
    Write(io::Error),
}
