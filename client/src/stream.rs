//! Envelope encryption of byte streams: a data key from the service, the bytes encrypted here in chunks.
//!
//! The format is docs/stream-format.md. Memory is constant: two chunks. Every byte that [`Client::open`] writes has
//! been authenticated, together with its place in the stream and with the stream's header.

mod chunk;
mod fault;
mod header;
mod pieces;

use strongroom_material::{DataKey, Material};
use strongroom_proto::v1;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::client::Client;
use crate::cryptography::EncryptionContext;
use crate::fault::ClientFault;
use chunk::{ChunkCipher, TAG_BYTES};
use header::{CHUNK_BYTES, Header};
use pieces::Pieces;

pub use fault::StreamFault;

impl Client {
    /// Encrypts `source` to its end into `sink`, under a new data key of the key `key_id` (id, ARN, alias or alias
    /// ARN). The same `context` is needed to open it. Returns the number of bytes read.
    ///
    /// # Errors
    /// [`ClientFault`]. What `sink` has got by then cannot be opened.
    pub async fn seal<R, W>(
        &self,
        key_id: &str,
        context: &EncryptionContext,
        source: R,
        sink: W,
    ) -> Result<u64, ClientFault>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let request = v1::GenerateDataKeyRequest {
            key_id: key_id.to_owned(),
            encryption_context: context.clone(),
            ..v1::GenerateDataKeyRequest::default()
        };
        self.seal_with(request, source, sink).await
    }

    /// [`Client::seal`] with the request for the data key as the caller writes it, such as with grant tokens or as a dry
    /// run, of which nothing is written. The length of the data key is the stream's own affair.
    ///
    /// # Errors
    /// [`ClientFault`]. What `sink` has got by then cannot be opened.
    pub async fn seal_with<R, W>(
        &self,
        mut request: v1::GenerateDataKeyRequest,
        source: R,
        mut sink: W,
    ) -> Result<u64, ClientFault>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        request.key_spec = v1::DataKeySpec::Aes256.into();
        request.number_of_bytes = None;
        let data_key = self.generate_data_key(request).await?;
        let mut nonce_prefix = [0; header::NONCE_PREFIX_BYTES];
        aws_lc_rs::rand::fill(&mut nonce_prefix).map_err(|_unspecified| ClientFault::NoRandomNumbers)?;
        let header = Header {
            nonce_prefix,
            encrypted_data_key: data_key.ciphertext_blob,
        };
        Ok(seal_under(&data_key.plaintext, &header, source, &mut sink).await?)
    }

    /// Decrypts what [`Client::seal`] made, if `context` is the same. With `key_id` only a stream of that key is
    /// opened. Returns the number of bytes written.
    ///
    /// # Errors
    /// [`ClientFault`]. `sink` may then have got the beginning of the stream: each byte as it was sealed, but the end
    /// is missing, so throw it away.
    pub async fn open<R, W>(
        &self,
        key_id: Option<&str>,
        context: &EncryptionContext,
        source: R,
        sink: W,
    ) -> Result<u64, ClientFault>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let request = v1::DecryptRequest {
            encryption_context: context.clone(),
            key_id: key_id.map(str::to_owned),
            ..v1::DecryptRequest::default()
        };
        self.open_with(request, source, sink).await
    }

    /// [`Client::open`] with the request for the data key as the caller writes it, such as with grant tokens or as a dry
    /// run, of which nothing is written. Its ciphertext is the stream's.
    ///
    /// # Errors
    /// [`ClientFault`], and `sink` as for [`Client::open`].
    pub async fn open_with<R, W>(
        &self,
        mut request: v1::DecryptRequest,
        mut source: R,
        mut sink: W,
    ) -> Result<u64, ClientFault>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let header = Header::read(&mut source).await?;
        request.ciphertext_blob.clone_from(&header.encrypted_data_key);
        let data_key = self.decrypt(request).await?.plaintext.repurpose();
        Ok(open_under(&data_key, &header, source, &mut sink).await?)
    }
}

/// [`Client::seal`] once the data key is there.
async fn seal_under<R, W>(
    data_key: &Material<DataKey>,
    header: &Header,
    source: R,
    sink: &mut W,
) -> Result<u64, StreamFault>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let encoded = header.encode()?;
    let mut cipher = ChunkCipher::new(data_key, header.nonce_prefix, &encoded)?;
    let mut pieces = Pieces::new(source, CHUNK_BYTES);
    sink.write_all(&encoded).await.map_err(StreamFault::Write)?;
    let mut total = 0;
    while let Some(piece) = pieces.next().await? {
        total += piece.bytes.len() as u64;
        let tag = cipher.seal(piece.bytes, piece.is_last)?;
        sink.write_all(piece.bytes).await.map_err(StreamFault::Write)?;
        sink.write_all(&tag).await.map_err(StreamFault::Write)?;
    }
    sink.flush().await.map_err(StreamFault::Write)?;
    Ok(total)
}

/// [`Client::open`] once the data key is there.
async fn open_under<R, W>(
    data_key: &Material<DataKey>,
    header: &Header,
    source: R,
    sink: &mut W,
) -> Result<u64, StreamFault>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut cipher = ChunkCipher::new(data_key, header.nonce_prefix, &header.encode()?)?;
    let mut pieces = Pieces::new(source, CHUNK_BYTES + TAG_BYTES);
    let mut total = 0;
    while let Some(piece) = pieces.next().await? {
        let plaintext = cipher.open(piece.bytes, piece.is_last)?;
        total += plaintext.len() as u64;
        sink.write_all(plaintext).await.map_err(StreamFault::Write)?;
    }
    sink.flush().await.map_err(StreamFault::Write)?;
    Ok(total)
}

#[cfg(test)]
mod tests;
