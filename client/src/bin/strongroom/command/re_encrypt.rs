//! `strongroom re-encrypt`: a ciphertext blob under another key or context, and between symmetric keys and RSA's.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;
use strongroom::v1;

use super::Session;
use crate::blob;
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink};
use crate::key_use::KeyUse;
use crate::names;
use crate::pairs::{self, Pair};

/// Encrypt a ciphertext blob anew.
#[derive(Args)]
pub(crate) struct ReEncrypt {
    /// The new key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long, value_name = "KEY")]
    destination_key: String,
    /// Refuse what another key encrypted; the blob names its key itself, unless an RSA key encrypted it
    #[arg(long, value_name = "KEY")]
    source_key: Option<String>,
    /// How it was encrypted
    #[arg(long, value_name = "ALGORITHM", value_parser = names::encryption_algorithm(), ignore_case = true)]
    #[arg(default_value = "SYMMETRIC_DEFAULT")]
    source_algorithm: v1::EncryptionAlgorithm,
    /// How to encrypt it anew
    #[arg(long, value_name = "ALGORITHM", value_parser = names::encryption_algorithm(), ignore_case = true)]
    #[arg(default_value = "SYMMETRIC_DEFAULT")]
    destination_algorithm: v1::EncryptionAlgorithm,
    /// What the blob was made with; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    source_context: Vec<Pair>,
    /// For the new blob; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    destination_context: Vec<Pair>,
    /// How the blob is read and written
    #[arg(long, value_enum, default_value_t = Encoding::Raw)]
    encoding: Encoding,
    /// The blob; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// The new blob; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    key_use: KeyUse,
}

impl ReEncrypt {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        if self.out.is_none() && self.encoding == Encoding::Raw && io::stdout().is_terminal() {
            let alternatives = ", use --out FILE, or --encoding base64";
            return Err(CommandFault::Terminal {
                what: "ciphertext",
                alternatives,
            });
        }
        let source_encryption_context = pairs::context(self.source_context)?;
        let destination_encryption_context = pairs::context(self.destination_context)?;
        let request = v1::ReEncryptRequest {
            ciphertext_blob: blob::read(self.input.as_deref(), self.encoding, "a ciphertext blob")?,
            source_encryption_context,
            source_key_id: self.source_key,
            source_encryption_algorithm: self.source_algorithm.into(),
            destination_key_id: self.destination_key,
            destination_encryption_context,
            destination_encryption_algorithm: self.destination_algorithm.into(),
            grant_tokens: self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
            ..v1::ReEncryptRequest::default()
        };
        let answer = session.client.re_encrypt(request).await.map_err(|cause| {
            CommandFault::hinted(cause, "InvalidCiphertextException", || {
                "give the --source-context NAME=VALUE options that it was encrypted with".to_owned()
            })
        })?;
        let sink = Sink::create(self.out.as_deref(), Mode::Ordinary)?;
        sink.write(&self.encoding.encode(&answer.ciphertext_blob))?;
        if self.encoding != Encoding::Raw {
            sink.write(b"\n")?;
        }
        sink.complete()
    }
}
