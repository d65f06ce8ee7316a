//! `strongroom data-key-pair`: a key pair for use outside the service.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use strongroom::v1;

use super::Session;
use crate::blob;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink};
use crate::json;
use crate::key_use::KeyUse;
use crate::names;
use crate::output::Format;
use crate::pairs::{self, Pair};
use crate::pem;

/// Make a key pair: the public key, and the private key in plaintext, to use at once, and encrypted, to keep.
#[derive(Args)]
pub(crate) struct DataKeyPair {
    /// The symmetric key that encrypts the private key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// Its kind
    #[arg(long, value_name = "SPEC", value_parser = names::data_key_pair_spec(), ignore_case = true)]
    spec: v1::DataKeyPairSpec,
    /// Needed again to decrypt the private key; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
    /// Give the encrypted private key only
    #[arg(long, conflicts_with_all = ["reveal", "plaintext_out"])]
    without_plaintext: bool,
    /// Write the public key to this file too, in PEM
    #[arg(long, value_name = "FILE")]
    public_key_out: Option<PathBuf>,
    /// Write the encrypted private key to this file too, raw
    #[arg(long, value_name = "FILE")]
    blob_out: Option<PathBuf>,
    /// Write the private key to this file, PKCS #8 in DER and readable by its owner alone, instead of stdout
    #[arg(long, value_name = "FILE")]
    plaintext_out: Option<PathBuf>,
    /// Show the private key even if stdout is a terminal
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    key_use: KeyUse,
}

impl DataKeyPair {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        if self.without_plaintext {
            return self.run_without_plaintext(session).await;
        }
        let reveal = Reveal {
            out: self.plaintext_out.clone(),
            reveal: self.reveal,
        };
        reveal.check_with(
            "a private key",
            ", use --plaintext-out FILE or --without-plaintext, or show it with --reveal",
        )?;
        let request = v1::GenerateDataKeyPairRequest {
            key_id: self.key.clone(),
            key_pair_spec: self.spec.into(),
            encryption_context: pairs::context(self.context.clone())?,
            grant_tokens: self.key_use.grant_tokens.clone(),
            dry_run: self.key_use.dry_run,
        };
        let pair = session.client.generate_data_key_pair(request).await?;
        self.write(&pair.public_key, &pair.private_key_ciphertext_blob)?;
        let ids = (pair.key_id.as_str(), pair.key_material_id.as_str());
        let record = self.record(&pair.public_key, &pair.private_key_ciphertext_blob, ids);
        if reveal.out.is_some() {
            emit::material(&pair.private_key, Encoding::Raw, &reveal)?;
            return session.output.record(&record);
        }
        let as_json = session.output == Format::Json;
        emit::beside(&record, ("private_key_plaintext", &pair.private_key), as_json)
    }

    async fn run_without_plaintext(&self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::GenerateDataKeyPairWithoutPlaintextRequest {
            key_id: self.key.clone(),
            key_pair_spec: self.spec.into(),
            encryption_context: pairs::context(self.context.clone())?,
            grant_tokens: self.key_use.grant_tokens.clone(),
            dry_run: self.key_use.dry_run,
        };
        let pair = session.client.generate_data_key_pair_without_plaintext(request).await?;
        self.write(&pair.public_key, &pair.private_key_ciphertext_blob)?;
        let ids = (pair.key_id.as_str(), pair.key_material_id.as_str());
        session
            .output
            .record(&self.record(&pair.public_key, &pair.private_key_ciphertext_blob, ids))
    }

    fn write(&self, public_key: &[u8], blob: &[u8]) -> Result<(), CommandFault> {
        if let Some(path) = &self.public_key_out {
            write_text(path, &pem::encode(public_key))?;
        }
        match &self.blob_out {
            Some(path) => blob::write(Some(path), Some(Encoding::Raw), blob),
            None => Ok(()),
        }
    }

    fn record(&self, public_key: &[u8], blob: &[u8], (key_id, key_material_id): (&str, &str)) -> Value {
        json!({
            "key_id": key_id,
            "key_material_id": key_material_id,
            "key_pair_spec": json::short(self.spec.as_str_name(), "DATA_KEY_PAIR_SPEC_"),
            "private_key_ciphertext_blob": json::bytes(blob),
            "public_key": json::bytes(public_key),
        })
    }
}

fn write_text(path: &Path, text: &str) -> Result<(), CommandFault> {
    let sink = Sink::create(Some(path), Mode::Ordinary)?;
    sink.write(text.as_bytes())?;
    sink.complete()
}
