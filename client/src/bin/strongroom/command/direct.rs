//! `strongroom encrypt --algorithm` and `strongroom decrypt --algorithm`: what the key itself encrypts, without an envelope,
//! in the form that other programs make and open.

use std::path::Path;

use clap::Args;
use strongroom::{Material, Plain, v1};

use super::Session;
use crate::blob;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::key_use::KeyUse;
use crate::limit::MESSAGE_BYTES_MAX;
use crate::names;
use crate::pairs::{self, Pair};

/// With what algorithm.
#[derive(Args)]
pub(crate) struct Algorithm {
    /// Let the key itself encrypt, up to 4,096 bytes, or what an RSA key takes; without this a new data key does
    #[arg(long, value_name = "ALGORITHM", value_parser = names::encryption_algorithm(), ignore_case = true)]
    pub(crate) algorithm: Option<v1::EncryptionAlgorithm>,
}

/// What both commands were given.
pub(crate) struct Request<'a> {
    pub(crate) algorithm: v1::EncryptionAlgorithm,
    pub(crate) context: Vec<Pair>,
    pub(crate) input: Option<&'a Path>,
    pub(crate) key_use: KeyUse,
}

impl Request<'_> {
    pub(crate) async fn encrypt(self, session: &Session, key: &str, out: Option<&Path>) -> Result<(), CommandFault> {
        let context = pairs::context(self.context)?;
        let plaintext = Source::open(self.input)?.read_all(MESSAGE_BYTES_MAX, "a plaintext without an envelope")?;
        let plain = Plain {
            key_id: key,
            plaintext: &Material::take(plaintext),
            encryption_context: &context,
            grant_tokens: &self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
        };
        let answer = session.client.encrypt_with(self.algorithm, plain).await?;
        blob::write(out, Some(Encoding::Raw), &answer.ciphertext_blob)
    }

    pub(crate) async fn decrypt(
        self,
        session: &Session,
        key: Option<String>,
        reveal: &Reveal,
    ) -> Result<(), CommandFault> {
        let request = v1::DecryptRequest {
            ciphertext_blob: blob::read(self.input, Encoding::Raw, "a ciphertext")?,
            encryption_context: pairs::context(self.context)?,
            key_id: key,
            encryption_algorithm: self.algorithm.into(),
            grant_tokens: self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
            ..v1::DecryptRequest::default()
        };
        let decrypted = session.client.decrypt(request).await?;
        emit::bytes(&decrypted.plaintext, None, reveal)
    }
}
