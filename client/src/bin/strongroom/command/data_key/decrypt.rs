//! `strongroom data-key decrypt`: an encrypted data key, opened to use it again.

use std::path::PathBuf;

use clap::Args;
use strongroom::v1;

use crate::blob;
use crate::command::Session;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::key_use::KeyUse;
use crate::output::Format;
use crate::pairs::{self, Pair};

/// Decrypt a data key.
#[derive(Args)]
pub(crate) struct Decrypt {
    /// Refuse what another key encrypted; the encrypted data key names its key itself
    #[arg(long)]
    key: Option<String>,
    /// The same as when it was made; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
    /// How the encrypted data key is read: raw from --blob-out, base64 as it was printed
    #[arg(long, value_enum, default_value_t = Encoding::Raw)]
    encoding: Encoding,
    /// The encrypted data key; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    key_use: KeyUse,
}

impl Decrypt {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("a data key")?;
        let request = v1::DecryptRequest {
            encryption_context: pairs::context(self.context)?,
            ciphertext_blob: blob::read(self.input.as_deref(), self.encoding, "an encrypted data key")?,
            key_id: self.key,
            grant_tokens: self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
            ..v1::DecryptRequest::default()
        };
        let key = session.client.decrypt(request).await?;
        let others = [
            ("key_id", key.key_id.as_str()),
            ("key_material_id", key.key_material_id.as_str()),
        ];
        match session.output {
            Format::Table => emit::bytes(&key.plaintext, None, &self.reveal),
            Format::Json => emit::member_json(&key.plaintext, ("plaintext", Encoding::Base64), &others, &self.reveal),
        }
    }
}
