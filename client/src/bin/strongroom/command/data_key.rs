//! `strongroom data-key`: keys to encrypt with outside the service.

mod decrypt;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use strongroom::{EncryptionContext, GeneratedDataKey, v1};

use super::Session;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink};
use crate::json;
use crate::key_use::KeyUse;
use crate::output::Format;
use crate::pairs::{self, Pair};

/// Make data keys, and decrypt them again.
#[derive(Subcommand)]
pub(crate) enum DataKeyCommand {
    /// Make a data key: in plaintext, to use at once, and encrypted, to keep
    Generate(Generate),
    /// Decrypt a data key that `generate` made
    Decrypt(decrypt::Decrypt),
}

/// The length of a data key by its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spec {
    /// 32 bytes
    #[value(name = "aes-256")]
    Aes256,
    /// 16 bytes
    #[value(name = "aes-128")]
    Aes128,
}

/// Make a data key.
#[derive(Args)]
pub(crate) struct Generate {
    /// The key that encrypts it: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// Its length by its use; aes-256 if neither this nor --bytes is given
    #[arg(long, value_enum, conflicts_with = "bytes")]
    spec: Option<Spec>,
    /// Its length in bytes, 1 to 1024
    #[arg(long)]
    bytes: Option<i32>,
    /// Needed again to decrypt it; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
    /// Give the encrypted data key only
    #[arg(long, conflicts_with_all = ["reveal", "plaintext_out"])]
    without_plaintext: bool,
    /// Write the encrypted data key to this file too, raw
    #[arg(long, value_name = "FILE")]
    blob_out: Option<PathBuf>,
    /// Write the plaintext to this file, raw and readable by its owner alone, instead of stdout
    #[arg(long, value_name = "FILE")]
    plaintext_out: Option<PathBuf>,
    /// Show the plaintext even if stdout is a terminal
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    key_use: KeyUse,
}

impl DataKeyCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Generate(generate) => generate.run(session).await,
            Self::Decrypt(decrypt) => decrypt.run(session).await,
        }
    }
}

impl Generate {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let encryption_context = pairs::context(self.context.clone())?;
        if self.without_plaintext {
            return self.run_without_plaintext(session, encryption_context).await;
        }
        let reveal = Reveal {
            out: self.plaintext_out.clone(),
            reveal: self.reveal,
        };
        reveal.check_with(
            "a data key",
            ", use --plaintext-out FILE or --without-plaintext, or show it with --reveal",
        )?;
        let (key_spec, number_of_bytes) = self.length();
        let key_id = self.key.clone();
        let request = v1::GenerateDataKeyRequest {
            key_id,
            encryption_context,
            key_spec,
            number_of_bytes,
            grant_tokens: self.key_use.grant_tokens.clone(),
            dry_run: self.key_use.dry_run,
        };
        let key = session.client.generate_data_key(request).await?;
        self.write_blob(&key.ciphertext_blob)?;
        print(session.output, &key, &reveal)
    }

    async fn run_without_plaintext(&self, session: &Session, context: EncryptionContext) -> Result<(), CommandFault> {
        let (key_spec, number_of_bytes) = self.length();
        let request = v1::GenerateDataKeyWithoutPlaintextRequest {
            key_id: self.key.clone(),
            encryption_context: context,
            key_spec,
            number_of_bytes,
            grant_tokens: self.key_use.grant_tokens.clone(),
            dry_run: self.key_use.dry_run,
        };
        let key = session.client.generate_data_key_without_plaintext(request).await?;
        self.write_blob(&key.ciphertext_blob)?;
        session
            .output
            .record(&record(&key.ciphertext_blob, &key.key_id, &key.key_material_id))
    }

    fn length(&self) -> (i32, Option<i32>) {
        let spec = match (self.spec, self.bytes) {
            (Some(Spec::Aes128), _) => v1::DataKeySpec::Aes128,
            (None, Some(_)) => v1::DataKeySpec::Unspecified,
            (Some(Spec::Aes256) | None, _) => v1::DataKeySpec::Aes256,
        };
        (spec.into(), self.bytes)
    }

    fn write_blob(&self, blob: &[u8]) -> Result<(), CommandFault> {
        let Some(path) = &self.blob_out else { return Ok(()) };
        let sink = Sink::create(Some(path), Mode::Ordinary)?;
        sink.write(blob)?;
        sink.complete()
    }
}

fn print(output: Format, key: &GeneratedDataKey, reveal: &Reveal) -> Result<(), CommandFault> {
    let record = record(&key.ciphertext_blob, &key.key_id, &key.key_material_id);
    if reveal.out.is_some() {
        emit::material(&key.plaintext, Encoding::Raw, reveal)?;
        return output.record(&record);
    }
    emit::beside(&record, ("plaintext", &key.plaintext), output == Format::Json)
}

fn record(ciphertext_blob: &[u8], key_id: &str, key_material_id: &str) -> Value {
    json!({
        "ciphertext_blob": json::bytes(ciphertext_blob),
        "key_id": key_id,
        "key_material_id": key_material_id,
    })
}
